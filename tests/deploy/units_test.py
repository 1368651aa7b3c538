#!/usr/bin/env python3
"""The systemd units: understood whole, little exposed, and each program is handed what it needs and no more (R44).

usage: units_test.py BIN   BIN: the folder of the programs
Nothing runs under systemd here: its own analyser reads the units, offline.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from place import ROOT, Checks  # noqa: E402

UNITS = ROOT / "deploy/systemd"
# Exposure times ten, by systemd's own measure: 20 is "OK", 0 the best, 100 the worst.
THRESHOLD = 20
# A browser makes namespaces and code of its own.
BROWSER = 25


def analyse(*words, folder):
    done = subprocess.run(["systemd-analyze", *words], capture_output=True, text=True, cwd=folder, check=False)
    return done.returncode, done.stdout + done.stderr


def copied(folder, bin_folder):
    """As they would lie on a machine; the programs are those of the build."""
    for path in UNITS.rglob("*"):
        to = folder / path.relative_to(UNITS)
        if path.is_dir():
            to.mkdir()
            continue
        text = path.read_text(encoding="utf-8")
        to.write_text(text.replace("=/usr/bin/uppsikt-", f"={bin_folder}/uppsikt-"), encoding="utf-8")
    return sorted(p.name for p in folder.glob("*.service"))


def handed_out(folder, bin_folder):
    """{program: the names of what `uppsikt keys hand-out` gives it}."""
    subprocess.run([bin_folder / "uppsikt", "keys", "hand-out", folder / "handed", "--data", folder / "home"], check=True,
                   stdout=subprocess.DEVNULL)
    return {p.name: sorted(f.name for f in p.iterdir()) for p in (folder / "handed").iterdir()}


def main():
    checks = Checks()
    bin_folder = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="upp-") as name:
        folder = pathlib.Path(name) / "units"
        folder.mkdir()
        units = copied(folder, bin_folder)
        programs = {p.parent.name for p in (ROOT / "services").glob("*/schema.sql")} | {"capture"}
        checks.that("r44 a unit a program", units == sorted(f"uppsikt-{p}.service" for p in programs), units)
        code, said = analyse("verify", *(f"./{u}" for u in units), "./uppsikt.target", folder=folder)
        checks.that("r44 systemd understands every line", code == 0 and not said.strip(), said)
        handed = handed_out(pathlib.Path(name), bin_folder)
        for unit in units:
            program = unit.removeprefix("uppsikt-").removesuffix(".service")
            most = BROWSER if program == "capture" else THRESHOLD
            code, said = analyse("security", "--offline=true", f"--threshold={most}", f"./{unit}", folder=folder)
            level = re.search(r"exposure level for \S+: ([0-9.]+)", said)
            checks.that(f"r44 {program}: exposed {level.group(1) if level else '?'} of 10 at most {most / 10}", code == 0, said[-300:])
            text = (UNITS / unit).read_text(encoding="utf-8")
            rows = re.findall(r"^LoadCredential=(\S+):/etc/uppsikt/handed/(\S+)/(\S+)$", text, re.M)
            checks.that(f"r44 {program}: its unit loads what is handed to it", sorted(r[0] for r in rows) == handed[program] and
                        all(r[0] == r[2] and r[1] == program for r in rows), (rows, handed[program]))
        common = folder / "uppsikt-.service.d/10-all.conf"
        keys = {line.split("=", 1)[0] for line in common.read_text().split("\n") if "=" in line and line[0] != "#"} - {"ReadWritePaths"}
        vain = [f"{unit}: {key}" for unit in units for key in sorted(keys) if re.search(rf"^{key}=", (folder / unit).read_text(), re.M)]
        checks.that("r44 no unit says in vain what the common file says after it", not vain, vain)
        # Would it be seen? One word wrong, and one guard less.
        (folder / "uppsikt-feed.service").write_text((folder / "uppsikt-feed.service").read_text() + "[Service]\nProtectHom=yes\n")
        code, said = analyse("verify", "./uppsikt-feed.service", folder=folder)
        checks.that("r44 a misspelt line would be seen", "ProtectHom" in said, said)
        common.write_text(common.read_text().replace("DynamicUser=yes", "User=root").replace("CapabilityBoundingSet=\n", ""))
        code, said = analyse("security", "--offline=true", f"--threshold={THRESHOLD}", "./uppsikt-registry.service", folder=folder)
        checks.that("r44 a unit that runs as root with all capabilities would be seen", code != 0, said[-300:])
    return checks.end()


sys.exit(main())
