-- 3: tokens that are renewed here (platforms.md §11). Each column is a fact or a reference to content.
ALTER TABLE connection ADD COLUMN renew_ms INTEGER NOT NULL DEFAULT 0; -- fact: when it is due; 0: never
