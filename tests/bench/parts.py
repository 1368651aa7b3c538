"""What tests/bench/run measures with: the disk, a hop, a peer's hop, the whole thread, programs at rest."""
import contextlib
import json
import os
import pathlib
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from place import SERVICES, Failed, Place, Process, Tail, free_port, short_type, wait_for  # noqa: E402

# A number of ours, wherever it stands in the text.
NUMBER = re.compile(r"(uppsikt_[a-z_]+)(?:\{[^}]*\})? (-?[0-9]+)")
TICK = os.sysconf("SC_CLK_TCK")


class Lost(Exception):
    """An event was lost or doubled: the round is void."""


def median(values):
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def fdatasync_ms(folder, times=300):
    """p50 of appending 4 KiB and fdatasync, ms: the line that every bench prints first."""
    page, taken = os.urandom(4096), []
    with tempfile.NamedTemporaryFile(dir=folder) as f:
        for _ in range(times):
            start = time.perf_counter()
            os.write(f.fileno(), page)
            os.fdatasync(f.fileno())
            taken.append((time.perf_counter() - start) * 1000)
    return median(taken)


def cpu_seconds(pid):
    """User and system time of a process so far, in ticks of 10 ms."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def count(database, query):
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=20)) as db:
        return db.execute(query).fetchone()[0]


def expect(what, got, wanted):
    if got != wanted:
        raise Lost(f"{what}: {got} rows, not {wanted}")


def said(words, **how):
    """The one JSON object that a program says."""
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True, timeout=300, check=False, **how)
    if done.returncode:
        raise Lost(f"{pathlib.Path(words[0]).name} ended with {done.returncode}: {done.stderr.strip()[-300:]}")
    return json.loads(done.stdout)


@contextlib.contextmanager
def fresh_folder():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="uppb-", dir=os.environ.get("UPP_BENCH_DIR", "/tmp")))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# -- one hop

def hop(programs, events, curve):
    with fresh_folder() as folder:
        result = said([programs / "upp-bench-hop", "--curve", curve, "--events", events, "--dir", folder, "--json"])
        expect("log of the hop", count(folder / "ingest.db", "SELECT count(*) FROM upp_log"), events)
        expect("heard of the hop", count(folder / "escalation.db", "SELECT count(*) FROM heard"), events)
        expect("set aside by the hop", count(folder / "escalation.db", "SELECT count(*) FROM upp_parked"), 0)
        return result


PEERS = {
    "nats": ("nats-server", lambda program, port, folder: [
        program, "-js", "-sd", folder, "-a", "127.0.0.1", "-p", port]),
    "redis": ("redis-server", lambda program, port, folder: [
        program, "--port", port, "--bind", "127.0.0.1", "--dir", folder, "--save", "",
        "--appendonly", "yes", "--appendfsync", "always"]),
}


def server_of(peer):
    return shutil.which(PEERS[peer][0], path=os.environ["PATH"] + ":/usr/sbin")


def present(programs, peer):
    return bool(server_of(peer)) and (programs / f"upp-bench-{peer}").exists()


def listens(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


def peer_hop(programs, events, peer):
    """The same hop over a peer: its server, a client that publishes, one that commits rows."""
    with fresh_folder() as folder:
        port = free_port()
        words = [str(w) for w in PEERS[peer][1](server_of(peer), port, folder)]
        server = Process(words, folder / "server.log")
        try:
            wait_for(f"{peer} listens", lambda: listens(port))
            before = cpu_seconds(server.child.pid)
            result = said([programs / f"upp-bench-{peer}", port, events, folder])
            servers = (cpu_seconds(server.child.pid) - before) / events * 1e6
        finally:
            server.stop()
        expect(f"heard of {peer}", count(folder / "heard.db", "SELECT count(*) FROM heard"), events)
        return {**result, "cpu_us_per_event": round(result["cpu_us_per_event"] + servers, 1)}


# -- the whole thread

TEXTS = ("När öppnar badhuset på lördag, och vad kostar det för barn? Nummer {n}.",
         "Hur ansöker man om plats i förskolan i höst? Ärende {n}.",
         "Ni är ju en jävla idiot allihop på kontoret! {n}",
         "Tack för en fin dag i parken, vi kommer gärna tillbaka. {n}")


def comment(n):
    return json.dumps({"platform": "facebook", "account": "facebook-kommun", "external_id": f"fb-{n}",
                       "thread_id": f"fb-post-{n % 100}", "kind": "comment", "text": TEXTS[n % len(TEXTS)].format(n=n),
                       "author": {"id": f"u{n}", "name": f"Person {n}"},
                       "created_at": "2026-11-20T10:00:00+01:00"}, ensure_ascii=False) + "\n"


def organisation(place):
    place.call("account", "authority", "add", "--id", "ks", "--name", "Kommunstyrelsen", "--org-number", "212000-0001")
    place.call("account", "unit", "add", "--id", "komm", "--authority", "ks", "--name", "Kommunikation", "--communications",
               "--mail", "kommunikation@kommun.example")
    for who, role in (("anna", "administrator"), ("chef", "manager")):
        place.call("person", "add", "--id", who, "--unit", "komm", "--role", role, "--first-name", who.title(),
                   "--last-name", "Provsson", "--title", "kommunikatör", "--mail", f"{who}@kommun.example")
    place.call("account", "unit", "add", "--id", "komm", "--authority", "ks", "--name", "Kommunikation", "--communications",
               "--mail", "kommunikation@kommun.example", "--manager", "chef", "--head", "chef")
    place.call("account", "take-over", "--id", "facebook-kommun", "--platform", "facebook", "--unit", "komm",
               "--handle", "kommun", "--name", "Kommunen", "--purpose", "samtal", "--watch", "api")
    place.call("account", "grant", "facebook-kommun", "anna", "--rank", "1")
    wait_for("ingest knows the account", lambda: place.sql("ingest", "SELECT 1 FROM account WHERE account = 'facebook-kommun'"))


def metrics(place, service):
    """The sums of a service's metrics by name, from its own /metrics."""
    sums = {}
    for name, value in NUMBER.findall(place.metrics(service)):
        sums[name] = sums.get(name, 0) + int(value)
    return sums


def heads(place):
    return {s: place.sql(s, "SELECT coalesce(max(seq), 0) FROM upp_log")[0][0] for s in ("ingest", "classify")}


def caught_up(place, comments):
    """Everything that was imported has been judged, and escalation has heard every word of it."""
    if place.sql("ingest", "SELECT count(*) FROM item")[0][0] < comments:
        return False
    behind = dict(place.sql("classify", "SELECT source, seq FROM upp_cursor"))
    heard = dict(place.sql("escalation", "SELECT source, seq FROM upp_cursor"))
    ends = heads(place)
    return behind.get("ingest") == ends["ingest"] == heard.get("ingest") and heard.get("classify") == ends["classify"] \
        and ends["classify"] >= comments


def expect_thread(place, comments):
    expect("ingest.item", place.sql("ingest", "SELECT count(*) FROM item")[0][0], comments)
    expect("classify.judged", place.sql("classify", "SELECT count(DISTINCT item) FROM judged")[0][0], comments)
    expect("escalation.item", place.sql("escalation", "SELECT count(*) FROM item")[0][0], comments)
    wanted = place.sql("escalation", "SELECT count(*) FROM upp_log WHERE type = 'uppsikt.MatterOpened'")[0][0]
    expect("escalation.matter", place.sql("escalation", "SELECT count(*) FROM matter")[0][0], wanted)
    for service in SERVICES:
        expect(f"{service}.upp_parked", place.sql(service, "SELECT count(*) FROM upp_parked")[0][0], 0)
    return wanted


@contextlib.contextmanager
def suite(programs):
    with Place(programs) as place:
        place.up()
        organisation(place)
        yield place


def thread(programs, comments):
    """An NDJSON file into ingest, judged, and made matters: four processes, four stores, CURVE."""
    with suite(programs) as place:
        file = place.folder / "comments.ndjson"
        file.write_text("".join(map(comment, range(comments))), encoding="utf-8")
        before = {s: metrics(place, s) for s in SERVICES}
        cpu = {s: cpu_seconds(place.pid(s)) for s in SERVICES}
        start = time.monotonic()
        importing = place.start([place.bin / "uppsikt", "import", file, "--data", place.data], "import.log")
        wait_for("the last matter", lambda: not importing.alive() and caught_up(place, comments), 300)
        span = time.monotonic() - start
        if importing.child.returncode:
            raise Failed(f"import ended with {importing.child.returncode}: {importing.text()[-300:]}")
        cpu = {s: (cpu_seconds(place.pid(s)) - cpu[s]) / comments * 1e6 for s in SERVICES}
        commits = {}
        for service in ("ingest", "classify", "escalation"):
            grown = {k: v - before[service].get(k, 0) for k, v in metrics(place, service).items()}
            commits[service] = grown["uppsikt_batches_total"] / grown["uppsikt_events_published_total"]
        matters = expect_thread(place, comments)
        pss = {s: pss_bytes(place.pid(s)) for s in SERVICES}
        return {"events_per_second": comments / span, "cpu_us_per_event": sum(cpu.values()), "cpu_of": cpu,
                "commits_of": commits, "matters": matters, "pss_after": pss}


class TimedTail(Tail):
    """Notes when each event was heard."""

    def read(self):
        for line in self.child.stdout:
            event = {**json.loads(line), "heard": time.monotonic()}
            with self.news:
                self.events.append(event)
                self.news.notify_all()


def low_load(programs, comments, per_second=20):
    """p50 in ms from when an import of one comment was to start until the matter of its question is heard on
    the bus: the start of a program for each comment, and the JSON of `uppsikt tail`, are in it.
    The n-th matter heard is taken to answer the n-th import that was due."""
    def opened():
        return [e for e in tail.of("MatterOpened") if e["data"]["kind"] == "MATTER_KIND_QUESTION"]
    with suite(programs) as place:
        tail = TimedTail([str(place.bin / "uppsikt"), "tail", "--json", "--data", str(place.data)], place.env())
        place.started.append(tail)
        due, pause = [], threading.Event()
        start = time.monotonic() + 2.0
        for n in range(comments):
            due.append(start + n / per_second)
            pause.wait(max(0.0, due[-1] - time.monotonic()))
            file = place.folder / f"{n}.ndjson"
            file.write_text(comment(n * len(TEXTS)), encoding="utf-8")   # a question each
            place.start([place.bin / "uppsikt", "import", file, "--data", place.data], "import.log")
        wait_for("every matter", lambda: len(opened()) >= comments)
        heard = {e["data"]["item"]: e["heard"] for e in opened()}
        received = {e["data"]["item"]: e["heard"] for e in tail.of("CommentReceived")}
        expect("matters at low load", len(opened()), comments)
        expect("comments at low load", len(tail.of("CommentReceived")), comments)
        expect("items at low load", len(heard.keys() & received.keys()), comments)
        whole = [h - d for h, d in zip(sorted(heard.values()), due)]
        return {"import_to_matter_p50_ms": median(whole) * 1000,
                "received_to_matter_p50_ms": median([heard[i] - received[i] for i in heard]) * 1000}


# -- at rest

def pss_bytes(pid):
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().split("\n"):
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0


def at_rest(programs, seconds=10):
    """PSS and CPU of every program of `uppsikt up` on fresh data, when nothing happens. PSS shares the libraries'
    pages with whatever else runs on the machine: quote it with nothing else running."""
    with Place(programs) as place:
        place.up()
        pids = place.programs()
        before = {name: cpu_seconds(pid) for name, pid in pids.items()}
        start = time.monotonic()
        threading.Event().wait(seconds)
        span = time.monotonic() - start
        return {name: {"pss_mb": pss_bytes(pid) / 1e6, "cpu_percent": (cpu_seconds(pid) - before[name]) / span * 100,
                       "curl": "libcurl" in pathlib.Path(f"/proc/{pid}/maps").read_text()}
                for name, pid in pids.items()}
