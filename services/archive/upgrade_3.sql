-- 3: does a row cover packages (cover.h)? Those of before are known by their kind alone.
ALTER TABLE retention ADD COLUMN packages INTEGER NOT NULL DEFAULT 0; -- fact: 1: it does
-- What lies on the disk still of packages that were disposed of.
CREATE TABLE removal (
  package TEXT NOT NULL,                -- fact
  below   TEXT NOT NULL,                -- fact: the package itself, or the run that something was handed in for
  tries   INTEGER NOT NULL,             -- fact
  PRIMARY KEY (package, below)
) STRICT, WITHOUT ROWID;
