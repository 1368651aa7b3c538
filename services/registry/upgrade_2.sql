-- 2: which kinds a row of the plan covers (R21): words of cover.h; a fact. Empty: adopted before it was said.
ALTER TABLE retention ADD COLUMN covers TEXT NOT NULL DEFAULT '';
