-- escalation: what somebody still has to act on, until when, and who was told. Each column is a fact or
-- a reference to content.

-- == the register, kept from registry's events ==
CREATE TABLE unit (
  unit          TEXT PRIMARY KEY,       -- fact
  parent        TEXT NOT NULL,          -- fact
  manager       TEXT NOT NULL,          -- fact: person
  head          TEXT NOT NULL,          -- fact: person
  communications INTEGER NOT NULL,      -- fact: 1: the communications unit
  function_mail TEXT NOT NULL           -- fact: an official mailbox
) STRICT;
CREATE TABLE person (
  person      TEXT PRIMARY KEY,         -- fact
  unit        TEXT NOT NULL,            -- fact
  roles       TEXT NOT NULL,            -- fact: " manager operations "
  gone        INTEGER NOT NULL DEFAULT 0, -- fact: has left
  bad         INTEGER NOT NULL DEFAULT 0, -- fact: 1: the mail server refused the address
  contact_ref INTEGER NOT NULL          -- content: Contact; 0: none or forgotten
) STRICT;
CREATE TABLE absence (
  absence  TEXT PRIMARY KEY,            -- fact
  person   TEXT NOT NULL,               -- fact
  when_ref INTEGER NOT NULL             -- content: AbsenceSetContent
) STRICT;
CREATE INDEX absence_person ON absence(person);
CREATE TABLE account (
  account  TEXT PRIMARY KEY,            -- fact
  platform TEXT NOT NULL,               -- fact
  unit     TEXT NOT NULL,               -- fact
  state    INTEGER NOT NULL,            -- fact: AccountChanged.State
  name_ref INTEGER NOT NULL             -- content: AccountChangedContent
) STRICT;
CREATE TABLE access (
  account TEXT NOT NULL,                -- fact
  person  TEXT NOT NULL,                -- fact
  rank    INTEGER NOT NULL,             -- fact
  PRIMARY KEY (account, person)
) STRICT;

-- == what was written to us, as far as a clock needs it ==
CREATE TABLE item (
  item        TEXT PRIMARY KEY,         -- fact
  account     TEXT NOT NULL,            -- fact
  kind        INTEGER NOT NULL,         -- fact: ItemKind; 0: only judged so far
  received_ms INTEGER NOT NULL,         -- fact
  seen_ms     INTEGER NOT NULL,         -- fact: first seen
  decided     INTEGER NOT NULL DEFAULT 0, -- fact: the newest version that a person decided on
  backfill    INTEGER NOT NULL DEFAULT 0, -- fact
  gone        INTEGER NOT NULL DEFAULT 0, -- fact: GoneBy
  gone_ms     INTEGER NOT NULL DEFAULT 0, -- fact
  removed     INTEGER NOT NULL DEFAULT 0, -- fact: 1: the platform confirmed a removal of ours
  mark        INTEGER NOT NULL DEFAULT 0, -- fact: 1 a person says question, 2 says none
  labels      INTEGER NOT NULL DEFAULT 0  -- fact: bit of each Label that a person set
) STRICT;
CREATE TABLE version (
  item    TEXT NOT NULL,                -- fact
  version INTEGER NOT NULL,             -- fact
  at_ms   INTEGER NOT NULL,             -- fact: received, or edited
  seen_ms INTEGER NOT NULL,             -- fact: first seen
  same    INTEGER NOT NULL,             -- fact: 1: the words of the version before
  PRIMARY KEY (item, version)
) STRICT, WITHOUT ROWID;
CREATE TABLE answer (
  item  TEXT NOT NULL,                  -- fact
  reply TEXT NOT NULL,                  -- fact: our reply, or the action that sent it
  at_ms INTEGER NOT NULL,               -- fact: platform time
  ours  INTEGER NOT NULL,               -- fact: 1: sent by uppsikt, 0: on the platform itself
  PRIMARY KEY (item, reply)
) STRICT, WITHOUT ROWID;
CREATE TABLE judged (
  item     TEXT NOT NULL,               -- fact
  version  INTEGER NOT NULL,            -- fact
  likely   INTEGER NOT NULL,            -- fact: bit of each Label in band likely
  review   INTEGER NOT NULL,            -- fact: bit of each Label in band review
  duty     INTEGER NOT NULL,            -- fact: Duty
  danger   INTEGER NOT NULL,            -- fact
  records  INTEGER NOT NULL,            -- fact: asks for public records
  PRIMARY KEY (item, version)
) STRICT;

-- == matters ==
CREATE TABLE matter (
  matter      TEXT PRIMARY KEY,         -- fact: <item>.<kind letter><round>
  item        TEXT NOT NULL,            -- fact
  account     TEXT NOT NULL,            -- fact
  kind        INTEGER NOT NULL,         -- fact: MatterKind
  round       INTEGER NOT NULL,         -- fact
  version     INTEGER NOT NULL,         -- fact
  state       INTEGER NOT NULL,         -- fact: 0 open, 1 met, 2 withdrawn
  received_ms INTEGER NOT NULL,         -- fact: the clock counts from here
  seen_ms     INTEGER NOT NULL,         -- fact: first seen
  due_ms      INTEGER NOT NULL,         -- fact: 0: none (paused, or only to be seen)
  attended_ms INTEGER NOT NULL,         -- fact
  due_rev     INTEGER NOT NULL,         -- fact
  policy_version   INTEGER NOT NULL,    -- fact
  calendar_version INTEGER NOT NULL,    -- fact
  akut        INTEGER NOT NULL,         -- fact
  duty        INTEGER NOT NULL,         -- fact
  records     INTEGER NOT NULL,         -- fact
  late        INTEGER NOT NULL,         -- fact: late_discovered
  outside     INTEGER NOT NULL DEFAULT 0, -- fact: 1: asks who removed it outside uppsikt
  breached    INTEGER NOT NULL DEFAULT 0, -- fact
  next_step   INTEGER NOT NULL DEFAULT 0, -- fact: number of the next ladder step
  acked_to    INTEGER NOT NULL DEFAULT 0, -- fact: bits of rungs that an ack silences
  held_until  INTEGER NOT NULL DEFAULT 0, -- fact
  owner       TEXT NOT NULL DEFAULT '', -- fact: person who claimed it
  met_ms      INTEGER NOT NULL DEFAULT 0, -- fact
  met_how     INTEGER NOT NULL DEFAULT 0, -- fact: MetHow or WithdrawnHow
  decision    TEXT NOT NULL DEFAULT '', -- fact
  note_ref    INTEGER NOT NULL DEFAULT 0 -- content: DecisionMadeContent
) STRICT;
CREATE INDEX matter_item ON matter(item);
CREATE INDEX matter_open ON matter(due_ms, matter) WHERE state = 0;
-- removals that wait for a second person (sla.md P1, P2)
CREATE TABLE approval (
  approval   TEXT PRIMARY KEY,          -- fact
  matter     TEXT NOT NULL,             -- fact
  version    INTEGER NOT NULL,          -- fact
  reason     TEXT NOT NULL,             -- fact: a row of the rules' own list
  plan_row   TEXT NOT NULL,             -- fact
  person     TEXT NOT NULL,             -- fact: who asks
  expires_ms INTEGER NOT NULL,          -- fact
  state      INTEGER NOT NULL DEFAULT 0, -- fact: 0 waits, 1 approved, 2 refused, 3 expired
  note_ref   INTEGER NOT NULL           -- content: DecisionMadeContent
) STRICT;
CREATE INDEX approval_matter ON approval(matter);
CREATE TABLE step (
  matter  TEXT NOT NULL,                -- fact
  round   INTEGER NOT NULL,             -- fact
  number  INTEGER NOT NULL,             -- fact
  due_rev INTEGER NOT NULL,             -- fact
  time_ms INTEGER NOT NULL,             -- fact
  how     INTEGER NOT NULL,             -- fact: StepFired.How
  PRIMARY KEY (matter, round, number, due_rev)
) STRICT, WITHOUT ROWID;

-- == mails: exactly once a matter, step and person; one mail for all that came together ==
CREATE TABLE pending (
  matter  TEXT NOT NULL,                -- fact
  round   INTEGER NOT NULL,             -- fact
  number  INTEGER NOT NULL,             -- fact
  person  TEXT NOT NULL,                -- fact: person, or unit:<id>, or operations
  due_rev INTEGER NOT NULL,             -- fact
  at_ms   INTEGER NOT NULL,             -- fact
  notice  TEXT NOT NULL DEFAULT '',     -- fact: the mail that carries it; empty: waits
  PRIMARY KEY (matter, round, number, person, due_rev)
) STRICT, WITHOUT ROWID;
CREATE INDEX pending_waiting ON pending(person) WHERE notice = '';
CREATE INDEX pending_mailed ON pending(notice) WHERE notice <> '';
CREATE TABLE notice (
  notice  TEXT PRIMARY KEY,             -- fact
  person  TEXT NOT NULL,                -- fact
  at_ms   INTEGER NOT NULL,             -- fact
  matters INTEGER NOT NULL,             -- fact: how many it names
  state   INTEGER NOT NULL              -- fact: 0 asked for, 1 sent, 2 failed
) STRICT;
CREATE INDEX notice_person ON notice(person, at_ms);
-- the links in mails: the token itself lies in the mail alone
CREATE TABLE link (
  link       TEXT PRIMARY KEY,          -- fact: HMAC-SHA-256 of the token, under the look-up key
  matter     TEXT NOT NULL,             -- fact
  person     TEXT NOT NULL,             -- fact: whom it was sent to
  expires_ms INTEGER NOT NULL           -- fact
) STRICT, WITHOUT ROWID;
CREATE INDEX link_expires ON link(expires_ms);
