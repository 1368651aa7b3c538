#!/usr/bin/env python3
"""Another system pushes what was written to it, signed: with real processes over HTTP (R01).

usage: push_test.py BIN   BIN: the folder with uppsikt and the services.
What is taken in with 202 is there whatever dies; what is not signed leaves nothing and tells nothing. The senders are
this test and the examples of tests/clients. One line PASS or FAIL for each thing that is looked at.
"""
import concurrent.futures
import hashlib
import hmac
import http.client
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from place import ROOT, Checks, Failed, Place, free_port, short_type, wait_for  # noqa: E402

MARK = "Rötäggskramaren"
OLD, NEW, OTHER = "hemlighet-nummer-ett", "hemlighet-nummer-tva", "hemlighet-for-appen"
MIB = 1024 * 1024


def line(name, text, **more):
    return json.dumps({"external_id": name, "kind": "message", "text": text, "author": {"id": "77", "name": "Åsa Medborgare"},
                       **more}, ensure_ascii=False)


def lines(*texts):
    return "".join(f"{text}\n" for text in texts).encode()


class Sender:
    def __init__(self, port, account, secret):
        self.port, self.account, self.secret = port, account, secret

    def sign(self, timestamp, body):
        return "sha256=" + hmac.new(self.secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()

    def ask(self, body, head, method="POST", path=None):
        """The status and the body of the answer; None, None: the connection broke."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path or f"/in/{self.account}", body, head)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, http.client.HTTPException):
            return None, None
        finally:
            connection.close()

    def push(self, body, timestamp=None, signature=None, **head):
        timestamp = timestamp or str(int(time.time()))
        return self.ask(body, {"Content-Type": "application/x-ndjson", "X-Uppsikt-Timestamp": timestamp,
                               "X-Uppsikt-Signature": signature or self.sign(timestamp, body), **head})

    def told(self, body, **how):
        """What a push that is taken in is told."""
        status, text = self.push(body, **how)
        if status != 202:
            raise Failed(f"a push: {status}: {text}")
        return json.loads(text)

    def until_taken(self, body):
        """Again and again, as a sender does, until it is."""
        return wait_for("a push is taken in", lambda: self.push(body)[0] == 202)


class World:
    def __init__(self, checks, place):
        self.checks, self.place = checks, place
        self.port = free_port()
        self.up()
        self.tail = place.tail("--from", "0")
        self.organisation()
        self.form = Sender(self.port, "form", OLD)

    def up(self, **more):
        self.place.up(UPPSIKT_INGEST_WEBHOOK=f"127.0.0.1:{self.port}", **more)
        self.place.wait_up(("registry", "ingest", "classify", "escalation", "evidence"))

    def that(self, name, holds, detail=""):
        return self.checks.that(name, holds, detail)

    def items(self):
        return self.place.sql("ingest", "SELECT count(*) FROM item")[0][0]

    def versions(self):
        return self.place.sql("ingest", "SELECT count(*) FROM version")[0][0]

    def kept(self):
        """All that a push could leave."""
        return self.place.sql("ingest", "SELECT (SELECT count(*) FROM item), (SELECT count(*) FROM version),"
                              " (SELECT count(*) FROM quarantine), (SELECT count(*) FROM upp_command)")[0]

    def refused_so_far(self):
        found = [row for row in self.place.metrics("ingest").split("\n") if row.startswith("uppsikt_webhook_refused_total ")]
        return int(found[0].split()[1])

    def secret(self, name, *secrets):
        file = self.place.folder / name
        file.write_text("".join(f"{s}\n" for s in secrets))
        file.chmod(0o600)
        return file

    def connect(self, account, file, *more, ok=(0,)):
        return self.place.call("account", "connect", account, "--connector", "webhook", "--secret-file", file, *more, ok=ok)

    def organisation(self):
        call = self.place.call
        call("account", "authority", "add", "--id", "ks", "--name", "Kommunstyrelsen", "--org-number", "212000-0001")
        call("account", "unit", "add", "--id", "komm", "--authority", "ks", "--name", "Kommunikation", "--communications",
             "--mail", "kommunikation@kommun.example")
        for who, name in (("anna", "Anna"), ("bo", "Bo")):
            call("person", "add", "--id", who, "--unit", "komm", "--role", "administrator", "--first-name", name,
                 "--last-name", "Provsson", "--title", "kommunikatör", "--mail", f"{who}@kommun.example")
        for account, platform in (("form", "webhook"), ("app", "webhook"), ("fb", "facebook")):
            call("account", "take-over", "--id", account, "--platform", platform, "--unit", "komm", "--handle", account,
                 "--name", f"Sjöberga {account}", "--purpose", "samtal", "--watch", "api")
            call("account", "grant", account, "anna", "--rank", "1")
            call("account", "grant", account, "bo", "--rank", "2")


def joined(w):
    """R01: an account is joined by its secret alone; what is too weak is refused in words."""
    weak = w.connect("form", w.secret("weak", "kort"), ok=None)
    w.that("r01 a secret that is too short is refused in words", weak.returncode == 1 and "16" in weak.stderr, weak.stderr)
    three = w.connect("form", w.secret("three", OLD, NEW, OTHER), ok=None)
    w.that("r01 so are three", three.returncode == 1, three.stderr)
    url = w.connect("form", w.secret("old", OLD), "--url", "https://x.example", ok=None)
    w.that("r01 so is an address", url.returncode == 1 and "--secret-file" in url.stderr, url.stderr)
    other = w.connect("fb", w.secret("old", OLD), ok=None)
    w.that("r01 an account on a platform is not pushed to", other.returncode == 1, other.stderr)
    status, _ = w.form.push(lines(line("1", "Hej")))
    w.that("r01 before it is joined nobody pushes to it", status == 403, status)
    w.connect("form", w.secret("old", OLD))
    w.connect("app", w.secret("app", OTHER))


def pushed(w):
    """R01: three lines, one of them bad; the same again; an edit."""
    body = lines(line("1", f"När öppnar badet, {MARK}?"), f"inte JSON {MARK}", line("2", "Ni är jävla idioter hela bunten!"))
    stamp = str(int(time.time()))
    first = w.form.told(body, timestamp=stamp)
    w.that("r01 two are new, one is bad, and which", (first["new"], first["known"], first["edited"], first["bad"]) == (2, 0, 0, 1)
           and [b["line"] for b in first["lines"]] == [2] and MARK not in json.dumps(first, ensure_ascii=False), first)
    w.tail.wait("a question of it has its clock", lambda e: short_type(e) == "MatterOpened" and e["data"]["account"] == "form")
    events = wait_for("both are said", lambda: len(w.tail.of("CommentReceived")) == 2 and w.tail.of("CommentReceived"))
    w.that("r01 they say where they came from", all(e["data"]["source"] == "ITEM_SOURCE_WEBHOOK" and
                                                    e["data"]["account"] == "form" for e in events), events)
    aside = w.place.rows("park", "lines")
    w.that("r01 the bad line lies aside with its number", [(r["line"], r["import"]) for r in aside] == [(2, f"push-{stamp}")], aside)
    before = w.kept()
    w.that("r01 the very same request again has the same answer", w.form.told(body, timestamp=stamp) == first)
    w.that("r01 and leaves nothing", w.kept() == before, (before, w.kept()))
    again = w.form.told(body, timestamp=str(int(stamp) + 1))
    w.that("r01 signed anew, its lines are known", (again["new"], again["known"], again["bad"]) == (0, 2, 1), again)
    w.that("r01 and kept once", w.kept()[:3] == before[:3], (before, w.kept()))
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        fresh = lines(line("3", "Åtta på en gång"))
        said = list(pool.map(lambda i: w.form.push(fresh, timestamp=str(int(stamp) + 2 + i % 2)), range(8)))
    w.that("r01 eight at once are one", {s for s, _ in said} == {202} and w.items() == 3, (said, w.items()))
    edit = w.form.told(lines(line("1", "När stänger badet?")))
    w.that("r01 other words are an edit", (edit["new"], edit["edited"]) == (0, 1), edit)
    w.tail.wait("the edit is said", lambda e: short_type(e) == "CommentEdited")
    w.that("r01 both texts are kept", w.versions() == 4, w.versions())
    crossed = w.form.told(lines(line("9", "Hej", account="app")))
    w.that("r01 a line for another account is bad", crossed["bad"] == 1 and w.items() == 3, crossed)


def refused(w):
    """R01: what is not signed leaves nothing and says nothing of which accounts there are."""
    body = lines(line("10", "Hej"))
    now = int(time.time())
    before, count = w.kept(), w.refused_so_far()
    late, early = str(now - 303), str(now + 330)
    stranger = Sender(w.port, "form", "hemlighet-av-ingen")
    answers = {
        "another secret": stranger.push(body),
        "another account's": Sender(w.port, "form", OTHER).push(body),
        "no signature": w.form.ask(body, {"X-Uppsikt-Timestamp": str(now)}),
        "no timestamp": w.form.ask(body, {"X-Uppsikt-Signature": w.form.sign(str(now), body)}),
        "no header at all": w.form.ask(body, {}),
        "too old": w.form.push(body, timestamp=late),
        "too new": w.form.push(body, timestamp=early),
        "another timestamp than was signed": w.form.push(body, timestamp=str(now), signature=w.form.sign(str(now - 1), body)),
        "another body": w.form.push(body, timestamp=str(now), signature=w.form.sign(str(now), body + b" ")),
        "no such account": Sender(w.port, "nowhere", OLD).push(body),
        "an account that is not pushed to": Sender(w.port, "fb", OLD).push(body),
        "no account": Sender(w.port, "", OLD).push(body),
    }
    w.that("r01 whatever is wrong, the answer is one and the same", len(set(answers.values())) == 1 and
           {s for s, _ in answers.values()} == {403}, answers)
    w.that("r01 nothing of it is kept", w.kept() == before, (before, w.kept()))
    w.that("r01 but how many there were", w.refused_so_far() - count == len(answers), (count, w.refused_so_far()))
    w.that("r01 GET is not how it is done", w.form.ask(None, {}, method="GET")[0] == 405)
    w.that("r01 nor is a form", w.form.push(body, **{"Content-Type": "application/x-www-form-urlencoded"})[0] == 415)
    w.that("r01 nor what is compressed", w.form.push(body, **{"Content-Encoding": "gzip"})[0] == 415)
    w.that("r01 elsewhere there is nothing", w.form.ask(body, {}, path="/in")[0] == 404)


def large(w):
    """R01: up to 1 MiB and a thousand lines; what is larger than one command is all there with the 202."""
    before = w.items()
    text = "x" * 5000
    texts = [line(f"large-{i}", f"{i} {text}") for i in range(200)]
    body = lines(*texts)
    w.that("r01 a body of several commands", 1000 * 1000 < len(body) <= MIB, len(body))
    said = w.form.told(body)
    w.that("r01 is taken in whole", said["new"] == 200 and w.items() == before + 200, said)
    filled = body + b" " * (MIB - len(body))
    w.that("r01 1 MiB is taken", w.form.told(filled)["known"] == 200)
    w.that("r01 a byte more is not", w.form.push(filled + b" ")[0] == 413)
    w.that("r01 nor are 1001 lines", w.form.push(lines(*["{}"] * 1001))[0] == 413)
    empty = w.form.told(b"")
    row = next(r for r in w.place.rows("account", "connections") if r["account"] == "form")
    w.that("r01 r13 no lines: it is alive", empty["new"] == 0 and row["polled_ms"] > 0 and row["health"]["state"] == "STATE_OK" and
           row["health"].get("blind_since_ms", 0) == 0, (empty, row))


def rotated(w):
    """R01: while a secret changes both hold; after it the old one does not."""
    new = Sender(w.port, "form", NEW)
    w.that("r01 the new secret does not hold yet", new.push(lines(line("20", "Hej")))[0] == 403)
    w.connect("form", w.secret("both", NEW, OLD))
    w.that("r01 now both do", new.told(lines(line("20", "Hej")))["new"] == 1 and w.form.told(lines(line("21", "Hej")))["new"] == 1)
    w.connect("form", w.secret("new", NEW))
    before = w.kept()
    w.that("r01 then the new one alone", w.form.push(lines(line("22", "Hej")))[0] == 403 and w.kept() == before)
    w.that("r01 and it does", new.told(lines(line("20", "Hej")), timestamp=str(int(time.time()) + 2))["known"] == 1)
    w.form = new


def killed(w):
    """R01: kill -9 right after the 202; while pushes are under way; a new configuration, a full disk."""
    before = w.items()
    said = w.form.told(lines(line("30", "Sista ordet")))
    os.kill(w.place.pid("ingest"), signal.SIGKILL)
    w.that("r01 taken in, then killed", said["new"] == 1)
    w.form.until_taken(b"")
    w.that("r01 it is there", w.items() == before + 1, (before, w.items()))
    w.that("r01 and known", w.form.told(lines(line("30", "Sista ordet")), timestamp=str(int(time.time()) + 2))["known"] == 1)
    body = lines(*[line(f"killed-{i}", "y" * 4000) for i in range(200)])
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        under_way = pool.submit(w.form.push, body)
        wait_for("some of it is on its way", lambda: under_way.running() or under_way.done())
        os.kill(w.place.pid("ingest"), signal.SIGKILL)
        status, _ = under_way.result()
    w.that("r01 killed in the middle, it is either taken in or not answered so", status in (None, 202, 503), status)
    w.form.until_taken(body)
    w.that("r01 sent again, all of it is there once", w.items() == before + 201, (before, w.items()))
    os.kill(w.place.pid("ingest"), signal.SIGHUP)
    w.form.until_taken(lines(line("31", "Efter SIGHUP")))
    w.that("r01 a configuration that is read anew keeps who may push", w.items() == before + 202)
    w.that("uppsikt up ends with 0", w.place.down() == 0)
    w.up(UPPSIKT_INGEST_LOW_WATER_BYTES=str(1 << 60))
    full = lines(line("32", "Disken är full"))
    wait_for("ingest says that the disk is low", lambda: "uppsikt_disk_low 1" in w.place.metrics("ingest"))
    status = w.form.push(full)[0]
    w.that("r01 a full disk: nothing is accepted, and 503 says so", status == 503 and w.items() == before + 202, (status, w.items()))
    w.place.down()
    w.up()
    w.form.until_taken(full)
    w.that("r01 with room again it is", w.items() == before + 203)


def examples(w):
    """R01: the examples of tests/clients push what another could."""
    url = f"http://127.0.0.1:{w.port}/in/form"
    env = {**os.environ, "UPPSIKT_PUSH_SECRET_FILE": str(w.place.folder / "new")}
    body = lines(line("40", "Från Python"), "{}")
    ran = subprocess.run([ROOT / "tests/clients/push_client.py", url], input=body, capture_output=True, env=env, timeout=90, check=False)
    w.that("r01 the example in Python is told of its bad line", ran.returncode == 1 and
           json.loads(ran.stdout)["new"] == 1 and json.loads(ran.stdout)["lines"][0]["line"] == 2, (ran.stdout, ran.stderr))
    if not (shutil.which("openssl") and shutil.which("curl")):
        print("SKIP push_shell: no openssl or curl here")
        return
    file = w.place.folder / "lines.ndjson"
    file.write_bytes(lines(line("41", "Från skalet")))
    ran = subprocess.run([ROOT / "tests/clients/push_client.sh", url, file], capture_output=True, env=env, timeout=90, check=False)
    w.that("r01 so is the one in sh", ran.returncode == 0 and json.loads(ran.stdout.splitlines()[0])["new"] == 1, (ran.stdout, ran.stderr))


def story(checks, place):
    w = World(checks, place)
    for part in (joined, pushed, refused, large, rotated, killed, examples):
        part(w)
    logs = b"".join(p.read_bytes() for p in place.folder.rglob("*.log"))
    told = json.dumps([{k: v for k, v in e.items() if k != "content"} for e in w.tail.events], ensure_ascii=False).encode()
    stores = b"".join(f.read_bytes() for f in place.database("ingest").parent.glob("*.db*"))
    for what in (MARK, OLD, NEW, OTHER, "Medborgare"):
        checks.that(f"r01 no log and no fact says {what}", what.encode() not in logs and what.encode() not in told)
    for what in (OLD, NEW, OTHER):
        checks.that(f"r01 {what} lies sealed", what.encode() not in stores)
    checks.that("r01 the log tells that somebody knocked", b"requests refused" in logs)
    verified = place.call("verify", ok=None)
    checks.that("`uppsikt verify` finds every chain whole", verified.returncode == 0, verified.stdout + verified.stderr)
    checks.that("uppsikt up ends with 0 again", place.down() == 0)


def main():
    checks = Checks()
    try:
        with Place(sys.argv[1]) as place:
            story(checks, place)
    except Failed as e:
        checks.that(f"the story goes to its end: {e}", False)
    return checks.end()


sys.exit(main())
