"""One server of the AT Protocol with its network's views, as far as one account needs them, strict about what it is
asked (platforms.md 13, measured on real servers: 17.3).
"""
import hashlib
import json
import re

from fake_shell import Fake, Refused

POST = "app.bsky.feed.post"


class FakeBluesky(Fake):
    OWN, HANDLE, PASSWORD = "did:plc:umpikxno5icagxuxcz7yjiiz", "sjoberga.test", "abcd-efgh-ijkl-mnop"
    RESET = "ratelimit-reset"

    def __init__(self, clock):
        super().__init__(clock)
        self.people = {self.OWN: {"did": self.OWN, "handle": self.HANDLE, "displayName": "Sjöberga kommun"}}
        self.posts, self.tokens, self.number = {}, set(), 0

    # -- what people do
    def reference(self, uri):
        return {"uri": uri, "cid": self.posts[uri]["cid"]}

    def say(self, text, author=None, below=None, name="Örjan Medborgare", reason="mention"):
        with self.lock:
            author = author or self.OWN
            self.people.setdefault(author, {"did": author, "handle": f"{author[-4:]}.test", "displayName": name})
            self.number += 1
            record = {"$type": POST, "text": text, "createdAt": "2999-01-01T00:00:00.000Z", "langs": ["sv"]}
            if below:
                above = self.posts[below]["record"].get("reply")
                record["reply"] = {"root": above["root"] if above else self.reference(below), "parent": self.reference(below)}
                reason = "reply"
            return self.put(author, f"3n{self.number:011}", record, reason)["uri"]

    def put(self, author, key, record, reason="reply"):
        uri = f"at://{author}/{POST}/{key}"
        cid = "bafyrei" + hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()[:40]
        new = uri not in self.posts
        self.posts[uri] = {"uri": uri, "cid": cid, "author": self.people[author], "record": record, "reason": reason,
                           "indexedAt": self.now() if new else self.posts[uri]["indexedAt"], "n": self.number}
        return {"uri": uri, "cid": cid, "new": new}

    def edit(self, uri, text):
        with self.lock:
            one = self.posts[uri]
            self.put(one["author"]["did"], uri.rsplit("/", 1)[1], {**one["record"], "text": text}, one["reason"])

    def delete(self, uri):
        with self.lock:
            del self.posts[uri]

    def end_sessions(self):
        with self.lock:
            self.tokens.clear()

    # -- what it answers
    @staticmethod
    def view(post):
        return {k: v for k, v in post.items() if k not in ("reason", "n")}

    def sign_in(self, body):
        if set(body) != {"identifier", "password"}:
            raise Refused(400, {"error": "InvalidRequest", "message": "Input"})
        if body != {"identifier": self.HANDLE, "password": self.PASSWORD}:
            raise Refused(401, {"error": "AuthenticationRequired", "message": "Invalid identifier or password"})
        token = f"eyJ-session-{len(self.calls)}"
        self.tokens.add(token)
        return 200, {"accessJwt": token, "refreshJwt": "eyJ-refresh", "did": self.OWN, "handle": self.HANDLE, "active": True}

    def answer(self, method, path, query, body, token):
        asked = dict(query)
        call = (method, path.removeprefix("/xrpc/"))
        if call == ("POST", "com.atproto.server.createSession"):
            return self.sign_in(body)
        if not token:
            raise Refused(401, {"error": "AuthMissing", "message": "Authentication Required"})
        if token not in self.tokens:
            raise Refused(400, {"error": "ExpiredToken", "message": "Token has expired"})
        if call == ("GET", "com.atproto.server.getSession"):
            return 200, {"did": self.OWN, "handle": self.HANDLE, "active": True}
        if call == ("GET", "app.bsky.notification.listNotifications"):
            return self.notifications(query)
        if call == ("GET", "app.bsky.feed.getAuthorFeed"):
            if set(asked) != {"actor", "limit", "filter"} or asked["actor"] != self.OWN:
                raise Refused(400, {"error": "InvalidRequest", "message": "Profile not found"})
            mine = [p for p in self.posts.values() if p["author"]["did"] == self.OWN]
            return 200, {"feed": [{"post": self.view(p)} for p in reversed(mine)][:int(asked["limit"])]}
        if call == ("GET", "app.bsky.feed.getPosts"):
            return 200, {"posts": [self.view(self.posts[v]) for k, v in query if k == "uris" and v in self.posts]}
        if call == ("GET", "app.bsky.feed.getPostThread"):
            if asked["uri"] not in self.posts:
                raise Refused(400, {"error": "NotFound", "message": f"Post not found: {asked['uri']}"})
            below = [p for p in self.posts.values() if p["record"].get("reply", {}).get("parent", {}).get("uri") == asked["uri"]]
            return 200, {"thread": {"$type": "app.bsky.feed.defs#threadViewPost", "post": self.view(self.posts[asked["uri"]]),
                                    "replies": [{"post": self.view(p)} for p in below]}}
        if call == ("POST", "com.atproto.repo.putRecord"):
            return self.written(body)
        raise Refused(501, {"error": "MethodNotImplemented", "message": path})

    def notifications(self, query):
        reasons = [v for k, v in query if k == "reasons"]
        asked = dict(query)
        if {k for k, _ in query} - {"reasons", "limit", "cursor"} or not 1 <= int(asked["limit"]) <= 100:
            raise Refused(400, {"error": "InvalidRequest", "message": "limit"})
        found = [p for p in reversed(self.posts.values()) if p["author"]["did"] != self.OWN and p["reason"] in reasons]
        start = int(asked.get("cursor", 0))
        page = found[start:start + int(asked["limit"])]
        more = {"cursor": str(start + len(page))} if len(found) > start + len(page) else {}
        return 200, {"notifications": [{**self.view(p), "reason": p["reason"], "isRead": False, "labels": []} for p in page],
                     "priority": False, **more}

    def written(self, body):
        record = body.get("record", {})
        wanted = {"$type", "text", "createdAt", "reply"}
        if set(body) != {"repo", "collection", "rkey", "record"} or not wanted <= set(record) <= wanted | {"facets"}:
            raise Refused(400, {"error": "InvalidRequest", "message": "Input"})
        if body["repo"] != self.OWN or body["collection"] != POST:
            raise Refused(401, {"error": "AuthenticationRequired", "message": "Could not authenticate"})
        if not re.fullmatch(r"[2-7a-j][2-7a-z]{12}", body["rkey"]) or len(record["text"]) > 300:
            raise Refused(400, {"error": "InvalidRequest", "message": "Record"})
        for part in ("root", "parent"):
            if record["reply"][part] != self.reference(record["reply"][part]["uri"]):
                raise Refused(400, {"error": "InvalidRequest", "message": part})
        put = self.put(self.OWN, body["rkey"], record)
        if put.pop("new"):
            self.effects.append({"what": "reply", "id": put["uri"], "to": record["reply"]["parent"]["uri"], "text": record["text"],
                                 "facets": record.get("facets", [])})
        return 200, put
