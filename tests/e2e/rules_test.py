#!/usr/bin/env python3
"""Word lists are tried on the past, adopted by a person, live at once, and what people decide comes back as rows to
train on: real processes (R18, R25).

usage: rules_test.py BIN   the folder of the programs
"""
import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from place import Checks, Failed, Place, short_type  # noqa: E402
from rules_world import LISTS, SPAN, labels, organisation, write  # noqa: E402

WORD = "blåskvättar"  # no list has it: what says that it is known is the adopted one


def story(checks, place):
    place.up()
    organisation(place)
    tail = place.follow()
    before = write(place, tail, 1, f"Vilka {WORD}")
    checks.that("r18 a word that no list has is not seen", "LABEL_PROFANITY" not in labels(before), before)
    folder = place.folder / "lists"
    shutil.copytree(LISTS, folder)
    list_ = folder / "profanity.txt"
    list_.write_text(list_.read_text(encoding="utf-8") + f"{WORD} =9\n", encoding="utf-8")
    wrong = place.call("classify", "--adopt", folder, person="anna", ok=None)
    line = list_.read_text(encoding="utf-8").count("\n")
    checks.that("r18 a mistake in a list is told by file and line", wrong.returncode == 78 and
                f"profanity.txt:{line}:" in wrong.stderr, wrong.stderr)
    list_.write_text(list_.read_text(encoding="utf-8").replace("=9", "=3"), encoding="utf-8")

    tried = place.call("classify", "--replay", SPAN, folder).stdout
    checks.that("r25 the replay tells what would change", f"{before['item']}  version 1  +profanity" in tried and
                "1 comments, 1 judged otherwise" in tried, tried)
    checks.that("r24 and nothing of what was written", WORD not in tried, tried)
    as_before = write(place, tail, 2, f"Ja {WORD}")
    checks.that("r25 to try is not to adopt", as_before["lexicons"] == before["lexicons"], as_before)

    place.call("classify", "--adopt", folder, person="anna")
    adopted = tail.wait("RuleSetAdopted", lambda e: short_type(e) == "RuleSetAdopted")["data"]
    checks.that("r25 the event tells who and which lists", adopted["by"] == "anna" and
                [l["class"] for l in adopted["lists"]] == ["profanity"], adopted)
    after = write(place, tail, 3, f"Nämen {WORD}")
    checks.that("r18 the list is live without a restart", "LABEL_PROFANITY" in labels(after) and
                after["lexicons"] == adopted["lexicons"], after)
    for number, (text, edited) in enumerate(((f"Vårt {WORD}", {}), (f"Vårt inlägg, {WORD}", {"edited_at": "2026-11-20T11:00:00+01:00"}))):
        own = write(place, tail, 4, text, kind="own_post", **edited)
        checks.that(f"r24 version {number + 1} of our own post is judged for what is personal or secret alone",
                    own["version"] == number + 1 and "LABEL_PROFANITY" not in labels(own), own)
    again = place.call("classify", "--replay", SPAN, folder).stdout
    checks.that("r24 r25 our own post is no comment, and what is in force changes nothing any more", "3 comments, 0 judged otherwise" in again, again)
    rows = place.call("classify", "--decided", SPAN).stdout
    checks.that("r25 without decisions there is nothing to learn", rows == "id\tlang\tlabels\ttext\n", rows)


def main():
    checks = Checks()
    try:
        with Place(sys.argv[1]) as place:
            story(checks, place)
    except Failed as e:
        checks.that(f"the story goes to its end: {e}", False)
    return checks.end()


sys.exit(main())
