-- evidence: the saved copies of what was written, what proves them, what keeps and ends them. Each
-- column is a fact or a reference to content.

-- == the register, kept from registry's events ==
CREATE TABLE authority (
  authority TEXT PRIMARY KEY,           -- fact
  name      TEXT NOT NULL               -- fact: of the authority
) STRICT;
CREATE TABLE unit (
  unit      TEXT PRIMARY KEY,           -- fact
  authority TEXT NOT NULL,              -- fact
  parent    TEXT NOT NULL,              -- fact
  manager   TEXT NOT NULL,              -- fact: person
  head      TEXT NOT NULL               -- fact: person
) STRICT;
CREATE TABLE account (
  account   TEXT PRIMARY KEY,           -- fact
  platform  TEXT NOT NULL,              -- fact
  unit      TEXT NOT NULL,              -- fact
  authority TEXT NOT NULL,              -- fact
  name_ref  INTEGER NOT NULL            -- content: AccountChangedContent
) STRICT;
CREATE TABLE person (
  person  TEXT PRIMARY KEY,             -- fact
  unit    TEXT NOT NULL,                -- fact
  roles   TEXT NOT NULL,                -- fact: " manager operations "
  gone    INTEGER NOT NULL DEFAULT 0,   -- fact: has left
  who_ref INTEGER NOT NULL              -- content: Decider; 0: none or forgotten
) STRICT;
CREATE TABLE access (
  account TEXT NOT NULL,                -- fact
  person  TEXT NOT NULL,                -- fact
  PRIMARY KEY (account, person)
) STRICT, WITHOUT ROWID;
CREATE TABLE retention (
  row           TEXT PRIMARY KEY,       -- fact
  authority     TEXT NOT NULL,          -- fact: empty: all
  action        INTEGER NOT NULL,       -- fact: RetentionRowAdopted.Action
  months        INTEGER NOT NULL,       -- fact: 0: vid inaktualitet
  decision      TEXT NOT NULL,          -- fact: empty: without force
  valid_from_ms INTEGER NOT NULL,       -- fact
  mandate       TEXT NOT NULL           -- fact
) STRICT;

-- == what was written, and what was done about it ==
CREATE TABLE item (
  item        TEXT PRIMARY KEY,         -- fact
  account     TEXT NOT NULL,            -- fact
  platform    TEXT NOT NULL,            -- fact
  kind        INTEGER NOT NULL,         -- fact: ItemKind; 0: ingest's own word has not come; -1: a line (ITEM_LINE)
  received_ms INTEGER NOT NULL,         -- fact
  seen_ms     INTEGER NOT NULL,         -- fact: first seen
  parent      TEXT NOT NULL,            -- fact: our own id
  thread      TEXT NOT NULL,            -- fact: our own id
  lang        TEXT NOT NULL,            -- fact
  newest      INTEGER NOT NULL DEFAULT 0, -- fact: version
  gone_ms     INTEGER NOT NULL DEFAULT 0, -- fact
  unshown     INTEGER NOT NULL DEFAULT 0, -- fact: 1: no picture of it may be fetched or made
  loader      TEXT NOT NULL DEFAULT ''  -- fact: of a line: the person who loaded its file
) STRICT;
CREATE INDEX item_parent ON item(parent);
CREATE INDEX item_account ON item(account, received_ms);
CREATE TABLE version (
  item     TEXT NOT NULL,               -- fact
  version  INTEGER NOT NULL,            -- fact
  at_ms    INTEGER NOT NULL,            -- fact: received, or edited
  text_ref INTEGER NOT NULL,            -- content: CommentReceivedContent; 0: none or forgotten
  PRIMARY KEY (item, version)
) STRICT, WITHOUT ROWID;
CREATE TABLE matter (
  matter    TEXT PRIMARY KEY,           -- fact
  item      TEXT NOT NULL,              -- fact
  kind      INTEGER NOT NULL,           -- fact: MatterKind; 0: only its end was heard so far
  due_ms    INTEGER NOT NULL,           -- fact
  closed_ms INTEGER NOT NULL DEFAULT 0  -- fact: 0: open
) STRICT;
CREATE INDEX matter_item ON matter(item);
CREATE TABLE decision (
  decision TEXT PRIMARY KEY,            -- fact
  matter   TEXT NOT NULL,               -- fact
  item     TEXT NOT NULL,               -- fact
  version  INTEGER NOT NULL,            -- fact
  action   INTEGER NOT NULL,            -- fact: ItemAction
  reason   TEXT NOT NULL,               -- fact
  plan_row TEXT NOT NULL,               -- fact
  law      TEXT NOT NULL,               -- fact
  person   TEXT NOT NULL,               -- fact
  second   TEXT NOT NULL,               -- fact
  at_ms    INTEGER NOT NULL             -- fact
) STRICT;
CREATE INDEX decision_item ON decision(item, at_ms);
CREATE TABLE action (
  action  TEXT PRIMARY KEY,             -- fact
  item    TEXT NOT NULL,                -- fact
  version INTEGER NOT NULL,             -- fact
  what    INTEGER NOT NULL,             -- fact: ItemAction
  at_ms   INTEGER NOT NULL              -- fact
) STRICT;
CREATE INDEX action_item ON action(item);

-- == saved copies ==
-- Which versions must be sealed, how far; from what two services say in any order.
CREATE TABLE wanted (
  item    TEXT NOT NULL,                -- fact
  version INTEGER NOT NULL,             -- fact
  level   INTEGER NOT NULL,             -- fact: SealLevel
  PRIMARY KEY (item, version)
) STRICT, WITHOUT ROWID;
CREATE TABLE record (
  record     TEXT PRIMARY KEY,          -- fact
  item       TEXT NOT NULL,             -- fact
  version    INTEGER NOT NULL,          -- fact
  account    TEXT NOT NULL,             -- fact
  level      INTEGER NOT NULL,          -- fact: SealLevel
  state      INTEGER NOT NULL,          -- fact: 0 gathers, 1 is being written, 2 sealed, 3 gone
  status     TEXT NOT NULL,             -- fact: api-only ok withheld
  folder     TEXT NOT NULL,             -- fact: from the folder of objects
  began_ms   INTEGER NOT NULL,          -- fact: captured_at
  attempt    INTEGER NOT NULL DEFAULT 1, -- fact: of writing
  part       INTEGER NOT NULL DEFAULT 0, -- fact: that is being written
  failures   INTEGER NOT NULL DEFAULT 0, -- fact: of capture and of writing, in a row
  captured   INTEGER NOT NULL DEFAULT 0, -- fact: 1: picture and PDF are there
  sealed_ms  INTEGER NOT NULL DEFAULT 0, -- fact
  files      INTEGER NOT NULL DEFAULT 0, -- fact
  media_gone INTEGER NOT NULL DEFAULT 0, -- fact
  seal       TEXT NOT NULL DEFAULT '',  -- fact: SHA-256(salt || manifest) in hexadecimal
  leaf       INTEGER NOT NULL DEFAULT -1, -- fact: its place in the tree
  proof_ref  INTEGER NOT NULL DEFAULT 0 -- content: EvidenceSealedContent
) STRICT;
CREATE UNIQUE INDEX record_one ON record(item, version, level) WHERE state <> 3;
CREATE INDEX record_account ON record(account, record);
CREATE INDEX record_item ON record(item);
-- Whose words stand in a record's context, too.
CREATE TABLE copy (
  record TEXT NOT NULL,                 -- fact
  item   TEXT NOT NULL,                 -- fact
  PRIMARY KEY (record, item)
) STRICT, WITHOUT ROWID;
CREATE INDEX copy_item ON copy(item);
-- What came from outside into a record's folder before it was sealed.
CREATE TABLE gathered (
  record   TEXT NOT NULL,               -- fact
  path     TEXT NOT NULL,               -- fact: of our own making
  file_ref INTEGER NOT NULL,            -- content: GatheredFile
  PRIMARY KEY (record, path)
) STRICT, WITHOUT ROWID;
CREATE TABLE media (
  record  TEXT NOT NULL,                -- fact
  number  INTEGER NOT NULL,             -- fact: place among the attachments, from 1
  state   INTEGER NOT NULL,             -- fact: 0 waits, 1 kept, 2 gone, 3 refused by our own rules
  tries   INTEGER NOT NULL DEFAULT 0,   -- fact
  PRIMARY KEY (record, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE attempt (
  record TEXT NOT NULL,                 -- fact
  number INTEGER NOT NULL,              -- fact
  try    INTEGER NOT NULL,              -- fact: from 1
  at_ms  INTEGER NOT NULL,              -- fact
  answer TEXT NOT NULL,                 -- fact: 404, timeout ...
  PRIMARY KEY (record, number, try)
) STRICT, WITHOUT ROWID;

-- == the tree over all seals ==
CREATE TABLE node (
  level INTEGER NOT NULL,               -- fact: of complete subtrees; 0: leaves
  place INTEGER NOT NULL,               -- fact
  hash  TEXT NOT NULL,                  -- fact: in hexadecimal
  PRIMARY KEY (level, place)
) STRICT, WITHOUT ROWID;
CREATE TABLE head (
  day   INTEGER PRIMARY KEY,            -- fact: days since 1970 (UTC)
  size  INTEGER NOT NULL,               -- fact
  at_ms INTEGER NOT NULL                -- fact
) STRICT;

-- == who looked: the key says who, to nobody else (R29) ==
CREATE TABLE view (
  key TEXT PRIMARY KEY,                 -- fact: HMAC(record, person, what, day)
  day INTEGER NOT NULL                  -- fact
) STRICT, WITHOUT ROWID;
CREATE INDEX view_day ON view(day);

-- == what keeps a copy, and what ends it ==
CREATE TABLE hold (
  hold        TEXT PRIMARY KEY,         -- fact
  matter      TEXT NOT NULL,            -- fact: empty: the account's
  account     TEXT NOT NULL,            -- fact: empty: the matter's
  item        TEXT NOT NULL,            -- fact: of the matter
  person      TEXT NOT NULL,            -- fact: who placed it
  at_ms       INTEGER NOT NULL,         -- fact
  release_by  TEXT NOT NULL DEFAULT '', -- fact: who asks for its release
  second      TEXT NOT NULL DEFAULT '', -- fact
  released_ms INTEGER NOT NULL DEFAULT 0 -- fact
) STRICT;
CREATE INDEX hold_placed ON hold(account, item) WHERE released_ms = 0;
CREATE TABLE disposal (
  disposal    TEXT PRIMARY KEY,         -- fact
  plan_row    TEXT NOT NULL,            -- fact
  law         TEXT NOT NULL,            -- fact
  decision    TEXT NOT NULL,            -- fact: of the row
  mandate     TEXT NOT NULL,            -- fact: of the row
  authority   TEXT NOT NULL,            -- fact
  person      TEXT NOT NULL,            -- fact: who proposed it
  second      TEXT NOT NULL DEFAULT '', -- fact
  state       INTEGER NOT NULL DEFAULT 0, -- fact: 0 proposed, 1 approved, 2 disposed
  count       INTEGER NOT NULL,         -- fact: of the list
  held        INTEGER NOT NULL,         -- fact
  open        INTEGER NOT NULL,         -- fact
  list_hash   TEXT NOT NULL,            -- fact: of the list that was seen, in hexadecimal
  parts       INTEGER NOT NULL DEFAULT 0, -- fact: events that it takes
  sent        INTEGER NOT NULL DEFAULT 0, -- fact: of them
  keep_span   INTEGER NOT NULL DEFAULT 0, -- fact: how long backups are kept
  proposed_ms INTEGER NOT NULL,         -- fact
  approved_ms INTEGER NOT NULL DEFAULT 0, -- fact
  disposed_ms INTEGER NOT NULL DEFAULT 0, -- fact
  backups_ms  INTEGER NOT NULL DEFAULT 0, -- fact: when the last backup that holds it has expired
  services    TEXT NOT NULL DEFAULT ''  -- fact: who must answer
) STRICT;
-- The clock moved ahead by itself, and nobody has said yet that it is right.
CREATE TABLE jump (
  one     INTEGER PRIMARY KEY,          -- fact: 1
  at_ms   INTEGER NOT NULL,             -- fact
  by_span INTEGER NOT NULL              -- fact: the farthest
) STRICT;
CREATE TABLE listed (
  disposal TEXT NOT NULL,               -- fact
  item     TEXT NOT NULL,               -- fact
  state    INTEGER NOT NULL DEFAULT 0,  -- fact: 0 listed, 1 held, 2 open, 3 approved
  PRIMARY KEY (disposal, item)
) STRICT, WITHOUT ROWID;
CREATE INDEX listed_item ON listed(item);
CREATE TABLE answer (
  disposal TEXT NOT NULL,               -- fact
  service  TEXT NOT NULL,               -- fact
  parts    INTEGER NOT NULL DEFAULT 0,  -- fact: of the disposal's parts
  contents INTEGER NOT NULL DEFAULT 0,  -- fact
  objects  INTEGER NOT NULL DEFAULT 0,  -- fact
  parked   INTEGER NOT NULL DEFAULT 0,  -- fact
  asks     INTEGER NOT NULL DEFAULT 0,  -- fact
  PRIMARY KEY (disposal, service)
) STRICT, WITHOUT ROWID;
-- What archive says that a package keeps.
CREATE TABLE package_copy (
  item     TEXT NOT NULL,               -- fact
  package  TEXT NOT NULL,               -- fact
  plan_row TEXT NOT NULL,               -- fact
  PRIMARY KEY (item, package)
) STRICT, WITHOUT ROWID;
-- Folders that are being removed; the disposal waits for them.
CREATE TABLE removal (
  record   TEXT PRIMARY KEY,            -- fact
  folder   TEXT NOT NULL,               -- fact
  disposal TEXT NOT NULL,               -- fact
  tries    INTEGER NOT NULL DEFAULT 0,  -- fact
  late     INTEGER NOT NULL             -- fact: 1: something outside may still write there
) STRICT;
CREATE INDEX removal_disposal ON removal(disposal);
