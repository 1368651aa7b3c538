#!/usr/bin/env python3
"""What people answer by mail, what comes back, and who is away: with real processes, Exim and Dovecot.

usage: answer_test.py BIN   BIN: the folder with uppsikt and the services.
R14, R17, R24. One maildir is everybody's: what uppsikt sends lies in it, too, and says nothing to it. One line
PASS or FAIL for each thing that is looked at.
"""
import datetime
import email.message
import email.utils
import json
import pathlib
import smtplib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from e2e_test import POLICY, organisation  # noqa: E402
from place import ROOT, Checks, Failed, Mails, Place, free_port, short_type, wait_for  # noqa: E402

US = "uppsikt@kommun.example"
MARK = "Kvarnhjulsbacken"
WORDS = "Jag tar den i eftermiddag, säger Åsa."


class Mailbox:
    """Dovecot over the maildir that Exim fills."""

    def __init__(self, place, mails):
        self.folder = place.folder / "imap"
        self.folder.mkdir()
        self.port = free_port()
        self.password = self.folder / "password"
        self.password.write_text("hemligt")
        self.secret = place.folder / "mailbox-password"
        self.secret.write_text("hemligt")
        self.secret.chmod(0o600)
        self.server = place.start([ROOT / "tests/e2e/imap_server", self.port, self.folder, mails.folder / "mail"], "imap.log")
        wait_for("the mailbox listens", lambda: f"port {self.port}" in self.server.text())


def words_of(m):
    return "\n".join(part.get_content() for part in m.walk() if part.get_content_type() == "text/plain")


def mail_to(mails, who):
    """The newest mail to that person."""
    def newest():
        got = [m for m in mails.all() if who in m["To"] and m["X-Uppsikt-Notice"]]
        return got[-1] if got else None
    return wait_for(f"a mail to {who}", newest)


def send(mails, sender, about, text, headers=(), envelope=None):
    """An answer to that mail, as a person's program writes it."""
    m = email.message.EmailMessage()
    m["From"], m["To"], m["Subject"] = sender, US, "SV: " + str(about["Subject"])
    m["In-Reply-To"] = m["References"] = about["Message-ID"]
    m["Message-ID"] = email.utils.make_msgid(domain="dator.example")
    m["Date"] = email.utils.formatdate()
    for name, value in headers:
        m[name] = value
    m.set_content(text + "\n\nDen 3 dec. 2026 skrev Uppsikt <uppsikt@kommun.example>:\n> " + "\n> ".join(words_of(about).splitlines()) + "\n")
    with smtplib.SMTP("127.0.0.1", mails.port, timeout=20) as smtp:
        smtp.send_message(m, from_addr=sender if envelope is None else envelope, to_addrs=[US])


def bounce(mails, about):
    """What a mail server says of a mail that it took and could not deliver (RFC 3464)."""
    report = (f"From: Mailer-Daemon <mailer-daemon@mx.example>\r\nTo: {US}\r\nSubject: Mail delivery failed\r\n"
              "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
              "Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\r\n"
              "--b\r\nContent-Type: text/plain\r\n\r\nIt could not be delivered.\r\n"
              "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
              "Final-Recipient: rfc822; bo@kommun.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"
              "Diagnostic-Code: smtp; 551 5.1.1 no such user\r\n\r\n"
              f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {about['Message-ID']}\r\n\r\n--b--\r\n")
    with smtplib.SMTP("127.0.0.1", mails.port, timeout=20) as smtp:
        smtp.sendmail("", [US], report.encode())


def comment(place, number, text):
    line = {"platform": "facebook", "account": "facebook-kommun", "external_id": f"c{number}", "kind": "comment", "text": text,
            "author": {"id": "p1", "name": "Åsa Medborgare"},
            "created_at": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")}
    path = place.folder / f"{number}.ndjson"
    path.write_text(json.dumps(line, ensure_ascii=False) + "\n", encoding="utf-8")
    place.call("import", path, "--account", "facebook-kommun")


def an_answer(checks, place, mails, tail):
    """R17: whoever answers has seen it; her words are for the owner, and in no fact and no log."""
    comment(place, 1, f"Ni är en jävla idiot allihop, {MARK}!")
    opened = tail.wait("a matter to moderate", lambda e: short_type(e) == "MatterOpened" and
                       e["data"]["kind"] == "MATTER_KIND_MODERATION")["data"]
    about = mail_to(mails, "anna@kommun.example")
    checks.that("the mail says that it can be answered", "Svarar du på det här mejlet" in words_of(about))
    send(mails, "granne@annan.example", about, "Detta är inte Anna")
    send(mails, "Anna Provsson <anna@kommun.example>", about, WORDS)
    acked = tail.wait("the answer is an ack", lambda e: short_type(e) == "MatterAcked")["data"]
    checks.that("of the matter, by whom it was sent to", acked["matter"] == opened["matter"] and acked["person"] == "anna", acked)
    noted = tail.wait("her words are noted", lambda e: short_type(e) == "MatterNoted")["data"]
    checks.that("as hers, about that mail", noted["person"] == "anna" and noted["notice"] == about["X-Uppsikt-Notice"], noted)
    kept = wait_for("the console keeps them", lambda: place.sql("console", "SELECT person FROM happening WHERE what = 'log.mailed'"))
    checks.that("once", len(kept) == 1 and kept[0][0] == "anna", kept)
    return opened["matter"]


def one_comes_back(checks, place, mails, tail):
    """R17: a bounce hours later is as if the server had said no at once."""
    about = mail_to(mails, "bo@kommun.example")
    bounce(mails, about)
    failed = tail.wait("it was heard by nobody", lambda e: short_type(e) == "NoticeFailed")["data"]
    checks.that("with the server's code", failed["notice"] == about["X-Uppsikt-Notice"] and failed["reply"] == 551, failed)
    checks.that("he is passed by from now on", place.sql("escalation", "SELECT bad FROM person WHERE person = 'bo'") == [(1,)])


def one_is_away(checks, mails, tail):
    """R17: an automatic answer is no ack; the manager is asked."""
    acks = len(tail.of("MatterAcked"))
    send(mails, "anna@kommun.example", mail_to(mails, "anna@kommun.example"), "Jag är på semester till den 9 december.",
         [("Auto-Submitted", "auto-replied")], envelope="")
    opened = tail.wait("somebody finds out", lambda e: short_type(e) == "MatterOpened" and e["data"].get("errand") == "seems-away")["data"]
    checks.that("about her", opened["about"] == "anna", opened)
    checks.that("and it is no ack", len(tail.of("MatterAcked")) == acks)
    text = wait_for("her manager has a mail", lambda: next((words_of(m) for m in mails.all() if "chef@" in m["To"] and
                                                            "Verkar vara borta" in words_of(m)), None))
    checks.that("with her name", "Anna, kommunikatör" in text, text)


def an_officer_is_asked(checks, place, mails, tail, matter):
    """R14, E24: fråga is answered by mail, and becomes a draft in the officer's name."""
    place.call("person", "add", "--id", "dora", "--unit", "komm", "--first-name", "Dora", "--last-name",
               "Provsson", "--title", "ingenjör", "--mail", "dora@kommun.example")
    comment(place, 2, "Hur lång är kötiden till badhuset i Sjöberga?")
    question = tail.wait("a question", lambda e: short_type(e) == "MatterOpened" and
                         e["data"]["kind"] == "MATTER_KIND_QUESTION")["data"]["matter"]
    place.call("matter", "hand-over", question, "dora", "--ask", person="anna")
    send(mails, "dora@kommun.example", mail_to(mails, "dora@kommun.example"), "Tre veckor.")
    draft = tail.wait("a draft", lambda e: short_type(e) == "ReplyDrafted")["data"]
    checks.that("in her name, of that question", draft["person"] == "dora" and draft["matter"] == question and question != matter, draft)


def nothing_is_told(checks, place, tail, mailbox):
    said = "".join(str(e) for e in tail.events if "content" not in e)
    logs = "".join(p.read_text(encoding="utf-8", errors="replace") for p in (place.data / "log").glob("*.log"))
    for word in ("eftermiddag", "semester", "Tre veckor", "granne@", "hemligt"):
        checks.that(f"R24: no log says {word}", word not in logs)
    checks.that("no fact says what was answered", "eftermiddag" not in said)
    box = mailbox.folder.parent / "mails/mail"
    checks.that("every mail is as new as it came", len(list((box / "new").iterdir())) >= 5 and not list((box / "cur").iterdir()))


def story(checks, place):
    mails = Mails(place)
    send_first = email.message.EmailMessage()
    send_first["From"], send_first["To"] = "a@b.example", US
    with smtplib.SMTP("127.0.0.1", mails.port, timeout=20) as smtp:
        smtp.send_message(send_first)  # the maildir is there
    wait_for("the maildir", lambda: mails.all())
    mailbox = Mailbox(place, mails)
    policy = place.folder / "policy.yaml"
    policy.write_text(POLICY)
    place.up(UPPSIKT_ESCALATION_MAIL_URL=f"smtp://127.0.0.1:{mails.port}", UPPSIKT_ESCALATION_MAIL_FROM=US,
             UPPSIKT_ESCALATION_MAILBOX_URL=f"imap://127.0.0.1:{mailbox.port}/INBOX", UPPSIKT_ESCALATION_MAILBOX_USER="uppsikt",
             UPPSIKT_ESCALATION_MAILBOX_PASSWORD_FILE=str(mailbox.secret), UPPSIKT_ESCALATION_MAILBOX_LOOK="1s",
             UPPSIKT_ESCALATION_POLICY=str(policy))
    tail = place.tail("--from", "0")
    organisation(place)
    matter = an_answer(checks, place, mails, tail)
    one_comes_back(checks, place, mails, tail)
    one_is_away(checks, mails, tail)
    an_officer_is_asked(checks, place, mails, tail, matter)
    nothing_is_told(checks, place, tail, mailbox)
    checks.that("`uppsikt doctor` has nothing to say of it", "mailbox" not in place.call("doctor", ok=None).stdout)
    checks.that("uppsikt up ends with 0", place.down() == 0)


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
