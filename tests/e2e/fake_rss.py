"""A blog that shows its newest comments as a feed, RSS 2.0 as WordPress writes it or Atom: a window, with an ETag or a
date (RFC 9110 13.1), and faults on demand (platforms.md 14).
"""
import email.utils
import hashlib
import http.server
import threading
from xml.sax.saxutils import escape

SPACES = ('xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
          'xmlns:slash="http://purl.org/rss/1.0/modules/slash/"')


class FakeRss:
    """`form`: rss or atom. What stands in it is told by say(), edit(); `window` is how many comments it shows."""

    def __init__(self, clock, form, window=4, token=None):
        self.clock, self.form, self.window, self.token = clock, form, window, token
        self.lock = threading.RLock()
        self.comments, self.number, self.calls = [], 16, []
        self.broken = None      # what is answered instead: a status and bytes
        self.extra = ""         # entries as they are, beside the comments
        fake = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *words):
                pass

            def do_GET(self):
                fake.take(self)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/comments/feed/"

    # -- what people do
    def say(self, author, text, below=None):
        with self.lock:
            self.number += 1
            self.comments.insert(0, {"n": self.number, "author": author, "text": text, "below": below, "at": self.clock()})
            return self.number

    def edit(self, number, text):
        with self.lock:
            next(c for c in self.comments if c["n"] == number).update(text=text, edited=self.clock())

    def asked(self, status):
        with self.lock:
            return [c for c in self.calls if c["status"] == status]

    # -- what it answers
    def item(self, one):
        html = f"<p>{escape(one['text'])}</p>\n"
        if self.form == "rss":
            return (f"<item><title>Av: {escape(one['author'])}</title><link>/bad/#comment-{one['n']}</link>"
                    f"<dc:creator><![CDATA[{one['author']}]]></dc:creator><slash:comments>0</slash:comments>"
                    f"<pubDate>{email.utils.formatdate(one['at'])}</pubDate>"
                    f"<guid isPermaLink=\"false\">https://blogg.kommun.example/?p=3#comment-{one['n']}</guid>"
                    f"<description>{escape(one['text'][:12])} [&#8230;]</description>"
                    f"<content:encoded><![CDATA[{html}]]></content:encoded></item>")
        below = f'<thr:in-reply-to ref="tag:forum.kommun.example,2026:{one["below"]}" href="#"/>' if one["below"] else ""
        stamps = [self.iso(one["at"]), self.iso(one.get("edited", one["at"]))]
        return (f"<entry><id>tag:forum.kommun.example,2026:{one['n']}</id><title>Inlägg</title>"
                f"<author><name>{escape(one['author'])}</name></author><link href=\"/bad#{one['n']}\"/>"
                f"<published>{stamps[0]}</published><updated>{stamps[1]}</updated>{below}"
                f"<content type=\"html\">{escape(html)}</content></entry>")

    @staticmethod
    def iso(seconds):
        return email.utils.parsedate_to_datetime(email.utils.formatdate(seconds, usegmt=True)).strftime("%Y-%m-%dT%H:%M:%SZ")

    def document(self):
        items = "".join(self.item(c) for c in self.comments[:self.window]) + self.extra
        if self.form == "rss":
            return (f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" {SPACES}><channel><title>Kommentarer</title>'
                    f"<link>https://blogg.kommun.example</link>{items}</channel></rss>").encode()
        return ('<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" '
                f'xmlns:thr="http://purl.org/syndication/thread/1.0"><title>Forum</title>{items}</feed>').encode()

    def answer(self, headers):
        """The status, the body, what it says of itself."""
        body = self.document()
        tag = '"' + hashlib.sha256(body).hexdigest()[:20] + '"'
        # RSS with an ETag, Atom with the date alone: of a static file, whose content tells it here
        own = ("ETag", tag) if self.form == "rss" else \
            ("Last-Modified", email.utils.formatdate(int(tag[1:9], 16) // 4, usegmt=True))
        if self.token and headers.get("Authorization") != f"Bearer {self.token}":
            return 401, b"<html>no</html>", []
        if self.broken:
            return *self.broken, [own]
        asked = headers.get("If-None-Match" if self.form == "rss" else "If-Modified-Since")
        return (304, b"", [own]) if asked == own[1] else (200, body, [own])

    def take(self, request):
        with self.lock:
            status, body, headers = self.answer(request.headers)
            self.calls.append({"status": status, "path": request.path, "token": request.headers.get("Authorization"),
                               "at": self.clock()})
        request.send_response(status)
        for name, value in headers:
            request.send_header(name, value)
        if status != 304:
            request.send_header("Content-Type", "text/xml; charset=UTF-8")
            request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)
