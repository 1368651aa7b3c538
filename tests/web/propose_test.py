#!/usr/bin/env python3
"""A disposal from the console's two pages: the archivist proposes what an adopted row lets go, another person approves.

usage: propose_test.py BIN   R23 R21
"""
import datetime
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from place import Checks, Place, free_port, wait_for  # noqa: E402
from visitor import Visitor  # noqa: E402

SARA, MARIA = "blå hästar springer fort", "gröna kossor betar sakta"


def lists(place):
    return place.rows("dispose", "list")


def check_proposed(checks, place, port):
    sara, maria = Visitor(port), Visitor(port)
    sara.sign_in("sara", SARA)
    maria.sign_in("maria", MARIA)
    answer, page = maria.ask("GET", "/gallring/foresla")
    checks.that("R23: who is no archivist proposes nothing here", answer.status == 403, answer.status)
    answer, page = sara.ask("GET", "/gallring/foresla")
    checks.that("R23: the page has the adopted rows that let something go, what they let go now or that a day is wanted",
                answer.status == 200 and "sm-borttaget" in page and "Inget är moget nu." in page
                and "sm-kommentar" in page and "välj en dag" in page, answer.status)
    tomorrow = datetime.date.today() + datetime.timedelta(days=1)
    told = place.rows("dispose", "propose", "--row", "sm-kommentar", "--before", "now", "--dry-run", person="kommunledning-3")[0]
    answer, page = sara.ask("GET", f"/gallring/foresla?rad=sm-kommentar&dag={tomorrow}")
    shown = int(re.search(r"På listan nu: (\d+)", page).group(1))
    checks.that("R23: as many as the command counts", shown == told["count"], (shown, told["count"]))
    checks.that("R23: to look proposes nothing", lists(place) == [], lists(place))
    path = "/gallring/foresla"
    fields = sara.form(page, path)
    answer, _ = sara.post(path, {**fields, "seal": "0" * 64})
    checks.that("R25: a button that is not ours proposes nothing", answer.status == 403 and lists(place) == [], answer.status)
    answer, _ = sara.post(path, fields)
    where = answer.getheader("Location", "")
    checks.that("R23: one press proposes the list that was seen", answer.status == 303 and where.endswith("?klart=done.proposed"), where)
    sara.post(path, fields)
    rows = lists(place)
    checks.that("R23: once, however often it is pressed", len(rows) == 1 and rows[0]["count"] == shown
                and rows[0]["by"] == "kommunledning-3", rows)
    answer, page = sara.ask("GET", where)
    checks.that("R23: she sees it, and may not approve it", answer.status == 200 and "Du föreslog listan själv" in page)
    return rows[0]["disposal"], maria


def check_approved(checks, place, disposal, maria):
    _, page = maria.ask("GET", f"/gallring/{disposal}")
    answer, _ = maria.post(f"/gallring/{disposal}", maria.form(page, f"/gallring/{disposal}"))
    checks.that("R23: the second person approves as ever", answer.status == 303, answer.status)
    wait_for("everybody has forgotten", lambda: lists(place)[0]["state"] == "disposed")
    row = lists(place)[0]
    checks.that("R23: two persons stand in it", (row["by"], row["second"]) == ("kommunledning-3", "kommunikation-1"), row)


def main():
    checks = Checks()
    port = free_port()
    with Place(sys.argv[1]) as place:
        place.up(UPPSIKT_CONSOLE_PORT=str(port))
        place.wait_up(["console", "evidence"])
        sample = HERE.parent.parent / "deploy/sample"
        place.call("account", "load", sample / "sjoberga.yaml")
        place.call("import", "--relative", sample / "comments.ndjson")
        for person, name, password in (("kommunledning-3", "sara", SARA), ("kommunikation-1", "maria", MARIA)):
            place.call("person", "password", person, "--name", name, given=password + "\n")
        wait_for("something is due", lambda: place.rows("dispose", "propose", "--row", "sm-kommentar", "--before", "now",
                                                        "--dry-run", person="kommunledning-3")[0]["count"] > 0)
        wait_for("the console has heard of it", lambda: place.sql("console", "SELECT count(*) > 0 FROM version")[0][0])
        disposal, maria = check_proposed(checks, place, port)
        check_approved(checks, place, disposal, maria)
    return checks.end()


sys.exit(main())
