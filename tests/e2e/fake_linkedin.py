"""An organisation's page behind LinkedIn's Community Management API, as platforms.md §10 and §16.3 tell it.

Strict: each call needs both headers, a list by `q=` says that it is one, names in a path are escaped, a list brings the
part that was asked for. A post does not say what stands below it; a comment counts its answers, unless `counts` is False.
"""
import json
import re

from fake_http import FakePlatform, Refused

URN = re.compile(r"urn:li:comment:\((urn:li:activity:\d+),(\d+)\)$")


def error(status, code, headers=(), service=None):
    body = {"status": status, "code": code, "message": f"Nobody may judge by these words: {code}"}
    return Refused(status, {**body, **({"serviceErrorCode": service} if service else {})}, headers)


class FakeLinkedIn(FakePlatform):
    OWN, OTHER, VERSION = "urn:li:organization:2414183", "urn:li:organization:99", "202609"

    def __init__(self, clock, token):
        super().__init__(clock, token)
        self.url = f"{self.host}/rest"
        self.posts, self.comments = {}, {}
        self.roles = [self.OWN]      # of which organisations the token's owner is an administrator
        self.versions = {self.VERSION}
        self.counts = True
        self.shut = set()            # posts whose comments it does not show us
        self.told = ()

    def ms(self):
        return int(self.clock() * 1000)

    # -- what people do

    def post(self, text):
        with self.lock:
            self.number += 1
            n = 7000000000000000000 + self.number
            self.posts[f"urn:li:share:{n}"] = {"activity": f"urn:li:activity:{n + 5000}", "text": text, "at": self.ms()}
            return f"urn:li:share:{n}"

    def say(self, author, text, below):
        """Below a post, or a comment; an answer to an answer stands beside it. Its name there."""
        with self.lock:
            self.number += 1
            parent = None if below in self.posts else self.comments[below]["parent"] or below
            activity = self.posts[below]["activity"] if below in self.posts else self.comments[below]["activity"]
            one = f"urn:li:comment:({activity},{7200000000000000000 + self.number})"
            self.comments[one] = {"urn": one, "activity": activity, "parent": parent, "actor": author, "text": text,
                                  "at": self.ms(), "changed": self.ms()}
            return one

    def edit(self, one, text):
        with self.lock:
            self.comments[one].update(text=text, changed=self.ms())

    def remove(self, one):
        with self.lock:
            del self.comments[one]
            self.removed.append(one)

    def words(self, one):
        with self.lock:
            return self.comments[one]["text"] if one in self.comments else None

    def called(self, method, path):
        with self.lock:
            return [a for a in self.asked if a["method"] == method and path in a["path"]]

    # -- who asks

    def check_token(self, asked):
        if asked.bearer != ["Bearer", self.token]:
            raise error(401, "REVOKED_ACCESS_TOKEN", service=65601)
        version = asked.headers.get("LinkedIn-Version")
        if not version:
            raise error(400, "VERSION_MISSING")
        if version not in self.versions:
            raise error(426, "NONEXISTENT_VERSION")
        if asked.headers.get("X-Restli-Protocol-Version") != "2.0.0":
            raise error(400, "INVALID_PROTOCOL_VERSION")

    # -- what is asked

    def answer(self, asked):
        if {"q"} & set(asked.query) and asked.headers.get("X-RestLi-Method") != "FINDER":
            raise error(400, "ILLEGAL_ARGUMENT")
        raw = asked.raw_path.removeprefix("/rest/")
        if re.search(r"[:(),]", raw):
            raise error(400, "ILLEGAL_ARGUMENT")
        parts = asked.path.removeprefix("/rest/").split("/")
        if (asked.method, parts) == ("GET", ["organizationAcls"]):
            return self.acls(asked)
        if (asked.method, parts) == ("GET", ["posts"]):
            return self.own_posts(asked)
        if parts[0] == "socialActions" and parts[2:3] == ["comments"] and len(parts) in (3, 4):
            if asked.method == "GET":
                return self.one(parts) if len(parts) == 4 else self.below(asked, parts[1])
            if asked.method == "POST" and len(parts) == 3:
                return self.insert(asked, parts[1])
            if asked.method == "DELETE" and len(parts) == 4:
                return self.delete(asked, parts)
        raise error(404, "RESOURCE_NOT_FOUND")

    @staticmethod
    def part(asked, found, most):
        start, count = int(asked.query.get("start", 0)), int(asked.query.get("count", 10))
        if not 1 <= count <= most or start < 0:
            raise error(400, "INVALID_PARAM")
        links = [{"type": "application/json", "rel": "next", "href": "never followed"}] if start + count < len(found) else []
        return 200, {"paging": {"start": start, "count": count, "links": links}, "elements": found[start:start + count]}

    def acls(self, asked):
        query = dict(asked.query)
        if (query.pop("role", None), query.pop("state", None)) != ("ADMINISTRATOR", "APPROVED"):
            raise error(400, "INVALID_PARAM")
        if query not in ({"q": "roleAssignee"}, *({"q": "organization", "organization": r} for r in self.roles)):
            raise error(403, "ACCESS_DENIED", service=100)
        mine = [query["organization"]] if "organization" in query else self.roles
        return self.part(asked, [{"organization": o, "role": "ADMINISTRATOR", "state": "APPROVED",
                                  "roleAssignee": "urn:li:person:admin"} for o in mine], 100)

    def own_posts(self, asked):
        if set(asked.query) - {"start"} != {"author", "q", "count", "sortBy"} or asked.query["q"] != "author" or \
                asked.query["sortBy"] != "LAST_MODIFIED":
            raise error(400, "INVALID_PARAM")
        if asked.query["author"] not in self.roles:
            raise error(403, "ACCESS_DENIED", service=100)
        found = [{"id": urn, "author": self.OWN, "commentary": p["text"], "lifecycleState": "PUBLISHED", "visibility": "PUBLIC",
                  "createdAt": p["at"], "publishedAt": p["at"], "lastModifiedAt": p["at"], "isReshareDisabledByAuthor": False,
                  "distribution": {"feedDistribution": "MAIN_FEED"}} for urn, p in self.posts.items()][::-1]
        return self.part(asked, found, 100)

    def shown(self, c):
        out = {"actor": c["actor"], "commentUrn": c["urn"], "id": c["urn"].rstrip(")").split(",")[1], "object": c["activity"],
               "message": {"text": c["text"], "attributes": []}, "created": {"actor": c["actor"], "time": c["at"]},
               "lastModified": {"actor": c["actor"], "time": c["changed"]}}
        if c["parent"]:
            out["parentComment"] = c["parent"]
        elif self.counts:
            n = len([r for r in self.comments.values() if r["parent"] == c["urn"]])
            out["commentsSummary"] = {"totalFirstLevelComments": n, "aggregatedTotalComments": n}
        return out

    def below(self, asked, target):
        if set(asked.query) != {"start", "count"}:
            raise error(400, "INVALID_PARAM")
        if target in self.shut:
            raise error(403, "ACCESS_DENIED", service=100)
        if target in self.posts:
            found = [c for c in self.comments.values() if c["activity"] == self.posts[target]["activity"] and not c["parent"]]
        elif target in self.comments:
            found = [c for c in self.comments.values() if c["parent"] == target]
        else:
            raise error(404, "NOT_FOUND")
        return self.part(asked, [self.shown(c) for c in found], 100)

    def named(self, parts):
        one = f"urn:li:comment:({parts[1]},{parts[3]})"
        if one not in self.comments:
            raise error(404, "NOT_FOUND")
        return one

    def one(self, parts):
        return 200, self.shown(self.comments[self.named(parts)])

    def insert(self, asked, target):
        body = json.loads(asked.body)
        text = body.get("message", {}).get("text", "")
        comment = self.comments.get(target)
        wanted = {"actor": self.OWN, "message": {"text": text}, "object": comment["activity"] if comment else target,
                  **({"parentComment": target} if comment else {})}
        if asked.type != "application/json" or asked.query or body != wanted or not 0 < len(text) <= 1250:
            raise error(400, "INVALID_PARAM")
        if target not in self.posts and (not comment or comment["parent"]):  # below an answer there is nothing
            raise error(404, "NOT_FOUND")
        one = self.say(self.OWN, text, target)
        self.deed("reply", one, below=target, text=text)
        self.told = [("x-restli-id", one.rstrip(")").split(",")[1])]
        return 201, None

    def delete(self, asked, parts):
        one = self.named(parts)
        if asked.query != {"actor": self.OWN}:
            raise error(400, "INVALID_PARAM")
        del self.comments[one]
        self.removed.append(one)
        self.deed("delete", one)
        return 204, None

    def headers(self):
        told, self.told = self.told, ()
        return list(told)
