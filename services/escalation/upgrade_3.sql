-- 3: how many comments an account has (ing.5), holds to be reviewed (R23), hidden outside uppsikt (E15), the adopted policy (R02). Each column is a fact or a reference to content.
ALTER TABLE item ADD COLUMN hidden_ms INTEGER NOT NULL DEFAULT 0; -- fact: in the platform's own interface, then; negative: seen again, then; 0: never
CREATE TABLE rate (
  account  TEXT NOT NULL,               -- fact
  hour     INTEGER NOT NULL,            -- fact: received_ms / 3600000
  comments INTEGER NOT NULL,            -- fact
  PRIMARY KEY (account, hour)
) STRICT, WITHOUT ROWID;
CREATE TABLE held (
  hold    TEXT PRIMARY KEY,             -- fact: not lifted yet
  account TEXT NOT NULL                 -- fact: its own, or its matter's
) STRICT, WITHOUT ROWID;
CREATE TABLE policy (
  version       INTEGER PRIMARY KEY,    -- fact: registry's number
  yaml          TEXT NOT NULL,          -- fact
  valid_from_ms INTEGER NOT NULL,       -- fact
  revision      INTEGER NOT NULL DEFAULT 1, -- fact: how often it was heard
  began         INTEGER NOT NULL DEFAULT 0 -- fact: 1: it counts, whatever the clock says now
) STRICT;
