#!/usr/bin/env python3
"""A blog's comments by RSS and a forum's by Atom, each from a comment to what becomes of it: real processes, fake feeds.

usage: rss_test.py BIN   BIN: the folder with uppsikt and the services.
R01, R13, R20, R22, R23, R24. The suite's time goes fast: a look each 60 s of it is two a second. A feed is a window: what
leaves it stays here, and is never said to be gone. One line PASS or FAIL for each thing.
"""
import json
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from place import Checks, Failed, Place, short_type, wait_for  # noqa: E402
from fake_rss import FakeRss  # noqa: E402

SPEED = 120
MARK, TOKEN = "Rötäggskramaren", "hemligt-ord-for-forumet"
ACCOUNTS = {"blogg": "rss", "forum": "atom"}


class World:
    def __init__(self, checks, place):
        self.checks, self.place = checks, place
        self.supervisor = place.up("--speed", SPEED, UPPSIKT_INGEST_POLL="60s")
        place.wait_up(("registry", "ingest", "classify", "escalation", "evidence"))
        words = next(place.folder.rglob("clock")).read_text().split()
        self.t0 = int(words[1]) / 1000
        self.tail = place.tail("--from", "0")
        self.feeds = {"blogg": FakeRss(self.clock, "rss"), "forum": FakeRss(self.clock, "atom", token=TOKEN)}
        self.organisation()
        for account in ACCOUNTS:
            self.feeds[account].say("Gammal", "Det här stod där förut")
            self.connect(account)

    def clock(self):
        return self.t0 + SPEED * (time.time() - self.t0)

    def organisation(self):
        call = self.place.call
        call("account", "authority", "add", "--id", "ks", "--name", "Kommunstyrelsen", "--org-number", "212000-0001")
        call("account", "unit", "add", "--id", "komm", "--authority", "ks", "--name", "Kommunikation", "--communications",
             "--mail", "kommunikation@kommun.example")
        for who, role in (("anna", "administrator"), ("bo", "administrator"), ("ops", "operations")):
            call("person", "add", "--id", who, "--unit", "komm", "--role", role, "--first-name", who.title(), "--last-name",
                 "Provsson", "--title", "kommunikatör", "--mail", f"{who}@kommun.example")
        for account in ACCOUNTS:
            call("account", "take-over", "--id", account, "--platform", "rss", "--unit", "komm", "--handle", account,
                 "--name", f"Sjöberga {account}", "--purpose", "samtal", "--watch", "api", person="ops")
            for rank, who in enumerate(("anna", "bo"), 1):
                call("account", "grant", account, who, "--rank", rank, person="ops")

    def connect(self, account):
        """The blog is open to all: no token; the forum wants one."""
        words = ["--url", self.feeds[account].url, "--poll", "60s"]
        if self.feeds[account].token:
            file = self.place.folder / "token"
            file.write_text(TOKEN + "\n")
            file.chmod(0o600)
            words += ["--token-file", file]
        self.place.call("account", "connect", account, "--connector", "rss", *words, person="ops")

    def event(self, saying, name, seconds=30, /, **data):
        return self.tail.wait(f"{saying}: {name} {data}", lambda e: short_type(e) == name and
                              all(e["data"].get(k) == v for k, v in data.items()), seconds)["data"]

    def of(self, name, **data):
        return [e["data"] for e in self.tail.of(name) if all(e["data"].get(k) == v for k, v in data.items())]

    def comes(self, account, author, text, **more):
        """Somebody writes it; its number there, and the event."""
        known = {d["item"] for d in self.of("CommentReceived")}
        there = self.feeds[account].say(author, text, **more)
        return there, self.tail.wait(f"received: {text}", lambda e: short_type(e) == "CommentReceived" and
                                     e["data"]["item"] not in known)["data"]

    def looked(self, account, status=None):
        """Waits until it has been asked twice more: what stood there at the first has been read."""
        feed = self.feeds[account]
        there = len(feed.calls)
        wait_for(f"{account} is looked at", lambda: len(feed.calls) >= there + 2 and
                 (status is None or feed.calls[-1]["status"] == status))

    def matter(self, item, kind):
        return self.event("a matter is opened", "MatterOpened", item=item, kind=f"MATTER_KIND_{kind}")["matter"]

    def state(self, account):
        return next(c for c in self.place.rows("account", "connections", person="ops") if c["account"] == account)["health"]["state"]


def backfill(w):
    for account in ACCOUNTS:
        old = w.event("what stood there before", "CommentReceived", account=account)
        w.checks.that(f"r01 {account}: what stood there before comes in", old["kind"] == "ITEM_KIND_COMMENT" and
                      old["source"] == "ITEM_SOURCE_POLL", old)


def comes_in(w):
    """Two forms of feed, one of them behind a token; whole texts, authors, places, what answers what."""
    there, first = w.comes("blogg", "Åsa Medborgare", "Hej! När öppnar badhuset på söndag, och vad kostar det?")
    matter = w.matter(first["item"], "QUESTION")
    said = w.place.call("matter", "show", matter, "--content", "--json", person="anna").stdout
    base = w.feeds["blogg"].url.removesuffix("/comments/feed/")
    w.checks.that("r01 rss: the whole text, its author, its place", all(s in said for s in (
        "söndag, och vad kostar det?", "Åsa Medborgare", f"{base}/bad/#comment-{there}")) and "<p>" not in
        json.loads(said.split("\n")[0]).get("text", ""), said)
    w.checks.that("r13 rss: new, it starts a clock", not first.get("backfill") and first["platform"] == "rss", first)
    above, upper = w.comes("forum", "Örjan Medborgare", "Hej! När sandas cykelvägen?")
    _, lower = w.comes("forum", "Bo Medborgare", "Det undrar jag också.", below=above)
    w.checks.that("r01 atom: what answers a comment knows it", lower["parent"] == upper["item"], lower)
    w.checks.that("r01 atom: the token goes along, and to the forum alone",
                  {c["token"] for c in w.feeds["forum"].calls} == {f"Bearer {TOKEN}"} and
                  {c["token"] for c in w.feeds["blogg"].calls} == {None})
    return there, first["item"]


def unchanged(w):
    """304: nothing is read, nothing is said, the account is well."""
    for account in ACCOUNTS:
        before = len(w.of("CommentReceived"))
        w.looked(account, 304)
        w.checks.that(f"r01 {account}: what has not changed is not sent again",
                      {c["status"] for c in w.feeds[account].calls[-2:]} == {304} and len(w.of("CommentReceived")) == before)
        w.checks.that(f"r13 {account}: and counts as seen", w.state(account) == "STATE_OK")


def edited(w, there, item):
    w.feeds["blogg"].edit(there, "Hej! När öppnar simhallen på lördag, och vad kostar det?")
    edit = w.event("a new version", "CommentEdited", item=item)
    w.checks.that("r22 rss: other words under the same guid are a second version, and both are kept", edit["version"] == 2 and
                  w.place.sql("ingest", "SELECT count(*) FROM version WHERE item = ?", item)[0][0] == 2, edit)
    w.looked("blogg", 304)
    w.checks.that("r22 rss: said once", len(w.of("CommentEdited", item=item)) == 1)


def leaves_the_window(w, item):
    """More come than the window shows: the old ones are not gone, and their questions stay open."""
    for n in range(4):
        w.comes("blogg", "Många", f"Tack för sandlåda nummer {n}")
    asked, began = len(w.feeds["blogg"].calls), w.clock()
    wait_for("more than the ages at which others are looked at again have passed", lambda: w.clock() - began > 45 * 60)
    w.looked("blogg", 304)
    often = (len(w.feeds["blogg"].calls) - asked) / ((w.clock() - began) / 60)
    w.checks.that("r01 rss: what has left the window is never said to be gone", not w.of("CommentGone") and
                  not w.of("CommentUnreachable") and not w.of("MatterMet", item=item))
    w.checks.that("r13 rss: it is asked once a minute, whatever is open", often < 1.5, often)
    w.feeds["blogg"].window = 6
    w.looked("blogg")
    w.checks.that("r13 rss: and one that is shown again is the same", len(w.of("CommentReceived", item=item)) == 1 and
                  len(w.of("CommentEdited", item=item)) == 1)


def by_hand(w):
    _, event = w.comes("forum", "Arg", f"Ni är jävla idioter hela bunten, {MARK}!")
    item = event["item"]
    matter = w.matter(item, "MODERATION")
    w.place.call("matter", "decide", matter, "hide", "--reason", "attack", person="anna")
    manual = w.event("it goes by hand", "ActionManualRequired", item=item, what="ITEM_ACTION_HIDE")
    sealed = [e for e in w.of("EvidenceSealed") if e["item"] == item]
    w.checks.that("r20 r22 atom: hiding is work by hand, after its copy was sealed", manual["reason"] == "platform-cannot" and
                  sealed, manual)
    w.place.call("action", "attest", manual["action"], person="anna")
    done = w.event("attested", "ActionDone", action=manual["action"])
    w.checks.that("r20 atom: and a person says that it is done", done["by_hand"], done)


def bad_entries(w):
    """Each is set aside with its words; the rest goes in."""
    w.feeds["blogg"].extra = ("<item><title>utan nyckel</title></item><item><guid>tom</guid></item>"
                              "<item><guid>inget-datum</guid><pubDate>i förrgår</pubDate><title>Datum saknas</title></item>")
    _, event = w.comes("blogg", "Åsa", "Kommer det här fram?")
    wait_for("both are set aside", lambda: len(w.of("LineQuarantined", account="blogg")) == 2)
    wait_for("and the one with a bad date has come", lambda: len(w.of("CommentReceived", account="blogg")) >= 8)
    rows = w.place.rows("park", "lines", person="ops")
    w.checks.that("r23 rss: of a feed with bad entries each is set aside, and the rest goes in", event["item"] and {
        r["why"] for r in rows} == {"entry: has neither an id nor a link", "entry: has no text"}, rows)
    w.feeds["blogg"].extra = ""
    w.looked("blogg", 304)


def falls_ill(w, name, status, body, why):
    """It is seen that the account is ill, nothing is lost, and what came meanwhile is read."""
    feed = w.feeds["blogg"]
    quarantined = len(w.of("LineQuarantined", account="blogg"))
    seen = len(w.of("AccountHealthChanged", account="blogg", state="STATE_DEGRADED"))
    with feed.lock:
        feed.broken = (status, body)
    w.connect("blogg")  # forgets what it was told last
    wait_for(f"{name}: the account is ill", lambda: len(w.of(
        "AccountHealthChanged", account="blogg", state="STATE_DEGRADED")) > seen)
    there = feed.say("Åsa", f"Skrivet under {name}")
    with feed.lock:
        feed.broken = None
    received = len(w.of("CommentReceived", account="blogg"))
    w.connect("blogg")  # a person may always ask at once
    wait_for(f"{name}: what came meanwhile is read", lambda: len(w.of("CommentReceived", account="blogg")) > received)
    wait_for(f"{name}: the account is well again", lambda: w.state("blogg") == "STATE_OK")
    found = w.of("LineQuarantined", account="blogg")[quarantined:]
    w.checks.that(f"r01 {name}: seen, and after it all goes on", there and len(found) == (1 if why else 0), found)
    if why:
        rows = w.place.rows("park", "lines", person="ops")
        w.checks.that(f"r23 {name}: why it could not be read is said", rows[-1]["why"] == why, rows[-1])


def ill(w):
    whole = w.feeds["blogg"].document()
    falls_ill(w, "nothing new, to who knows nothing", 304, b"", None)
    falls_ill(w, "an error", 500, b"<html>Internal Server Error</html>", None)
    falls_ill(w, "a page", 200, b"<!DOCTYPE html><html><body>Logga in</body></html>",
              "feed: has a document type (DOCTYPE)")
    falls_ill(w, "a feed cut short", 200, whole[:whole.rindex(b"</channel>")], "feed: is no XML, or ends too early")
    falls_ill(w, "a feed of any length", 200, whole.replace(b"<link>", b"<link>" + b"x" * 5 * 1024 * 1024, 1),
              "feed: is too large")


def nothing_is_told(w):
    logs = b"".join(p.read_bytes() for p in (w.place.data / "log").glob("*.log")) + w.supervisor.log.read_bytes()
    told = json.dumps([{k: v for k, v in e.items() if k != "content"} for e in w.tail.events], ensure_ascii=False).encode()
    stores = b"".join(f.read_bytes() for f in w.place.database("ingest").parent.glob("*.db*"))
    for what in (MARK, "Medborgare", "?p=3#comment", "tag:forum", TOKEN):
        w.checks.that(f"r24 no log and no fact says {what}", what.encode() not in logs and what.encode() not in told)
    w.checks.that("r24 the token stands in no store", TOKEN.encode() not in stores)
    items = [d["item"] for d in w.of("CommentReceived")]
    w.checks.that("r01 each comment came once", len(items) == len(set(items)) == sum(
        len(f.comments) for f in w.feeds.values()) + 1, len(items))


def story(checks, place):
    w = World(checks, place)
    backfill(w)
    question = comes_in(w)
    unchanged(w)
    edited(w, *question)
    leaves_the_window(w, question[1])
    by_hand(w)
    bad_entries(w)
    ill(w)
    nothing_is_told(w)
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
