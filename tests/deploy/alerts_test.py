#!/usr/bin/env python3
"""The alerts: every metric in them is one that a program tells, every verb in their cures one that there is, and
promtool's own trials of them hold (R44).

usage: alerts_test.py BIN   BIN: the folder of the programs
77: no promtool here and none to be had from Debian (of its package prometheus nothing is started or installed).
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from place import ROOT, Checks  # noqa: E402

RULES = ROOT / "deploy/monitoring/alerts.yaml"


def promtool(folder):
    """The program's path; "": none to be had."""
    found = shutil.which("promtool")
    kept = folder / "promtool"
    if found or kept.is_file():
        return found or str(kept)
    with tempfile.TemporaryDirectory() as name:
        subprocess.run(["apt-get", "download", "-q", "prometheus"], cwd=name, capture_output=True, check=False)
        package = next(pathlib.Path(name).glob("*.deb"), None)
        if not package or subprocess.run(["dpkg-deb", "-x", package, name], check=False).returncode:
            return ""
        shutil.copy(pathlib.Path(name) / "usr/bin/promtool", folder / "promtool.new")
    (folder / "promtool.new").rename(kept)
    return str(kept)


def told():
    """Every metric that a source file names, in its own quotes."""
    texts = (p.read_text(encoding="utf-8") for folder in ("common/src", "services") for p in (ROOT / folder).rglob("*.c")
             if not p.name.endswith("_test.c"))
    return set(re.findall(r'"(uppsikt_[a-z_]+)"', "\n".join(texts)))


def words(checks, text, bin_folder):
    used = set(re.findall(r"\b(uppsikt_[a-z_]+)", text))
    checks.that(f"r44 every metric of an alert is told by a program ({len(used)})", used and not used - told(), sorted(used - told()))
    verbs = set(re.findall(r"\buppsikt ([a-z]+)(?: ([a-z]+))?(?=[:;, ])", text))
    missing = []
    for verb, action in verbs:
        said = subprocess.run([bin_folder / "uppsikt", verb, "--help"], capture_output=True, text=True, check=False)
        if said.returncode or not (f"uppsikt {verb} {action}" in said.stdout or re.search(rf"^  uppsikt {verb} (\[|\n|$)", said.stdout, re.M)):
            missing.append(f"{verb} {action}")
    checks.that(f"r44 every verb of a cure is one ({len(verbs)})", verbs and not missing, missing)
    names = re.findall(r"- alert: (\w+)", text)
    checks.that(f"r44 every alert has its cure ({len(names)})", len(set(names)) == text.count("cure:") == text.count("summary:"))


def tried(checks, program):
    def run(*more, cwd):
        done = subprocess.run([program, *more], cwd=cwd, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr
    code, said = run("check", "rules", "alerts.yaml", cwd=RULES.parent)
    checks.that("r44 promtool understands the rules", code == 0, said)
    code, said = run("test", "rules", "alerts_test.yaml", cwd=RULES.parent)
    checks.that("r44 and they tell what they should, when they should", code == 0, said)
    with tempfile.TemporaryDirectory() as name:
        for file in RULES.parent.glob("*.yaml"):
            shutil.copy(file, name)
        rules = pathlib.Path(name) / "alerts.yaml"
        rules.write_text(rules.read_text().replace("uppsikt_matters_breached > 0", "uppsikt_matters_breached > 2"))
        code, said = run("test", "rules", "alerts_test.yaml", cwd=name)
        checks.that("r44 another threshold would be seen", code != 0, said)


def main():
    checks = Checks()
    bin_folder = pathlib.Path(sys.argv[1]).resolve()
    words(checks, RULES.read_text(encoding="utf-8"), bin_folder)
    program = promtool(bin_folder.parent)
    if not program:
        print("SKIP alerts no promtool here, and none to be had from Debian's package prometheus")
        return checks.end() or 77
    tried(checks, program)
    return checks.end()


sys.exit(main())
