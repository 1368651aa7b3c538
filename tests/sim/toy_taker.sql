-- taker: what was heard of, and how often each thing happened to it.
CREATE TABLE IF NOT EXISTS thing (
  item     TEXT PRIMARY KEY,            -- fact: our own id
  due_ms   INTEGER NOT NULL,            -- fact
  counts   INTEGER NOT NULL DEFAULT 0,  -- fact
  rings    INTEGER NOT NULL DEFAULT 0,  -- fact
  tolls    INTEGER NOT NULL DEFAULT 0,  -- fact
  text_ref INTEGER NOT NULL DEFAULT 0   -- content: MadeContent
) STRICT;
CREATE TABLE IF NOT EXISTS life (
  n INTEGER NOT NULL                    -- fact: starts of the process
) STRICT;
