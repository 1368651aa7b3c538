-- 3: heads that a timestamp authority stamps. The stamp itself stands in the log (TreeHeadStamped).
CREATE TABLE stamp (
  day        INTEGER PRIMARY KEY,       -- fact: of the head
  imprint    TEXT NOT NULL,             -- fact: SHA-256 of the signed head, in hexadecimal
  tries      INTEGER NOT NULL DEFAULT 0, -- fact: asks so far
  told       INTEGER NOT NULL DEFAULT 0, -- fact: 1: that there is none has been said
  reason     TEXT NOT NULL DEFAULT '',  -- fact: why the last ask gave none
  stamped_ms INTEGER NOT NULL DEFAULT 0 -- fact: what the authority says; 0: it waits
) STRICT;
CREATE INDEX stamp_imprint ON stamp(imprint);
