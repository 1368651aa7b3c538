-- 7: what was met, and is decided anew (R20, R25): what it was met by first is what counts. Facts, both.
ALTER TABLE matter ADD COLUMN first_ms INTEGER NOT NULL DEFAULT 0; -- fact: when; 0: it was never decided anew
ALTER TABLE matter ADD COLUMN first_how INTEGER NOT NULL DEFAULT 0; -- fact: MetHow
