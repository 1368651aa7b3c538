#!/usr/bin/env python3
"""The corpus keeps its own rules: format, labels, ids, no text twice, none of dev.tsv, a share of
English, every group in every theme's file (R18, R19)."""
import collections
import glob
import os
import re
import sys
import unicodedata

HERE = os.path.dirname(os.path.abspath(__file__))
LABELS = ["ok", "question", "violence_porn", "copyright", "profanity", "attack", "hate",
          "incitement", "political", "advertising", "personal_data", "confidential"]
VIOLATIONS = set(LABELS[2:])
DEV = [os.path.join(HERE, "..", "dev.tsv")]


def bare(text):
    """What makes two rows the same row: letters and digits alone."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())


def rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        content = file.read()
    assert content.endswith("\n") and "\r" not in content, "LF, and one at the end"
    lines = content[:-1].split("\n")
    assert lines[0] == "id\tlang\tlabels\ttext", "the header"
    for number, line in enumerate(lines[1:], 2):
        yield number, line.split("\t")


def complaints_about(row):
    if len(row) != 4:
        return ["not four columns"]
    ident, lang, labels, text = row
    wrong = []
    if not re.fullmatch(r"[cd]-[a-z-]+-\d{4}", ident):
        wrong.append(f"id {ident}")
    if lang not in ("sv", "en"):
        wrong.append(f"lang {lang}")
    names = labels.split(",")
    places = [LABELS.index(name) if name in LABELS else -1 for name in names]
    if -1 in places or places != sorted(set(places)):
        wrong.append(f"labels {labels}")
    if ("ok" in names) == bool(VIOLATIONS & set(names)):
        wrong.append("ok stands exactly when there is no violation")
    if text != text.strip() or not text:
        wrong.append("blanks around the text, or none")
    return wrong


def main():
    wrong = []
    ids, texts = {}, {}
    languages, groups = collections.Counter(), collections.Counter()
    paths = sorted(glob.glob(os.path.join(HERE, "*.tsv")))
    themes = {os.path.basename(path)[:-4] for path in paths}
    extra = [path for path in DEV if os.path.exists(path)]
    for path in paths + [p for p in extra if p not in paths]:
        name = os.path.basename(path)
        for number, row in rows(path):
            where = f"{name}:{number}"
            wrong += [f"{where}: {what}" for what in complaints_about(row)]
            if len(row) != 4:
                continue
            ident, lang, _, text = row
            for seen, key, what in ((ids, ident, "id"), (texts, bare(text) or text, "text")):
                if key in seen:
                    wrong.append(f"{where}: the {what} stands in {seen[key]} too")
                seen[key] = where
            languages[lang] += 1
            theme = name[:-4]
            if ident.startswith("c-"):
                if not re.search(rf"-{re.escape(theme)}-\d+$", ident):
                    wrong.append(f"{where}: the id does not name the theme")
                groups[ident[2:].rsplit("-", 2)[0]] += 1
    with open(os.path.join(HERE, "SPLIT"), encoding="utf-8") as file:
        frozen = [line.strip() for line in file if line.strip()]
    wrong += [f"SPLIT: no theme {theme}" for theme in frozen if theme not in themes]
    total = sum(languages.values())
    share = languages["en"] / total if total else 0
    if not 0.05 <= share <= 0.25:
        wrong.append(f"{share:.2f} of the rows are English")
    wrong += [f"group {name} has {n} rows only" for name, n in groups.items() if n < 10]
    for line in wrong:
        print(line, file=sys.stderr)
    print(f"{total} rows, {len(themes)} themes, {len(frozen)} frozen, {len(groups)} groups, "
          f"{share:.0%} English, {len(wrong)} complaints")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
