-- maker: what was made, and how often somebody counted it.
CREATE TABLE IF NOT EXISTS thing (
  item     TEXT PRIMARY KEY,            -- fact: our own id
  counts   INTEGER NOT NULL DEFAULT 0,  -- fact
  text_ref INTEGER NOT NULL             -- content: MadeContent
) STRICT;
