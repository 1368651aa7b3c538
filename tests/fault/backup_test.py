#!/usr/bin/env python3
"""Backups of a suite at work: what comes back, what does not, and what nobody may open or change.

usage: backup_test.py BIN [CASE...]   BIN: the folder with uppsikt and the services.
CASE: restore, sealed; both without. R44, P6, P8: each line PASS or FAIL is one thing that was looked at; "fault:"
lines are the cases.
"""
import hashlib
import json
import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from fault_test import catch_up, Import, lines, number, run, write_lines  # noqa: E402
from place import SERVICES, wait_for  # noqa: E402

HEARERS = ("classify", "escalation", "registry")  # of ingest


def bytes_hold(folder, marker):
    """Is the marker in any byte of any file there?"""
    return [f.name for f in folder.rglob("*") if f.is_file() and marker.encode() in f.read_bytes()]


def restore(place, checks, _):
    """R44, P6, P8: a backup under load; more is said, something is disposed of; the backup comes back."""
    marker = "MARKOR-som-gallras"
    first = place.folder / "first.ndjson"
    rows = [json.loads(line) for line in lines(3000001, 3000300)]
    rows[7]["text"] = f"{marker}, sade någon"
    first.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows) + "\n", encoding="utf-8")
    place.call("import", first)
    more = Import(place, write_lines(place.folder / "more.ndjson", 3000301, 3002300))
    wait_for("the import has begun", lambda: number(place, "ingest", "SELECT count(*) FROM item") > 350)
    place.call("backup", place.folder / "backup")
    wait_for("the import ends", lambda: not more.alive(), 120)
    place.call("import", write_lines(place.folder / "later.ndjson", 3002301, 3002330))
    catch_up(place, 120)
    manifest = json.loads((place.folder / "backup/manifest.json").read_text())
    at = {s["service"]: s["seq"] for s in manifest["services"]}
    head = int(place.states()["ingest"]["head"])
    cursors = {s: number(place, s, "SELECT seq FROM upp_cursor WHERE source = 'ingest'") for s in HEARERS}
    checks.that("fault: backup under load: every store is in it", set(at) >= set(SERVICES) and at["ingest"] < head, at)
    held = number(place, "ingest", "SELECT count(*) FROM item")
    subject = place.sql("ingest", "SELECT item FROM item ORDER BY item LIMIT 1 OFFSET 7")
    checks.that("the marker is in the backup", bytes_hold(place.folder / "backup/ingest", marker) and subject)
    item = next((i for (i,) in place.sql("ingest", "SELECT a.subject FROM upp_about a JOIN upp_content c ON c.id = a.content_id"
                                         " WHERE instr(c.body, CAST(? AS BLOB)) > 0", marker)), "")
    ledger = place.folder / "disposed.ndjson"
    ledger.write_text(json.dumps({"disposal": "d1", "subject": item, "at_ms": 1}) + "\n")

    told = place.call("restore", place.folder / "backup", "ingest", "--ledger", ledger)
    checks.that("fault: restore tells what it would do and changes nothing", "nothing was changed" in told.stdout and
                int(place.states()["ingest"]["head"]) == head, told.stdout)
    refused = place.call("restore", place.folder / "backup", "ingest", "--yes", ok=None)
    checks.that("fault: restore of a service that runs is refused", refused.returncode == 1, refused.stderr)
    place.down()
    broken = place.folder / "broken"
    shutil.copytree(place.folder / "backup", broken)
    store = broken / "ingest/ingest.db"
    damaged = bytearray(store.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    store.write_bytes(damaged)
    refused = place.call("restore", broken, "ingest", "--yes", ok=None)
    checks.that("fault: one changed bit in a backup: nothing is restored", refused.returncode == 1 and "ingest.db" in refused.stderr, refused.stderr)
    done = place.call("restore", place.folder / "backup", "ingest", "--ledger", ledger, "--yes")
    checks.that("fault: a restored store holds no byte of what was disposed of since", not bytes_hold(place.data / "ingest", marker),
                bytes_hold(place.data / "ingest", marker))
    place.up()

    def stands_still():
        return {(c["service"], c["source"]): c for c in place.rows("replay", "cuts", ok=None)}
    cuts = wait_for("all who hear ingest stand still", lambda: (lambda c: {(s, "ingest") for s in HEARERS} <= set(c) and c)(stands_still()), 60)
    checks.that("fault: each subscriber lists what it had applied past the cut", all(
        cuts[(s, "ingest")]["cut"] == at["ingest"] and cuts[(s, "ingest")]["applied"] == cursors[s] - at["ingest"] and
        (s == "registry" or len(cuts[(s, "ingest")]["effects"]) > 1) for s in HEARERS), f"{done.stdout} {at} {cursors}")
    for service in [s for s, source in stands_still() if source == "ingest"]:
        place.call("replay", "accept", service, "ingest")
    # What the platform gives again is taken in again; what it had said before is not said twice.
    for name in ("first", "more", "later"):
        place.call("import", place.folder / f"{name}.ndjson", ok=(0, 1))
    catch_up(place, 120)
    checks.that("fault: after the cut all goes on, and every line is in again", not stands_still() and
                number(place, "ingest", "SELECT count(*) FROM item") >= held - 1, number(place, "ingest", "SELECT count(*) FROM item"))
    checks.that("what was disposed of did not come back with a late import", not bytes_hold(place.data / "ingest", marker),
                bytes_hold(place.data / "ingest", marker))
    verified = place.call("verify", ok=None)
    checks.that("`uppsikt verify` finds every chain whole, over the epochs", verified.returncode == 0, verified.stdout[-300:])


# -- a sealed backup

def sealed(place, checks, _):
    """R44, R29: a backup that one key opens, which is not on the machine: no word in it, no bit changed unseen, back by the key."""
    marker = "ORD-som-ingen-annan-laser"
    file = place.folder / "sealed.ndjson"
    rows = [json.loads(line) for line in lines(7000001, 7000040)]
    rows[3]["text"] = f"{marker}, sade någon"
    file.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows) + "\n", encoding="utf-8")
    place.call("import", file)
    catch_up(place, 120)
    key, folder = place.folder / "backup.key", place.folder / "sealed"
    place.call("keys", "backup", key)
    checks.that("fault: the key is its owner's alone, and never made over another", key.stat().st_mode & 0o777 == 0o600 and
                place.call("keys", "backup", key, ok=None).returncode == 1)
    secret = key.read_text().strip()
    place.call("backup", folder, "--with-keys")
    manifest = json.loads((folder / "manifest.json").read_text())
    plain = [f["path"] for f in manifest["files"] if not f["path"].endswith(".sealed")]
    checks.that("every file of a sealed backup is sealed", len(manifest["files"]) > 20 and not plain, plain)
    checks.that("the marker was in the store, and is in no byte of the sealed backup", bytes_hold(place.data / "ingest", marker)
                and not bytes_hold(folder, marker) and not bytes_hold(folder, secret), bytes_hold(folder, marker))
    left = [str(f) for f in place.data.rglob("backup/*") if f.is_file()]
    checks.that("no copy is left on the machine", not left, left)

    held = place.call("verify", folder)
    opened = place.call("verify", folder, "--key-file", key)
    checks.that("`uppsikt verify` of it, without and with the key", "not known" in held.stdout and "can be opened" in opened.stdout,
                held.stdout + opened.stdout)
    other = place.folder / "other.key"
    other.write_text("11" * 32 + "\n")
    other.chmod(0o600)
    for words, said in (((), "--key-file"), (("--key-file", other), "sealed to")):
        no = place.call("restore", folder, "ingest", *words, ok=None)
        checks.that(f"fault: a sealed backup and {'another key' if words else 'no key'}: refused, in words",
                    no.returncode == 1 and said in no.stderr and secret not in no.stderr, no.stderr)
    harmed(place, checks, folder, key)

    head = int(place.states()["ingest"]["head"])
    told = place.call("restore", folder, "ingest", "--key-file", key)
    checks.that("with the key restore tells what it would do, changes nothing and leaves nothing open",
                "nothing was changed" in told.stdout and int(place.states()["ingest"]["head"]) == head
                and not (place.data / "restore.opened").exists(), told.stdout)
    place.call("restore", folder, "--open", place.folder / "plain", "--key-file", key)
    checks.that("--open makes a plain backup of it", bytes_hold(place.folder / "plain/ingest", marker) and
                "not sealed" in place.call("verify", place.folder / "plain").stdout)
    place.call("import", write_lines(place.folder / "after.ndjson", 7000101, 7000120))
    catch_up(place, 120)
    place.down()
    place.call("restore", folder, "ingest", "--yes", "--key-file", key)
    place.up()
    at = next(s["seq"] for s in manifest["services"] if s["service"] == "ingest")
    checks.that("restored: the log goes on from the backup's point in a new epoch", place.sql(
        "ingest", "SELECT count(*) FROM upp_epoch")[0][0] == 2 and number(place, "ingest", f"SELECT count(*) FROM upp_log WHERE seq <= {at}") == at
        and bytes_hold(place.data / "ingest", marker))


def harmed(place, checks, folder, key):
    """One bit changed, the end cut off, one file in another's place with the manifest made to fit: nothing is restored."""
    def look(name, harm):
        copy = place.folder / f"harmed-{name}"
        shutil.copytree(folder, copy)
        harm(copy)
        for words in (("restore", copy, "ingest", "--key-file", key), ("verify", copy, "--key-file", key)):
            no = place.call(*words, ok=None)
            checks.that(f"fault: {name}: {words[0]} refuses it", no.returncode == 1 and ".sealed" in no.stderr, no.stdout + no.stderr)

    def write(copy, name, data, fitting):
        (copy / name).write_bytes(data)
        if fitting:
            manifest = json.loads((copy / "manifest.json").read_text())
            for row in manifest["files"]:
                if row["path"] == name:
                    row.update(bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
            (copy / "manifest.json").write_text(json.dumps(manifest))

    store = "ingest/ingest.db.sealed"
    whole = (folder / store).read_bytes()
    changed = whole[:len(whole) // 2] + bytes([whole[len(whole) // 2] ^ 1]) + whole[len(whole) // 2 + 1:]
    for fitting in (False, True):
        how = " and the manifest made to fit" if fitting else ""
        look(f"one bit changed{how}", lambda copy, f=fitting: write(copy, store, changed, f))
        look(f"the end cut off{how}", lambda copy, f=fitting: write(copy, store, whole[:-70000], f))
    look("another store in its place and the manifest made to fit",
         lambda copy: write(copy, store, (folder / "registry/registry.db.sealed").read_bytes(), True))


# -- at rest


if __name__ == "__main__":
    sys.exit(run(sys.argv[2:] or ["restore", "sealed"], {"restore": restore, "sealed": sealed}, {}))
