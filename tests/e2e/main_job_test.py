#!/usr/bin/env python3
"""The main job from its beginning to its end, with every program and a real world around it.

usage: main_job_test.py BIN   BIN: the folder with uppsikt, the services and upp-fake-facebook.
Real processes: `uppsikt up` with all services, the fake page over HTTP, Exim, Chromium as the browser of
capture and of two persons at the console, snac2 when it is here. R04 R05 R09 R11 R13 R14 R17 R18 R20-R23
R25-R27 R29 R42-R44; P3, P4, P6, P8; I14, I15, I25. One line PASS or FAIL for each thing that is looked at; 77:
no browser here.
"""
import contextlib
import json
import pathlib
import re
import sqlite3
import subprocess
import sys
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
sys.path.insert(0, str(HERE))
from main_job_world import ALL, CHROMIUM, MARKS, PERSONAL, POLICY, REFUSED, Visitor, adopt_row, connect, organisation, site  # noqa: E402
from page import Page  # noqa: E402
from place import Checks, Failed, Mails, Place, free_port, short_type, wait_for  # noqa: E402
from snac import Snac  # noqa: E402

ANNA, BO = "blå hästar springer fort", "gröna kossor betar sakta"


class Walk:
    """What the steps share."""

    def __init__(self, checks, place):
        self.checks, self.place = checks, place
        self.that = checks.that
        self.port, self.hook = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.page = self.mails = self.tail = self.post = None
        self.there, self.item, self.matter = {}, {}, {}

    def event(self, about, name, seconds=60, /, **fields):
        """The first event of that type with these fields."""
        return self.tail.wait(f"{about}: {name} {fields}", lambda e: short_type(e) == name and
                              all(e["data"].get(k) == v for k, v in fields.items()), seconds)["data"]

    def said(self, name, /, **fields):
        return [e["data"] for e in self.tail.of(name) if all(e["data"].get(k) == v for k, v in fields.items())]

    def browse(self, name, word, *steps):
        """One person's steps at the console, in a real browser."""
        done = subprocess.run(["node", str(HERE.parent / "web/main_job.mjs")], text=True, capture_output=True, timeout=120,
                              check=False, env={**self.place.env(), "UPP_WEB": self.url, "UPP_NAME": name, "UPP_WORD": word,
                                                "HOME": str(self.place.folder), "UPP_STEPS": json.dumps(steps)})
        print(done.stdout, end="")
        self.checks.good += len(re.findall("^PASS ", done.stdout, re.M))
        self.checks.bad += len(re.findall("^FAIL ", done.stdout, re.M))
        self.that(f"r25 {name}'s browser went to its end", "browser: done" in done.stdout, done.stderr[-1500:])


def everything_starts(w):
    place = w.place
    w.mails, w.page = Mails(place), Page(place)
    w.post = w.page.say("post", text="Badet öppnar på lördag")["id"]
    (place.folder / "policy.yaml").write_text(POLICY)
    for name, text in (("secret", Page.SECRET), ("verify", "verify-me")):
        (place.folder / name).write_text(text + "\n")
        (place.folder / name).chmod(0o600)
    place.up(UPPSIKT_CONSOLE_PORT=str(w.port), UPPSIKT_ESCALATION_POLICY=str(place.folder / "policy.yaml"),
             UPPSIKT_ESCALATION_PUBLIC_URL=w.url, UPPSIKT_ESCALATION_MAIL_URL=f"smtp://127.0.0.1:{w.mails.port}",
             UPPSIKT_ESCALATION_MAIL_FROM="uppsikt@kommun.example", UPPSIKT_INGEST_POLL="1s",
             UPPSIKT_INGEST_WEBHOOK=f"127.0.0.1:{w.hook}", UPPSIKT_INGEST_WEBHOOK_SECRET_FILE=str(place.folder / "secret"),
             UPPSIKT_INGEST_WEBHOOK_VERIFY_FILE=str(place.folder / "verify"), UPPSIKT_CAPTURE_PRIVATE_ADDRESSES="yes",
             UPPSIKT_CAPTURE_SANDBOX="no")
    place.wait_up(ALL)
    w.that("r42 every program is up on a fresh folder", set(ALL) <= set(place.states()), sorted(place.states()))
    w.tail = place.tail("--from", "0")


def register_is_founded(w):
    organisation(w.place, w.page, site(w.place))
    for person, word in (("anna", ANNA), ("bo", BO)):
        w.place.call("person", "password", person, "--name", person, given=word + "\n", person="ops")
    connect(w.place, w.page)
    current = w.place.data / "register/current"

    def published():
        try:
            rows = json.loads((current / "register.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        text = json.dumps(rows, ensure_ascii=False)
        return text if "Sjöberga på Facebook" in text else None
    text = wait_for("the register is published", published)
    html = (current / "index.html").read_text(encoding="utf-8")
    w.that("r09 the register is published as HTML and JSON, with the account", "Sjöberga på Facebook" in html and
           "Kommunikation" in text)
    accounts = {a["account"]: a for a in w.place.rows("account", "list", person="ops")}
    w.that("r04 the account is open in the register", "fb" in accounts, sorted(accounts))
    w.that("r05 two persons have access, and nothing is understaffed", len(w.said("AccessGranted", account="fb")) == 2 and
           not [f for f in w.place.rows("account", "findings", person="ops") if "understaffed" in json.dumps(f).lower()
                and f.get("account") == "fb"])


def archive_packs(w):
    """Before the others write: what is disposed of later is in no package."""
    praise = w.page.say("comment", below=w.post, author="800", name="Örjan", text="Tack för ett fint bad!")["id"]
    w.event("praise", "CommentReceived", account="fb", kind="ITEM_KIND_COMMENT")
    wait_for("archive has heard of it", lambda: w.place.sql("archive", "SELECT count(*) FROM version")[0][0] > 0)
    wait_for("archive knows who has access", lambda: w.place.sql("archive", "SELECT count(*) FROM access WHERE account = 'fb'")[0][0] == 2)
    done = w.place.call("archive", "run", "fb", "--follow", "--json", person="ark", ok=None)
    w.that("r26 an archive run of the account is sealed", done.returncode == 0, done.stdout + done.stderr)
    run = json.loads(done.stdout)
    bag = w.place.folder / "paket"
    w.place.call("archive", "export", run["run"], bag, person="ark")
    summed = subprocess.run(["sha256sum", "--quiet", "--strict", "-c", "manifest-sha256.txt"], cwd=bag, check=False)
    files = [f for f in (bag / "data").rglob("*") if f.is_file()]
    listed = (bag / "manifest-sha256.txt").read_text().strip().split("\n")
    oxum = re.search(r"Payload-Oxum: (\S+)", (bag / "bag-info.txt").read_text()).group(1)
    w.that("r27 sha256sum -c accepts the package", summed.returncode == 0)
    w.that("r27 its files are as many as it says", len(listed) == len(files) and
           oxum == f"{sum(f.stat().st_size for f in files)}.{len(files)}", (oxum, len(files), len(listed)))
    names = {f.suffix for f in files}
    lines = next(bag.rglob("comments.jsonl")).read_text(encoding="utf-8")
    w.that("r26 what was written on the page is in it", praise in lines and "fint bad" in lines, lines[:500])
    w.that("r26 picture, PDF, MHTML and content are in it", {".png", ".pdf", ".mhtml", ".jsonl"} <= names, sorted(names))


COMMENTS = {
    "insult": (f"Ni är jävla idioter hela bunten! {MARKS['text']}", "MATTER_KIND_MODERATION"),
    "number": ("Min granne heter Kalle och hans personnummer är 811228-9874", "MATTER_KIND_MODERATION"),
    "threat": ("Jag ska döda dig, din jävla idiot, vänta bara", "MATTER_KIND_MODERATION"),
    "question": ("Hej! När öppnar badhuset på lördag?", "MATTER_KIND_QUESTION"),
}


def comments_come(w):
    """R13, R14, R18: each by webhook or poll, once; each becomes the matter it should."""
    hook = f"http://127.0.0.1:{w.hook}/webhook/facebook"
    for n, (key, (text, kind)) in enumerate(COMMENTS.items()):
        known = {d["item"] for d in w.said("CommentReceived")}
        w.there[key] = w.page.say("comment", below=w.post, author=f"90{n}", name=f"{MARKS['author']} {n}", text=text)["id"]
        if n % 2 == 0:
            w.that(f"r13 the page's webhook about the {key} is taken",
                   w.page.say("push", url=hook, secret=Page.SECRET, id=w.there[key], verb="add", times="2")["status"] == 200)
        w.item[key] = w.tail.wait(f"the {key} is received", lambda e, known=known: short_type(e) == "CommentReceived"
                                  and e["data"]["item"] not in known)["data"]["item"]
        w.matter[key] = w.event(key, "MatterOpened", item=w.item[key], kind=kind)["matter"]
    w.that("r13 each comment is received once", len(w.said("CommentReceived", account="fb")) >= 4 and
           all(len(w.said("CommentReceived", item=i)) == 1 for i in w.item.values()))
    w.that("r18 insult, personal number and threat are for moderation, the question is for an answer", len(w.matter) == 4)
    for key in ("insult", "number", "threat"):
        w.event(key, "EvidenceSealed", item=w.item[key], level="SEAL_LEVEL_RAW")
        w.event(key, "EvidenceSealed", 90, item=w.item[key], level="SEAL_LEVEL_WHOLE")
        levels = [d["level"] for d in w.said("EvidenceSealed", item=w.item[key])]
        w.that(f"r22 of the {key} RAW was sealed, then WHOLE, before anybody decided",
               levels == ["SEAL_LEVEL_RAW", "SEAL_LEVEL_WHOLE"] and not w.said("DecisionMade"), levels)


def link_of(w):
    """The token of a mail to anna with a link."""
    def found():
        for mail in w.mails.all():
            m = re.search(rf"{w.url}/l/([\w-]+)", mail.get_content() if not mail.is_multipart() else
                          mail.get_body(("plain",)).get_content())
            if m and "anna@" in mail["To"]:
                return m.group(1)
        return None
    return wait_for("a mail with a link", found, 60)


def heads(place):
    return {name: state["head"] for name, state in place.states().items()}


def links_wait(w):
    """R17, R24: what a mail says, and what its link does and does not."""
    token = link_of(w)
    for mark in (*MARKS.values(), "idiot", "badhuset", "811228"):
        w.that(f"r24 no mail says {mark}", not any(mark.lower() in (m.as_string() + m.get_content() if not m.is_multipart()
                                                   else m.as_string()).lower() for m in w.mails.all()))
    visitor = Visitor(w.port)

    def looked():
        before = heads(w.place)
        statuses = [visitor.ask(method, f"/l/{token}")[0] for method in ("GET", "HEAD", "GET")]
        return statuses if heads(w.place) == before else None
    statuses = wait_for("looking at a link leaves every log as it was", looked)
    w.that("r17 GET of the link's page changes nothing in any log", statuses == [200, 200, 200], statuses)
    before = len(w.said("MatterAcked"))
    status = visitor.press(f"/l/{token}", f"/l/{token}/ta")
    w.event("the button", "MatterAcked")
    w.that("r17 POST acts, once, without an account", status == 303 and len(w.said("MatterAcked")) == before + 1, status)
    again = visitor.press(f"/l/{token}", f"/l/{token}/ta")
    w.that("r17 pressed again it says nothing new", again == 303 and len(w.said("MatterAcked")) == before + 1, again)


def people_decide(w):
    """At the console: hide, delete by law, delete by row with a second person, answer."""
    note = f"Ser ut som {MARKS['note']}"
    w.browse("anna", ANNA,
             {"do": "lists", "lists": {"/atgarda": [w.matter[k] for k in ("insult", "number", "threat")],
                                       "/svara": [w.matter["question"]]}},
             {"do": "decide", "name": "hide is decided", "matter": w.matter["insult"], "action": "hide", "reason": "attack",
              "note": note, "says": "Beslutet är sparat"},
             {"do": "decide", "name": "delete by law is decided", "matter": w.matter["threat"], "action": "delete",
              "reason": "hate", "ground": "law:BBS 5 § 1 d", "note": note, "says": "Beslutet är sparat"},
             {"do": "decide", "name": "delete by row asks a second person", "matter": w.matter["number"], "action": "delete",
              "reason": "attack", "ground": "row:rad", "note": note, "says": "kollega måste godkänna"},
             {"do": "mine", "matter": w.matter["number"]},
             {"do": "answer", "matter": w.matter["question"], "text": f"Hej! Vi öppnar klockan tio. {MARKS['reply']}",
              "sign": "Anna, kommunikatör"})
    w.event("hide", "ActionDone", matter=w.matter["insult"], what="ITEM_ACTION_HIDE")
    w.that("r20 it is hidden on the page", w.page.seen(w.there["insult"]) == {"visible": False, "there": True})
    w.event("delete by law", "ActionDone", matter=w.matter["threat"], what="ITEM_ACTION_DELETE")
    w.that("r21 deleted by law: gone on the page, confirmed", w.page.seen(w.there["threat"]) == {"visible": False, "there": False})
    w.that("r23 by row: nothing goes before a second person has said yes", w.page.seen(w.there["number"])["there"])
    review = w.tail.wait("a review of what one person deleted", lambda e: short_type(e) == "MatterOpened" and
                         e["data"]["item"] == w.item["threat"] and e["data"]["matter"].endswith(".r1"))["data"]["matter"]
    w.that("r25 what one person deleted by law is not hers to look through", w.place.call(
        "matter", "review", review, person="anna", ok=None).returncode == 1)
    w.place.call("matter", "review", review, person="bo")
    met = w.event("the review", "MatterMet", matter=review)
    w.that("r25 another has looked through it, in time", met["within_due"] is True, met)
    w.browse("bo", BO, {"do": "approve", "matter": w.matter["number"]})
    w.event("delete by row", "ActionDone", matter=w.matter["number"], what="ITEM_ACTION_DELETE")
    w.that("r21 deleted by row: gone on the page, confirmed", w.page.seen(w.there["number"]) == {"visible": False, "there": False})
    for key in ("insult", "threat", "number"):
        order = [short_type(e) + e["data"].get("level", "") for e in w.tail.events if e["data"].get("item") == w.item[key]
                 and short_type(e) in ("EvidenceSealed", "ActionDone")]
        w.that(f"r22 the {key}'s copy came before the act", order.index("ActionDone") > order.index("EvidenceSealedSEAL_LEVEL_WHOLE"), order)
    w.browse("anna", ANNA, {"do": "copy", "matter": w.matter["threat"], "text": COMMENTS["threat"][0]})
    whole = w.said("EvidenceSealed", item=w.item["threat"], level="SEAL_LEVEL_WHOLE")[0]["record"]
    views = [d["what"] for d in w.said("RecordViewed", record=whole)]
    w.that("r29 that she looked is noted once, however many files she opened", views == ["viewed"], views)
    met = w.event("the answer", "MatterMet", matter=w.matter["question"])
    replies = [d for d in w.page.deeds("reply") if MARKS["reply"] in json.dumps(d, ensure_ascii=False)]
    w.item["reply"] = w.event("our answer", "ReplySeen", item=w.item["question"])["reply"]
    w.that("r11 r14 the answer is on the page, once, and the question's clock has stopped", len(replies) == 1 and
           met["within_due"] is True, (replies, met))
    judged = w.event("our answer is judged", "CommentClassified", item=w.item["reply"])
    w.that("r24 our answer from the console is judged: for what is personal or secret, and nothing was surely found",
           all(f["label"] in ("LABEL_PERSONAL_DATA", "LABEL_CONFIDENTIAL") and f["band"] != "BAND_LIKELY"
               for f in judged.get("findings", [])), judged)
    for key in ("insult", "threat", "number"):
        met = w.event(key, "MatterMet", matter=w.matter[key])
        w.that(f"r20 the {key}'s clock is met by the platform's word", met["how"] == "MET_HOW_REMOVED", met)


def people_think_again(w):
    """R25: what was hidden at the console is shown again there, although its matter is met."""
    known = {d["item"] for d in w.said("CommentReceived")}
    there = w.page.say("comment", below=w.post, author="907", name="Göran", text="Ni är jävla idioter, sade jag ju!")["id"]
    item = w.tail.wait("one that is misread", lambda e: short_type(e) == "CommentReceived" and
                       e["data"]["item"] not in known)["data"]["item"]
    matter = w.event("misread", "MatterOpened", item=item, kind="MATTER_KIND_MODERATION")["matter"]
    w.browse("anna", ANNA, {"do": "decide", "name": "a hide that is thought better of", "matter": matter, "action": "hide",
                            "reason": "attack", "note": "", "says": "Beslutet är sparat"})
    w.event("misread", "MatterMet", matter=matter)
    w.that("r25 it is hidden on the page", w.page.seen(there) == {"visible": False, "there": True})
    w.browse("anna", ANNA, {"do": "show", "matter": matter, "reason": "opinion", "note": "Vi läste fel", "who": "Anna"})
    w.event("misread", "ActionDone", matter=matter, what="ITEM_ACTION_UNHIDE")
    w.that("r25 and is to be seen there again", w.page.seen(there) == {"visible": True, "there": True})


def platform_answers(w):
    """R14: on a real server a reply that was written there stops the question's clock."""
    try:
        snac = Snac(w.place, ("kommun", "medborgare"))
    except FileNotFoundError:
        print("SKIP main_job_snac snac2 is not installed (tests/install backports)")
        return
    token = w.place.folder / "masto-token"
    token.write_text(snac.tokens["kommun"])
    token.chmod(0o600)
    w.place.call("account", "connect", "masto", "--connector", "mastodon", "--url", snac.url, "--token-file", token, person="ops")
    snac.post("medborgare", "@kommun Hej! När öppnar biblioteket på söndag?")
    wait_for("snac has the mention", lambda: snac.mentions("kommun"))
    opened = w.event("the question on snac2", "MatterOpened", account="masto", kind="MATTER_KIND_QUESTION")
    asked = snac.mentions("kommun")[0]["status"]["id"]
    snac.post("kommun", "@medborgare Hej! Klockan elva. /Anna, kommunikatör", answers=asked)
    met = w.event("answered on the platform", "MatterMet", matter=opened["matter"])
    w.that("r14 a reply written on the platform stops the question's clock", met["within_due"] is True, met)


def others_write(w):
    """What a page cannot be made to say: permalink, attachment's name; a bad line; an event that is parked."""
    line = {"platform": "facebook", "account_id": "bok", "source": "import", "kind": "comment", "external_id": "b1",
            "created_at": "2026-01-12T09:00:00+01:00", "text": f"Ni är jävla idioter, {MARKS['parked']}!",
            "author": {"id": "u1", "name": MARKS["author"]}, "permalink": f"https://fb.example/{MARKS['permalink']}",
            "attachments": [{"type": "image", "url": f"http://127.0.0.1:9/{MARKS['attachment']}.jpg", "name": MARKS["attachment"]}]}
    bad = {"platform": "facebook", "account_id": "bok", "source": "import", "kind": "visa", "external_id": "b2",
           "created_at": "2026-01-12T09:00:00+01:00", "text": MARKS["quarantine"]}
    archive = w.place.database("archive")
    with contextlib.closing(sqlite3.connect(archive, timeout=20)) as db:
        db.execute("CREATE TRIGGER refuses BEFORE INSERT ON version BEGIN SELECT RAISE(ABORT, 'no'); END")
        db.commit()
    file = w.place.folder / "in.ndjson"
    file.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in (line, bad)), encoding="utf-8")
    done = w.place.call("import", file, "--account", "bok", person="ops", ok=None)
    file.unlink()
    w.that("r01 a bad line is set aside, the other goes in", done.returncode == 1 and "1 accepted" in done.stdout and
           "1 quarantined" in done.stdout, done.stdout)
    w.item["import"] = w.event("the imported one", "CommentReceived", account="bok")["item"]
    parked = wait_for("archive has parked it", lambda: w.place.rows("park", "list", "archive", ok=(0, 1)))
    w.that("r43 an event that cannot be handled is parked in sight", [p["type"].rsplit(".", 1)[-1] for p in parked] ==
           ["CommentReceived"], parked)
    held = place_bytes(w.place, "archive", "SELECT c.body FROM upp_parked p JOIN upp_content c ON c.id = p.body_ref")
    w.that("i15 what was written stands in the parked event", MARKS["parked"].encode() in held, len(held))
    with contextlib.closing(sqlite3.connect(archive, timeout=20)) as db:
        db.execute("DROP TRIGGER refuses")
        db.commit()
    doctor = w.place.call("doctor", ok=(0, 1)).stdout
    w.that("r43 doctor says what is parked, with its cure", "park" in doctor and "archive" in doctor, doctor)
    w.matter["import"] = w.event("the imported one", "MatterOpened", item=w.item["import"], kind="MATTER_KIND_MODERATION")["matter"]
    w.event("the imported one", "EvidenceSealed", 90, item=w.item["import"], level="SEAL_LEVEL_WHOLE")
    for ground in ("--law", "--row"):
        again = w.place.call("matter", "decide", w.matter["import"], "delete", "--reason", "attack", ground, "ingen",
                             "--note", REFUSED, person="anna", ok=None)
        w.that(f"r21 a ground that nobody adopted is refused ({ground})", again.returncode == 1, again.stdout)
    w.place.call("matter", "decide", w.matter["import"], "keep", "--reason", "attack", "--note", MARKS["note"], person="anna")
    w.event("the imported one is closed", "MatterMet", matter=w.matter["import"])


def line_is_listed(w):
    """R23: the line that could not be read is an item of its own, which operators see by its id alone."""
    lines = w.place.rows("park", "lines", person="ops")
    w.that("r23 a quarantined line has an id, and tells no word", len(lines) == 1 and lines[0]["account"] == "bok" and
           MARKS["quarantine"] not in json.dumps(lines, ensure_ascii=False), lines)
    w.item["line"] = lines[0]["item"]
    wait_for("evidence has heard of the line", lambda: w.place.sql("evidence", "SELECT 1 FROM item WHERE item = ?", w.item["line"]))


def letter_is_dead(w):
    """P5: an address that is refused leaves a dead letter in sight; nobody's words stand in it (R24)."""
    dead = wait_for("a dead letter", lambda: [r for r in w.place.rows("park", "list", "escalation", ok=(0, 1))
                                              if r["kind"] == "ask"])
    held = place_bytes(w.place, "escalation", "SELECT c.body FROM upp_ask a JOIN upp_content c ON c.id = a.request_ref"
                       " WHERE a.state = 2")
    w.that("r17 r24 a dead letter is kept in sight, and says no word of what was written", b"unknown@" in held and
           not [m for m in (*MARKS.values(), "idiot", "badhuset") if m.encode() in held], dead)


def place_bytes(place, service, query):
    """The blobs of a store's rows, one after the other."""
    return b"".join(bytes(row[0]) for row in place.sql(service, query))


def forms(word):
    """As it may stand in a file: itself, in JSON, in an address."""
    return (word.encode(), json.dumps(word).strip('"').encode(), urllib.parse.quote(word).encode())


def holding(place, marks):
    """Each mark and the files below the data folder that hold it, as bytes."""
    found = {}
    for path in sorted(place.data.rglob("*")):
        if path.is_file() and not path.is_symlink():
            raw = path.read_bytes()
            for mark in marks:
                if any(form in raw for form in forms(mark)):
                    found.setdefault(mark, []).append(str(path.relative_to(place.data)))
    return found


def nothing_is_told(w):
    """R24, I25: what anybody wrote and who is who is in content alone; logs and /metrics say nothing of it."""
    logs = [*(w.place.data / "log").glob("*.log"), w.place.supervisor.log]
    lines = [line for log in logs for line in log.read_bytes().split(b"\n") if line]
    words = [form for word in PERSONAL for form in forms(word)]
    told = [line for line in lines if any(word in line for word in words)]
    w.that(f"r24 i25 no line of any program's log says what is somebody's ({len(lines)} lines of {len(logs)} logs)",
           len(lines) > 20 and not told, told[:3])
    programs = sorted(path.stem for path in w.place.folder.rglob("*.ops"))
    rows = {name: [row for row in w.place.metrics(name).encode().split(b"\n") if row] for name in programs}
    told = [(name, row) for name in programs for row in rows[name] if any(word in row for word in words)]
    w.that(f"r24 i25 nor does a number of any /metrics ({sum(map(len, rows.values()))} rows of {len(rows)} programs)",
           set(ALL) <= set(programs) and all(len(r) > 10 for r in rows.values()) and not told, told[:3])
    print(f"I25 lines and numbers: {len(lines) + sum(map(len, rows.values()))} checked")


def all_is_disposed(w):
    """R23: a list by row, a second person; then no byte holds what was written."""
    place = w.place
    letter_is_dead(w)
    line_is_listed(w)
    before = holding(place, MARKS.values())
    w.that("i15 until then each marker is there", set(before) == set(MARKS.values()), set(MARKS.values()) - set(before))
    w.that("i15 of a command that was refused no byte is kept", not holding(place, [REFUSED]), holding(place, [REFUSED]))
    by_row = json.loads(place.call("dispose", "propose", "--row", "rad", "--before", "+1d", "--dry-run", "--json", person="ops").stdout)
    w.that("r21 a row covers what was removed by it and what nobody removed, nothing else",
           {w.item[k] for k in ("number", "question", "import", "line")} <= set(by_row["items"]) and not
           {w.item[k] for k in ("insult", "threat", "reply")} & set(by_row["items"]), (by_row, w.item))
    w.that("r21 our own answer is of another kind, and is counted as what stays",
           [k for k in by_row["kinds"] if k["kind"] == "own" and k["taken"] == 0 and k["left"] > 0], by_row["kinds"])
    adopt_row(place, "comment,line,own,removed-comment")
    named = [w.item[k] for k in ("insult", "number", "threat", "question", "reply", "import", "line")]
    row = json.loads(place.call("dispose", "propose", "--row", "rad", "--items", ",".join(named), "--json", person="ops").stdout)
    w.that("r23 what is named and closed is on the list", sorted(named) == sorted(row["items"]), (row, w.item))
    words = ("dispose", "approve", row["disposal"], "--list", row["list_sha256"])
    w.that("r23 not by the same person", place.call(*words, person="ops", ok=None).returncode == 1)
    place.call(*words, person="ark")
    w.event("the disposal", "ContentDisposed", disposal=row["disposal"])
    w.that("r23 a disposal takes two, and is confirmed by all", place.rows("dispose", "list", person="ops")[0]["pending"] == [])
    try:
        wait_for("no marker is left", lambda: not holding(place, MARKS.values()), 20)
    except Failed:
        pass
    left = holding(place, MARKS.values())
    for name, mark in MARKS.items():
        w.that(f"r23 i15 {name}: in no byte of databases, WAL, logs, objects", mark not in left, left.get(mark))
    listed = place.rows("dispose", "show", row["disposal"], person="ops")[0]["items"]
    w.that("r23 the protocol says which of them was a line", [i["item"] for i in listed if i.get("line")] == [w.item["line"]], listed)
    verified = place.call("verify", ok=None)
    w.that("r27 `uppsikt verify` is green afterwards", verified.returncode == 0, verified.stdout + verified.stderr)


def operators_look(w):
    place = w.place
    status = place.call("status", "--json", ok=(0, 1))
    rows = json.loads(status.stdout)
    rows = rows if isinstance(rows, list) else rows.get("services", [])
    w.that("r44 `uppsikt status`: all are up, nothing is parked, late or at the gate", set(ALL) <= {r["service"] for r in rows
           if r.get("version")} and not any(r.get("parked") for r in rows), status.stdout[:1500])
    waiting = place.rows("action", "list", person="ops", ok=(0, 1))
    w.that("r44 nothing waits at the gate", waiting == [], waiting)
    doctor = place.call("doctor", ok=(0, 1))
    w.that("r44 `uppsikt doctor` finds no input set aside, the dead letter with its cure, and no chain broken",
           "inputs aside" not in doctor.stdout and "given up" in doctor.stdout and "uppsikt park" in doctor.stdout and
           "forked" not in doctor.stdout, doctor.stdout)
    said = {short_type(e) for e in w.tail.events}
    wanted = {"AccountChanged", "CommentReceived", "CommentClassified", "MatterOpened", "EvidenceSealed", "NoticeSent",
              "MatterAcked", "DecisionMade", "ActionDone", "MatterMet", "DisposalApproved", "ContentForgotten", "ContentDisposed"}
    w.that("r43 `uppsikt tail` told each of it", wanted <= said, wanted - said)
    told = json.dumps([{k: v for k, v in e.items() if k != "content"} for e in w.tail.events], ensure_ascii=False)
    w.that("r29 and no fact of it says a word of what was written", not [m for m in PERSONAL if m in told])


STEPS = (everything_starts, register_is_founded, archive_packs, comments_come, links_wait, people_decide,
         people_think_again, platform_answers, others_write, nothing_is_told, all_is_disposed, operators_look)


def main():
    if not CHROMIUM.exists():
        print("SKIP main_job Chromium is not installed (tests/install)")
        return 77
    if not (HERE.parent / "web/node_modules").is_dir():
        raise Failed("tests/web/node_modules is not there: tests/install test")
    checks = Checks()
    try:
        with Place(sys.argv[1]) as place:
            walk = Walk(checks, place)
            for step in STEPS:
                step(walk)
            checks.that("r42 uppsikt up ends with 0", place.down() == 0)
    except Failed as e:
        checks.that(f"the walk goes to its end: {e}", False)
    return checks.end()


sys.exit(main())
