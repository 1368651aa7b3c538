-- 5: whose a row of the plan is, and an account (R21); facts, both. '?': heard of before this was kept.
ALTER TABLE plan ADD COLUMN authority TEXT NOT NULL DEFAULT '?';
ALTER TABLE account ADD COLUMN authority TEXT NOT NULL DEFAULT '';
