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
-- Rows of the document-management plan: a removal may cite one that is in force (R21).
CREATE TABLE plan (
  plan_row      TEXT PRIMARY KEY,       -- fact
  action        INTEGER NOT NULL,       -- fact: RetentionRowAdopted.Action
  decision      TEXT NOT NULL,          -- fact: empty: without force
  valid_from_ms INTEGER NOT NULL        -- fact
) STRICT;
CREATE TABLE absence (
  absence  TEXT PRIMARY KEY,            -- fact
  person   TEXT NOT NULL,               -- fact
  refired  INTEGER NOT NULL DEFAULT 0,  -- fact: 1: those who stand in were told at once (V7)
  when_ref INTEGER NOT NULL             -- content: AbsenceSetContent
) STRICT;
CREATE INDEX absence_person ON absence(person);
CREATE TABLE account (
  account  TEXT PRIMARY KEY,            -- fact
  platform TEXT NOT NULL,               -- fact
  unit     TEXT NOT NULL,               -- fact
  state    INTEGER NOT NULL,            -- fact: AccountChanged.State
  watch    INTEGER NOT NULL,            -- fact: AccountChanged.Watch
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
  labels      INTEGER NOT NULL DEFAULT 0, -- fact: bit of each Label that a person set
  target      TEXT NOT NULL DEFAULT '', -- fact: person whom it is about (E29)
  thread      TEXT NOT NULL DEFAULT '', -- fact: item or own post at the top
  root        TEXT NOT NULL DEFAULT '', -- fact: the conversation's first; empty: itself (§3.4)
  repeats     TEXT NOT NULL DEFAULT '', -- fact: the cluster's first; empty: itself (E19)
  echoes      TEXT NOT NULL DEFAULT '', -- fact: the first that says the same; empty: itself (E20)
  twin        TEXT NOT NULL DEFAULT ''  -- fact: the same on another account (E21)
) STRICT;
CREATE INDEX item_root ON item(root);
CREATE INDEX item_repeats ON item(repeats);
CREATE INDEX item_echoes ON item(echoes);
CREATE INDEX item_twin ON item(twin);
CREATE INDEX item_thread ON item(thread);
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
  kind  INTEGER NOT NULL,               -- fact: ReplyKind
  PRIMARY KEY (item, reply)
) STRICT, WITHOUT ROWID;
-- own words elsewhere in the thread: they may be the answer (E17)
CREATE TABLE aside (
  reply  TEXT PRIMARY KEY,              -- fact
  thread TEXT NOT NULL,                 -- fact
  item   TEXT NOT NULL,                 -- fact: which it may answer; empty: the thread is all
  at_ms  INTEGER NOT NULL               -- fact: platform time
) STRICT, WITHOUT ROWID;
CREATE INDEX aside_thread ON aside(thread);
CREATE INDEX aside_item ON aside(item);
-- "besvarad?": no
CREATE TABLE no_answer (
  matter TEXT NOT NULL,                 -- fact
  reply  TEXT NOT NULL,                 -- fact
  PRIMARY KEY (matter, reply)
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
  errand      INTEGER NOT NULL DEFAULT 0, -- fact: enum errand; 0: a comment or a question
  about       TEXT NOT NULL DEFAULT '', -- fact: what the errand is about
  detail      TEXT NOT NULL DEFAULT '', -- fact: a finding's kind; why a capture
  unit        TEXT NOT NULL DEFAULT '', -- fact: whose errand, when no account's
  given_ms    INTEGER NOT NULL DEFAULT 0, -- fact: the errand's day, when somebody else set it
  root        TEXT NOT NULL DEFAULT '', -- fact: question: the conversation's first item
  answer      INTEGER NOT NULL DEFAULT 0, -- fact: 1: the answer clock, after an interim reply
  danger      INTEGER NOT NULL DEFAULT 0, -- fact: to life or to a child
  breached    INTEGER NOT NULL DEFAULT 0, -- fact
  next_step   INTEGER NOT NULL DEFAULT 0, -- fact: number of the next ladder step
  acked_to    INTEGER NOT NULL DEFAULT 0, -- fact: bits of rungs that an ack silences
  held_until  INTEGER NOT NULL DEFAULT 0, -- fact
  owner       TEXT NOT NULL DEFAULT '', -- fact: person who claimed it, or took it over
  away_owner  TEXT NOT NULL DEFAULT '', -- fact: person from whom it was released (V6)
  snoozed_ms  INTEGER NOT NULL DEFAULT 0, -- fact: reminders are silent until then (E23)
  handed_to   TEXT NOT NULL DEFAULT '', -- fact: officer whose word is waited for (E24)
  handed_from TEXT NOT NULL DEFAULT '', -- fact: person who asks
  accept_ms   INTEGER NOT NULL DEFAULT 0, -- fact: until when
  asked       INTEGER NOT NULL DEFAULT 0, -- fact: 1: fråga: the owner stays
  handovers   INTEGER NOT NULL DEFAULT 0, -- fact: how many there were
  failed      TEXT NOT NULL DEFAULT '', -- fact: why the platform cannot: a key
  proposed_reply    TEXT NOT NULL DEFAULT '', -- fact: "besvarad?"
  proposed_ms       INTEGER NOT NULL DEFAULT 0, -- fact: platform time
  proposed_decision TEXT NOT NULL DEFAULT '', -- fact: of another one of its cluster
  proposed_action   INTEGER NOT NULL DEFAULT 0, -- fact: ItemAction
  cause       TEXT NOT NULL DEFAULT '', -- fact: of a miss
  met_ms      INTEGER NOT NULL DEFAULT 0, -- fact
  met_how     INTEGER NOT NULL DEFAULT 0, -- fact: MetHow or WithdrawnHow
  decision    TEXT NOT NULL DEFAULT '', -- fact
  note_ref    INTEGER NOT NULL DEFAULT 0 -- content: DecisionMadeContent
) STRICT;
CREATE INDEX matter_item ON matter(item);
CREATE INDEX matter_root ON matter(root);
CREATE INDEX matter_about ON matter(about);
CREATE INDEX matter_owner ON matter(owner);
CREATE INDEX matter_handed ON matter(handed_to);
CREATE INDEX matter_away ON matter(away_owner);
CREATE INDEX matter_received ON matter(received_ms);
CREATE INDEX matter_account ON matter(account) WHERE state = 0;
CREATE INDEX matter_open ON matter(due_ms, matter) WHERE state = 0;
-- when the answer clock stands still (§3.4)
CREATE TABLE pause (
  matter  TEXT NOT NULL,                -- fact
  from_ms INTEGER NOT NULL,             -- fact
  to_ms   INTEGER NOT NULL,             -- fact: 9223372036854775807: it is open
  PRIMARY KEY (matter, from_ms)
) STRICT, WITHOUT ROWID;
-- officers' words, to be published in their name (E24)
CREATE TABLE draft (
  draft    TEXT PRIMARY KEY,            -- fact
  matter   TEXT NOT NULL,               -- fact
  person   TEXT NOT NULL,               -- fact
  at_ms    INTEGER NOT NULL,            -- fact
  text_ref INTEGER NOT NULL             -- content: ReplyDraftedContent
) STRICT;
CREATE INDEX draft_matter ON draft(matter);
-- decisions: what is looked through afterwards, and what a cluster inherits
CREATE TABLE decision (
  decision TEXT PRIMARY KEY,            -- fact
  item     TEXT NOT NULL,               -- fact
  account  TEXT NOT NULL,               -- fact
  version  INTEGER NOT NULL,            -- fact
  action   INTEGER NOT NULL,            -- fact: ItemAction
  person   TEXT NOT NULL,               -- fact
  second   TEXT NOT NULL,               -- fact
  law      TEXT NOT NULL,               -- fact
  alone    INTEGER NOT NULL,            -- fact
  at_ms    INTEGER NOT NULL             -- fact
) STRICT;
CREATE INDEX decision_item ON decision(item);
CREATE INDEX decision_at ON decision(at_ms);
-- the decisions of a month's sample (P5)
CREATE TABLE sampled (
  matter   TEXT NOT NULL,               -- fact
  decision TEXT NOT NULL,               -- fact
  PRIMARY KEY (matter, decision)
) STRICT, WITHOUT ROWID;
-- when an account saw nothing, or let nobody in (E28)
CREATE TABLE outage (
  account TEXT NOT NULL,                -- fact
  from_ms INTEGER NOT NULL,             -- fact
  to_ms   INTEGER NOT NULL,             -- fact: 0: it goes on
  locked  INTEGER NOT NULL,             -- fact: 1: the platform does not let us in
  PRIMARY KEY (account, from_ms)
) STRICT, WITHOUT ROWID;
-- what holds for the whole service: "jump" (T10)
CREATE TABLE hold (
  hold     TEXT PRIMARY KEY,            -- fact
  until_ms INTEGER NOT NULL             -- fact
) STRICT;
-- removals that wait for a second person (sla.md P1, P2)
CREATE TABLE approval (
  approval   TEXT PRIMARY KEY,          -- fact
  matter     TEXT NOT NULL,             -- fact
  version    INTEGER NOT NULL,          -- fact
  reason     TEXT NOT NULL,             -- fact: a row of the rules' own list
  plan_row   TEXT NOT NULL,             -- fact
  law        TEXT NOT NULL,             -- fact
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
