#!/usr/bin/env python3
"""Other systems hear what is said: by asking, and by webhooks, with real processes (R45).

usage: feed_test.py BIN
"""
import base64
import hashlib
import hmac
import http.server
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from place import ROOT, SERVICES, Checks, Failed, Place, free_port, wait_for  # noqa: E402

MARK = "HEMLIGT-ORD"
# G6's goal, printed, and what is a leak. Who speaks HTTP in both directions while no other service does holds libcurl and
# GnuTLS alone: PSS shares a library's pages with those who have it, too.
PSS_GOAL_KB, PSS_LEAK_KB = 7000, 12000


class Receiver:
    """A subscriber's server: says 503 to the first request, then 204; keeps what was signed right."""

    def __init__(self):
        self.secret = b""
        self.events, self.ids, self.wrong, self.requests = [], [], 0, 0
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(outer.take(self.headers, body))
                self.end_headers()

            def log_message(self, *words):
                pass
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self, headers, body):
        self.requests += 1
        signed = b".".join([headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body])
        wanted = "v1," + base64.b64encode(hmac.new(self.secret, signed, hashlib.sha256).digest()).decode()
        fresh = abs(time.time() - int(headers["webhook-timestamp"])) < 300
        if not fresh or not hmac.compare_digest(wanted, headers["webhook-signature"]):
            self.wrong += 1
            return 401
        self.ids.append(headers["webhook-id"])
        if self.requests == 1:
            return 503
        self.events += json.loads(body)
        return 204


def ask(url, path, token=None, timeout=40):
    request = urllib.request.Request(url + path, headers={"Authorization": f"Bearer {token}"} if token else {})
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return answer.status, answer.read().decode(), answer.headers
    except urllib.error.HTTPError as e:
        return e.code, e.read().decode(), e.headers


def organisation(place):
    place.call("account", "authority", "add", "--id", "ks", "--name", "Kommunstyrelsen", "--org-number", "212000-0001")
    place.call("account", "unit", "add", "--id", "komm", "--authority", "ks", "--name", "Kommunikation", "--communications",
               "--mail", "kommunikation@kommun.example")
    place.call("account", "take-over", "--id", "facebook", "--platform", "facebook", "--unit", "komm", "--name", "Kommunen",
               "--purpose", "samtal", "--watch", "api")
    place.call("person", "add", "--id", "ops", "--unit", "komm", "--role", "operations", "--first-name", MARK,
               "--last-name", "Provsson", "--title", "drift", "--mail", "ops@kommun.example")


def comments(place, name, first, n):
    file = place.folder / f"{name}.ndjson"
    file.write_text("".join(json.dumps({"external_id": f"k{i}", "kind": "comment", "created_at": "2026-11-02T10:00:00Z",
                                        "text": f"Hej {MARK} {i}"}) + "\n" for i in range(first, first + n)), encoding="utf-8")
    place.call("import", file, "--account", "facebook")


def clients(checks, place, url, token):
    env = {**os.environ, "UPPSIKT_FEED_TOKEN": token}
    python = subprocess.run([sys.executable, ROOT / "tests/clients/feed_client.py", url, "0", "uppsikt.CommentReceived"],
                            env=env, capture_output=True, text=True, timeout=60, check=False)
    events = [json.loads(line) for line in python.stdout.splitlines()]
    checks.that("the client in Python reads every comment, once, in order (R45)", python.returncode == 0 and len(events) == 300
                and [int(e["position"]) for e in events] == sorted({int(e["position"]) for e in events}), python.stderr)
    checks.that("no word of anybody is in it", MARK not in python.stdout and "commitment" not in python.stdout)
    c = subprocess.run([place.bin / "feed_client", url, "0"], env=env, capture_output=True, text=True, timeout=60, check=False)
    lines = c.stdout.splitlines()
    checks.that("the client in C reads the whole log, dense from 1", c.returncode == 0 and
                [int(line.split()[0]) for line in lines] == list(range(1, len(lines) + 1)) and len(lines) > 300, c.stderr)
    bad = subprocess.run([place.bin / "feed_client", url, "0"], env={**env, "UPPSIKT_FEED_TOKEN": "upf_wrong"},
                         capture_output=True, text=True, timeout=60, check=False)
    checks.that("a wrong token gets nothing, and is told so", bad.returncode == 1 and not bad.stdout and "401" in bad.stderr)
    return len(lines)


def refusals(checks, url, token):
    for path, status in (("/events?after=-1", 400), ("/events?limit=0", 400), ("/events?wait=61", 400),
                         ("/events?types=x", 400), ("/nothing", 404)):
        got, words, _ = ask(url, path, token)
        checks.that(f"GET {path} is {status}, in words", got == status and words.strip(), (got, words))
    got, _, headers = ask(url, "/events")
    checks.that("without a token it is 401", got == 401 and "Bearer" in (headers["WWW-Authenticate"] or ""))
    got, words, _ = ask(url, "/asyncapi.yaml")
    checks.that("the contract is there to read", got == 200 and "asyncapi: 3" in words)


def waits(checks, place, url, token, after):
    answer = []
    began = time.monotonic()
    asking = threading.Thread(target=lambda: answer.append(
        ask(url, f"/events?after={after}&wait=50&types=uppsikt.CommentReceived", token, 70)))
    asking.start()
    comments(place, "sent", 1000, 1)
    asking.join(60)
    checks.that("a question waits, and is answered when something is said", answer and answer[0][0] == 200 and
                len(json.loads(answer[0][1])) >= 1 and time.monotonic() - began < 45, answer and answer[0][:1])


def webhook(checks, place, receiver, total):
    wait_for("the webhook has had every comment", lambda: sum(
        e["type"] == "uppsikt.CommentReceived" for e in receiver.events) >= total, 60)
    positions = [int(e["position"]) for e in receiver.events]
    checks.that("a webhook gets each event once, in order, although it said 503 first", positions == sorted(set(positions)))
    checks.that("every request is signed (Standard Webhooks)", receiver.wrong == 0 and receiver.requests > 1)
    checks.that("the second attempt has the first one's id", receiver.ids[0] == receiver.ids[1], receiver.ids[:3])
    checks.that("nothing personal was sent", MARK not in json.dumps(receiver.events))


def survives(checks, place, receiver, url, token):
    """Killed with SIGKILL while things are said: nothing is lost, nothing is sent out of order."""
    os.kill(place.pid("feed"), signal.SIGKILL)
    comments(place, "after", 2000, 50)
    wait_for("the feed is up again", lambda: "feed" in place.states(), 60)
    wait_for("the webhook has the last ones", lambda: sum(
        e["type"] == "uppsikt.CommentReceived" for e in receiver.events) >= 351, 60)
    seen = {int(e["position"]) for e in receiver.events}
    got, body, _ = ask(url, f"/events?after={max(seen) - 100}", token)
    checks.that("killed and up again: no event is missing (R42)", got == 200 and
                {int(e["position"]) for e in json.loads(body)} >= {p for p in seen if p > max(seen) - 50})


def without_libcurl(checks, place):
    """libcurl is loaded at its first use (common/src/late_curl.h); that it cannot be is found at the start."""
    pid = place.pid("feed")
    words = pathlib.Path(f"/proc/{pid}/cmdline").read_text().split("\0")[:-1] + ["check-config"]
    env = dict(v.split("=", 1) for v in pathlib.Path(f"/proc/{pid}/environ").read_text().split("\0") if "=" in v)
    checks.that("libcurl is not in a program that has sent nothing", "libcurl" not in pathlib.Path(f"/proc/{pid}/maps").read_text())
    good = subprocess.run(words, env=env, capture_output=True, text=True, timeout=60, check=False)
    checks.that("a configuration is good where libcurl is there", good.returncode == 0, good.stderr)
    library = re.search(rb"\0(libcurl[^\0/]*\.so\.\d+)\0", (place.bin / "uppsikt-feed").read_bytes())[1].decode()
    broken = place.folder / "broken"
    broken.mkdir()
    (broken / library).write_bytes(b"no library")
    bad = subprocess.run(words, env={**env, "LD_LIBRARY_PATH": str(broken)}, capture_output=True, text=True, timeout=60, check=False)
    checks.that("a libcurl that cannot be loaded is found before anything is to be sent", bad.returncode == 78 and
                "port webhook: libcurl" in bad.stderr and library in bad.stderr, bad.stderr)


def story(checks, place):
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    receiver = Receiver()
    place.up(UPPSIKT_FEED_HTTP_PORT=str(port), UPPSIKT_FEED_PRIVATE_ADDRESSES="yes")
    place.wait_up((*SERVICES, "feed"))
    without_libcurl(checks, place)
    organisation(place)
    wait_for("feed knows who operates", lambda: place.sql("feed", "SELECT count(*) FROM person WHERE operations = 1")[0][0] == 1)
    checks.that("nobody but operations adds a subscriber",
                place.call("feed", "add", "diary", ok=None).returncode == 1)
    token = json.loads(place.call("feed", "add", "diary", "--after", "0", "--json", person="ops").stdout)["token"]
    receiver.secret = base64.b64decode(place.call("feed", "key", "hook").stdout.strip().removeprefix("whsec_"))
    place.call("feed", "add", "hook", "--webhook", f"http://127.0.0.1:{receiver.server.server_port}/in", "--after", "0",
               person="ops")
    comments(place, "first", 0, 300)
    wait_for("feed has heard of the comments", lambda: place.sql(
        "feed", "SELECT count(*) FROM entry WHERE type = 'uppsikt.CommentReceived'")[0][0] == 300)
    stored = b"".join(f.read_bytes() for f in place.database("feed").parent.glob("*.db*"))
    checks.that("the token lies nowhere in clear", token.encode() not in stored)
    checks.that("no content reaches the feed", MARK.encode() not in stored)
    after = clients(checks, place, url, token)
    refusals(checks, url, token)
    waits(checks, place, url, token, after)
    webhook(checks, place, receiver, 301)
    survives(checks, place, receiver, url, token)
    pss = int(next(line.split()[1] for line in pathlib.Path(f"/proc/{place.pid('feed')}/smaps_rollup").read_text().split("\n")
                   if line.startswith("Pss:")))
    print(f"FIGURE feed, after its story: PSS {pss} kB (goal {PSS_GOAL_KB}{', NOT REACHED' if pss > PSS_GOAL_KB else ''})")
    checks.that("the feed is no leak", pss <= PSS_LEAK_KB, pss)
    place.call("feed", "remove", "diary", person="ops")
    checks.that("a removed subscriber reads nothing more", ask(url, "/events", token)[0] == 401)
    listed = place.rows("feed", "list")
    checks.that("the list shows who is left, and that it is not behind",
                [(r["subscriber"], r["disabled"]) for r in listed] == [("hook", "")], listed)


def main():
    checks = Checks()
    try:
        with Place(sys.argv[1]) as place:
            story(checks, place)
    except Failed as e:
        checks.that(f"the story goes to its end: {e}", False)
    return checks.end()


sys.exit(main())
