-- 3: tokens that are renewed here (platforms.md §11); why an account is as it is, and which version of its platform's
-- interface is spoken (§10). Each column is a fact or a reference to content.
ALTER TABLE connection ADD COLUMN renew_ms INTEGER NOT NULL DEFAULT 0; -- fact: when it is due; 0: never
ALTER TABLE connection ADD COLUMN reason TEXT NOT NULL DEFAULT '';  -- fact: AccountHealthChanged.reason_class
ALTER TABLE connection ADD COLUMN version TEXT NOT NULL DEFAULT ''; -- fact: as configured at the last look
