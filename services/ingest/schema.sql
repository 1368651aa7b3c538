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
  state       INTEGER NOT NULL DEFAULT 0  -- fact: 0 visible, 1 hidden, 2 gone
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

-- Other names of an item on its platform (a server's own status id, which may change at an edit).
CREATE TABLE alias (
  key  TEXT PRIMARY KEY,                -- fact: HMAC(platform, account, name)
  item TEXT NOT NULL                    -- fact
) STRICT;

-- Lines and objects that could not be read; the rest went in.
CREATE TABLE quarantine (
  id       INTEGER PRIMARY KEY,         -- fact
  import   TEXT NOT NULL,               -- fact: the file's run, or the account's poll
  line     INTEGER NOT NULL,            -- fact: from 1; 0: no line
  why      TEXT NOT NULL,               -- fact: names the field, never its value
  at_ms    INTEGER NOT NULL,            -- fact
  line_ref INTEGER NOT NULL             -- content: QuarantineRowContent
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
  calls        INTEGER NOT NULL DEFAULT 0, -- fact: how many were made; the ask's key
  state        INTEGER NOT NULL DEFAULT 1, -- fact: AccountHealthChanged.State
  failures     INTEGER NOT NULL DEFAULT 0, -- fact: in a row
  polled_ms    INTEGER NOT NULL DEFAULT 0, -- fact: last poll that succeeded
  overlap_ms   INTEGER NOT NULL DEFAULT 0, -- fact: last look back
  blind_ms     INTEGER NOT NULL DEFAULT 0  -- fact: since when it sees nothing; 0: it sees
) STRICT;
