-- console: who may sign in, and what is shown: a projection of what the owners say. Each column is
-- a fact or a reference to content. Tables are apart by who says it, so that what two services say
-- of one thing commutes.

-- == its own: sign-in ==
CREATE TABLE login (
  person     TEXT PRIMARY KEY,          -- fact
  name_key   TEXT NOT NULL UNIQUE,      -- fact: keyed hash of what she types
  secret_ref INTEGER NOT NULL           -- content: LoginSecret
) STRICT;
CREATE TABLE session (
  token    TEXT PRIMARY KEY,            -- fact: SHA-256 of the cookie's token
  session  TEXT NOT NULL,               -- fact
  person   TEXT NOT NULL,               -- fact
  begun_ms INTEGER NOT NULL,            -- fact
  seen_ms  INTEGER NOT NULL             -- fact
) STRICT;
CREATE INDEX session_person ON session(person);
-- who tried in vain: a name or an address, as a keyed hash; a restart does not help her
CREATE TABLE failed_try (
  who      TEXT PRIMARY KEY,            -- fact: keyed hash
  n        INTEGER NOT NULL,            -- fact
  until_ms INTEGER NOT NULL             -- fact: not before this
) STRICT;

-- == the register, from registry ==
CREATE TABLE unit (
  unit      TEXT PRIMARY KEY,           -- fact
  parent    TEXT NOT NULL,              -- fact
  authority TEXT NOT NULL,              -- fact
  manager   TEXT NOT NULL,              -- fact: person
  head      TEXT NOT NULL,              -- fact: person
  communications INTEGER NOT NULL       -- fact: 1: the communications unit
) STRICT;
CREATE TABLE person (
  person  TEXT PRIMARY KEY,             -- fact
  unit    TEXT NOT NULL,                -- fact
  roles   TEXT NOT NULL,                -- fact: " manager reader "
  gone    INTEGER NOT NULL DEFAULT 0,   -- fact: has left
  who_ref INTEGER NOT NULL              -- content: PersonRegisteredContent
) STRICT;
CREATE TABLE account (
  account   TEXT PRIMARY KEY,           -- fact
  platform  TEXT NOT NULL,              -- fact
  unit      TEXT NOT NULL,              -- fact
  authority TEXT NOT NULL,              -- fact
  state     INTEGER NOT NULL,           -- fact: AccountChanged.State
  watch     INTEGER NOT NULL,           -- fact: AccountChanged.Watch
  reviewed_ms INTEGER NOT NULL DEFAULT 0, -- fact
  name_ref  INTEGER NOT NULL            -- content: AccountChangedContent
) STRICT;
CREATE TABLE access (
  account TEXT NOT NULL,                -- fact
  person  TEXT NOT NULL,                -- fact
  rank    INTEGER NOT NULL,             -- fact
  PRIMARY KEY (account, person)
) STRICT;
CREATE TABLE plan (
  plan_row  TEXT PRIMARY KEY,           -- fact
  authority TEXT NOT NULL,              -- fact
  process   TEXT NOT NULL,              -- fact
  kind      TEXT NOT NULL,              -- fact: kind of document
  action    INTEGER NOT NULL,           -- fact: RetentionRowAdopted.Action
  decision  TEXT NOT NULL               -- fact: empty: without force
) STRICT;
CREATE TABLE finding (
  finding   TEXT PRIMARY KEY,           -- fact
  kind      TEXT NOT NULL,              -- fact
  account   TEXT NOT NULL,              -- fact
  fact      TEXT NOT NULL,              -- fact: which one
  due_ms    INTEGER NOT NULL,           -- fact
  cleared   INTEGER NOT NULL DEFAULT 0  -- fact
) STRICT;
CREATE INDEX finding_account ON finding(account) WHERE cleared = 0;

-- Who may act on an account, as escalation has it: who has access; the manager of its unit and the
-- nearest sector head; the communications unit.
CREATE VIEW may_act AS
WITH RECURSIVE up(account, head, parent, link) AS (
  SELECT c.account, u.head, u.parent, 0 FROM account c JOIN unit u ON u.unit = c.unit
  UNION ALL
  SELECT up.account, u.head, u.parent, up.link + 1 FROM up JOIN unit u ON u.unit = up.parent
    WHERE up.head = '' AND up.link < 6
)
SELECT x.person AS person, x.account AS account FROM access x JOIN person p USING (person)
  WHERE p.gone = 0
UNION
SELECT p.person, c.account FROM account c JOIN person p JOIN unit u ON u.unit = p.unit
  WHERE u.communications = 1 AND p.gone = 0
UNION
SELECT u.manager, c.account FROM account c JOIN unit u ON u.unit = c.unit WHERE u.manager <> ''
UNION
SELECT head, account FROM up WHERE head <> '';
-- Who may see what is written on it: these, and the registrar and the archivist.
CREATE VIEW may_see AS
SELECT person, account FROM may_act
UNION
SELECT p.person, c.account FROM person p JOIN account c
  WHERE p.gone = 0 AND (instr(p.roles, ' registrar ') OR instr(p.roles, ' archivist '));

-- == what was written, from ingest ==
CREATE TABLE item (
  item        TEXT PRIMARY KEY,         -- fact
  kind        INTEGER NOT NULL DEFAULT 0, -- fact: ItemKind
  platform    TEXT NOT NULL DEFAULT '', -- fact
  attachments INTEGER NOT NULL DEFAULT 0, -- fact
  hidden      INTEGER NOT NULL DEFAULT 0, -- fact
  gone        INTEGER NOT NULL DEFAULT 0, -- fact: 1 + GoneBy
  gone_ms     INTEGER NOT NULL DEFAULT 0 -- fact
) STRICT;
CREATE TABLE version (
  item     TEXT NOT NULL,               -- fact
  version  INTEGER NOT NULL,            -- fact
  at_ms    INTEGER NOT NULL,            -- fact
  what_ref INTEGER NOT NULL,            -- content: CommentReceivedContent
  PRIMARY KEY (item, version)
) STRICT;
CREATE TABLE reply (
  reply    TEXT PRIMARY KEY,            -- fact
  item     TEXT NOT NULL,               -- fact
  at_ms    INTEGER NOT NULL,            -- fact
  signed   INTEGER NOT NULL,            -- fact
  text_ref INTEGER NOT NULL             -- content: ReplySeenContent
) STRICT;
CREATE INDEX reply_item ON reply(item);
CREATE TABLE action (
  action  TEXT PRIMARY KEY,             -- fact
  item    TEXT NOT NULL,                -- fact
  matter  TEXT NOT NULL,                -- fact
  version INTEGER NOT NULL,             -- fact
  what    INTEGER NOT NULL,             -- fact: ItemAction
  state   TEXT NOT NULL,                -- fact: done refused manual
  reason  TEXT NOT NULL,                -- fact
  at_ms   INTEGER NOT NULL              -- fact
) STRICT;
CREATE INDEX action_item ON action(item);
CREATE TABLE health (
  account TEXT PRIMARY KEY,             -- fact
  state   INTEGER NOT NULL,             -- fact: AccountHealthChanged.State
  blind_since_ms   INTEGER NOT NULL,    -- fact
  token_expires_ms INTEGER NOT NULL     -- fact
) STRICT;

-- == what the machine thinks, from classify ==
CREATE TABLE judged (
  item    TEXT NOT NULL,                -- fact
  version INTEGER NOT NULL,             -- fact
  likely  INTEGER NOT NULL,             -- fact: bit of each Label in band likely
  review  INTEGER NOT NULL,             -- fact: bit of each Label in band review
  danger  INTEGER NOT NULL,             -- fact
  reasons_ref INTEGER NOT NULL,         -- content: CommentClassifiedContent
  PRIMARY KEY (item, version)
) STRICT;

-- == matters and decisions, from escalation ==
CREATE TABLE matter (
  matter      TEXT PRIMARY KEY,         -- fact
  item        TEXT NOT NULL,            -- fact
  account     TEXT NOT NULL,            -- fact
  kind        INTEGER NOT NULL,         -- fact: MatterKind
  round       INTEGER NOT NULL,         -- fact
  version     INTEGER NOT NULL,         -- fact
  received_ms INTEGER NOT NULL,         -- fact
  due_ms      INTEGER NOT NULL,         -- fact: 0: none
  attended_ms INTEGER NOT NULL,         -- fact
  order_ms    INTEGER NOT NULL,         -- fact: place in its list
  akut        INTEGER NOT NULL,         -- fact
  duty        INTEGER NOT NULL,         -- fact
  late        INTEGER NOT NULL,         -- fact
  records     INTEGER NOT NULL,         -- fact
  state       INTEGER NOT NULL DEFAULT 0, -- fact: 0 open, 1 met, 2 withdrawn
  how         INTEGER NOT NULL DEFAULT 0, -- fact: MetHow or WithdrawnHow
  within      INTEGER NOT NULL DEFAULT 0, -- fact: bit 1 within due, bit 2 within attended
  ended_ms    INTEGER NOT NULL DEFAULT 0, -- fact
  breached    INTEGER NOT NULL DEFAULT 0, -- fact
  owner       TEXT NOT NULL DEFAULT '', -- fact: person
  owner_until INTEGER NOT NULL DEFAULT 0, -- fact: end of the lease
  errand      TEXT NOT NULL DEFAULT '', -- fact: what somebody must do; empty: a comment or question
  proposed    TEXT NOT NULL DEFAULT '', -- fact: a reply that may have answered it
  handed_to   TEXT NOT NULL DEFAULT '', -- fact: person whose yes or words it waits for
  asked       INTEGER NOT NULL DEFAULT 0, -- fact: 1: her words (fråga), 0: her yes (ta över)
  handed_by   TEXT NOT NULL DEFAULT ''  -- fact: person
) STRICT;
CREATE INDEX matter_open ON matter(order_ms, matter) WHERE state = 0;
CREATE INDEX matter_item ON matter(item);
CREATE TABLE decision (
  decision TEXT PRIMARY KEY,            -- fact
  matter   TEXT NOT NULL,               -- fact
  item     TEXT NOT NULL,               -- fact
  account  TEXT NOT NULL,               -- fact
  version  INTEGER NOT NULL,            -- fact
  action   INTEGER NOT NULL,            -- fact: ItemAction
  reason   TEXT NOT NULL,               -- fact
  plan_row TEXT NOT NULL,               -- fact
  law      TEXT NOT NULL,               -- fact
  at_ms    INTEGER NOT NULL             -- fact
) STRICT;
CREATE INDEX decision_item ON decision(item);
CREATE TABLE approval (
  approval   TEXT PRIMARY KEY,          -- fact
  matter     TEXT NOT NULL,             -- fact
  person     TEXT NOT NULL,             -- fact: who asks
  expires_ms INTEGER NOT NULL,          -- fact
  ended      INTEGER NOT NULL DEFAULT 0 -- fact
) STRICT;
CREATE INDEX approval_matter ON approval(matter);
CREATE TABLE step (
  step TEXT NOT NULL,                   -- fact: of the ladder
  day  INTEGER NOT NULL,                -- fact: days since 1970, UTC
  n    INTEGER NOT NULL,                -- fact
  PRIMARY KEY (step, day)
) STRICT;
-- an officer's words, to be published in her name (sla.md E24)
CREATE TABLE draft (
  draft    TEXT PRIMARY KEY,            -- fact
  matter   TEXT NOT NULL,               -- fact
  item     TEXT NOT NULL,               -- fact
  person   TEXT NOT NULL,               -- fact
  at_ms    INTEGER NOT NULL,            -- fact
  text_ref INTEGER NOT NULL             -- content: ReplyDraftedContent
) STRICT;
CREATE INDEX draft_matter ON draft(matter);
-- a matter's history, one line each, in the order in which it was heard
CREATE TABLE happening (
  n      INTEGER PRIMARY KEY,           -- fact
  item   TEXT NOT NULL,                 -- fact
  matter TEXT NOT NULL,                 -- fact
  at_ms  INTEGER NOT NULL,              -- fact
  what   TEXT NOT NULL,                 -- fact: a key of the catalogue
  person TEXT NOT NULL,                 -- fact
  detail TEXT NOT NULL,                 -- fact
  note_ref INTEGER NOT NULL             -- content: DecisionMadeContent, MatterNotedContent; 0: none
) STRICT;
CREATE INDEX happening_item ON happening(item, at_ms);

-- was the account watched that day (R13)?
CREATE TABLE watch (
  account TEXT NOT NULL,                -- fact
  day     INTEGER NOT NULL,             -- fact: days since 1970, local
  watched INTEGER NOT NULL,             -- fact
  PRIMARY KEY (account, day)
) STRICT;

-- == what is saved, held, disposed of, from evidence ==
CREATE TABLE seal (
  item    TEXT NOT NULL,                -- fact
  version INTEGER NOT NULL,             -- fact
  level   INTEGER NOT NULL,             -- fact: SealLevel
  record  TEXT NOT NULL,                -- fact
  at_ms   INTEGER NOT NULL,             -- fact
  media_gone INTEGER NOT NULL,          -- fact
  PRIMARY KEY (item, version, level)
) STRICT;
CREATE TABLE hold (
  hold    TEXT PRIMARY KEY,             -- fact
  matter  TEXT NOT NULL,                -- fact
  account TEXT NOT NULL,                -- fact
  person  TEXT NOT NULL,                -- fact
  at_ms   INTEGER NOT NULL,             -- fact
  released INTEGER NOT NULL DEFAULT 0   -- fact
) STRICT;
CREATE TABLE disposal (
  disposal TEXT PRIMARY KEY,            -- fact
  state    TEXT NOT NULL,               -- fact: proposed approved disposed
  plan_row TEXT NOT NULL,               -- fact
  decision TEXT NOT NULL DEFAULT '',    -- fact
  n        INTEGER NOT NULL,            -- fact
  held     INTEGER NOT NULL DEFAULT 0,  -- fact
  sha256   TEXT NOT NULL,               -- fact: of the list, hex
  person   TEXT NOT NULL,               -- fact: who proposed
  second   TEXT NOT NULL DEFAULT '',    -- fact
  at_ms    INTEGER NOT NULL             -- fact
) STRICT;

-- == from archive ==
CREATE TABLE package (
  package TEXT PRIMARY KEY,             -- fact
  account TEXT NOT NULL,                -- fact
  at_ms   INTEGER NOT NULL              -- fact
) STRICT;
