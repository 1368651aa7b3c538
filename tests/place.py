"""One deployment of the suite in a folder of its own, with real processes: for tests/e2e and tests/fault.

Nothing outside the folder is touched; everything that was started is stopped, by its pid. Waiting is
always for a condition, with a deadline; a test that waits in vain says what it waited for.
"""
import contextlib
import ctypes
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
SERVICES = ("registry", "ingest", "classify", "escalation")
PATIENCE = 30.0


class Failed(Exception):
    """What a test waited for did not come, or a command did not do what it should."""


def wait_for(what, condition, seconds=PATIENCE):
    """The first true value of condition(), looked at again and again until the deadline."""
    pause = threading.Event()
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Failed(f"waited {seconds:.0f} s in vain for: {what}")
        pause.wait(0.05)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Checks:
    """Counts what holds: one line PASS or FAIL each."""

    def __init__(self):
        self.bad = self.good = 0

    def that(self, name, holds, detail=""):
        self.good += bool(holds)
        self.bad += not holds
        print(("PASS " if holds else "FAIL ") + name + (f"  [{detail}]" if detail != "" and not holds else ""), flush=True)
        return bool(holds)

    def end(self):
        print(f"{self.good} checks passed, {self.bad} failed")
        return 1 if self.bad or not self.good else 0


def die_with_parent():
    """In the child: SIGTERM when the test itself is killed (prctl(2), PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


class Process:
    """A child whose output goes to a file; its group is ended with it."""

    def __init__(self, words, log, cwd=None, env=None):
        self.log = pathlib.Path(log)
        with self.log.open("ab") as out:
            self.child = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                                          cwd=cwd, env=env, start_new_session=True, preexec_fn=die_with_parent)

    def text(self):
        return self.log.read_text(encoding="utf-8", errors="replace")

    def alive(self):
        return self.child.poll() is None

    def stop(self, sig=signal.SIGTERM, seconds=30.0):
        """Asks it to end; the exit code. What does not end in time is killed, and is a failure."""
        if self.alive():
            self.child.send_signal(sig)
        try:
            return self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Failed(f"{self.child.args[0]} did not end within {seconds:.0f} s of signal {sig}") from None

    def kill(self):
        try:
            os.killpg(self.child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.child.wait()


class Tail:
    """What `uppsikt tail --json` says, kept as it comes."""

    def __init__(self, words, env):
        self.events = []
        self.news = threading.Condition()
        self.child = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                      stderr=subprocess.DEVNULL, env=env, text=True)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.child.stdout:
            with self.news:
                self.events.append(json.loads(line))
                self.news.notify_all()

    def of(self, name):
        with self.news:
            return [e for e in self.events if short_type(e) == name]

    def heard(self, source):
        """The last of that log's numbers."""
        with self.news:
            return max((e["sequence"] for e in self.events if e["source"] == source), default=0)

    def wait(self, what, condition, seconds=PATIENCE):
        """The first event that the condition holds for."""
        end = time.monotonic() + seconds
        seen = 0
        with self.news:
            while True:
                for event in self.events[seen:]:
                    if condition(event):
                        return event
                seen = len(self.events)
                left = end - time.monotonic()
                if left <= 0:
                    raise Failed(f"waited {seconds:.0f} s in vain for the event: {what}")
                self.news.wait(left)

    def stop(self):
        if self.child.poll() is None:
            self.child.terminate()
        self.child.wait(10)
        self.reader.join(10)


def short_type(event):
    return (event.get("type") or "").rsplit(".", 1)[-1]


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a socket that is a file."""

    def __init__(self, path):
        super().__init__("localhost", timeout=10)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Place:
    """`uppsikt up` on a fresh folder. The folder's path is short: an ipc path holds 107 bytes."""

    def __init__(self, bin_folder):
        self.bin = pathlib.Path(bin_folder).resolve()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="upp-", dir="/tmp"))
        self.data = self.folder / "data"
        self.supervisor = None
        self.started = []

    def __enter__(self):
        signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
        return self

    def __exit__(self, kind, value, trace):
        if kind is not None and kind is not KeyboardInterrupt:
            self.show_logs()
        for one in reversed(self.started):
            try:
                one.stop()
            except (Failed, OSError, subprocess.TimeoutExpired) as e:
                print(f"at the end: {e}", file=sys.stderr)
        if os.environ.get("UPP_KEEP"):
            print(f"kept: {self.folder}")
        else:
            shutil.rmtree(self.folder, ignore_errors=True)

    def show_logs(self):
        for one in self.started:
            for event in one.events[-40:] if isinstance(one, Tail) else []:
                print("heard:", json.dumps({k: event.get(k) for k in ("source", "sequence", "type", "data")}), file=sys.stderr)
        for log in sorted(self.folder.rglob("*.log")):
            lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
            print(f"--- {log.name}: the last of {len(lines)} lines", file=sys.stderr)
            print("\n".join(lines[-40:]), file=sys.stderr)

    def env(self, **more):
        kept = {k: v for k, v in os.environ.items() if not k.startswith("UPPSIKT_")}
        # The run folder comes to lie in ours.
        return {**kept, "LC_ALL": "C.UTF-8", "XDG_RUNTIME_DIR": str(self.folder), "UPPSIKT_CONSOLE_PORT": "0", **more}

    def start(self, words, log, **more):
        one = Process([str(w) for w in words], self.folder / log, env=self.env(**more))
        self.started.append(one)
        return one

    # -- the suite

    def up(self, *words, **env):
        """Starts the supervisor and waits until every service says that it is up."""
        self.supervisor = self.start([self.bin / "uppsikt", "up", "--data", self.data, *words],
                                     "up.log", **env)
        self.wait_up()
        return self.supervisor

    def wait_up(self, services=SERVICES):
        def all_up():
            if not self.supervisor.alive():
                raise Failed(f"uppsikt up ended with {self.supervisor.child.returncode}: {self.supervisor.text()[-2000:]}")
            return set(services) <= set(self.states())
        wait_for("all services are up", all_up)

    def down(self):
        code = self.supervisor.stop()
        self.started.remove(self.supervisor)
        self.supervisor = None
        return code

    def call(self, *words, person=None, ok=(0,), given=None, keys=None):
        """`uppsikt WORDS`; the finished process. A code outside `ok` is a failure; ok=None: any."""
        who = ["--as", person] if person else []
        where = ["--data", str(self.data)] + (["--keys", str(keys)] if keys else [])
        done = subprocess.run([str(self.bin / "uppsikt"), *[str(w) for w in words], *where, *who],
                              capture_output=True, text=True, input=given, env=self.env(), timeout=120, check=False)
        if ok is not None and done.returncode not in ok:
            raise Failed(f"uppsikt {' '.join(map(str, words))}: {done.returncode}: {done.stdout[-500:]}{done.stderr[-500:]}")
        return done

    def call_own(self, *words, given=None):
        """A verb that asks no deployment, as `uppsikt clock`."""
        done = subprocess.run([str(self.bin / "uppsikt"), *[str(w) for w in words]], capture_output=True, text=True,
                              input=given, env=self.env(), timeout=60, check=False)
        if done.returncode:
            raise Failed(f"uppsikt {words[0]}: {done.returncode}: {done.stdout[-500:]}{done.stderr[-500:]}")
        return done

    def rows(self, *words, **how):
        """The rows of `uppsikt WORDS --json`, one JSON a line or one list."""
        out = self.call(*words, "--json", **how).stdout
        rows = []
        for line in out.split("\n"):
            if line.strip():
                value = json.loads(line)
                rows += value if isinstance(value, list) else [value]
        return rows

    def states(self):
        """ServiceState of each service that answers, by its name."""
        done = self.call("status", "--json", "--wait", "2s", ok=None)
        states = {}
        for line in done.stdout.split("\n"):
            try:
                value = json.loads(line)
            except ValueError:
                continue
            found = value if isinstance(value, list) else value.get("services", [value])
            for one in found:
                if one.get("service") and one.get("version"):
                    states[one["service"]] = one
        return states

    def metrics(self, service):
        """What its /metrics says to who asks, as text."""
        path = next(self.folder.rglob(f"{service}.ops"))
        with contextlib.closing(UnixConnection(path)) as connection:
            connection.request("GET", "/metrics")
            return connection.getresponse().read().decode()

    def tail(self, *words):
        one = Tail([str(self.bin / "uppsikt"), "tail", "--json", "--data", str(self.data), *words], self.env())
        self.started.append(one)
        return one

    def follow(self):
        """A tail of every log that has come to where each was: what is said from now on is not missed."""
        heads = {name: state["head"] for name, state in self.states().items() if state.get("head", 0) > 0}
        tail = self.tail("--from", "0")
        wait_for("the logs are followed", lambda: all(tail.heard(name) >= head for name, head in heads.items()))
        return tail

    def pid(self, service):
        """The pid of a running service; 0: it is not there."""
        program = str(self.bin / f"uppsikt-{service}")
        for proc in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                words = (proc / "cmdline").read_bytes().split(b"\0")
                state = (proc / "stat").read_text().rsplit(")", 1)[1].split()[0]
            except OSError:
                continue
            if state != "Z" and words[0].decode(errors="replace") == program and \
                    any(str(self.folder).encode() in w for w in words):
                return int(proc.name)
        return 0

    def programs(self):
        """By name and pid: the supervisor and what it has started, without the catcher of mails (a test's)."""
        supervisor = self.supervisor.child.pid
        pids = pathlib.Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split()
        names = {pid: pathlib.Path(f"/proc/{pid}/cmdline").read_text().split("\0")[0].rsplit("/", 1)[-1] for pid in pids}
        return {"uppsikt": supervisor, **{name.removeprefix("uppsikt-"): int(pid) for pid, name in names.items()
                                          if name.startswith("uppsikt-")}}

    def database(self, service):
        return next(iter(sorted((self.data / service).glob("*.db"))), self.data / service / f"{service}.db")

    def sql(self, service, query, *values):
        """Reads a store beside its running service; never writes."""
        with contextlib.closing(sqlite3.connect(f"file:{self.database(service)}?mode=ro", uri=True, timeout=20)) as db:
            return db.execute(query, values).fetchall()


class Mails:
    """A real SMTP server (Exim) that keeps every mail in a maildir."""

    def __init__(self, place):
        self.folder = place.folder / "mails"
        self.folder.mkdir()
        place.folder.chmod(0o711)
        self.port = free_port()
        self.server = place.start([ROOT / "tests/e2e/smtp_server", self.port, self.folder], "smtp.log")
        wait_for("the mail server listens", lambda: f"port {self.port}" in self.server.text())

    def all(self):
        """The mails as email.message.Message, in the order of their arrival."""
        import email
        import email.policy
        new = self.folder / "mail/new"
        files = sorted(new.iterdir(), key=lambda p: p.stat().st_mtime_ns) if new.is_dir() else []
        return [email.message_from_bytes(f.read_bytes(), policy=email.policy.default) for f in files]
