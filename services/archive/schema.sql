-- archive: campaigns, runs, packages. Each column is a fact or a reference to content; times are UTC
-- milliseconds.

-- what registry says
CREATE TABLE authority (
  authority  TEXT PRIMARY KEY,          -- fact
  name       TEXT NOT NULL,             -- fact: public
  org_number TEXT NOT NULL              -- fact: public
) STRICT;

CREATE TABLE unit (
  unit      TEXT PRIMARY KEY,           -- fact
  authority TEXT NOT NULL,              -- fact
  name      TEXT NOT NULL,              -- fact: public
  parent    TEXT NOT NULL,              -- fact
  manager   TEXT NOT NULL,              -- fact: person; empty: none
  head      TEXT NOT NULL               -- fact: person; empty: the parent's
) STRICT;

CREATE TABLE person (
  person  TEXT PRIMARY KEY,             -- fact
  roles   TEXT NOT NULL DEFAULT '',     -- fact: with a blank before and after each
  gone    INTEGER NOT NULL DEFAULT 0,   -- fact: 1: has left
  who_ref INTEGER NOT NULL DEFAULT 0    -- content: PersonRegisteredContent; 0: forgotten
) STRICT;

CREATE TABLE access (
  account TEXT NOT NULL,                -- fact
  person  TEXT NOT NULL,                -- fact
  rank    INTEGER NOT NULL,             -- fact
  PRIMARY KEY (account, person)
) STRICT, WITHOUT ROWID;

CREATE TABLE account (
  account       TEXT PRIMARY KEY,       -- fact
  state         INTEGER NOT NULL,       -- fact: AccountChanged.State
  watch         INTEGER NOT NULL,       -- fact: AccountChanged.Watch
  platform      TEXT NOT NULL,          -- fact
  unit          TEXT NOT NULL,          -- fact
  authority     TEXT NOT NULL,          -- fact
  open_since_ms INTEGER NOT NULL,       -- fact
  facts_ref     INTEGER NOT NULL        -- content: AccountChangedContent; 0: forgotten
) STRICT;

-- The last look through an account: is the sender clear (R10)?
CREATE TABLE review (
  account  TEXT PRIMARY KEY,            -- fact
  at_ms    INTEGER NOT NULL,            -- fact
  person   TEXT NOT NULL,               -- fact: who looked
  logo     INTEGER NOT NULL,            -- fact
  name     INTEGER NOT NULL,            -- fact
  sender   INTEGER NOT NULL,            -- fact
  captions INTEGER NOT NULL,            -- fact
  alt_text INTEGER NOT NULL             -- fact
) STRICT;

CREATE TABLE policy (
  version       INTEGER PRIMARY KEY,    -- fact: of those that hold for all authorities
  yaml          TEXT NOT NULL,          -- fact
  valid_from_ms INTEGER NOT NULL        -- fact
) STRICT;

CREATE TABLE retention (
  id            TEXT PRIMARY KEY,       -- fact: the row's id
  authority     TEXT NOT NULL,          -- fact
  kind          TEXT NOT NULL,          -- fact: kind of document
  action        INTEGER NOT NULL,       -- fact: RetentionRowAdopted.Action
  decision      TEXT NOT NULL,          -- fact: empty: without force
  valid_from_ms INTEGER NOT NULL        -- fact
) STRICT;

-- what evidence says
CREATE TABLE hold (
  hold     TEXT PRIMARY KEY,            -- fact
  account  TEXT NOT NULL,               -- fact: empty: a matter's
  released INTEGER NOT NULL             -- fact: 1: it holds no more
) STRICT;

-- what ingest says
CREATE TABLE item (
  item     TEXT PRIMARY KEY,            -- fact
  account  TEXT NOT NULL,               -- fact
  own      INTEGER NOT NULL,            -- fact: 1: a post or a reply of ours
  kind     TEXT NOT NULL,               -- fact: comment, reply ...
  parent   TEXT NOT NULL,               -- fact: what it answers; empty: nothing that we know
  at_ms    INTEGER NOT NULL,            -- fact: when it was written, as far as is known
  gone_ms  INTEGER NOT NULL DEFAULT 0   -- fact: when it was gone; 0: it is there
) STRICT;
CREATE INDEX item_account ON item(account, own, item);

CREATE TABLE version (
  item     TEXT NOT NULL,               -- fact
  version  INTEGER NOT NULL,            -- fact
  seen_ms  INTEGER NOT NULL,            -- fact
  heard_ms INTEGER NOT NULL,            -- fact: by us; decides which package it is in
  what_ref INTEGER NOT NULL,            -- content: CommentReceivedContent; 0: forgotten, or packed long ago
  PRIMARY KEY (item, version)
) STRICT;

-- our own
-- The one that comes next; what has begun has its own row.
CREATE TABLE plan (
  id       INTEGER PRIMARY KEY CHECK (id = 1), -- fact
  campaign TEXT NOT NULL,               -- fact
  from_ms  INTEGER NOT NULL,            -- fact
  to_ms    INTEGER NOT NULL             -- fact
) STRICT;

CREATE TABLE campaign (
  campaign TEXT PRIMARY KEY,            -- fact: 2026-2
  from_ms  INTEGER NOT NULL,            -- fact
  to_ms    INTEGER NOT NULL             -- fact: the window's end, exclusive
) STRICT;

CREATE TABLE run (
  run       TEXT PRIMARY KEY,           -- fact: our own id
  account   TEXT NOT NULL,              -- fact
  campaign  TEXT NOT NULL,              -- fact
  cause     TEXT NOT NULL,              -- fact: campaign asked closing
  state     INTEGER NOT NULL,           -- fact: enum run_state
  round     INTEGER NOT NULL DEFAULT 0, -- fact: answers of an earlier one do not count
  why       TEXT NOT NULL DEFAULT '',   -- fact: what stood in the way
  layout    TEXT NOT NULL DEFAULT 'missing',  -- fact: automatic manual missing
  content   TEXT NOT NULL DEFAULT 'missing',  -- fact
  from_ms   INTEGER NOT NULL DEFAULT 0, -- fact: what was heard from here
  to_ms     INTEGER NOT NULL DEFAULT 0, -- fact: to here is in the lists
  due_ms    INTEGER NOT NULL,           -- fact
  asked_ms  INTEGER NOT NULL,           -- fact: a manual capture was asked for; 0: it was not
  at_ms     INTEGER NOT NULL,           -- fact: of the state
  own       INTEGER NOT NULL DEFAULT 0, -- fact: the list that is being written
  after_item TEXT NOT NULL DEFAULT '',  -- fact: the last item that is written
  parts_out INTEGER NOT NULL DEFAULT 0, -- fact: parts that are not safe on disk yet
  posts_at  INTEGER NOT NULL DEFAULT 0, -- fact: bytes of the list of our posts
  comments_at INTEGER NOT NULL DEFAULT 0, -- fact: bytes of the list of comments
  posts     INTEGER NOT NULL DEFAULT 0, -- fact: lines
  comments  INTEGER NOT NULL DEFAULT 0, -- fact: lines
  forgotten INTEGER NOT NULL DEFAULT 0, -- fact: versions that were disposed of
  package   TEXT NOT NULL DEFAULT '',   -- fact: the newest one, sealed or being built
  capture_ref INTEGER NOT NULL DEFAULT 0 -- content: CaptureKept; 0: none
) STRICT;
CREATE INDEX run_account ON run(account, campaign);
CREATE INDEX run_state ON run(state);

CREATE TABLE package (
  package  TEXT PRIMARY KEY,            -- fact: uuid-...
  run      TEXT NOT NULL,               -- fact
  account  TEXT NOT NULL,               -- fact
  campaign TEXT NOT NULL,               -- fact
  from_ms  INTEGER NOT NULL,            -- fact: it holds what was heard from here
  to_ms    INTEGER NOT NULL,            -- fact: to here
  files    INTEGER NOT NULL,            -- fact
  bytes    INTEGER NOT NULL,            -- fact
  at_ms    INTEGER NOT NULL,            -- fact
  gone     INTEGER NOT NULL DEFAULT 0,  -- fact: 1: disposed of
  files_ref INTEGER NOT NULL            -- content: PackageKept
) STRICT;
CREATE INDEX package_account ON package(account, to_ms);
CREATE INDEX package_run ON package(run);

CREATE TABLE hand_in (
  hand_in  TEXT PRIMARY KEY,            -- fact: our own id
  run      TEXT NOT NULL,               -- fact
  account  TEXT NOT NULL,               -- fact
  person   TEXT NOT NULL,               -- fact: who handed it in
  state    INTEGER NOT NULL,            -- fact: enum hand_state
  bytes    INTEGER NOT NULL,            -- fact: of the whole
  taken    INTEGER NOT NULL DEFAULT 0,  -- fact: bytes that came
  stored   INTEGER NOT NULL DEFAULT 0,  -- fact: bytes that are on disk
  why      TEXT NOT NULL DEFAULT '',    -- fact: why it was refused
  mime     TEXT NOT NULL DEFAULT '',    -- fact: by its content
  received_ms INTEGER NOT NULL,         -- fact
  file_commitment TEXT NOT NULL DEFAULT '', -- fact: of the content, in hexadecimal
  file_ref INTEGER NOT NULL             -- content: HandInKept; 0: forgotten
) STRICT;
CREATE INDEX hand_in_run ON hand_in(run);

-- Who opened which package on which day is said once; who she is, is content of that event.
CREATE TABLE opened (
  key TEXT PRIMARY KEY,                 -- fact: keyed: package, person, day
  day INTEGER NOT NULL                  -- fact: days since 1970, local
) STRICT;
CREATE INDEX opened_day ON opened(day);
