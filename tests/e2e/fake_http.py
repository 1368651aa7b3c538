"""What the fake platforms of the end-to-end tests have in common: HTTP on this machine, and faults.

A fake is told by methods what people do; what services ask of it comes by HTTP. It keeps what it was asked (never a
token) and what was done on it, and can be told to throttle, or to cut the connection after the effect.
"""
import datetime
import http.server
import json
import socket
import threading
import time
import urllib.parse


class Refused(Exception):
    """The answer is an error: its status, its body, its headers."""

    def __init__(self, status, body, headers=()):
        super().__init__(status)
        self.status, self.body, self.headers = status, body, list(headers)


class Asked:
    """One request: the method, the parts of its path, what it is given in the query and in the body."""

    def __init__(self, handler):
        url = urllib.parse.urlsplit(handler.path)
        length = handler.headers.get("Content-Length")
        self.method, self.raw_path, self.headers = handler.command, url.path, handler.headers
        self.path = urllib.parse.unquote(url.path)
        self.query = self.once(url.query)
        self.bearer = (handler.headers.get("Authorization") or " ").split(" ", 1)
        self.type = (handler.headers.get("Content-Type") or "").split(";")[0]
        self.has_length = length is not None
        self.body = handler.rfile.read(int(length or 0))
        self.at = time.monotonic()

    @staticmethod
    def once(text):
        pairs = urllib.parse.parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text))
        found = dict(pairs)
        if len(found) != len(pairs):
            raise Refused(400, {"error": "a parameter twice"})
        return found

    def form(self):
        return self.once(self.body.decode()) if self.type == "application/x-www-form-urlencoded" else {}


class FakePlatform:
    """The server. A fake of one platform says in answer() what it answers: a status and a JSON or None."""

    def __init__(self, clock, token):
        self.clock, self.token = clock, token
        self.lock = threading.RLock()
        self.asked, self.deeds, self.removed = [], [], []
        self.throttled = None   # how often, and the Refused
        self.cuts = 0           # so many writes lose their answer after the effect
        self.number = 0
        fake = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *words):
                pass

            def serve(self):
                fake.serve(self)

            do_GET = do_POST = do_DELETE = do_PUT = serve

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.host = f"http://127.0.0.1:{self.server.server_port}"

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    # -- what a test tells it

    def throttle(self, times, refused):
        with self.lock:
            self.throttled = [times, refused] if times else None

    def cut_after(self, times):
        with self.lock:
            self.cuts = times

    def done(self, what):
        with self.lock:
            return [d for d in self.deeds if d["what"] == what]

    def now(self, zone="Z"):
        at = datetime.datetime.fromtimestamp(self.clock(), datetime.UTC)
        return at.strftime("%Y-%m-%dT%H:%M:%S") + zone

    def deed(self, what, one, **more):
        self.deeds.append({"what": what, "id": one, **more})

    # -- HTTP

    def serve(self, handler):
        status, body, headers, cut, note = 500, {"error": "the fake is broken"}, [], False, {}
        try:
            asked = Asked(handler)
            with self.lock:
                before = len(self.deeds)
                note = {"method": asked.method, "path": asked.path, "query": asked.query, "at": asked.at}
                self.asked.append(note)
                self.let_in(asked)
                status, body = self.answer(asked)
                headers = self.headers()
                cut = self.cuts > 0 and len(self.deeds) > before
                self.cuts -= cut
        except Refused as e:
            status, body, headers = e.status, e.body, e.headers
        except Exception as e:  # pylint: disable=broad-except
            body = {"error": f"the fake is broken: {e!r}"}
        note["status"] = status
        if cut:
            handler.close_connection = True
            handler.connection.shutdown(socket.SHUT_RDWR)
            return
        text = b"" if body is None else json.dumps(body).encode()
        handler.send_response(status)
        for name, value in headers:
            handler.send_header(name, value)
        if status != 204:
            handler.send_header("Content-Type", "application/json; charset=UTF-8")
            handler.send_header("Content-Length", str(len(text)))
        handler.end_headers()
        handler.wfile.write(text)

    def let_in(self, asked):
        if asked.method in ("POST", "PUT") and not asked.has_length:
            raise Refused(411, None)
        if {"access_token", "key", "oauth_token"} & set(asked.query):
            raise Refused(400, {"error": "a token has no place in an address"})
        self.check_token(asked)
        if self.throttled:
            self.throttled[0] -= 1
            refused = self.throttled[1]
            if self.throttled[0] == 0:
                self.throttled = None
            raise refused

    def check_token(self, asked):
        raise NotImplementedError

    def answer(self, asked):
        raise NotImplementedError

    def headers(self):
        return []
