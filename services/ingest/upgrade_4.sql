-- 4: a decision takes back what was decided before it (R25). Each column is a fact or a reference to content.
ALTER TABLE action ADD COLUMN recalled INTEGER NOT NULL DEFAULT 0; -- fact: 1: a newer decision takes it back
