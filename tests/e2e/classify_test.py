#!/usr/bin/env python3
"""`uppsikt classify` at a stranger's hands: one text, lines in and out, a labelled file, and everything that can be
wrong with them. A wrong line is told with its number, the rest goes on, nothing is lost (R18, R19).

usage: classify_test.py BIN   the folder of the programs
"""
import json
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from place import Checks  # noqa: E402

PROGRAM = pathlib.Path(sys.argv[1]).resolve() / "uppsikt"
LABELS = {"ok", "violence_porn", "copyright", "profanity", "attack", "hate", "incitement", "political", "advertising",
          "personal_data", "confidential"}
MARK = "hemligt-ord-som-ingen-logg-har"


def run(*words, given=b"", **how):
    return subprocess.run([str(PROGRAM), "classify", *words], input=given, capture_output=True, timeout=60, check=False, **how)


def line_of(**row):
    return json.dumps(row, ensure_ascii=False).encode()


def numbers_told(done):
    return [int(line.split("line ")[1].split(":")[0]) for line in done.stderr.decode().splitlines()]


# Every line: its bytes, the id that its answer has ("absent": none), whether it is judged, whether it is told.
LINES = [
    (line_of(id="one", lang="sv", text="Vem fan plogar här?"), "one", True, False),
    (b'{"id":"half","lang":"sv","text":"' + MARK.encode(), "absent", False, True),
    (line_of(lang="sv", text="utan id"), None, True, True),
    (line_of(id=None, lang="sv", text="utan id"), None, True, True),
    (line_of(id="other", lang="xx", text="Hej"), "other", True, False),
    (line_of(id="nothing", lang="sv", text=""), "nothing", True, False),
    (line_of(id="textless", lang="sv"), "textless", False, True),
    (line_of(id="number", lang="sv", text=7), "number", False, True),
    (line_of(id="lang", lang=7, text="Hej"), "lang", False, True),
    (line_of(id=[1], lang="sv", text="Hej"), "absent", False, True),
    (b"[1, 2]", "absent", False, True),
    (b'{"id":"twice","text":"a","text":"b"}', "absent", False, True),
    (b'{"id":"bytes","lang":"sv","text":"' + MARK.encode() + b'\xff\xfe"}', "absent", False, True),
    (b'{"id":"surrogate","lang":"sv","text":"\\ud800"}', "absent", False, True),
    (b'{"id":"nul","lang":"sv","text":"a\\u0000b"}', "nul", True, False),
    (b"{" * 5000, "absent", False, True),
    (line_of(id="large", lang="sv", text="Vem fan plogar? " * 65536), "large", True, False),
    (line_of(id=12, lang=None, text="Tack"), 12, True, False),
    (line_of(id="last", lang="en", text="When do you open?"), "last", True, False),
]


def lines(checks):
    done = run("--ndjson", given=b"\n".join(row for row, *_ in LINES))  # the last one has no newline
    answers = [json.loads(line) for line in done.stdout.decode().splitlines()]
    checks.that("r18 every line is answered, in its order", [a.get("id", "absent") for a in answers] == [i for _, i, *_ in LINES],
                [a.get("id", "absent") for a in answers])
    judged = [a for a in answers if "labels" in a]
    checks.that("r18 what can be judged is judged", ["labels" in a for a in answers] == [j for _, _, j, _ in LINES])
    told = [n for n, (*_, t) in enumerate(LINES, 1) if t]
    checks.that("r18 a wrong line is told with its number", numbers_told(done) == told, done.stderr)
    checks.that("r18 and in its place", [a["line"] for a in answers if "error" in a] ==
                [n for n, (_, _, j, _) in enumerate(LINES, 1) if not j])
    checks.that("r18 exit 1", done.returncode == 1, done.returncode)
    checks.that("r24 nothing of what was written stands in an error", MARK.encode() not in done.stderr and
                not any(MARK in json.dumps(a) for a in answers if "error" in a), done.stderr)
    checks.that("r18 an answer is id, labels, question, findings",
                all(set(a) == {"id", "labels", "question", "findings"} for a in judged), judged[:1])
    checks.that("r18 labels are those of the labelling rules; the question stands apart",
                all(a["labels"] and set(a["labels"]) <= LABELS and isinstance(a["question"], bool) for a in judged))
    checks.that("r18 ok exactly when there is no violation", all(("ok" not in a["labels"]) or len(a["labels"]) == 1 for a in judged))
    by_id = {a["id"]: a for a in judged}
    checks.that("r18 what is meant is seen", by_id["one"]["labels"] == ["profanity"] and by_id["one"]["question"] and
                by_id["large"]["labels"] == ["profanity"] and by_id["last"]["question"] and by_id["nothing"]["labels"] == ["ok"])
    good = run("--ndjson", given=line_of(id=1, text="Hej") + b"\n\n  \n" + line_of(id=2, text="Hej") + b"\r\n")
    checks.that("r18 blank lines are no lines; all good is exit 0", good.returncode == 0 and not good.stderr and
                len(good.stdout.splitlines()) == 2, good)
    checks.that("r18 no lines, no answers", run("--ndjson").stdout == b"" and run("--ndjson").returncode == 0)


def streams(checks):
    """What cannot be written is an error, not a silence; a reader that has gone ends it."""
    with open("/dev/full", "wb") as full:
        for words, given in ((["Hej"], b""), (["--json", "Hej"], b""), (["--explain", "Hej"], b""),
                             (["--ndjson"], line_of(id=1, text="Hej")), (["--eval", str(ROWS)], b"")):
            done = subprocess.run([str(PROGRAM), "classify", *words], input=given, stdout=full, stderr=subprocess.PIPE,
                                  timeout=60, check=False)
            checks.that(f"r18 a full disk is told: {words[0]}", done.returncode == 1 and b"standard output" in done.stderr, done)
    # Python's child ignores SIGPIPE when asked to: then writing fails, and nothing more is read.
    child = subprocess.Popen([str(PROGRAM), "classify", "--ndjson"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, restore_signals=False)
    child.stdin.write(line_of(id=1, text="Hej") + b"\n")
    child.stdin.flush()
    child.stdout.readline()
    child.stdout.close()
    try:
        child.stdin.write((line_of(id=2, text="Hej") + b"\n") * 100000)
        child.stdin.close()
    except BrokenPipeError:
        pass
    why = child.stderr.read()
    code = child.wait(30)
    checks.that("r18 a reader that has gone ends it with 1 and a word", code == 1 and why.count(b"\n") == 1 and
                b"standard output" in why, (code, why))


def one_text(checks):
    done = run("Vem fan plogar?")
    checks.that("r18 one text: what, how sure, where", done.returncode == 0 and "profanity" in done.stdout.decode() and
                '"fan"' in done.stdout.decode(), done)
    done = run("--explain", "Hej på er")
    checks.that("r18 with --explain every label", all(name in done.stdout.decode() for name in LABELS - {"ok"}), done)
    done = run("--json", "--", "--help")
    checks.that("r18 a text may look like an option", done.returncode == 0 and "labels" in json.loads(done.stdout), done)
    checks.that("r18 an empty text is ok", run("").stdout == b"ok\n")
    checks.that("r18 bytes that are no UTF-8 are judged, too", b"profanity" in run(b"\xff\xfe vad fan").stdout)
    for words in ([], ["a", "b"], ["--ndjson", "a"], ["--language", "xx", "a"], ["--eval"]):
        checks.that(f"r18 wrong usage is 2: {words}", run(*words).returncode == 2)
    checks.that("r18 a wrong model is 78", run("--model", "/etc/hostname", "Hej").returncode == 78)


def labelled(checks):
    done = run("--eval", str(ROWS))
    text = done.stdout.decode()
    checks.that("r18 --eval tells label, group, goals, worst rows, the sum", done.returncode == 0 and
                all(w in text for w in ("precision", "profanity", "swearing", "micro-F1", "false alarms", "worst rows", "rows 3")), text)
    headless = FOLDER / "headless.tsv"
    headless.write_text(ROWS.read_text().split("\n", 1)[1])
    checks.that("r18 without a header no row is lost", b"rows 3," in run("--eval", str(headless)).stdout)
    bad = FOLDER / "bad.tsv"
    bad.write_text(ROWS.read_text() + "d-a-0004\tsv\tok\nd-a-0005\txx\tok\tHej\nd-a-0006\tsv\tnonsense\tHej\nd-a-0007\tsv\tok\tTack\n")
    done = run("--eval", str(bad))
    checks.that("r18 a wrong row is told with its line, the rest counts", done.returncode == 1 and b"rows 4," in done.stdout and
                all(f"bad.tsv:{n}:" in done.stderr.decode() for n in (5, 6, 7)), done)
    checks.that("r18 no such file", run("--eval", str(FOLDER / "none.tsv")).returncode == 2)
    (FOLDER / "empty.tsv").write_text("")
    checks.that("r18 no rows is not a success", run("--eval", str(FOLDER / "empty.tsv")).returncode == 1)


def main():
    checks = Checks()
    lines(checks)
    streams(checks)
    one_text(checks)
    labelled(checks)
    return checks.end()


with tempfile.TemporaryDirectory(prefix="upp-") as folder:
    FOLDER = pathlib.Path(folder)
    ROWS = FOLDER / "rows.tsv"
    ROWS.write_text("id\tlang\tlabels\ttext\nd-swearing-0001\tsv\tprofanity\tVad fan är detta\n"
                    "d-thanks-0002\tsv\tok\tTack för hjälpen\nd-asks-0003\tsv\tok,question\tNär öppnar badhuset på lördag?\n")
    code = main()
sys.exit(code)
