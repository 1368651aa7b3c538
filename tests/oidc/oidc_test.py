#!/usr/bin/env python3
"""Signing in by the organisation's own directory, against the certified provider of npm (R24, R25).

usage: oidc_test.py BIN   BIN: the folder with uppsikt and the services; tests/install gets the npm packages.
One line PASS or FAIL for each thing that is looked at.
"""
import contextlib
import http.client
import http.server
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from place import Checks, Failed, Place, free_port, short_type, wait_for  # noqa: E402

SECRET, PASSWORD = "hemligt &+%s", "blå hästar springer fort"
FRIDA, STRANGER = "Frida.Nor@kommun.example", "frida.nor@annan.example"


class Browser:
    """A visitor with cookies for each place that she comes to."""

    def __init__(self):
        self.jars = {}

    def ask(self, method, url, body=None, **headers):
        parts = urllib.parse.urlsplit(url)
        jar = self.jars.setdefault(parts.netloc, {})
        connection = http.client.HTTPConnection(parts.netloc, timeout=30)
        sent = {k.replace("_", "-"): v for k, v in headers.items()}
        if jar:
            sent["Cookie"] = "; ".join(f"{k}={v}" for k, v in jar.items())
        if body is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, parts.path + ("?" + parts.query if parts.query else ""), body, sent)
        answer = connection.getresponse()
        text = answer.read().decode("utf-8")
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, rest = value.split("=", 1)
                if rest.startswith(";") or "max-age=0" in rest.lower() or "expires=thu, 01 jan 1970" in rest.lower():
                    jar.pop(key, None)
                else:
                    jar[key] = rest.split(";", 1)[0]
        connection.close()
        return answer, text


class World:
    def __init__(self, checks, place):
        self.checks, self.place = checks, place
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.provider_port = 0
        self.start_provider()
        self.secret = place.folder / "secret"
        self.secret.write_text(SECRET + "\n")
        self.secret.chmod(0o600)
        self.up()
        self.tail = place.tail("--from", "0")
        self.organisation()

    def start_provider(self):
        """The same port again, since that is its name."""
        self.provider = self.place.start(["node", HERE / "provider.mjs", str(self.provider_port), f"{self.url}/logga-in/katalog/svar"],
                                         "provider.log")
        lines = wait_for("the provider listens", lambda: re.findall(r"^port (\d+)$", self.provider.text(), re.M)[self.provider_port > 0:])
        self.provider_port = int(lines[0])
        self.issuer = f"http://localhost:{self.provider_port}"  # to a browser another site than 127.0.0.1

    def stop_provider(self):
        self.provider.stop()
        self.place.started.remove(self.provider)
        (self.place.folder / "provider.log").write_text(f"port {self.provider_port}\n")

    def up(self, **more):
        options = {"PORT": str(self.port), "PUBLIC_URL": self.url, "OIDC_ISSUER": self.issuer, "OIDC_CLIENT_ID": "uppsikt",
                   "OIDC_CLIENT_SECRET_FILE": str(self.secret), "OIDC_CLAIM": "email", **more}
        self.place.up(**{f"UPPSIKT_CONSOLE_{k}": v for k, v in options.items()})
        self.place.wait_up(("registry", "console"))

    def that(self, name, holds, detail=""):
        return self.checks.that(name, holds, detail)

    def set(self, **what):
        Browser().ask("POST", self.issuer + "/_/set", json.dumps(what))

    def seen(self, at):
        return [s for s in json.loads(Browser().ask("GET", self.issuer + "/_/seen")[1]) if s["at"] == at]

    def log(self):
        return "".join(f.read_text(errors="replace") for f in self.place.folder.rglob("*.log") if f.name != "provider.log")

    def logged(self, words):
        """Does the console's log come to say so?"""
        try:
            return wait_for(f"the log says {words}", lambda: words in self.log(), 10)
        except Failed:
            return False

    def organisation(self):
        call = self.place.call
        call("account", "authority", "add", "--id", "ks", "--name", "Kommunstyrelsen", "--org-number", "212000-0001")
        call("account", "unit", "add", "--id", "komm", "--authority", "ks", "--name", "Kommunikation", "--communications",
             "--mail", "kommunikation@kommun.example")
        for who, name in (("frida", "Frida"), ("bo", "Bo")):
            call("person", "add", "--id", who, "--unit", "komm", "--role", "communications", "--first-name", name,
                 "--last-name", "Provsson", "--title", "kommunikatör", "--mail", f"{who}@kommun.example")
        wait_for("the console knows them", lambda: len(self.place.sql("console", "SELECT person FROM person")) == 2)
        call("person", "password", "bo", "--name", "bo.prov", given=PASSWORD + "\n")

    # -- a visitor's way
    def go(self, browser, to="/atgarda"):
        """To the directory: where the browser is sent."""
        answer, text = browser.ask("GET", f"{self.url}/logga-in/katalog?till={to}")
        return answer, answer.getheader("Location") or "", text

    def sign_in_there(self, browser, location):
        """At the directory, until it sends her back: the address of ours that she comes back to."""
        for _ in range(8):
            if location.startswith(self.url):
                return location
            answer, text = browser.ask("GET", urllib.parse.urljoin(self.issuer, location))
            location = answer.getheader("Location")
            if not location:
                raise Failed(f"the directory stops at {answer.status}: {text[:400]}")
            location = urllib.parse.urljoin(self.issuer, location)
        raise Failed("the directory sends her round and round")

    def back(self, browser, url):
        return browser.ask("GET", url, Sec_Fetch_Site="cross-site")

    def whole(self, browser=None):
        """The whole way with the account that is set: the status and the page that she gets."""
        browser = browser or Browser()
        _, location, _ = self.go(browser)
        return self.back(browser, self.sign_in_there(browser, location))

    def is_in(self, browser):
        return browser.ask("GET", self.url + "/atgarda")[0].status == 200

    def local(self, name="bo.prov", password=PASSWORD):
        browser = Browser()
        _, page = browser.ask("GET", self.url + "/logga-in")
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
        answer, _ = browser.ask("POST", self.url + "/logga-in", urllib.parse.urlencode({**hidden, "name": name, "password": password}))
        return answer.status == 303 and self.is_in(browser)


def page(w):
    """R25: the page offers the directory first; local accounts below it, folded."""
    answer, text = Browser().ask("GET", w.url + "/logga-in?till=/svara")
    w.that("r25 the page leads to the directory by a link", 'href="/logga-in/katalog?till=/svara"' in text, text)
    w.that("r25 no form of it leads elsewhere", "form-action 'self'" in answer.getheader("Content-Security-Policy", "") and
           'action="/logga-in/katalog' not in text)
    w.that("r25 local accounts are folded below it", "<details>" in text and 'name="password"' in text)
    w.that("r25 and hold", w.local())
    w.that("r25 a form is no way there", Browser().ask("POST", w.url + "/logga-in/katalog", "x=y")[0].status in (400, 403))
    for path in ("/logga-in/annan", "/logga-in/katalog/annat", "/logga-in/katalog/svar/x"):
        w.that(f"r25 {path} is nothing", Browser().ask("GET", w.url + path)[0].status == 404)


def stranger(w):
    """R24, R25: whom the register does not know gets a page that says so, and nothing of who is known."""
    w.set(claims={"email": FRIDA, "email_verified": True})
    browser = Browser()
    answer, text = w.whole(browser)
    w.that("r25 before the operators have said who she is, she is nobody", answer.status == 403 and "inte inlagd" in text, (answer.status, text))
    w.that("r24 the page says nothing of anybody", FRIDA not in text and "Frida" not in text and "Provsson" not in text)
    w.that("r25 and she is not in", not w.is_in(browser))
    w.tail.wait("the log of access says so", lambda e: short_type(e) == "AccessLogged" and e["data"]["what"] == "refused" and
                e["data"]["how"] == "directory")
    said = w.place.call("person", "directory", "frida", ok=None)
    w.that("r25 the command wants to be told what", said.returncode != 0 and "--name" in said.stderr, said.stderr)
    w.place.call("person", "directory", "frida", "--name", FRIDA.lower())
    taken = w.place.call("person", "directory", "bo", "--name", FRIDA, ok=None)
    w.that("r25 one name is one person's", taken.returncode == 1, taken.stdout + taken.stderr)
    w.set(claims={"email": STRANGER})
    w.that("r25 another with nearly her name is nobody", w.whole()[0].status == 403)
    w.set(claims={"email": FRIDA, "email_verified": False})
    w.that("r25 nor is an address that nobody has looked at", w.whole()[0].status == 403 and w.logged("email_verified"))
    w.set(claims={"email": None})
    w.that("r25 without the claim nobody is guessed", w.whole()[0].status == 403 and w.logged("oidc_claim"))
    w.set(claims={"email": FRIDA, "email_verified": True})


def let_in(w):
    """R25: the whole way; what is sent is bound to her browser, and PKCE is there."""
    browser = Browser()
    answer, location, _ = w.go(browser, "/svara")
    asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(location).query))
    w.that("r25 she is sent there with a code's way", answer.status == 303 and location.startswith(w.issuer + "/auth?") and
           asked["response_type"] == "code" and asked["scope"] == "openid" and asked["client_id"] == "uppsikt", location)
    w.that("r25 with state, nonce and PKCE by S256", len(asked["state"]) == 64 and len(asked["nonce"]) == 64 and
           asked["code_challenge_method"] == "S256" and len(asked["code_challenge"]) == 43, asked)
    cookie = [v for k, v in answer.getheaders() if k.lower() == "set-cookie" and v.startswith("uppsikt-katalog=")]
    w.that("r25 the cookie of it is short-lived and no script's", len(cookie) == 1 and "HttpOnly" in cookie[0] and
           "SameSite=Lax" in cookie[0] and "Max-Age=600" in cookie[0] and "Path=/" in cookie[0], cookie)
    w.that("r25 and none of what is sent stands in it", not any(asked[k] in cookie[0] for k in ("state", "nonce", "code_challenge")))
    url = w.sign_in_there(browser, location)
    answer, _ = w.back(browser, url)
    w.that("r25 she comes back and goes where she wanted", answer.status == 303 and answer.getheader("Location") == "/svara",
           (answer.status, answer.getheader("Location")))
    session = [v for k, v in answer.getheaders() if k.lower() == "set-cookie" and v.startswith("uppsikt=")]
    w.that("r25 her session's cookie is as any other's", len(session) == 1 and "SameSite=Strict" in session[0] and "HttpOnly" in session[0], session)
    w.that("r25 the try's cookie is gone", "uppsikt-katalog" not in browser.jars[f"127.0.0.1:{w.port}"])
    w.that("r25 she is in", w.is_in(browser) and "Frida" in browser.ask("GET", w.url + "/atgarda")[1])
    event = w.tail.wait("that is said", lambda e: short_type(e) == "AccessLogged" and e["data"]["what"] == "signed-in" and
                        e["data"]["how"] == "directory")
    w.that("r24 without what the directory said", FRIDA.lower() not in json.dumps(event).lower(), event)
    token = w.seen("token")[-1]
    w.that("r25 the verifier was really sent, and the secret not in the form", token["verifier"] == 43 and token["basic"] and
           token["body"] == ["code", "code_verifier", "grant_type", "redirect_uri"], token)
    w.that("r25 already in, she is not sent there again", w.go(browser)[1] == "/")
    rollup = pathlib.Path(f"/proc/{w.place.pid('console')}/smaps_rollup").read_text()
    print(f"console after its first sign-in by the directory: {re.search(r'^Pss: +([0-9]+)', rollup, re.M).group(1)} kB PSS")
    return browser, url


def replayed(w, browser, url):
    """R25: what has been used, or belongs to another browser, lets nobody in."""
    answer, text = w.back(browser, url)
    w.that("r25 the same address again is too late", answer.status == 400 and "Börja om" in text, answer.status)
    thief = Browser()
    w.that("r25 in another browser it is nothing", w.back(thief, url)[0].status == 400 and not w.is_in(thief))
    own = Browser()
    _, location, _ = w.go(own)
    fresh = w.sign_in_there(own, location)
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(fresh).query))
    other = Browser()
    w.go(other)
    w.that("r25 her code with another's try is nothing (state)", w.back(other, fresh)[0].status == 400 and not w.is_in(other))

    def with_(**changed):
        words = {k: v for k, v in {**query, **changed}.items() if v is not None}
        return f"{w.url}/logga-in/katalog/svar?{urllib.parse.urlencode(words)}"
    for name, state in (("another", "0" * 64), ("none", None), ("half", query["state"][:32])):
        w.that(f"r25 {name} state is nothing", w.back(own, with_(state=state))[0].status == 400)
    w.that("r25 and costs her own try nothing", w.back(own, fresh)[0].status == 303 and w.is_in(own))
    for name, changed in (("another directory's answer", {"iss": "https://evil.example"}), ("one that does not say whose", {"iss": None}),
                          ("no code", {"code": None})):
        own = Browser()
        _, location, _ = w.go(own)
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(w.sign_in_there(own, location)).query))
        w.that(f"r25 {name} lets nobody in", w.back(own, with_(**changed))[0].status == 403 and not w.is_in(own))
    old = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))["code"]
    own = Browser()
    _, location, _ = w.go(own)
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(location).query))
    w.that("r25 a used code in a new try is refused by the directory", w.back(own, with_(code=old, iss=w.issuer))[0].status == 403 and
           w.logged("it gives no token for a code: invalid_grant"))
    w.set(refuse=True)
    answer, text = w.whole()
    w.that("r25 when the directory says no, that is said", answer.status == 403 and "jobbkontot" in text and
           w.logged("access_denied"), answer.status)
    w.set(refuse=False)


def browse(w):
    """R25, R30: the same in Chromium, which has its own mind about cookies between sites and about CSP."""
    if not (HERE.parent / "web/node_modules").is_dir():
        raise Failed("tests/web/node_modules is not there: tests/install test")
    done = subprocess.run(["node", str(HERE / "browser.mjs")], text=True, capture_output=True, timeout=120, check=False,
                          env={**w.place.env(), "UPP_WEB": w.url, "HOME": str(w.place.folder), "UPP_SHOTS": os.environ.get("UPP_SHOTS", "")})
    print(done.stdout, end="")
    for line in done.stdout.split("\n"):
        w.checks.good += line.startswith("PASS")
        w.checks.bad += line.startswith("FAIL")
    w.that("browser: it went to its end", done.returncode == 0 and "browser: done" in done.stdout, done.stderr[-1500:])


def keys(w):
    """R25: the directory changes its keys; clocks that are apart."""
    before = len(w.seen("/jwks"))
    w.set(kid="e1")
    w.that("r25 a new key is fetched, of the other kind as well", w.whole()[0].status == 303 and len(w.seen("/jwks")) == before + 1,
           (before, w.seen("/jwks")))
    w.set(kid="k3")
    w.that("r25 but not again within a minute", w.whole()[0].status == 403 and len(w.seen("/jwks")) == before + 1 and
           w.logged("not among those at jwks_uri"))
    w.set(kid="e1")
    w.that("r25 the one that is known holds", w.whole()[0].status == 303)
    w.set(skew=600)
    w.that("r25 a directory ten minutes ahead is refused, and the log says clocks", w.whole()[0].status == 403 and
           w.logged("of a time to come; are both clocks right?"))
    w.set(skew=-7200)
    w.that("r25 so is one that is two hours late", w.whole()[0].status == 403 and w.logged("had expired when it came"))
    w.set(skew=30)
    w.that("r25 half a minute is nothing", w.whole()[0].status == 303)
    w.set(skew=0)


def down(w):
    """R25: while the directory is down, local accounts hold and the page says so; afterwards it goes by itself."""
    browser = Browser()
    _, location, _ = w.go(browser)
    url = w.sign_in_there(browser, location)
    w.stop_provider()
    answer, text = w.back(browser, url)
    failed = re.search(r"^uppsikt_console_directory_failed_total (\d+)", w.place.metrics("console"), re.M)
    w.that("r25 how often it failed is told", failed and int(failed.group(1)) >= 5, failed)
    w.that("r25 it goes down while she is there: that is said", answer.status == 503 and "svarar inte" in text, answer.status)
    w.that("r25 and the form for local accounts is open", "<details open>" in text and 'name="password"' in text)
    w.that("uppsikt up ends with 0", w.place.down() == 0)
    w.up()
    answer, _, text = w.go(Browser())
    w.that("r25 down from the start: the page says so", answer.status == 503 and "svarar inte" in text, answer.status)
    w.that("r25 the log says what is unreachable", w.logged("it does not say what it is (.well-known/openid-configuration)"))
    w.that("r25 a local account signs in", w.local())
    w.start_provider()
    w.set(claims={"email": FRIDA, "email_verified": True})
    wait_for("it is asked again by itself", lambda: w.go(Browser())[0].status == 303)
    browser = Browser()
    w.that("r25 and signs her in", w.whole(browser)[0].status == 303 and w.is_in(browser))
    return browser


def left(w, browser):
    """I28: who leaves is out, and does not come back by the directory."""
    w.place.call("person", "leave", "frida")
    wait_for("her session has ended", lambda: not w.is_in(browser))
    w.that("i28 the directory does not let her in again", w.whole()[0].status == 403)


def hung(w):
    """R25: a directory that says nothing keeps nobody else waiting."""
    w.place.down()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        w.up(OIDC_ISSUER=f"http://127.0.0.1:{silent.getsockname()[1]}")
        answers = []
        waiting = [threading.Thread(target=lambda: answers.append(w.go(Browser())[0].status)) for _ in range(4)]
        for one in waiting:
            one.start()
        silent.settimeout(20)
        taken, _ = silent.accept()
        begun = time.monotonic()
        w.that("r25 four wait for it, and a fifth signs in by her password", w.local() and not answers, answers)
        w.that("r25 at once", time.monotonic() - begun < 4, time.monotonic() - begun)
        for one in waiting:
            one.join(30)
        w.that("r25 they are told within some seconds", answers == [503] * 4 and time.monotonic() - begun < 8, (answers, time.monotonic() - begun))
        taken.close()
    w.that("uppsikt up ends with 0 again", w.place.down() == 0)


def strange(w):
    """R25, R42: a directory that sends us elsewhere, says too much, or is another than we were told."""
    class Odd(http.server.BaseHTTPRequestHandler):
        way, asked = "", []

        def do_GET(self):
            Odd.asked.append(self.path)
            body = {"large": b'{"issuer":"' + b"x" * 100000 + b'"}', "zero": b'{"issuer":\0}', "broken": b"<html>",
                    "other": json.dumps({"issuer": w.issuer}).encode()}.get(Odd.way, b"")
            self.send_response(302 if Odd.way == "elsewhere" else 200)
            if Odd.way == "elsewhere":
                self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(body)

        def log_message(self, *words):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Odd) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for way, words in (("elsewhere", "HTTP 302"), ("large", "too large"), ("zero", "no text"), ("broken", "no JSON object"),
                           ("other", "another issuer than oidc_issuer")):
            Odd.way = way
            w.up(OIDC_ISSUER=f"http://127.0.0.1:{server.server_address[1]}")
            w.that(f"r25 {way}: nobody is sent there, and the log says why", w.go(Browser())[0].status == 503 and w.logged(words))
            w.place.down()
        w.that("r25 and nothing went elsewhere", set(Odd.asked) == {"/.well-known/openid-configuration"}, Odd.asked)
        server.shutdown()


def misconfigured(w):
    """R25: options that do not go together are said, and the console does not start with half of them."""
    for name, words, more in (("no claim", "oidc_claim: which claim", {"OIDC_CLAIM": ""}),
                              ("no client", "oidc_client_id:", {"OIDC_CLIENT_ID": ""}),
                              ("clear text elsewhere", "oidc_issuer: an https address", {"OIDC_ISSUER": "http://login.kommun.example"}),
                              ("no openid", "oidc_scopes: openid", {"OIDC_SCOPES": "email"}),
                              ("nowhere to come back to", "public_url: the directory", {"PUBLIC_URL": ""})):
        options = {"PORT": "0", "PUBLIC_URL": w.url, "OIDC_ISSUER": w.issuer, "OIDC_CLIENT_ID": "uppsikt", "OIDC_CLAIM": "email", **more}
        before = w.log().count(words)
        w.place.supervisor = w.place.start([w.place.bin / "uppsikt", "up", "--data", w.place.data], "up.log",
                                           **{f"UPPSIKT_CONSOLE_{k}": v for k, v in options.items()})
        try:
            said = wait_for(words, lambda: w.log().count(words) > before, 15)
        except Failed:
            said = False
        w.that(f"r25 {name}: said in words", said, w.log()[-600:])
        w.place.supervisor.stop()
        w.place.started.remove(w.place.supervisor)


def story(checks, place):
    w = World(checks, place)
    page(w)
    stranger(w)
    browser, url = let_in(w)
    replayed(w, browser, url)
    browse(w)
    keys(w)
    left(w, down(w))
    hung(w)
    strange(w)
    misconfigured(w)
    log = w.log().lower()
    told = json.dumps([{k: v for k, v in e.items() if k != "content"} for e in w.tail.events], ensure_ascii=False).lower()
    for what in (FRIDA, STRANGER, SECRET, "eyJ", "kommun.example/"):
        checks.that(f"r24 no log and no fact says {what}", what.lower() not in log and what.lower() not in told)
    stores = b"".join(f.read_bytes() for f in place.database("console").parent.glob("*.db*")).lower()
    checks.that("r24 no store of the console holds what the directory calls her", FRIDA.lower().encode() not in stores)


def main():
    checks = Checks()
    try:
        with Place(sys.argv[1]) as place:
            story(checks, place)
    except Failed as e:
        checks.that(f"the story goes to its end: {e}", False)
    return checks.end()


sys.exit(main())
