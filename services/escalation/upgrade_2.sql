-- 2: what comes back by mail (R17). Each column is a fact or a reference to content.
CREATE TABLE mailbox (
  one      INTEGER PRIMARY KEY CHECK (one = 1), -- fact
  validity INTEGER NOT NULL,            -- fact: IMAP's UIDVALIDITY
  after    INTEGER NOT NULL,            -- fact: the last UID that was read
  calls    INTEGER NOT NULL,            -- fact: how often it was asked
  asked    INTEGER NOT NULL             -- fact: 1: the answer has not come yet
) STRICT;
CREATE TABLE heard_mail (
  mail  TEXT PRIMARY KEY,               -- fact: SHA-256 of its bytes
  at_ms INTEGER NOT NULL                -- fact
) STRICT, WITHOUT ROWID;
CREATE INDEX heard_mail_at ON heard_mail(at_ms);
