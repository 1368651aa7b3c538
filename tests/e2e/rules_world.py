"""The deployment of rules_test.py and learn_test.py: one account, four people, comments as they come in."""
import json
import pathlib

from place import wait_for

CLASSIFY = pathlib.Path(__file__).resolve().parents[2] / "services" / "classify"
LISTS = CLASSIFY / "lexicon"
SPAN = "2026-01-01..2126-01-01"


def organisation(place):
    place.call("account", "authority", "add", "--id", "ks", "--name", "Kommunstyrelsen", "--org-number", "212000-0001")
    place.call("account", "unit", "add", "--id", "komm", "--authority", "ks", "--name", "Kommunikation", "--communications",
               "--mail", "kommunikation@kommun.example")
    for who, role in (("anna", "administrator"), ("bo", "administrator"), ("chef", "manager")):
        place.call("person", "add", "--id", who, "--unit", "komm", "--role", role, "--first-name", who,
                   "--last-name", "Provsson", "--title", "kommunikatör", "--mail", f"{who}@kommun.example")
    place.call("account", "unit", "add", "--id", "komm", "--authority", "ks", "--name", "Kommunikation", "--communications",
               "--mail", "kommunikation@kommun.example", "--manager", "chef", "--head", "chef")
    place.call("account", "take-over", "--id", "fb", "--platform", "facebook", "--unit", "komm",
               "--handle", "kommun", "--name", "Kommunen", "--purpose", "samtal", "--watch", "api")
    place.call("account", "grant", "fb", "anna", "--rank", "1")
    place.call("account", "grant", "fb", "bo", "--rank", "2")


def write(place, tail, number, text, **more):
    """A comment, or a new version of it; gives its classification. Nobody writes two: no author, no kin."""
    file = place.folder / f"{number}.ndjson"
    line = {"platform": "facebook", "account": "fb", "external_id": f"fb-{number}", "kind": "comment", "text": text,
            "author": {"id": f"u{number}", "name": "N"}, "created_at": "2026-11-20T10:00:00+01:00", **more}
    file.write_text(json.dumps(line, ensure_ascii=False) + "\n", encoding="utf-8")
    seen = len(tail.of("CommentClassified"))
    place.call("import", file)
    wait_for("it is judged", lambda: len(tail.of("CommentClassified")) > seen)
    return tail.of("CommentClassified")[-1]["data"]


def labels(judged):
    return {f["label"] for f in judged["findings"]}
