"""What a leaver hands over and who has access, at the console over real HTTP, without script (R03, R05, R06)."""
import re

STEPS = 5


def check_handed(checks, place, frida, ali):
    """Frida ticks all rows of the sample's leaver; she cannot confirm it, and Ali does. `frida`, `ali`: signed in."""
    leaver = place.rows("person", "handover", person="kommunikation-3")[0]["person"]
    path = f"/overlamning/{leaver}"
    checks.that("R06: the leaver's list is linked", f'href="{path}"' in frida.get("/overlamning")[1])
    accounts = [row["account"] for row in place.rows("person", "handover", leaver, person="kommunikation-3")[0]["account_rows"]]
    page = frida.get(path)[1]
    actions = re.findall(rf'action="({re.escape(path)}/[\w-]+~\d)"', page)
    checks.that("R06: each row of each account has a form", len(actions) == STEPS * len(accounts) > 0, actions)
    answer, again = frida.post(actions[1], {**frida.form(page, actions[1]), "not-needed": "1", "note": ""})
    checks.that("R06: a row that is not needed wants a reason", answer.status == 422 and "Skriv varför raden inte behövs" in again, answer.status)
    for action in actions:
        what = {"not-needed": "1", "note": "två andra är kvar"} if action.endswith("~1") else {"done": "1"}
        for _ in range(2):  # a double click counts once
            frida.post(action, {**frida.form(page, action), **what})
    for account in accounts:
        for person in ("biblioteket-1", "kommunikation-3"):
            place.call("account", "grant", account, person, person="kommunikation-1")
    page = frida.get(path)[1]
    taken = re.findall(rf'action="({re.escape(path)}/[\w-]+~ta)"', page)
    for action in taken:
        frida.post(action, frida.form(page, action))
    ticked = place.sql("registry", "SELECT count(*), count(DISTINCT done_by) FROM leaver_row WHERE person = ? AND tick > 1", leaver)[0]
    said = place.sql("registry", "SELECT count(*) FROM upp_log WHERE type = 'uppsikt.LeaverRowTicked'")[0][0]
    checks.that("R06: every row is ticked, once", ticked == (len(actions), 1) and said == len(actions), (ticked, said))
    page = frida.get(path)[1]
    checks.that("R06: who ticked has no button that confirms, and is told why", f"{path}/bekrafta" not in page and
                "bockat av rader kan inte" in page, page[-1500:])
    page = ali.get(path)[1]
    answer, _ = ali.post(f"{path}/bekrafta", ali.form(page, f"{path}/bekrafta"))
    page = ali.get(path)[1]
    checks.that("R06: another person confirms", answer.status == 303 and "Bekräftad av" in page and
                not place.sql("registry", "SELECT 1 FROM finding WHERE kind = 'leaver' AND cleared_ms = 0"), answer.status)
    page = frida.get("/tillgang")[1]
    checks.that("R05: who keeps the register reads who has access, and attests for nobody else's unit",
                all(name in page for name in ("Vilka har tillgång", "<li>")) and page.count("<li class=\"card\">") > 5, page[-800:])
