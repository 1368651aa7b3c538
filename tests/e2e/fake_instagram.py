"""One professional account on Instagram behind Meta's Graph API, by the Facebook login, as platforms.md §8 tells it.

Strict: only the fields that the API has, only what the path takes; the newest comments come first.
"""
import base64
import json

from fake_http import FakePlatform, Refused

MEDIA = {"id", "caption", "permalink", "timestamp", "media_type", "username", "comments"}
COMMENT = {"id", "text", "timestamp", "username", "hidden", "parent_id", "from", "user", "media", "replies"}


def error(status, code, sub=None, headers=()):
    body = {"message": f"Nobody may judge by these words: {code}", "type": "OAuthException", "code": code, "fbtrace_id": "A"}
    return Refused(status, {"error": {**body, **({"error_subcode": sub} if sub else {})}}, headers)


def fields_of(text):
    """"id,replies.limit(5){id,text}" as {"id": None, "replies": (5, {"id": None, "text": None})}."""
    found, at = {}, 0
    while at < len(text):
        start = at
        while at < len(text) and text[at] not in ",.{":
            at += 1
        name, limit, inner = text[start:at], 25, None
        if text[at:].startswith(".limit("):
            end = text.index(")", at)
            limit, at = int(text[at + 7:end]), end + 1
        if text[at:at + 1] == "{":
            depth, start = 1, at + 1
            while depth:
                at += 1
                depth += {"{": 1, "}": -1}.get(text[at], 0)
            inner, at = fields_of(text[start:at]), at + 1
        if name in found or not name or text[at:at + 1] not in ("", ","):
            raise error(400, 2500)
        found[name] = (limit, inner) if inner is not None else None
        at += 1
    return found


class FakeInstagram(FakePlatform):
    OWN, PAGE, NAME, POST = "17841400000000001", "4711", "sjobergakommun", "17900000000000001"

    def __init__(self, clock, token):
        super().__init__(clock, token)
        self.url = f"{self.host}/v25.0"
        self.comments = {}

    # -- what people do

    def say(self, author, name, text, below=None):
        self.number += 1
        with self.lock:
            one = f"178{self.number:014}"
            parent = below and (self.comments[below]["parent"] or below)
            self.comments[one] = {"id": one, "parent": parent, "author": author, "name": name, "text": text, "hidden": False,
                                  "at": self.now("+0000")}
            return one

    def edit(self, one, text):
        with self.lock:
            self.comments[one]["text"] = text

    def remove(self, one):
        with self.lock:
            del self.comments[one]
            self.removed.append(one)

    def status(self, one):
        with self.lock:
            return "gone" if one not in self.comments else "hidden" if self.comments[one]["hidden"] else "published"

    # -- what is asked

    def check_token(self, asked):
        if asked.bearer != ["Bearer", self.token]:
            raise error(400, 190, 463)

    def headers(self):
        usage = {self.PAGE: [{"type": "instagram", "call_count": 2, "total_cputime": 1, "total_time": 1,
                              "estimated_time_to_regain_access": 0}]}
        return [("X-Business-Use-Case-Usage", json.dumps(usage))]

    def answer(self, asked):
        parts = asked.path.strip("/").split("/")
        if parts[:1] != ["v25.0"] or len(parts) not in (2, 3):
            raise error(400, 2500)
        node, edge = parts[1], parts[2] if len(parts) == 3 else ""
        if asked.method == "GET":
            return self.read(asked, node, edge)
        if asked.query:
            raise error(400, 100)
        return self.write(asked, node, edge)

    def read(self, asked, node, edge):
        if set(asked.query) - {"fields", "limit", "after", "since"} or "fields" not in asked.query:
            raise error(400, 100)
        fields = fields_of(asked.query["fields"])
        if (node, edge) == ("me", ""):
            if set(fields) - {"id", "instagram_business_account"}:
                raise error(400, 100)
            return 200, {"id": self.PAGE, "instagram_business_account": {"id": self.OWN}}
        if (node, edge) == (self.OWN, "media"):
            return 200, self.listed(asked, [self.media(fields)])
        if (node, edge) == (self.POST, "comments"):
            return 200, self.listed(asked, [self.comment(c, fields) for c in self.below(None)])
        if edge == "replies" and node in self.comments:
            return 200, self.listed(asked, [self.comment(c, fields) for c in self.below(node)])
        if edge == "" and node in self.comments:
            return 200, self.comment(self.comments[node], fields)
        raise error(400, 100, 33)

    def below(self, parent):
        return [c for c in self.comments.values() if c["parent"] == parent][::-1]

    def listed(self, asked, found):
        limit = int(asked.query.get("limit", 25))
        start = int(base64.b64decode(asked.query["after"])) if asked.query.get("after") else 0
        return self.slice(found, start, limit)

    def slice(self, found, start, limit):
        out = {"data": found[start:start + limit]}
        if out["data"]:
            cursor = base64.b64encode(str(start + limit).encode()).decode()
            out["paging"] = {"cursors": {"before": "MA==", "after": cursor}}
            if start + limit < len(found):
                out["paging"]["next"] = f"{self.url}/next?after={cursor}&access_token=never-followed"
        return out

    def media(self, fields):
        if set(fields) - MEDIA:
            raise error(400, 100)
        whole = {"id": self.POST, "caption": "Badet öppnar på lördag", "permalink": "https://www.instagram.com/p/abc/",
                 "timestamp": "2026-01-12T09:00:00+0000", "media_type": "IMAGE", "username": self.NAME}
        if fields.get("comments"):
            limit, inner = fields["comments"]
            found = [self.comment(c, inner) for c in self.below(None)]
            if found:
                whole["comments"] = self.slice(found, 0, limit)
        return {k: v for k, v in whole.items() if k in fields}

    def comment(self, c, fields):
        if set(fields) - COMMENT:
            raise error(400, 100)
        own = c["author"] == self.OWN
        whole = {"id": c["id"], "text": c["text"], "timestamp": c["at"], "username": c["name"], "hidden": c["hidden"],
                 "from": {"id": c["author"], "username": c["name"]},
                 "media": {"id": self.POST, "permalink": "https://www.instagram.com/p/abc/", "username": self.NAME}}
        if own:
            whole["user"] = {"id": self.OWN}
        if c["parent"]:
            whole["parent_id"] = c["parent"]
        if fields.get("replies"):
            limit, inner = fields["replies"]
            found = [self.comment(r, inner) for r in self.below(c["id"])]
            if found:
                whole["replies"] = self.slice(found, 0, limit)
        return {k: v for k, v in whole.items() if k in fields}

    def write(self, asked, node, edge):
        form = asked.form()
        if asked.method == "POST" and node in self.comments and edge == "" and set(form) == {"hide"} and \
                form["hide"] in ("true", "false"):
            self.comments[node]["hidden"] = form["hide"] == "true"
            self.deed("hide" if form["hide"] == "true" else "unhide", node)
            return 200, {"success": True}
        if asked.method == "POST" and set(form) == {"message"} and form["message"]:
            return self.post(node, edge, form["message"])
        if asked.method == "DELETE" and node in self.comments and edge == "":
            del self.comments[node]
            self.deed("delete", node)
            return 200, {"success": True}
        raise error(400, 100, 33 if node not in self.comments else None)

    def post(self, node, edge, text):
        top = node in self.comments and not self.comments[node]["parent"]
        if (edge == "replies" and not top) or (edge == "comments" and node != self.POST) or edge not in ("replies", "comments"):
            raise error(400, 100)
        one = self.say(self.OWN, self.NAME, text, below=node if edge == "replies" else None)
        self.deed("reply", one, below=node, text=text)
        return 200, {"id": one}
