#!/usr/bin/env python3
"""An account from `uppsikt archive run` to a package on disk, with real processes and Chromium (R26, R27).

usage: archive_test.py BIN   Ends with 77 when there is no Chromium.
"""
import functools
import hashlib
import http.server
import json
import pathlib
import subprocess
import sys
import tarfile
import tempfile
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from place import ROOT, SERVICES, Checks, Failed, Place, wait_for  # noqa: E402

CHROMIUM = pathlib.Path("/usr/lib/chromium/chromium")
ALL = (*SERVICES, "archive")
# AGPL-3.0: run as it is, for this test alone; no part of it is in the product.
PLAYER = "replaywebpage@2.4.6"
PLAYER_SHA256 = "6faef5c261e94b6e83cd6ee975bd0378fd4bc948bb14d36d45c709ffecb261b8"
PAGE = """<!doctype html><html lang="sv"><meta charset="utf-8"><title>Biblioteket</title>
<h1>Biblioteket på Sjöberga</h1><p>Välkommen hit, säger vi på biblioteket. Här finns öppettider, boktips och
sagostunder för barn, och frågor får svar varje vardag.</p><img src="bild.svg" alt="en bok">"""
PICTURE = """<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200"><rect width="300" height="200" fill="teal"/></svg>"""


def site(place):
    """The account's page, on loopback; its address."""
    folder = place.folder / "site"
    folder.mkdir()
    (folder / "index.html").write_text(PAGE, encoding="utf-8")
    (folder / "bild.svg").write_text(PICTURE, encoding="utf-8")
    quiet = type("Quiet", (http.server.SimpleHTTPRequestHandler,), {"log_message": lambda *a: None})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/"


def organisation(place, url):
    place.call("account", "authority", "add", "--id", "ks", "--name", "Kommunstyrelsen", "--org-number", "212000-0001")
    place.call("account", "unit", "add", "--id", "komm", "--authority", "ks", "--name", "Kommunikation", "--communications",
               "--mail", "kommunikation@kommun.example")
    for who, role in (("anna", "administrator"), ("bo", "administrator"), ("ark", "archivist"), ("ops", "operations")):
        # The last one ends the founding: from then on each command says for whom it is done.
        place.call("person", "add", "--id", who, "--unit", "komm", "--role", role, "--first-name", who.title(),
                   "--last-name", "Provsson", "--title", "kommunikatör", "--mail", f"{who}@kommun.example")
    for account, more in (("bibliotek", ("--url", url)), ("museum", ())):
        place.call("account", "take-over", "--id", account, "--platform", "instagram", "--unit", "komm",
                   "--handle", account, "--name", account.title(), "--purpose", "samtal", "--watch",
                   "api" if more else "manual", *more, person="ops")
        place.call("account", "grant", account, "anna", "--rank", "1", person="ops")
        place.call("account", "grant", account, "bo", "--rank", "2", person="ops")
    file = place.folder / "kommentarer.ndjson"
    lines = [{"external_id": f"k{n}", "kind": "comment", "created_at": "2026-11-02T10:00:00Z",
              "text": f"När öppnar ni på lördag? Fråga {n}"} for n in range(40)]
    file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    place.call("import", file, "--account", "bibliotek")
    wait_for("archive has heard of the comments",
             lambda: place.sql("archive", "SELECT count(*) FROM version")[0][0] == 40)
    wait_for("archive knows the accounts and who has access",
             lambda: place.sql("archive", "SELECT count(*) FROM access")[0][0] == 4)


def sound(checks, name, bag):
    """What somebody without uppsikt can do: sha256sum, and count."""
    summed = subprocess.run(["sha256sum", "--quiet", "--strict", "-c", "manifest-sha256.txt"], cwd=bag, check=False)
    files = [f for f in (bag / "data").rglob("*") if f.is_file()]
    oxum = next(line.split(": ")[1] for line in (bag / "bag-info.txt").read_text().split("\n")
                if line.startswith("Payload-Oxum"))
    checks.that(f"{name}: sha256sum -c accepts it (R27)", summed.returncode == 0)
    checks.that(f"{name}: Payload-Oxum is the count", oxum == f"{sum(f.stat().st_size for f in files)}.{len(files)}", oxum)


def the_player(folder):
    """replayweb.page as its makers publish it, kept in the build folder; None: not to be had here."""
    kept = folder / "replaywebpage"
    if (kept / "sw.js").is_file():
        return kept
    with tempfile.TemporaryDirectory() as name:
        done = subprocess.run(["npm", "pack", "--silent", PLAYER], cwd=name, capture_output=True, text=True, check=False)
        if done.returncode:
            return None
        packed = next(pathlib.Path(name).glob("*.tgz"))
        if hashlib.sha256(packed.read_bytes()).hexdigest() != PLAYER_SHA256:
            raise Failed(f"{PLAYER} is not what it was")
        kept.mkdir(exist_ok=True)
        with tarfile.open(packed) as tar:
            for file in ("package.json", "ui.js", "sw.js"):
                (kept / file).write_bytes(tar.extractfile(f"package/{file}").read())
    return kept


def played(checks, place, wacz, url):
    """R27: a player that is not ours shows the page as it was, without a network."""
    player = the_player(place.bin.parent)
    if not player:
        print("SKIP replay npm cannot get the player of web archives")
        return
    done = subprocess.run(["node", ROOT / "tests/web/replay.mjs", player, wacz, url, "Biblioteket på Sjöberga", "Välkommen hit"],
                          capture_output=True, text=True, timeout=180, check=False)
    seen = json.loads(done.stdout) if done.stdout.startswith("{") else {"error": done.stderr}
    checks.that("replayweb.page shows the archived page (R27)", done.returncode == 0, seen)
    checks.that("with its picture", seen.get("pictures") == 1, seen)
    checks.that("and asks nobody else for anything", seen.get("outside") == [], seen)


def automatic(checks, place, url):
    done = place.call("archive", "run", "bibliotek", "--follow", "--json", person="ark", ok=None)
    checks.that("a run of an open page is sealed (R26)", done.returncode == 0, done.stdout + done.stderr)
    run = json.loads(done.stdout)
    checks.that("its layout and content are automatic", (run["layout"], run["content"]) == ("automatic", "automatic"), run)
    checks.that("all that was written is in it", run["items"] == 40, run["items"])
    bag = place.folder / "paket"
    exported = place.call("archive", "export", run["run"], bag, person="ark", ok=None)
    checks.that("the package is exported (R27)", exported.returncode == 0, exported.stdout + exported.stderr)
    sound(checks, "the exported package", bag)
    rep = next(bag.glob("data/uuid-*/representations/rep1/data"))
    names = {f.name for f in rep.rglob("*")}
    checks.that("picture, PDF, MHTML, text, WACZ and lists are in it (R26)",
                {"sida-0001.png", "sida-0001.pdf", "sida-0001.mhtml", "sida-0001.txt", "konto.wacz",
                 "comments.jsonl"} <= names, sorted(names))
    lines = (rep / "api/comments.jsonl").read_text(encoding="utf-8").strip().split("\n")
    checks.that("each comment is a line with its words", len(lines) == 40 and "öppnar ni" in json.loads(lines[0])["text"])
    checks.that("the page's text was read", "Välkommen hit" in (rep / "sida-0001.txt").read_text(encoding="utf-8"))
    played(checks, place, next(rep.rglob("konto.wacz")), url)
    again = place.call("archive", "check", bag, ok=None)
    checks.that("uppsikt archive check accepts it (R27)", again.returncode == 0, again.stderr)
    file = rep / "sida-0001.png"
    bytes_ = bytearray(file.read_bytes())
    bytes_[len(bytes_) // 2] ^= 1
    file.chmod(0o640)
    file.write_bytes(bytes_)
    broken = place.call("archive", "check", bag, ok=None)
    checks.that("one changed bit is found, with its file", broken.returncode == 1 and "sida-0001.png" in broken.stderr,
                broken.stderr)


def by_hand(checks, place):
    done = place.call("archive", "run", "museum", "--follow", "--json", person="ark", ok=None)
    run = json.loads(done.stdout)
    checks.that("an account that people watch becomes a guided task (R26)",
                done.returncode == 1 and (run["state"], run["why"]) == ("manual", "watch_manual"), run)
    saved = place.folder / "Min sida.pdf"
    saved.write_bytes(b"%PDF-1.7\n" + b"bladdra " * 30000)
    program = place.folder / "program.exe"
    program.write_bytes(b"MZ\x90\x00 not for an archive")
    refused = place.call("archive", "hand-in", run["run"], program, person="anna", ok=None)
    checks.that("what is of no kind is refused in words", refused.returncode == 1 and "png" in refused.stderr, refused.stderr)
    taken = place.call("archive", "hand-in", run["run"], saved, "--browser", "Firefox 140", person="anna", ok=None)
    checks.that("a saved page is a full representation (R26)", taken.returncode == 0 and "sealed" in taken.stdout,
                taken.stdout + taken.stderr)
    checks.that("its sum is shown as sha256sum shows it", hashlib.sha256(saved.read_bytes()).hexdigest() in taken.stdout)
    bag = place.folder / "museum"
    place.call("archive", "export", run["run"], bag, person="ark")
    sound(checks, "the package with what was handed in", bag)
    file = next(bag.glob("data/uuid-*/representations/rep2/data/01-*.pdf"))
    checks.that("the file comes as it was", file.read_bytes() == saved.read_bytes())
    shown = place.rows("archive", "show", run["run"])[0]
    checks.that("who handed what in is shown", [h["state"] for h in shown["handed_in"]] == ["refused", "taken"], shown)


def story(checks, place):
    url = site(place)
    place.up(UPPSIKT_CAPTURE_PRIVATE_ADDRESSES="yes", UPPSIKT_CAPTURE_SANDBOX="no")
    place.wait_up(ALL)
    organisation(place, url)
    automatic(checks, place, url)
    by_hand(checks, place)
    listed = place.rows("archive", "list")
    checks.that("both runs are listed as sealed", [r["state"] for r in listed] == ["sealed", "sealed"], listed)
    checks.that("a stranger is refused", place.call("archive", "run", "museum", person="nobody", ok=None).returncode == 1)
    verified = place.call("verify", ok=None)
    checks.that("`uppsikt verify` finds every chain whole", verified.returncode == 0, verified.stdout + verified.stderr)


def main():
    if not CHROMIUM.exists():
        print("SKIP archive Chromium is not installed (tests/install)")
        return 77
    checks = Checks()
    try:
        with Place(sys.argv[1]) as place:
            story(checks, place)
    except Failed as e:
        checks.that(f"the story goes to its end: {e}", False)
    return checks.end()


sys.exit(main())
