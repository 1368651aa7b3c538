-- 6: what was met, and is decided anew (R20, R25): when it was met first is what counts. A fact.
ALTER TABLE matter ADD COLUMN first_ms INTEGER NOT NULL DEFAULT 0; -- fact: 0: it was never decided anew
