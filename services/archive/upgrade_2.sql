-- 2: does a row cover packages (cover.h)? Those of before are known by their kind alone.
ALTER TABLE retention ADD COLUMN packages INTEGER NOT NULL DEFAULT 0; -- fact: 1: it does
