/* parts_test.c - the work of classify divided between two processes, by account: each version of
 * each comment is judged by one of them and by no other, whoever dies; while one is down for a day
 * the accounts of the other are judged, and its own have their clocks (R42). */
#include "part.h"
#include "town.h"
#include <stdio.h>
#include <string.h>

enum { ACCOUNTS = 6, EACH = 5 };
static const char *const accounts[ACCOUNTS] = { "acc",      "bad",     "bibliotek",
                                                "miljonar", "skolmat", "trafik" };
static const char judged[] =
    "SELECT count(*) FROM upp_log WHERE type = 'uppsikt.CommentClassified'";

static void write_all(town *t, const char *hour, unsigned version)
{
    for (size_t a = 0; a < ACCOUNTS; a++) {
        char ids[EACH][24], whens[EACH][40], edited[40], texts[EACH][64];
        town_line lines[EACH];
        snprintf(edited, sizeof edited, "2026-01-13T%s:30:00+01:00", hour);
        for (int i = 0; i < EACH; i++) {
            snprintf(ids[i], sizeof ids[i], "%s-%d", accounts[a], i);
            snprintf(whens[i], sizeof whens[i], "2026-01-12T09:%02zu:%02d+01:00", a, i);
            snprintf(texts[i], sizeof texts[i], "Ni är dumma idioter, för %u:e gången", version);
            lines[i] = (town_line){ .id = ids[i],
                                    .created = whens[i],
                                    .edited = version > 1 ? edited : NULL,
                                    .text = texts[i] };
        }
        town_import_to(t, accounts[a], lines, EACH);
    }
}

/* How many comments are of accounts that are this part's. */
static int64_t own_of(unsigned part)
{
    int64_t n = 0;
    for (size_t a = 0; a < ACCOUNTS; a++)
        n += upp_part_for(accounts[a], 2) == part ? EACH : 0;
    return n;
}

static void story(town *t)
{
    char item[UPP_ID], sql[120];
    const unsigned down = 1 + (unsigned)(t->seed % 2), up = 3 - down;
    static const char *const names[] = { "", "classify", "classify-2" };
    for (size_t a = 1; a < ACCOUNTS; a++)
        town_account(t, accounts[a]);
    town_weather(t);
    sim_chaos(t->s, 3 + (unsigned)(t->seed % 10));
    town_until(t, "2026-01-12T09:00:00+01:00");
    sim_down(t->s, names[down], UPP_DAY);
    town_until(t, "2026-01-12T10:00:00+01:00");
    write_all(t, "", 1);
    town_until(t, "2026-01-12T20:00:00+01:00");
    town_expect(t, town_number(t, names[up], judged) == own_of(up));
    town_expect(t, town_number(t, "escalation", "SELECT count(*) FROM judged") == own_of(up));
    town_expect(t, town_number(t, "escalation",
                               "SELECT count(DISTINCT item) FROM matter WHERE state = 0 AND"
                               " due_ms > 0") == ACCOUNTS * EACH);
    town_until(t, "2026-01-13T13:00:00+01:00");
    write_all(t, "13", 2);
    town_item(t, "2026-01-12T09:00:00+01:00", item);
    sim_run(t->s, (upp_ms)sim_below(&t->rand, 60) * UPP_MINUTE);
    sim_forget(t->s, item);
    town_until(t, "2026-01-16T12:00:00+01:00");
    town_clear(t);
    sim_run(t->s, UPP_DAY);
    /* Two versions of each, and nothing of the other's. What was forgotten before its second
     * version was read has none to be judged. */
    const int64_t all = town_number(t, "ingest",
                                    "SELECT count(*) FROM upp_log WHERE type IN"
                                    " ('uppsikt.CommentReceived', 'uppsikt.CommentEdited')");
    int64_t both = 0;
    for (unsigned part = 1; part <= 2; part++) {
        const int64_t n = town_number(t, names[part], judged);
        const int64_t most = 2 * own_of(part);
        town_expect(t, n == most || n == most - 1);
        town_expect(t, town_number(t, names[part], "SELECT count(*) FROM judged") == n);
        both += n;
        snprintf(sql, sizeof sql, "SELECT count(*) FROM upp_tombstone WHERE subject = '%s'", item);
        town_expect(t, town_number(t, names[part], sql) == 1);
    }
    town_expect(t, both == all || both == all - 1);
    town_expect(t,
                town_number(t, "escalation", "SELECT count(*) FROM judged") >= ACCOUNTS * EACH - 1);
}

static void r42_two_parts_of_one_service(void **state)
{
    (void)state;
    assert_true(own_of(1) > 0 && own_of(2) > 0);
    town_tell("parts", story, TOWN_INGEST | TOWN_CLASSIFY | TOWN_PARTS, 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(r42_two_parts_of_one_service) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
