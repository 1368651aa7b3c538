"""X API v2 as far as one account needs it, strict about what it is asked (platforms.md 11, 16.3).

It shortens links and escapes & < > as the platform does, gives a field only when it was asked for, an edited
post a new id, and lets us answer only who called on us.
"""
import base64
import html
import re
import urllib.parse

from fake_shell import Fake, Refused

PROBLEM = "https://api.twitter.com/2/problems/"
ALWAYS = ("id", "text", "edit_history_tweet_ids")
FIELDS = {"created_at", "author_id", "conversation_id", "referenced_tweets", "in_reply_to_user_id", "edit_history_tweet_ids",
          "attachments", "entities", "note_tweet", "lang"}
LIST = {"max_results", "since_id", "until_id", "start_time", "tweet.fields", "expansions", "user.fields", "media.fields"}


class FakeX(Fake):
    """Tokens hold for half an hour (X: two hours, which no test waits for); each renewal ends the token and the refresh token before it."""
    OWN, HANDLE = "77", "sjoberga"
    CLIENT, SECRET, LIFE = "uppsikt:client", "ssss-secret-of-x", 1800
    RENEW = "/2/oauth2/token"
    FORMS = (RENEW,)

    def __init__(self, clock):
        super().__init__(clock)
        self.grants, self.token, self.refresh, self.ends, self.used_twice = 0, None, None, 0, 0
        self.grant()
        self.users = {self.OWN: {"id": self.OWN, "username": self.HANDLE, "name": "Sjöberga kommun"}}
        self.posts, self.hidden, self.links, self.number = {}, set(), {}, 2090000000000000000

    # -- tokens
    def grant(self):
        self.grants += 1
        self.token, self.refresh = f"AAAA-token-of-x-{self.grants}", f"RRRR-refresh-of-x-{self.grants}"
        self.ends = self.clock() + self.LIFE

    def granted(self):
        """What whoever owns the account has in her file: all but an access token."""
        return {"client_id": self.CLIENT, "client_secret": self.SECRET, "refresh_token": self.refresh}

    def renew(self, body, token):
        name = ":".join(urllib.parse.quote(part, safe="") for part in (self.CLIENT, self.SECRET))
        if token != f"Basic {base64.b64encode(name.encode()).decode()}":
            raise Refused(401, {"error": "unauthorized_client", "error_description": "Missing valid authorization header"})
        if body.get("grant_type") != "refresh_token" or body.get("refresh_token") != self.refresh:
            self.used_twice += 1
            raise Refused(400, {"error": "invalid_request", "error_description": "Value passed for the token was invalid."})
        self.grant()
        return 200, {"token_type": "bearer", "expires_in": self.LIFE, "access_token": self.token, "refresh_token": self.refresh,
                     "scope": "tweet.read users.read tweet.write tweet.moderate.write offline.access"}

    # -- what people do
    def say(self, text, author=None, below=None, name="Åsa Medborgare", calls=True):
        """A new post; its id. `calls`: its author called on us, so that we may answer."""
        with self.lock:
            author = author or self.OWN
            self.users.setdefault(author, {"id": author, "username": f"u{author}", "name": name})
            self.number += 1
            new = str(self.number)
            above = self.posts.get(below)
            self.posts[new] = {"id": new, "written": text, "author_id": author, "created_at": self.now(), "lang": "sv",
                               "conversation_id": above["conversation_id"] if above else new, "edits": [new], "calls": calls,
                               **({"in_reply_to_user_id": above["author_id"],
                                   "referenced_tweets": [{"type": "replied_to", "id": below}]} if above else {})}
            return new

    def edit(self, old, text):
        with self.lock:
            before = self.posts.pop(old)
            self.number += 1
            new = str(self.number)
            edits = [*before["edits"], new]
            self.posts[new] = {**before, "id": new, "written": text, "created_at": self.now(), "edits": edits}
            return new

    def delete(self, post):
        with self.lock:
            del self.posts[post]

    # -- what it answers
    def shown(self, post, fields):
        links = re.findall(r"https://\S+", post["written"])
        brief = {link: self.links.setdefault(link, f"https://t.co/{len(self.links):08}") for link in links}
        text = post["written"]
        for link, short in brief.items():
            text = text.replace(link, short)
        whole = {**post, "text": html.escape(text, quote=False), "edit_history_tweet_ids": post["edits"],
                 "entities": {"urls": [{"url": s, "expanded_url": w, "start": 0, "end": 0} for w, s in brief.items()]}}
        return {k: v for k, v in whole.items() if k in ALWAYS or (k in fields and k in FIELDS)}

    def listed(self, posts, query, least=5):
        asked = dict(query)
        if set(asked) - LIST - {"exclude", "query"} or not least <= int(asked.get("max_results", 10)) <= 100:
            raise Refused(400, {"title": "Invalid Request", "type": PROBLEM + "invalid-request", "errors": [{"parameters": asked}]})
        if set(asked.get("tweet.fields", "").split(",")) - FIELDS - {""}:
            raise Refused(400, {"title": "Invalid Request", "type": PROBLEM + "invalid-request"})
        if not re.fullmatch(r"|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", asked.get("start_time", "")):
            raise Refused(400, {"title": "Invalid Request", "type": PROBLEM + "invalid-request"})
        found = sorted((p for p in posts if int(asked.get("since_id", 0)) < int(p["id"]) < int(asked.get("until_id", 1 << 63))
                        and p["created_at"] >= asked.get("start_time", "")), key=lambda p: -int(p["id"]))
        page = found[:int(asked.get("max_results", 10))]
        if not page:
            return 200, {"meta": {"result_count": 0}}
        meta = {"newest_id": page[0]["id"], "oldest_id": page[-1]["id"], "result_count": len(page),
                **({"next_token": "b26v"} if len(found) > len(page) else {})}
        return 200, {**self.object_of(page, asked), "meta": meta}

    def object_of(self, posts, asked):
        people = [self.users[a] for a in dict.fromkeys(p["author_id"] for p in posts)]
        return {"data": [self.shown(p, asked.get("tweet.fields", "").split(",")) for p in posts],
                **({"includes": {"users": people}} if "author_id" in asked.get("expansions", "").split(",") else {})}

    def answer(self, method, path, query, body, token):
        asked = dict(query)
        if (method, path) == ("POST", self.RENEW):
            return self.renew(body, token)
        if token != self.token or self.clock() > self.ends:
            raise Refused(401, {"title": "Unauthorized", "type": "about:blank", "status": 401})
        hide = re.fullmatch(r"/2/tweets/(\d+)/hidden", path)
        if (method, path) == ("GET", "/2/users/me"):
            return 200, {"data": self.users[self.OWN]}
        if (method, path) == ("GET", f"/2/users/{self.OWN}/mentions"):
            return self.listed([p for p in self.posts.values() if p["author_id"] != self.OWN], query)
        if (method, path) == ("GET", f"/2/users/{self.OWN}/tweets"):
            return self.listed([p for p in self.posts.values() if p["author_id"] == self.OWN], query)
        if (method, path) == ("GET", "/2/tweets/search/recent"):
            words = re.fullmatch(r"conversation_id:(\d+) from:(\d+)", asked.get("query", ""))
            return self.listed([p for p in self.posts.values() if words and p["conversation_id"] == words.group(1)
                                and p["author_id"] == words.group(2)], query, 10)
        if (method, path) == ("GET", "/2/tweets"):
            return self.looked_up(asked)
        if (method, path) == ("POST", "/2/tweets"):
            return self.written(body)
        if method == "PUT" and hide:
            return self.hide(hide.group(1), body)
        raise Refused(404, {"title": "Not Found", "type": "about:blank", "status": 404})

    def looked_up(self, asked):
        ids = asked["ids"].split(",")
        there = [self.posts[i] for i in ids if i in self.posts]
        gone = [{"value": i, "detail": f"Could not find tweet with ids: [{i}].", "title": "Not Found Error", "parameter": "ids",
                 "resource_type": "tweet", "resource_id": i, "type": PROBLEM + "resource-not-found"}
                for i in ids if i not in self.posts]
        return 200, {**(self.object_of(there, asked) if there else {}), **({"errors": gone} if gone else {})}

    def written(self, body):
        if set(body) != {"text", "reply"} or set(body["reply"]) != {"in_reply_to_tweet_id"} or not 0 < len(body["text"]) <= 280:
            raise Refused(400, {"title": "Invalid Request", "type": PROBLEM + "invalid-request"})
        above = self.posts.get(body["reply"]["in_reply_to_tweet_id"])
        if not above or not above["calls"]:
            raise Refused(403, {"detail": "You can only reply to or quote posts where you are mentioned or are the author.",
                                "type": "about:blank", "title": "Forbidden", "status": 403})
        new = self.say(f"@{self.users[above['author_id']]['username']} {body['text']}", below=above["id"])
        self.effects.append({"what": "reply", "id": new, "to": above["id"], "text": body["text"]})
        return 201, {"data": {"id": new, "text": body["text"]}}

    def hide(self, post, body):
        one = self.posts.get(post)
        root = one and self.posts.get(one["conversation_id"])
        if set(body) != {"hidden"} or not isinstance(body["hidden"], bool):
            raise Refused(400, {"title": "Invalid Request", "type": PROBLEM + "invalid-request"})
        if not one or not root or root["author_id"] != self.OWN or one["author_id"] == self.OWN:
            raise Refused(403, {"title": "Forbidden", "type": "about:blank", "status": 403})
        if (post in self.hidden) != body["hidden"]:
            self.effects.append({"what": "hide" if body["hidden"] else "show", "id": post})
        (self.hidden.add if body["hidden"] else self.hidden.discard)(post)
        return 200, {"data": {"hidden": body["hidden"]}}
