#!/usr/bin/env python3
"""The contract's catalogue: what every message of proto/ says of itself holds, and proto/README.md says it.

usage: catalogue_test.py [ROOT] [--write]   --write: makes the tables of proto/README.md anew.
A message's comment says its kind (see KINDS) and who says, hears, answers it. Prints one line a fault,
what was looked at, and which requirements a test names; exit 1 when there is a fault.
"""
import pathlib
import re
import sys

WORDS = [w for w in sys.argv[1:] if not w.startswith("--")]
ROOT = pathlib.Path(WORDS[0]) if WORDS else pathlib.Path(__file__).resolve().parent.parent
README = ROOT / "proto/README.md"
BEGIN, END = "<!-- made by tests/catalogue_test.py --write -->\n", "<!-- made until here -->\n"
SERVICES = ("registry", "ingest", "classify", "escalation", "evidence", "archive", "console", "feed")
REQUIREMENTS = [f"R{n:02}" for n in [*range(1, 33), *range(40, 46)]]
NAME = r"[A-Z]\w+"
# How a comment says what kind a message is. The words after it, up to the full stop, are who or which.
KINDS = {
    "event": "Emitted by",
    "content": "Content of",
    "command": "Command to",
    "outcome": "Outcome of",
    "query": "Query to",
    "row": "Row of",
    "ask": "Ask to",
    "answer": "Answer to",
    "part": "Part of",
    "kept": "Kept by",
}
BACK = {"command": ("Outcome", "outcome"), "query": ("Rows", "row"), "ask": ("Answer", "answer")}

faults = []
counts = {}


def fault(message, what):
    faults.append(f"proto/{message['file']}:{message['line']}: {message['name']}: {what}")


def count(what, n=1):
    counts[what] = counts.get(what, 0) + n


def said(comment, key):
    """The words after `key:` up to the full stop; None when it is not said."""
    m = re.search(rf"\b{key}: (.*?)\.(?=\s|$)", comment)
    return m and m.group(1)


def read():
    """Every top-level message, in order of file and line."""
    messages = []
    for path in sorted((ROOT / "proto/uppsikt").glob("*.proto")):
        comment, open_at, header = [], None, True
        for n, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
            text = re.match(r"//\s?(.*)", line)
            opened = re.match(r"(message|enum) (\w+) \{(.*)", line)
            if text:
                comment.append(text.group(1))
            elif opened:
                message = {"file": f"uppsikt/{path.name}", "line": n, "name": opened.group(2), "fields": {},
                           "what": opened.group(1), "comment": " ".join(" ".join(comment).split())}
                messages.append(message)
                open_at = None if opened.group(3).rstrip().endswith("}") else message
                comment = []
            elif open_at is not None and line.startswith("}"):
                open_at = None
            elif open_at is not None:
                for field in re.finditer(r"^\s+(?:repeated )?(\w+)\s+(\w+)\s*=\s*\d+;", line):
                    open_at["fields"][field.group(2)] = field.group(1)
            else:
                comment = []  # a comment with a blank line below is the file's own
    return [m for m in messages if m["what"] == "message"]


def understand(m):
    """Sets kind, who (services), names (messages), hears, content, backs from the comment."""
    c = m["comment"]
    kinds = [kind for kind, key in KINDS.items() if said(c, key) is not None]
    kinds += [kind for kind in ("frame", "control") if re.search(rf"(?:^|\. |\] ){kind.capitalize()}\.", c)]
    m["kind"] = kinds[0] if len(kinds) == 1 else None
    if len(kinds) != 1:
        fault(m, f"says {len(kinds)} kinds: {', '.join(kinds) or 'none of ' + ', '.join(KINDS.values())}")
    whole = said(c, KINDS.get(m["kind"], "-")) or ""
    m["port"] = (re.match(r"port (\w+)", whole) or [None, None])[1]
    m["who"] = re.findall(r"\b[a-z]+\b", whole.replace("port " + (m["port"] or "-"), ""))
    m["names"] = re.findall(NAME, whole)
    m["hears"] = re.findall(r"\b[a-z]+\b", said(c, "Heard by") or "")
    m["content"] = said(c, "Content")
    m["backs"] = re.findall(NAME, said(c, BACK[m["kind"]][0]) or "") if m["kind"] in BACK else []


def check_words(m, by_name):
    kind = m["kind"]
    if kind in ("event", "command", "query", "ask", "kept"):
        for who in m["who"] or [""]:
            if who != "every" and who not in SERVICES:
                fault(m, f"{KINDS[kind]}: {who or 'nobody'} is no service")
    for who in m["hears"]:
        count("hearers")
        if who != "every" and who not in SERVICES:
            fault(m, f"Heard by: {who} is no service")
    if m["hears"] and kind != "event":
        fault(m, "only an event is heard")
    for name in m["names"] + m["backs"] + ([m["content"]] if m["content"] else []):
        if name not in by_name:
            fault(m, f"names {name}, which there is not")
    if kind in BACK and not m["backs"]:
        fault(m, f"does not say {BACK[kind][0]}:")
    for name in m["backs"]:
        other = by_name.get(name)
        if other and (other["kind"] != BACK[kind][1] or m["name"] not in other["names"]):
            fault(m, f"{name} does not say that it is the {BACK[kind][1]} of {m['name']}")
    for key, (_, back) in BACK.items():
        for name in m["names"] if kind == back else []:
            if name in by_name and m["name"] not in by_name[name]["backs"]:
                fault(m, f"{name} does not say that {m['name']} is its {BACK[key][0].lower()}")
    if kind == "ask" and not m["port"]:
        fault(m, "does not say which port")


def check_content(m, by_name):
    """A commitment exactly where there is content, and each says so."""
    twin = by_name.get(m["name"] + "Content")
    has = "commitment" in m["fields"]
    if m["kind"] in ("event", "row"):
        count("commitments", int(has))
        if m["kind"] == "event" and has != (twin is not None):
            fault(m, "a commitment without content" if has else f"{twin['name']}, but no commitment")
        if (m["content"] or None) != (twin["name"] if twin else None):
            fault(m, f"says Content: {m['content']}, has {twin['name'] if twin else 'none'}")
    elif has:
        fault(m, f"a commitment in what is no event and no row ({m['kind']})")
    if m["kind"] == "content":
        if m["names"] != [m["name"].removesuffix("Content")]:
            fault(m, f"is content of {', '.join(m['names'])}: the name does not say so")
    elif m["name"].endswith("Content"):
        fault(m, "its name says content, its comment does not")


def check_not_recursive(messages, by_name):
    """protobuf-c unpacks by the C stack: a message that holds itself has no bound."""
    state = {}

    def walk(name, path):
        if state.get(name) == "done" or name not in by_name:
            return
        if name in path:
            fault(by_name[name], "recursive: " + " > ".join([*path[path.index(name):], name]))
            return
        for inner in by_name[name]["fields"].values():
            walk(inner, [*path, name])
        state[name] = "done"

    for m in messages:
        walk(m["name"], [])
        count("messages walked for recursion")


def lower(name):
    return re.sub(r"([^A-Z])([A-Z])", r"\1_\2", name).lower()


def check_routes(messages):
    """Every route of a service is in the catalogue, as the catalogue says it."""
    by_lower = {lower(m["name"]): m for m in messages}
    wanted = {"COMMAND": "command", "QUERY": "query"}
    taken, heard = set(), set()
    route = re.compile(r"\{\s*UPP_(EVENT|COMMAND|QUERY|ANSWER),\s*(NULL|\"\w+\"),\s*&uppsikt__(\w+)__descriptor")
    for path in sorted((ROOT / "services").glob("*/*.c")):
        service = path.parent.name
        for m in route.finditer(path.read_text(encoding="utf-8")):
            count("routes")
            verb, source, type_name = m.group(1), m.group(2).strip('"'), m.group(3)
            place = f"services/{service}/{path.name}: {verb} {source} {type_name}"
            message = by_lower.get(type_name)
            (heard if verb == "EVENT" else taken).add((service, type_name))
            if not message:
                faults.append(f"{place}: no such message in proto/")
            elif verb == "EVENT":
                if message["kind"] != "event" or not {source, "every"} & set(message["who"]):
                    faults.append(f"{place}: {message['name']} is not emitted by {source}")
                elif not {service, "every"} & set(message["hears"]):
                    faults.append(f"{place}: proto/ does not say that {service} hears {message['name']}")
            elif verb == "ANSWER":
                asks = [a for a in messages if a["kind"] == "ask" and message["name"] in a["backs"]]
                if not any(a["port"] == source and service in a["who"] for a in asks):
                    faults.append(f"{place}: no ask to port {source} of {service} has that answer")
            elif message["kind"] != wanted[verb] or not {service, "every"} & set(message["who"]):
                faults.append(f"{place}: {message['name']} is no {wanted[verb]} to {service}")
    there = {p.parent.name for p in (ROOT / "services").glob("*/schema.sql")}
    late = [f"{m['name']} ({who})" for m in messages for who in m["who"]
            if m["kind"] in wanted.values() and who in there and (who, lower(m["name"])) not in taken]
    if late:
        print(f"said by proto/, not taken yet: {', '.join(late)}")
    for m in messages:
        for who in m["hears"]:
            if who in there and (who, lower(m["name"])) not in heard:
                fault(m, f"Heard by: {who} has no route for it")
    return heard


def check_rights():
    """deploy/rights.yaml gives every service what its routes need, by the names of the catalogue."""
    path = ROOT / "deploy/rights.yaml"
    rows = []
    for n, line in enumerate(path.read_text(encoding="utf-8").split("\n") if path.is_file() else [], 1):
        row = re.match(r"- \{ (.*) \}$", line)
        if not row:
            continue
        fields = {}
        for field in re.finditer(r'(\w+): (\[[^\]]*\]|"[^"]*"|[\w.*-]+)', row.group(1)):
            fields[field.group(1)] = re.findall(r"[\w.*-]+", field.group(2))
        rows.append((n, fields))
        count("rows of rights")
    route = re.compile(r"\{\s*UPP_EVENT,\s*\"(\w+)\",\s*&uppsikt__(\w+)__descriptor,\s*\w+,\s*(NULL|&)")
    for file in sorted((ROOT / "services").glob("*/*.c")):
        service = file.parent.name
        for m in route.finditer(file.read_text(encoding="utf-8")):
            source, name, content = m.groups()
            given = [f for _, f in rows if f.get("verb") == ["event"] and service in f.get("peer", [])
                     and (source in f["owner"] or "*" in f["owner"])
                     and ("*" in f["type"] or name in [lower(t.removeprefix("uppsikt.")) for t in f["type"]])]
            if not given:
                faults.append(f"deploy/rights.yaml: {service} hears {name} of {source}, and no row gives it")
            elif content == "&" and not any(f.get("content") == ["yes"] for f in given):
                faults.append(f"deploy/rights.yaml: {service} wants the content of {name}, and no row gives it")
    return rows


def check_names_of_rights(rows, by_name, heard):
    """Each row names what there is, and gives a service no event that it has no route for."""
    services = {who for who, _ in heard}
    for n, fields in rows:
        for who in fields.get("peer", []) if fields.get("verb") == ["event"] else []:
            for name in fields["type"] if who in services else []:
                m = by_name.get(name.removeprefix("uppsikt."), {"hears": ["every"]})  # "every": the runtime does
                if name != "*" and "every" not in m["hears"] and (who, lower(m["name"])) not in heard:
                    faults.append(f"deploy/rights.yaml:{n}: gives {name} to {who}, which has no route for it")
        for name in fields.get("type", []):
            if name != "*" and name.removeprefix("uppsikt.") not in by_name:
                faults.append(f"deploy/rights.yaml:{n}: no message is called {name}")


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def meaning(m):
    """The comment without the words of the grammar."""
    keys = "|".join([*KINDS.values(), "Heard by", "Content", "Outcome", "Rows", "Answer"])
    text = re.sub(rf"\s*\b(?:{keys}): .*?\.(?=\s|$)", "", " " + m["comment"])
    return re.sub(r"\s*\b(?:Frame|Control)\.", "", text).strip().replace("|", "\\|")


def made(messages):
    """The tables, by the service that owns the message, then what belongs to none."""
    out = []
    code = lambda names: ", ".join(f"`{n}`" for n in names) or "–"
    heads = {"event": ("Events", "heard by", lambda m: ", ".join(m["hears"]) or "who subscribes"),
             "command": ("Commands", "outcome", lambda m: code(m["backs"])),
             "query": ("Queries", "rows", lambda m: code(m["backs"])),
             "ask": ("Asks to ports", "answer", lambda m: f"{code(m['backs'])} of `{m['port']}`")}
    for who in ("every", *SERVICES):
        own = [m for m in messages if who in m["who"] and m["kind"] in heads]
        if not own:
            continue
        out.append(f"### {'every service' if who == 'every' else who}\n")
        for kind, (title, head, answer) in heads.items():
            rows = [(f"`{m['name']}`" + (" +" if m["content"] else ""), meaning(m) or "–", answer(m),
                     m["file"].removeprefix("uppsikt/")) for m in own if m["kind"] == kind]
            if rows:
                out.append(table((title, "", head, "file"), rows))
    rest = [(f"`{m['name']}`", m["kind"], meaning(m) or code(m["names"]), m["file"].removeprefix("uppsikt/"))
            for m in messages if m["kind"] in ("frame", "control")]
    out += ["### The wire\n", table(("Message", "", "", "file"), rest)]
    return "\n".join(out)


def check_readme(messages):
    text = README.read_text(encoding="utf-8") if README.is_file() else ""
    if BEGIN not in text or END not in text:
        faults.append(f"proto/README.md: no place for the tables ({BEGIN.strip()} ... {END.strip()})")
        return
    before, _, rest = text.partition(BEGIN)
    now, _, after = rest.partition(END)
    wanted = "\n" + made(messages) + "\n"
    if "--write" in sys.argv:
        README.write_text(before + BEGIN + wanted + END + after, encoding="utf-8")
    elif now != wanted:
        faults.append("proto/README.md: the tables are not those of proto/; tests/catalogue_test.py --write")
    count("lines of tables", wanted.count("\n|"))


def requirements():
    """Which requirement a test names; it is a list to look at, not a fault."""
    tests = [p for top in ("tests", "services", "common") for p in sorted((ROOT / top).rglob("*"))
             if p.is_file() and p.suffix in (".c", ".py", ".sh", "") and p.name != pathlib.Path(__file__).name
             and (top == "tests" or p.name.endswith("_test.c"))]
    where = {r: [] for r in REQUIREMENTS}
    for path in tests:
        try:
            named = set(re.findall(r"\bR\d\d\b", path.read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue
        for r in named & set(REQUIREMENTS):
            where[r].append(path.relative_to(ROOT).as_posix())
    for r, paths in where.items():
        if paths:
            print(f"{r} is named by {', '.join(paths)}")
    print("named by no test yet: " + (", ".join(r for r, paths in where.items() if not paths) or "none"))
    count("requirements named", sum(1 for paths in where.values() if paths))


def main():
    messages = read()
    by_name = {m["name"]: m for m in messages}
    count("messages", len(messages))
    if len(by_name) != len(messages):
        faults.append("proto/: a name is there twice")
    for m in messages:
        understand(m)
    for m in messages:
        check_words(m, by_name)
        check_content(m, by_name)
    check_not_recursive(messages, by_name)
    heard = check_routes(messages)
    check_names_of_rights(check_rights(), by_name, heard)
    check_readme(messages)
    requirements()
    for line in faults:
        print(line)
    print("looked at: " + ", ".join(f"{n} {what}" for what, n in sorted(counts.items())))
    empty = [what for what in ("messages", "hearers", "commitments", "routes", "rows of rights", "lines of tables") if not counts.get(what)]
    if empty:
        print("nothing was looked at of: " + ", ".join(empty))
    return 1 if faults or empty else 0


sys.exit(main())
