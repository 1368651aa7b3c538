-- classify: what was judged, with which rule set. Each column is a fact or a reference to content.
CREATE TABLE judged (
  item    TEXT NOT NULL,                -- fact: our own id
  version INTEGER NOT NULL,             -- fact
  at_ms   INTEGER NOT NULL,             -- fact
  worst   INTEGER NOT NULL,             -- fact: the highest band of any label but question
  PRIMARY KEY (item, version)
) STRICT;
CREATE TABLE rule_set (
  one       INTEGER PRIMARY KEY CHECK (one = 1),  -- fact: there is one in force
  lexicons  TEXT NOT NULL,              -- fact: its version
  model     TEXT NOT NULL,              -- fact
  person    TEXT NOT NULL,              -- fact: who decided
  at_ms     INTEGER NOT NULL            -- fact
) STRICT;
CREATE TABLE rule_list (
  class TEXT PRIMARY KEY,               -- fact: the built-in list that it replaces
  text  TEXT NOT NULL                   -- fact: its lines
) STRICT;
