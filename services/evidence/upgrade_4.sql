-- 4: what a row covers (R21); facts, all. A row that was adopted before has no kinds, and nothing is disposed of by it
-- before it is adopted anew; nor is a list of before approved.
ALTER TABLE retention ADD COLUMN process TEXT NOT NULL DEFAULT '';
ALTER TABLE retention ADD COLUMN kind TEXT NOT NULL DEFAULT ''; -- fact: in the plan's own words
ALTER TABLE retention ADD COLUMN covers TEXT NOT NULL DEFAULT ''; -- fact: words of cover.h
ALTER TABLE disposal ADD COLUMN process TEXT NOT NULL DEFAULT '';
ALTER TABLE disposal ADD COLUMN kind TEXT NOT NULL DEFAULT '';
ALTER TABLE disposal ADD COLUMN covers TEXT NOT NULL DEFAULT '';
ALTER TABLE disposal ADD COLUMN by_kind INTEGER NOT NULL DEFAULT 0; -- fact: 0: a list of before
