#!/usr/bin/env python3
"""An organisation's page on LinkedIn is watched, and answered: real processes over HTTP, against our own fake.

usage: linkedin_test.py BIN   R01, R11, R13, R14, R20, R22, R24. In a trial in which time goes SPEED times as fast: a
quarter of an hour until a comment is looked at again is some seconds. One line PASS or FAIL for each thing.
"""
import datetime
import html
import json
import pathlib
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from place import Checks, Failed, Place, free_port, short_type, wait_for  # noqa: E402
from platforms_test import Desk, PASSWORD  # noqa: E402
import fake_linkedin  # noqa: E402

SPEED, DAY = 120, 86400000
MARK = "Rötäggskramaren"
TOKEN = "AQX-token-of-the-administrator"
SIGNED = "Anna, kommunikatör"
HER, HIM = "urn:li:person:Asa1", "urn:li:person:Orjan2"


class Town:
    """One deployment, the page, and what is asked of its log."""

    def __init__(self, checks, place):
        self.place, self.that, self.port = place, checks.that, free_port()
        place.up("--speed", SPEED, UPPSIKT_INGEST_POLL="60s", UPPSIKT_CONSOLE_PORT=str(self.port))
        place.wait_up(("registry", "ingest", "classify", "escalation", "evidence", "console"))
        words = next(place.folder.rglob("clock")).read_text().split()
        self.t0 = int(words[1]) / 1000
        self.fake = fake_linkedin.FakeLinkedIn(self.clock, TOKEN)
        self.tail = place.tail("--from", "0")
        self.desk = Desk(self.port)

    def clock(self):
        return self.t0 + SPEED * (time.time() - self.t0)

    def event(self, told, type_, seconds=30.0, **wanted):
        return self.tail.wait(told, lambda e: short_type(e) == type_ and
                              all(e["data"].get(k) == v for k, v in wanted.items()), seconds)["data"]

    def said(self, kind, **wanted):
        return [e["data"] for e in self.tail.of(kind) if all(e["data"].get(k) == v for k, v in wanted.items())]

    def write(self, text, below, author=HER):
        """Somebody writes it there; its name there, and what was heard of it."""
        known = {e["item"] for e in self.said("CommentReceived")}
        there = self.fake.say(author, text, below)
        return there, self.tail.wait(f"received: {text}", lambda e: short_type(e) == "CommentReceived" and
                                     e["data"]["item"] not in known)["data"]

    def matter(self, item, kind):
        return self.event(f"a matter about {item}", "MatterOpened", item=item, kind=f"MATTER_KIND_{kind}")["matter"]

    def connect(self, *more, days=60):
        file = self.place.folder / "token"
        file.write_text(TOKEN + "\n")
        file.chmod(0o600)
        ends = datetime.datetime.fromtimestamp(self.clock() + 86400 * days, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.place.call("account", "connect", "li", "--connector", "linkedin", "--url", self.fake.url, "--token-file", file,
                        "--poll", "60s", "--expires", ends, *more, person="ops")

    def connection(self):
        return self.place.rows("account", "connections", person="ops")[0]

    def well(self):
        return wait_for("the account is well", lambda: self.connection()["health"]["state"] == "STATE_OK" and
                        self.connection()["polled_ms"] > 0)


def organisation(town):
    call = town.place.call
    call("account", "authority", "add", "--id", "ks", "--name", "Kommunstyrelsen", "--org-number", "212000-0001")
    call("account", "unit", "add", "--id", "komm", "--authority", "ks", "--name", "Kommunikation", "--communications",
         "--mail", "kommunikation@kommun.example")
    for who, role in (("anna", "administrator"), ("bo", "administrator"), ("ops", "operations")):
        call("person", "add", "--id", who, "--unit", "komm", "--role", role, "--first-name", who.title(), "--last-name",
             "Provsson", "--title", "kommunikatör", "--mail", f"{who}@kommun.example")
    call("person", "password", "anna", "--name", "anna", given=PASSWORD + "\n", person="ops")
    call("account", "take-over", "--id", "li", "--platform", "linkedin", "--unit", "komm", "--handle", "sjoberga-kommun",
         "--name", "Sjöberga på LinkedIn", "--purpose", "samtal", "--watch", "api", person="ops")
    for rank, who in enumerate(("anna", "bo"), 1):
        call("account", "grant", "li", who, "--rank", rank, person="ops")


def which_page(town):
    """Her token opens two pages: nothing is read before somebody says which is ours."""
    town.fake.roles = [town.fake.OTHER, town.fake.OWN]
    post = town.fake.post("Badet \\(det nya\\) öppnar på lördag {hashtag|\\#|bad}")
    town.connect()
    town.event("it is said that nothing is read", "AccountHealthChanged", account="li", state="STATE_DEGRADED")
    town.that("of several pages none is taken by guess", not town.fake.called("GET", "/rest/posts"))
    town.connect("--external", "2414183")
    town.well()
    own = town.event("our own post is seen", "OwnPostSeen", account="li")
    shown = town.place.rows("account", "connections", person="ops")[0]["health"]
    town.that("r13 the connection says how it is, and when the token ends", shown["reason_class"] == "ok" and
              shown["token_expires_ms"] > town.clock() * 1000, shown)
    return post, own["item"]


def comes_in(town, post, own):
    there, event = town.write("Hej! När öppnar badet på söndag?", post)
    item, matter = event["item"], town.matter(event["item"], "QUESTION")
    town.that("r01 it is new, and stands below our post", not event.get("backfill") and event["parent"] == event["thread"] == own,
              event)
    activity = there.split("(")[1].split(",")[0]
    page = html.unescape(town.desk.sheet(matter))
    town.that("r01 the console shows its words, and where they stand", "När öppnar badet" in page and
              f"https://www.linkedin.com/feed/update/{activity}/" in page, page)
    town.event("it is classified", "CommentClassified", item=item)
    return there, item, matter


def answered(town, there, item, matter):
    """Signed with first name and title, once, although the first answer is lost; seen there."""
    town.fake.cut_after(1)
    town.desk.answer(matter, f"Hej! Klockan tio.\n{SIGNED}")
    town.event("answered", "MatterMet", matter=matter)
    seen = town.event("our answer is seen", "ReplySeen", item=item)
    sent = town.fake.done("reply")
    town.that("r11 it is there once, with first name and title, although its answer was lost",
              [d["below"] for d in sent] == [there] and sent[0]["text"].endswith(SIGNED), sent)
    town.that("r11 seen there as ours, signed, and known for what was sent", seen["signed"] and seen["action"], seen)
    _, event = town.write("Är det öppet på måndag också?", there)
    town.that("a reply knows what it stands below", event["parent"] == item, event)
    town.desk.answer(town.matter(event["item"], "QUESTION"), f"Ja, hela dagen.\n{SIGNED}")
    town.event("the reply is answered", "ActionDone", item=event["item"], what="ITEM_ACTION_REPLY")
    last = town.fake.done("reply")[-1]
    town.that("the answer to a reply stands where there is room", last["below"] == there and last["text"].startswith("Ja, "), last)
    asks = town.place.sql("ingest", "SELECT asks FROM action WHERE item = ?", event["item"])
    town.that("a header alone says that it is there: one call", asks == [(1,)], asks)


def more_than_came_along(town, post, there):
    """More comments than a page holds, and answers that nobody counts: all of them, each once."""
    before = len(town.said("CommentReceived"))
    for n in range(130):
        town.fake.say(f"urn:li:person:many{n}", f"Tack, hälsar nummer {n}", post)
    wait_for("all comments have come", lambda: len(town.said("CommentReceived")) >= before + 130)
    town.that("r13 of 130 at once each comes, and once", len(town.said("CommentReceived")) == before + 130)
    town.that("r13 by reading on where the first page ended",
              [a for a in town.fake.called("GET", "/comments") if a["query"].get("start") == "100"])
    town.fake.counts = False
    _, event = town.write("Tack, det var bra att veta!", there, HIM)
    town.that("r13 an answer below a comment comes when nobody counts it, too", event["kind"] == "ITEM_KIND_REPLY", event)
    town.fake.counts = True


def by_hand(town, post):
    """Nothing can be hidden there; what is to be deleted waits for its whole copy."""
    _, event = town.write(f"Ni är jävla idioter hela bunten, {MARK}!", post, HIM)
    item, matter = event["item"], town.matter(event["item"], "MODERATION")
    town.place.call("matter", "decide", matter, "hide", "--reason", "attack", person="anna")
    manual = town.event("hiding goes by hand", "ActionManualRequired", item=item, what="ITEM_ACTION_HIDE")
    town.that("r20 r22 hiding is work by hand, after its copy was sealed", manual["reason"] == "platform-cannot" and
              town.said("EvidenceSealed", item=item), manual)
    _, event = town.write("Ni är jävla idioter, och värre ska det bli!", post, HIM)
    item, matter = event["item"], town.matter(event["item"], "MODERATION")
    town.place.call("matter", "decide", matter, "delete", "--reason", "incitement", "--law", "BBS 5 § 1 a", person="anna")
    town.event("RAW is sealed", "EvidenceSealed", item=item)
    waits = wait_for("the delete waits", lambda: [r for r in town.place.rows("action", "list") if r["item"] == item])
    town.that("r22 nothing is deleted before its whole copy", waits[0]["missing"] == "WHOLE" and not town.fake.done("delete"), waits)
    return item


def deleted(town, item):
    """Where a browser has made the whole copy meanwhile, it is deleted; else it waits still."""
    whole = town.said("EvidenceSealed", item=item, level="SEAL_LEVEL_WHOLE")
    if whole:
        town.event("with its whole copy it is deleted", "ActionDone", item=item, what="ITEM_ACTION_DELETE")
    town.that("r20 r22 deleted once with a whole copy, never without", len(town.fake.done("delete")) == len(whole), whole)


def edited(town, post):
    there, event = town.write("Ni är jävla idioter, igen!", post)
    item = event["item"]
    town.matter(item, "MODERATION")
    town.fake.edit(there, "Ni är jävla idioter, sade jag!")
    edit = town.event("an edit is a version", "CommentEdited", item=item)
    town.that("r22 both versions are kept, and it says when it was changed", edit["version"] == 2 and edit["edited_ms"] > 0 and
              town.place.sql("ingest", "SELECT count(*) FROM version WHERE item = ?", item)[0][0] == 2, edit)
    town.fake.remove(there)
    return item


def shut(town, post):
    """One thread is not shown to us: it is set aside in sight, and the others go on."""
    other = town.fake.post("Biblioteket har nya tider")
    town.fake.shut.add(other)
    wait_for("the thread was refused", lambda: [a for a in town.fake.called("GET", other) if a["status"] == 403])
    town.write("Hej! När sandas cykelvägen?", post)
    lines = wait_for("it is set aside", lambda: [r for r in town.place.rows("park", "lines", person="ops") if r["why"] ==
                                                 "thread: is not shown to us"])
    town.that("r13 a thread that is not shown to us is set aside once, and others are read", len(lines) == 1, lines)
    town.fake.shut.clear()


def gone(town, item):
    event = town.event("what its author removed is gone", "CommentGone", 60, item=item)
    town.that("r22 who did it, the platform does not tell", event["who"] == "GONE_BY_UNKNOWN", event)


def throttled(town):
    """The day's calls are used: until midnight in UTC nothing is asked."""
    town.fake.throttle(1, fake_linkedin.error(429, "TOO_MANY_REQUESTS"))
    wait_for("it is throttled", lambda: town.fake.throttled is None)
    row = wait_for("it rests", lambda: next((c for c in [town.connection()] if c["next_ms"] % DAY < 1000), None), 10)
    town.that("r13 it rests until midnight in UTC, and says why", 0 < row["next_ms"] - town.clock() * 1000 < DAY and
              row["health"]["reason_class"] == "throttle", row)
    asked = len(town.fake.asked)
    town.connect()  # a person may always ask at once
    wait_for("it is asked again", lambda: len(town.fake.asked) > asked)
    town.well()


def sunset(town, post):
    """Our version is taken away: said at once, no words lost; with another in the configuration it goes on."""
    _, asked = town.write("Hej! När är badet stängt?", post)
    matter = town.matter(asked["item"], "QUESTION")
    town.fake.versions = {"202709"}
    told = town.event("it is said at once, and why", "AccountHealthChanged", account="li", reason_class="version")
    town.that("r13 a version that is gone is said once, and the account is blind", told["state"] == "STATE_DEGRADED" and
              told["blind_since_ms"] > 0 and len(town.said("AccountHealthChanged", reason_class="version")) == 1, told)
    town.that("r13 the connections tell it", "version" in town.place.call("account", "connections", person="ops").stdout)
    town.desk.answer(matter, f"Hej! På midsommarafton.\n{SIGNED}")
    wait_for("an answer waits for it", lambda: [r for r in town.place.rows("action", "list") if r["why"] == "version"])
    before = {e["item"] for e in town.said("CommentReceived")}
    town.fake.say(HER, "Skrevs medan ingen såg det", post)
    file = town.place.data / "config" / "ingest.yaml"
    file.write_text(file.read_text() + "linkedin_version: '202709'\n")
    town.place.supervisor.child.send_signal(signal.SIGHUP)
    town.tail.wait("what was written meanwhile comes in", lambda e: short_type(e) == "CommentReceived" and
                   e["data"]["item"] not in before, 60)
    well = town.said("AccountHealthChanged")[-1]
    town.that("r13 with another version in the configuration it sees again", well["state"] == "STATE_OK" and
              well["reason_class"] == "ok", well)
    town.event("the answer that waited", "ActionDone", item=asked["item"], what="ITEM_ACTION_REPLY")


def expired(town):
    town.fake.token = "another"
    locked = town.event("the account is locked", "AccountHealthChanged", account="li", state="STATE_AUTH_REQUIRED")
    town.that("r13 an ended token locks the account in sight", locked["reason_class"] == "auth", locked)
    town.fake.token = TOKEN
    town.connect(days=10)
    town.well()
    town.event("its end is told fourteen days before", "AccountHealthChanged", account="li", reason_class="token-expires")


def nothing_is_told(town):
    logs = b"".join(p.read_bytes() for p in (town.place.data / "log").glob("*.log")) + town.place.supervisor.log.read_bytes()
    facts = json.dumps([{k: v for k, v in e.items() if k != "content"} for e in town.tail.events], ensure_ascii=False).encode()
    for what in (MARK, TOKEN, HER, "urn:li:comment", "urn:li:share"):
        town.that(f"r24 no log and no fact says {what}", what.encode() not in logs and what.encode() not in facts)
    stores = b"".join(f.read_bytes() for f in town.place.database("ingest").parent.glob("*.db*"))
    town.that("the token lies sealed", TOKEN.encode() not in stores)
    names = {one.split(",")[1].rstrip(")") for one in town.fake.removed}
    wrong = [a for a in town.fake.asked if a["status"] not in (200, 201, 204, 401, 403, 426, 429) and
             a["path"].rsplit("/", 1)[-1] not in names]
    town.that("r01 every call was one that the platform has", not wrong, wrong[:3])
    received = [e["item"] for e in town.said("CommentReceived")]
    town.that("r13 nothing came in twice", len(received) == len(set(received)))
    town.that("r11 three answers were sent, no more", len(town.fake.done("reply")) == 3, town.fake.done("reply"))
    verified = town.place.call("verify", ok=None)
    town.that("`uppsikt verify` finds every chain whole", verified.returncode == 0, verified.stdout + verified.stderr)


def story(checks, place):
    town = Town(checks, place)
    try:
        organisation(town)
        post, own = which_page(town)
        removed = edited(town, post)
        there, item, matter = comes_in(town, post, own)
        answered(town, there, item, matter)
        doomed = by_hand(town, post)
        more_than_came_along(town, post, there)
        gone(town, removed)
        shut(town, post)
        throttled(town)
        sunset(town, post)
        expired(town)
        deleted(town, doomed)
        nothing_is_told(town)
        town.that("uppsikt up ends with 0", place.down() == 0)
    finally:
        town.fake.stop()


def main():
    checks = Checks()
    try:
        with Place(sys.argv[1]) as place:
            story(checks, place)
    except Failed as e:
        checks.that(str(e), False)
    return checks.end()


if __name__ == "__main__":
    sys.exit(main())
