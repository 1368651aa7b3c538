"""One visitor of the console over real HTTP: cookies, and forms as a browser sends them, files too."""
import http.client
import re
import urllib.parse

from place import Failed

BOUNDARY = "----WebKitFormBoundary7MA4YWxkTrZu0gW"


class Visitor:
    def __init__(self, port):
        self.port = port
        self.cookies = {}

    def ask(self, method, path, body=None, kind="application/x-www-form-urlencoded"):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        sent = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())} if self.cookies else {}
        if body is not None:
            sent["Content-Type"] = kind
        connection.request(method, path, body, sent)
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", errors="replace")
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, rest = value.split("=", 1)
                self.cookies[key] = rest.split(";", 1)[0]
        connection.close()
        return answer, text

    def form(self, page, action):
        m = re.search(rf'<form method="post" action="{re.escape(action)}">(.*?)</form>', page, re.S)
        if not m:
            raise Failed(f"no form {action} on the page")
        return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', m.group(1)))

    def post(self, path, fields):
        return self.ask("POST", path, urllib.parse.urlencode(fields))

    def sign_in(self, name, password):
        _, page = self.ask("GET", "/logga-in")
        self.post("/logga-in", {**self.form(page, "/logga-in"), "name": name, "password": password})

    def bring(self, path, fields, name, content):
        """As a browser sends a form with a file."""
        parts = [f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'.encode() for k, v in fields.items()]
        parts.append(f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
                     "Content-Type: application/octet-stream\r\n\r\n".encode())
        body = b"".join(parts) + content + f"\r\n--{BOUNDARY}--\r\n".encode()
        return self.ask("POST", path, body, f"multipart/form-data; boundary={BOUNDARY}")
