#!/usr/bin/env python3
"""Somebody leaves and hands over; who has access is attested: by the operators' command (R03, R05, R06).

usage: leaver_test.py BIN   BIN: the folder with uppsikt and the services.
One line PASS or FAIL for each thing.
"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from e2e_test import organisation  # noqa: E402
from place import Checks, Failed, Place  # noqa: E402

ACCOUNTS = ("facebook-kommun", "mastodon-kommun")
STEPS = ("appointed", "granted", "removed", "rotated", "second-factor")


class Town:
    def __init__(self, checks, place):
        self.checks, self.place = checks, place

    def refused(self, name, words, *verb, person):
        done = self.place.call(*verb, person=person, ok=None)
        self.checks.that(name, done.returncode == 1 and words in done.stderr, done.stderr + done.stdout)

    def findings(self, kind):
        return [f["finding"]["account"] for f in self.place.rows("account", "findings") if f["finding"]["kind"] == kind]

    def list(self, person="com"):
        return self.place.rows("person", "handover", "bo", person=person)[0]


def found(place):
    organisation(place)
    for who, unit, role in (("cia", "komm", "administrator"), ("com", "komm", "communications"), ("ops", "komm", "operations")):
        place.call("person", "add", "--id", who, "--unit", unit, "--role", role, "--first-name", who.title(), "--title", "kommunikatör",
                   "--mail", f"{who}@kommun.example")


def handed_over(town):
    place, checks = town.place, town.checks
    nobody = place.call("person", "handover", person="com")
    checks.that("nobody hands anything over", nobody.stdout == "nobody hands anything over\n", nobody.stdout)
    place.call("person", "leave", "bo", person="chef")
    checks.that("one list for both accounts, a finding each (R06)", town.list()["accounts"] == 2 and
                sorted(town.findings("leaver")) == sorted(ACCOUNTS), town.list())
    checks.that("it is listed", [row["person"] for row in place.rows("person", "handover", person="com")] == ["bo"])
    for account in ACCOUNTS:
        place.call("account", "grant", account, "cia", person="chef")
        place.call("account", "revoke", account, "bo", person="chef")
    checks.that("access given and taken ends no hand-over (R06)", len(town.findings("leaver")) == 2)
    town.refused("who comes is appointed by the sector head (R03)", "sektorschef", "person", "handover", "bo", "--done",
                 f"{ACCOUNTS[0]}/appointed", "--successor", "cia", "--by", "anna", person="anna")
    bad = place.call("person", "handover", "bo", "--successor", "cia", person="anna", ok=None)
    checks.that("an appointment without its row is a usage error", bad.returncode == 2 and "--done" in bad.stderr, bad.stderr)
    place.call("person", "handover", "bo", "--done", f"{ACCOUNTS[0]}/appointed,{ACCOUNTS[1]}/appointed", "--successor", "cia",
               "--by", "chef", "--at", "-1h", person="anna")
    town.refused("a row that is not needed wants a reason", "varför", "person", "handover", "bo", "--not-needed",
                 f"{ACCOUNTS[1]}/second-factor", person="anna")
    rows = [f"{account}/{step}" for account in ACCOUNTS for step in STEPS[1:] if (account, step) != (ACCOUNTS[1], STEPS[4])]
    place.call("person", "handover", "bo", "--done", ",".join(rows[:4]), "--done", ",".join(rows[4:]), person="anna")
    town.refused("open rows are no hand-over (R06)", "avbockade", "person", "handover", "bo", "--confirm", person="com")
    place.call("person", "handover", "bo", "--not-needed", f"{ACCOUNTS[1]}/second-factor", "--note", "den har ingen", person="chef")
    shown = place.call("person", "handover", "bo", person="com").stdout
    checks.that("the rows are told as people read them", "second_factor" in shown and "den har ingen" in shown and
                "not_applicable" in shown and "--confirm" in shown, shown)
    town.refused("who ticked does not confirm (R06)", "annan person", "person", "handover", "bo", "--confirm", person="chef")
    done = place.rows("person", "handover", "bo", "--confirm", person="com")[0]
    checks.that("another person confirms, and all is over (R06)", done["confirmed_by"] == "com" and not town.findings("leaver"), done)
    checks.that("in JSON each row with who and when (R03)", {row["successor"] for account in done["account_rows"]
                for row in account["rows"] if row["step"] == "LEAVER_STEP_APPOINTED" and row["by"] == "anna" and
                row["appointed_by"] == "chef" and row["appointed_ms"] < row["at_ms"]} == {"cia"}, done["account_rows"])
    town.refused("it is confirmed once (R06)", "bekräftad", "person", "handover", "bo", "--confirm", person="ops")


def attested(town):
    place, checks = town.place, town.checks
    rows = {row["account"]: row for row in place.rows("account", "access", person="chef")}
    checks.that("who has access is told, and what is not attested yet (R05)", sorted(rows) == sorted(ACCOUNTS) and
                sorted(rows[ACCOUNTS[0]]["persons"]) == ["anna", "cia"] and rows[ACCOUNTS[0]]["attested_ms"] == 0, rows)
    town.refused("others than who have access (R05)", "Titta på listan igen", "account", "attest", ACCOUNTS[0], "anna,bo", person="chef")
    town.refused("who leads the unit attests (R05)", "sektorschef", "account", "attest", ACCOUNTS[0], "anna,cia", person="com")
    place.call("account", "attest", ACCOUNTS[0], "cia,anna", person="chef")
    row = place.rows("account", "access", "--account", ACCOUNTS[0], person="com")[0]
    checks.that("it is attested, by whom and until when (R05)", row["attested_by"] == "chef" and
                row["next_ms"] - row["attested_ms"] == 182 * 86400000, row)


def story(checks, place):
    place.up()
    town = Town(checks, place)
    found(place)
    handed_over(town)
    attested(town)
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
