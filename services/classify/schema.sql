-- classify: what was judged, with which rule set. Each column is a fact or a reference to content.
CREATE TABLE judged (
  item    TEXT NOT NULL,                -- fact: our own id
  version INTEGER NOT NULL,             -- fact
  at_ms   INTEGER NOT NULL,             -- fact
  worst   INTEGER NOT NULL,             -- fact: the highest band of any label but question
  PRIMARY KEY (item, version)
) STRICT;
