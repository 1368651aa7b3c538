#!/usr/bin/env python3
"""An account on X and one on Bluesky, each from a comment to what becomes of it: real processes over HTTP, fake platforms.

usage: microblogs_test.py BIN   BIN: the folder with uppsikt and the services.
R01, R11, R13, R20, R22, R24. The suite's time goes fast, so that what is looked at after a quarter of an hour is looked
at here; the platforms (fake_x.py, fake_bluesky.py) count by the same time. One line PASS or FAIL for each thing.
"""
import http.client
import json
import os
import pathlib
import re
import signal
import sys
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from place import Checks, Failed, Place, short_type, wait_for  # noqa: E402
from fake_bluesky import FakeBluesky  # noqa: E402
from fake_x import FakeX  # noqa: E402

SPEED = 120
MARK, WORD = "Rötäggskramaren", "blå hästar springer fort"
SIGN = "\n\nAnna, kommunikatör"


class SuiteTime:
    """The suite's clock, read off an event of it; a little ahead, never behind."""

    def __init__(self, event):
        self.ahead = event["time_ms"] / 1000 + 60 - time.time() * SPEED

    def __call__(self):
        return self.ahead + time.time() * SPEED


class Desk:
    """Anna at the console, without a browser."""

    def __init__(self, port):
        self.port = port
        self.sign_in()

    def sign_in(self):
        self.cookies = {}
        status, _ = self.press("/logga-in", "/logga-in", name="anna", password=WORD)
        if status != 303:
            raise Failed(f"signing in: {status}")

    def ask(self, method, path, fields=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        head = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        if fields is not None:
            head["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, None if fields is None else urllib.parse.urlencode(fields), head)
        answer = connection.getresponse()
        text = answer.read().decode()
        for value in answer.headers.get_all("Set-Cookie", []):
            key, rest = value.split("=", 1)
            self.cookies[key] = rest.split(";", 1)[0]
        connection.close()
        return answer.status, text

    def press(self, page, action, **fields):
        """Fills in the form of that action on the page, and sends it."""
        form = wait_for(f"a form {action}", lambda: re.search(
            rf'<form method="post" action="{re.escape(action)}"[^>]*>(.*?)</form>', self.ask("GET", page)[1], re.S))
        hidden = dict(re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)"', form.group(1)))
        return self.ask("POST", action, {**hidden, **fields})

    def answer(self, matter, text):
        status, page = self.press(f"/sak/{matter}", f"/sak/{matter}/svar", text=text, send="")
        if status != 303:
            raise Failed(f"the answer is not taken: {status}: {page[-1500:]}")


class World:
    def __init__(self, checks, place):
        self.checks, self.place = checks, place
        self.supervisor = place.up("--speed", SPEED, UPPSIKT_INGEST_POLL="60s")
        place.wait_up(("registry", "ingest", "classify", "escalation", "evidence", "console"))
        self.tail = place.tail("--from", "0")
        self.organisation()
        clock = SuiteTime(self.tail.wait("somebody is registered", lambda e: short_type(e) == "AccessGranted"))
        self.x, self.bluesky = FakeX(clock), FakeBluesky(clock)
        self.posts = {"x": self.x.say("Badet öppnar på lördag. https://kommun.example/bad"),
                      "bs": self.bluesky.say("Badet öppnar på lördag")}
        self.connect("x", "x", self.x.url, json.dumps(self.x.granted()))
        self.connect("bs", "bluesky", self.bluesky.url, f"{self.bluesky.HANDLE} {self.bluesky.PASSWORD}")
        for account in self.posts:
            self.event("our own post is seen", "OwnPostSeen", account=account)
        pages = re.search(r"web pages at \S+ port (\d+)", (place.data / "log/console.log").read_text())
        self.desk = Desk(int(pages.group(1)))

    def organisation(self):
        call = self.place.call
        call("account", "authority", "add", "--id", "ks", "--name", "Kommunstyrelsen", "--org-number", "212000-0001")
        call("account", "unit", "add", "--id", "komm", "--authority", "ks", "--name", "Kommunikation", "--communications",
             "--mail", "kommunikation@kommun.example")
        for who, role in (("anna", "administrator"), ("bo", "administrator"), ("ops", "operations")):
            call("person", "add", "--id", who, "--unit", "komm", "--role", role, "--first-name", who.title(), "--last-name",
                 "Provsson", "--title", "kommunikatör", "--mail", f"{who}@kommun.example")
        for account, platform in (("x", "x"), ("bs", "bluesky")):
            call("account", "take-over", "--id", account, "--platform", platform, "--unit", "komm", "--handle", "sjoberga",
                 "--name", f"Sjöberga på {platform}", "--purpose", "samtal", "--watch", "api", person="ops")
            for rank, who in enumerate(("anna", "bo"), 1):
                call("account", "grant", account, who, "--rank", rank, person="ops")
        call("person", "password", "anna", "--name", "anna", given=WORD + "\n", person="ops")

    def connect(self, account, connector, url, token):
        file = self.place.folder / f"token-{account}"
        file.write_text(token + "\n")
        file.chmod(0o600)
        self.place.call("account", "connect", account, "--connector", connector, "--url", url, "--token-file", file, person="ops")

    def event(self, saying, name, seconds=30, /, **data):
        return self.tail.wait(f"{saying}: {name} {data}", lambda e: short_type(e) == name and
                              all(e["data"].get(k) == v for k, v in data.items()), seconds)["data"]

    def comes(self, account, text, **more):
        """Somebody writes it; its id there, ours, and the event."""
        known = {e["data"]["item"] for e in self.tail.of("CommentReceived")}
        there = (self.x if account == "x" else self.bluesky).say(text, **more)
        event = self.tail.wait(f"received: {text}", lambda e: short_type(e) == "CommentReceived" and e["data"]["item"] not in known)
        return there, event["data"]["item"], event

    def states(self, account):
        """How the account was said to fare, in order."""
        return [e["data"]["state"] for e in self.tail.of("AccountHealthChanged") if e["data"]["account"] == account]

    def matter(self, item, kind):
        return self.event("a matter is opened", "MatterOpened", item=item, kind=f"MATTER_KIND_{kind}")["matter"]

    def shown(self, matter):
        """What whoever decides sees of it."""
        return self.place.call("matter", "show", matter, "--content", "--json", person="anna").stdout

    def decide_hide(self, matter):
        self.place.call("matter", "decide", matter, "hide", "--reason", "attack", person="anna")


def x_hides(w):
    """A comment below our post: its author and place, judged, decided, saved, hidden; its answer is lost on the way."""
    there, item, event = w.comes("x", f"@sjoberga Ni är jävla idioter hela bunten, {MARK}! https://ond.example/sida",
                                 author="901", below=w.posts["x"])
    w.event("it is judged", "CommentClassified", item=item)
    matter = w.matter(item, "MODERATION")
    said = w.shown(matter)
    w.checks.that("r01 x: it comes with its author, its place and its link in full", all(s in said for s in (
        "Åsa Medborgare", "u901", f"https://x.com/i/status/{there}", "https://ond.example/sida")), said)
    w.checks.that("r13 x: a comment on our post, new, from the poll", event["data"]["kind"] == "ITEM_KIND_COMMENT" and
                  not event["data"].get("backfill") and event["data"]["source"] == "ITEM_SOURCE_POLL", event["data"])
    w.x.fail("cut-after", "/hidden", method="PUT")
    w.decide_hide(matter)
    w.event("hidden", "ActionDone", matter=matter, what="ITEM_ACTION_HIDE")
    order = [short_type(e) for e in w.tail.events if e["data"].get("item") == item and
             short_type(e) in ("EvidenceSealed", "ActionDone")]
    w.checks.that("r22 x: its copy came before the act", order.index("EvidenceSealed") < order.index("ActionDone"), order)
    w.checks.that("r20 x: it is hidden there, once, although the first answer was lost",
                  there in w.x.hidden and len(w.x.done("hide")) == 1 and len(w.x.called("PUT", "/hidden")) == 2, w.x.effects)
    w.checks.that("r22 x: it was read before each attempt", len(w.x.called("GET", "/2/tweets")) >= 2)


def x_answers(w):
    """An answer that is lost on the way is found there, as we wrote it, and not sent again."""
    there, item, _ = w.comes("x", "@sjoberga Hej! När öppnar badhuset på lördag?", author="902", below=w.posts["x"], name="Örjan")
    matter = w.matter(item, "QUESTION")
    words = "Hej! Vi öppnar klockan tio & stänger åtta, se https://kommun.example/tider" + SIGN
    w.x.fail("cut-after", "/2/tweets", method="POST")
    w.desk.answer(matter, words)
    w.event("the answer", "ActionDone", item=item, what="ITEM_ACTION_REPLY")
    sent = w.x.done("reply")
    w.checks.that("r11 x: it is there once, with first name and title, although its answer was lost", len(sent) == 1 and
                  sent[0]["to"] == there and sent[0]["text"].replace("\r", "").endswith(SIGN), sent)
    seen = w.event("our answer is seen", "ReplySeen", item=item)
    w.checks.that("r11 x: seen there as ours, signed, and known for what was sent", seen["signed"] and seen["action"] and
                  seen["direct"], seen)
    w.event("the question is answered", "MatterMet", matter=matter)


def x_turns_away(w):
    """Who did not call on us cannot be answered by this API: never tried again, done by hand."""
    before = len(w.x.called("POST", "/2/tweets"))
    there, item, _ = w.comes("x", "Hej! När öppnar biblioteket på söndag?", author="903", below=w.posts["x"], calls=False)
    matter = w.matter(item, "QUESTION")
    w.desk.answer(matter, "Hej! Klockan elva." + SIGN)
    manual = w.event("it goes by hand", "ActionManualRequired", item=item, what="ITEM_ACTION_REPLY")
    w.checks.that("r11 x: turned away with 403, it is work by hand", manual["reason"] == "platform-refused", manual)
    w.place.call("action", "attest", manual["action"], person="anna")
    w.event("attested", "ActionDone", action=manual["action"], by_hand=True)
    w.checks.that("r11 x: and was tried once", len(w.x.called("POST", "/2/tweets")) == before + 1)
    return there, item


def x_throttles(w):
    w.x.fail("throttle", "/mentions")
    first = wait_for("the limit is met", lambda: [c for c in w.x.called("GET", "/mentions") if c["fault"] == "throttle"])[0]
    after = wait_for("it is asked again", lambda: [c for c in w.x.called("GET", "/mentions") if c["at"] > first["at"]])[0]
    w.checks.that("r13 x: over the limit it waits until the platform's own time", after["at"] - first["at"] >= 119,
                  after["at"] - first["at"])


def x_renews(w):
    """Half an hour of theirs is a quarter of a minute here: tokens are renewed before they end, each refresh token is used once."""
    wait_for("the token is renewed twice more", lambda n=w.x.grants: w.x.grants >= n + 2, 120)
    os.kill(w.place.pid("ingest"), signal.SIGKILL)
    before = w.x.grants
    w.comes("x", "@sjoberga Hej! När öppnar isbanan?", author="906")
    w.checks.that("r13 x: a service that was killed goes on with the token that it kept", w.x.grants - before <= 1,
                  (before, w.x.grants))
    with w.x.lock:
        w.x.token, w.x.ends = "AAAA-ended-by-x", 0
    w.comes("x", "@sjoberga Hej! När öppnar lekparken?", author="907")
    w.checks.that("r13 x: a token that the platform ended is renewed, and nobody is disturbed",
                  "STATE_AUTH_REQUIRED" not in w.states("x") and not w.x.used_twice, (w.states("x"), w.x.used_twice))
    with w.x.lock:
        w.x.grant()  # somebody else renewed it: what is kept here is worth nothing any more
    w.event("the account is locked", "AccountHealthChanged", 90, account="x", state="STATE_AUTH_REQUIRED")
    used_twice = w.x.used_twice
    w.connect("x", "x", w.x.url, json.dumps(w.x.granted()))
    w.comes("x", "@sjoberga Hej! När öppnar skidspåret?", author="908")
    w.checks.that("r13 x: connected again it is well", w.states("x")[-1] == "STATE_OK" and w.x.used_twice == used_twice,
                  (w.states("x"), w.x.used_twice))
    broken = w.place.folder / "token-broken"
    broken.touch(0o600)
    broken.write_text('{"client_id": "a"}\n')
    refused = w.place.call("account", "connect", "x", "--connector", "x", "--url", w.x.url, "--token-file", broken, person="ops",
                           ok=None)
    w.checks.that("r13 x: an object that nothing can be renewed by is refused", refused.returncode == 1 and
                  "refresh_token" in refused.stderr, refused.stderr)


def x_edits(w):
    """An edit is a new id there, and a new version of the same thing here."""
    there, item, _ = w.comes("x", "@sjoberga Hej! När sandas cykelvägen?", author="904")
    w.x.edit(there, "@sjoberga Hej! När sandas cykelvägen vid Storgatan egentligen?")
    edited = w.event("a new version", "CommentEdited", item=item)
    w.checks.that("r22 x: an edit under a new id is the second version of the same item", edited["version"] == 2 and
                  len([e for e in w.tail.of("CommentReceived") if e["data"]["item"] == item]) == 1, edited)


def many(w, account, fake, author, older):
    """More at once than a page holds: all of them come, each once."""
    before = len(w.tail.of("CommentReceived"))
    with fake.lock:
        for n in range(130):
            fake.say(f"@sjoberga Tack för sandlåda nummer {n}", author=author)
    wait_for("all of them are received", lambda: len(w.tail.of("CommentReceived")) >= before + 130)
    items = [e["data"]["item"] for e in w.tail.of("CommentReceived")]
    w.checks.that(f"r13 {account}: of 130 at once each comes, and once", len(set(items)) == len(items) == before + 130,
                  (len(items), before))
    w.checks.that(f"r13 {account}: by walking to what the first page had no room for",
                  [c for c in fake.called("GET", "") if older in c["query"] and c["status"] == 200])


def bluesky_answers(w):
    there, item, event = w.comes("bs", "Hej! När öppnar badhuset på lördag?", author="did:plc:hpg7vpvoraqzbo2wwp5lvvme",
                                 below=w.posts["bs"])
    matter = w.matter(item, "QUESTION")
    said = w.shown(matter)
    key = there.rsplit("/", 1)[1]
    w.checks.that("r01 bluesky: it comes with its author and its place", all(s in said for s in (
        "Örjan Medborgare", "vvme.test", f"https://bsky.app/profile/did:plc:hpg7vpvoraqzbo2wwp5lvvme/post/{key}")), said)
    w.checks.that("r13 bluesky: by the server's clock, whatever hers says", not event["data"].get("backfill") and
                  event["data"]["kind"] == "ITEM_KIND_COMMENT", event["data"])
    w.bluesky.fail("cut-after", "putRecord", method="POST")
    w.desk.answer(matter, "Hej! Klockan tio, se https://kommun.example/tider." + SIGN)
    w.event("the answer", "ActionDone", item=item, what="ITEM_ACTION_REPLY")
    sent = w.bluesky.done("reply")
    w.checks.that("r11 bluesky: it is there once, signed, with its link, although its answer was lost", len(sent) == 1 and
                  sent[0]["to"] == there and sent[0]["text"].endswith(SIGN) and len(sent[0]["facets"]) == 1, sent)
    seen = w.event("our answer is seen", "ReplySeen", item=item)
    w.checks.that("r11 bluesky: seen there as ours, and signed", seen["signed"] and seen["action"], seen)


def bluesky_by_hand(w):
    _, item, _ = w.comes("bs", f"Ni är jävla idioter hela bunten, {MARK}!", author="did:plc:b", below=w.posts["bs"])
    w.decide_hide(w.matter(item, "MODERATION"))
    manual = w.event("it goes by hand", "ActionManualRequired", item=item, what="ITEM_ACTION_HIDE")
    sealed = [e for e in w.tail.of("EvidenceSealed") if e["data"]["item"] == item]
    w.checks.that("r20 r22 bluesky: hiding is work by hand, after its copy was sealed", manual["reason"] == "platform-cannot" and
                  sealed, manual)


def bluesky_sessions(w):
    """A session ends: the app password makes another, and nobody is disturbed."""
    doors = len(w.bluesky.called("POST", "createSession"))
    w.bluesky.end_sessions()
    there, item, _ = w.comes("bs", "Hej! När sandas cykelvägen?", author="did:plc:c")
    w.checks.that("r13 bluesky: an ended session is made anew", len(w.bluesky.called("POST", "createSession")) > doors)
    w.checks.that("r13 bluesky: the account was never locked", "STATE_AUTH_REQUIRED" not in w.states("bs"), w.states("bs"))
    w.bluesky.edit(there, "Hej! När sandas cykelvägen vid Storgatan?")
    edited = w.event("a new version", "CommentEdited", item=item)
    w.checks.that("r22 bluesky: an edit at the same address is the second version", edited["version"] == 2, edited)


def authors_delete(w, gone):
    """Looked for after a quarter of an hour and once more ten minutes later: then it is certain."""
    for account, item in gone.items():
        event = w.event("it is gone", "CommentGone", 60, item=item)
        w.checks.that(f"r22 {account}: what its author deleted is gone, and nobody says who did it",
                      event["who"] in ("GONE_BY_UNKNOWN",), event)


def story(checks, place):
    w = World(checks, place)
    gone = {}
    for account, fake, more in (("x", w.x, {"author": "909"}), ("bs", w.bluesky, {"author": "did:plc:d"})):
        there, gone[account], _ = w.comes(account, f"@sjoberga Hej! Varför är gatan uppgrävd i {account}-byn?", **more)
        w.matter(gone[account], "QUESTION")
        fake.delete(there)
    x_hides(w)
    x_answers(w)
    x_turns_away(w)
    x_throttles(w)
    x_edits(w)
    x_renews(w)
    w.desk.sign_in()  # half an hour has gone by
    bluesky_answers(w)
    bluesky_by_hand(w)
    bluesky_sessions(w)
    many(w, "x", w.x, "905", "until_id")
    many(w, "bluesky", w.bluesky, "did:plc:e", "cursor")
    authors_delete(w, gone)
    wrong = [c for fake in (w.x, w.bluesky) for c in fake.calls if c["status"] >= 400 and c["status"] not in (403, 429) and
             c["error"] not in ("ExpiredToken", "invalid_request") and c["status"] != 401]
    checks.that("r01 every call was one that the platform has", not wrong, wrong[:3])
    logs = b"".join(p.read_bytes() for p in (place.data / "log").glob("*.log")) + w.supervisor.log.read_bytes()
    told = json.dumps([{k: v for k, v in e.items() if k != "content"} for e in w.tail.events], ensure_ascii=False).encode()
    stores = b"".join(f.read_bytes() for f in place.database("ingest").parent.glob("*.db*"))
    for what in (MARK, "Medborgare", "AAAA-", "RRRR-", w.x.SECRET, w.bluesky.PASSWORD, "eyJ-session"):
        checks.that(f"r24 no log and no fact says {what}", what.encode() not in logs and what.encode() not in told)
    for what in ("AAAA-", "RRRR-", w.x.SECRET, w.bluesky.PASSWORD, "eyJ-session"):
        checks.that(f"r24 {what} stands in no store", what.encode() not in stores)
    checks.that("uppsikt up ends with 0", place.down() == 0)


def main():
    checks = Checks()
    try:
        with Place(sys.argv[1]) as place:
            story(checks, place)
    except Failed as e:
        checks.that(str(e), False)
    return checks.end()


sys.exit(main())
