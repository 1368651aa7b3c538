#!/usr/bin/env python3
"""An example of a system that follows uppsikt's public log (services/feed/asyncapi.yaml). Needs nothing but Python.

usage: feed_client.py URL POSITION [TYPE...]    the token is in $UPPSIKT_FEED_TOKEN

Prints one event a line and ends when nothing has come for a while. Whoever follows for good keeps the
position beside what was made of the events, in one transaction, and goes on from there.
"""
import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request


def pull(url, token, after, types, wait):
    """The events after a position, and the position that they reach. An empty list: nothing came in `wait` seconds."""
    query = urllib.parse.urlencode({"after": after, "types": ",".join(types), "wait": wait})
    request = urllib.request.Request(f"{url}/events?{query}", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=wait + 15) as answer:
        return json.load(answer), int(answer.headers["Uppsikt-Position"])


def main():
    url, after, types = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
    token = os.environ["UPPSIKT_FEED_TOKEN"]
    while True:
        try:
            events, after = pull(url, token, after, types, wait=2)
        except urllib.error.HTTPError as e:
            print(f"{e.code}: {e.read().decode()}", file=sys.stderr)
            return 1
        if not events:
            return 0
        for event in events:
            print(json.dumps(event, ensure_ascii=False))


sys.exit(main())
