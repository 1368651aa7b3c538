#!/usr/bin/env python3
"""README's steps to the letter: deploy/up as a new user starts it, what people do with the sample, Ctrl-C, again.

usage: readme_test.py
The commands are read from README.md; what stands there in capitals is what the command before it printed. One line PASS or
FAIL for each; on a machine with nothing installed it is run by `tests/bare tests/run`.
"""
import json
import os
import pathlib
import re
import shlex
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from place import ROOT, Checks, Failed, free_port, wait_for  # noqa: E402

README = (ROOT / "README.md").read_text(encoding="utf-8")
ENDS_WITH = {"archive run": 1}  # the sample's page is behind a login: a person must save it, and the command says so
FRIDA = "frida.nor"


def section(title):
    return README.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def commands(text):
    """The lines of the indented blocks, without their comments."""
    return [re.sub(r"\s+#.*", "", line.strip()) for line in text.split("\n") if line.startswith("    ")]


class Up:
    """deploy/up as in a terminal of its own."""

    def __init__(self, folder, port):
        self.said = folder / "up.txt"
        self.out = open(self.said, "w", encoding="utf-8")  # noqa: SIM115  it is open for as long as deploy/up runs
        self.run = subprocess.Popen([ROOT / "deploy/up", "--yes", "--data", folder / "data", "--port", str(port)], cwd=ROOT,
                                    stdout=self.out, stderr=subprocess.STDOUT, start_new_session=True)
        wait_for("deploy/up has said what to try", lambda: self.run.poll() is not None or
                 "goes on where it was" in self.text(), 300)
        if self.run.poll() is not None:
            raise Failed(f"deploy/up ended with {self.run.returncode}: {self.text()[-1500:]}")

    def text(self):
        return self.said.read_text(encoding="utf-8")

    def control_c(self):
        if self.run.poll() is None:
            os.killpg(self.run.pid, signal.SIGINT)
        self.out.close()
        return self.run.wait(60)


class Reader:
    """Who reads the page and types what stands there."""

    def __init__(self, checks, folder):
        self.checks, self.folder = checks, folder
        self.printed = {}  # what stands in capitals -> what was printed
        said = re.search(r"`export UPPSIKT_DATA=data (PATH=\S+)`", README)
        if not said:
            raise Failed("README says nothing of UPPSIKT_DATA and PATH")
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("UPPSIKT")}
        self.env |= {"UPPSIKT_DATA": str(folder / "data"),
                     "PATH": said[1].removeprefix("PATH=").replace("$PWD", str(ROOT)).replace("$PATH", os.environ["PATH"])}
        (folder / "sida.pdf").write_bytes(b"%PDF-1.4\n1 0 obj\n<< >>\nendobj\ntrailer\n<< >>\n%%EOF\n")  # as a person saved it

    def learn(self, command, out):
        for name, pattern, of in (("MATTER", r"^(\S+)\s+moderation\s", "matter list"), ("RUN", r"^run (\S+):", "archive run"),
                                  ("DISPOSAL", r"^proposed (\S+):", "dispose propose"),
                                  ("SHA256", r"^list ([0-9a-f]{64})", "dispose propose")):
            found = re.search(pattern, out, re.M) if of in command else None
            if found:
                self.printed[name] = found[1]

    def run(self, given):
        return subprocess.run(given if "&&" in given else shlex.split(given), shell="&&" in given, cwd=self.folder, env=self.env,
                              capture_output=True, text=True, timeout=120, check=False)

    def type(self, command):
        given = re.sub(r"\b(MATTER|RUN|DISPOSAL|SHA256|FILE|DIR)\b", lambda m: self.printed.get(m[1], m[1]), command)
        done = self.run(given)
        self.learn(command, done.stdout)
        wanted = next((code for words, code in ENDS_WITH.items() if words in command), 0)
        self.checks.that(f"README: {command}", done.returncode == wanted,
                         f"{given}: {done.returncode}: {done.stdout[-300:]}{done.stderr[-500:]}")
        return done.stdout


def signs_in(checks, reader, port):
    password = next(line.split()[-1] for line in (reader.folder / "data/sample-logins").read_text().split("\n") if FRIDA in line)
    done = subprocess.run(["node", ROOT / "tests/web/main_job.mjs"], text=True, capture_output=True, timeout=120, check=False,
                          env={**os.environ, "UPP_WEB": f"http://127.0.0.1:{port}", "UPP_NAME": FRIDA, "UPP_WORD": password,
                               "HOME": str(reader.folder), "UPP_STEPS": "[]"})
    checks.that(f"README: {FRIDA} signs in with the password that deploy/up said", f"as `{FRIDA}`" in README and
                done.returncode == 0 and "FAIL" not in done.stdout, done.stdout + done.stderr[-500:])


def what_people_do(reader):
    wait_for("the sample's comments are matters", lambda: "moderation" in reader.run("uppsikt matter list --account fb-biblioteket").stdout)
    for command in commands(section("What people do")):
        reader.type(command)
    out = re.search(r"^    (uppsikt archive export .*?) +#.*?: (sha256sum .*)$", README, re.M)
    if not out:
        raise Failed("README does not say how a package is checked without uppsikt")
    reader.type(f"cd paket && {out[2]}")
    for command in re.findall(r"`(uppsikt (?:keys backup|backup|verify) [A-Z][^`]*)`", section("What people do")):
        reader.type(command)


def heads(reader):
    """How long the log of each service is."""
    return {s["service"]: s["head"] for s in json.loads(reader.type("uppsikt status --ready 30s --json")) if "service" in s}


def story(checks, folder, port):
    up = Up(folder, port)
    try:
        reader = Reader(checks, folder)
        reader.printed |= {"FILE": str(folder / "backup.key"), "DIR": str(folder / "backup")}
        signs_in(checks, reader, port)
        what_people_do(reader)
        tried = re.findall(r"^  (uppsikt (?!matter decide|person password|archive run)[^\n]*?)(?:  .*)?$", up.text(), re.M)
        for command in tried:
            if command != "uppsikt doctor":  # it tells of the token that ends in three days: not well
                reader.type(command)
        checks.that("deploy/up says what to try", len(tried) >= 4, up.text()[-1500:])
        before = heads(reader)
        checks.that("Ctrl-C stops cleanly", up.control_c() in (0, 130) and "error" not in up.text(), up.text()[-800:])
        up = Up(folder, port)
        after = heads(reader)
        checks.that("a second deploy/up goes on with the same data, and loads nothing twice",
                    all(0 <= after[s] - before[s] < 40 for s in before) and before["ingest"] > 60, (before, after))
        checks.that("and ends as cleanly", up.control_c() in (0, 130), up.text()[-800:])
    finally:
        up.control_c()


def main():
    checks = Checks()
    with tempfile.TemporaryDirectory(prefix="upp-readme-") as folder:
        try:
            story(checks, pathlib.Path(folder), free_port())
        except Failed as e:
            checks.that(f"it goes to its end: {e}", False)
    return checks.end()


sys.exit(main())
