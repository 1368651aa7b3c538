-- 4: packages for the diary (R16), what is hidden (R25). Each column is a fact or a reference to content.
-- our answer as it was seen on the platform, which `reply` does not name when it left through us
ALTER TABLE answer ADD COLUMN seen TEXT NOT NULL DEFAULT '';
CREATE TABLE diary (
  package  TEXT PRIMARY KEY,            -- fact: uppsikt-<errand>-<number>
  matter   TEXT NOT NULL,               -- fact: the errand
  item     TEXT NOT NULL,               -- fact
  account  TEXT NOT NULL,               -- fact
  asked_ms INTEGER NOT NULL,            -- fact
  state    INTEGER NOT NULL DEFAULT 0,  -- fact: 0 asked for, 1 delivered, 2 failed
  way      TEXT NOT NULL DEFAULT '',    -- fact: folder sftp webhook
  sha256   TEXT NOT NULL DEFAULT '',    -- fact: in hexadecimal; of a file that holds a salt
  bytes    INTEGER NOT NULL DEFAULT 0,  -- fact
  at_ms    INTEGER NOT NULL DEFAULT 0,  -- fact: delivered, or given up
  why      TEXT NOT NULL DEFAULT ''     -- fact: a key of the catalogue
) STRICT, WITHOUT ROWID;
CREATE INDEX diary_matter ON diary(matter);
CREATE INDEX diary_item ON diary(item);
-- the looks into the folder for numbers
CREATE TABLE numbers (
  one   INTEGER PRIMARY KEY CHECK (one = 1), -- fact
  calls INTEGER NOT NULL,               -- fact: how often it was asked
  asked INTEGER NOT NULL                -- fact: 1: the answer has not come yet
) STRICT;
-- what is hidden can be shown again (R25)
ALTER TABLE item ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0; -- fact: 1: on its platform, by whomever
