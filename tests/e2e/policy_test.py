#!/usr/bin/env python3
"""A policy is adopted by a decision, and the clocks run on it from then on (R02, R14).

usage: policy_test.py BIN   BIN: the folder with uppsikt and the services.
One line PASS or FAIL for each thing.
"""
import contextlib
import datetime
import json
import os
import pathlib
import signal
import sqlite3
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from e2e_test import due_of, organisation  # noqa: E402
from place import Checks, Failed, Place, short_type, wait_for  # noqa: E402

SHORTER = "version: 40\nclocks:\n  first_response_office: 240min\n"
LONGER = "clocks:\n  first_response_office: 960min\n"
ACCOUNT = "facebook-kommun"


class Town:
    def __init__(self, checks, place):
        self.checks, self.place, self.n = checks, place, 0
        self.tail = place.tail("--from", "0")
        self.files = {}
        for name, text in (("rules", "version: 1\n"), ("file", LONGER), ("shorter", SHORTER), ("longer", LONGER),
                           ("bad", "clocks:\n  first_response_office: soon\n")):
            self.files[name] = place.folder / f"{name}.yaml"
            self.files[name].write_text(text)

    def ask(self, account=ACCOUNT):
        """A question comes in; what escalation opens for it."""
        self.n += 1
        at = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")
        file = self.place.folder / f"import-{self.n}.ndjson"
        file.write_text(json.dumps({"platform": "facebook", "account": account, "external_id": f"fb-{self.n}", "kind": "comment",
                                    "text": f"När öppnar badhuset på lördag vecka {self.n}?",
                                    "author": {"id": f"u{self.n}", "name": "medborgare"}, "created_at": at},
                                   ensure_ascii=False) + "\n", encoding="utf-8")
        before = {e["data"]["matter"] for e in self.tail.of("MatterOpened")}
        self.place.call("import", file)
        return self.tail.wait("a question is a matter", lambda e: short_type(e) == "MatterOpened" and
                              e["data"]["kind"] == "MATTER_KIND_QUESTION" and e["data"]["matter"] not in before)["data"]

    def due(self, name, matter):
        return due_of(self.place, self.files[name], "Q", matter["received_ms"])

    def moved(self, matter, new_ms):
        return self.tail.wait(f"due of {matter['matter']} moves", lambda e: short_type(e) == "DueRecomputed" and
                              e["data"]["matter"] == matter["matter"] and e["data"]["new_ms"] == new_ms)["data"]

    def adopt(self, name, *more, ok=(0,)):
        return self.place.call("policy", "adopt", self.files[name], "--decision", "KS 2026/7", *more, ok=ok)

    def shown(self, *more):
        return self.place.call("policy", "show", *more).stdout


def file_counts_first(town):
    """Nothing is adopted: the file of the option holds, and `policy show` does not say that it knows it."""
    first = town.ask()
    town.checks.that("before a decision the file of the option counts (R02)", first["due_ms"] == town.due("file", first), first)
    said = town.shown()
    town.checks.that("`policy show` says that nothing is adopted", said.startswith("# nothing is adopted") and "option `policy`" in said,
                     said[:200])
    return first


def decision_counts(town, first):
    done = town.adopt("shorter")
    town.checks.that("a policy is adopted", done.stdout == "adopted as version 1\n", done.stdout)
    moved = town.moved(first, town.due("shorter", first))
    town.checks.that("what is open is counted anew, and it is said (R02, E31)",
                     moved["old_ms"] == first["due_ms"] and moved["why"] == "policy" and moved["due_rev"] == 2, moved)
    second = town.ask()
    town.checks.that("what comes has the adopted numbers (R02, R14)", second["due_ms"] == town.due("shorter", second) and
                     second["policy_version"] == 1, second)
    said = town.shown()
    town.checks.that("`policy show` shows it, with its decision", said.startswith("# version 1, decision KS 2026/7, from ") and
                     "\n# the clocks run on it\n" in said and said.endswith(SHORTER), said[:200])
    town.checks.that("the metrics name it", "\nuppsikt_policy_version 1\n" in town.place.metrics("escalation"))


def refusals(town):
    bad = town.adopt("bad", ok=None)
    town.checks.that("what cannot be read is refused, with its line", bad.returncode == 78 and ":2:" in bad.stderr, bad.stderr)
    own = town.adopt("longer", "--authority", "kss", ok=None)
    town.checks.that("nor is one for an authority that there is not (R02)", own.returncode == 1 and
                     "Det finns ingen sådan myndighet" in own.stderr, own.stderr)
    town.checks.that("and nothing has changed", town.shown().startswith("# version 1,"))


def later(town):
    """One from a day to come is told of, and does not count yet."""
    town.adopt("longer", "--valid-from", "+5d")
    said = town.shown()
    town.checks.that("one whose day has not come is told of beside it", said.startswith("# version 1,") and
                     "\n# version 2 is adopted from " in said, said[:200])
    third = town.ask()
    town.checks.that("and does not count before (R02)", third["due_ms"] == town.due("shorter", third), third)
    town.checks.that("an earlier one can be shown", town.shown("--version", "2").endswith(LONGER))


def after_a_death(town):
    killed = town.place.pid("escalation")
    os.kill(killed, signal.SIGKILL)
    wait_for("escalation is back", lambda: town.place.pid("escalation") not in (0, killed))
    fourth = town.ask()
    town.checks.that("after a death it still counts (R02)", fourth["due_ms"] == town.due("shorter", fourth), fourth)
    town.checks.that("and nothing was counted anew because of that", len(town.tail.of("DueRecomputed")) == 1,
                     [e["data"] for e in town.tail.of("DueRecomputed")])


def one_that_did_not_listen(town, file):
    """A store of a program that heard no policies: nobody is told that the clocks run on what they do not."""
    town.checks.that("uppsikt up ends with 0", town.place.down() == 0)
    with contextlib.closing(sqlite3.connect(town.place.database("escalation"))) as db, db:
        db.execute("DELETE FROM policy")
    town.place.up(UPPSIKT_ESCALATION_POLICY=file)
    said = town.shown()
    town.checks.that("`policy show` says when the clocks run on another (R02)", said.startswith("# version 1,") and
                     "\n# the clocks run on version 0 still:" in said, said[:300])
    town.adopt("shorter")
    wait_for("the clocks run on it", lambda: "\n# the clocks run on it\n" in town.shown())
    town.checks.that("adopted once more, it counts (R02)", town.shown().startswith("# version 3,"))


def one_that_cannot_be_read(town, file):
    """As after a step back to an older program: other numbers than those of the decision do not count in silence."""
    place = town.place
    town.checks.that("uppsikt up ends with 0 again", place.down() == 0)
    with contextlib.closing(sqlite3.connect(place.database("escalation"))) as db, db:
        db.execute("UPDATE policy SET yaml = 'clocks: {lunar: 1min}' WHERE version = 3")
    place.supervisor = place.start([place.bin / "uppsikt", "up", "--data", place.data], "up.log", UPPSIKT_ESCALATION_POLICY=file)
    place.wait_up(("registry", "ingest", "classify"))
    wait_for("it says why", lambda: "policy 3 was adopted, and this program cannot read it: 1:10:" in place.supervisor.text())
    town.checks.that("where the adopted one cannot be read escalation does not run, and says why (R02)",
                     "escalation" not in place.states())
    town.checks.that("`policy show` cannot tell what counts", "# whether the clocks run on it escalation does not say now" in
                     town.shown("--wait", "2s"))


def story(checks, place):
    file = place.folder / "start.yaml"
    file.write_text(LONGER)
    place.up(UPPSIKT_ESCALATION_POLICY=str(file))
    organisation(place)
    town = Town(checks, place)
    first = file_counts_first(town)
    decision_counts(town, first)
    refusals(town)
    later(town)
    after_a_death(town)
    one_that_did_not_listen(town, str(file))
    one_that_cannot_be_read(town, str(file))
    checks.that("uppsikt up ends with 0", place.down() == 0)


def main():
    checks = Checks()
    try:
        with Place(sys.argv[1]) as place:
            story(checks, place)
    except Failed as e:
        checks.that(f"the story goes to its end: {e}", False)
    return checks.end()


if __name__ == "__main__":
    sys.exit(main())
