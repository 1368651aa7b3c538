#!/usr/bin/env python3
"""A comment on a page is decided on, saved, hidden and deleted there: with real processes over HTTP.

usage: gate_test.py BIN   BIN: the folder with uppsikt, the services and upp-fake-facebook.
R11, R13, R20, R21, R22, R24, R25; the platform is the fake page (tests/fakes). One line PASS or FAIL for each
thing that is looked at.
"""
import json
import os
import pathlib
import shutil
import signal
import sys
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from place import Checks, Failed, Place, free_port, short_type, wait_for  # noqa: E402
from page import Page  # noqa: E402

MARK = "Rötäggskramaren"
TOKEN, SECRET = Page.TOKEN, Page.SECRET
NUMBER = "19481203-9800"


def status_of(url, data=None, headers=None):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(urllib.request.Request(url, data=data, headers=headers or {}), timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as e:
        return e.code, e.read().decode()


def organisation(place, page):
    place.call("account", "authority", "add", "--id", "ks", "--name", "Kommunstyrelsen", "--org-number", "212000-0001")
    place.call("account", "unit", "add", "--id", "komm", "--authority", "ks", "--name", "Kommunikation", "--communications",
               "--mail", "kommunikation@kommun.example")
    for who, name in (("anna", "Anna"), ("bo", "Bo")):
        place.call("person", "add", "--id", who, "--unit", "komm", "--role", "administrator", "--first-name", name,
                   "--last-name", "Provsson", "--title", "kommunikatör", "--mail", f"{who}@kommun.example")
    place.call("account", "take-over", "--id", "fb", "--platform", "facebook", "--unit", "komm", "--handle", "sjoberga",
               "--name", "Sjöberga på Facebook", "--purpose", "samtal", "--watch", "api")
    place.call("account", "grant", "fb", "anna", "--rank", "1")
    place.call("account", "grant", "fb", "bo", "--rank", "2")
    token = place.folder / "token"
    token.write_text(TOKEN)
    token.chmod(0o600)
    refused = place.call("account", "connect", "fb", "--connector", "myspace", "--url", f"{page.url}/v25.0",
                         "--token-file", token, ok=None)
    return refused


def moderation(place, tail, text_item):
    event = tail.wait("the matter is opened", lambda e: short_type(e) == "MatterOpened" and
                      e["data"]["item"] == text_item and e["data"]["kind"] == "MATTER_KIND_MODERATION")
    return event["data"]["matter"]


def comment(page, tail, post, text, author="901"):
    """Writes it on the page; its id there and ours."""
    known = {e["data"]["item"] for e in tail.of("CommentReceived")}
    there = page.say("comment", below=post, author=author, name="Åsa Medborgare", text=text)["id"]
    event = tail.wait(f"received: {text}", lambda e: short_type(e) == "CommentReceived" and e["data"]["item"] not in known)
    return there, event["data"]["item"]


def done(tail, matter, what):
    return tail.wait(f"{what} of {matter} is done", lambda e: short_type(e) == "ActionDone" and
                     e["data"]["matter"] == matter and e["data"]["what"] == what)["data"]


def hidden(checks, place, page, tail, post):
    """decide -> sealed -> hide -> confirmed; an answer that is lost after the effect is read back."""
    there, item = comment(page, tail, post, f"Ni är jävla idioter hela bunten, {MARK}!")
    matter = moderation(place, tail, item)
    page.say("fail", fault="cut-after", times="1", writes="true")
    place.call("matter", "decide", matter, "hide", "--reason", "attack", person="anna")
    sealed = tail.wait("the copy is sealed", lambda e: short_type(e) == "EvidenceSealed" and e["data"]["item"] == item)
    act = done(tail, matter, "ITEM_ACTION_HIDE")
    checks.that("it is hidden on the page", page.seen(there) == {"visible": False, "there": True}, page.seen(there))
    checks.that("hidden once, although the answer was lost", sum(d["effect"] for d in page.deeds("hide")) == 1, page.deeds("hide"))
    order = [short_type(e) for e in tail.events if e["data"].get("item") == item and
             short_type(e) in ("EvidenceSealed", "ActionDone")]
    checks.that("the copy came before the act", order.index("EvidenceSealed") < order.index("ActionDone"), order)
    checks.that("of that very version", sealed["data"]["version"] == act["version"] == 1)
    met = tail.wait("the matter is met", lambda e: short_type(e) == "MatterMet" and e["data"]["matter"] == matter)["data"]
    checks.that("the clock is met by the platform's word", met["how"] == "MET_HOW_REMOVED", met)
    shown(checks, place, page, tail, there, matter)


def shown(checks, place, page, tail, there, matter):
    """R25: a hide can be undone when the matter is met: a decision of its own, with words of why."""
    late = place.call("matter", "decide", matter, "keep", "--reason", "opinion", person="anna", ok=None)
    checks.that("r25 what is hidden is shown again, not kept", late.returncode == 1, late.stdout)
    mute = place.call("matter", "decide", matter, "unhide", "--reason", "opinion", person="anna", ok=None)
    checks.that("r25 nothing is shown again without a note of why", mute.returncode == 1 and
                page.seen(there)["visible"] is False, mute.stdout)
    note = "Vi läste fel"
    place.call("matter", "decide", matter, "unhide", "--reason", "opinion", "--note", note, person="bo")
    done(tail, matter, "ITEM_ACTION_UNHIDE")
    checks.that("r25 what was hidden is to be seen again on the page", page.seen(there) == {"visible": True, "there": True},
                page.seen(there))
    checks.that("r25 shown again once", sum(d["effect"] for d in page.deeds("unhide")) == 1, page.deeds("unhide"))
    made = [e["data"] for e in tail.of("DecisionMade") if e["data"]["matter"] == matter]
    checks.that("r25 it is a decision of its own, by whoever made it", [(d["action"], d["by"]) for d in made] ==
                [("ITEM_ACTION_HIDE", "anna"), ("ITEM_ACTION_UNHIDE", "bo")] and note not in json.dumps(made), made)
    again = place.call("matter", "decide", matter, "unhide", "--reason", "opinion", "--note", note, person="bo", ok=None)
    checks.that("r25 what is not hidden cannot be shown again", again.returncode == 1, again.stdout)


def recalled(checks, place, page, tail, post):
    """R25: a keep takes back the hide that still waits: it never leaves."""
    there, item = comment(page, tail, post, "Ni är jävla idioter, och det vet ni!")
    matter = moderation(place, tail, item)
    place.call("hold-actions", "on")
    place.call("matter", "decide", matter, "hide", "--reason", "attack", person="anna")
    wait_for("it waits at the gate", lambda: [r for r in place.rows("action", "list") if r["item"] == item])
    said = place.call("matter", "decide", matter, "keep", "--reason", "opinion", person="bo").stdout
    checks.that("r25 whoever keeps it is told that the hide is taken back", "leaves no more" in said, said)
    refused = tail.wait("the hide is taken back", lambda e: short_type(e) == "ActionRefused" and e["data"]["item"] == item)
    checks.that("r25 the waiting hide is taken back, and says why", refused["data"]["reason"] == "REASON_RECALLED", refused)
    place.call("hold-actions", "off")
    _, other = comment(page, tail, post, "Ni är jävla idioter, så är det!")
    after = moderation(place, tail, other)
    place.call("matter", "decide", after, "hide", "--reason", "attack", person="anna")
    done(tail, after, "ITEM_ACTION_HIDE")  # the gate is open: what was decided later has passed it
    checks.that("r25 what was taken back has never left", page.seen(there) == {"visible": True, "there": True} and
                not [d for d in page.deeds("hide") if d["id"] == there], page.deeds("hide"))
    met = [e["data"]["how"] for e in tail.of("MatterMet") if e["data"]["matter"] == matter]
    checks.that("r25 its matter is met by the keep", met == ["MET_HOW_KEPT"], met)


def killed(checks, place, page, tail, post):
    """ingest is killed while its call is under way, after the effect: it looks before it acts again."""
    there, item = comment(page, tail, post, "Ni är jävla idioter, sade jag!")
    matter = moderation(place, tail, item)
    page.say("fail", fault="hang-after", times="1", writes="true")
    place.call("matter", "decide", matter, "hide", "--reason", "attack", person="anna")
    wait_for("the page has hidden it, and does not answer", lambda: page.seen(there)["visible"] is False)
    os.kill(place.pid("ingest"), signal.SIGKILL)
    done(tail, matter, "ITEM_ACTION_HIDE")
    tries = [d for d in page.deeds("hide") if d["id"] == there]
    checks.that("killed after the effect: it was not done again", len(tries) == 1, tries)
    there, item = comment(page, tail, post, "När öppnar badet på söndag?")
    checks.that("ingest is up again and sees", item)


def held(checks, place, page, tail, post):
    """The brake; what waits is shown, with what is missing."""
    there, item = comment(page, tail, post, "Ni är jävla idioter, igen!")
    matter = moderation(place, tail, item)
    place.call("hold-actions", "on")
    place.call("matter", "decide", matter, "hide", "--reason", "attack", person="anna")
    row = wait_for("it waits at the gate", lambda: [r for r in place.rows("action", "list") if r["item"] == item
                                                    and r["state"] == "held"])[0]
    checks.that("the list says that the brake holds it", row["what"] == "ITEM_ACTION_HIDE", row)
    checks.that("it is still to be seen", page.seen(there)["visible"] is True)
    place.call("hold-actions", "off")
    done(tail, matter, "ITEM_ACTION_HIDE")
    checks.that("let go, it is hidden", page.seen(there)["visible"] is False)
    checks.that("nothing waits any more", not [r for r in place.rows("action", "list") if r["item"] == item])


def deleted(checks, place, page, tail, post):
    """A removal that the law demands needs the whole copy; without a browser it waits, in sight."""
    there, item = comment(page, tail, post, "Ni är jävla idioter, och värre ska det bli!")
    matter = moderation(place, tail, item)
    place.call("matter", "decide", matter, "delete", "--reason", "incitement", "--law", "BBS 5 § 1 a", person="anna")
    tail.wait("RAW is sealed", lambda e: short_type(e) == "EvidenceSealed" and e["data"]["item"] == item)
    waits = [r for r in place.rows("action", "list") if r["item"] == item]
    gone = [e for e in tail.of("ActionDone") if e["data"]["item"] == item]
    checks.that("RAW alone opens no delete", gone or waits[0]["missing"] == "WHOLE", waits)
    whole = [e for e in tail.of("EvidenceSealed") if e["data"]["item"] == item and e["data"]["level"] == "SEAL_LEVEL_WHOLE"]
    checks.that("nothing was deleted before the whole copy", whole or not page.deeds("delete"), page.deeds("delete"))
    if not shutil.which("chromium"):
        return
    act = tail.wait("the whole copy lets it go", lambda e: short_type(e) == "ActionDone" and e["data"]["item"] == item, 90)
    whole = [e for e in tail.of("EvidenceSealed") if e["data"]["item"] == item and e["data"]["level"] == "SEAL_LEVEL_WHOLE"]
    checks.that("with its picture saved it is deleted, once", act["data"]["what"] == "ITEM_ACTION_DELETE" and whole and
                page.seen(there) == {"visible": False, "there": False} and len(page.deeds("delete")) == 1, page.deeds("delete"))


def own(checks, place, page, tail):
    """R24: a personal number in a post of our own is a matter with its clock; no notice can say it; it goes by hand."""
    page.say("post", text=f"Vi söker en anhörig till {NUMBER}")
    event = tail.wait("our own post with the number is judged", lambda e: short_type(e) == "CommentClassified" and
                      [f["label"] for f in e["data"].get("findings", [])] == ["LABEL_PERSONAL_DATA"])
    item = event["data"]["item"]
    post = tail.wait("it is our own post", lambda e: short_type(e) == "OwnPostSeen" and e["data"]["item"] == item)["data"]
    matter = moderation(place, tail, item)
    opened = next(e["data"] for e in tail.of("MatterOpened") if e["data"]["matter"] == matter)
    checks.that("r24 our own post has the moderation clock: 24 hours from when it was published",
                opened["due_ms"] - post["at_ms"] == 86400000 and opened["duty"] == "DUTY_DATA_PROTECTION", opened)
    place.call("matter", "decide", matter, "hide", "--reason", "personal_data", person="anna")
    row = wait_for("it is given to a person to do", lambda: [r for r in place.rows("action", "list") if r["item"] == item
                                                             and r["state"] == "manual"])[0]
    sealed = [e for e in tail.of("EvidenceSealed") if e["data"]["item"] == item]
    checks.that("r24 r22 only after its copy was sealed", len(sealed) > 0)
    place.call("action", "attest", row["action"], person="anna")
    met = tail.wait("its clock is met", lambda e: short_type(e) == "MatterMet" and e["data"]["matter"] == matter)["data"]
    checks.that("r24 done by hand, the clock is met", met["how"] == "MET_HOW_BY_HAND", met)
    judged = [e for e in tail.of("MatterOpened") if e["data"]["item"] == item]
    checks.that("r24 one matter, once", len(judged) == 1, judged)
    store = b"".join(f.read_bytes() for f in place.database("escalation").parent.glob("*.db*"))
    checks.that("r24 whoever writes the notices has never had the number", NUMBER.split("-")[0].encode() not in store)


def pushed(checks, place, page, tail, post, port):
    """A webhook is taken when it is signed; twice is once."""
    hook = f"http://127.0.0.1:{port}/webhook/facebook"
    checks.that("the handshake echoes the challenge",
                status_of(f"{hook}?hub.mode=subscribe&hub.challenge=12345&hub.verify_token=verify-me") == (200, "12345"))
    checks.that("another word is refused",
                status_of(f"{hook}?hub.mode=subscribe&hub.challenge=12345&hub.verify_token=verify-mi")[0] == 403)
    known = len(tail.of("CommentReceived"))
    there = page.say("comment", below=post, author="902", name="Örjan", text="När öppnar badet?")["id"]
    checks.that("unsigned is refused", status_of(hook, b"{}")[0] == 403)
    checks.that("signed by another is refused", page.say("push", url=hook, secret="another", id=there, verb="add")["status"] == 403)
    checks.that("signed is taken", page.say("push", url=hook, secret=SECRET, id=there, verb="add", times="3")["status"] == 200)
    tail.wait("the comment came", lambda e: len(tail.of("CommentReceived")) > known)
    pushes = [e for e in tail.of("CommentReceived") if e["data"]["source"] == "ITEM_SOURCE_WEBHOOK"]
    checks.that("by the webhook or by the poll, once", len(tail.of("CommentReceived")) == known + 1, len(pushes))
    checks.that("more than 1 MiB is refused", status_of(hook, b"x" * (1024 * 1024 + 1))[0] == 413)
    checks.that("elsewhere there is nothing", status_of(f"http://127.0.0.1:{port}/")[0] == 404)


def locked(checks, place, page, tail):
    """A dead token is said at once; a new one brings the account back."""
    page.say("token", token="another")
    tail.wait("the account is locked", lambda e: short_type(e) == "AccountHealthChanged" and
              e["data"]["state"] == "STATE_AUTH_REQUIRED")
    token = place.folder / "token2"
    token.write_text("another")
    token.chmod(0o600)
    place.call("account", "connect", "fb", "--connector", "facebook", "--url", f"{page.url}/v25.0", "--token-file", token)
    tail.wait("the account is well again", lambda e: short_type(e) == "AccountHealthChanged" and
              e["data"]["state"] == "STATE_OK")
    checks.that("locked, then well again", True)


def story(checks, place):
    page = Page(place)
    post = page.say("post", text="Badet öppnar på lördag")["id"]
    port = free_port()
    for name, text in (("secret", f"{SECRET} old-secret\n"), ("verify", "verify-me\n")):
        file = place.folder / name
        file.write_text(text)
        file.chmod(0o600)
    supervisor = place.up(UPPSIKT_INGEST_POLL="1s", UPPSIKT_INGEST_WEBHOOK=f"127.0.0.1:{port}",
                          UPPSIKT_INGEST_WEBHOOK_SECRET_FILE=str(place.folder / "secret"),
                          UPPSIKT_INGEST_WEBHOOK_VERIFY_FILE=str(place.folder / "verify"))
    place.wait_up(("registry", "ingest", "classify", "escalation", "evidence"))
    tail = place.tail("--from", "0")
    refused = organisation(place, page)
    checks.that("a connector that is not there is refused in words", refused.returncode == 1 and
                "koppling" in refused.stderr + refused.stdout or "connector" in refused.stderr + refused.stdout, refused.stderr)
    place.call("account", "connect", "fb", "--connector", "facebook", "--url", f"{page.url}/v25.0",
               "--token-file", place.folder / "token")
    wait_for("the connector sees", lambda: any(
        c["health"]["state"] == "STATE_OK" and c["polled_ms"] > 0 for c in place.rows("account", "connections")))
    hidden(checks, place, page, tail, post)
    held(checks, place, page, tail, post)
    killed(checks, place, page, tail, post)
    recalled(checks, place, page, tail, post)
    deleted(checks, place, page, tail, post)
    own(checks, place, page, tail)
    pushed(checks, place, page, tail, post, port)
    locked(checks, place, page, tail)
    logs = b"".join(p.read_bytes() for p in (place.data / "log").glob("*.log")) + supervisor.log.read_bytes()
    told = json.dumps([{k: v for k, v in e.items() if k != "content"} for e in tail.events], ensure_ascii=False).encode()
    for what in (MARK, TOKEN, SECRET, NUMBER, "Medborgare"):
        checks.that(f"no log and no fact says {what}", what.encode() not in logs and what.encode() not in told)
    stores = b"".join(f.read_bytes() for f in place.database("ingest").parent.glob("*.db*"))
    checks.that("the token lies sealed", TOKEN.encode() not in stores)
    verified = place.call("verify", ok=None)
    checks.that("`uppsikt verify` finds every chain whole", verified.returncode == 0, verified.stdout + verified.stderr)
    checks.that("uppsikt up ends with 0", place.down() == 0)


def main():
    checks = Checks()
    try:
        with Place(sys.argv[1]) as place:
            story(checks, place)
    except Failed as e:
        checks.that(f"the story goes to its end: {e}", False)
    return checks.end()


sys.exit(main())
