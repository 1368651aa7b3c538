"""A real server with the Mastodon API: snac2 (Debian's backports) on a loopback port, by plain HTTP.

Its quirks stand in its own issue tracker and manual: the API's id changes when a status is edited, a
mention arrives seconds later through a queue on disk, deletion is not part of its API.
"""
import json
import re
import shutil
import subprocess
import urllib.parse
import urllib.request

from place import Failed, free_port, wait_for


class Snac:
    def __init__(self, place, users):
        if not shutil.which("snac"):
            raise FileNotFoundError("snac")
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.folder = place.folder / "snac"
        self.run("init", self.folder, given=f"127.0.0.1\n{self.port}\nlocalhost:{self.port}\n\nadmin@localhost\n")
        settings = self.folder / "server.json"
        said = json.loads(settings.read_text())
        settings.write_text(json.dumps({**said, "protocol": "http"}))
        self.passwords = {}
        for user in users:
            said = self.run("adduser", self.folder, user)
            self.passwords[user] = re.search(r"User password is (\S+)", said).group(1)
        self.server = place.start(["snac", "httpd", self.folder], "snac.log")
        wait_for("snac answers", self.answers)
        self.tokens = {user: self.token(user) for user in users}

    @staticmethod
    def run(verb, *words, given=None):
        done = subprocess.run(["snac", verb, *map(str, words)], capture_output=True, text=True, input=given,
                              timeout=60, check=False)
        if done.returncode:
            raise Failed(f"snac {verb}: {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def answers(self):
        try:
            with urllib.request.urlopen(f"{self.url}/api/v1/instance", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def call(self, path, fields=None, user=None, method=None):
        body = urllib.parse.urlencode(fields).encode() if fields is not None else None
        head = {"Authorization": f"Bearer {self.tokens[user]}"} if user else {}
        request = urllib.request.Request(self.url + path, data=body, headers=head, method=method)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.read().decode()

    def token(self, user):
        return self.call("/oauth/x-snac-get-token", {"login": user, "passwd": self.passwords[user]}).strip()

    def post(self, user, text, answers=None):
        """Writes a status; snac's own answer."""
        fields = {"status": text, "visibility": "public"}
        if answers:
            fields["in_reply_to_id"] = answers
        return json.loads(self.call("/api/v1/statuses", fields, user))

    def mentions(self, user):
        return json.loads(self.call("/api/v1/notifications?types[]=mention&limit=40", user=user))
