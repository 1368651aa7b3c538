#!/usr/bin/env python3
"""One authority adopts a policy of its own: its accounts' clocks run on it, and nobody else's (R02).

usage: own_policy_test.py BIN   BIN: the folder with uppsikt and the services.
One line PASS or FAIL for each thing.
"""
import json
import os
import pathlib
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from e2e_test import organisation  # noqa: E402
from place import Checks, Failed, Place, wait_for  # noqa: E402
from policy_test import Town  # noqa: E402

OTHER = "facebook-gata"


def other_authority(place):
    place.call("account", "authority", "add", "--id", "tekn", "--name", "Tekniska nämnden", "--org-number", "212000-0001")
    place.call("account", "unit", "add", "--id", "gata", "--authority", "tekn", "--name", "Gata")
    place.call("account", "take-over", "--id", OTHER, "--platform", "facebook", "--unit", "gata", "--handle", "gata",
               "--name", "Gatan", "--purpose", "samtal", "--watch", "api")
    for rank, person in enumerate(("anna", "bo"), 1):
        place.call("account", "grant", OTHER, person, "--rank", str(rank))


def move_unit(place, authority):
    place.call("account", "unit", "add", "--id", "komm", "--authority", authority, "--name", "Kommunikation", "--communications",
               "--mail", "kommunikation@kommun.example", "--manager", "chef", "--head", "chef")


def its_own(town):
    """What is open of its accounts moves, what comes has its numbers; the other authority goes on as before."""
    first, other = town.ask(), town.ask(OTHER)
    town.checks.that("before, both go by the built-in numbers", first["due_ms"] == town.due("rules", first) and
                     other["due_ms"] == town.due("rules", other), (first, other))
    done = town.adopt("shorter", "--authority", "ks")
    town.checks.that("one authority adopts its own (R02)", done.stdout == "adopted as version 1\n", done.stdout)
    moved = town.moved(first, town.due("shorter", first))
    town.checks.that("what is open of its accounts is counted anew (R02)", moved["why"] == "policy" and moved["due_rev"] == 2, moved)
    second, third = town.ask(), town.ask(OTHER)
    town.checks.that("what comes there has its numbers", second["due_ms"] == town.due("shorter", second) and
                     second["policy_version"] == 1, second)
    town.checks.that("what comes elsewhere has not (R02)", third["due_ms"] == town.due("rules", third), third)
    said = [e["data"]["matter"] for e in town.tail.of("DueRecomputed")]
    town.checks.that("and nothing else was counted anew (R02)", said == [first["matter"]], said)
    return first


def shown(town):
    """Which one holds where."""
    own, body, none = town.shown("--authority", "ks"), town.shown(), town.shown("--authority", "tekn")
    town.checks.that("`policy show --authority` shows its own", own.startswith("# version 1, decision KS 2026/7, from ") and
                     "\n# of ks alone\n# the clocks run on it\n" in own, own[:200])
    town.checks.that("`policy show` shows the body's", body.startswith("# nothing is adopted"), body[:200])
    town.checks.that("one that has none of its own is told so", none.startswith("# tekn has none of its own: it goes by the body's\n"),
                     none[:200])
    rows = [json.loads(line) for line in town.place.call("policy", "list", "--json").stdout.splitlines()]
    town.checks.that("`policy list` says which holds where", [(r["authority"], r["version"], r["state"]) for r in rows] ==
                     [("ks", 1, "counts")], rows)
    town.checks.that("and as a table", " counts" in town.place.call("policy", "list").stdout)
    metrics = town.place.metrics("escalation")
    town.checks.that("the metrics name both", '\nuppsikt_policy_own_version{authority="ks"} 1\n' in metrics and
                     "\nuppsikt_policy_version 0\n" in metrics)


def differences(town):
    """What a file would change, before anybody decides."""
    def diff(*more):
        lines = town.place.call("policy", "diff", town.files["longer"], "--json", *more).stdout.splitlines()
        return {r["key"]: (r["now"], r["then"]) for r in map(json.loads, lines)}
    own, body = diff("--authority", "ks"), diff()
    town.checks.that("`policy diff --authority` compares with its own", own == {"version": ("40", "1"),
                     "clocks.first_response_office": ("240min", "960min")}, own)
    town.checks.that("`policy diff` compares with the body's", body == {"clocks.first_response_office": ("480min", "960min")}, body)
    bad = town.place.call("policy", "diff", town.files["bad"], ok=None)
    town.checks.that("what cannot be read is not compared", bad.returncode == 78 and ":2:" in bad.stderr, bad.stderr)


def unit_moves(town, first):
    """The account's unit is another authority's now, and comes back."""
    move_unit(town.place, "tekn")
    town.moved(first, town.due("rules", first))
    fourth = town.ask()
    town.checks.that("an account whose unit moves goes by the other's numbers (R02)", fourth["due_ms"] == town.due("rules", fourth), fourth)
    move_unit(town.place, "ks")
    wait_for("it comes back", lambda: [e["data"]["new_ms"] for e in town.tail.of("DueRecomputed")
                                       if e["data"]["matter"] == fourth["matter"]] == [town.due("shorter", fourth)])
    town.checks.that("and back again", True)


def after_a_death(town):
    killed = town.place.pid("escalation")
    os.kill(killed, signal.SIGKILL)
    wait_for("escalation is back", lambda: town.place.pid("escalation") not in (0, killed))
    fifth, sixth = town.ask(), town.ask(OTHER)
    town.checks.that("after a death each has its own still (R02)", fifth["due_ms"] == town.due("shorter", fifth) and
                     sixth["due_ms"] == town.due("rules", sixth), (fifth, sixth))
    return fifth


def as_body(town, fifth):
    undecided = town.place.call("policy", "as-body", "ks", ok=None)
    town.checks.that("without a decision it keeps its own", undecided.returncode == 1, undecided.stderr)
    town.adopt("longer")
    town.place.call("policy", "as-body", "ks", "--decision", "KS 2026/8")
    town.moved(fifth, town.due("longer", fifth))
    seventh = town.ask()
    town.checks.that("by a decision it goes by the body's again (R02)", seventh["due_ms"] == town.due("longer", seventh) and
                     seventh["policy_version"] == 2, seventh)
    said = town.shown("--authority", "ks")
    town.checks.that("and it is shown", said.startswith("# ks has none of its own: it goes by the body's\n# version 2,") and
                     "\n# the clocks run on it\n" in said, said[:200])
    town.checks.that("what was decided can be shown still", "\n# it goes by the body's again\n" in town.shown("--version", "3"))


def story(checks, place):
    place.up()
    organisation(place)
    other_authority(place)
    town = Town(checks, place)
    first = its_own(town)
    shown(town)
    differences(town)
    unit_moves(town, first)
    as_body(town, after_a_death(town))
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
