-- 5: what else a list may take (R29): persons who have left, absences, who looked, packages of the archive.
ALTER TABLE person ADD COLUMN left_ms INTEGER NOT NULL DEFAULT 0; -- fact: 0: not, or before this was kept (thing_start)
UPDATE person SET roles = ' ' WHERE gone = 1;
-- Who has ever had access: a hold on the account keeps what is known of them.
CREATE TABLE reached (
  account TEXT NOT NULL,                -- fact
  person  TEXT NOT NULL,                -- fact
  PRIMARY KEY (person, account)
) STRICT, WITHOUT ROWID;
INSERT INTO reached(account, person) SELECT account, person FROM access;
CREATE INDEX decision_person ON decision(person);
CREATE INDEX decision_second ON decision(second);
CREATE TABLE absence (
  absence TEXT PRIMARY KEY,             -- fact
  person  TEXT NOT NULL,                -- fact
  end_ref INTEGER NOT NULL              -- content: AbsenceEnd
) STRICT;
CREATE INDEX absence_person ON absence(person);
CREATE TABLE thing (
  subject   TEXT PRIMARY KEY,           -- fact: a package, or a day's looks
  kind      TEXT NOT NULL,              -- fact: a word of cover.h
  account   TEXT NOT NULL,              -- fact: empty: the authority's
  authority TEXT NOT NULL,              -- fact: empty: the account's, or nobody knows
  over_ms   INTEGER NOT NULL,           -- fact: sealed, or the day's end
  removed   INTEGER NOT NULL DEFAULT 0  -- fact: 1: nothing of a package lies on archive's disk any more
) STRICT;
ALTER TABLE listed ADD COLUMN what TEXT NOT NULL DEFAULT ''; -- fact: a word of cover.h
CREATE INDEX listed_package ON listed(disposal) WHERE what = 'package';
