#!/usr/bin/env python3
"""A page that a person saved, handed in at the console over real HTTP, to a sealed package in the archive.

usage: hand_in_test.py BIN   R26 R25
"""
import hashlib
import os
import pathlib
import re
import socket
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from place import Checks, Place, free_port, wait_for  # noqa: E402
from visitor import BOUNDARY, Visitor  # noqa: E402

FRIDA, ALI = "blå hästar springer fort", "gröna kossor betar sakta"
LONG = 24 * 1024 * 1024


def peak_of(place):
    """The most memory that the console has had, in kB."""
    status = pathlib.Path(f"/proc/{place.pid('console')}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status).group(1))


def run_of(place, run):
    return place.rows("archive", "show", run)[0]


def check_strangers(checks, place, port, run):
    """Nobody who is not signed in puts a byte on the disk; whose account it is not gets no page."""
    stranger, linus = Visitor(port), Visitor(port)
    before = peak_of(place)
    answer, _ = stranger.bring(f"/arkiv/{run}/fil", {"id": "0" * 32, "seal": "0" * 64}, "sidan.pdf", b"%PDF-1.7\n" + b"x" * LONG)
    checks.that("R25: a stranger's file is let go, and she is asked to sign in", answer.status == 403, answer.status)
    checks.that("R26: and it is in nobody's memory", peak_of(place) - before < 4096, (before, peak_of(place)))
    linus.sign_in("linus", ALI)
    answer, page = linus.ask("GET", f"/arkiv/{run}")
    checks.that("R25: who may not see the account sees no task of it", answer.status == 404, answer.status)


def check_handed_in(checks, place, port, run):
    frida = Visitor(port)
    frida.sign_in("frida", FRIDA)
    _, page = frida.ask("GET", "/arkiv")
    checks.that("R26: what waits for a person is on a page", f"/arkiv/{run}" in page and "bevakas för hand" in page)
    content = b"%PDF-1.7\n" + bytes(i % 251 for i in range(65536)) * (LONG // 65536)
    path = f"/arkiv/{run}/fil"
    _, page = frida.ask("GET", f"/arkiv/{run}")
    fields = {**frida.form(page, path), "source": "browser", "note": "utan rullning"}
    answer, page = frida.bring(path, fields, "program.pdf", b"\x7fELF" + bytes(1000))
    checks.that("R26: what is no page is refused by its content, with what may come", answer.status == 422 and "png, jpeg, pdf" in page, answer.status)
    answer, page = frida.bring(path, fields, "stor.pdf", content + b"x" * LONG)
    checks.that("R26: what is too large is refused with the cure", answer.status == 422 and "uppsikt archive hand-in" in page, answer.status)
    answer, _ = frida.bring(path, {**fields, "seal": "0" * 64}, "sidan.pdf", content)
    checks.that("R25: a form that is not ours hands in nothing", answer.status == 403, answer.status)
    checks.that("R26: nothing was handed in so far", run_of(place, run)["handed_in"] == [], run_of(place, run))
    before, began = peak_of(place), time.monotonic()
    answer, _ = frida.bring(path, fields, "sidan.pdf", content)
    print(f"R26 {LONG // 2**20} MB handed in: {time.monotonic() - began:.1f} s, {peak_of(place) - before} kB more at most")
    checks.that("R26: the file is taken", answer.status == 303 and "done.hand-in" in answer.getheader("Location", ""), answer.status)
    checks.that("R26: it was never held in memory", peak_of(place) - before < 4096, (before, peak_of(place)))
    frida.bring(path, fields, "sidan.pdf", content)
    rows = run_of(place, run)["handed_in"]
    checks.that("R26: once, however often the form is sent, as she who did it", len(rows) == 1 and rows[0]["state"] == "taken"
                and rows[0]["person"] == "kommunikation-3" and rows[0]["bytes"] == len(content), rows)
    _, page = frida.ask("GET", f"/arkiv/{run}")
    digest = hashlib.sha256(content).hexdigest()
    checks.that("R26: the page shows it with its sum", digest in page and "Mottagen" in page and "sidan.pdf" in page)
    answer, _ = frida.post(f"/arkiv/{run}/klar", frida.form(page, f"/arkiv/{run}/klar"))
    checks.that("R26: all of it is said to be there", answer.status == 303, answer.status)
    wait_for("the package is sealed", lambda: run_of(place, run)["state"] == "sealed")
    place.call("archive", "export", run, place.folder / "paket", person="kommunikation-3")
    sums = next((place.folder / "paket").rglob("manifest-sha256.txt")).read_text()
    checks.that("R26: the package holds the same bytes", digest in sums, sums)


def arriving(place):
    """How many files lie open, without a name, in the console's folder."""
    n = 0
    for one in pathlib.Path(f"/proc/{place.pid('console')}/fd").iterdir():
        try:
            n += "console/objects/" in os.readlink(one)
        except FileNotFoundError:
            pass  # it was closed just now
    return n


def check_broken_off(checks, place, port, run):
    """Whoever goes away in the middle leaves room for others; five at once are one too many."""
    frida = Visitor(port)
    frida.sign_in("frida", FRIDA)
    cookie = "; ".join(f"{k}={v}" for k, v in frida.cookies.items())
    head = (f"POST /arkiv/{run}/fil HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\nContent-Length: 1000000\r\n"
            f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n\r\n--{BOUNDARY}\r\n"
            'Content-Disposition: form-data; name="file"; filename="x.pdf"\r\n\r\n%PDF').encode()
    begun = [socket.create_connection(("127.0.0.1", port), timeout=20) for _ in range(4)]
    for one in begun:
        one.sendall(head)
    wait_for("four files arrive", lambda: arriving(place) == 4)
    _, page = frida.ask("GET", f"/arkiv/{run}")
    fields = {**frida.form(page, f"/arkiv/{run}/fil"), "source": "browser", "note": ""}
    answer, page = frida.bring(f"/arkiv/{run}/fil", fields, "femte.pdf", b"%PDF-1.7\n")
    checks.that("R26: a fifth file at once is told to wait", answer.status == 503 and "Flera filer" in page, answer.status)
    for one in begun:
        one.close()
    wait_for("they are let go", lambda: arriving(place) == 0)
    answer, _ = frida.bring(f"/arkiv/{run}/fil", fields, "femte.pdf", b"%PDF-1.7\n")
    checks.that("R26: when they have gone there is room again", answer.status == 303, answer.status)


def check_broken(checks, place, port):
    """What does not come whole, or is not what it seems."""
    frida = Visitor(port)
    frida.sign_in("frida", FRIDA)
    run = place.rows("archive", "run", "ig-sjoberga", person="kommunikation-3")[0]["run"]
    wait_for("the run waits for a person", lambda: run_of(place, run)["state"] == "manual")
    _, page = frida.ask("GET", f"/arkiv/{run}")
    fields = {**frida.form(page, f"/arkiv/{run}/fil"), "source": "export", "note": ""}
    half = Visitor(port)
    half.cookies = dict(frida.cookies)
    body = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="id"\r\n\r\n{fields["id"]}\r\n'
    answer, page = half.ask("POST", f"/arkiv/{run}/fil", body, f"multipart/form-data; boundary={BOUNDARY}")
    checks.that("R26: half a form hands in nothing", answer.status in (403, 422), answer.status)
    answer, page = frida.bring(f"/arkiv/{run}/fil", fields, "export.zip", b"PK\x03\x04 no zip")
    checks.that("R26: a zip that is broken is refused by its name for it", answer.status == 422 and "Zip-filen är skadad" in page, answer.status)
    check_broken_off(checks, place, port, run)


def main():
    checks = Checks()
    port = free_port()
    with Place(sys.argv[1]) as place:
        place.up(UPPSIKT_CONSOLE_PORT=str(port), UPPSIKT_CONSOLE_UPLOAD_MAX=str(LONG + 4096))
        place.wait_up(["console", "archive"])
        place.call("account", "load", HERE.parent.parent / "deploy/sample/sjoberga.yaml")
        for person, name, password in (("kommunikation-3", "frida", FRIDA), ("simhallen-2", "linus", ALI)):
            place.call("person", "password", person, "--name", name, given=password + "\n")
        run = place.rows("archive", "run", "fb-sjoberga", person="kommunikation-3")[0]["run"]
        wait_for("the run waits for a person", lambda: run_of(place, run)["state"] == "manual")
        check_strangers(checks, place, port, run)
        check_handed_in(checks, place, port, run)
        check_broken(checks, place, port)
        left = [p.name for p in (place.data / "console/objects").iterdir()]
        checks.that("R26: nothing of what arrived lies in its folder", left == [], left)
    return checks.end()


sys.exit(main())
