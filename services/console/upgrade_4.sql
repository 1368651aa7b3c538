-- 4: who is signed in by the organisation's own directory (R25). Each column is a fact.
CREATE TABLE directory_name (
  person   TEXT PRIMARY KEY, -- fact
  name_key TEXT NOT NULL UNIQUE -- fact: keyed hash of the claim's value
) STRICT;
