/* gate_test.c - comments on a page are decided on while everything fails: services crash, the
 * page throttles, breaks and loses its answers, authors edit and remove, the brake is on for an
 * hour. No removal reaches the page before the copy of that very version is sealed, and each has
 * its effect once; and whatever is decided later, it is hidden there exactly when the newest
 * decision says so, or was on its way already (R11, R22, R25; P3, I9, I11, I12, I13; sla.md P6,
 * E9, E14). */
#include "facebook_fake.h"
#include "gate.h"
#include "town.h"
#include "town_part.h"
#include "uppsikt/ingest.pb-c.h"
#include <stdio.h>
#include <string.h>

enum { COMMENTS = 6 };

typedef struct comment {
    town *t;
    const char *id; /* on the page */
    char item[UPP_ID];
    Uppsikt__ItemAction wanted; /* 0: only an answer */
    Uppsikt__ItemAction after;  /* what is decided about it then: keep, show again; 0: nothing */
    bool edited, removed;       /* by its author, some time */
    upp_ms edited_ms;
    size_t command, second; /* `second`: of `after` */
} comment;

/* Some trouble on the page, again and again. */
static void trouble(sim *s, void *ctx)
{
    town *t = ctx;
    const enum fakebook_fault fault = (enum fakebook_fault)sim_below(&t->rand, FAKEBOOK_FAULTS);
    (void)s;
    fakebook_fail(town_page(t), fault, 1 + (int)sim_below(&t->rand, 3), sim_chance(&t->rand, 50));
}

static void author_edits(sim *s, void *ctx)
{
    comment *c = ctx;
    c->edited_ms = sim_now(s);
    c->edited = fakebook_edit(town_page(c->t), c->id, "Förlåt, det var dumt sagt");
}

static void author_removes(sim *s, void *ctx)
{
    comment *c = ctx;
    (void)s;
    c->removed = fakebook_remove(town_page(c->t), c->id);
}

static void write_all(town *t, comment *all, const char *post)
{
    char when[40];
    for (int i = 0; i < COMMENTS; i++) {
        comment *c = &all[i];
        char text[80];
        snprintf(text, sizeof text, "Ni är rötägg nummer %d", i);
        snprintf(when, sizeof when, "2026-01-12T09:%02d:00+01:00", i);
        const fakebook_words words = { .author = "901", .name = "Åsa", .text = text };
        *c = (comment){ .t = t };
        c->id = fakebook_comment(town_page(t), post, &words, town_at(when) / UPP_SECOND);
        c->wanted = i % 3 == 0   ? UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE
                    : i % 3 == 1 ? UPPSIKT__ITEM_ACTION__ITEM_ACTION_DELETE
                                 : UPPSIKT__ITEM_ACTION__ITEM_ACTION_UNSPECIFIED;
        if (c->wanted && sim_chance(&t->rand, 60))
            c->after = sim_chance(&t->rand, 50) ? UPPSIKT__ITEM_ACTION__ITEM_ACTION_KEEP
                                                : UPPSIKT__ITEM_ACTION__ITEM_ACTION_UNHIDE;
        if (sim_chance(&t->rand, 25))
            sim_in(t->s, (upp_ms)sim_below(&t->rand, 5 * UPP_HOUR), author_edits, c);
        if (!sim_chance(&t->rand, 15))
            continue;
        sim_in(t->s, 2 * UPP_HOUR + (upp_ms)sim_below(&t->rand, 6 * UPP_HOUR), author_removes, c);
        t->by_others = true; /* it may go while our own delete is under way: done, not by us */
    }
}

static size_t decide(town *t, comment *c, Uppsikt__ItemAction what)
{
    char id[MATTER_ID];
    Uppsikt__Decide d = UPPSIKT__DECIDE__INIT;
    snprintf(id, sizeof id, "%s.m1", c->item);
    d.matter = id;
    d.version = 1;
    d.action = what;
    d.reason = upp_lend("attack");
    d.note = upp_lend("se kommentaren");
    if (what == UPPSIKT__ITEM_ACTION__ITEM_ACTION_DELETE)
        d.law = upp_lend("BBS 5 § 1 a"); /* the law demands it: one person suffices */
    return town_send(t, "anna", &d.base);
}

/* Somebody thinks better of it: at once, when it may be on its way, or much later. */
static void think_again(sim *s, void *ctx)
{
    comment *c = ctx;
    (void)s;
    c->second = decide(c->t, c, c->after);
}

static void reply_to(town *t, comment *c)
{
    Uppsikt__SendReply r = UPPSIKT__SEND_REPLY__INIT;
    r.item = c->item;
    r.text = upp_lend("Vi tar emot synpunkter på kommunens sida. /anna Ek, handläggare");
    r.person = upp_lend("anna");
    c->command = town_send_to(t, "ingest", "anna", &r.base);
}

static void hold(town *t, bool on)
{
    Uppsikt__HoldActions h = UPPSIKT__HOLD_ACTIONS__INIT;
    h.hold = on;
    (void)town_send_to(t, "ingest", "ops", &h.base);
}

/* Everybody's decisions, at a moment of their own. */
static void people(town *t, comment *all)
{
    char when[40];
    t->no_browser = t->seed % 2; /* then there is RAW and no more, until the afternoon */
    for (int i = 0; i < COMMENTS; i++) {
        snprintf(when, sizeof when, "2026-01-12T09:%02d:00+01:00", i);
        town_item(t, when, all[i].item);
        if (!all[i].item[0])
            return;
        town_judged(t, all[i].item, 1, UPPSIKT__LABEL__LABEL_ATTACK);
    }
    town_until(t, "2026-01-12T12:00:00+01:00");
    hold(t, t->seed % 3 == 0);
    for (int i = 0; i < COMMENTS; i++) {
        sim_run(t->s, (upp_ms)sim_below(&t->rand, 20 * UPP_MINUTE));
        if (all[i].wanted)
            all[i].command = decide(t, &all[i], all[i].wanted);
        else
            reply_to(t, &all[i]);
        if (!all[i].after)
            continue;
        const bool soon = sim_chance(&t->rand, 50);
        sim_in(t->s, (upp_ms)sim_below(&t->rand, soon ? 2 * UPP_MINUTE : 6 * UPP_HOUR), think_again,
               &all[i]);
    }
    sim_run(t->s, UPP_HOUR);
    hold(t, false);
    town_until(t, "2026-01-12T16:00:00+01:00");
    t->no_browser = false;
}

/* E9: words that nobody has decided on stay. One minute: between our last look and the call itself
 * an author may be faster, and no platform lets us say "only if it still reads so". */
static void check_words(town *t, const comment *c)
{
    char action[UPP_ID] = "";
    sqlite3_stmt *row = NULL;
    upp_ms at = 0, seen = 0;
    upp_check(sqlite3_prepare_v2(town_store(t, "ingest"),
                                 "SELECT a.action, i.seen_ms FROM action a JOIN item i USING (item)"
                                 " WHERE item = ?1 AND a.what < 2",
                                 -1, &row, NULL) == SQLITE_OK);
    upp_check(sqlite3_bind_text(row, 1, c->item, -1, SQLITE_STATIC) == SQLITE_OK);
    if (sqlite3_step(row) == SQLITE_ROW) {
        snprintf(action, sizeof action, "%s", (const char *)sqlite3_column_text(row, 0));
        seen = sqlite3_column_int64(row, 1);
    }
    sqlite3_finalize(row);
    const char *text = town_removed(t, action, &at);
    if (text && c->edited && c->edited_ms > seen && at > c->edited_ms + UPP_MINUTE &&
        !strstr(text, "rötägg"))
        town_wrong(t, "E9: other words were removed than were decided on");
}

/* As ingest's store has them (action.h there). */
enum { DONE = 4, REFUSED = 5 };

/* How the action of that kind about it ended; -1: there was none. */
static int64_t end_of(town *t, const comment *c, enum gate_what what)
{
    char sql[200];
    snprintf(sql, sizeof sql, "SELECT state FROM action WHERE item = '%s' AND what = %d", c->item,
             (int)what);
    const int64_t end = town_number(t, "ingest", sql);
    if (end != -1 && end != DONE && end != REFUSED)
        town_wrong(t, "R20: an action in state %d a day later", (int)end);
    return end;
}

/* It was taken; or refused, because an edit, a removal or another decision came first. */
static bool was_taken(town *t, const comment *c, size_t command)
{
    char refused[96];
    if (!town_answer(t, command, refused)[0])
        return true;
    static const char *const late[] = { "stale-version", "item-gone", "matter-closed", "not-hidden",
                                        "hidden-show-it" };
    bool known = false;
    for (size_t i = 0; i < UPP_LEN(late); i++)
        known = known || strcmp(refused, late[i]) == 0;
    if (!known || (!c->edited && !c->removed && !c->after))
        town_wrong(t, "refused: %s", refused);
    return false;
}

/* R25: what is there is as the newest decision says; a removal that was on its way by then, or was
 * done, is undone by a decision to show it, and by nothing else. */
static void compare_page(town *t, const comment *c, int64_t end, int64_t shown)
{
    const fakebook *page = town_page(t);
    const bool deletes = c->wanted == UPPSIKT__ITEM_ACTION__ITEM_ACTION_DELETE;
    if (!c->wanted)
        return;
    if (end == DONE && deletes)
        town_expect(t, !fakebook_there(page, c->id));
    else if (c->removed)
        return;
    else if (end == DONE && shown != DONE)
        town_expect(t, !fakebook_visible(page, c->id));
    else
        town_expect(t, fakebook_visible(page, c->id));
}

/* What was decided is so on the page; or it was refused, and is as its author left it. */
static void compare(town *t, const comment *c)
{
    const bool first = was_taken(t, c, c->command);
    const bool second = c->after && was_taken(t, c, c->second);
    const bool shows = second && c->after == UPPSIKT__ITEM_ACTION__ITEM_ACTION_UNHIDE;
    if (!first)
        return;
    const int64_t end =
        end_of(t, c,
               c->wanted == UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE     ? GATE_HIDE
               : c->wanted == UPPSIKT__ITEM_ACTION__ITEM_ACTION_DELETE ? GATE_DELETE
                                                                       : GATE_REPLY);
    const int64_t shown = shows ? end_of(t, c, GATE_UNHIDE) : -1;
    check_words(t, c);
    if (end < 0 || (shows && shown < 0))
        town_wrong(t, "R25: what was decided has become nothing");
    if (end == REFUSED && !c->edited && !c->removed && !second)
        town_wrong(t, "an action was refused although nobody had changed anything");
    if (shown == REFUSED && !c->edited && !c->removed && end != DONE)
        town_wrong(t, "R25: it is not shown again although it is there");
    compare_page(t, c, end, shown);
    town_counted(t, "R25 decisions taken back or undone", second);
    town_counted(t, "R25 removals that left no more", second && end == REFUSED);
    town_counted(t, "R25 comments shown again", shown == DONE && end == DONE);
}

static void story(town *t)
{
    comment all[COMMENTS];
    const char *post = fakebook_post(town_page(t), &(fakebook_words){ .text = "Badet öppnar" },
                                     town_at("2026-01-11T09:00:00+01:00") / UPP_SECOND);
    town_connect(t);
    town_until(t, "2026-01-12T09:10:00+01:00");
    town_weather(t);
    for (int i = 0; i < 12; i++)
        sim_in(t->s, (upp_ms)sim_below(&t->rand, 8 * UPP_HOUR), trouble, t);
    write_all(t, all, post);
    people(t, all);
    town_until(t, "2026-01-12T20:00:00+01:00");
    town_clear(t);
    fakebook_fail(town_page(t), FAKEBOOK_WELL, 0, false);
    town_until(t, "2026-01-13T14:00:00+01:00");
    for (int i = 0; i < COMMENTS && all[COMMENTS - 1].item[0]; i++)
        compare(t, &all[i]);
}

static void r22_nothing_leaves_before_its_copy_is_sealed(void **state)
{
    (void)state;
    town_tell("gate", story, TOWN_INGEST | TOWN_EVIDENCE, 25);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(
        r22_nothing_leaves_before_its_copy_is_sealed) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
