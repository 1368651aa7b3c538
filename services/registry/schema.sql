-- registry: who, which account, who is away, which rules. Each column is a fact or a reference to
-- content; times are UTC milliseconds.
CREATE TABLE authority (
  authority  TEXT PRIMARY KEY,          -- fact: our own id
  name       TEXT NOT NULL,             -- fact: public
  org_number TEXT NOT NULL              -- fact: public
) STRICT;

CREATE TABLE unit (
  unit           TEXT PRIMARY KEY,      -- fact: our own id
  authority      TEXT NOT NULL,         -- fact
  name           TEXT NOT NULL,         -- fact: public
  parent         TEXT NOT NULL,         -- fact: the unit above; empty at the top
  manager        TEXT NOT NULL,         -- fact: person; empty: none
  head           TEXT NOT NULL,         -- fact: person, sector head; empty: the parent's
  communications INTEGER NOT NULL,      -- fact: 1: the communications unit
  function_mail  TEXT NOT NULL          -- fact: an official address, nobody's own
) STRICT;
CREATE INDEX unit_parent ON unit(parent);

CREATE TABLE person (
  person         TEXT PRIMARY KEY,      -- fact: our own id
  unit           TEXT NOT NULL,         -- fact
  since_ms       INTEGER NOT NULL,      -- fact
  leaves_ms      INTEGER NOT NULL DEFAULT 0, -- fact: 0: nobody has said so
  gone           INTEGER NOT NULL DEFAULT 0, -- fact: 1: has left
  rules_version  INTEGER NOT NULL DEFAULT 0, -- fact: of the policy that she has confirmed
  who_ref        INTEGER NOT NULL,      -- content: PersonRegisteredContent; 0: forgotten
  who_commitment TEXT NOT NULL          -- fact: of that content, in hexadecimal
) STRICT;
CREATE INDEX person_unit ON person(unit);

CREATE TABLE person_role (
  person TEXT NOT NULL,                 -- fact
  role   TEXT NOT NULL,                 -- fact
  PRIMARY KEY (person, role)
) STRICT, WITHOUT ROWID;
CREATE INDEX person_role_role ON person_role(role);

-- [from, to) and the substitutes are content.
CREATE TABLE absence (
  absence         TEXT PRIMARY KEY,     -- fact: our own id
  person          TEXT NOT NULL,        -- fact
  cancelled       INTEGER NOT NULL DEFAULT 0, -- fact
  when_ref        INTEGER NOT NULL,     -- content: AbsenceSetContent; 0: forgotten
  when_commitment TEXT NOT NULL         -- fact: of that content, in hexadecimal
) STRICT;
CREATE INDEX absence_person ON absence(person, absence);

CREATE TABLE account (
  account          TEXT PRIMARY KEY,    -- fact: our own id
  state            INTEGER NOT NULL,    -- fact: enum life_state
  watch            INTEGER NOT NULL,    -- fact: AccountChanged.Watch
  platform         TEXT NOT NULL,       -- fact
  unit             TEXT NOT NULL,       -- fact
  taken_over       INTEGER NOT NULL,    -- fact: existed before uppsikt
  since_ms         INTEGER NOT NULL,    -- fact: of this state
  open_since_ms    INTEGER NOT NULL DEFAULT 0, -- fact: 0: not opened
  closing_by       TEXT NOT NULL DEFAULT '',   -- fact: person who asked for the close
  packaged_ms      INTEGER NOT NULL DEFAULT 0, -- fact: newest sealed package of the archive
  posted_ms        INTEGER NOT NULL DEFAULT 0, -- fact: newest post of our own
  reviewed_ms      INTEGER NOT NULL DEFAULT 0, -- fact: last look-through
  facts_ref        INTEGER NOT NULL,    -- content: AccountChangedContent; 0: forgotten
  facts_commitment TEXT NOT NULL        -- fact: of that content, in hexadecimal
) STRICT;
CREATE INDEX account_unit ON account(unit);

-- Who may act on the account; a person who has left stands here until it is taken from her.
CREATE TABLE access (
  account TEXT NOT NULL,                -- fact
  person  TEXT NOT NULL,                -- fact
  rank    INTEGER NOT NULL,             -- fact: 1 is asked first
  at_ms   INTEGER NOT NULL,             -- fact
  PRIMARY KEY (account, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX access_person ON access(person);

CREATE TABLE finding (
  finding    TEXT PRIMARY KEY,          -- fact: our own id
  kind       TEXT NOT NULL,             -- fact
  account    TEXT NOT NULL,             -- fact: empty: a unit's
  unit       TEXT NOT NULL,             -- fact
  person     TEXT NOT NULL,             -- fact: who leaves; else empty
  fact       TEXT NOT NULL,             -- fact: which one is missing; else empty
  raised_ms  INTEGER NOT NULL,          -- fact
  due_ms     INTEGER NOT NULL,          -- fact
  cleared_ms INTEGER NOT NULL DEFAULT 0 -- fact: 0: open
) STRICT;
CREATE UNIQUE INDEX finding_open
  ON finding(account, CASE account WHEN '' THEN unit ELSE '' END, kind, person, fact)
  WHERE cleared_ms = 0;
CREATE INDEX finding_person ON finding(person) WHERE cleared_ms = 0;

CREATE TABLE policy (
  authority     TEXT NOT NULL,          -- fact: empty: all
  version       INTEGER NOT NULL,       -- fact: grows over all authorities
  yaml          TEXT NOT NULL,          -- fact: numbers of the rules, nothing about anybody; empty: the authority goes by the body's again
  decision      TEXT NOT NULL,          -- fact
  valid_from_ms INTEGER NOT NULL,       -- fact
  PRIMARY KEY (version)
) STRICT;

CREATE TABLE retention (
  id            TEXT PRIMARY KEY,       -- fact: the row's id
  authority     TEXT NOT NULL,          -- fact
  process       TEXT NOT NULL,          -- fact
  kind          TEXT NOT NULL,          -- fact: kind of document
  action        INTEGER NOT NULL,       -- fact: RetentionRowAdopted.Action
  months        INTEGER NOT NULL,       -- fact
  decision      TEXT NOT NULL,          -- fact: empty: "kräver beslut", without force
  valid_from_ms INTEGER NOT NULL,       -- fact
  mandate       TEXT NOT NULL           -- fact
) STRICT;

-- The public register: the place in our log of its last change, and of what the web site shows.
CREATE TABLE publication (
  id            INTEGER PRIMARY KEY CHECK (id = 1), -- fact
  changed_seq   INTEGER NOT NULL,       -- fact
  published_seq INTEGER NOT NULL        -- fact
) STRICT;
INSERT INTO publication VALUES(1, 0, 0);
