-- 3: what was written is searched (R28). Each column is a fact or a reference to content. Of what was heard
-- before, the account is known where somebody had to look at it.
ALTER TABLE item ADD COLUMN account TEXT NOT NULL DEFAULT ''; -- fact
UPDATE item SET account = coalesce((SELECT m.account FROM matter m WHERE m.item = item.item LIMIT 1), '');
CREATE INDEX version_at ON version(at_ms, item, version);
