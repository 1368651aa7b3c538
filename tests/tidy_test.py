#!/usr/bin/env python3
"""The style, enforced: what a reviewer would otherwise have to say (see common/README.md).

usage: tidy_test.py [ROOT] [BUILD]   BUILD: where the object files are, for the check of statics.
Prints one line a fault, "file:line: what", and how much was looked at; exit 1 when there is a fault.
"""
import pathlib
import re
import sqlite3
import subprocess
import sys

ROOT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent)
BUILD = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else None

# Programs of their own, with a main() and no node: the rules for handlers do not hold there.
PROGRAMS = ("services/uppsikt/", "services/capture/", "services/classify/train/", "services/classify/lexicon_write.c",
            "services/classify/small_word_write.c")
# Folders that hold pure parts so far and no service yet: no schema.sql is asked of them.
NO_SERVICE_YET = ()
IMPURE = re.compile(
    r"\b(sleep|usleep|nanosleep|time|gettimeofday|clock_gettime|rand|random|getenv|fopen|open|"
    r"zmq_\w+|curl_\w+|printf|fprintf|puts)\s*\("
)
BANNED = re.compile(
    r"\b(strcpy|strcat|sprintf|vsprintf|gets|scanf|sscanf|fscanf|atoi|atol|strtok|system|popen)\s*\("
)
VAGUE = {"util", "utils", "helper", "helpers", "misc", "common", "manager", "stuff"}
SLEEP = re.compile(r"\b(sleep|usleep|nanosleep|zclock_sleep)\s*\(")

faults = []
counts = {}


def fault(path, line, what):
    faults.append(f"{path}:{line}: {what}")


def count(what, n=1):
    counts[what] = counts.get(what, 0) + n


def files(*suffixes):
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files"], capture_output=True, text=True, check=False
    ).stdout.split("\n")
    if not any(listed):
        listed = [str(p.relative_to(ROOT)) for p in ROOT.rglob("*") if "build" not in p.parts]
    return [f for f in listed if f.endswith(suffixes) and (ROOT / f).is_file()]


def without_comments(text):
    """Comments and texts become blanks of the same length, so that places stay right."""
    keep = lambda m: re.sub(r"[^\n]", " ", m.group())
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', keep, text, flags=re.S)


def ports_of(folder):
    """The files that a service lists under PORTS: its only impure code."""
    text = (ROOT / folder / "CMakeLists.txt").read_text(encoding="utf-8")
    m = re.search(r"\bPORTS\b(.*?)(?:PORT_LIBS|TESTS|\))", text, flags=re.S)
    return set(m.group(1).split()) if m else set()


def check_c(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    lines = text.split("\n")
    code = without_comments(text).split("\n")
    count("C files")
    if len(lines) > 501:
        fault(name, 501, f"{len(lines)} lines; split it by its nouns (500)")
    if pathlib.Path(name).stem in VAGUE:
        fault(name, 1, "a vague name: say the noun")
    handler_file = (
        name.startswith("services/")
        and not name.startswith(PROGRAMS)
        and not pathlib.Path(name).name.startswith("port_")
        and not re.search(r"_(test|fixture)\.[ch]$", name)
        and pathlib.Path(name).name not in ports_of(pathlib.Path(name).parent)
    )
    start = None
    drawn = False  # a table drawn by hand may be wider than prose
    for n, (line, bare) in enumerate(zip(lines, code), 1):
        if "clang-format o" in line:
            drawn = "clang-format off" in line
        if len(line) > (150 if drawn else 100):
            fault(name, n, f"{len(line)} columns (100; a table under clang-format off: 150)")
        if line.rstrip() != line:
            fault(name, n, "blanks at the end of the line")
        if re.match(r"\s*goto\b", bare):
            fault(name, n, "goto")
        if BANNED.search(bare):
            fault(name, n, f"banned: {BANNED.search(bare).group(1)}")
        if SLEEP.search(bare):
            fault(name, n, "sleeping: wait on a condition with a deadline")
        if handler_file and IMPURE.search(bare):
            fault(name, n, f"a handler reaches nothing but its transaction: {IMPURE.search(bare).group(1)}")
        if line == "{":
            start = n
        elif line == "}" and start:
            count("functions")
            if n - start - 1 > 70:
                fault(name, start, f"a function of {n - start - 1} lines (70)")
            start = None


def literals(text):
    """Every SQL literal given to upp_exec, upp_query and the like, with its line."""
    for define in re.finditer(r'#define (\w+)\s+((?:\s*\\?\s*"(?:\\.|[^"\\])*"\s*\\?)+)', text):
        text = re.sub(rf'(?<=") {define.group(1)} (?=")', " " + define.group(2).replace("\\\n", " ") + " ", text)
    call = re.compile(r"\bupp_(?:exec|query|exec_|query_|exec_blobs|ask_int)\s*\(\s*[^,]+?,\s*((?:\s*\"(?:\\.|[^\"\\])*\")+)")
    for m in call.finditer(text):
        sql = "".join(re.findall(r'"((?:\\.|[^"\\])*)"', m.group(1)))
        yield text.count("\n", 0, m.start()) + 1, sql.replace('\\"', '"')


def check_sql(folder, runtime):
    db = sqlite3.connect(":memory:")
    db.executescript(runtime)
    upgrades = sorted(folder.glob("upgrade_*.sql"), key=lambda p: int(p.stem.removeprefix("upgrade_")))
    for n, path in enumerate(upgrades):  # the schema itself is version 1
        if path.stem != f"upgrade_{n + 2}":
            fault(path.relative_to(ROOT), 1, f"upgrade_{n + 2}.sql comes next")
    partial = []
    for path in [folder / "schema.sql", *upgrades]:
        schema = path.read_text(encoding="utf-8")
        name = str(path.relative_to(ROOT))
        try:
            db.executescript(schema)
        except sqlite3.Error as e:
            fault(name, 1, f"schema: {e}")
            return
        check_schema(name, schema)
        for index in re.finditer(r"^CREATE (?:UNIQUE )?INDEX (\w+) ON [^;]*? WHERE ", schema, flags=re.M):
            partial.append((name, schema.count("\n", 0, index.start()) + 1, index))
    used = set()
    for path in sorted(folder.glob("*.c")):
        if path.name.endswith("_test.c"):
            continue
        for line, sql in literals(path.read_text(encoding="utf-8")):
            count("SQL literals")
            try:
                db.execute("EXPLAIN " + sql)
            except sqlite3.ProgrammingError:
                pass  # only the values are missing
            except sqlite3.Error as e:
                if "binding" not in str(e).lower():
                    fault(path.relative_to(ROOT), line, f"SQL: {e}")
                continue
            used |= indexes_of(db, sql)
    for name, n, index in partial:
        # One plan a statement (store.c): such an index serves only where the SQL says its term in so many words.
        count("partial indexes")
        if index.group(1) not in used and "UNIQUE" not in index.group():
            fault(name, n, f"no statement can use {index.group(1)}: say its term, or let it be whole")


def indexes_of(db, sql):
    """The indexes in the plan of a statement, whatever its values will be."""
    values = [None] * max([int(n) for n in re.findall(r"\?(\d+)", sql)] or [0])
    try:
        plan = db.execute("EXPLAIN QUERY PLAN " + sql, values).fetchall()
    except sqlite3.Error:
        return set()
    return {name for row in plan for name in re.findall(r"INDEX (\w+)", row[3])}


def check_schema(name, schema):
    table = None
    refs = set()
    for n, line in enumerate(schema.split("\n"), 1):
        opened = re.match(r"CREATE (?:VIRTUAL )?TABLE (?:IF NOT EXISTS )?(\w+)", line)
        if opened:
            table = opened.group(1)
            continue
        if table and line.startswith(")"):
            count("tables")
            if "STRICT" not in line:
                fault(name, n, f"table {table} is not STRICT")
            table = None
            continue
        column = re.match(r"  (\w+)\s+(INTEGER|TEXT|BLOB|REAL)\b", line)
        if table and column:
            count("columns")
            said = re.search(r"-- (fact|content)", line)
            if not said:
                fault(name, n, f"{table}.{column.group(1)}: say whether it is a fact or content")
            elif (said.group(1) == "content") != column.group(1).endswith("_ref"):
                fault(name, n, f"{table}.{column.group(1)}: content lies behind an INTEGER *_ref")
            if column.group(1).endswith("_ref"):
                refs.add(column.group(1))
        index = re.match(r"CREATE (?:UNIQUE )?INDEX .*?\((.*?)\)", line)
        if index and any(r in index.group(1) for r in refs):
            fault(name, n, "a content reference in an index")


def check_service(folder, runtime):
    name = str(folder.relative_to(ROOT))
    count("services")
    for wanted in ("README.md", "CMakeLists.txt", "schema.sql"):
        if wanted == "schema.sql" and name in NO_SERVICE_YET:
            continue
        if not (folder / wanted).is_file():
            fault(name, 1, f"no {wanted}")
    if not list(folder.glob("*_test.c")):
        fault(name, 1, "no test")
    if (folder / "schema.sql").is_file():
        check_sql(folder, runtime)


def check_mutant(name):
    """The text that it takes out stands once in its file; else only tests/long would say that it is lost."""
    count("mutants")
    text = (ROOT / name).read_text(encoding="utf-8")
    source = re.search(r"^file: *(\S+)$", text, flags=re.M)
    path = ROOT / source.group(1) if source else ROOT
    if not path.is_file():
        fault(name, 1, "its file is not there")
        return
    whole = path.read_text(encoding="utf-8")
    for old in re.findall(r"^<<<<\n(.*?)^====$", text, flags=re.M | re.S):
        if whole.count(old) != 1:
            fault(name, 1, f"its text stands {whole.count(old)} times in {source.group(1)}")


def check_statics():
    """No writable statics in a service's objects: one process can hold them all (simulator)."""
    for obj in sorted(BUILD.rglob("upp_*_obj.dir/*.o")):
        table = subprocess.run(["objdump", "-t", str(obj)], capture_output=True, text=True, check=True)
        count("objects")
        for row in table.stdout.split("\n"):
            m = re.match(r"[0-9a-f]+ .{7} (\.data|\.bss)(?:\.(?!rel\.ro)\S*)?\s+([0-9a-f]+) (?:\S+ )?(\S+)$", row)
            if m and int(m.group(2), 16) > 0 and not m.group(3).startswith(("__", ".LASAN", "_Z")):
                fault(obj.name, 1, f"a writable static: {m.group(3)}")


def main():
    runtime = (ROOT / "common/src/runtime.sql").read_text(encoding="utf-8")
    check_schema("common/src/runtime.sql", "")
    for name in files(".c", ".h"):
        check_c(name)
    for folder in sorted((ROOT / "services").iterdir()):
        rel = str(folder.relative_to(ROOT)) + "/"
        if folder.is_dir() and rel not in PROGRAMS:
            check_service(folder, runtime)
    for name in files(".mutant"):
        check_mutant(name)
    if BUILD:
        check_statics()
    for line in faults:
        print(line)
    print("looked at: " + ", ".join(f"{n} {what}" for what, n in sorted(counts.items())))
    empty = [what for what in ("C files", "functions", "SQL literals", "tables", "services") if not counts.get(what)]
    if empty:
        print("nothing was looked at of: " + ", ".join(empty))
    return 1 if faults or empty else 0


sys.exit(main())
