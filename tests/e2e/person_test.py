#!/usr/bin/env python3
"""All that is held of one person, and that it can go: a report of one of staff and of who wrote to us, by real
processes; who has left is forgotten in every byte, who is here is on no list; a package goes from the disk, and
a hold keeps it there (R23, R24, R29).

usage: person_test.py BIN   the folder of the programs
"""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from place import Checks, Failed, Place, short_type, wait_for  # noqa: E402

MARK = "Krusbärsholm"  # her last name: in no other file


def organisation(place):
    place.call("account", "authority", "add", "--id", "ks", "--name", "Kommunstyrelsen", "--org-number", "212000-0001")
    place.call("account", "unit", "add", "--id", "komm", "--authority", "ks", "--name", "Kommunikation", "--communications",
               "--mail", "kommunikation@kommun.example")
    for who, role in (("anna", "administrator"), ("bo", "administrator"), ("ark", "archivist"), ("ops", "operations")):
        place.call("person", "add", "--id", who, "--unit", "komm", "--role", role, "--first-name", who.title(), "--last-name",
                   MARK if who == "anna" else "Provsson", "--title", "kommunikatör", "--mail", f"{who}@kommun.example")
    place.call("account", "take-over", "--id", "fb", "--platform", "facebook", "--unit", "komm", "--handle", "kommun",
               "--name", "Kommunen", "--purpose", "samtal", "--watch", "manual", person="ops")
    for rank, who in enumerate(("anna", "bo"), 1):
        place.call("account", "grant", "fb", who, "--rank", rank, person="ops")
    for row, covers in (("personal", "staff"), ("borta", "absence"), ("ord", "comment"), ("paket", "package")):
        place.call("policy", "row", row, "--authority", "ks", "--process", "Personal", "--kind", "Uppgifter", "--covers", covers,
                   "--action", "dispose", "--months", "0", "--decision", "KS 2026/1", "--mandate", "Plan 2026", person="ops")


def write(place, tail):
    """Three comments, two of them by one author; gives their items."""
    file = place.folder / "lines.ndjson"
    lines = [{"platform": "facebook", "account": "fb", "external_id": f"fb-{n}", "kind": "comment", "text": f"Ord nummer {n}",
              "author": {"id": f"u{n % 2}", "name": "Bo Ek"}, "created_at": "2026-11-20T10:00:00+01:00"} for n in (1, 2, 3)]
    file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    place.call("import", file, person="ops")
    wait_for("they are judged", lambda: len(tail.of("CommentClassified")) == 3)
    return [e["data"]["item"] for e in tail.of("CommentReceived")]


def report(place, *words, **how):
    return json.loads(place.call("report", "person", *words, "--json", **how).stdout)


def held(said):
    """{store: {kind: count}}"""
    out = {}
    for row in said["held"]:
        out.setdefault(row["store"], {})[row["kind"]] = row["count"]
    return out


def views(tail):
    return [e for e in tail.of("RecordViewed")]


def holding(place, mark):
    return [str(p.relative_to(place.data)) for p in sorted(place.data.rglob("*"))
            if p.is_file() and not p.is_symlink() and mark.encode() in p.read_bytes()]


def of_staff(checks, place, tail):
    place.call("absence", "set", "anna", "--id", "borta1", "--from", "2026-01-02", "--to", "2026-01-03", person="ops")
    wait_for("evidence has heard of it", lambda: place.sql("evidence", "SELECT count(*) FROM absence")[0][0] == 1)
    plain = place.call("report", "person", "anna").stdout
    checks.that("r29 a report of one of staff is a table without her name", "registry" in plain and "absence" in plain and
                MARK not in plain, plain)
    said = report(place, "anna")
    has = held(said)
    checks.that("r29 each store says what it holds of her", has["registry"] == {"name": 1, "absence": 1} and
                has["escalation"]["contact"] == 1 and has["escalation"]["absence"] == 1 and
                has["ingest"]["name"] == has["evidence"]["name"] == 1 and said["missing"] == [], has)
    rows = {(r["store"], r["kind"]): r["rows"] for r in said["held"]}
    checks.that("r29 with the row that lets it go", rows["registry", "name"] == ["personal"] and
                rows["registry", "absence"] == ["borta"] == rows["escalation", "absence"], rows)
    checks.that("r29 and what is in the way", {k["why"] for k in said["kept_by"]} == {"person-has-not-left"}, said["kept_by"])
    nobody = place.call("report", "person", "anna", "--content", ok=None)
    checks.that("r29 what it says is told to nobody who is nobody", nobody.returncode == 2 and MARK not in nobody.stdout)
    not_hers = place.call("report", "person", "anna", "--content", person="bo", ok=None)
    checks.that("r29 nor to who has nothing to do with it", not_hers.returncode == 1 and MARK not in not_hers.stdout and
                not views(tail), not_hers.stdout)
    for _ in range(2):
        whole = report(place, "anna", "--content", person="ark")
    checks.that("r29 to the archivist it is, and that she looked is noted once", MARK in json.dumps(whole["content"], ensure_ascii=False)
                and len(whole["content"]) == 2 and wait_for("RecordViewed", lambda: len(views(tail)) == 1), whole)


def of_a_writer(checks, place, items):
    said = report(place, "--author", "u1", "--platform", "facebook")
    checks.that("r24 who wrote to us is found by who she is on her platform", sorted(said["subjects"]) == sorted([items[0], items[2]]), said)
    checks.that("r24 and what is held of it", held(said)["ingest"]["words"] == 2 and held(said)["evidence"]["words"] == 2, said["held"])
    checks.that("r24 with the row that lets it go", [r["rows"] for r in said["held"] if r["store"] == "ingest"][0] == ["ord"], said["held"])
    given = json.loads(place.call("report", "person", "--author", "-", "--platform", "facebook", "--json", given="u1\n").stdout)
    checks.that("r24 her id need not stand on the command line", given["subjects"] == said["subjects"], given["subjects"])
    same = report(place, "--item", items[0])
    checks.that("r24 whoever wrote this", same["subjects"] == said["subjects"] and len(report(place, "--item", items[1])["subjects"]) == 1)
    whole = report(place, "--item", items[1], "--content", person="ark")
    checks.that("r24 its words, to who may", "Ord nummer 2" in json.dumps(whole["content"]), whole["content"])
    none = place.call("report", "person", "--author", "u9", "--platform", "facebook").stdout
    checks.that("r24 of nobody nothing is held", none == "nothing is held\n", none)
    for words in (("anna", "--item", items[0]), ("--author", "u1"), ()):
        checks.that(f"a report is of one person: {len(words)} words", place.call("report", "person", *words, ok=None).returncode == 2)


def dispose(place, row, *named):
    said = json.loads(place.call("dispose", "propose", "--row", row, "--before", "+1d", *named, "--json", person="ops").stdout)
    place.call("dispose", "approve", said["disposal"], "--list", said["list_sha256"], person="ark")
    return said


def she_goes(checks, place, tail):
    here = place.call("dispose", "propose", "--row", "personal", "--items", "anna", person="ops", ok=None)
    checks.that("r29 who is here is on no list", here.returncode == 1 and not tail.of("DisposalProposed"), here.stderr)
    said = dispose(place, "borta")
    checks.that("r29 an absence that is over is", said["items"] == ["borta1"], said)
    place.call("person", "leave", "anna", person="ops")
    wait_for("she has left", lambda: place.sql("evidence", "SELECT gone FROM person WHERE person = 'anna'") == [(1,)])
    open_ = place.call("dispose", "propose", "--row", "personal", "--items", "anna", person="ops", ok=None)
    checks.that("r29 nor who has access still", open_.returncode == 1, open_.stderr)
    place.call("account", "revoke", "fb", "anna", person="ops")
    wait_for("it is taken away", lambda: place.sql("evidence", "SELECT count(*) FROM access WHERE person = 'anna'") == [(0,)])
    checks.that("i15 until then her name is there", holding(place, MARK) != [])
    said = dispose(place, "personal")
    checks.that("r29 who has left and has nothing is", said["items"] == ["anna"], said)
    wait_for("both lists are done", lambda: len(tail.of("ContentDisposed")) == 2)
    try:
        wait_for("her name is in no byte", lambda: not holding(place, MARK), 20)
    except Failed:
        pass
    checks.that("r23 i15 her name is in no byte of databases, WAL, logs", not holding(place, MARK), holding(place, MARK))
    gone = place.call("report", "person", "anna").stdout
    checks.that("r29 and nothing is held of her", gone == "nothing is held\n", gone)
    protocol = place.call("dispose", "show", said["disposal"], person="ops").stdout
    checks.that("r23 the protocol says what it was", "anna  gallrad, en person som har slutat" in protocol or
                "anna  disposed of, a person who has left" in protocol, protocol)
    checks.that("r29 the archivist's look is noted still", len(views(tail)) == 2 and short_type(views(tail)[0]) == "RecordViewed")
    checks.that("r27 `uppsikt verify` is green afterwards", place.call("verify", ok=None).returncode == 0)


def a_package_goes(checks, place, tail):
    run = place.rows("archive", "run", "fb", person="ark")[0]["run"]
    wait_for("a person is asked", lambda: place.rows("archive", "show", run)[0]["state"] == "manual")
    page = place.folder / "sida.html"
    page.write_text("<!doctype html><html><title>Vår sida</title><p>Sparad av bo</p></html>", encoding="utf-8")
    taken = place.call("archive", "hand-in", run, page, person="bo", ok=None)
    checks.that("r26 what a person saved becomes a package", taken.returncode == 0, taken.stdout + taken.stderr)
    package = tail.wait("PackageSealed", lambda e: short_type(e) == "PackageSealed")["data"]["package"]
    folder = next(p for p in place.data.rglob(package) if p.is_dir())
    place.call("archive", "export", run, place.folder / "out", person="ark")
    tail.wait("PackageOpened", lambda e: short_type(e) == "PackageOpened")
    wait_for("evidence has heard of it", lambda: place.sql("evidence", "SELECT count(*) FROM thing WHERE subject = ?", package) == [(1,)])
    hold = place.rows("hold", "place", "--account", "fb", person="ark")[0]["hold"]
    held_ = json.loads(place.call("dispose", "propose", "--row", "paket", "--before", "+1d", "--dry-run", "--json", person="ops").stdout)
    checks.that("r23 a package of an account that is held is left out, and counted", held_["held"] == 1 and not held_.get("items"), held_)
    place.call("hold", "release", hold, person="ark")
    place.call("hold", "release", hold, person="ops")
    n = len(tail.of("ContentDisposed"))
    said = dispose(place, "paket")
    checks.that("r23 then it is on the list", said["items"] == [package], said)
    wait_for("the list is done", lambda: len(tail.of("ContentDisposed")) > n)
    wait_for("its folder is gone", lambda: not folder.exists())
    try:
        wait_for("so is what was handed in", lambda: not holding(place, "Sparad av bo"), 20)
    except Failed:
        pass
    left = [str(p) for p in place.data.rglob("*") if package in p.name] + holding(place, "Sparad av bo")
    checks.that("r23 nothing of it lies on the disk, nor what was handed in", not left, left)
    row = place.sql("archive", "SELECT gone, files > 0 FROM package WHERE package = ?", package)
    checks.that("r23 its row in the register stays, and the protocol", row == [(1, 1)] and
                package in place.call("dispose", "show", said["disposal"], person="ops").stdout, row)
    again = place.call("archive", "export", run, place.folder / "again", person="ark", ok=None)
    checks.that("r23 nobody takes it out any more", again.returncode == 1, again.stdout)
    checks.that("r27 `uppsikt verify` is green then, too", place.call("verify", ok=None).returncode == 0)


def main():
    checks = Checks()
    try:
        with Place(sys.argv[1]) as place:
            place.up(UPPSIKT_ESCALATION_MAIL_URL="smtp://127.0.0.1:9", UPPSIKT_ESCALATION_MAIL_FROM="uppsikt@kommun.example")
            organisation(place)
            tail = place.follow()
            of_staff(checks, place, tail)
            of_a_writer(checks, place, write(place, tail))
            she_goes(checks, place, tail)
            a_package_goes(checks, place, tail)
    except Failed as e:
        checks.that(f"the story goes to its end: {e}", False)
    return checks.end()


sys.exit(main())
