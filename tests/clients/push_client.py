#!/usr/bin/env python3
"""An example of a system that pushes what was written to it into uppsikt (services/ingest/README.md). Needs nothing but Python.

usage: push_client.py URL < LINES    URL: https://HOST/in/ACCOUNT; the secret's file is named in $UPPSIKT_PUSH_SECRET_FILE

LINES: one JSON object a line: external_id, kind and text, at least. What is not answered, or with 5xx, is sent again
for a minute: uppsikt knows what it has seen by its external_id. Prints the answer; exit 0 when all is taken in, 1 when a
line was bad, 2 when nothing was taken.
"""
import hashlib
import hmac
import json
import os
import pathlib
import sys
import time
import urllib.error
import urllib.request


def push(url, secret, body):
    """One request, signed now: the status, and the answer's text."""
    timestamp = str(int(time.time()))
    signature = hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    request = urllib.request.Request(url, data=body, headers={
        "Content-Type": "application/x-ndjson", "X-Uppsikt-Timestamp": timestamp, "X-Uppsikt-Signature": f"sha256={signature}"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as e:
        return e.code, e.read().decode()
    except OSError as e:
        return 503, f"{e}\n"


def main():
    url, body = sys.argv[1], sys.stdin.buffer.read()
    secret = pathlib.Path(os.environ["UPPSIKT_PUSH_SECRET_FILE"]).read_bytes().split()[0]
    end = time.monotonic() + 60
    status, text = push(url, secret, body)
    while status >= 500 and time.monotonic() < end:
        time.sleep(2)
        status, text = push(url, secret, body)
    print(text.strip(), file=sys.stdout if status == 202 else sys.stderr)
    if status != 202:
        return 2
    return 1 if json.loads(text)["bad"] else 0


if __name__ == "__main__":
    sys.exit(main())
