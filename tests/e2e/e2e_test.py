#!/usr/bin/env python3
"""From a citizen's words on a real server to a mail in a real mailbox and a person's decision.

usage: e2e_test.py BIN   BIN: the folder with uppsikt and the services.
Real processes: `uppsikt up`, snac2 (Mastodon API), Exim. One line PASS or FAIL for each thing that is
looked at; SKIP when snac2 could not be installed (tests/skips.txt).
"""
import json
import pathlib
import sqlite3
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from place import SERVICES, Checks, Failed, Mails, Place, short_type, wait_for  # noqa: E402
from snac import Snac  # noqa: E402

# Words that nothing but content may hold: each is looked for in facts, mails, logs and arguments.
MARK_Q = "Kvarnhjulsbacken"
MARK_A = "Dumskallefejare"
MARK_F = "Filmarkören"
QUESTION = f"@kommun Hej! När öppnar badhuset vid {MARK_Q} på lördag?"
INSULT = f"@kommun Ni är en jävla idiot allihop, {MARK_A}!"
CITIZEN = "medborgare"

# The clocks of the rules, with duty at every hour, so that a mail goes whenever the test runs.
POLICY = """version: 1
calendars:
  duty:
    version: 1
    holidays: none
    free_eves: []
    week:
      mon: ["00:00-24:00"]
      tue: ["00:00-24:00"]
      wed: ["00:00-24:00"]
      thu: ["00:00-24:00"]
      fri: ["00:00-24:00"]
      sat: ["00:00-24:00"]
      sun: ["00:00-24:00"]
delivery:
  collect: 1s
"""


def organisation(place):
    """An authority, a unit, two persons with access (R05), an account that exists already (R04)."""
    place.call("account", "authority", "add", "--id", "ks", "--name", "Kommunstyrelsen", "--org-number", "212000-0001")
    place.call("account", "unit", "add", "--id", "komm", "--authority", "ks", "--name", "Kommunikation", "--communications",
               "--mail", "kommunikation@kommun.example")
    for who, name, role in (("anna", "Anna", "administrator"), ("bo", "Bo", "administrator"),
                            ("chef", "Cecilia", "manager")):
        place.call("person", "add", "--id", who, "--unit", "komm", "--role", role, "--first-name", name,
                   "--last-name", "Provsson", "--title", "kommunikatör", "--mail", f"{who}@kommun.example")
    place.call("account", "unit", "add", "--id", "komm", "--authority", "ks", "--name", "Kommunikation", "--communications",
               "--mail", "kommunikation@kommun.example", "--manager", "chef", "--head", "chef")
    for account, platform in (("mastodon-kommun", "mastodon"), ("facebook-kommun", "facebook")):
        place.call("account", "take-over", "--id", account, "--platform", platform, "--unit", "komm",
                   "--handle", "kommun", "--name", "Kommunen", "--purpose", "samtal", "--watch", "api")
        place.call("account", "grant", account, "anna", "--rank", "1")
        place.call("account", "grant", account, "bo", "--rank", "2")


def due_of(place, policy, kind, received_ms):
    """What `uppsikt clock` counts for a matter that was received then."""
    import datetime
    at = datetime.datetime.fromtimestamp(received_ms / 1000, datetime.timezone.utc)
    line = json.dumps({"id": "1", "kind": kind, "received_at": at.isoformat(timespec="milliseconds")})
    said = place.call_own("clock", "--ndjson", "--policy", policy, given=line + "\n").stdout
    due = json.loads(said.split("\n")[0])["due"]
    return round(datetime.datetime.fromisoformat(due.replace("Z", "+00:00")).timestamp() * 1000)


def citizen_writes(checks, place, snac, tail, policy):
    """R13, R14, R18, R20: what was written becomes matters with the rules' own due times."""
    snac.post(CITIZEN, QUESTION)
    snac.post(CITIZEN, INSULT)
    wait_for("snac has both mentions", lambda: len(snac.mentions("kommun")) >= 2)
    received = [tail.wait("two comments", lambda e: short_type(e) == "CommentReceived")["data"]["item"]]
    received.append(tail.wait("the other comment", lambda e: short_type(e) == "CommentReceived"
                              and e["data"]["item"] not in received)["data"]["item"])
    checks.that("both mentions are received, each once", len(tail.of("CommentReceived")) == 2)
    for kind, letter in (("MATTER_KIND_QUESTION", "Q"), ("MATTER_KIND_MODERATION", "M")):
        event = tail.wait(f"{kind} is opened", lambda e, kind=kind: short_type(e) == "MatterOpened"
                          and e["data"]["kind"] == kind)
        opened = event["data"]
        wanted = due_of(place, policy, letter, opened["received_ms"])
        checks.that(f"{kind} has the due time of `uppsikt clock`", opened["due_ms"] == wanted,
                    f"{opened['due_ms']} {wanted}")
        checks.that(f"{kind} is about what was received", opened["item"] in received)
    listed = place.rows("matter", "list")
    checks.that("`uppsikt matter list` shows both", {m["opened"]["kind"] for m in listed} >=
                {"MATTER_KIND_QUESTION", "MATTER_KIND_MODERATION"}, listed)


def mails_come(checks, mails, tail):
    """R17, R24: a mail for those with access, without a word or name of the citizen."""
    tail.wait("a mail was taken", lambda e: short_type(e) == "NoticeSent")
    got = wait_for("a mail in the mailbox", mails.all)
    tail.wait("both persons' mails were taken", lambda e: short_type(e) == "NoticeSent" and e is not tail.of("NoticeSent")[0])
    got = mails.all()
    to = {m["To"] for m in got}
    checks.that("those with access have a mail", any("anna@kommun.example" in t for t in to), to)
    texts = [m.as_string() + "\n" + (m.get_content() if not m.is_multipart() else "") for m in got]
    for mark in (MARK_Q, MARK_A, CITIZEN, "badhuset", "idiot"):
        checks.that(f"no mail says {mark}", not any(mark.lower() in t.lower() for t in texts))
    ids = [m["Message-ID"] for m in got]
    checks.that("every mail has a Message-ID of its own", all(ids) and len(set(ids)) == len(ids), ids)


def person_decides(checks, place, tail):
    """R25: a registered person decides, and nobody else."""
    matter = next(m for m in place.rows("matter", "list") if m["opened"]["kind"] == "MATTER_KIND_MODERATION")
    name = matter["opened"]["matter"]
    refused = place.call("matter", "decide", name, "keep", "--reason", "no_breach", ok=None)
    checks.that("a decision without a person is refused", refused.returncode == 1, refused.stderr)
    refused = place.call("matter", "decide", name, "keep", "--reason", "no_breach", person="chef-utan-access", ok=None)
    checks.that("a decision by somebody unknown is refused", refused.returncode == 1, refused.stderr)
    place.call("matter", "decide", name, "keep", "--reason", "no_breach", "--note", f"Ser ut som {MARK_A}", person="anna")
    made = tail.wait("DecisionMade", lambda e: short_type(e) == "DecisionMade")["data"]
    checks.that("the decision names person, action and version", made["by"] == "anna" and
                made["action"] == "ITEM_ACTION_KEEP" and made["version"] == 1, made)
    met = tail.wait("the matter is met", lambda e: short_type(e) == "MatterMet" and e["data"]["matter"] == name)["data"]
    checks.that("it was met in time", met["within_due"] is True, met)
    checks.that("it is not listed any more", name not in [m["opened"]["matter"] for m in place.rows("matter", "list")])


def file_comes_in(checks, place, tail):
    """R01: an NDJSON file with bad lines: the rest goes in, the bad are told by their numbers."""
    def line(n, **more):
        return json.dumps({"platform": "facebook", "account": "facebook-kommun", "external_id": f"fb-{n}",
                           "kind": "comment", "text": f"{MARK_F} nummer {n}", "author": {"id": f"u{n}", "name": CITIZEN},
                           "created_at": "2026-11-20T10:00:00+01:00", **more}, ensure_ascii=False)
    lines = [line(1), "inte json", line(2), line(3, kind="visa"), line(4), line(1)]
    file = place.folder / "import.ndjson"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = place.call("import", file, ok=None)
    said = done.stdout + done.stderr
    checks.that("a file with bad lines ends with 1", done.returncode == 1, f"{done.returncode} {said}")
    checks.that("the bad lines are told by number", all(f"{n}" in said for n in (2, 4)), said)
    checks.that("what is told names no value", "visa" not in said and "inte json" not in said and MARK_F not in said, said)
    count = lambda: sum(1 for e in tail.of("CommentReceived") if e["data"]["account"] == "facebook-kommun")
    tail.wait("ImportFinished", lambda e: short_type(e) == "ImportFinished")
    wait_for("three of the file", lambda: count() >= 3)
    checks.that("the good lines are in, each once", count() == 3, count())
    again = place.call("import", file, ok=None)
    checks.that("the same file again says nothing new", again.returncode == 1 and count() == 3, again.stdout)


def facts_are_bare(checks, place, tail, started):
    """R29, I25: no text, no name, no platform's id in any fact, log or argument."""
    marks = [m.encode() for m in (MARK_Q, MARK_A, MARK_F, "Provsson", CITIZEN)]
    told = json.dumps([{k: v for k, v in e.items() if k != "content"} for e in tail.events], ensure_ascii=False).encode()
    checks.that("`uppsikt tail` without content says no text and no name", not any(m in told for m in marks))
    envelopes = 0
    for service in SERVICES:
        with sqlite3.connect(f"file:{place.database(service)}?mode=ro", uri=True) as db:
            for (envelope,) in db.execute("SELECT envelope FROM upp_log"):
                envelopes += 1
                if any(m in bytes(envelope) for m in marks):
                    checks.that(f"an envelope of {service} holds no text", False, bytes(envelope)[:200])
    checks.that(f"no envelope of the logs holds a text or a name ({envelopes} looked at)", envelopes > 10)
    with sqlite3.connect(f"file:{place.database('ingest')}?mode=ro", uri=True) as db:
        bodies = b"".join(bytes(b or b"") for (b,) in db.execute("SELECT body FROM upp_content"))
    checks.that("the texts do stand in ingest's content", MARK_Q.encode() in bodies and MARK_F.encode() in bodies)
    logs = b"".join(p.read_bytes() for p in (place.data / "log").glob("*.log")) + started.log.read_bytes()
    checks.that(f"no log line says a text or a name ({len(logs)} bytes)", len(logs) > 0 and not any(m in logs for m in marks))


def event_for_each(checks, tail):
    """R43: everything that happened was said."""
    wanted = {"AuthorityRegistered", "UnitRegistered", "PersonRegistered", "AccountChanged", "AccessGranted",
              "CommentReceived", "CommentClassified", "MatterOpened", "NoticeSent", "DecisionMade", "MatterMet",
              "ImportFinished"}
    said = {short_type(e) for e in tail.events}
    checks.that(f"`uppsikt tail` shows each event ({len(tail.events)} events, {len(said)} types)", wanted <= said, wanted - said)
    causes = [e for e in tail.of("CommentClassified") if e.get("cause")]
    checks.that("a judgement names its cause", causes)


def story(checks, place):
    mails = Mails(place)
    snac = Snac(place, ("kommun", CITIZEN))
    policy = place.folder / "policy.yaml"
    policy.write_text(POLICY)
    supervisor = place.up(UPPSIKT_ESCALATION_MAIL_URL=f"smtp://127.0.0.1:{mails.port}",
                          UPPSIKT_ESCALATION_MAIL_FROM="uppsikt@kommun.example",
                          UPPSIKT_ESCALATION_POLICY=str(policy), UPPSIKT_INGEST_POLL="1s")
    checks.that("uppsikt up starts every service on a fresh folder (R42)", set(SERVICES) <= set(place.states()))
    tail = place.tail("--from", "0")
    organisation(place)
    token = place.folder / "token"
    token.write_text(snac.tokens["kommun"])
    token.chmod(0o600)
    place.call("account", "connect", "mastodon-kommun", "--connector", "mastodon", "--url", snac.url,
               "--token-file", token)
    wait_for("the connector sees", lambda: any(
        c["health"]["state"] == "STATE_OK" and c["polled_ms"] > 0 for c in place.rows("account", "connections")))
    citizen_writes(checks, place, snac, tail, policy)
    mails_come(checks, mails, tail)
    person_decides(checks, place, tail)
    file_comes_in(checks, place, tail)
    event_for_each(checks, tail)
    facts_are_bare(checks, place, tail, supervisor)
    text = b"".join(f.read_bytes() for f in place.database("ingest").parent.glob("*.db*"))
    checks.that("the token lies sealed", snac.tokens["kommun"].encode() not in text)
    verified = place.call("verify", ok=None)
    checks.that("`uppsikt verify` finds every chain whole", verified.returncode == 0, verified.stdout + verified.stderr)
    checks.that("uppsikt up ends with 0", place.down() == 0)


def main():
    checks = Checks()
    try:
        with Place(sys.argv[1]) as place:
            story(checks, place)
    except FileNotFoundError as e:
        if str(e) != "snac":
            raise
        print("SKIP e2e snac2 is not installed (tests/install backports)")
        return 77
    except Failed as e:
        checks.that(f"the story goes to its end: {e}", False)
    return checks.end()


if __name__ == "__main__":
    sys.exit(main())
