#!/usr/bin/env python3
"""What is decided and done is decided anew, and objected to: with real processes and a page over HTTP.

usage: appeal_test.py BIN   BIN: the folder with uppsikt, the services and upp-fake-facebook.
R20, R25, R32; the platform is the fake page (tests/fakes). One line PASS or FAIL for each thing that is looked at.
"""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from place import Checks, Failed, Place, short_type, wait_for  # noqa: E402
from page import Page  # noqa: E402

WORDS = "Citatkramaren skrev så"


def organisation(place, page):
    place.call("account", "authority", "add", "--id", "ks", "--name", "Kommunstyrelsen", "--org-number", "212000-0001")
    place.call("account", "unit", "add", "--id", "komm", "--authority", "ks", "--name", "Kommunikation", "--communications",
               "--mail", "kommunikation@kommun.example")
    for who, name in (("anna", "Anna"), ("bo", "Bo")):
        place.call("person", "add", "--id", who, "--unit", "komm", "--role", "administrator", "--first-name", name,
                   "--last-name", "Provsson", "--title", "kommunikatör", "--mail", f"{who}@kommun.example")
    place.call("account", "take-over", "--id", "fb", "--platform", "facebook", "--unit", "komm", "--handle", "sjoberga",
               "--name", "Sjöberga på Facebook", "--purpose", "samtal", "--watch", "api")
    for rank, who in enumerate(("anna", "bo"), 1):
        place.call("account", "grant", "fb", who, "--rank", str(rank))
    token = place.folder / "token"
    token.write_text(Page.TOKEN)
    token.chmod(0o600)
    place.call("account", "connect", "fb", "--connector", "facebook", "--url", f"{page.url}/v25.0", "--token-file", token)
    wait_for("the connector sees", lambda: any(
        c["health"]["state"] == "STATE_OK" and c["polled_ms"] > 0 for c in place.rows("account", "connections")))


def written(page, tail, post, text):
    """Writes it on the page; its id there and its matter."""
    known = {e["data"]["item"] for e in tail.of("CommentReceived")}
    there = page.say("comment", below=post, author="901", name="Åsa Medborgare", text=text)["id"]
    item = tail.wait(f"received: {text}", lambda e: short_type(e) == "CommentReceived" and
                     e["data"]["item"] not in known)["data"]["item"]
    matter = tail.wait("the matter is opened", lambda e: short_type(e) == "MatterOpened" and e["data"]["item"] == item and
                       e["data"]["kind"] == "MATTER_KIND_MODERATION")["data"]["matter"]
    return there, matter


def decide(place, matter, action, reason, who, *more):
    said = place.call("matter", "decide", matter, action, "--reason", reason, *more, "--json", person=who).stdout
    return json.loads(said)["decision"]


def done(tail, decision):
    return tail.wait(f"{decision} is done", lambda e: short_type(e) == "ActionDone" and e["data"]["action"] == decision)


def numbers(place, clock):
    return next(r for r in place.rows("report") if r["account"] == "" and r["clock"] == clock)


def anew(checks, place, page, tail, post):
    """A keep was wrong; what was shown again is hidden again. It counts once, as it was met first."""
    there, matter = written(page, tail, post, "Ni är jävla idioter hela bunten!")
    decide(place, matter, "keep", "opinion", "anna")
    before = numbers(place, "moderation")
    mute = place.call("matter", "decide", matter, "hide", "--reason", "attack", person="bo", ok=None)
    checks.that("r25 nothing is decided anew without words of why", mute.returncode == 1, mute.stdout)
    done(tail, decide(place, matter, "hide", "attack", "bo", "--note", "Ett påhopp"))
    checks.that("r25 a keep that was wrong is hidden", page.seen(there) == {"visible": False, "there": True}, page.seen(there))
    opened = [e["data"] for e in tail.of("MatterOpened") if e["data"]["matter"] == matter]
    checks.that("r20 it is open again, with its received time and its due", len(opened) == 2 and opened[1]["anew"] and
                all(opened[0][k] == opened[1][k] for k in ("received_ms", "due_ms", "duty")), opened)
    twice = place.call("matter", "decide", matter, "hide", "--reason", "attack", "--note", "Igen", person="bo", ok=None)
    checks.that("r25 what is hidden is not hidden once more", twice.returncode == 1, twice.stdout)
    done(tail, decide(place, matter, "unhide", "opinion", "anna", "--note", "Nej"))
    done(tail, decide(place, matter, "hide", "attack", "bo", "--note", "Jo"))
    checks.that("r25 what was shown again is hidden again", page.seen(there)["visible"] is False, page.seen(there))
    checks.that("r25 each has its effect once", (len(page.deeds("hide")), len(page.deeds("unhide"))) == (2, 1),
                page.deeds("hide"))
    after = numbers(place, "moderation")
    checks.that("r20 it counts once, as it was met first", before == after and after["n_in"] == after["met"] == 1, (before, after))


def objected(checks, place, page, tail, post):
    """Somebody objects; another than who decided tries it: it stands, and then it is changed."""
    there, matter = written(page, tail, post, "Ni är jävla idioter, sade han till mig!")
    made = decide(place, matter, "hide", "attack", "anna")
    done(tail, made)
    place.call("matter", "appeal", matter, "--text", WORDS, "--author", person="anna")
    lodged = tail.wait("the objection is written down", lambda e: short_type(e) == "AppealLodged")["data"]
    appeal = lodged["appeal"]
    checks.that("r25 it is about that decision, and the author's", lodged["decision"] == made and lodged["by_author"], lodged)
    row = next(r for r in place.rows("matter", "list") if r["opened"]["matter"] == appeal)
    checks.that("r25 it waits in the list, with a clock of ten working days", row["opened"]["errand"] == "appeal" and
                row["opened"]["due_ms"] - row["opened"]["received_ms"] >= 11 * 86400 * 1000, row)
    own = place.call("matter", "try", appeal, "--note", "Nej", person="anna", ok=None)
    checks.that("r25 who decided does not try it", own.returncode == 1, own.stdout)
    place.call("matter", "try", appeal, "--note", "Det är ett påhopp", person="bo")
    checks.that("r25 it stands: the page is as it was", page.seen(there)["visible"] is False, page.seen(there))
    place.call("matter", "appeal", matter, "--text", f"{WORDS}, igen", person="bo")
    second = tail.wait("the next objection", lambda e: short_type(e) == "AppealLodged" and
                       e["data"]["appeal"] != appeal)["data"]["appeal"]
    said = place.call("matter", "try", second, "--change", "--reason", "opinion", "--note", "Ett citat", "--json", person="bo")
    done(tail, json.loads(said.stdout)["decision"])
    checks.that("r25 it is changed: shown again", page.seen(there) == {"visible": True, "there": True}, page.seen(there))
    tried = [e["data"] for e in tail.of("AppealDecided")]
    checks.that("r25 both outcomes are said, and by whom", [(t.get("changed", False), t["by"]) for t in tried] ==
                [(False, "bo"), (True, "bo")], tried)
    counts = numbers(place, "appeal")
    checks.that("r32 the report counts them, and what was changed", (counts["n_in"], counts["met"], counts["changed"]) ==
                (2, 2, 1), counts)


def story(checks, place):
    page = Page(place)
    post = page.say("post", text="Badet öppnar på lördag")["id"]
    supervisor = place.up(UPPSIKT_INGEST_POLL="1s")
    place.wait_up(("registry", "ingest", "classify", "escalation", "evidence"))
    tail = place.tail("--from", "0")
    organisation(place, page)
    anew(checks, place, page, tail, post)
    objected(checks, place, page, tail, post)
    logs = b"".join(p.read_bytes() for p in (place.data / "log").glob("*.log")) + supervisor.log.read_bytes()
    told = json.dumps([{k: v for k, v in e.items() if k != "content"} for e in tail.events], ensure_ascii=False).encode()
    checks.that("r24 no log and no fact says what was objected", WORDS.encode() not in logs and WORDS.encode() not in told)
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
