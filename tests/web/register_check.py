"""Absences and an account's life at the console, over real HTTP and against the real register (R03, R04, R05, R07, R15)."""
import datetime
import re

SOFIA = "gula bussar rullar hem"


def day(n):
    return (datetime.date.today() + datetime.timedelta(days=n)).isoformat()


def sent(web, page, path, **fields):
    """The form at that path, with these fields."""
    return web.post(path, {**web.form(page, path), **fields})


def absences(place, person):
    return place.rows("absence", "list", "--person", person)


def check_away(checks, place, linus, sofia):
    _, page = linus.get("/franvaro")
    checks.that("R15: without anybody to lead there is one's own page alone", "Vems frånvaro?" not in page)
    answer, _ = linus.get("/franvaro?person=simhallen-1")
    checks.that("R15: another's absences are not there", answer.status == 404, answer.status)
    fields = {"from": day(3), "to": day(4), "s1": "simhallen-1", "s2": "simhallen-1"}
    answer, again = sent(linus, page, "/franvaro", **fields)
    checks.that("R15: what the register refuses stands beside its field", answer.status == 422
                and re.search(r'id="e-s2">Samma ersättare står två gånger', again), answer.status)
    before = len(absences(place, "simhallen-2"))
    fields["s2"] = "kundcenter-2"
    answer, page = sent(linus, again, "/franvaro", **fields)
    rows = absences(place, "simhallen-2")
    checks.that("R15: an absence is written in by herself, with substitutes in their order", answer.status == 303
                and len(rows) == before + 1 and rows[-1]["content"]["when"]["substitutes"] == ["simhallen-1", "kundcenter-2"], (answer.status, rows))
    _, page = linus.get("/franvaro")
    path = re.search(r'action="(/franvaro/[^"]+/ta-bort)"', page).group(1)
    answer, _ = sent(linus, page, path)
    checks.that("R15: and taken back", answer.status == 303 and len(absences(place, "simhallen-2")) == before, answer.status)
    _, page = sofia.get("/franvaro?person=simhallen-2")
    answer, _ = sent(sofia, page, "/franvaro", **{"from": day(5), "to": day(5)})
    checks.that("R15: her manager writes it in for her", answer.status == 303 and len(absences(place, "simhallen-2")) == before + 1
                and answer.getheader("Location").startswith("/franvaro?person=simhallen-2"), answer.getheader("Location"))


def check_life(checks, place, linus, sofia):
    _, page = linus.get("/nytt-konto")
    fields = {"name": "Simhallens klipp", "platform": "instagram", "unit": "simhallen", "handle": "simklipp", "manual": "1",
              "purpose": "Visa simskolan", "plan": "KP 2026 s. 9"}
    answer, again = sent(linus, page, "/nytt-konto", **fields)
    checks.that("R07: a proposal without the unit's goals is refused beside their field", answer.status == 422
                and 'id="e-goals">Enhetens mål saknas' in again, answer.status)
    answer, _ = sent(linus, again, "/nytt-konto", **fields, goals="Fler simkunniga")
    path = (answer.getheader("Location") or "").split("?")[0]
    checks.that("R07: anybody of the unit proposes, with purpose, goals and plan", answer.status == 303 and path.startswith("/konto/"), path)
    account = path.removeprefix("/konto/")
    _, page = linus.get(path)
    checks.that("R04: who may not take the next step is told who may", "inte göra det här steget" in page and "(enhetens chef)" in page
                and f"{path}/samrad" not in page)
    steps = (("samrad", {"consulted_by": "kommunikation-3", "consulted": day(-2)}, "consulted"),
             ("beslut", {"decided_by": "kulturkontoret-1", "decision": "KFN 2026/9", "decided": day(-1)}, "decided"))
    for act, given, state in steps:
        _, page = sofia.get(path)
        answer, _ = sent(sofia, page, f"{path}/{act}", **given)
        held = [r["state"].lower() for r in place.rows("account", "list") if r["account"] == account]
        checks.that(f"R04: {state}", answer.status == 303 and held and held[0].endswith(state), (answer.status, held))
    for person in ("simhallen-1", "simhallen-2"):
        _, page = sofia.get(path)
        checks.that("R05: it is not opened with fewer than two", f"{path}/oppna" not in page)
        sent(sofia, page, f"{path}/tillgang", person=person)
    for act, state in (("oppna", "open"), ("stang", "closing")):
        _, page = sofia.get(path)
        answer, _ = sent(sofia, page, f"{path}/{act}")
        held = [r["state"].lower() for r in place.rows("account", "list") if r["account"] == account]
        checks.that(f"R04: {state}", answer.status == 303 and held and held[0].endswith(state), (answer.status, held))
    _, page = sofia.get(path)
    checks.that("R08: then it waits for the archive, and has no form", "väntar på arkivet" in page and f'action="{path}/' not in page)


def check_register(checks, place, web_of, linus_password):
    place.call("person", "password", "simhallen-1", "--name", "sofia", given=SOFIA + "\n")
    linus, sofia = web_of(), web_of()
    linus.sign_in("linus", linus_password)
    sofia.sign_in("sofia", SOFIA)
    check_away(checks, place, linus, sofia)
    check_life(checks, place, linus, sofia)
