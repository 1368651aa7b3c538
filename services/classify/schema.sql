-- classify: what was judged, with which rule set. Each column is a fact or a reference to content.
CREATE TABLE judged (
  item    TEXT NOT NULL,                -- fact: our own id
  version INTEGER NOT NULL,             -- fact
  at_ms   INTEGER NOT NULL,             -- fact
  worst   INTEGER NOT NULL,             -- fact: the highest band of any label but question
  alone   INTEGER NOT NULL,             -- fact: 1: written to us alone, or it is not known
  PRIMARY KEY (item, version)
) STRICT;
CREATE TABLE rule_set (
  one       INTEGER PRIMARY KEY CHECK (one = 1),  -- fact: there is one in force
  lexicons  TEXT NOT NULL,              -- fact: its version
  model     TEXT NOT NULL,              -- fact
  weights   TEXT NOT NULL,              -- fact: SHA-256 of the adopted model file; empty: the built-in
  frozen_micro_f1 INTEGER NOT NULL,     -- fact: ten-thousandths, as its training said; 0: unknown
  personal_numbers INTEGER NOT NULL,    -- fact: likewise
  person    TEXT NOT NULL,              -- fact: who decided
  at_ms     INTEGER NOT NULL            -- fact
) STRICT;
CREATE TABLE rule_list (
  class TEXT PRIMARY KEY,               -- fact: the built-in list that it replaces
  text  TEXT NOT NULL                   -- fact: its lines
) STRICT;

-- A model file that has come, or is coming, in parts.
CREATE TABLE model_file (
  sha256 TEXT PRIMARY KEY,              -- fact: of the whole, as its sender counted
  total  INTEGER NOT NULL,              -- fact: its bytes
  taken  INTEGER NOT NULL               -- fact: the bytes that have come, from the beginning
) STRICT;
CREATE TABLE model_part (
  sha256   TEXT NOT NULL,               -- fact: the file
  offset   INTEGER NOT NULL,            -- fact: where it begins there
  part_ref INTEGER NOT NULL,            -- content: ModelPartKept
  PRIMARY KEY (sha256, offset)
) STRICT;

-- What a model outside was asked, by day; a limit a day holds.
CREATE TABLE opinion_day (
  day      INTEGER PRIMARY KEY,         -- fact: days since 1970, UTC
  asked    INTEGER NOT NULL DEFAULT 0,  -- fact
  withheld INTEGER NOT NULL DEFAULT 0,  -- fact: it may have held something personal
  over     INTEGER NOT NULL DEFAULT 0,  -- fact: past the limit
  given    INTEGER NOT NULL DEFAULT 0,  -- fact: answers that were of use
  failed   INTEGER NOT NULL DEFAULT 0   -- fact
) STRICT;
