#!/usr/bin/env python3
"""What may happen to one machine: its clock jumps, a page of a database rots, a small disk fills up, it dies while a
finished file gets its name.

usage: harm_test.py BIN [CASE...]   BIN: the folder with uppsikt and the services.
CASE: clock, page, disk, rename; all of them without. P1, P2, P7, R09, R42, I19, I23: each line PASS or FAIL is one thing that was
looked at.
"""
import contextlib
import json
import pathlib
import shutil
import sqlite3
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from fault_test import Alone, number, organisation, write_lines  # noqa: E402
from place import Checks, Failed, Place, wait_for  # noqa: E402

MIB = 1024 * 1024


def prepared(bin_folder):
    place = Place(bin_folder)
    place.__enter__()
    place.up()
    organisation(place, 2)
    place.down()
    return place


def jumps(place):
    """What ingest has said of its clock: by how many milliseconds it moved, each time."""
    out = place.call("tail", "ingest", "--from", "0", "--type", "ClockJumped", "--idle", "2s", "--json").stdout
    return [int(json.loads(line)["data"]["by_ms"]) for line in out.split("\n") if line.strip()]


def clock(place, checks):
    """sla.md T10: an hour forward, then two days back; said as events, and nothing is lost or doubled by it."""
    lib = next(iter(pathlib.Path("/usr/lib").glob("*/faketime/libfaketime.so.1")), None)
    if not lib:
        print("SKIP harm_clock: libfaketime is not installed")
        return
    now = place.folder / "now"
    now.write_text("+0\n")
    faked = ("env", f"LD_PRELOAD={lib}", f"FAKETIME_TIMESTAMP_FILE={now}", "FAKETIME_NO_CACHE=1", "FAKETIME_DONT_FAKE_MONOTONIC=1")
    register = Alone(place, service="registry")
    ingest = Alone(place, prefix=faked)
    wait_for("ingest answers", ingest.ready)
    first = 7000001
    for n, shift in enumerate((0, 3600, 3600 - 2 * 86400)):
        now.write_text(f"{shift:+d}\n")
        if n:
            wait_for("the jump is said", lambda n=n: number(
                place, "ingest", "SELECT count(*) FROM upp_log WHERE type = 'uppsikt.ClockJumped'") == n)
        place.call("import", write_lines(place.folder / f"clock{n}.ndjson", first + n * 50, first + n * 50 + 49), "--wait", "10s")
    said = jumps(place)
    checks.that("fault: the clock jumps: each jump is an event, by how much", len(said) == 2 and
                abs(said[0] - 3600_000) < 5000 and abs(said[1] + 2 * 86400_000) < 5000, said)
    again = place.call("import", place.folder / "clock0.ndjson", "--wait", "10s", ok=None)
    held = number(place, "ingest", "SELECT count(*) FROM item")
    checks.that("fault: the clock jumps: every line once, given again or not", held == 150 and again.returncode == 0, held)
    checks.that("fault: the clock jumps: the service is the same process", ingest.process.alive())
    ingest.stop()
    register.stop()


def damage(place, service, table):
    """One page's header: what a rotten sector leaves."""
    path = place.database(service)
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        page = db.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0]
        size = db.execute("PRAGMA page_size").fetchone()[0]
    with path.open("r+b") as f:
        f.seek((page - 1) * size)
        f.write(b"\xff" * 12)


def page(place, checks):
    """P7: classify's log has a rotten page: it refuses and says why, the others go on; its backup brings it back."""
    place.up()
    place.call("import", write_lines(place.folder / "page1.ndjson", 7100001, 7100050))
    wait_for("classify has judged them", lambda: number(place, "classify", "SELECT max(seq) FROM upp_log") >= 50)
    place.call("backup", place.folder / "backup")
    place.down()
    damage(place, "classify", "upp_log")
    place.supervisor = place.start([place.bin / "uppsikt", "up", "--data", place.data], "up.log")
    place.wait_up(("registry", "ingest", "escalation"))
    log = place.data / "log/classify.log"
    wait_for("classify says what is wrong", lambda: "malformed" in log.read_text(errors="replace"))
    checks.that("fault: a damaged page: the service does not run on it", "classify" not in place.states())
    place.call("import", write_lines(place.folder / "page2.ndjson", 7100051, 7100080))
    wait_for("escalation has every comment", lambda: number(place, "escalation", "SELECT count(*) FROM item") == 80)
    checks.that("fault: a damaged page: the others go on without it, and its comments have their clocks",
                number(place, "escalation", "SELECT count(*) FROM matter") > 0)
    found = place.call("verify", "--stores", ok=None)
    checks.that("`uppsikt verify` names the store", found.returncode == 1 and "classify" in found.stdout, found.stdout[-300:])
    place.down()
    # A damaged store may not be able to tell what it disposed of; the operator says so.
    done = place.call("restore", place.folder / "backup", "classify", "--damaged", "--yes", ok=None)
    checks.that("fault: a damaged page: the backup is put in its place", done.returncode == 0, done.stderr[-300:])
    place.up()
    wait_for("classify has caught up", lambda: number(
        place, "classify", "SELECT count(*) FROM upp_log WHERE type = 'uppsikt.CommentClassified'") == 80)
    checks.that("every comment is judged once", place.sql("classify", "SELECT count(*) - count(DISTINCT subject) FROM upp_log"
                " WHERE type = 'uppsikt.CommentClassified'")[0][0] == 0)
    place.down()


def disk(place, checks):
    """P1, P7: ingest on a disk of 24 MiB that fills up: it says so and accepts nothing; with room again it goes on."""
    image, mount = place.folder / "disk.img", place.folder / "disk"
    mount.mkdir()
    try:
        with image.open("wb") as f:
            f.truncate(24 * MIB)
        subprocess.run(["mkfs.ext4", "-q", "-F", image], check=True, capture_output=True)
        subprocess.run(["mount", "-o", "loop", image, mount], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as e:
        print(f"SKIP harm_disk: no disk can be mounted here: {e}")
        return
    try:
        full_disk(place, checks, mount)
    finally:
        subprocess.run(["umount", "-l", mount], check=False, capture_output=True)


def full_disk(place, checks, mount):
    shutil.copytree(place.data / "ingest", mount / "ingest", ignore=shutil.ignore_patterns("ballast", "lock"))
    config = place.data / "config/ingest.yaml"
    text = config.read_text().replace(f"data: {place.data}/ingest", f"data: {mount}/ingest").replace("ballast_bytes: 16777216", "ballast_bytes: 2097152")
    config.write_text(text + "low_water_bytes: 2097152\n")
    place.database = lambda service, was=place.database: mount / "ingest/ingest.db" if service == "ingest" else was(service)
    register, ingest = Alone(place, service="registry"), Alone(place)
    wait_for("ingest answers", ingest.ready)
    place.call("import", write_lines(place.folder / "disk1.ndjson", 7200001, 7200050))
    filler = mount / "filler"
    with filler.open("wb", buffering=0) as f, contextlib.suppress(OSError):
        while True:
            f.write(b"x" * 65536)
    wait_for("ingest says that the disk is low", lambda: "disk low" in ingest.process.text())
    refused = place.call("import", write_lines(place.folder / "disk2.ndjson", 7200051, 7200100), "--wait", "3s", ok=None)
    held = number(place, "ingest", "SELECT count(*) FROM item")
    checks.that("fault: a full disk: nothing is accepted, and what was is kept", refused.returncode == 1 and held == 50,
                f"{refused.returncode} {held}")
    checks.that("fault: a full disk: the service lives and answers", ingest.ready())
    filler.unlink()
    wait_for("ingest says that there is room again", lambda: "room again" in ingest.process.text())
    given = place.call("import", place.folder / "disk2.ndjson", "--wait", "10s", ok=None)
    held = number(place, "ingest", "SELECT count(*) FROM item")
    whole = place.sql("ingest", "PRAGMA integrity_check")[0][0]
    checks.that("fault: a full disk: with room again every line is in, once", given.returncode == 0 and held == 100 and whole == "ok",
                f"{given.returncode} {held} {whole}")
    ingest.stop()
    register.stop()


def shown(folder):
    """The names in the public register as a web server would show them; None: there is none, or half of one."""
    try:
        return {row["name"] for row in json.loads((folder / "current/register.json").read_text(encoding="utf-8"))["accounts"]}
    except (OSError, ValueError, KeyError):
        return None


def rename(place, checks):
    """I23, R09: registry dies at the N-th rename of what it publishes; what was shown stays whole, then the new one is."""
    folder = place.folder / "public"
    folder.mkdir()
    config = place.data / "config/registry.yaml"
    kept = [line for line in config.read_text().split("\n") if not line.startswith("publish_")]
    config.write_text("\n".join([*kept, f"publish_folder: {folder}", "publish_after: 20ms", ""]))
    names = {"Kommunen"}
    answers = lambda: place.call("account", "list", "--wait", "1s", ok=None).returncode == 0  # noqa: E731

    def opened():
        """One more account; its name."""
        number_ = len(names)
        place.call("account", "take-over", "--id", f"konto-{number_}", "--platform", "facebook", "--unit", "komm", "--handle",
                   f"k{number_}", "--name", f"Konto {number_}", "--purpose", "samtal", "--watch", "manual", "--wait", "1s",
                   ok=None)  # refused when it is there already
        return f"Konto {number_}"

    first = Alone(place, service="registry")
    wait_for("the register is published", lambda: shown(folder) == names)
    first.stop()
    for n in (1, 2, 3):
        before = shown(folder)
        dying = Alone(place, ["-e", "trace=/^rename", "-e", f"inject=/^rename:signal=SIGKILL:when={n}"], service="registry")
        wait_for("registry answers, or has ended", lambda d=dying: not d.process.alive() or answers())
        while dying.process.alive():  # what it had begun in its last life is published, too
            before = shown(folder)
            names.add(opened())
            wait_for("the register is published, or registry has ended",
                     lambda d=dying: not d.process.alive() or shown(folder) == names)
        code = dying.end(1)
        between = shown(folder)
        after = Alone(place, service="registry")
        wait_for("registry answers", answers)
        names.add(opened())
        wait_for("the register is published", lambda: shown(folder) == names)
        after.stop()
        checks.that(f"fault: SIGKILL at rename {n}: ended with {code}, what was shown stays so", code == 137 and between == before,
                    f"{code} {before} {between}")
        checks.that(f"fault: SIGKILL at rename {n}: started clean, the new register is shown, nothing is left half",
                    shown(folder) == names and not (folder / "current.new").is_symlink(), shown(folder))


def main():
    checks = Checks()
    for name in sys.argv[2:] or ["clock", "page", "disk", "rename"]:
        place = prepared(sys.argv[1])
        try:
            {"clock": clock, "page": page, "disk": disk, "rename": rename}[name](place, checks)
        except Failed as e:
            checks.that(f"the case {name} goes to its end: {e}", False)
            place.show_logs()
        finally:
            place.__exit__(None, None, None)
    return checks.end()


if __name__ == "__main__":
    sys.exit(main())
