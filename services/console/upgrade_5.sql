-- 5: what was decided on the same words by the same author (sla.md E19). Each column is a fact.
CREATE TABLE proposal (
  matter   TEXT PRIMARY KEY, -- fact
  decision TEXT NOT NULL, -- fact
  action   INTEGER NOT NULL -- fact: ItemAction
) STRICT;
-- of an open matter, whose words are as they were when it was said
CREATE VIEW proposed AS
SELECT p.matter AS matter FROM proposal p JOIN matter m USING (matter) WHERE m.state = 0
  AND NOT EXISTS (SELECT 1 FROM version v WHERE v.item = m.item AND v.version > 1);
