"""The world around the main job (main_job_test.py): its people's site, the organisation, and a
visitor of the console without an account."""
import functools
import http.client
import http.server
import pathlib
import re
import threading
import urllib.parse

from place import SERVICES, wait_for

CHROMIUM = pathlib.Path("/usr/lib/chromium/chromium")
ALL = (*SERVICES, "evidence", "archive", "console", "feed")
# Each stands in one thing that a person wrote; after the disposal none is in any byte. `note` comes as a command's body,
# `parked` is the text of an event that archive cannot handle.
MARKS = {"author": "Åsa Märkesson", "text": "Rötäggskramaren", "permalink": "märkeslänken", "attachment": "märkesbild",
         "reply": "Svarsmarkören", "note": "Anteckningsmarkören", "quarantine": "Karantänmarkören",
         "parked": "Parkeringsmarkören"}
# What else is somebody's: a number that was written, our own people's name and addresses.
PERSONAL = (*MARKS.values(), "811228", "Provsson", "anna@", "bo@", "ark@", "unknown@")
# In the body of a command that is refused: of that nothing is ever kept.
REFUSED = "Avslagsmarkören"

# Duty at every hour, so that a mail with a link goes whenever the test runs.
POLICY = """version: 1
calendars:
  duty:
    version: 1
    holidays: none
    free_eves: []
    week:
""" + "".join(f'      {day}: ["00:00-24:00"]\n' for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")) + """delivery:
  collect: 1s
"""


class Visitor:
    """Somebody with a link and no account: what a browser would send."""

    def __init__(self, port):
        self.port, self.cookies = port, {}

    def ask(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        head = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
        if self.cookies:
            head["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        connection.request(method, path, body, head)
        answer = connection.getresponse()
        text = answer.read().decode("utf-8")
        for value in answer.headers.get_all("Set-Cookie", []):
            key, rest = value.split("=", 1)
            self.cookies[key] = rest.split(";", 1)[0]
        connection.close()
        return answer.status, text

    def press(self, page, action):
        """The button of that form on the page; the answer's status."""
        _, text = self.ask("GET", page)
        form = re.search(rf'<form method="post" action="{re.escape(action)}">(.*?)</form>', text, re.S)
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form.group(1) if form else ""))
        return self.ask("POST", action, urllib.parse.urlencode(fields))[0]


def site(place):
    """The account's own page, on loopback; its address."""
    folder = place.folder / "site"
    folder.mkdir()
    (folder / "index.html").write_text("""<!doctype html><html lang="sv"><meta charset="utf-8"><title>Sjöberga</title>
<h1>Sjöberga kommun</h1><p>Välkommen till kommunens sida. Här svarar vi på frågor varje vardag, och här finns
öppettider, nyheter och kontaktvägar för den som bor i kommunen.</p>""", encoding="utf-8")
    quiet = type("Quiet", (http.server.SimpleHTTPRequestHandler,), {"log_message": lambda *a: None})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/"


def adopt_row(place, covers):
    place.call("policy", "row", "rad", "--authority", "ks", "--process", "Kommunicera", "--kind", "Kommentarer", "--covers",
               covers, "--action", "dispose", "--months", "0", "--decision", "KS 2026/1", "--mandate", "Plan 2026", person="ops")


def organisation(place, page, url):
    """An authority with a row, a unit, people, accounts with two each (R04, R05)."""
    del page
    place.call("account", "authority", "add", "--id", "ks", "--name", "Kommunstyrelsen", "--org-number", "212000-0001")
    place.call("account", "unit", "add", "--id", "komm", "--authority", "ks", "--name", "Kommunikation", "--communications",
               "--mail", "kommunikation@kommun.example")
    for who, role in (("anna", "administrator"), ("bo", "administrator"), ("ark", "archivist"), ("ops", "operations")):
        # The last one ends the founding: from then on each command says for whom it is done.
        place.call("person", "add", "--id", who, "--unit", "komm", "--role", role, "--first-name", who.title(),
                   "--last-name", "Provsson", "--title", "kommunikatör", "--mail", f"{'unknown' if who == 'bo' else who}@kommun.example")
    for account, platform, name, more in (("fb", "facebook", "Sjöberga på Facebook", ("--watch", "api", "--url", url)),
                                          ("masto", "mastodon", "Sjöberga på Mastodon", ("--watch", "api")),
                                          ("bok", "facebook", "Biblioteket", ("--watch", "manual"))):
        place.call("account", "take-over", "--id", account, "--platform", platform, "--unit", "komm", "--handle", account,
                   "--name", name, "--purpose", "samtal", *more, person="ops")
        for rank, who in enumerate(("anna", "bo"), 1):
            place.call("account", "grant", account, who, "--rank", rank, person="ops")
    adopt_row(place, "comment,line,removed-comment")


def connect(place, page):
    """Joins the account to the page (R13)."""
    token = place.folder / "token"
    token.write_text(page.TOKEN)
    token.chmod(0o600)
    place.call("account", "connect", "fb", "--connector", "facebook", "--url", f"{page.url}/v25.0", "--token-file", token,
               person="ops")
    wait_for("the connector sees", lambda: any(c["account"] == "fb" and c["health"]["state"] == "STATE_OK" and c["polled_ms"] > 0
                                               for c in place.rows("account", "connections", person="ops")))
