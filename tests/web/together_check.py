"""One decision on many comments, over real HTTP: what is listed, refused, done once (R22, R25; sla.md E19)."""
import html
import json
import re
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from place import wait_for  # noqa: E402


def sell(place, who, *numbers):
    """Comments by sellers, written just now: nobody else's test decides on them."""
    lines = [{"account": "fb-sjoberga", "platform": "facebook", "external_id": f"salj-{who}-{n}", "kind": "comment",
              "text": f"Köp vår kurs {n} nu! Beställ i dag på www.kurs{n}.example och få rabatt.", "lang": "sv",
              "author": {"id": f"salj-{n}", "name": f"Säljare {n}"}, "created_at": "-1min", "state": "visible"} for n in numbers]
    path = place.folder / f"salj-{who}.ndjson"
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    place.call("import", "--relative", path)


def sold(page):
    """What the box of each seller's comment says, by the seller; until the machine has judged it, it is another matter, which ends."""
    found = re.findall(r'name="m" id="[^"]*" value="([^"]+\.m\d+~[^"]+)"[^>]*><label for="[^"]*">Välj<span class="sr">: [^<]*, (Säljare \d+) ', page)
    return {seller: html.unescape(value) for value, seller in found}


def sent(web, page, path, picks, **fields):
    """The form of that action with these boxes ticked."""
    hidden = {k: v for k, v in web.form(page, path).items() if k != "m"}
    return web.post(path, [*hidden.items(), *(("m", p) for p in picks), *fields.items()])


def decided(place, picks):
    """How many decisions there are of those matters."""
    matters = [p.split("~")[0] for p in picks]
    marks = ", ".join("?" * len(matters))
    return place.sql("console", f"SELECT count(*) FROM decision WHERE matter IN ({marks})", *matters)[0][0]


def check_together(checks, place, web, other):
    sell(place, "alla", *range(1, 11))
    page = wait_for("the sellers' comments are to be decided on", lambda: (p := web.get("/atgarda?antal=200")[1]) and len(sold(p)) == 10 and p, 60)
    picks = [sold(page)[f"Säljare {n}"] for n in range(1, 5)]
    removed = [sold(page)[f"Säljare {n}"] for n in (5, 6)]
    changed = picks[-1].split("~")[0] + "~9"
    answer, page = sent(web, page, "/flera", [*picks, "finns.inte~1"])
    checks.that("R25 together: what is ticked is listed", answer.status == 200 and f"Valda: {len(picks)}" in page
                and "1 av dem som valdes finns inte" in page, (answer.status, page[-600:]))
    answer, page = sent(web, page, "/flera/granska", picks, action="hide", reason="profanity", note="samma dag")
    checks.that("R25 together: and counted by account and category before it is decided", answer.status == 200
                and "Per konto" in page and "Per kategori" in page and f"Besluta om {len(picks)}" in page, answer.status)
    checks.that("R25 together: nothing has happened yet", decided(place, picks) == 0)
    fields = {"action": "hide", "reason": "profanity", "note": "samma dag"}
    first, told = sent(web, page, "/flera/beslut", [*picks[:-1], changed], **fields)
    checks.that("R25 together: one that is another by now is refused, the rest go through", first.status == 200
                and "Gick inte att besluta: 1" in told and f"{len(picks) - 1} av {len(picks)} är beslutade" in told,
                (first.status, re.findall(r"<h2[^>]*>(.*?)</h2>", told)))
    again, told = sent(web, page, "/flera/beslut", [*picks[:-1], changed], **fields)
    checks.that("R25 together: pressed again it is told again", again.status == 200 and f"{len(picks) - 1} av {len(picks)} är beslutade" in told)
    wait_for("the console has heard of the decisions", lambda: decided(place, picks) >= len(picks) - 1)
    checks.that("R25 together: and each is decided once", decided(place, picks) == len(picks) - 1, decided(place, picks))
    fields = {"action": "delete", "reason": "personal_data", "ground": "law:GDPR"}
    _, page = sent(web, web.get("/atgarda?antal=200")[1], "/flera", removed)
    _, page = sent(web, page, "/flera/granska", removed, **fields)
    checks.that("R25 together: to delete says that a colleague must approve each", "godkänna var och en" in page)
    answer, told = sent(web, page, "/flera/beslut", removed, **fields)
    checks.that("R25 together: and each waits for a second person", answer.status == 200 and "väntar på en person till: 2" in told, answer.status)
    matters = {p.split("~")[0] for p in removed}
    asked = wait_for("the console has heard who is asked", lambda: all(
        f"/sak/{m}" in (page := other.get("/godkann")[1]) for m in matters) and page)
    checks.that("R25 together: another person sees both, she who asked none", asked
                and not any(f"/sak/{m}" in web.get("/godkann")[1] for m in matters))


def check_proposed(checks, place, web):
    """sla.md E19: the same words again by the same author: what was decided before is proposed, and a person decides."""
    sell(place, "igen", 1)
    page = wait_for("what was decided before is proposed", lambda: (p := web.get("/godkann")[1]) and sold(p) and p, 60)
    checks.that("R25: what was decided on the same words is proposed under Godkänn", "Då blev beslutet: Dölj. Skäl: Svordomar" in page,
                re.findall(r"Samma person.*?</p>", page))
    picks = list(sold(page).values())
    answer, page = sent(web, page, "/flera", picks)
    checks.that("R25: the form says at first what is proposed", answer.status == 200
                and re.search(r'value="hide" id="[^"]*" checked', page) and re.search(r'value="profanity" id="[^"]*" checked', page))
    _, page = sent(web, page, "/flera/granska", picks, action="keep", reason="opinion")
    answer, _ = sent(web, page, "/flera/beslut", picks, action="keep", reason="opinion")
    heard = wait_for("the console has heard of the decision", lambda: not sold(web.get("/godkann")[1]))
    checks.that("R25: decided, it is proposed no more", answer.status == 200 and heard, answer.status)
