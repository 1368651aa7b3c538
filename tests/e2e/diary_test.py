#!/usr/bin/env python3
"""From a question to the diary and back: a folder, a signed webhook, a real SFTP server (OpenSSH), real processes.

usage: diary_test.py BIN   BIN: the folder with uppsikt and the services.
R16, R24, R42. One line PASS or FAIL for each thing that is looked at.
"""
import base64
import datetime
import hashlib
import hmac
import http.server
import json
import os
import pathlib
import pwd
import signal
import subprocess
import sys
import threading
import time
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from e2e_test import POLICY, organisation  # noqa: E402
from place import SERVICES, Checks, Failed, Mails, Place, free_port, short_type, wait_for  # noqa: E402

MARK = "Kvarnhjulsbacken"
SPEED = ("--speed", 12)  # the minute until the next attempt is five seconds
SECRET = b"femtio nyckelharpor i rad, minst"
NUMBER = "KS 2026/00123"
ALL = (*SERVICES, "evidence")


class Questions:
    """Citizens who ask; each question is a matter of its own."""

    def __init__(self, place, tail):
        self.place, self.tail, self.n = place, tail, 0

    def ask(self):
        self.n += 1
        line = {"platform": "facebook", "account": "facebook-kommun", "external_id": f"c{self.n}", "kind": "comment",
                "text": f"Hur lång är kötiden till badhuset vid {MARK} nummer {self.n}? <script>", "author": {"id": f"p{self.n}", "name": f"Åsa {self.n}"},
                "permalink": f"https://platform.example/c/{self.n}",
                "created_at": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")}
        path = self.place.folder / f"{self.n}.ndjson"
        path.write_text(json.dumps(line, ensure_ascii=False) + "\n", encoding="utf-8")
        known = {e["data"]["matter"] for e in self.tail.of("MatterOpened")}
        self.place.call("import", path, "--account", "facebook-kommun")
        return self.tail.wait("a question", lambda e: short_type(e) == "MatterOpened" and e["data"]["kind"] == "MATTER_KIND_QUESTION" and
                              e["data"]["matter"] not in known and not e["data"].get("errand"))["data"]

    def register(self):
        """Of a new question: its matter and its errand."""
        opened = self.ask()
        self.place.call("matter", "diary", opened["matter"], person="anna")
        errand = self.tail.wait("the registrar is asked", lambda e: short_type(e) == "MatterOpened" and
                                e["data"].get("errand") == "diary" and e["data"]["item"] == opened["item"])["data"]
        return opened["matter"], errand["matter"]


def fact(tail, name, errand):
    return tail.wait(f"{name} of {errand}", lambda e: short_type(e) == name and e["data"]["matter"] == errand, seconds=60)["data"]


def shown(place, matter):
    return place.rows("matter", "show", matter)[0]


def looked_into(checks, place, file, errand, said):
    """What came is what was said to have come, and other people's tools agree."""
    checks.that("its sum is the one that was said", said["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest(), said)
    folder = place.folder / ("unpacked-" + errand)
    with zipfile.ZipFile(file) as z:
        checks.that("three files", sorted(z.namelist()) == ["handling.html", "handling.json", "manifest-sha256.txt"], z.namelist())
        z.extractall(folder)
    checks.that("sha256sum -c agrees", subprocess.run(["sha256sum", "--quiet", "-c", "manifest-sha256.txt"], cwd=folder, check=False).returncode == 0)
    page = (folder / "handling.html").read_text(encoding="utf-8")
    for word in (MARK, "Åsa", "Fråga från allmänheten", "Kommunen", "Kommunikation", "Kommunstyrelsen", errand, "&lt;script&gt;"):
        checks.that(f"the page says {word}", word in page)
    checks.that("and nothing on it runs", "<script" not in page)
    case = json.loads((folder / "handling.json").read_text(encoding="utf-8"))
    checks.that("a machine reads when it came in", case["received"][:4].isdigit() and MARK in case["written"][0]["text"], case["received"])
    return case


def a_folder(checks, place, tail, questions, folder):
    """R16: the package lies in the folder, its number is laid beside it, the errand is met."""
    matter, errand = questions.register()
    said = fact(tail, "DiaryPackageDelivered", errand)
    file = folder / f"{said['package']}.zip"
    checks.that("the package lies in the folder", [p.name for p in folder.iterdir()] == [file.name], list(folder.iterdir()))
    case = looked_into(checks, place, file, errand, said)
    checks.that("R24: nobody else may read it", file.stat().st_mode & 0o777 == 0o600, oct(file.stat().st_mode))
    checks.that("only what is kept elsewhere is named as a copy", all(len(c["commitment"]) == 64 for c in case["saved_copies"]), case["saved_copies"])
    checks.that("the errand waits for its number", shown(place, errand)["state"] == "open")
    (folder / f"{said['package']}.nummer").write_text(NUMBER + "\n", encoding="utf-8")
    given = fact(tail, "DiaryNumberGiven", errand)
    checks.that("the number came by itself", given.get("person", "") == "", given)
    checks.that("the errand is met", shown(place, errand)["state"] == "met")
    row = shown(place, matter)["diary"][0]
    checks.that("the question's matter shows its number", row["content"]["number"] == NUMBER and row["state"] == "delivered", row)
    checks.that("people see it, too", NUMBER in place.call("matter", "show", matter).stdout)
    refused = place.call("matter", "diary", errand, "--again", person="anna", ok=None)
    checks.that("nobody sends another when it is met", refused.returncode != 0 and "diarienummer" in refused.stderr + refused.stdout, refused)
    checks.that("a number counts once", place.call("matter", "number", errand, "KS 2026/2", person="anna", ok=None).returncode != 0)


def it_dies(checks, place, tail, questions, folder):
    """R42: kill -9 around the delivery: one file each, none of them half."""
    before = {p.name for p in folder.glob("*.zip")}
    wanted = []
    for pause in (0.0, 0.02, 0.08, 0.25):  # the supervisor waits longer each time: 8 s after the fourth
        wanted.append(questions.register()[1])
        time.sleep(pause)  # not to wait for something: to die at another moment each time
        pid = place.pid("escalation")
        if pid:
            os.kill(pid, signal.SIGKILL)
        place.wait_up(ALL)
    for errand in wanted:
        fact(tail, "DiaryPackageDelivered", errand)
    wait_for("no half package is left", lambda: not list(folder.glob(".*")))
    names = {p.name for p in folder.glob("*.zip")} - before
    checks.that("R42: one package an errand", names == {f"uppsikt-{e}-1.zip" for e in wanted}, names)
    facts = [e["data"]["matter"] for e in tail.of("DiaryPackageDelivered")]
    checks.that("each said once", all(facts.count(e) == 1 for e in wanted), facts)
    checks.that("each is whole", all(zipfile.ZipFile(folder / n).testzip() is None for n in names))


class Diary:
    """A case system's webhook: says 503 first, then takes it and gives a number."""

    def __init__(self):
        self.calls = []
        diary = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                diary.calls.append(({k.lower(): v for k, v in self.headers.items()}, body))
                kill, diary.kill = diary.kill, None
                if kill:
                    kill()
                    return
                status = 503 if len(diary.calls) == 1 else 400 if diary.refuses else 201
                self.send_response(status)
                if status == 503:
                    self.send_header("Retry-After", "1")
                self.end_headers()
                if status == 201:
                    self.wfile.write(json.dumps({"diary_number": f"BUN {len(diary.calls)}"}).encode())

            def log_message(self, *args):
                pass

        self.refuses = False
        self.kill = None  # done once, when a package has come and nobody has been told so
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/in"


def signed(headers, body):
    text = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    return headers["webhook-signature"] == "v1," + base64.b64encode(hmac.new(SECRET, text, hashlib.sha256).digest()).decode()


def a_webhook(checks, place, tail, questions, diary):
    """R16: signed, one id at every attempt; the answer holds the number; a no is said, and can be driven again."""
    _, errand = questions.register()
    wait_for("the first attempt", lambda: diary.calls)
    given = fact(tail, "DiaryNumberGiven", errand) if wait_for("the second attempt", lambda: len(diary.calls) >= 2, 150) else {}
    ids = {h["webhook-id"] for h, _ in diary.calls}
    checks.that("both attempts have one id", ids == {f"uppsikt-{errand}-1"}, ids)
    checks.that("and the same bytes", diary.calls[0][1] == diary.calls[1][1])
    checks.that("both are signed", all(signed(h, b) for h, b in diary.calls))
    checks.that("the answer gave the number", shown(place, errand)["diary"][0]["content"]["number"] == "BUN 2", given)
    diary.refuses = True
    _, errand = questions.register()
    failed = fact(tail, "DiaryPackageFailed", errand)
    checks.that("a no is said", failed["why"] == "diary-refused", failed)
    checks.that("as a dead letter in sight", place.states()["escalation"].get("dead_letters", 0) >= 1, place.states()["escalation"])
    checks.that("`uppsikt doctor` says so", "given up" in place.call("doctor", ok=None).stdout)
    checks.that("and /metrics", 'uppsikt_diary_packages{state="failed"} 1' in place.metrics("escalation"))
    diary.refuses = False
    place.call("matter", "diary", errand, "--again", person="anna")
    fact(tail, "DiaryNumberGiven", errand)
    checks.that("sent again it is another package", shown(place, errand)["diary"][0]["package"] == f"uppsikt-{errand}-2")


def it_dies_untold(checks, place, tail, questions, diary):
    """R42: kill -9 when the webhook has the package and we do not know it: it comes again, as what it was."""
    before = len(diary.calls)
    diary.kill = lambda: os.kill(place.pid("escalation"), signal.SIGKILL)
    _, errand = questions.register()
    given = fact(tail, "DiaryNumberGiven", errand)
    came = diary.calls[before:]
    checks.that("it came before and after the death", len(came) == 2, len(came))
    checks.that("R42: under one id, with the same bytes", len({(h["webhook-id"], b) for h, b in came}) == 1, given)
    checks.that("each attempt is signed", all(signed(h, b) for h, b in came))
    facts = [e["data"]["matter"] for e in tail.of("DiaryPackageDelivered") + tail.of("DiaryNumberGiven")]
    checks.that("delivered and numbered once each", facts.count(errand) == 2, facts)


class Sshd:
    """OpenSSH's server with a key of its own, for this user alone."""

    def __init__(self, place):
        self.folder = place.folder / "ssh"
        self.folder.mkdir()
        self.port = free_port()
        self.user = pwd.getpwuid(os.getuid()).pw_name
        for name in ("host", "client"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.folder / name], check=True)
        if os.getuid() == 0:
            pathlib.Path("/run/sshd").mkdir(exist_ok=True)
        (self.folder / "authorized").write_text((self.folder / "client.pub").read_text())
        self.known = self.folder / "known_hosts"
        self.known.write_text(f"[127.0.0.1]:{self.port} " + " ".join((self.folder / "host.pub").read_text().split()[:2]) + "\n")
        self.inbox = self.folder / "in"
        self.inbox.mkdir()
        config = self.folder / "sshd.conf"
        config.write_text(f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {self.folder}/host\nPidFile none\nUsePAM no\nStrictModes no\n"
                          f"AuthorizedKeysFile {self.folder}/authorized\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n"
                          "PermitRootLogin prohibit-password\nSubsystem sftp internal-sftp\n")
        self.server = place.start(["/usr/sbin/sshd", "-D", "-e", "-f", config], "sshd.log")
        wait_for("sshd listens", lambda: "Server listening" in self.server.text())

    def env(self, known=None):
        return {"UPPSIKT_ESCALATION_DIARY_DELIVER": f"sftp://{self.user}@127.0.0.1:{self.port}{self.inbox}/",
                "UPPSIKT_ESCALATION_DIARY_KEY": str(self.folder / "client"),
                "UPPSIKT_ESCALATION_DIARY_KNOWN_HOSTS": str(known or self.known)}


def over_sftp(checks, place, tail, questions, sshd):
    """R16: over SFTP; the number comes by hand. Another file of that name stays."""
    _, errand = questions.register()
    said = fact(tail, "DiaryPackageDelivered", errand)
    checks.that("by sftp", said["way"] == "sftp", said)
    file = sshd.inbox / f"uppsikt-{errand}-1.zip"
    checks.that("it alone lies there", list(sshd.inbox.iterdir()) == [file], list(sshd.inbox.iterdir()))
    looked_into(checks, place, file, errand, said)
    place.call("matter", "number", errand, "KS 2026/7", person="anna")
    checks.that("a person gives the number", fact(tail, "DiaryNumberGiven", errand)["person"] == "anna")
    opened = questions.ask()
    other = sshd.inbox / f"uppsikt-{opened['item']}.n1-1.zip"
    other.write_text("another's")
    place.call("matter", "diary", opened["matter"], person="anna")
    failed = fact(tail, "DiaryPackageFailed", f"{opened['item']}.n1")
    checks.that("another's file stays", failed["why"] == "diary-taken" and other.read_text() == "another's", failed)


def a_strange_server(checks, place, tail, questions, sshd):
    """A server whose key is not the one that we know gets nothing."""
    before = set(sshd.inbox.iterdir())
    _, errand = questions.register()
    log = place.data / "log/escalation.log"
    wait_for("it is said why", lambda: f"uppsikt-{errand}-1: sftp" in log.read_text(encoding="utf-8"), 60)
    checks.that("a server with another key gets nothing", set(sshd.inbox.iterdir()) == before)
    checks.that("and nothing is said to be delivered", not [e for e in tail.of("DiaryPackageDelivered") if e["data"]["matter"] == errand])
    checks.that("`uppsikt status` counts it as on its way", place.states()["escalation"].get("open_asks", 0) >= 1)
    checks.that("/metrics, too", 'uppsikt_diary_packages{state="asked"} 1' in place.metrics("escalation"))
    return errand


def it_is_tried_on(checks, place, tail, sshd, errand):
    """What the server did not take goes there by itself, when its key is put right."""
    said = tail.wait("a later attempt", lambda e: short_type(e) == "DiaryPackageDelivered" and e["data"]["matter"] == errand, seconds=150)["data"]
    file = sshd.inbox / f"{said['package']}.zip"
    checks.that("a later attempt delivers it", said["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest(), said)
    checks.that("readable by its owner alone there, too", file.stat().st_mode & 0o777 == 0o600, oct(file.stat().st_mode))
    checks.that("and no half of it is left", not list(sshd.inbox.glob(".*")))


def nothing_is_told(checks, place, tail):
    said = "".join(str(e) for e in tail.events)
    logs = "".join(p.read_text(encoding="utf-8", errors="replace") for p in (place.data / "log").glob("*.log"))
    checks.that("R24: no fact says what was written", MARK not in said and NUMBER not in said)
    checks.that("R24: no log says it", MARK not in logs and NUMBER not in logs and SECRET.decode() not in logs)
    store = b"".join(p.read_bytes() for p in (place.data / "escalation").glob("*.db*"))
    checks.that("R24: escalation's store never had the words", MARK.encode() not in store)


def story(checks, place):
    folder = place.folder / "diarium"
    folder.mkdir(mode=0o700)
    policy = place.folder / "policy.yaml"
    policy.write_text(POLICY)
    secret = place.folder / "diary-secret"
    secret.write_text("whsec_" + base64.b64encode(SECRET).decode())
    secret.chmod(0o600)
    mails = Mails(place)
    common = {"UPPSIKT_ESCALATION_POLICY": str(policy), "UPPSIKT_ESCALATION_DIARY_LOOK": "1s",
              "UPPSIKT_ESCALATION_MAIL_URL": f"smtp://127.0.0.1:{mails.port}", "UPPSIKT_ESCALATION_MAIL_FROM": "uppsikt@kommun.example"}
    place.up(*SPEED, UPPSIKT_ESCALATION_DIARY_DELIVER=str(folder), **common)
    place.wait_up(ALL)
    tail = place.tail("--from", "0")
    organisation(place)
    questions = Questions(place, tail)
    a_folder(checks, place, tail, questions, folder)
    it_dies(checks, place, tail, questions, folder)
    diary = Diary()
    checks.that("uppsikt up ends with 0", place.down() == 0)
    place.up(*SPEED, UPPSIKT_ESCALATION_DIARY_DELIVER=diary.url, UPPSIKT_ESCALATION_DIARY_SECRET_FILE=str(secret), **common)
    place.wait_up(ALL)
    a_webhook(checks, place, tail, questions, diary)
    it_dies_untold(checks, place, tail, questions, diary)
    place.down()
    sshd = Sshd(place)
    place.up(*SPEED, **sshd.env(), **common)
    place.wait_up(ALL)
    over_sftp(checks, place, tail, questions, sshd)
    place.down()
    strange = sshd.folder / "strange_hosts"
    strange.write_text(f"[127.0.0.1]:{sshd.port} " + " ".join((sshd.folder / "client.pub").read_text().split()[:2]) + "\n")
    place.up(*SPEED, **sshd.env(strange), **common)
    place.wait_up(ALL)
    errand = a_strange_server(checks, place, tail, questions, sshd)
    place.down()
    place.up(*SPEED, **sshd.env(), **common)
    place.wait_up(ALL)
    it_is_tried_on(checks, place, tail, sshd, errand)
    nothing_is_told(checks, place, tail)
    checks.that("uppsikt up ends with 0 at the end", place.down() == 0)


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
