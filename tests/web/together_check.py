"""One decision on many comments, over real HTTP: what is listed, refused, done once (R22, R25)."""
import html
import re


def picks_of(page):
    """The boxes of a list: what each would say."""
    return [html.unescape(v) for v in re.findall(r'type="checkbox" name="m" id="[^"]*" value="([^"]+)"', page)]


def sent(web, page, path, picks, **fields):
    """The form of that action with these boxes ticked."""
    hidden = {k: v for k, v in web.form(page, path).items() if k != "m"}
    return web.post(path, [*hidden.items(), *(("m", p) for p in picks), *fields.items()])


def decided(place, picks):
    """How many decisions there are of those matters."""
    matters = [p.split("~")[0] for p in picks]
    marks = ", ".join("?" * len(matters))
    return place.sql("console", f"SELECT count(*) FROM decision WHERE matter IN ({marks})", *matters)[0][0]


def check_together(checks, place, web):
    _, page = web.get("/atgarda?antal=200")
    picks = [p for p in picks_of(page) if re.search(r"\.[ml]\d+~", p)][-7:-3]
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
    checks.that("R25 together: and each is decided once", decided(place, picks) == len(picks) - 1, decided(place, picks))
