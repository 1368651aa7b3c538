-- 3: a leaver's one list of what is handed over (R06), and the half-yearly attestation of who has
-- access (R05).
CREATE TABLE leaver (
  person       TEXT PRIMARY KEY,        -- fact: who leaves
  opened_ms    INTEGER NOT NULL,        -- fact
  confirmed_ms INTEGER NOT NULL DEFAULT 0, -- fact: 0: it is open
  confirmed_by TEXT NOT NULL DEFAULT ''    -- fact: person
) STRICT;

CREATE TABLE leaver_row (
  person       TEXT NOT NULL,           -- fact: who leaves
  account      TEXT NOT NULL,           -- fact
  step         INTEGER NOT NULL,        -- fact: LeaverStep
  tick         INTEGER NOT NULL,        -- fact: LeaverTick
  done_by      TEXT NOT NULL DEFAULT '', -- fact: person; empty: it is open
  done_ms      INTEGER NOT NULL DEFAULT 0, -- fact
  successor    TEXT NOT NULL DEFAULT '', -- fact: person; of an appointment alone
  appointed_by TEXT NOT NULL DEFAULT '', -- fact: person, the sector head
  appointed_ms INTEGER NOT NULL DEFAULT 0, -- fact
  note_ref     INTEGER NOT NULL DEFAULT 0, -- content: LeaverRowTickedContent; 0: none, or forgotten
  PRIMARY KEY (person, account, step)
) STRICT, WITHOUT ROWID;
CREATE INDEX leaver_row_account ON leaver_row(account);

ALTER TABLE account ADD COLUMN attested_ms INTEGER NOT NULL DEFAULT 0; -- fact: 0: never
ALTER TABLE account ADD COLUMN attested_by TEXT NOT NULL DEFAULT ''; -- fact: person

-- Half-years count from here at the earliest: nobody is late for what was not asked of her.
CREATE TABLE attestation (
  id       INTEGER PRIMARY KEY CHECK (id = 1), -- fact
  since_ms INTEGER NOT NULL             -- fact: 0: has not run yet
) STRICT;
INSERT INTO attestation VALUES(1, 0);
