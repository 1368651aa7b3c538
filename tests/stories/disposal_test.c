/* disposal_test.c - gallring, whole: a list by an adopted row, another person, everybody forgets,
 * also who was down for days; a hold beats the row, what is open stays; the same words come again,
 * late and from a file, and are not taken in (R21, R23; I14, I15; P4, P8, E30). */
#include "town.h"
#include "town_part.h"
#include "uppsikt/registry.pb-c.h"
#include <stdio.h>
#include <string.h>

typedef struct said {
    char item[UPP_ID], mark[SIM_MARK], id[8], text[64], received[40];
} said;

static void write(town *t, said *c, int n)
{
    snprintf(c->id, sizeof c->id, "c%d", n);
    snprintf(c->received, sizeof c->received, "2026-01-12T08:0%d:00+01:00", n);
    sim_mark(t->s, c->id, c->mark);
    snprintf(c->text, sizeof c->text, "Ni är rötägg, %s", c->mark);
    town_import(t, &(town_line){ .id = c->id, .created = c->received, .text = c->text }, 1);
    town_item(t, c->received, c->item);
    if (!c->item[0])
        return;
    sim_mark_about(t->s, c->mark, c->item);
    town_judged(t, c->item, 1, UPPSIKT__LABEL__LABEL_ATTACK);
}

static const char *keep(town *t, const said *c, char refused[96])
{
    Uppsikt__Decide d = UPPSIKT__DECIDE__INIT;
    char id[MATTER_ID];
    snprintf(id, sizeof id, "%s.m1", c->item);
    d.matter = id;
    d.version = 1;
    d.action = UPPSIKT__ITEM_ACTION__ITEM_ACTION_KEEP;
    d.reason = upp_lend("attack");
    return town_answer(t, town_send(t, "anna", &d.base), refused);
}

static void adopt_row(town *t, const char *row, const char *by, const char *covers)
{
    Uppsikt__AdoptRetentionRow r = UPPSIKT__ADOPT_RETENTION_ROW__INIT;
    char *list[] = { upp_lend(covers) };
    r.row = upp_lend(row);
    r.authority = upp_lend("ks");
    r.process = upp_lend("Kommunicera");
    r.kind = upp_lend("Kommentarer");
    r.action = UPPSIKT__RETENTION_ROW_ADOPTED__ACTION__ACTION_DISPOSE;
    r.decision = upp_lend(by);
    r.mandate = upp_lend("Plan 2026");
    r.covers = list;
    r.n_covers = 1;
    town_did(t, "registry", "ops", &r.base);
}

static const char *hold(town *t, const said *c, char refused[96])
{
    Uppsikt__PlaceHold h = UPPSIKT__PLACE_HOLD__INIT;
    char id[MATTER_ID];
    snprintf(id, sizeof id, "%s.m1", c->item);
    h.matter = id;
    return town_answer(t, town_send_to(t, "evidence", "com", &h.base), refused);
}

static const char *propose(town *t, const char *by, const char *row, char refused[96])
{
    Uppsikt__ProposeDisposal p = UPPSIKT__PROPOSE_DISPOSAL__INIT;
    p.plan_row = upp_lend(row);
    p.before_ms = sim_now(t->s);
    return town_answer(t, town_send_to(t, "evidence", by, &p.base), refused);
}

/* What the second person is shown, from the store. */
static bool shown(town *t, char ret_id[64], uint8_t ret_hash[32])
{
    sqlite3_stmt *row = NULL;
    bool there = false;
    upp_check(sqlite3_prepare_v2(town_store(t, "evidence"),
                                 "SELECT disposal, list_hash FROM disposal", -1, &row,
                                 NULL) == SQLITE_OK);
    if (sqlite3_step(row) == SQLITE_ROW) {
        const char *hex = (const char *)sqlite3_column_text(row, 1);
        snprintf(ret_id, 64, "%s", (const char *)sqlite3_column_text(row, 0));
        for (size_t i = 0; i < 32; i++) {
            unsigned byte = 0;
            for (size_t k = 0; k < 2; k++)
                byte = byte * 16 +
                       (unsigned)(strchr("0123456789abcdef", hex[2 * i + k]) - "0123456789abcdef");
            ret_hash[i] = (uint8_t)byte;
        }
        there = true;
    }
    sqlite3_finalize(row);
    return there;
}

static const char *approve(town *t, const char *by, const char *id, uint8_t hash[32],
                           char refused[96])
{
    Uppsikt__ApproveDisposal a = UPPSIKT__APPROVE_DISPOSAL__INIT;
    a.disposal = upp_lend(id);
    a.list_sha256 = (ProtobufCBinaryData){ 32, hash };
    return town_answer(t, town_send_to(t, "evidence", by, &a.base), refused);
}

static int64_t state_of(town *t)
{
    return town_number(t, "evidence", "SELECT state FROM disposal");
}

static void refusals(town *t, const char *id, uint8_t hash[32])
{
    char refused[96];
    hash[7] ^= 1;
    town_expect(t, strcmp(approve(t, "ark", id, hash, refused), "another-list") == 0);
    hash[7] ^= 1;
    town_expect(t, strcmp(approve(t, "com", id, hash, refused), "second-person") == 0);
    town_expect(t, strcmp(approve(t, "ops", id, hash, refused), "operations-approve-nothing") == 0);
    town_expect(t, strcmp(approve(t, "chef", id, hash, refused), "archivist-needed") == 0);
    town_expect(t, strcmp(approve(t, "dora", id, hash, refused), "not-allowed") == 0);
}

static void forgotten_everywhere(town *t, const said *c)
{
    static const char *const services[] = { "registry", "ingest", "escalation", "evidence" };
    char sql[160];
    for (size_t i = 0; i < UPP_LEN(services); i++) {
        snprintf(sql, sizeof sql, "SELECT count(*) FROM upp_tombstone WHERE subject = '%s'",
                 c->item);
        town_expect(t, town_number(t, services[i], sql) == 1);
        snprintf(sql, sizeof sql, "SELECT count(*) FROM upp_about WHERE subject = '%s'", c->item);
        town_expect(t, town_number(t, services[i], sql) == 0);
    }
    snprintf(sql, sizeof sql, "SELECT count(*) FROM record WHERE item = '%s' AND state <> 3",
             c->item);
    town_expect(t, town_number(t, "evidence", sql) == 0);
}

static int64_t copies(town *t, const said *c)
{
    char sql[160];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM record WHERE item = '%s' AND state = 2",
             c->item);
    return town_number(t, "evidence", sql);
}

static void story(town *t)
{
    said gone, held, open;
    char refused[96], id[64];
    uint8_t hash[32];
    town_weather(t);
    sim_fault(t->s, SIM_LATE, 60); /* the wire remembers for days */
    town_until(t, "2026-01-12T09:00:00+01:00");
    adopt_row(t, "mall", "", "comment");
    adopt_row(t, "rad", "KS 1", "comment");
    adopt_row(t, "annat", "KS 1", "message");
    adopt_row(t, "borttaget", "KS 1", "removed-comment");
    write(t, &gone, 1);
    write(t, &held, 2);
    write(t, &open, 3);
    if (!gone.item[0] || !held.item[0] || !open.item[0])
        return;
    sim_run(t->s, 2 * UPP_HOUR);
    town_expect(t, keep(t, &gone, refused)[0] == '\0');
    town_expect(t, keep(t, &held, refused)[0] == '\0');
    sim_run(t->s, 2 * UPP_HOUR);
    town_expect(t, copies(t, &gone) == 2);
    town_expect(t, hold(t, &held, refused)[0] == '\0');
    town_expect(t, strcmp(propose(t, "ops", "mall", refused), "row-not-adopted") == 0);
    town_expect(t, strcmp(propose(t, "ops", "ingen", refused), "row-unknown") == 0);
    town_expect(t, strcmp(propose(t, "dora", "rad", refused), "not-allowed") == 0);
    /* R21: nothing here is a message, and nothing was removed */
    town_expect(t, strcmp(propose(t, "ark", "annat", refused), "nothing-due") == 0);
    town_expect(t, strcmp(propose(t, "ark", "borttaget", refused), "nothing-due") == 0);
    town_expect(t, propose(t, "com", "rad", refused)[0] == '\0');
    if (!shown(t, id, hash)) {
        town_wrong(t, "no list: %s", refused);
        return;
    }
    town_expect(t, town_number(t, "evidence", "SELECT count FROM disposal") == 1);
    town_expect(t, town_number(t, "evidence", "SELECT held FROM disposal") == 1);
    town_expect(t, town_number(t, "evidence", "SELECT open FROM disposal") == 1);
    refusals(t, id, hash);
    const bool away = t->seed % 2;
    if (away) {
        (void)town_store(t, "escalation"); /* it is up, or sim_down would do nothing */
        sim_down(t->s, "escalation", 3 * UPP_DAY);
    }
    town_expect(t, approve(t, "ark", id, hash, refused)[0] == '\0');
    sim_forgotten(t->s, gone.item);
    sim_run(t->s, UPP_DAY);
    if (away)
        town_expect(t, state_of(t) == 1); /* pending: escalation */
    town_import(t, &(town_line){ .id = gone.id, .created = gone.received, .text = gone.text }, 1);
    sim_run(t->s, 4 * UPP_DAY);
    town_expect(t, state_of(t) == 2);
    town_expect(t, town_number(t, "evidence",
                               "SELECT count(*) FROM upp_log WHERE type ="
                               " 'uppsikt.ContentDisposed'") == 1);
    forgotten_everywhere(t, &gone);
    town_expect(t, copies(t, &held) == 2);
    town_expect(t, copies(t, &open) == 2);
}

static void r23_two_persons_and_nothing_is_left(void **state)
{
    (void)state;
    town_tell("disposal", story, TOWN_INGEST | TOWN_EVIDENCE, 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(r23_two_persons_and_nothing_is_left) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
