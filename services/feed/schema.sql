-- feed: one public log of what all services say. Each column is a fact or a reference to content; times
-- are UTC milliseconds.
CREATE TABLE entry (
  position INTEGER PRIMARY KEY,         -- fact: its place in the public log, dense from 1
  type     TEXT NOT NULL,               -- fact: uppsikt.CommentReceived
  event    TEXT NOT NULL                -- fact: the CloudEvent, without what names a person
) STRICT;
CREATE INDEX entry_type ON entry(type, position);

CREATE TABLE person (
  person     TEXT PRIMARY KEY,          -- fact
  operations INTEGER NOT NULL,          -- fact: 1: may add and remove subscribers
  gone       INTEGER NOT NULL DEFAULT 0 -- fact: 1: has left
) STRICT;

CREATE TABLE subscriber (
  subscriber TEXT PRIMARY KEY,          -- fact: its name
  token_hash TEXT NOT NULL UNIQUE,      -- fact: SHA-256 of its token, in hexadecimal
  types      TEXT NOT NULL,             -- fact: with a blank before and after each; ' ': all
  webhook    INTEGER NOT NULL,          -- fact: 1: it is sent to
  position   INTEGER NOT NULL,          -- fact: the last that a webhook has confirmed
  round      INTEGER NOT NULL DEFAULT 0, -- fact: answers of an earlier one do not count
  busy       INTEGER NOT NULL DEFAULT 0, -- fact: 1: a batch is on its way
  disabled   TEXT NOT NULL DEFAULT '',  -- fact: why nothing is sent; empty: it is
  added_ms   INTEGER NOT NULL,          -- fact
  url_ref    INTEGER NOT NULL           -- content: WebhookKept; 0: none
) STRICT;
