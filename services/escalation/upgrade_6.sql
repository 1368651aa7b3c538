-- 6: policies of one authority's own (R02). Each column is a fact.
ALTER TABLE policy ADD COLUMN authority TEXT NOT NULL DEFAULT ''; -- fact: empty: the whole body
ALTER TABLE policy ADD COLUMN own INTEGER NOT NULL DEFAULT 1; -- fact: 0: the authority goes by the body's again
-- read before each input: all that is asked, without the texts
CREATE INDEX policy_in_force ON policy(authority, version, began, valid_from_ms, revision, own);
