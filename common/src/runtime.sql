-- The runtime's own tables, the same in every service. Each column is a fact or a content reference;
-- upp_content alone holds what is personal.
CREATE TABLE IF NOT EXISTS upp_meta (
  name  TEXT PRIMARY KEY,              -- fact: epoch (the first); part, of a service that is divided
  value BLOB NOT NULL                  -- fact
) STRICT;

-- a restore begins a new epoch; the log goes on in it.
CREATE TABLE IF NOT EXISTS upp_epoch (
  n     INTEGER PRIMARY KEY,           -- fact: from 1
  first INTEGER NOT NULL,              -- fact: its first event
  epoch BLOB NOT NULL                  -- fact
) STRICT;

-- the log: this service's outbox. Rows are never changed and never deleted one by one.
CREATE TABLE IF NOT EXISTS upp_log (
  seq         INTEGER PRIMARY KEY,     -- fact: dense from 1; the chain gives it
  type        TEXT NOT NULL,           -- fact: protobuf name
  subject     TEXT NOT NULL,           -- fact: an id of our own
  envelope    BLOB NOT NULL,           -- fact: CloudEvent, sent verbatim
  eh          BLOB NOT NULL,           -- fact: SHA-256(envelope)
  hash        BLOB NOT NULL,           -- fact: the chain
  commitment  BLOB,                    -- fact: of the content beside it
  content_ref INTEGER NOT NULL DEFAULT 0 -- content: XContent; 0: none
) STRICT;

-- where we stand in the logs that we hear: our inbox position.
CREATE TABLE IF NOT EXISTS upp_cursor (
  source TEXT PRIMARY KEY,             -- fact: service
  epoch  BLOB NOT NULL,                -- fact
  seq    INTEGER NOT NULL,             -- fact
  hash   BLOB NOT NULL,                -- fact
  forked INTEGER NOT NULL DEFAULT 0    -- fact: 1: stands still until people decide
) STRICT;

CREATE TABLE IF NOT EXISTS upp_alarm (
  key TEXT PRIMARY KEY,                -- fact
  due INTEGER NOT NULL                 -- fact: suite time
) STRICT;
CREATE INDEX IF NOT EXISTS upp_alarm_due ON upp_alarm(due, key);

-- work outside: intent, attempts, outcome. Ended ones stay 30 days for their keys.
CREATE TABLE IF NOT EXISTS upp_ask (
  id          INTEGER PRIMARY KEY AUTOINCREMENT, -- fact
  port        TEXT NOT NULL,           -- fact
  key         TEXT NOT NULL,           -- fact: idempotency key
  subject     TEXT NOT NULL,           -- fact
  asked_ms    INTEGER NOT NULL,        -- fact
  attempts    INTEGER NOT NULL,        -- fact: ended ones
  next_ms     INTEGER NOT NULL,        -- fact: not before
  state       INTEGER NOT NULL,        -- fact: 0 open, 1 ended, 2 dead letter
  request_ref INTEGER NOT NULL,        -- content: the request
  UNIQUE (port, key)
) STRICT;
CREATE INDEX IF NOT EXISTS upp_ask_open ON upp_ask(next_ms) WHERE state = 0;
CREATE INDEX IF NOT EXISTS upp_ask_ended ON upp_ask(asked_ms) WHERE state = 1;
CREATE INDEX IF NOT EXISTS upp_ask_dead ON upp_ask(id) WHERE state = 2;

-- what was answered to whom: a command is done once however often it comes. 30 days.
CREATE TABLE IF NOT EXISTS upp_command (
  id      BLOB PRIMARY KEY,            -- fact: 16 bytes
  at_ms   INTEGER NOT NULL,            -- fact
  type    TEXT NOT NULL,               -- fact: the outcome's type; empty: none
  outcome BLOB,                        -- fact: outcomes hold ids of our own, times, counts
  refused TEXT                         -- fact: a key of the catalogue
) STRICT;
CREATE INDEX IF NOT EXISTS upp_command_at ON upp_command(at_ms);

-- inputs that could not be handled; the cursor has moved on.
CREATE TABLE IF NOT EXISTS upp_parked (
  id        INTEGER PRIMARY KEY AUTOINCREMENT, -- fact
  kind      TEXT NOT NULL,             -- fact: event, alarm, answer
  source    TEXT NOT NULL,             -- fact: service, port, or the alarm's key
  seq       INTEGER NOT NULL,          -- fact: the event's, or the ask's id
  type      TEXT NOT NULL,             -- fact
  subject   TEXT NOT NULL,             -- fact
  why       TEXT NOT NULL,             -- fact: ids only
  at_ms     INTEGER NOT NULL,          -- fact
  tries     INTEGER NOT NULL DEFAULT 1, -- fact
  fact      BLOB NOT NULL,             -- fact: the event's envelope; empty otherwise
  body_ref  INTEGER NOT NULL DEFAULT 0 -- content: XContent, or the port's answer
) STRICT;

-- all that is personal. Append-only rowids, and rows that are emptied and stay: an index-organised
-- table, and pages that are joined, leave residue (measured).
CREATE TABLE IF NOT EXISTS upp_content (
  id   INTEGER PRIMARY KEY AUTOINCREMENT, -- fact
  salt BLOB NOT NULL,                  -- fact: means nothing without the body; empty: forgotten
  body BLOB NOT NULL                   -- fact: this is the content itself, in its one place
) STRICT;
-- what emptied rows leave is room that nothing uses until a start writes the store anew.
CREATE TABLE IF NOT EXISTS upp_room (
  one     INTEGER PRIMARY KEY CHECK (one = 1), -- fact: there is one row at most
  emptied INTEGER NOT NULL             -- fact: rows of upp_content, since that was last done
) STRICT;
CREATE TABLE IF NOT EXISTS upp_about (
  subject    TEXT NOT NULL,            -- fact: an id of our own
  content_id INTEGER NOT NULL,         -- fact: upp_content.id
  PRIMARY KEY (subject, content_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS upp_about_content ON upp_about(content_id);

-- files of the object store; 1: the row that kept it is forgotten, the file goes.
CREATE TABLE IF NOT EXISTS upp_object (
  id       TEXT PRIMARY KEY,           -- fact
  bytes    INTEGER NOT NULL,           -- fact
  gone     INTEGER NOT NULL DEFAULT 0, -- fact
  hash_ref INTEGER NOT NULL            -- content: its SHA-256
) STRICT;
CREATE INDEX IF NOT EXISTS upp_object_gone ON upp_object(gone) WHERE gone = 1;

-- what was forgotten, for ever: a late replay must not bring it back.
CREATE TABLE IF NOT EXISTS upp_tombstone (
  subject  TEXT PRIMARY KEY,           -- fact
  disposal TEXT NOT NULL,              -- fact
  at_ms    INTEGER NOT NULL            -- fact
) STRICT, WITHOUT ROWID;
