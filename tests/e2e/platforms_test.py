#!/usr/bin/env python3
"""A YouTube channel and an Instagram account are watched, and answered: real processes over HTTP, against our own fakes.

usage: platforms_test.py BIN   R01, R11, R13, R14, R20, R22. In a trial in which time goes SPEED times as fast: a quarter
of an hour until a comment is looked at again is some seconds. One line PASS or FAIL for each thing that is looked at.
"""
import html
import http.client
import json
import pathlib
import re
import sys
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from place import Checks, Failed, Place, free_port, short_type, wait_for  # noqa: E402
import fake_instagram  # noqa: E402
import fake_youtube  # noqa: E402

SPEED = 120
DAY = 86400000
PASSWORD = "blå hästar springer fort"
MARK = "Rötäggskramaren"
ACCOUNTS = {"yt": "youtube", "ig": "instagram"}
# Of the channel what an access token is made of, as Google's programs write it: those end each hour.
GRANT = {"client_id": "123.apps.example", "client_secret": "GOCSPX-secret", "refresh_token": "1//refresh-of-the-channel"}
TOKENS = {"yt": GRANT["refresh_token"], "ig": "EAAG-token-of-the-page"}
SIGNED = "Anna, kommunikatör"


class Desk:
    """One who signs in at the console and answers there."""

    def __init__(self, port):
        self.port, self.cookies = port, {}

    def ask(self, method, path, fields=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        body = urllib.parse.urlencode(fields) if fields is not None else None
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())} if self.cookies else {}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        page = answer.read().decode()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, rest = value.split("=", 1)
                self.cookies[key] = rest.split(";", 1)[0]
        connection.close()
        return answer.status, page

    def send(self, page, action, fields):
        form = re.search(rf'<form method="post" action="{re.escape(action)}">(.*?)</form>', page, re.S)
        if not form:
            raise Failed(f"no form {action} on the page: {page[-800:]}")
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form.group(1)))
        return self.ask("POST", action, {**hidden, **fields})

    def sign_in(self):
        self.cookies = {}
        status, _ = self.send(self.ask("GET", "/logga-in")[1], "/logga-in", {"name": "anna", "password": PASSWORD})
        if status != 303:
            raise Failed(f"signing in gave {status}")

    def sheet(self, matter):
        self.sign_in()
        return wait_for("the matter's page", lambda: next((p for s, p in [self.ask("GET", f"/sak/{matter}")]
                                                           if s == 200 and f"/sak/{matter}/svar" in p), None))

    def answer(self, matter, text):
        page = self.sheet(matter)
        status, page = self.send(page, f"/sak/{matter}/svar", {"text": text, "send": ""})
        if status != 303:
            raise Failed(f"the answer was not taken: {status}: {page[-1500:]}")


class Town:
    """One deployment, both accounts, and what is asked of its log."""

    def __init__(self, checks, place):
        self.checks, self.place, self.that = checks, place, checks.that
        self.port = free_port()
        place.up("--speed", SPEED, UPPSIKT_INGEST_POLL="60s", UPPSIKT_CONSOLE_PORT=str(self.port))
        place.wait_up(("registry", "ingest", "classify", "escalation", "evidence", "console"))
        words = next(place.folder.rglob("clock")).read_text().split()
        self.t0 = int(words[1]) / 1000
        self.fakes = {"yt": fake_youtube.FakeYouTube(self.clock, "nobody has it yet"),
                      "ig": fake_instagram.FakeInstagram(self.clock, TOKENS["ig"])}
        self.fakes["yt"].grants[GRANT["refresh_token"]] = (GRANT["client_id"], GRANT["client_secret"])
        self.tail = place.tail("--from", "0")
        self.desk = Desk(self.port)

    def clock(self):
        return self.t0 + SPEED * (time.time() - self.t0)

    def event(self, told, type_, seconds=30.0, **wanted):
        return self.tail.wait(told, lambda e: short_type(e) == type_ and
                              all(e["data"].get(k) == v for k, v in wanted.items()), seconds)

    def said(self, kind, **wanted):
        return [e for e in self.tail.of(kind) if all(e["data"].get(k) == v for k, v in wanted.items())]

    def write(self, account, text, **how):
        """Somebody writes it there; the platform's id, and what was heard of it."""
        known = {e["data"]["item"] for e in self.tail.of("CommentReceived")}
        name = "@asa.medborgare" if account == "yt" else "asa.medborgare"
        there = self.fakes[account].say("UCasa" if account == "yt" else "9010001", name, text, **how)
        return there, self.tail.wait(f"{account}: received: {text}", lambda e: short_type(e) == "CommentReceived" and
                                     e["data"]["item"] not in known and e["data"]["account"] == account)

    def matter(self, item, kind):
        return self.event(f"a matter about {item}", "MatterOpened", item=item, kind=kind)["data"]["matter"]

    def connect(self, account):
        file = self.place.folder / f"token-{account}"
        object_ = json.dumps({"type": "authorized_user", "token_uri": f"{self.fakes['yt'].host}/token", **GRANT})
        file.write_text(object_ if account == "yt" else TOKENS[account])
        file.chmod(0o600)
        self.place.call("account", "connect", account, "--connector", ACCOUNTS[account], "--url", self.fakes[account].url,
                        "--token-file", file, "--poll", "60s", person="ops")

    def connection(self, account):
        return next(c for c in self.place.rows("account", "connections", person="ops") if c["account"] == account)


def organisation(town):
    call = town.place.call
    call("account", "authority", "add", "--id", "ks", "--name", "Kommunstyrelsen", "--org-number", "212000-0001")
    call("account", "unit", "add", "--id", "komm", "--authority", "ks", "--name", "Kommunikation", "--communications",
         "--mail", "kommunikation@kommun.example")
    for who, role in (("anna", "administrator"), ("bo", "administrator"), ("ops", "operations")):
        call("person", "add", "--id", who, "--unit", "komm", "--role", role, "--first-name", who.title(), "--last-name",
             "Provsson", "--title", "kommunikatör", "--mail", f"{who}@kommun.example")
    call("person", "password", "anna", "--name", "anna", given=PASSWORD + "\n", person="ops")
    for account, platform in ACCOUNTS.items():
        call("account", "take-over", "--id", account, "--platform", platform, "--unit", "komm", "--handle", "sjoberga",
             "--name", f"Sjöberga {account}", "--purpose", "samtal", "--watch", "api", person="ops")
        for rank, who in enumerate(("anna", "bo"), 1):
            call("account", "grant", account, who, "--rank", rank, person="ops")
        town.connect(account)
    for account in ACCOUNTS:
        wait_for(f"{account}: the connector sees", lambda a=account: town.connection(a)["polled_ms"] > 0)


def comes_in(town, account):
    """With who wrote it and where it stands; classified; an open question."""
    there, event = town.write(account, "När öppnar badet på söndag?")
    item = event["data"]["item"]
    matter = town.matter(item, "MATTER_KIND_QUESTION")
    page = html.unescape(town.desk.sheet(matter))
    link = f"https://www.youtube.com/watch?v=vid00000001&lc={there}" if account == "yt" else "https://www.instagram.com/p/abc/"
    town.that(f"{account}: the console shows who wrote it, and where it stands", "asa.medborgare" in page and link in page, page)
    town.that(f"{account}: it is new, and starts a clock", not event["data"].get("backfill"), event["data"])
    town.event("it is classified", "CommentClassified", item=item)
    return there, item, matter


def hidden(town, account):
    """decide -> sealed -> hidden there, once, although the answer was lost after the effect."""
    fake = town.fakes[account]
    there, event = town.write(account, f"Ni är jävla idioter hela bunten, {MARK}!")
    item = event["data"]["item"]
    matter = town.matter(item, "MATTER_KIND_MODERATION")
    fake.cut_after(1)
    town.place.call("matter", "decide", matter, "hide", "--reason", "attack", person="anna")
    town.event("hidden", "ActionDone", matter=matter, what="ITEM_ACTION_HIDE")
    order = [short_type(e) for e in town.tail.events if e["data"].get("item") == item and
             short_type(e) in ("EvidenceSealed", "ActionDone")]
    town.that(f"{account}: the copy came before the act", order[0] == "EvidenceSealed", order)
    state, deed = ("heldForReview", "heldForReview") if account == "yt" else ("hidden", "hide")
    town.that(f"{account}: it is hidden there", fake.status(there) == state, fake.status(there))
    town.that(f"{account}: once, although the answer was cut off", len(fake.done(deed)) == 1, fake.done(deed))
    met = town.event("the matter is met", "MatterMet", matter=matter)["data"]
    town.that(f"{account}: its clock is met by the platform's word", met["how"] == "MET_HOW_REMOVED", met)
    return there, item


def answered(town, account, there, item, matter):
    """Signed with first name and title, once, and seen there; an answer to a reply stands where there is room."""
    fake = town.fakes[account]
    fake.cut_after(1)
    town.desk.answer(matter, f"Hej! Klockan tio.\n{SIGNED}")
    town.event("answered", "MatterMet", matter=matter)
    seen = town.event("our answer is seen", "ReplySeen", item=item)
    town.that(f"{account}: r11 it is signed", seen["data"]["signed"] is True, seen["data"])
    sent = fake.done("reply")
    town.that(f"{account}: sent once, although the answer was cut off", [d["below"] for d in sent] == [there] and
              sent[0]["text"].endswith(SIGNED), sent)
    _, event = town.write(account, "Är det öppet på måndag också?", below=there)
    town.that(f"{account}: a reply knows what it stands below", event["data"]["parent"] == item, event["data"])
    town.desk.answer(town.matter(event["data"]["item"], "MATTER_KIND_QUESTION"), f"Ja, hela dagen.\n{SIGNED}")
    town.event("the reply is answered", "ActionDone", item=event["data"]["item"], what="ITEM_ACTION_REPLY")
    last = fake.done("reply")[-1]
    town.that(f"{account}: the answer to a reply goes to its thread, and calls on her",
              last["below"] == there and last["text"].startswith("@asa.medborgare Ja, "), last)


def more_than_came_along(town, account, there):
    """More replies than the list brings of a thread: all of them, once."""
    fake = town.fakes[account]
    before = len(town.said("CommentReceived", account=account))
    for n in range(14):
        fake.say(f"UCmany{n}" if account == "yt" else f"90200{n}", f"@many{n}", f"Tack för svaret, hälsar nummer {n}", below=there)
    wait_for(f"{account}: all replies have come", lambda: len(town.said("CommentReceived", account=account)) >= before + 14)
    town.that(f"{account}: each once", len(town.said("CommentReceived", account=account)) == before + 14)


def edited(town, account):
    there, event = town.write(account, "Ni är jävla idioter, igen!")
    item = event["data"]["item"]
    town.matter(item, "MATTER_KIND_MODERATION")
    town.fakes[account].edit(there, "Ni är jävla idioter, sade jag!")
    edit = town.event("an edit is a version", "CommentEdited", item=item)["data"]
    town.that(f"{account}: r22 both versions are kept", edit["version"] == 2 and
              town.place.sql("ingest", "SELECT count(*) FROM version WHERE item = ?", item)[0][0] == 2, edit)
    return there, item


def gone(town, account, item):
    event = town.event("what its author removed is gone", "CommentGone", item=item, seconds=45)["data"]
    town.that(f"{account}: who did it, the platform does not tell", event["who"] == "GONE_BY_UNKNOWN", event)


def throttled(town, account):
    """Too fast, says the platform, and for how long: nothing is asked so long; then it goes on."""
    fake, minutes = town.fakes[account], 10
    if account == "yt":
        refused = fake_youtube.error(403, "rateLimitExceeded", "youtube.quota", [("Retry-After", str(60 * minutes))])
    else:
        usage = {fake.PAGE: [{"type": "instagram", "call_count": 100, "estimated_time_to_regain_access": minutes}]}
        refused = fake_instagram.error(403, 80002, None, [("X-Business-Use-Case-Usage", json.dumps(usage))])
    fake.throttle(1, refused)
    wait_for(f"{account}: it is throttled", lambda: fake.throttled is None)
    town.write(account, "Kommer det här fram?")
    times = [a["at"] for a in fake.asked]
    at = max(n for n, a in enumerate(fake.asked) if a.get("status") == 403)
    pause = (times[at + 1] - times[at]) * SPEED / 60
    town.that(f"{account}: it waited {minutes} minutes, then went on", pause >= minutes * 0.97, pause)


def quota(town):
    """The day's units are used: until midnight in California nothing is asked."""
    fake = town.fakes["yt"]
    fake.throttle(1, fake_youtube.error(403, "quotaExceeded", "youtube.quota"))
    wait_for("yt: the quota is used", lambda: fake.throttled is None)
    row = wait_for("yt: it rests", lambda: next((c for c in [town.connection("yt")]
                                                 if c["next_ms"] - town.clock() * 1000 > 300000), None), 10)
    past = [(row["next_ms"] - hours * 3600000) % DAY for hours in (7, 8)]
    town.that("yt: it rests until midnight in California", min(past) < 600000, past)
    asked = len(fake.asked)
    town.connect("yt")  # a person may always ask at once
    wait_for("yt: it is asked again", lambda: len(fake.asked) > asked)


def renewed(town):
    """An access token that ends before its time is made anew; when nothing comes for it any more, it is said."""
    fake = town.fakes["yt"]
    granted = fake.granted
    fake.token = "another"
    town.write("yt", "Finns det bastu på badet?")
    town.that("yt: an ended token is made anew in the same call", fake.granted > granted and not town.said(
        "AccountHealthChanged", account="yt", state="STATE_AUTH_REQUIRED"), fake.granted)
    grant = fake.grants.pop(GRANT["refresh_token"])
    fake.token = "another"
    town.event("the account is locked", "AccountHealthChanged", account="yt", state="STATE_AUTH_REQUIRED")
    fake.grants[GRANT["refresh_token"]] = grant
    town.connect("yt")
    wait_for("yt: the account is well again", lambda: town.said("AccountHealthChanged", account="yt")[-1]["data"]["state"] == "STATE_OK")


def nothing_is_told(town):
    logs = b"".join(p.read_bytes() for p in (town.place.data / "log").glob("*.log")) + town.place.supervisor.log.read_bytes()
    facts = json.dumps([{k: v for k, v in e.items() if k != "content"} for e in town.tail.events], ensure_ascii=False).encode()
    for what in (MARK, *TOKENS.values(), GRANT["client_secret"], "ya29-access", "asa.medborgare", "UCasa", "vid00000001"):
        town.that(f"no log and no fact says {what}", what.encode() not in logs and what.encode() not in facts)
    stores = b"".join(f.read_bytes() for f in town.place.database("ingest").parent.glob("*.db*"))
    town.that("the tokens lie sealed", all(t.encode() not in stores for t in (*TOKENS.values(), "ya29-access")))
    for account, fake in town.fakes.items():
        wrong = [a for a in fake.asked if a["status"] not in (200, 204, 401, 403) and a["path"] != "/token" and
                 a["path"].rsplit("/", 1)[-1] not in fake.removed]
        town.that(f"{account}: nothing was asked that it does not have", not wrong, wrong[:3])
    verified = town.place.call("verify", ok=None)
    town.that("`uppsikt verify` finds every chain whole", verified.returncode == 0, verified.stdout + verified.stderr)


def story(checks, place):
    town = Town(checks, place)
    try:
        organisation(town)
        removed = {}
        for account in ACCOUNTS:
            there, item = edited(town, account)
            town.fakes[account].remove(there)
            removed[account] = item
        for account in ACCOUNTS:
            question = comes_in(town, account)
            hidden(town, account)
            answered(town, account, *question)
            more_than_came_along(town, account, question[0])
        for account in ACCOUNTS:
            gone(town, account, removed[account])
            throttled(town, account)
        renewed(town)
        quota(town)
        outside = [e["data"] for e in town.said("CommentHiddenOutside")]
        town.that("what we hid is told as hidden by nobody else", not outside, outside)
        nothing_is_told(town)
        town.that("uppsikt up ends with 0", place.down() == 0)
    finally:
        for fake in town.fakes.values():
            fake.stop()


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
