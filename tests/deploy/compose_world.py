"""A deployment of containers in a network namespace of its own, for compose_test.py: podman, podman-compose,
the images made of the programs that are built. Nothing of this machine's own network tables is touched."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile

from place import ROOT, Failed, wait_for

SUITE = ("registry", "ingest", "classify", "escalation", "evidence", "archive", "console", "feed")
ALL = (*SUITE, "capture")
TOOLS = ("podman", "podman-compose", "buildah", "runc", "nsenter", "ip")
# Debian's podman asks for more than a container or a small machine may give; health is asked by hand, since
# there need be no systemd whose timers would do it.
CONF = """[containers]
default_ulimits = ["nofile=16384:16384", "nproc=32768:32768"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
"""


def lacks():
    """Why no container can be run here; "": they can."""
    if os.geteuid() != 0:
        return "containers in a network namespace take root"
    subprocess.run([ROOT / "tests/install", "containers"], check=False, stdout=subprocess.DEVNULL)
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    return f"missing: {' '.join(missing)}" if missing else ""


class Containers:
    """One project of compose.yaml."""

    def __init__(self, bin_folder):
        self.bin = pathlib.Path(bin_folder).resolve()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="upp-", dir="/tmp"))
        self.name = f"upptest{os.getpid()}"
        self.tag = "test"
        (self.folder / "containers.conf").write_text(CONF)

    def env(self):
        kept = {k: v for k, v in os.environ.items() if not k.startswith("UPPSIKT_")}
        return {**kept, "LC_ALL": "C.UTF-8", "CONTAINERS_CONF": str(self.folder / "containers.conf"),
                "DISABLE_HC_SYSTEMD": "true", "UPPSIKT_BASE_TAR": str(self.bin.parent / "deploy-base.tar"),
                "UPPSIKT_IMAGE": f"localhost/uppsikt:{self.tag}",
                "UPPSIKT_CAPTURE_IMAGE": f"localhost/uppsikt-capture:{self.tag}"}

    def run(self, *words, ok=(0,), given=None, seconds=180):
        done = subprocess.run([str(w) for w in words], capture_output=True, text=True, input=given, env=self.env(),
                              cwd=ROOT / "deploy", timeout=seconds, check=False)
        if ok is not None and done.returncode not in ok:
            raise Failed(f"{' '.join(map(str, words[:12]))}: {done.returncode}: {done.stdout[-1500:]}{done.stderr[-1500:]}")
        return done

    def podman(self, *words, **how):
        return self.run("nsenter", f"--net=/run/netns/{self.name}", "podman", *words, **how)

    def compose(self, *words, **how):
        return self.run("nsenter", f"--net=/run/netns/{self.name}", "podman-compose", "-p", self.name, *words, **how)

    def __enter__(self):
        self.run("ip", "netns", "add", self.name)
        self.run("nsenter", f"--net=/run/netns/{self.name}", "ip", "link", "set", "lo", "up")
        return self

    def __exit__(self, kind, value, trace):
        if kind is not None:
            for service in ("init", *ALL, "uppsikt"):
                said = self.podman("logs", "--tail", "15", self.container(service), ok=None)
                print(f"--- {service}\n{said.stdout}{said.stderr}"[-3000:], flush=True)
        if os.environ.get("UPP_KEEP"):
            print(f"kept: {self.folder}, project {self.name} in network namespace {self.name}")
            return
        self.compose("down", "-t", "10", "-v", ok=None)
        for network in self.podman("network", "ls", "--quiet", "--filter", f"name={self.name}_", ok=None).stdout.split():
            self.podman("network", "rm", "--force", network, ok=None)
        self.run("ip", "netns", "delete", self.name, ok=None)
        shutil.rmtree(self.folder, ignore_errors=True)

    def build(self, tag, *words):
        self.run("image/build", "--programs", self.bin, "--tag", tag, *words, seconds=600)

    def container(self, service):
        return f"{self.name}_{service}_1"

    def inspect(self, what, kind="container"):
        return json.loads(self.podman(kind, "inspect", what).stdout)[0]

    def up(self):
        self.compose("up", "-d")

    def healthy(self, services=ALL, seconds=60):
        """Waits until each one's own health check, run in its container, says yes."""
        for service in services:
            wait_for(f"{service} is healthy", lambda s=service: self.podman(
                "healthcheck", "run", self.container(s), ok=None).returncode == 0, seconds)

    def pid(self, service):
        return self.inspect(self.container(service))["State"]["Pid"]

    # -- the operators' command, in a container of its own

    def call(self, *words, person=None, ok=True, given=None):
        """What `uppsikt WORDS` says; podman-compose tells the exit code in words."""
        who = ["--as", person] if person else []
        done = self.compose("run", "--rm", "-T", "--no-deps", "uppsikt", *words, *who, given=given)
        if ok and "exit code: 0" not in done.stdout:
            raise Failed(f"uppsikt {' '.join(map(str, words))}: {done.stdout[-1500:]}{done.stderr[-500:]}")
        return done.stdout

    def rows(self, *words, **how):
        rows = []
        for line in self.call(*words, "--json", **how).split("\n"):
            try:
                value = json.loads(line)
            except ValueError:
                continue
            rows += value if isinstance(value, list) else [value]
        return rows

    def states(self):
        return {row["service"]: row for row in self.rows("status", ok=False)}
