#!/usr/bin/env python3
"""Saved copies and gallring with real processes: a copy is sealed with picture and PDF by Chromium, taken
out and checked anywhere, one changed bit is found; then two persons dispose of it, one service being away,
and what was written is in no byte of anything any more.

usage: copy_test.py BIN   BIN: the folder with uppsikt, the services and uppsikt-capture.
R21, R22, R23, R27, R29; P4, P6, P8; I14, I15. One line PASS or FAIL for each thing that is looked at; 77: no
browser here.
"""
import datetime
import json
import os
import pathlib
import re
import shutil
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from place import Checks, Failed, Place, short_type, wait_for  # noqa: E402

CHROMIUM = pathlib.Path("/usr/lib/chromium/chromium")
MARKS = ("Rötäggskramaren", "Åsa Märkesson", "märkeslänken", "märkesbild")
GONE, KEPT = "2026-01-12T09:00:00+01:00", "2026-01-12T10:00:00+01:00"


def organisation(place):
    place.call("account", "authority", "add", "--id", "ks", "--name", "Kommunstyrelsen", "--org-number", "212000-0001")
    place.call("account", "unit", "add", "--id", "komm", "--authority", "ks", "--name", "Kommunikation", "--communications",
               "--mail", "kommunikation@kommun.example")
    place.call("person", "add", "--id", "ops", "--unit", "komm", "--role", "operations", "--first-name", "Kim", "--last-name",
               "Provsson", "--title", "driftansvarig", "--mail", "kim@kommun.example")
    for who, role in (("anna", "administrator"), ("bo", "archivist"), ("maj", "manager"), ("eva", "reader")):
        place.call("person", "add", "--id", who, "--unit", "komm", "--role", role, "--first-name", who, "--last-name",
                   "Provsson", "--title", "handläggare", "--mail", f"{who}@kommun.example", person="ops")
    place.call("account", "take-over", "--id", "fb", "--platform", "facebook", "--unit", "komm", "--name", "Sjöberga",
               "--purpose", "samtal", "--watch", "manual", person="ops")
    place.call("account", "grant", "fb", "anna", "--rank", "1", person="ops")
    place.call("policy", "row", "rad", "--authority", "ks", "--process", "Kommunicera", "--kind", "Kommentarer", "--covers",
               "comment", "--action", "dispose", "--months", "0", "--decision", "KS 2026/1", "--mandate", "Plan 2026", person="ops")


def write(place):
    lines = [{"external_id": "c1", "kind": "comment", "created_at": GONE, "text": f"Ni är rötägg, {MARKS[0]}",
              "author": {"id": "u1", "name": MARKS[1]}, "permalink": f"https://fb.example/{MARKS[2]}",
              "attachments": [{"type": "image", "url": f"http://127.0.0.1:9/{MARKS[3]}.jpg", "name": MARKS[3]}]},
             {"external_id": "c2", "kind": "comment", "created_at": KEPT, "text": "Ni är dumma rötägg också"}]
    for line in lines:
        line.update(platform="facebook", account_id="fb", source="import")
    path = place.folder / "in.ndjson"
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    said = place.call("import", path, "--account", "fb", person="ops").stdout
    path.unlink()
    return said


def item_of(tail, received):
    """The one that was received then, by its own id."""
    event = tail.wait("the comment has come", lambda e: short_type(e) == "CommentReceived" and
                      e["data"]["received_ms"] == received)
    return event["data"]["item"]


def sealed(tail, item, level):
    return tail.wait(f"{level} is sealed", lambda e: short_type(e) == "EvidenceSealed" and e["data"]["item"] == item and
                     e["data"]["level"] == level, 90)["data"]


def flip(path, at):
    raw = bytearray(path.read_bytes())
    raw[at] ^= 1
    path.write_bytes(bytes(raw))


def taken_out(checks, place, record):
    folder = place.folder / "copy"
    place.call("evidence", "export", record, folder, person="anna")
    names = {p.name for p in folder.iterdir()}
    checks.that("r22 the copy has picture, PDF, the platform's words, manifest and proof",
                {"page.png", "page.pdf", "api.json", "record.json", "manifest-sha256.txt", "proof.json", "custody.jsonl"}
                <= names, names)
    checks.that("r27 it is sound by itself, no service is asked", place.call_own("verify", folder).returncode == 0)
    said = json.loads((folder / "record.json").read_text(encoding="utf-8"))
    checks.that("b3 what lies on a private address is not fetched, and that is said",
                [a["state"] for a in said["attachments"]] == ["refused"], said["attachments"])
    checks.that("r22 it says what was written by whom", MARKS[0] in said["text"] and said["author_display"] == MARKS[1], said)
    custody = [json.loads(line)["action"] for line in (folder / "custody.jsonl").read_text().splitlines()]
    checks.that("r29 that it was taken out stands in its custody", custody == ["captured", "exported"], custody)
    for name in sorted(names):
        flip(folder / name, (folder / name).stat().st_size // 2)
        try:
            place.call_own("verify", folder)
            found = False
        except Failed:
            found = True
        flip(folder / name, (folder / name).stat().st_size // 2)
        checks.that(f"p6 one bit of {name} is found", found)
    shutil.rmtree(folder)


def on_the_disk(checks, place, record):
    copy = next((place.data / "evidence/objects").rglob(record)) / "page.png"
    checks.that("p6 all is well", place.call("verify", ok=None).returncode == 0, place.call("verify", ok=None).stdout)
    flip(copy, 100)
    bad = place.call("verify", ok=None)
    checks.that("p6 one bit of a picture on the disk is found", bad.returncode == 1 and record in bad.stdout, bad.stdout)
    flip(copy, 100)
    checks.that("p6 and all is well again", place.call("verify", ok=None).returncode == 0)


def listed(place, *words, person="ops", ok=(0,)):
    done = place.call("dispose", "propose", "--row", "rad", "--before", "+1d", *words, "--json", person=person, ok=ok)
    return json.loads(done.stdout) if done.returncode == 0 else done


def disposed(checks, place, tail, gone):
    place.call("hold", "place", "--account", "fb", person="bo")
    checks.that("e30 a hold beats the row", listed(place, "--dry-run")["count"] == 0)
    hold = place.rows("hold", "list")[0]["hold"]
    place.call("hold", "release", hold, person="bo")
    checks.that("p4 one alone does not release it", place.call("hold", "release", hold, person="bo", ok=None).returncode == 1)
    place.call("hold", "release", hold, person="ops")
    row = listed(place)
    checks.that("r23 what is closed is on the list, what is open is not", row["items"] == [gone] and row["open"] == 1, row)
    checks.that("r21 the list says how many of each kind", [(k["kind"], k["taken"]) for k in row["kinds"]] == [("comment", 1)], row)
    words = ("dispose", "approve", row["disposal"], "--list", row["list_sha256"])
    checks.that("p4 not by the same person", place.call(*words, person="ops", ok=None).returncode == 1)
    checks.that("r23 nor by two without an archivist", place.call(*words, person="maj", ok=None).returncode == 1)
    checks.that("p4 not by just anybody", place.call(*words, person="eva", ok=None).returncode == 1)
    other = ("f" if row["list_sha256"][0] != "f" else "0") + row["list_sha256"][1:]
    checks.that("p4 not another list", place.call("dispose", "approve", row["disposal"], "--list", other, person="bo",
                                                  ok=None).returncode == 1)
    pid = place.pid("classify")
    os.kill(pid, signal.SIGSTOP)
    try:
        place.call(*words, person="bo")
        pending = wait_for("all others have forgotten", lambda: [
            r["pending"] for r in place.rows("dispose", "list") if r["pending"] == ["classify"]])
        checks.that("r23 who has not forgotten is named", pending == [["classify"]], pending)
    finally:
        os.kill(pid, signal.SIGCONT)
    done = tail.wait("it is disposed of", lambda e: short_type(e) == "ContentDisposed")["data"]
    checks.that("r23 two copies went", done["records"] == 2 and done["disposal"] == row["disposal"], done)
    place.call("dispose", "show", row["disposal"], "--certificate", place.folder / "protocol", person="bo")
    texts = [p.read_text(encoding="utf-8") for p in (place.folder / "protocol").glob("*.txt")]
    checks.that("r23 the protocol stays, and names two persons", len(texts) == 1 and "ops" in texts[0] and "bo" in texts[0], texts)
    checks.that("r23 and says in which year", len(re.findall(r": \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]", texts[0])) == 4, texts)
    checks.that("r21 and in the plan's words what they are", "Handlingstyp: Kommentarer\nOmfattar: comment\n" in texts[0], texts)


def nowhere(place):
    """Files in which any of the marks is left."""
    return [str(p.relative_to(place.folder)) for p in place.folder.rglob("*") if p.is_file() and not p.is_symlink() and
            any(m.encode() in p.read_bytes() for m in MARKS)]


def story(checks, place):
    place.up()
    place.wait_up(("registry", "ingest", "classify", "escalation", "evidence"))
    organisation(place)
    tail = place.tail("--from", "0")
    write(place)
    gone, kept = (item_of(tail, int(datetime.datetime.fromisoformat(t).timestamp() * 1000)) for t in (GONE, KEPT))
    raw = sealed(tail, gone, "SEAL_LEVEL_RAW")
    checks.that("r22 RAW is sealed when the matter opens, before anybody decides", raw["files"] == 3, raw)
    whole = sealed(tail, gone, "SEAL_LEVEL_WHOLE")
    sealed(tail, kept, "SEAL_LEVEL_WHOLE")
    taken_out(checks, place, whole["record"])
    on_the_disk(checks, place, whole["record"])
    matter = tail.wait("the matter", lambda e: short_type(e) == "MatterOpened" and e["data"]["item"] == gone and
                       e["data"]["kind"] == "MATTER_KIND_MODERATION")["data"]["matter"]
    place.call("matter", "decide", matter, "keep", "--reason", "attack", person="anna")
    tail.wait("it is closed", lambda e: short_type(e) == "MatterMet" and e["data"]["matter"] == matter)
    checks.that("i15 until then it is there", any("ingest" in p for p in nowhere(place)))
    disposed(checks, place, tail, gone)
    checks.that("p8 i15 it is in no byte: stores, journals, objects, logs",
                wait_for("nothing is left", lambda: not nowhere(place)) is True, nowhere(place))
    checks.that("r27 the logs and the other copies are whole", place.call("verify", ok=None).returncode == 0,
                place.call("verify", ok=None).stdout)
    said = write(place)
    checks.that("p8 the same comes in again and is refused", "0 accepted, 2 known" in said and not nowhere(place),
                f"{said} {nowhere(place)}")
    again = place.call("evidence", "export", whole["record"], place.folder / "again", person="anna", ok=None)
    checks.that("r23 the copy cannot be taken out any more", again.returncode == 1, again.stdout)


def main():
    if not CHROMIUM.exists():
        print("SKIP no browser is here: apt-get install chromium")
        return 77
    checks = Checks()
    try:
        with Place(sys.argv[1]) as place:
            story(checks, place)
    except Failed as e:
        checks.that(f"the story goes to its end: {e}", False)
    return checks.end()


sys.exit(main())
