"""A timestamp authority for tests (RFC 3161): the openssl command behind HTTP on this machine, and faults.

Each path is an authority of its own whose mood a test sets: fine, or one of the faults below. What was asked is kept.
"""
import hashlib
import http.server
import pathlib
import subprocess
import threading

CONFIG = """[ req ]
distinguished_name=dn
[ dn ]
[ ca_ext ]
basicConstraints=critical,CA:TRUE
keyUsage=critical,keyCertSign,cRLSign
[ tsa_ext ]
basicConstraints=CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=critical,timeStamping
[ plain_ext ]
basicConstraints=CA:FALSE
keyUsage=critical,digitalSignature
[ tsa ]
default_tsa=tsa1
[ tsa1 ]
serial=./serial
crypto_device=builtin
signer_cert=./tsa.crt
certs=./ca.crt
signer_key=./tsa.key
signer_digest=sha256
default_policy=1.3.6.1.4.1.99999.1
digests=sha256,sha512
accuracy=secs:1
clock_precision_digits=3
ordering=yes
tsa_name=yes
ess_cert_id_chain=yes
ess_cert_id_alg=sha256
"""
REPLY = "application/timestamp-reply"
IMPRINT = slice(24, 56)  # of a request for SHA-256
# fault: the status it answers with, its type
MOODS = {"fine": (200, REPLY), "broken": (500, "text/plain"), "page": (200, "text/html"), "elsewhere": (302, "text/plain"),
         "garbage": (200, REPLY), "refuses": (200, REPLY), "huge": (200, REPLY), "slow": (200, REPLY),
         "nonce": (200, REPLY), "imprint": (200, REPLY), "stranger": (200, REPLY), "ended": (200, REPLY), "unfit": (200, REPLY)}


class Keys:
    """A root, and who signs by it: in a folder as `openssl ts` wants it."""

    def __init__(self, folder, days=30):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        self.lock = threading.Lock()
        (self.folder / "tsa.cnf").write_text(CONFIG)
        (self.folder / "serial").write_text("01\n")
        for key in ("ca", "tsa"):
            self.run("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", f"{key}.key")
        self.run("req", "-new", "-x509", "-key", "ca.key", "-subj", "/CN=Provrot", "-days", "60", "-extensions", "ca_ext",
                 "-config", "tsa.cnf", "-out", "ca.crt")
        self.sign("tsa.crt", "tsa_ext", days)
        self.root = self.folder / "ca.crt"

    def run(self, *words, given=None):
        return subprocess.run(["openssl", *words], cwd=self.folder, input=given, capture_output=True, check=True, timeout=30).stdout

    def sign(self, cert, usage, days):
        request = self.run("req", "-new", "-key", "tsa.key", "-subj", "/CN=Tidsstamplaren", "-config", "tsa.cnf")
        self.run("x509", "-req", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", str(days), "-extfile", "tsa.cnf",
                 "-extensions", usage, "-out", cert, given=request)

    def reply(self, request):
        """What `openssl ts` answers."""
        with self.lock:
            (self.folder / "q.tsq").write_bytes(request)
            return self.run("ts", "-reply", "-config", "tsa.cnf", "-queryfile", "q.tsq")

    def query(self, digest):
        """A request of somebody else, with a nonce of its own."""
        return self.run("ts", "-query", "-digest", digest.hex(), "-sha256", "-cert")

    def unfit(self, request):
        """The same words signed by a certificate that is not for time stamps, which `openssl ts` would not do."""
        self.sign("plain.crt", "plain_ext", 30)
        (self.folder / "r.tsr").write_bytes(self.reply(request))
        token = self.run("ts", "-reply", "-config", "tsa.cnf", "-in", "r.tsr", "-token_out")
        info = self.run("cms", "-verify", "-noverify", "-inform", "DER", "-binary", given=token)
        token = self.run("cms", "-sign", "-binary", "-nodetach", "-cades", "-nosmimecap", "-econtent_type", "1.2.840.113549.1.9.16.1.4",
                         "-signer", "plain.crt", "-inkey", "tsa.key", "-md", "sha256", "-outform", "DER", given=info)
        body = b"\x30\x03\x02\x01\x00" + token  # granted
        return b"\x30\x82" + len(body).to_bytes(2, "big") + body


class FakeTsa:
    def __init__(self, folder):
        folder = pathlib.Path(folder)
        folder.mkdir()
        self.keys, self.stranger = Keys(folder / "keys"), Keys(folder / "stranger")
        self.ended = Keys(folder / "ended", days=-1)
        self.moods, self.asked, self.stopping = {}, [], threading.Event()
        fake = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *words):
                pass

            def do_POST(self):
                fake.serve(self)

            do_GET = do_POST

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def roots(self, *more):
        """PEM of the honest one's root, and of others."""
        return b"".join(keys.root.read_bytes() for keys in (self.keys, *more))

    def stop(self):
        self.stopping.set()
        self.server.shutdown()
        self.server.server_close()

    def count(self, path):
        return sum(a["path"] == path for a in self.asked)

    def answer(self, mood, request):
        plain = {"broken": b"trasig", "page": b"<html>V\xc3\xa4lkommen</html>", "elsewhere": b"", "garbage": bytes(range(200)),
                 "refuses": bytes.fromhex("30053003020102"), "huge": b"\0" * 400_000}
        if mood in plain:
            return plain[mood]
        if mood == "nonce":
            return self.keys.reply(self.keys.query(request[IMPRINT]))
        if mood == "imprint":
            return self.keys.reply(self.keys.query(hashlib.sha256(b"something else").digest()))
        if mood == "unfit":
            return self.keys.unfit(request)
        return {"stranger": self.stranger, "ended": self.ended}.get(mood, self.keys).reply(request)

    def serve(self, handler):
        path = handler.path
        request = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        self.asked.append({"path": path, "method": handler.command, "type": handler.headers.get("Content-Type"), "body": request})
        mood = self.moods.get(path, "fine")
        status, kind = MOODS[mood]
        body = self.answer(mood, request)
        if mood == "slow":
            self.stopping.wait(30)  # longer than anybody asks
        try:
            handler.send_response(status)
            handler.send_header("Content-Type", kind)
            if mood == "elsewhere":
                handler.send_header("Location", f"{self.url}/elsewhere-landed")
            if mood != "huge":  # without a length somebody has to count
                handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)
        except OSError:
            pass  # who asked has gone
