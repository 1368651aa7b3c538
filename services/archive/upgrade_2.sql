-- 2: windows of one authority's own (R02, R26). Each column is a fact.
ALTER TABLE policy ADD COLUMN authority TEXT NOT NULL DEFAULT ''; -- fact: empty: the whole body; its own without a text: it goes by the body's again
ALTER TABLE plan RENAME TO plan_1;
CREATE TABLE plan (
  authority TEXT PRIMARY KEY,           -- fact: whose windows; empty: the body's
  campaign TEXT NOT NULL,               -- fact
  from_ms  INTEGER NOT NULL,            -- fact
  to_ms    INTEGER NOT NULL             -- fact
) STRICT;
INSERT INTO plan SELECT '', campaign, from_ms, to_ms FROM plan_1;
DROP TABLE plan_1;
ALTER TABLE campaign RENAME TO campaign_1;
CREATE TABLE campaign (
  campaign  TEXT NOT NULL,              -- fact: 2026-2
  authority TEXT NOT NULL,              -- fact: whose windows; empty: the body's
  from_ms   INTEGER NOT NULL,           -- fact
  to_ms     INTEGER NOT NULL,           -- fact: the window's end, exclusive
  PRIMARY KEY (campaign, authority)
) STRICT;
INSERT INTO campaign SELECT campaign, '', from_ms, to_ms FROM campaign_1;
DROP TABLE campaign_1;
