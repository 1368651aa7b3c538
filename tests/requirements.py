"""Which passed cases carry which promise of the product (R01-R45)?

A case belongs to R20 when its own name or PASS line says r20, or the comment right above its function
does, or the comment at the head of its file. A number below stands for cases that passed in this run:
a promise that no passed case carries is a failure of the run, not a gap in a table.
"""
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Ids that the requirements leave out.
UNUSED = range(33, 40)
IDS = [f"R{n:02}" for n in range(1, 46) if n not in UNUSED]

ID = re.compile(r"(?<![0-9A-Za-z])[Rr]([0-4][0-9])(?![0-9])")
SPAN = re.compile(r"\bR([0-4][0-9])-R?([0-4][0-9])\b")
# A comment (or none) and the function after it that a test program runs.
CASE = re.compile(r"(?:/\*((?:(?!\*/).)*)\*/\s*)?static void (\w+)\(void \*\*\w+\)", re.S)
HEAD = re.compile(r"/\*(.*?)\*/|\"\"\"(.*?)\"\"\"", re.S)


def ids(text):
    """The promises that a text names; "R20-R23" is four."""
    text = text or ""
    found = {f"R{n}" for n in ID.findall(text.replace("_", " "))}
    for low, high in SPAN.findall(text):
        found |= {f"R{n:02}" for n in range(int(low), int(high) + 1)}
    return found & set(IDS)


def test_files():
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files", "*_test.c", "*_test.py", "*_test.mjs", "*_fuzz.c"],
                            capture_output=True, text=True, check=False).stdout.split()
    return [ROOT / f for f in listed] or [p for p in ROOT.rglob("*_test.*") if "build" not in p.parts]


def sources():
    """{case name: ids} from the C tests, and {stem of the file: ids of its head}."""
    cases, heads = {}, {}
    for path in test_files():
        text = path.read_text(encoding="utf-8")
        head = HEAD.search(text)
        head_ids = ids(head.group(0)) if head and head.start() < 200 else set()
        heads[path.stem] = heads.get(path.stem, set()) | head_ids
        if path.suffix == ".c":
            for comment, name in CASE.findall(text):
                cases[name] = cases.get(name, set()) | ids(comment) | ids(name) | head_ids
    return cases, heads


def count(results):
    """{id: how many cases passed that carry it}; `results` as results.py keeps them."""
    cases, heads = sources()
    seen = {r: set() for r in IDS}
    for row in results:
        stems = {row["name"], row["name"].replace("_story", "_test"), row["name"] + "_test"}
        head = set().union(*(heads.get(s, set()) for s in stems))
        for case in row.get("cases", []):
            for r in ids(case) | cases.get(case.split()[0], set()) | head:
                seen[r].add((row["name"], case))
        if row["passed"] and not row.get("cases"):
            for r in ids(row["name"]) | head:
                seen[r].add((row["name"], ""))
    return {r: len(found) for r, found in seen.items()}
