-- 2: why something is held, and when somebody looks again (R23); facts, both.
ALTER TABLE hold ADD COLUMN reason TEXT NOT NULL DEFAULT '';
ALTER TABLE hold ADD COLUMN review_ms INTEGER NOT NULL DEFAULT 0;
