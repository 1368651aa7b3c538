#!/usr/bin/env python3
"""The work of classify is divided between two processes, then four, with real processes: each version is judged once,
by the process that has its account; while one stands still the accounts of the others are judged; what is adopted is in
force in all of them; no process starts as another part than its store is.

usage: partition_test.py BIN   the folder of the programs
R42, R18, R25, R43, R44; P1, P2. One line PASS or FAIL for each thing that is looked at.
"""
import collections
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from place import SERVICES, Checks, Failed, Place, wait_for  # noqa: E402
from rules_world import LISTS, organisation  # noqa: E402

ACCOUNTS = ("fb", "bad", "bibliotek", "miljo", "skolmat", "trafik", "vatten")
EACH = 6
WORD = "blåskvättar"  # no list has it


class World:
    def __init__(self, place):
        self.place = place
        self.written = 0

    def parts(self):
        rows = {r["service"]: r for r in self.place.rows("partition", "list", ok=(0, 1))}
        return rows["classify"]["names"]

    def write(self, accounts=ACCOUNTS, text="Vilka jävla idioter", each=EACH):
        """So many comments on each of those accounts; gives how many there are in all."""
        self.written += 1
        file = self.place.folder / f"{self.written}.ndjson"
        with file.open("w", encoding="utf-8") as out:
            for account in accounts:
                for n in range(each):
                    out.write(json.dumps({"platform": "facebook", "account": account, "kind": "comment", "text": text,
                                          "external_id": f"{account}-{self.written}-{n}", "author": {"id": f"u{n}", "name": "N"},
                                          "created_at": "2026-11-20T10:00:00+01:00"}, ensure_ascii=False) + "\n")
        self.place.call("import", file)
        return self.place.sql("ingest", "SELECT count(*) FROM upp_log WHERE type = 'uppsikt.CommentReceived'")[0][0]

    def judged(self, part):
        """What that part has said: items, in the order of its log."""
        return [row[0] for row in self.place.sql(part, "SELECT subject FROM upp_log WHERE type = 'uppsikt.CommentClassified'")]

    def all_judged(self):
        return [item for part in self.parts() for item in self.judged(part)]

    def accounts(self):
        """Of each item, its account."""
        return dict(self.place.sql("ingest", "SELECT item, account FROM item"))

    def home(self, account):
        return self.place.rows("partition", "account", account)[0]["part"]

    def once(self, checks, what, total):
        wait_for(f"{what}: all are judged", lambda: len(self.all_judged()) >= total, 60)
        counts = collections.Counter(self.all_judged())
        checks.that(f"r42 {what}: every comment is judged once", len(counts) == total and set(counts.values()) == {1},
                    (total, len(counts), [i for i, n in counts.items() if n > 1][:5]))
        wait_for(f"{what}: escalation has heard all of it", lambda: self.place.sql(
            "escalation", "SELECT count(*) FROM judged")[0][0] == total, 60)

    def pid(self, part):
        """The process that was started with that part's configuration; 0: there is none."""
        config = str(self.place.data / "config" / f"{part}.yaml")
        for proc in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                words = (proc / "cmdline").read_bytes().decode(errors="replace").split("\0")
            except OSError:
                continue
            if config in words:
                return int(proc.name)
        return 0


def refusals(checks, world):
    place = world.place
    told = place.call("partition", "split", "classify", "2")
    checks.that("without --yes it is told, and nothing is done", "classify-2" in told.stdout and "--yes" in told.stdout and
                world.parts() == ["classify"] and not (place.data / "config/classify-2.yaml").exists(), told.stdout)
    runs = place.call("partition", "split", "classify", "2", "--yes", ok=None)
    checks.that("what runs is not divided", runs.returncode == 1 and "stop" in runs.stderr and world.parts() == ["classify"], runs.stderr)
    for words, code, what in ((("ingest", "2"), 1, "cannot be divided"), (("classify", "9"), 2, "2 to 8"), (("classify", "1"), 2, "2 to 8"),
                              (("nobody", "2"), 2, "no such service")):
        done = place.call("partition", "split", *words, ok=None)
        checks.that(f"{' '.join(words)} is refused in words", done.returncode == code and what in done.stderr, done.stderr)


def divide(checks, world, n):
    place = world.place
    was = world.all_judged()
    done = place.call("partition", "split", "classify", n, "--yes")
    checks.that(f"divided into {n}", "done" in done.stdout and len(world.parts()) == n, done.stdout + done.stderr)
    again = place.call("partition", "split", "classify", n, "--yes", ok=None)
    checks.that(f"{n} once more changes nothing", again.returncode == 0 and world.all_judged() == was, again.stderr)
    wrong = place.call("partition", "split", "classify", "3", "--yes", ok=None)
    checks.that("parts are made of parts alone", wrong.returncode == 1 and "multiple" in wrong.stderr, wrong.stderr)


def another_part_is_refused(checks, world):
    """A configuration of before the division, or of another part: the program ends with 78 and the cure."""
    place = world.place
    config = place.data / "config/classify.yaml"
    kept = config.read_text(encoding="utf-8")
    for said, how in (("", "the whole"), ("partition: 2/2\n", "another part")):
        lines = [line for line in kept.split("\n") if not line.startswith("partition:")]
        config.write_text("\n".join(lines) + said, encoding="utf-8")
        done = subprocess.run([place.bin / "uppsikt-classify", "--config", config], capture_output=True, text=True, env=place.env(),
                              timeout=30, check=False)
        checks.that(f"p2 who has given accounts away does not start as {how}", done.returncode == 78 and
                    ("partition: 1/2" in done.stdout or "classify-2" in done.stdout), (done.returncode, done.stdout[-400:]))
    listed = place.rows("partition", "list", ok=(1,))
    checks.that("and partition list says so", next(r for r in listed if r["service"] == "classify")["state"] == "half", listed)
    sick = [r for r in place.rows("doctor", ok=(1,)) if r["check"] == "parts"]
    checks.that("and so does the doctor, with the cure", len(sick) == 1 and not sick[0]["good"] and "partition split" in sick[0]["cure"], sick)
    place.call("partition", "split", "classify", "2", "--yes")
    checks.that("the same call again puts it right", sorted(config.read_text(encoding="utf-8").split()) == sorted(kept.split()))


def one_stands_still(checks, world, total):
    """R42: the accounts of the other are judged; then all."""
    place = world.place
    theirs = [a for a in ACCOUNTS if world.home(a) == "classify-2"]
    others = [a for a in ACCOUNTS if a not in theirs]
    checks.that("both have accounts", theirs and others, theirs)
    pid = world.pid("classify-2")
    before = len(world.judged("classify"))
    os.kill(pid, signal.SIGSTOP)
    try:
        total = world.write()
        wait_for("the first part has judged its own", lambda: len(world.judged("classify")) == before + EACH * len(others))
        wait_for("escalation has heard of them", lambda: place.sql("escalation", "SELECT count(*) FROM item")[0][0] == total)
        without = place.sql("escalation", "SELECT count(*) FROM item i WHERE NOT EXISTS (SELECT 1 FROM matter m WHERE m.item = i.item"
                            " AND m.due_ms > 0)")[0][0]
        checks.that("r42 one stands still: the other judges its own accounts, and every comment has its clock", without == 0, without)
    finally:
        os.kill(pid, signal.SIGCONT)
    world.once(checks, "it goes on", total)
    return total


def adopted_everywhere(checks, world):
    place = world.place
    folder = place.folder / "lists"
    shutil.copytree(LISTS, folder)
    list_ = folder / "profanity.txt"
    list_.write_text(list_.read_text(encoding="utf-8") + f"{WORD} =3\n", encoding="utf-8")
    place.call("classify", "--adopt", folder, person="anna")
    sets = {part: place.sql(part, "SELECT lexicons FROM rule_set") for part in world.parts()}
    checks.that("r18 what a person adopts is in force in every part", len({str(v) for v in sets.values()}) == 1 and all(sets.values()), sets)
    total = world.write(text=f"Ni är {WORD}", each=1)
    world.once(checks, "with the new list", total)


def split_accounts(checks, world, since):
    """After a division each part says what it does of its own accounts alone."""
    accounts = world.accounts()
    strays = [(part, accounts[item]) for part in world.parts() for item in world.judged(part)[since.get(part, 0):]
              if world.home(accounts[item]) != part]
    checks.that("r42 each judges its own accounts", not strays, strays[:5])


def story(checks, world):
    place = world.place
    place.up()
    organisation(place)
    for account in ACCOUNTS[1:]:
        place.call("account", "take-over", "--id", account, "--platform", "facebook", "--unit", "komm", "--handle", account,
                   "--name", account, "--purpose", "samtal", "--watch", "api")
        place.call("account", "grant", account, "anna", "--rank", "1")
        place.call("account", "grant", account, "bo", "--rank", "2")
    total = world.write()
    world.once(checks, "one process", total)
    refusals(checks, world)
    place.down()

    since = {"classify": len(world.judged("classify"))}
    divide(checks, world, 2)
    another_part_is_refused(checks, world)
    checks.that("r23 evidence waits for all parts", "classify-2" in (place.data / "config/evidence.yaml").read_text(encoding="utf-8"))
    place.up()
    place.wait_up((*SERVICES, "classify-2", "evidence", "feed", "console"))
    total = world.write()
    world.once(checks, "two processes", total)
    split_accounts(checks, world, since)
    total = one_stands_still(checks, world, total)
    adopted_everywhere(checks, world)
    os.kill(world.pid("classify-2"), signal.SIGKILL)
    total = world.write()
    world.once(checks, "one was killed", total)
    item = world.judged("classify-2")[-1]
    held = json.loads(place.call("report", "person", "--item", item, "--json").stdout)["held"]
    checks.that("r29 what a part holds of somebody is told", {h["store"] for h in held if h["store"].startswith("classify")} == {"classify", "classify-2"}, held)
    parked = place.rows("park", "list", ok=(0, 1))
    checks.that("nothing is set aside by anybody", not parked, parked)
    seen = place.sql("feed", "SELECT count(*) FROM upp_cursor WHERE source LIKE 'classify%' AND seq > 0")[0][0]
    checks.that("r45 the feed hears both", seen == 2, seen)
    place.call("backup", place.folder / "backup")
    found = place.call("verify", place.folder / "backup", ok=None)
    checks.that("r44 the backup holds both, whole", found.returncode == 0 and (place.folder / "backup/classify-2/classify-2.db").exists(),
                found.stdout + found.stderr)
    place.down()

    since = {part: len(world.judged(part)) for part in world.parts()}
    divide(checks, world, 4)
    place.up()
    place.wait_up((*SERVICES, "classify-2", "classify-3", "classify-4"))
    total = world.write(text=f"Ni är {WORD} allihop")
    world.once(checks, "four processes", total)
    split_accounts(checks, world, since)
    place.down()


def main():
    checks = Checks()
    try:
        with Place(sys.argv[1]) as place:
            story(checks, World(place))
    except Failed as e:
        checks.that(f"the story goes to its end: {e}", False)
    return checks.end()


sys.exit(main())
