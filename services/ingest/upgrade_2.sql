-- 2: what platforms count below a comment (platforms.md §9). Each column is a fact or a reference to content.
CREATE TABLE thread_size (
  item  TEXT PRIMARY KEY,               -- fact
  below INTEGER NOT NULL                -- fact: as the platform said when it was walked last
) STRICT, WITHOUT ROWID;
