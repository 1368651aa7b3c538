#!/usr/bin/env python3
"""The console's port is somebody else's: it says which and what to do, nothing crashes, and nobody believes
that it runs: the suite does not start with a setting that cannot be kept (R44).

usage: taken_test.py BIN   the folder of the programs
"""
import pathlib
import socket
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from place import Checks, Failed, Place, wait_for  # noqa: E402


def story(checks, place, port):
    place.supervisor = place.start([place.bin / "uppsikt", "up", "--data", place.data], "up.log",
                                   UPPSIKT_CONSOLE_PORT=str(port))
    said = place.supervisor.text
    wait_for("uppsikt up has ended", lambda: not place.supervisor.alive(), 60)
    checks.that("r44 a port that is taken is told, with its cure", f"port {port} " in said() and "choose another" in said(),
                said()[-800:])
    checks.that("r44 nothing crashes: it is a wrong setting", place.supervisor.child.returncode == 78 and
                "by signal" not in said(), f"{place.supervisor.child.returncode} {said()[-800:]}")


def main():
    checks = Checks()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        try:
            with Place(sys.argv[1]) as place:
                story(checks, place, taken.getsockname()[1])
        except Failed as e:
            checks.that(f"the story goes to its end: {e}", False)
    return checks.end()


sys.exit(main())
