#!/usr/bin/env python3
"""A timestamp authority and the day's signed head, with real processes and the openssl command as the authority: off
unless it is named; one that is down or answers badly stops nothing and is believed in nothing; what it says is checked
anywhere, with `uppsikt verify` and with openssl alone, as services/evidence/README.md says.

usage: stamp_test.py BIN   BIN: the folder with uppsikt and the services.
R22, R27, R42; P6. The suite's time goes fast: a day is some seconds. One line PASS or FAIL for each thing.
"""
import json
import pathlib
import re
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from place import ROOT, Checks, Failed, Place, free_port, short_type, wait_for  # noqa: E402
from fake_tsa import FakeTsa  # noqa: E402
from rules_world import organisation, write  # noqa: E402

SPEED = 8000  # a day in 11 s
NEEDED = ("registry", "ingest", "classify", "escalation", "evidence")
NEWEST = "SELECT reason, stamped_ms, tries FROM stamp ORDER BY day DESC LIMIT 1"
# What an authority does: what is said of it.
FAULTS = {"broken": "stamp-no-reply", "page": "stamp-no-reply", "elsewhere": "stamp-no-reply", "garbage": "token-malformed",
          "refuses": "token-refused", "huge": "stamp-too-large", "slow": "stamp-timeout", "nonce": "token-nonce",
          "imprint": "token-imprint", "stranger": "token-chain", "ended": "token-chain", "unfit": "token-chain"}


class World:
    def __init__(self, checks, place):
        self.checks, self.place = checks, place
        self.tsa = FakeTsa(place.folder / "tsa")
        self.ca = place.folder / "rot.pem"
        self.ca.write_bytes(self.tsa.roots(self.tsa.ended))
        self.number = 0
        self.tail = None

    def settings(self, *paths, **more):
        urls = " ".join(p if p.startswith("http") else self.tsa.url + p for p in paths)
        names = {"URL": urls, "CA": str(self.ca), "TIMEOUT": "2s", **more}
        return {f"UPPSIKT_EVIDENCE_TSA_{name}": value for name, value in names.items()}

    def up(self, **env):
        self.place.up("--speed", SPEED, **env)
        self.place.wait_up(NEEDED)

    def follow(self):
        self.tail = self.place.follow()

    def seal(self):
        """A comment that breaks the rules is sealed; its record."""
        known = {e["data"]["record"] for e in self.tail.of("EvidenceSealed")}
        self.number += 1
        write(self.place, self.tail, self.number, f"Ni är dumma rötägg allihop, nummer {self.number}")
        return self.tail.wait("a copy is sealed", lambda e: short_type(e) == "EvidenceSealed" and
                              e["data"]["record"] not in known)["data"]["record"]

    def next(self, name, seconds=60):
        """The first event of that name from now on."""
        n = len(self.tail.of(name))
        return wait_for(f"another {name}", lambda: self.tail.of(name)[n:], seconds)[0]["data"]

    def newest(self):
        rows = self.place.sql("evidence", NEWEST)
        return rows[0] if rows else ("", 0, 0)

    def pid(self):
        return self.place.pid("evidence")


def off(w):
    w.up()
    organisation(w.place)
    w.follow()
    w.seal()
    w.next("TreeHeadSigned")
    w.checks.that("r22 off unless it is named: a head is signed, nobody is asked", w.tsa.asked == [] and
                  w.place.sql("evidence", "SELECT count(*) FROM stamp") == [(0,)])
    maps = pathlib.Path(f"/proc/{w.pid()}/maps").read_text()
    w.checks.that("r40 and libcrypto is not held", "libcrypto" not in maps)
    w.place.down()


def refused(w):
    """What is said before anything starts."""
    broken = w.place.folder / "broken.pem"
    broken.write_bytes(w.ca.read_bytes().replace(b"MII", b"***", 1))
    for name, more, word in (("no roots", {"CA": ""}, "tsa_ca"), ("roots that are none", {"CA": str(ROOT / "LICENSE")}, "tsa_ca"),
                             ("a file that is not there", {"CA": "/nowhere"}, "tsa_ca"), ("ftp", {"URL": "ftp://tsa.example/"}, "tsa_url"),
                             ("a password", {"URL": "https://u:p@tsa.example/"}, "tsa_url")):
        done = subprocess.run([str(w.place.bin / "uppsikt-evidence"), "--config", str(w.place.data / "config" / "evidence.yaml"),
                               "check-config"], capture_output=True, text=True, timeout=30, check=False,
                              env=w.place.env(**w.settings("/a", **more)))
        w.checks.that(f"r22 refused: {name}", done.returncode == 78 and word in done.stderr.lower(), done)
    done = subprocess.run([str(w.place.bin / "uppsikt-evidence"), "--config", str(w.place.data / "config" / "evidence.yaml")],
                          capture_output=True, text=True, timeout=30, check=False, env=w.place.env(UPPSIKT_SPEED=str(SPEED), **w.settings("/a", CA=str(broken))))
    w.checks.that("r22 refused: a certificate that cannot be read", done.returncode == 78 and "tsa_ca: holds something" in
                  done.stdout + done.stderr, done)


def failing(w):
    """Everything that can be wrong, one after the other, while copies are sealed and heads signed."""
    checks, tsa = w.checks, w.tsa
    tsa.moods["/a"] = "broken"
    w.up(**w.settings("/a"))
    pid = w.pid()
    w.follow()
    said = w.tail.wait("it is said", lambda e: short_type(e) == "TreeHeadUnstamped", 60)["data"]
    checks.that("r42 that there is no stamp is said, and why", said["reason"] == "stamp-no-reply", said)
    checks.that("r42 and stands in the metrics", "uppsikt_head_stamp_failing 1" in w.place.metrics("evidence"))
    first = tsa.asked[0]
    checks.that("r22 it is asked as RFC 3161 says", first["method"] == "POST" and first["type"] == "application/timestamp-query" and
                len(first["body"]) < 80, first)
    shown = subprocess.run(["openssl", "ts", "-query", "-in", "/dev/stdin", "-text"], input=first["body"], capture_output=True,
                           timeout=30, check=False).stdout.decode()
    checks.that("r22 openssl reads the question", "sha256" in shown and "Certificate required: yes" in shown and
                re.search(r"Nonce: 0x[0-9A-F]{8}", shown) is not None, shown)
    for mood, why in FAULTS.items():
        before = tsa.count("/a")
        tsa.moods["/a"] = mood
        wait_for(f"{mood} has been asked twice", lambda n=before: tsa.count("/a") >= n + 3, 60)
        row = wait_for(f"{mood}: {why}", lambda y=why: next((r for r in [w.newest()] if r[0] == y), None))
        checks.that(f"r22 an authority that is {mood} is not believed: {why}", row[1] == 0, row)
    checks.that("r22 nobody follows it elsewhere", tsa.count("/elsewhere-landed") == 0)
    w.seal()
    head = w.next("TreeHeadSigned")
    checks.that("r42 copies are sealed and heads signed meanwhile", head["tree_size"] > said["tree_size"], (head, said))
    checks.that("r42 it was said once", len(w.tail.of("TreeHeadUnstamped")) == 1, w.tail.of("TreeHeadUnstamped"))
    checks.that("r22 no stamp was taken", w.tail.of("TreeHeadStamped") == [])
    checks.that("r42 the service has not been started again for any of it", w.pid() == pid)
    text = (w.place.data / "log" / "evidence.log").read_text(encoding="utf-8")
    checks.that("r42 the log says which one, and why", "authority 1 of tsa_url gave none: token-chain" in text)
    tsa.moods["/a"] = "fine"
    stamped = w.tail.wait("a stamp", lambda e: short_type(e) == "TreeHeadStamped", 60)["data"]
    checks.that("r22 and when it is well again the newest head is stamped", stamped["tree_size"] == head["tree_size"] and
                stamped["authority"] == "Tidsstamplaren", stamped)
    wait_for("the metrics say so", lambda: "uppsikt_head_stamp_failing 0" in w.place.metrics("evidence"))
    checks.that("r42 the metrics say so", True)
    w.place.down()


def next_one(w):
    """Nobody listens at the first, the second is a page: the third gives it, in the same ask."""
    checks, tsa = w.checks, w.tsa
    tsa.moods.update({"/b": "page", "/c": "fine"})
    w.up(**w.settings(f"http://127.0.0.1:{free_port()}/", "/b", "/c"))
    w.follow()
    record = w.seal()
    before = (tsa.count("/b"), tsa.count("/c"))
    stamped = w.next("TreeHeadStamped")
    after = (tsa.count("/b"), tsa.count("/c"))
    checks.that("r22 the next one is asked", after[0] > before[0] and after[1] > before[1], (before, after))
    text = (w.place.data / "log" / "evidence.log").read_text(encoding="utf-8")
    checks.that("r42 that one is down is in the log", "authority 1 of tsa_url gave none: stamp-connect" in text)
    checks.that("r22 one call a day", w.newest()[2] == 1, w.newest())
    while True:  # the head that covers the record
        size = w.place.sql("evidence", "SELECT leaf FROM record WHERE record = ?", record)[0][0]
        if stamped["tree_size"] > size:
            return record
        stamped = w.next("TreeHeadStamped")


def recipe():
    """The lines of the README for who has openssl and nothing of ours."""
    text = (ROOT / "services/evidence/README.md").read_text(encoding="utf-8")
    return re.findall(r"^    (openssl ts -verify .*)$", text, re.M)


def anywhere(w, record):
    checks, place = w.checks, w.place
    folder = place.folder / "copy"
    said = json.loads(place.call("evidence", "export", record, folder, "--json", person="anna").stdout)
    checks.that("r27 the export holds the stamp", said["stamped"] and (folder / "tree-head.tsr").is_file() and
                (folder / "tree-head.bin").stat().st_size == 122, said)
    lines = recipe()
    checks.that("r27 the README has the recipe", len(lines) == 1, lines)
    words = lines[0].replace("ROOTS.pem", str(w.ca))
    shell = ["sh", "-c", words]
    done = subprocess.run(shell, cwd=folder, capture_output=True, text=True, timeout=30, check=False)
    checks.that("r27 openssl alone says that it holds", done.returncode == 0 and "Verification: OK" in done.stdout + done.stderr, done)
    years = [subprocess.run(["sh", "-c", f"{words} -attime {int(time.time()) + t}"], cwd=folder, capture_output=True, text=True,
                            timeout=30, check=False).returncode for t in (0, 86400 * 365)]
    checks.that("r27 for the time that one gives it, as the README says", years == [0, 1], years)
    head = folder / "tree-head.bin"
    whole = head.read_bytes()
    head.write_bytes(whole[:30] + bytes([whole[30] ^ 1]) + whole[31:])
    done = subprocess.run(shell, cwd=folder, capture_output=True, text=True, timeout=30, check=False)
    checks.that("p6 and one bit of the head is found by it", done.returncode != 0, done)
    head.write_bytes(whole)
    # Elsewhere, without a deployment.
    text = place.call_own("verify", folder).stdout
    checks.that("r27 without roots it says whose word it is, and that it is not checked", "time stamp of Tidsstamplaren" in text and
                "--tsa-ca would tell" in text, text)
    text = place.call_own("verify", folder, "--tsa-ca", w.ca).stdout
    checks.that("r27 with roots it says when", re.search(r"it was there at 20\d\d-\d\d-\d\dT[\d:]+Z, says the time stamp of Tidsstamplaren, "
                                                         "whose certificate leads to a root", text) is not None, text)
    row = json.loads(place.call_own("verify", folder, "--tsa-ca", w.ca, "--json").stdout)
    checks.that("r27 as JSON, too", row["good"] and row["stamped"] and row["stamp"]["chain_checked"] and
                row["stamp"]["authority"] == "Tidsstamplaren" and row["stamp"]["at_ms"] % 1000 == 0, row)

    def bad(*more):
        return subprocess.run([str(place.bin / "uppsikt"), "verify", str(folder), *map(str, more)], capture_output=True, text=True,
                              env=place.env(), timeout=60, check=False)
    done = bad("--tsa-ca", w.tsa.stranger.root)
    checks.that("r27 other roots: exit 1, and a clear line", done.returncode == 1 and
                "tree-head.tsr: leads to none of the roots" in done.stdout, done)
    done = bad("--tsa-ca", ROOT / "LICENSE")
    checks.that("r27 roots that are none: wrong usage", done.returncode == 2 and "--tsa-ca" in done.stderr, done)
    done = place.call("verify", "--tsa-ca", w.ca, "--json", ok=None)
    rows = {r["service"]: r for r in json.loads(done.stdout)}
    checks.that("r27 the deployment's own copies and stamps hold", done.returncode == 0 and rows["copies"]["stamps"] >= 2, rows)
    done = place.call("verify", "--tsa-ca", w.tsa.stranger.root, ok=None)
    checks.that("r27 and by other roots they do not", done.returncode == 1 and "leads to none" in done.stdout, done.stdout)


def story(checks, place):
    w = World(checks, place)
    try:
        off(w)
        refused(w)
        failing(w)
        anywhere(w, next_one(w))
    finally:
        w.tsa.stop()


def main():
    checks = Checks()
    try:
        with Place(sys.argv[1]) as place:
            story(checks, place)
    except Failed as e:
        checks.that(f"the story goes to its end: {e}", False)
    return checks.end()


sys.exit(main())
