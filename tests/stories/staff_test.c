/* staff_test.c - staff are forgotten as what was written is: an absence that is over while she
 * works here, and her name when she has left; a list, another person, and every service forgets,
 * also who was down for days; who is still here is on no list (R23, R29; P4, P8). */
#include "town.h"
#include "town_part.h"
#include "uppsikt/registry.pb-c.h"
#include <sodium.h>
#include <stdio.h>
#include <string.h>

static void adopt_row(town *t, const char *row, const char *covers)
{
    Uppsikt__AdoptRetentionRow r = UPPSIKT__ADOPT_RETENTION_ROW__INIT;
    char *list[] = { upp_lend(covers) };
    r.row = upp_lend(row);
    r.authority = upp_lend("ks");
    r.process = upp_lend("Personal");
    r.kind = upp_lend("Uppgifter om medarbetare");
    r.action = UPPSIKT__RETENTION_ROW_ADOPTED__ACTION__ACTION_DISPOSE;
    r.decision = upp_lend("KS 1");
    r.mandate = upp_lend("Plan 2026");
    r.covers = list;
    r.n_covers = 1;
    town_did(t, "registry", "ops", &r.base);
}

static void is_away(town *t, const char *person, const char *absence, upp_ms to)
{
    Uppsikt__SetAbsence s = UPPSIKT__SET_ABSENCE__INIT;
    Uppsikt__AbsenceSetContent when = UPPSIKT__ABSENCE_SET_CONTENT__INIT;
    when.from_ms = sim_now(t->s) + UPP_HOUR;
    when.to_ms = to;
    s.absence = upp_lend(absence);
    s.person = upp_lend(person);
    s.when = &when;
    town_did(t, "registry", "ops", &s.base);
}

static const char *propose(town *t, const char *row, const char *named, char refused[96])
{
    Uppsikt__ProposeDisposal p = UPPSIKT__PROPOSE_DISPOSAL__INIT;
    char *items[] = { upp_lend(named) };
    p.plan_row = upp_lend(row);
    p.before_ms = sim_now(t->s);
    p.items = items;
    p.n_items = named[0] ? 1 : 0;
    return town_answer(t, town_send_to(t, "evidence", "com", &p.base), refused);
}

/* The list of that row, as the second person is shown it. */
static const char *approve(town *t, const char *row, char refused[96])
{
    Uppsikt__ApproveDisposal a = UPPSIKT__APPROVE_DISPOSAL__INIT;
    char id[64] = "", hex[65] = "";
    uint8_t hash[32];
    size_t n = 0;
    sqlite3_stmt *stmt = NULL;
    upp_check(sqlite3_prepare_v2(town_store(t, "evidence"),
                                 "SELECT disposal, list_hash FROM disposal WHERE plan_row = ?1", -1,
                                 &stmt, NULL) == SQLITE_OK);
    sqlite3_bind_text(stmt, 1, row, -1, SQLITE_STATIC);
    if (sqlite3_step(stmt) == SQLITE_ROW) {
        snprintf(id, sizeof id, "%s", (const char *)sqlite3_column_text(stmt, 0));
        snprintf(hex, sizeof hex, "%s", (const char *)sqlite3_column_text(stmt, 1));
    }
    sqlite3_finalize(stmt);
    if (sodium_hex2bin(hash, sizeof hash, hex, strlen(hex), NULL, &n, NULL) != 0 || n != 32)
        return "no list";
    a.disposal = id;
    a.list_sha256 = (ProtobufCBinaryData){ 32, hash };
    return town_answer(t, town_send_to(t, "evidence", "ark", &a.base), refused);
}

static void forgotten_everywhere(town *t, const char *subject)
{
    static const char *const services[] = { "registry", "ingest", "escalation", "evidence" };
    char sql[160];
    for (size_t i = 0; i < UPP_LEN(services); i++) {
        snprintf(sql, sizeof sql, "SELECT count(*) FROM upp_tombstone WHERE subject = '%s'",
                 subject);
        town_expect(t, town_number(t, services[i], sql) == 1);
        snprintf(sql, sizeof sql, "SELECT count(*) FROM upp_about WHERE subject = '%s'", subject);
        town_expect(t, town_number(t, services[i], sql) == 0);
    }
}

static int64_t disposed(town *t)
{
    return town_number(t, "evidence", "SELECT count(*) FROM disposal WHERE state = 2");
}

static void story(town *t)
{
    char refused[96];
    Uppsikt__PersonLeaves leaves = UPPSIKT__PERSON_LEAVES__INIT;
    town_weather(t);
    town_until(t, "2026-01-12T09:00:00+01:00");
    adopt_row(t, "personal", "staff");
    adopt_row(t, "borta", "absence");
    is_away(t, "carl", "x1", sim_now(t->s) + 2 * UPP_HOUR);
    is_away(t, "carl", "x2", sim_now(t->s) + 40 * UPP_DAY);
    is_away(t, "dora", "x3", sim_now(t->s) + 40 * UPP_DAY);
    sim_run(t->s, 4 * UPP_HOUR);
    town_expect(t, strcmp(propose(t, "personal", "", refused), "nothing-due") == 0);
    town_expect(t, strcmp(propose(t, "personal", "dora", refused), "person-has-not-left") == 0);
    town_expect(t, strcmp(propose(t, "borta", "x2", refused), "not-over-yet") == 0);
    leaves.person = upp_lend("dora");
    town_did(t, "registry", "ops", &leaves.base);
    sim_run(t->s, 4 * UPP_HOUR);
    town_expect(t, propose(t, "borta", "", refused)[0] == '\0');
    town_expect(t, propose(t, "personal", "", refused)[0] == '\0');
    town_expect(t, town_number(t, "evidence", "SELECT sum(count) FROM disposal") == 2);
    const bool away = t->seed % 2;
    if (away) {
        (void)town_store(t, "escalation"); /* it is up, or sim_down would do nothing */
        sim_down(t->s, "escalation", 3 * UPP_DAY);
    }
    town_expect(t, approve(t, "borta", refused)[0] == '\0');
    town_expect(t, approve(t, "personal", refused)[0] == '\0');
    sim_run(t->s, UPP_DAY);
    town_expect(t, !away || disposed(t) == 0); /* pending: escalation */
    sim_run(t->s, 4 * UPP_DAY);
    town_expect(t, disposed(t) == 2);
    forgotten_everywhere(t, "x1");
    forgotten_everywhere(t, "dora");
    town_expect(t, town_number(t, "registry", "SELECT count(*) FROM absence WHERE when_ref > 0") ==
                       1); /* x2 */
    town_expect(t, town_number(t, "registry",
                               "SELECT who_ref = 0 FROM person"
                               " WHERE person = 'dora'") == 1);
    town_expect(t, town_number(t, "registry",
                               "SELECT who_ref > 0 FROM person"
                               " WHERE person = 'carl'") == 1);
}

static void r29_staff_are_forgotten_everywhere(void **state)
{
    (void)state;
    town_tell("staff", story, TOWN_INGEST | TOWN_EVIDENCE, 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(r29_staff_are_forgotten_everywhere) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
