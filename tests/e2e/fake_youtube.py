"""A channel behind YouTube's Data API v3, as platforms.md §9 tells it; strict in what it takes.

What stands in comments: {id, thread, video, author, name, text, status, published, updated}; `thread` is None for
what begins one. An access token comes from /token for a refresh token, as Google's server for tokens gives it.
"""
import json

from fake_http import FakePlatform, Refused

INLINE = 5
UNITS = {"GET": 1, "POST": 50, "DELETE": 50}


def error(status, reason, domain="youtube", headers=()):
    return Refused(status, {"error": {"code": status, "message": f"Nobody may judge by these words: {reason}",
                                      "errors": [{"message": "x", "domain": domain, "reason": reason}]}}, headers)


class FakeYouTube(FakePlatform):
    OWN, VIDEO = "UCsjoberga", "vid00000001"

    def __init__(self, clock, token):
        super().__init__(clock, token)
        self.url = f"{self.host}/youtube/v3"
        self.comments, self.units = {}, 0
        self.grants, self.granted = {}, 0

    # -- what people do

    def say(self, author, name, text, below=None, status="published"):
        self.number += 1
        with self.lock:
            thread = below and (self.comments[below]["thread"] or below)
            one = f"{thread}.r{self.number:04}" if thread else f"Ugx{self.number:04}"
            self.comments[one] = {"id": one, "thread": thread, "video": self.VIDEO, "author": author, "name": name,
                                  "text": text, "status": status, "published": self.now(), "updated": self.now()}
            return one

    def edit(self, one, text):
        with self.lock:
            self.comments[one].update(text=text, updated=self.now())

    def remove(self, one):
        with self.lock:
            del self.comments[one]
            self.removed.append(one)

    def status(self, one):
        with self.lock:
            return self.comments[one]["status"] if one in self.comments else "gone"

    # -- who asks

    def check_token(self, asked):
        if asked.path == "/token":
            return
        if asked.bearer != ["Bearer", self.token]:
            raise error(401, "authError", "global")

    def grant(self, asked):
        """RFC 6749 §6."""
        form = asked.form()
        wanted = {"grant_type", "client_id", "client_secret", "refresh_token"}
        if asked.method != "POST" or set(form) != wanted or form["grant_type"] != "refresh_token":
            raise Refused(400, {"error": "invalid_request"})
        if self.grants.get(form["refresh_token"]) != (form["client_id"], form["client_secret"]):
            raise Refused(400, {"error": "invalid_grant", "error_description": "Token has been expired or revoked."})
        self.granted += 1
        self.token = f"ya29-access-{self.granted}"
        return 200, {"access_token": self.token, "expires_in": 3599, "token_type": "Bearer"}

    # -- what is asked

    def answer(self, asked):
        if asked.path == "/token":
            return self.grant(asked)
        routes = {("GET", "channels"): self.channels, ("GET", "playlistItems"): self.videos,
                  ("GET", "commentThreads"): self.threads, ("GET", "comments"): self.list,
                  ("POST", "comments/setModerationStatus"): self.moderate, ("POST", "comments"): self.insert,
                  ("DELETE", "comments"): self.delete}
        route = routes.get((asked.method, asked.path.removeprefix("/youtube/v3/")))
        if not route:
            raise error(404, "notFound", "global")
        self.units += UNITS[asked.method]
        return route(asked)

    @staticmethod
    def take(asked, needed, optional=()):
        """The parameters, all of those that are needed, none of others."""
        if not set(needed) <= set(asked.query) <= {*needed, *optional}:
            raise error(400, "badRequest", "global")
        for name, value in needed.items():
            if value is not None and asked.query[name] != value:
                raise error(400, "invalidParameter", "global")
        return asked.query

    @staticmethod
    def page(asked, all_of, kind):
        most, start = int(asked.query.get("maxResults", 20)), 0
        if not 1 <= most <= 100:
            raise error(400, "invalidParameter", "global")
        if "pageToken" in asked.query:
            if not asked.query["pageToken"].startswith("CAU"):
                raise error(400, "invalidPageToken")
            start = int(asked.query["pageToken"][3:])
        out = {"kind": f"youtube#{kind}ListResponse", "etag": "x", "pageInfo": {"resultsPerPage": most},
               "items": all_of[start:start + most]}
        if start + most < len(all_of):
            out["nextPageToken"] = f"CAU{start + most}"
        return 200, out

    def shown(self, c, status=True):
        """As the API shows it to the channel's owner: on `id` no moderationStatus, textOriginal to its author alone."""
        snippet = {"channelId": self.OWN, "videoId": c["video"], "textDisplay": c["text"], "authorDisplayName": c["name"],
                   "authorProfileImageUrl": "https://yt3.ggpht.com/x", "canRate": True, "viewerRating": "none", "likeCount": 0,
                   "authorChannelUrl": f"http://www.youtube.com/{c['name']}", "authorChannelId": {"value": c["author"]},
                   "publishedAt": c["published"], "updatedAt": c["updated"]}
        if c["author"] == self.OWN:
            snippet["textOriginal"] = c["text"]
        if c["thread"]:
            snippet["parentId"] = c["thread"]
        if status:
            snippet["moderationStatus"] = c["status"]
        return {"kind": "youtube#comment", "etag": "x", "id": c["id"], "snippet": snippet}

    def channels(self, asked):
        self.take(asked, {"part": "id", "mine": "true"})
        return 200, {"kind": "youtube#channelListResponse", "items": [{"kind": "youtube#channel", "id": self.OWN}]}

    def videos(self, asked):
        self.take(asked, {"part": "snippet,status", "playlistId": "UU" + self.OWN[2:], "maxResults": "50"})
        return self.page(asked, [{"kind": "youtube#playlistItem", "id": "x", "snippet": {
            "publishedAt": "2026-01-12T09:00:00Z", "channelId": self.OWN, "title": "Badet öppnar på lördag", "description": "",
            "resourceId": {"kind": "youtube#video", "videoId": self.VIDEO}}, "status": {"privacyStatus": "public"}}],
            "playlistItem")

    def threads(self, asked):
        query = self.take(asked, {"part": "snippet,replies", "allThreadsRelatedToChannelId": self.OWN, "order": "time",
                                  "maxResults": None, "textFormat": "plainText"}, ("pageToken", "moderationStatus"))
        wanted = query.get("moderationStatus", "published")
        if wanted not in ("published", "heldForReview", "likelySpam"):
            raise error(400, "invalidParameter", "global")
        found = []
        for top in (c for c in self.comments.values() if not c["thread"]):
            below = [c for c in self.comments.values() if c["thread"] == top["id"] and c["status"] == wanted]
            if top["status"] != wanted and (wanted == "published" or not below):
                continue
            thread = {"kind": "youtube#commentThread", "etag": "x", "id": top["id"], "snippet": {
                "channelId": self.OWN, "videoId": top["video"], "topLevelComment": self.shown(top), "canReply": True,
                "totalReplyCount": len(below), "isPublic": True}}
            if below:
                thread["replies"] = {"comments": [self.shown(c) for c in below[:INLINE]]}
            found.append(thread)
        return self.page(asked, found[::-1], "commentThread")

    def list(self, asked):
        if "id" in asked.query:
            query = self.take(asked, {"part": "snippet", "id": None, "textFormat": "plainText"})
            # what was rejected is shown to nobody any more (not verified: §19)
            found = [self.shown(c, False) for c in self.comments.values()
                     if c["id"] in query["id"].split(",") and c["status"] != "rejected"]
            return self.page(asked, found, "comment")
        query = self.take(asked, {"part": "snippet", "parentId": None, "maxResults": None, "textFormat": "plainText"},
                          ("pageToken",))
        parent = self.comments.get(query["parentId"])
        if not parent:
            raise error(404, "commentNotFound", "youtube.comment")
        return self.page(asked, [self.shown(c) for c in self.comments.values()
                                 if c["thread"] == parent["id"] and c["status"] == "published"], "comment")

    def moderate(self, asked):
        query = self.take(asked, {"id": None, "moderationStatus": None})
        if asked.body:
            raise error(400, "badRequest", "global")
        if query["moderationStatus"] not in ("heldForReview", "published", "rejected"):
            raise error(400, "invalidParameter", "global")
        c = self.comments.get(query["id"])
        if not c:
            raise error(404, "commentNotFound", "youtube.comment")
        if c["status"] == "rejected":
            raise error(400, "processingFailure", "youtube.comment")
        c["status"] = query["moderationStatus"]
        self.deed(c["status"], c["id"])
        return 204, None

    def insert(self, asked):
        self.take(asked, {"part": "snippet"})
        if asked.type != "application/json":
            raise error(400, "parseError", "global")
        body = json.loads(asked.body)
        if set(body) != {"snippet"} or set(body["snippet"]) != {"parentId", "textOriginal"} or not body["snippet"]["textOriginal"]:
            raise error(400, "invalidCommentMetadata", "youtube.comment")
        parent = self.comments.get(body["snippet"]["parentId"])
        if not parent or parent["thread"]:  # below a reply there is nothing
            raise error(404, "parentCommentNotFound", "youtube.comment")
        one = self.say(self.OWN, "@sjoberga", body["snippet"]["textOriginal"], below=parent["id"])
        self.deed("reply", one, below=parent["id"], text=body["snippet"]["textOriginal"])
        return 200, self.shown(self.comments[one])

    def delete(self, asked):
        query = self.take(asked, {"id": None})
        c = self.comments.get(query["id"])
        if not c:
            raise error(404, "commentNotFound", "youtube.comment")
        if c["author"] != self.OWN:  # what others wrote can only be rejected
            raise error(403, "forbidden", "youtube.comment")
        del self.comments[query["id"]]
        self.deed("delete", query["id"])
        return 204, None
