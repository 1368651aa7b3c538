#!/bin/sh
# An example of a system that pushes into uppsikt (services/ingest/README.md): one request, with openssl and curl.
#
# usage: push_client.sh URL FILE    URL: https://HOST/in/ACCOUNT; FILE: one JSON object a line
#
# $UPPSIKT_PUSH_SECRET_FILE names the secret's file; its first line signs. (For as long as openssl runs the secret
# stands in the machine's list of processes: for a machine that is this sender's alone. push_client.py keeps it to itself.)
# Prints the answer and then its status; exit 0 when it is 202.
set -eu
secret=$(head -n 1 "$UPPSIKT_PUSH_SECRET_FILE")
timestamp=$(date +%s)
signature=$( { printf '%s.' "$timestamp"; cat "$2"; } | openssl dgst -sha256 -hmac "$secret" | sed 's/.*= *//')
answer=$(curl --silent --show-error --max-time 30 --write-out '\n%{http_code}' --data-binary "@$2" \
    -H 'Content-Type: application/x-ndjson' -H "X-Uppsikt-Timestamp: $timestamp" \
    -H "X-Uppsikt-Signature: sha256=$signature" "$1")
printf '%s\n' "$answer"
[ "${answer##*
}" = 202 ]
