-- ingest: what was seen, where each connector stands. Each column is a fact or a reference to content.
-- What is known of the register: kept from registry's events.
CREATE TABLE account (
  account  TEXT PRIMARY KEY,            -- fact: our own id
  platform TEXT NOT NULL,               -- fact
  state    INTEGER NOT NULL,            -- fact: AccountChanged.State
  watch    INTEGER NOT NULL             -- fact: AccountChanged.Watch
) STRICT;

-- One row a thing that was seen; its key is a keyed hash, and stays as the tombstone that refuses the
-- same comment coming in again after disposal.
CREATE TABLE item (
  item        TEXT PRIMARY KEY,         -- fact: our own id
  key         TEXT NOT NULL UNIQUE,     -- fact: HMAC(platform, account, external id)
  account     TEXT NOT NULL,            -- fact
  kind        INTEGER NOT NULL,         -- fact: ItemKind
  version     INTEGER NOT NULL,         -- fact: the newest
  received_ms INTEGER NOT NULL,         -- fact
  seen_ms     INTEGER NOT NULL,         -- fact: first seen
  parent      TEXT NOT NULL DEFAULT '', -- fact: our own id
  thread      TEXT NOT NULL DEFAULT '', -- fact: our own id
  ours        INTEGER NOT NULL DEFAULT 0, -- fact: 1: a post or reply of our own
  state       INTEGER NOT NULL DEFAULT 0, -- fact: 0 visible, 1 hidden, 2 gone
  edited_ms   INTEGER NOT NULL DEFAULT 0  -- fact: the newest edit that its platform has told of
) STRICT;
CREATE INDEX item_account ON item(account, item);

-- Every version that was seen; all are kept.
CREATE TABLE version (
  item      TEXT NOT NULL,              -- fact
  version   INTEGER NOT NULL,           -- fact
  seen_ms   INTEGER NOT NULL,           -- fact
  text_ref  INTEGER NOT NULL,           -- content: CommentReceivedContent; 0: forgotten
  PRIMARY KEY (item, version)
) STRICT;

-- Which comments belong together; a row goes when its comment is forgotten.
CREATE TABLE kin (
  item        TEXT PRIMARY KEY,         -- fact
  account     TEXT NOT NULL,            -- fact
  author      TEXT NOT NULL,            -- fact: HMAC(platform, author id); empty: the platform tells none
  words       TEXT NOT NULL,            -- fact: HMAC of the words; empty: none, or there is a picture
  thread      TEXT NOT NULL,            -- fact: our own id
  received_ms INTEGER NOT NULL,         -- fact
  continues   TEXT NOT NULL,            -- fact: our own id
  repeats     TEXT NOT NULL,            -- fact: our own id
  echoes      TEXT NOT NULL             -- fact: our own id
) STRICT, WITHOUT ROWID;
CREATE INDEX kin_author ON kin(author, words, received_ms);
CREATE INDEX kin_thread ON kin(thread, words);

-- Other names of an item on its platform (a server's own status id, which may change at an edit).
CREATE TABLE alias (
  key  TEXT PRIMARY KEY,                -- fact: HMAC(platform, account, name)
  item TEXT NOT NULL                    -- fact
) STRICT;

-- Lines and objects that could not be read; the rest went in. The same bytes again are the same row, after
-- disposal, too.
CREATE TABLE quarantine (
  id       INTEGER PRIMARY KEY,         -- fact
  item     TEXT NOT NULL UNIQUE,        -- fact: our own id, what a disposal names
  key      TEXT NOT NULL UNIQUE,        -- fact: HMAC(account, SHA-256 of the bytes)
  account  TEXT NOT NULL,               -- fact: empty: not known
  import   TEXT NOT NULL,               -- fact: the file's run, or the account's poll
  line     INTEGER NOT NULL,            -- fact: from 1; 0: no line
  why      TEXT NOT NULL,               -- fact: names the field, never its value
  at_ms    INTEGER NOT NULL,            -- fact
  line_ref INTEGER NOT NULL             -- content: QuarantineRowContent; 0: forgotten
) STRICT;

CREATE TABLE import (
  import      TEXT PRIMARY KEY,         -- fact
  accepted    INTEGER NOT NULL DEFAULT 0, -- fact
  known       INTEGER NOT NULL DEFAULT 0, -- fact
  quarantined INTEGER NOT NULL DEFAULT 0  -- fact
) STRICT;

-- Accounts that a connector watches.
CREATE TABLE connection (
  account      TEXT PRIMARY KEY,        -- fact
  connector    TEXT NOT NULL,           -- fact
  base_url     TEXT NOT NULL,           -- fact: the platform's server
  sealed_token TEXT NOT NULL,           -- fact: secretbox in hexadecimal; its key is not here
  connected_ms INTEGER NOT NULL,        -- fact: what is older is backfill
  expires_ms   INTEGER NOT NULL DEFAULT 0, -- fact: the token's
  poll_span    INTEGER NOT NULL,        -- fact
  own_key      TEXT NOT NULL DEFAULT '', -- fact: HMAC of our own author id; empty: not asked yet
  own_ref      INTEGER NOT NULL DEFAULT 0, -- content: our own author id
  mark         TEXT NOT NULL DEFAULT '', -- fact: the server's opaque cursor of notifications
  own_mark     TEXT NOT NULL DEFAULT '', -- fact: the same of our own posts
  doing        TEXT NOT NULL DEFAULT '', -- fact: the call under way
  doing_item   TEXT NOT NULL DEFAULT '', -- fact: the item that it is about; empty: a list
  hurry        INTEGER NOT NULL DEFAULT 0, -- fact: 1: look at its lists now, whatever the time
  rung         INTEGER NOT NULL DEFAULT 0, -- fact: how many fields the platform refuses us
  calls        INTEGER NOT NULL DEFAULT 0, -- fact: how many were made; the ask's key
  state        INTEGER NOT NULL DEFAULT 1, -- fact: AccountHealthChanged.State
  failures     INTEGER NOT NULL DEFAULT 0, -- fact: in a row
  polled_ms    INTEGER NOT NULL DEFAULT 0, -- fact: last poll that succeeded
  overlap_ms   INTEGER NOT NULL DEFAULT 0, -- fact: last look back
  blind_ms     INTEGER NOT NULL DEFAULT 0  -- fact: since when it sees nothing; 0: it sees
) STRICT;

-- Posts with more comments than came along; the oldest row goes on first.
CREATE TABLE walk (
  item      TEXT PRIMARY KEY,           -- fact: the post, our own id
  account   TEXT NOT NULL,              -- fact
  deep      INTEGER NOT NULL,           -- fact: 1: to its end; 0: until what is known
  after_ref INTEGER NOT NULL            -- content: PlatformCursor
) STRICT;
CREATE INDEX walk_account ON walk(account);

-- Items to be looked at by themselves: nobody announces that one is gone.
CREATE TABLE look (
  item      TEXT PRIMARY KEY,           -- fact
  account   TEXT NOT NULL,              -- fact
  since_ms  INTEGER NOT NULL,           -- fact: what the ages count from
  due_ms    INTEGER NOT NULL,           -- fact
  step      INTEGER NOT NULL DEFAULT 0, -- fact: the next age
  missed_ms INTEGER NOT NULL DEFAULT 0, -- fact: first time it was not there; 0: it is
  told      INTEGER NOT NULL DEFAULT 0  -- fact: 1: CommentUnreachable was said
) STRICT;
CREATE INDEX look_due ON look(account, due_ms);

-- Persons of the register: whose first name and title end an answer (R11).
CREATE TABLE person (
  person  TEXT PRIMARY KEY,             -- fact
  gone    INTEGER NOT NULL DEFAULT 0,   -- fact: 1: she has left
  who_ref INTEGER NOT NULL DEFAULT 0    -- content: PersonRegisteredContent, names and title alone
) STRICT;

-- What evidence has sealed: of exactly that version, at most so much.
CREATE TABLE sealed (
  item     TEXT NOT NULL,               -- fact
  version  INTEGER NOT NULL,            -- fact
  level    INTEGER NOT NULL,            -- fact: 0 nothing, 1 RAW, 2 WHOLE
  failures INTEGER NOT NULL DEFAULT 0,  -- fact: how often evidence said that it did not work
  PRIMARY KEY (item, version)
) STRICT;

-- What was decided or written, on its way to a platform (gate.h). Ended ones stay: a decision that is
-- heard twice is one.
CREATE TABLE action (
  action   TEXT PRIMARY KEY,            -- fact: the decision's id; of an answer our own
  matter   TEXT NOT NULL DEFAULT '',    -- fact
  item     TEXT NOT NULL,               -- fact
  account  TEXT NOT NULL,               -- fact
  version  INTEGER NOT NULL,            -- fact: that was decided on
  what     INTEGER NOT NULL,            -- fact: 0 hide, 1 delete, 2 unhide, 3 reply
  plan     INTEGER NOT NULL DEFAULT 0,  -- fact: 1: a retention row or a law is named
  state    INTEGER NOT NULL DEFAULT 0,  -- fact: 0 waits, 1 looks, 2 sends, 3 by hand, 4 done, 5 refused
  why      TEXT NOT NULL DEFAULT '',    -- fact: what it waits for: a key; refused: unknown, if it may have been done
  since_ms INTEGER NOT NULL,            -- fact
  tried_ms INTEGER NOT NULL DEFAULT 0,  -- fact: it may have had its effect since then; 0: it has not
  asks     INTEGER NOT NULL DEFAULT 0,  -- fact: calls so far; the ask's key
  failures INTEGER NOT NULL DEFAULT 0,  -- fact: in a row
  misses   INTEGER NOT NULL DEFAULT 0,  -- fact: looks that did not find our answer
  reply    INTEGER NOT NULL DEFAULT 0,  -- fact: of an answer: ReplyKind
  words    TEXT NOT NULL DEFAULT '',    -- fact: of an answer: HMAC of its words, to know it again
  text_ref INTEGER NOT NULL DEFAULT 0   -- content: ReplyText; 0: none, or it has ended
) STRICT;
CREATE INDEX action_item ON action(item);
CREATE INDEX action_open ON action(state, action);

-- The operators' brake: one row.
CREATE TABLE brake (
  one   INTEGER PRIMARY KEY,            -- fact: always 1
  held  INTEGER NOT NULL,               -- fact: 1: no hide and no delete goes out
  at_ms INTEGER NOT NULL                -- fact
) STRICT;
