"""The Facebook page that the end-to-end tests talk to."""
import json
import pathlib
import sys
import urllib.parse
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from place import wait_for  # noqa: E402


class Page:
    """upp-fake-facebook, and what a test says to it."""
    TOKEN, SECRET = "EAAG-token-of-the-page", "application-secret"

    def __init__(self, place):
        self.server = place.start([place.bin / "upp-fake-facebook", "0", "4711", "Sjöberga kommun", self.TOKEN], "page.log")
        line = wait_for("the page listens", lambda: [w for w in self.server.text().split("\n") if w.startswith("port ")])
        self.url = f"http://127.0.0.1:{line[0].split()[1]}"
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def say(self, what, **words):
        data = urllib.parse.urlencode(words).encode()
        with self.opener.open(f"{self.url}/_/{what}", data=data, timeout=30) as answer:
            return json.load(answer)

    def deeds(self, what):
        with self.opener.open(f"{self.url}/_/deeds", timeout=30) as answer:
            return [d for d in json.load(answer) if d["what"] == what]

    def seen(self, comment):
        return self.say("visible", id=comment)
