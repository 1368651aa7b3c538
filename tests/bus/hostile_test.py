#!/usr/bin/env python3
"""Every attack of hostile.c on the socket of every service that the supervisor runs.

usage: hostile_test.py BIN   BIN: the folder with uppsikt, the services and hostile. R43, B4, F4-F7, F9.
"""
import os
import pathlib
import signal
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from place import Checks, Failed, Place  # noqa: E402

KEEPS = 24 * 1024  # KB: how much more a service may hold after all of it


def held(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().split("\n"):
        if line.startswith("RssAnon:"):
            return int(line.split()[1])
    return 0


def main():
    checks = Checks()
    code = 1
    with Place(sys.argv[1]) as place:
        place.up()
        hostile = place.bin / "hostile"
        subprocess.run([hostile, "key", place.data / "keys"], check=True)
        os.kill(place.supervisor.child.pid, signal.SIGHUP)
        run = next(place.folder.glob("uppsikt-*"))
        # All whose socket is the bus's: capture has one of its own.
        services = [s for s in place.states() if s != "capture"]
        place.call("account", "authority", "add", "--id", "ks", "--name", "Kommunstyrelsen", "--org-number", "212000-0001")
        before = {s: (place.pid(s), held(place.pid(s))) for s in services}
        done = subprocess.run([hostile, run, place.data / "keys", *services], capture_output=True, text=True, check=False, timeout=100)
        print(done.stdout + done.stderr)
        code = done.returncode
        checks.that("every service is the same process", all(place.pid(s) == p for s, (p, _) in before.items()))
        for s, (pid, was) in before.items():
            checks.that(f"{s} does not keep what was thrown at it", held(pid) - was < KEEPS, f"{was} -> {held(pid)} KB")
        verified = place.call("verify", ok=None)
        checks.that("uppsikt verify finds every chain whole", verified.returncode == 0, verified.stdout + verified.stderr)
        place.down()
    return checks.end() or code


try:
    sys.exit(main())
except Failed as e:
    print(f"FAIL the attacks go to their end: {e}")
    sys.exit(1)
