"""What the fake platforms of the microblogs test share: HTTP on loopback, a clock, faults on demand, a journal."""
import datetime
import email.utils
import http.server
import json
import socket
import threading
import urllib.parse


class Refused(Exception):
    """What was asked for is not answered: status and body."""

    def __init__(self, status, body):
        super().__init__(status)
        self.status, self.body = status, body


class Fake:
    """A platform: `answer(method, path, query, body, token)` gives (status, object)."""
    RESET = "x-rate-limit-reset"
    FORMS = ()  # where a form is wanted, and no JSON

    def __init__(self, clock):
        self.clock = clock  # seconds since 1970, as the suite counts them
        self.lock = threading.RLock()
        self.calls, self.effects, self.faults = [], [], []
        fake = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *words):
                pass

            def date_time_string(self, timestamp=None):
                return email.utils.formatdate(timestamp or fake.clock(), usegmt=True)

            def do_GET(self):
                fake.take(self)
            do_POST = do_PUT = do_DELETE = do_GET

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def now(self):
        return datetime.datetime.fromtimestamp(self.clock(), datetime.timezone.utc).isoformat(timespec="milliseconds")[:23] + "Z"

    def fail(self, kind, path, times=1, method="GET"):
        """kind: throttle (without effect), cut-after (with its effect, without an answer)."""
        with self.lock:
            self.faults += [(kind, method, path)] * times

    def called(self, method, path):
        with self.lock:
            return [c for c in self.calls if c["method"] == method and path in c["path"]]

    def done(self, what):
        with self.lock:
            return [e for e in self.effects if e["what"] == what]

    def take(self, request):
        length = int(request.headers.get("Content-Length") or 0)
        raw = request.rfile.read(length)
        url = urllib.parse.urlsplit(request.path)
        query = urllib.parse.parse_qsl(url.query, keep_blank_values=True)
        token = (request.headers.get("Authorization") or "").removeprefix("Bearer ")
        with self.lock:
            fault = next((f for f in self.faults if f[1] == request.command and f[2] in url.path), None)
            if fault:
                self.faults.remove(fault)
            try:
                if "uppsikt" not in (request.headers.get("User-Agent") or ""):
                    raise Refused(418, {"error": "no user agent"})
                said_type = request.headers.get("Content-Type")
                if raw and said_type != ("application/x-www-form-urlencoded" if url.path in self.FORMS else "application/json"):
                    raise Refused(415, {"error": "no JSON"})
                if fault and fault[0] == "throttle":
                    raise Refused(429, {"title": "Too Many Requests", "type": "about:blank", "status": 429})
                body = None if not raw else dict(urllib.parse.parse_qsl(raw.decode(), strict_parsing=True)) if url.path in self.FORMS \
                    else json.loads(raw)
                status, said = self.answer(request.command, url.path, query, body, token)
            except Refused as e:
                status, said = e.status, e.body
            self.calls.append({"method": request.command, "path": url.path, "query": dict(query), "status": status,
                               "error": said.get("error"), "fault": fault and fault[0], "at": self.clock()})
        if fault and fault[0] == "cut-after":
            request.close_connection = True
            request.connection.shutdown(socket.SHUT_RDWR)
            return
        text = json.dumps(said, ensure_ascii=False).encode()
        request.send_response(status)
        request.send_header("Content-Type", "application/json; charset=utf-8")
        request.send_header("Content-Length", str(len(text)))
        if status == 429:
            request.send_header(self.RESET, str(int(self.clock()) + 120))
        request.end_headers()
        request.wfile.write(text)
