-- 3: how many comments an account has (ing.5), holds to be reviewed (R23). Each column is a fact or a reference to content.
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
