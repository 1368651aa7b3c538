#!/usr/bin/env python3
"""Runs the tests of one build with ctest and keeps count for tests/run.

usage: results.py run BUILD STAGE [--label REGEX] [--not-label REGEX] [--name TEXT]... [--jobs N]
       results.py note STAGE NAME (pass|fail) [--seconds N] [--output FILE]
       results.py report [--whole] [--requirements]

Everything is kept in the file that UPP_RESULTS names. A test that asserts many things counts them:
cmocka's cases and lines that begin with "PASS " or "FAIL " are one each; any other test is one. A
skipped test fails unless tests/skips.txt names it. With --whole (every test was meant to run), so does
a thing that tests print as "0 checked" and none of them checked: one story hides nothing, another
must. With --requirements, so does a promise (R01-R45) that no case of the run carries.
"""
import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree as xml

import requirements

HERE = pathlib.Path(__file__).resolve().parent
KEPT = pathlib.Path(os.environ.get("UPP_RESULTS", "/dev/null"))
CASE_OK = re.compile(r"^(?:\[       OK \] |PASS )(.+)$", re.M)
CASE_BAD = re.compile(r"^(?:\[  FAILED  \] (?!\d+ test)|FAIL )(.+)$", re.M)
CASE_SKIPPED = re.compile(r"^(?:\[  SKIPPED \] (?!\d+ test)|SKIP )(.+)$", re.M)
CHECKED = re.compile(r"^(.*?\S)\s+(\d+) checked\b(.*)$", re.M)
SEEDS = re.compile(r"^(\d+) seeds, (\d+) bad; (\d+) transactions, (\d+) inputs, (\d+) crashes \((\d+) of power\)", re.M)
FUZZ = re.compile(r"^fuzz (\w+)$")
FAULT = re.compile(r"^(?:PASS|FAIL|SKIP) (fault: .+)$", re.M)
FIGURE = re.compile(r"^FIGURE (.+)$", re.M)


def skips():
    """Names that may be skipped, with the reason after them."""
    file = HERE / "skips.txt"
    lines = file.read_text(encoding="utf-8").split("\n") if file.is_file() else []
    return {line.split()[0] for line in lines if line.strip() and not line.startswith("#")}


def keep(stage, results):
    with KEPT.open("a", encoding="utf-8") as out:
        for r in results:
            out.write(json.dumps({"stage": stage, **r}) + "\n")


def judge(name, state, output, seconds):
    """One test of ctest becomes passed and failed counts, with the reasons of the failed."""
    allowed = skips()
    bad = [f"{name}: {case}" for case in dict.fromkeys(CASE_BAD.findall(output))]
    skipped = [case.strip() for case in CASE_SKIPPED.findall(output)]
    cases = [case.strip() for case in CASE_OK.findall(output)]
    good = len(cases)
    if state == "skipped" and not skipped:
        skipped = [name]
    bad += [f"{name}: skipped: {s}" for s in skipped if s.split()[0] not in allowed and name not in allowed]
    if state == "failed" and not bad:
        bad = [name]
    if not good and not bad and not skipped:
        good = 1
    return {"name": name, "passed": good, "cases": cases, "failed": bad, "skipped": skipped, "seconds": seconds,
            "checked": [[w.strip(), int(n)] for w, n, _ in CHECKED.findall(output)],
            "seeds": [[int(v) for v in row] for row in SEEDS.findall(output)],
            "faults": FAULT.findall(output), "figures": FIGURE.findall(output)}


def chosen(build, args):
    """The names of ctest's tests that are wanted, by their labels and names."""
    said = subprocess.run(["ctest", "--test-dir", build, "--show-only=json-v1"],
                          capture_output=True, text=True, check=True)
    names = []
    for test in json.loads(said.stdout)["tests"]:
        labels = next((p["value"] for p in test.get("properties", []) if p["name"] == "LABELS"), [])
        if args.label and not any(re.fullmatch(args.label, label) for label in labels):
            continue
        if args.not_label and any(re.fullmatch(args.not_label, label) for label in labels):
            continue
        if args.name and not any(n in test["name"] or n in labels for n in args.name):
            continue
        names.append(test["name"])
    return names


def run(args):
    names = chosen(args.build, args)
    if not names:
        print(f"no test of {args.build} has that name or label")
        if not args.name:
            keep(args.stage, [judge(args.stage, "failed", "", 0)])
        return
    junit = pathlib.Path(args.build).resolve() / f"junit-{args.stage}.xml"
    junit.unlink(missing_ok=True)
    pattern = "^(" + "|".join(re.escape(n) for n in names) + ")$"
    subprocess.run(["ctest", "--test-dir", args.build, "-R", pattern, "-j", str(args.jobs), "--output-on-failure",
                    "--test-output-size-passed", "4000000", "--test-output-size-failed", "4000000",
                    "--no-tests=error", "--output-junit", str(junit)], check=False)
    if not junit.is_file():
        keep(args.stage, [judge(f"{args.stage}: ctest", "failed", "", 0)])
        return
    results = []
    for case in xml.parse(junit).getroot().iter("testcase"):
        status = case.get("status")
        state = {"run": "passed", "notrun": "skipped"}.get(status, "failed")
        output = case.findtext("system-out") or ""
        skip = case.find("skipped")
        if skip is not None and "SKIP_" not in (skip.get("message") or ""):
            state = "failed" if status != "notrun" else state
        if state == "skipped" and not CASE_SKIPPED.search(output) and case.get("name") not in skips():
            state = "failed"
        results.append(judge(case.get("name"), state, output, float(case.get("time") or 0)))
    unseen = set(names) - {r["name"] for r in results}
    results += [judge(f"{name}: was not run", "failed", "", 0) for name in sorted(unseen)]
    keep(args.stage, results)


def note(args):
    output = pathlib.Path(args.output).read_text(encoding="utf-8", errors="replace") if args.output else ""
    keep(args.stage, [judge(args.name, "passed" if args.state == "pass" else "failed", output, args.seconds)])


def report(args):
    rows = [json.loads(line) for line in KEPT.read_text(encoding="utf-8").split("\n") if line]
    print("\n== report")
    stages = {}
    for r in rows:
        s = stages.setdefault(r["stage"], [0, 0, 0, 0.0])
        s[0] += r["passed"]
        s[1] += len(r["failed"])
        s[2] += len(r["skipped"])
        s[3] += r["seconds"]
    print(f"{'stage':<22}{'passed':>8}{'failed':>8}{'skipped':>8}{'test s':>9}")
    for stage, (good, bad, skipped, seconds) in stages.items():
        print(f"{stage:<22}{good:>8}{bad:>8}{skipped:>8}{seconds:>9.1f}")
    checked = {}
    for r in rows:
        for what, n in r["checked"]:
            what = re.sub(r"^\w+: ", "", what)  # the story that looked
            checked[what] = checked.get(what, 0) + n
    if checked:
        print("checked:")
        for what, n in checked.items():
            print(f"  {what:<40}{n:>12}")
    idle = [what for what, n in checked.items() if n == 0]
    if args.whole and idle:
        row = judge("checked", "failed", "", 0)
        row["failed"] = [f"0 checked in the whole run of: {what}" for what in idle]
        rows.append({"stage": "checked", **row})
        stages["checked"] = [0, len(idle), 0, 0.0]
    if args.requirements:
        carried = requirements.count(rows)
        print("requirements, by cases that carry their id:")
        line = [f"{r} {n} checked" for r, n in carried.items()]
        for at in range(0, len(line), 6):
            print("  " + "  ".join(f"{text:<16}" for text in line[at:at + 6]).rstrip())
        none = [r for r, n in carried.items() if n == 0]
        row = judge("requirements", "failed" if none else "passed", "", 0)
        row["failed"] = [f"requirements: {r}: 0 checked" for r in none]
        row["passed"] = len(carried) - len(none)
        rows.append({"stage": "requirements", **row})
        stages["requirements"] = [row["passed"], len(none), 0, 0.0]
    seeds = [sum(column) for column in zip(*(s for r in rows for s in r["seeds"]))]
    if seeds:
        print("simulator: {} seeds, {} bad; {} transactions, {} inputs, {} crashes, {} of them power losses"
              .format(*seeds))
    fuzz = {what: n for what, n in checked.items() if FUZZ.match(what)}
    if fuzz:
        print(f"fuzzing: {sum(fuzz.values())} executions of {len(fuzz)} targets")
    mutants = [c for r in rows for c in r.get("cases", []) if c.startswith("mutant ")]
    if mutants:
        print(f"mutants caught: {len(mutants)}")
        for m in mutants:
            print(f"  {m}")
    faults = [f for r in rows for f in r["faults"]]
    if faults:
        print(f"fault cases: {len(faults)}")
        for f in faults:
            print(f"  {f}")
    for r in rows:
        for figure in r["figures"]:
            print(f"  {figure}")
    for r in rows:
        for s in r["skipped"]:
            print(f"skipped: {r['stage']}: {s}")
    for r in rows:
        for f in r["failed"]:
            print(f"FAILED {r['stage']}: {f}")
    good, bad = (sum(s[i] for s in stages.values()) for i in (0, 1))
    print(f"{good} passed, {bad} failed")
    return 1 if bad or not good else 0


def main():
    parser = argparse.ArgumentParser()
    verbs = parser.add_subparsers(dest="verb", required=True)
    p = verbs.add_parser("run")
    p.add_argument("build")
    p.add_argument("stage")
    p.add_argument("--label")
    p.add_argument("--not-label")
    p.add_argument("--name", action="append", default=[])
    p.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    p = verbs.add_parser("note")
    p.add_argument("stage")
    p.add_argument("name")
    p.add_argument("state", choices=["pass", "fail"])
    p.add_argument("--seconds", type=float, default=0)
    p.add_argument("--output")
    p = verbs.add_parser("report")
    p.add_argument("--whole", action="store_true")
    p.add_argument("--requirements", action="store_true")
    args = parser.parse_args()
    return {"run": run, "note": note, "report": report}[args.verb](args) or 0


sys.exit(main())
