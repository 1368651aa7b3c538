#!/usr/bin/env python3
"""Real processes killed, stopped and starved while they work: nothing is lost, nothing happens twice.

usage: fault_test.py BIN [CASE...]   BIN: the folder with uppsikt and the services.
CASE: load, crash, disk, keys, rotate, rest; all of them without. P1, P2, P5, P7, R42: each line PASS or FAIL is one
thing that was looked at; "fault:" lines are the cases. FIGURE lines are numbers for the report.
"""
import datetime
import json
import os
import pathlib
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from place import SERVICES, Checks, Failed, Mails, Place, wait_for  # noqa: E402

EVERY = {"registry", "ingest", "classify", "escalation", "evidence", "archive", "console", "feed"}
COMMENTS = 20000
PERSONS = 30  # with access: each gets mails of her own
# G6's goals for a program at rest, in MB; the second where libcurl is loaded, which it is at its first use.
# What is held is printed against them; PSS shares the libraries' pages with whatever else runs, so only six
# times the goal, and five times the processor, fail.
GOAL, GOAL_CURL, GOAL_ALL = 4.0, 7.0, 40.0
TOO_MUCH, TOO_BUSY = 6, 5.0
TEXTS = (
    "Tack för en fin dag i parken, numret var {n}.",
    "När öppnar simhallen på lördag? Undrar över plats {n}.",
    "Ni är en jävla idiot allihop, {n}!",
    "Så fint med lekplatsen, hälsar {n}.",
    "Vad kostar det att hyra lokalen {n}?",
)
# Duty at every hour and mails soon, so that mail flows while things break.
POLICY = """version: 1
calendars:
  duty:
    version: 1
    holidays: none
    free_eves: []
    week:
      mon: ["00:00-24:00"]
      tue: ["00:00-24:00"]
      wed: ["00:00-24:00"]
      thu: ["00:00-24:00"]
      fri: ["00:00-24:00"]
      sat: ["00:00-24:00"]
      sun: ["00:00-24:00"]
delivery:
  collect: 1s
  mails_a_day: 1000
"""
ENDED_BROKEN = 70  # what a service ends with when its store said no (F3)


def lines(first, last):
    now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
    for n in range(first, last + 1):
        text = TEXTS[n % len(TEXTS)].format(n=n)
        yield json.dumps({"platform": "facebook", "account": "facebook-kommun", "external_id": f"fb-{n}", "kind": "comment",
                          "text": text, "author": {"id": f"u{n % 997}", "name": f"Namn {n % 997}"},
                          "created_at": now}, ensure_ascii=False)


def write_lines(path, first, last):
    path.write_text("\n".join(lines(first, last)) + "\n", encoding="utf-8")
    return path


def organisation(place, persons=PERSONS):
    place.call("account", "authority", "add", "--id", "ks", "--name", "Kommunstyrelsen", "--org-number", "212000-0001")
    place.call("account", "unit", "add", "--id", "komm", "--authority", "ks", "--name", "Kommunikation", "--communications")
    people = [f"p{n}" for n in range(persons)]
    for who in people:
        place.call("person", "add", "--id", who, "--unit", "komm", "--role", "administrator", "--first-name", who,
                   "--last-name", "Provsson", "--title", "kommunikatör", "--mail", f"{who}@kommun.example")
    place.call("account", "take-over", "--id", "facebook-kommun", "--platform", "facebook", "--unit", "komm",
               "--handle", "kommun", "--name", "Kommunen", "--purpose", "samtal", "--watch", "manual")
    for who in people:
        place.call("account", "grant", "facebook-kommun", who)


def start(place, mails):
    policy = place.folder / "policy.yaml"
    policy.write_text(POLICY)
    place.up(UPPSIKT_ESCALATION_MAIL_URL=f"smtp://127.0.0.1:{mails.port}",
             UPPSIKT_ESCALATION_MAIL_FROM="uppsikt@kommun.example", UPPSIKT_ESCALATION_POLICY=str(policy))


def number(place, service, query):
    """One number of a running service's store; 0 while it cannot be read."""
    try:
        rows = place.sql(service, query)
    except sqlite3.Error:
        return 0
    return rows[0][0] or 0 if rows else 0


def heads(place):
    """Where every log ends; {} while somebody does not answer."""
    states = place.states()
    return {name: int(state["head"]) for name, state in states.items() if state.get("sources") is not None} \
        if set(SERVICES) <= set(states) else {}


def behind(place, ends):
    """Who has not heard every log up to where it ended then, and how far it is."""
    states = place.states()
    return [f"{name} does not answer" for name in set(SERVICES) - set(states)] + [
        f"{name} is at {source['cursor']} of {source['source']}'s {ends[source['source']]}"
        for name, state in states.items() for source in state.get("sources", [])
        if int(source["cursor"]) < ends.get(source["source"], 0)]


def catch_up(place, seconds):
    """Waits until all have heard what all had said, what that led to, and what that led to. Evidence goes on
    saying something for as long as there are pages to capture, so there is no moment of silence to wait for."""
    for _ in range(3):
        ends = wait_for("every service answers", lambda: heads(place))
        try:
            wait_for("every service has caught up", lambda ends=ends: not behind(place, ends), seconds)
        except Failed as e:
            raise Failed(f"{e}: {'; '.join(behind(place, ends))}") from None


# -- the load, and what is killed under it

class Import:
    """`uppsikt import`, given again until it ends well: what a dead ingest had not answered is sent
    anew, and what it has already it says that it knows."""

    def __init__(self, place, file):
        self.runs = 0
        self.done = None
        self.thread = threading.Thread(target=self.run, args=(place, file), daemon=True)
        self.thread.start()

    def run(self, place, file):
        while self.runs < 20 and (self.done is None or self.done.returncode != 0):
            self.runs += 1
            self.done = place.call("import", file, "--wait", "3s", ok=None)

    def alive(self):
        return self.thread.is_alive()


def kill_under_load(place, checks):
    """20,000 comments come in; each service is killed while it works, one stands still for a while."""
    file = write_lines(place.folder / "many.ndjson", 1, COMMENTS)
    taken = lambda: number(place, "ingest", "SELECT count(*) FROM item")
    plan = [("classify", signal.SIGSTOP), ("ingest", signal.SIGKILL), ("classify", signal.SIGKILL),
            ("escalation", signal.SIGKILL), ("registry", signal.SIGKILL), ("escalation", signal.SIGKILL)]
    began = time.monotonic()
    importer = Import(place, file)
    for i, (service, sig) in enumerate(plan):
        goal = (i + 1) * COMMENTS // (len(plan) + 2)
        wait_for(f"{goal} comments are in", lambda goal=goal: taken() >= goal, 120)
        pid = wait_for(f"{service} runs", lambda service=service: place.pid(service))
        os.kill(pid, sig)
        at = taken()
        if sig == signal.SIGSTOP:
            # It stands still until the others have gone on without it (R42).
            wait_for("ingest goes on beside a service that stands still", lambda at=at: taken() > at + 500 or not importer.alive())
            os.kill(pid, signal.SIGCONT)
        checks.that(f"fault: {service} {signal.Signals(sig).name} after {at} of {COMMENTS} comments", at > 0)
    wait_for("the import ends", lambda: not importer.alive(), 180)
    checks.that(f"the import ends well, given {importer.runs} times", importer.done.returncode == 0, importer.done.stderr[-300:])
    catch_up(place, 120)
    print(f"FIGURE {COMMENTS} comments through three services with {len(plan)} faults: {time.monotonic() - began:.1f} s")


def subjects(place, service, kind):
    return [s for (s,) in place.sql(service, f"SELECT subject FROM upp_log WHERE type = 'uppsikt.{kind}'")]


def everything_once(place, checks):
    """P1, P2: by the stores themselves, beside the running services."""
    items = {i for (i,) in place.sql("ingest", "SELECT item FROM item")}
    checks.that(f"ingest holds every comment once ({COMMENTS})", len(items) == COMMENTS, len(items))
    said = subjects(place, "ingest", "CommentReceived")
    checks.that("each was said once", len(said) == COMMENTS and set(said) == items, len(said))
    judged = subjects(place, "classify", "CommentClassified")
    checks.that("classify judged each once", len(judged) == COMMENTS and len(set(judged)) == COMMENTS, len(judged))
    kept = [i for (i,) in place.sql("escalation", "SELECT item FROM item")]
    checks.that("escalation knows each once", len(kept) == COMMENTS and set(kept) == items, len(kept))
    opened = [e["data"]["matter"] for e in place.rows("tail", "escalation", "--from", "0", "--type", "MatterOpened", "--idle", "3s")]
    matters = [m for (m,) in place.sql("escalation", "SELECT matter FROM matter")]
    checks.that(f"every matter was opened once ({len(matters)})", len(matters) > COMMENTS // 5 and
                len(opened) == len(set(opened)) and set(opened) == set(matters), f"{len(opened)} {len(matters)}")
    for service in SERVICES:
        whole = place.sql(service, "PRAGMA integrity_check")[0][0]
        seqs = place.sql(service, "SELECT count(*), max(seq) FROM upp_log")[0]
        parked = place.sql(service, "SELECT count(*) FROM upp_parked")[0][0]
        checks.that(f"{service}: the store is whole, the log dense, nothing parked",
                    whole == "ok" and seqs[0] == seqs[1] and parked == 0, f"{whole} {seqs} {parked}")
    verified = place.call("verify", ok=None)
    checks.that("`uppsikt verify` finds every chain whole", verified.returncode == 0, verified.stdout[-300:])


def mails_once(place, checks, mails):
    """P5: what was said to be sent lies in the mailbox; twice only with the same Message-ID."""
    wait_for("every person's mail has ended", lambda: number(
        place, "escalation", "SELECT count(*) FROM upp_ask WHERE port = 'mail' AND state <> 0") >= PERSONS and number(
        place, "escalation", "SELECT count(*) = 0 FROM upp_ask WHERE port = 'mail' AND state = 0"), 60)
    keys = {k for (k,) in place.sql("escalation", "SELECT key FROM upp_ask WHERE port = 'mail' AND state = 1")}
    dead = place.sql("escalation", "SELECT count(*) FROM upp_ask WHERE port = 'mail' AND state = 2")[0][0]
    got = mails.all()
    by_id = {}
    for mail in got:
        by_id.setdefault(mail["Message-ID"].strip("<> ").split("@")[0], []).append((mail["To"], mail["Subject"]))
    missing = [k for k in keys if not any(k in i for i in by_id)]
    to = {t for mails_of in by_id.values() for t, _ in mails_of}
    checks.that(f"each of {PERSONS} persons has a mail", len(to) == PERSONS, len(to))
    checks.that(f"no mail is missing ({len(keys)} asked, {len(got)} came)", keys and not missing and dead == 0,
                f"{missing[:3]} {dead}")
    checks.that("a mail that came twice is the same", all(len(set(m)) == 1 for m in by_id.values()))
    print(f"FIGURE mails: {len(keys)} asked for, {len(got)} in the mailbox, {len(got) - len(by_id)} repeated with the same Message-ID")


def load(place, checks, mails):
    kill_under_load(place, checks)
    everything_once(place, checks)
    mails_once(place, checks, mails)


# -- one service alone, under strace

class Alone:
    """A service without the supervisor, with its own configuration, under strace or without."""

    def __init__(self, place, words=(), service="ingest", prefix=()):
        self.place = place
        command = [*prefix, place.bin / f"uppsikt-{service}", "--config", place.data / f"config/{service}.yaml"]
        if words:
            command = ["strace", "-f", "-qq", "-o", place.folder / "strace.out", *words, *command]
        run = next((r for r in place.folder.glob("uppsikt-*")), place.folder)
        self.process = place.start(command, "alone.log", UPPSIKT_RUN=str(run))

    def ready(self):
        """It answers; readiness would want the others, who are not there."""
        return self.process.alive() and \
            self.place.call("account", "connections", "--wait", "1s", ok=None).returncode == 0

    def up(self):
        return not self.process.alive() or self.ready()

    def end(self, seconds=30):
        """Waits for it to end by itself; its code as a shell tells it. None: it lives on."""
        try:
            code = self.process.child.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        finally:
            if not self.process.alive():
                self.place.started.remove(self.process)
        return 128 - code if code < 0 else code

    def stop(self):
        self.process.stop()
        self.place.started.remove(self.process)


def giving(place, file):
    """`uppsikt import` in the background: it goes on when ingest is there again, for half a minute."""
    return place.start([place.bin / "uppsikt", "import", "--data", place.data, file, "--wait", "3s"], "import.log")


def ended(place, process):
    code = process.child.wait(60)
    place.started.remove(process)
    return code


def crash_at(place, checks, name, words, step, codes):
    """One case: ingest runs under strace, lines come, it ends; it starts clean and has them all once."""
    first = step * 100 + 1000000
    file = write_lines(place.folder / "some.ndjson", first, first + 99)
    before = number(place, "ingest", "SELECT count(*) FROM item")
    alone = Alone(place, words)
    wait_for("ingest is up, or has ended", alone.up)
    importer = giving(place, file)
    code = alone.end(10)
    if code is None:
        checks.that(f"fault: {name}: the fault was met", False, "it lives on")
        alone.stop()
    after = Alone(place)
    given = ended(place, importer)
    whole = place.sql("ingest", "PRAGMA integrity_check")[0][0]
    now = number(place, "ingest", "SELECT count(*) FROM item")
    twice = place.sql("ingest", "SELECT count(*) - count(DISTINCT subject) FROM upp_log"
                      " WHERE type = 'uppsikt.CommentReceived'")[0][0]
    dense = place.sql("ingest", "SELECT count(*) = max(seq) FROM upp_log")[0][0]
    after.stop()
    checks.that(f"fault: {name}: ended with {code}, started clean, every line once",
                code in codes and given == 0 and whole == "ok" and now == before + 100 and twice == 0 and dense,
                f"{code} {given} {whole} {now - before} {twice} {dense}")


def crash(place, checks, _):
    """P1: SIGKILL at exactly the N-th system call that writes; F3: a failed fsync ends the process."""
    killed = (128 + signal.SIGKILL,)
    step = 0
    for call, counts in (("pwrite64", (3, 12, 25, 40, 60)), ("fdatasync", (1, 2))):
        for n in counts:
            step += 1
            crash_at(place, checks, f"SIGKILL at {call} {n}", ["-e", f"trace={call}", "-e", f"inject={call}:signal=SIGKILL:when={n}"],
                     step, killed)
    for n in (1, 2):
        step += 1
        crash_at(place, checks, f"EIO at fdatasync {n}", ["-e", "trace=fdatasync", "-e", f"inject=fdatasync:error=EIO:when={n}"],
                 step, (ENDED_BROKEN,))


def disk(place, checks, _):
    """P7: from the N-th write on there is no room: what was answered stays, the service says why."""
    file = write_lines(place.folder / "full.ndjson", 2000001, 2000100)
    before = number(place, "ingest", "SELECT count(*) FROM item")
    alone = Alone(place, ["-e", "trace=pwrite64", "-e", "inject=pwrite64:error=ENOSPC:when=30+"])
    wait_for("ingest is up, or has ended", alone.up)
    importer = giving(place, file)
    code = alone.end(3)
    kept = number(place, "ingest", "SELECT count(*) FROM item") - before
    said = importer.child.poll()
    if code is None:
        alone.stop()
    log = alone.process.text()
    after = Alone(place)
    given = ended(place, importer)
    if given != 0:
        given = place.call("import", file, ok=None).returncode
    now = number(place, "ingest", "SELECT count(*) FROM item") - before
    whole = place.sql("ingest", "PRAGMA integrity_check")[0][0]
    after.stop()
    checks.that("fault: ENOSPC from pwrite64 30 on: nothing is said to be in that is not", said != 0 or kept == 100,
                f"{said} {kept}")
    checks.that("fault: ENOSPC: the service says why", "full" in log or "no space" in log.lower() or "room" in log, log[-500:])
    checks.that("fault: ENOSPC: with room again every line is in once", given == 0 and now == 100 and whole == "ok",
                f"{given} {now} {whole}")


# -- keys

def keys(place, checks, _):
    """R43: a stranger, a known key without right and a revoked key get nothing on any socket."""
    own = place.data / "keys"
    place.call("status")
    every = wait_for("every service is heard", lambda: EVERY <= set(place.states()) and EVERY)
    checks.that(f"with its own key the command hears every service: {len(every)}", every)
    for name, make in (("a stranger's key", stranger), ("a service's key without that right", classify_as_command)):
        folder = place.folder / "other-keys"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(own, folder)
        make(place, folder)
        for service, words in ((s, ("park", "list", s)) for s in sorted(EVERY)):
            done = place.call(*words, "--wait", "3s", keys=folder, ok=None)
            checks.that(f"fault: {name} is refused by {service}", done.returncode == 1, f"{done.returncode} {done.stdout}{done.stderr}")
    # Revoked: the key was good a moment ago.
    public = own / "uppsikt.pub"
    kept = public.read_bytes()
    public.unlink()
    os.kill(place.supervisor.child.pid, signal.SIGHUP)
    folder = place.folder / "other-keys"
    shutil.rmtree(folder)
    shutil.copytree(own, folder)
    (folder / "uppsikt.pub").write_bytes(kept)

    def refused(service):
        return place.call("park", "list", service, "--wait", "1s", keys=folder, ok=None).returncode == 1
    for service in sorted(EVERY):
        checks.that(f"fault: a revoked key is refused by {service}", wait_for(f"{service} refuses", lambda s=service: refused(s), 20))
    public.write_bytes(kept)
    os.kill(place.supervisor.child.pid, signal.SIGHUP)
    wait_for("with the key back all is heard again", lambda: EVERY <= set(place.states()))


def stranger(place, folder):
    """A pair that no service has ever seen, under the command's own name."""
    fresh = place.folder / "fresh"
    shutil.rmtree(fresh, ignore_errors=True)
    place.call_own("keys", "init", "--data", fresh)
    for end in ("key", "pub"):
        shutil.copy(fresh / f"keys/uppsikt.{end}", folder / f"uppsikt.{end}")


def classify_as_command(_, folder):
    """classify's own pair, used to command: known, and not allowed."""
    for end in ("key", "pub"):
        shutil.copy(folder / f"classify.{end}", folder / f"uppsikt.{end}")
        (folder / f"classify.{end}").unlink()


# -- a new pair of keys

def rotate(place, checks, _):
    """R43, R44: every peer gets a new pair while comments come in: none is refused, none is lost; the old is refused."""
    own = place.data / "keys"
    shutil.rmtree(place.folder / "before-keys", ignore_errors=True)
    shutil.copytree(own, place.folder / "before-keys")
    before = number(place, "ingest", "SELECT count(*) FROM item")
    importer = Import(place, write_lines(place.folder / "rotated.ndjson", 6000001, 6001500))
    began = time.monotonic()
    pids = {s: place.pid(s) for s in SERVICES}
    for peer in (*SERVICES, "uppsikt"):
        done = place.call("keys", "rotate", peer, "--within", "90s", ok=None)
        checks.that(f"fault: {peer} has a new pair, and everybody uses it", done.returncode == 0, done.stderr[-300:])
    print(f"FIGURE {len(SERVICES) + 1} pairs of keys changed under load in {time.monotonic() - began:.1f} s")
    wait_for("the import ends", lambda: not importer.alive(), 180)
    catch_up(place, 120)
    now = number(place, "ingest", "SELECT count(*) FROM item")
    checks.that("no comment was lost or came twice meanwhile", importer.done.returncode == 0 and now == before + 1500 and number(
        place, "escalation", "SELECT count(*) FROM item") == now, f"{importer.done.returncode} {now - before} {importer.done.stderr[-200:]}")
    checks.that("the processes are the same", all(place.pid(s) == p for s, p in pids.items()), {s: (p, place.pid(s)) for s, p in pids.items()})
    old = place.call("park", "list", "registry", "--wait", "2s", keys=place.folder / "before-keys", ok=None)
    checks.that("the old pair is refused", old.returncode == 1 and not list(own.glob("*.old")), f"{old.returncode} {list(own.glob('*.old'))}")


# -- an old backup

def rest(place, checks, _):
    """G6: what each program that runs needs when nothing happens, the supervisor and the browser's keeper too."""
    pids = place.programs()
    ticks = os.sysconf("SC_CLK_TCK")

    def used(pid):
        words = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(words[11]) + int(words[12])) / ticks

    def pss(pid):
        for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().split("\n"):
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024 / 1e6
        return 0.0
    began = time.monotonic()
    before = {s: used(p) for s, p in pids.items()}
    # Five seconds of nothing: the one thing here that is about time itself.
    wait_for("five seconds have gone", lambda: time.monotonic() - began > 5)
    span = time.monotonic() - began
    total = 0.0
    for service, pid in pids.items():
        links_curl = "libcurl" in pathlib.Path(f"/proc/{pid}/maps").read_text()
        goal = GOAL_CURL if links_curl else GOAL
        limit = goal * TOO_MUCH
        share = (used(pid) - before[service]) / span * 100
        size = pss(pid)
        total += size
        print(f"FIGURE idle {service}: PSS {size:.1f} MB (goal {goal:.0f}{', NOT REACHED' if size > goal else ''}), CPU {share:.2f} % (limit 1)")
        checks.that(f"{service} at rest hardly needs a processor", share <= TOO_BUSY, share)
        checks.that(f"{service} at rest holds at most {limit:.0f} MB", size <= limit, f"{size:.1f}")
    print(f"FIGURE idle all {len(pids)} programs together: PSS {total:.1f} MB "
          f"(goal {GOAL_ALL:.0f}{', NOT REACHED' if total > GOAL_ALL else ''})")
    checks.that("every program was looked at", EVERY | {"uppsikt", "capture"} <= set(pids), sorted(pids))
    checks.that("all programs at rest are no leak", total <= GOAL_ALL * TOO_MUCH, f"{total:.1f}")


def run(wanted, together, alone):
    """The cases that are wanted, of those that need the whole suite and of those that a service is tried in alone."""
    checks = Checks()
    random.seed(1)
    try:
        with Place(sys.argv[1]) as place:
            mails = Mails(place)
            start(place, mails)
            organisation(place)
            catch_up(place, 120)
            for name in wanted:
                if name in together:
                    together[name](place, checks, mails)
            checks.that("uppsikt up ends with 0", place.down() == 0)
            # The register is asked by `uppsikt import`; it is not what is tried.
            register = Alone(place, service="registry") if set(wanted) & set(alone) else None
            for name in wanted:
                if name in alone:
                    alone[name](place, checks, mails)
            if register:
                register.stop()
    except Failed as e:
        checks.that(f"the cases go to their end: {e}", False)
    return checks.end()


if __name__ == "__main__":
    sys.exit(run(sys.argv[2:] or ["rest", "load", "keys", "rotate", "crash", "disk"],
                 {"rest": rest, "load": load, "keys": keys, "rotate": rotate}, {"crash": crash, "disk": disk}))
