/* audit_test.c - the auditor's numbers from what was heard: a share is of all that ought to be
 * done, and nobody is better for leaving it (R32; sla.md §8). */
#include "console_fixture.h"

#define MODERATION UPPSIKT__MATTER_KIND__MATTER_KIND_MODERATION
#define QUESTION   UPPSIKT__MATTER_KIND__MATTER_KIND_QUESTION

typedef struct one {
    const char *item, *matter, *account;
    Uppsikt__MatterKind kind;
    bool akut;
    upp_ms due_span; /* after it came in; 0: none */
} one;

static void opened(bench *b, const one *o)
{
    Uppsikt__MatterOpened m = UPPSIKT__MATTER_OPENED__INIT;
    m.matter = upp_lend(o->matter);
    m.item = upp_lend(o->item);
    m.account = upp_lend(o->account);
    m.kind = o->kind;
    m.akut = o->akut;
    m.received_ms = b->now;
    m.due_ms = o->due_span ? b->now + o->due_span : 0;
    hear(b, "escalation", o->item, &m.base, NULL);
}

static void met(bench *b, const one *o, Uppsikt__MetHow how, upp_ms after_span, bool attended)
{
    Uppsikt__MatterMet m = UPPSIKT__MATTER_MET__INIT;
    m.matter = upp_lend(o->matter);
    m.item = upp_lend(o->item);
    m.how = how;
    m.at_ms = b->now + after_span;
    m.within_due = o->due_span == 0 || after_span <= o->due_span;
    m.within_attended = attended;
    hear(b, "escalation", o->item, &m.base, NULL);
}

static ProtobufCMessage *audit(bench *b, upp_ms from, upp_ms to)
{
    Uppsikt__Audit q = UPPSIKT__AUDIT__INIT;
    q.from_ms = from;
    q.to_ms = to;
    assert_int_equal(bench_query(b, "a", &q.base), 1);
    return bench_row_at(b, 0, &uppsikt__audit_row__descriptor);
}

static const Uppsikt__ReportRow *clock_of(Uppsikt__ReportRow *const *clocks, size_t n,
                                          const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(clocks[i]->clock, name) == 0)
            return clocks[i];
    fail_msg("no clock %s", name);
    return NULL;
}

/* Five that are handled in time are no hundred per cent while five others lie there, too late. */
static void R32_what_is_open_and_late_is_in_the_share(void **state)
{
    bench *b = *state;
    const upp_ms began = b->now;
    for (int i = 0; i < 10; i++) {
        char item[8], id[16];
        snprintf(item, sizeof item, "i%d", i);
        snprintf(id, sizeof id, "i%d.m1", i);
        const one o = { item, id, "acc", MODERATION, false, UPP_DAY };
        opened(b, &o);
        if (i < 5)
            met(b, &o, UPPSIKT__MET_HOW__MET_HOW_REMOVED, UPP_HOUR, true);
    }
    b->now += UPP_DAY; /* at the due itself nobody is late */
    ProtobufCMessage *row = audit(b, began, b->now + 1);
    const Uppsikt__AuditRow *r = (const Uppsikt__AuditRow *)row;
    assert_int_equal(r->removals, 5);
    assert_int_equal(r->within_due, 5);
    assert_int_equal(r->late_now, 0);
    assert_int_equal(clock_of(r->clocks, r->n_clocks, "moderation")->open, 5);
    assert_int_equal(clock_of(r->clocks, r->n_clocks, "moderation")->percent, 100);
    upp_msg_freep(&row);
    b->now += 1;
    row = audit(b, began, b->now);
    r = (const Uppsikt__AuditRow *)row;
    assert_int_equal(r->removals, 10);
    assert_int_equal(r->within_due, 5);
    assert_int_equal(r->within_attended, 5);
    assert_int_equal(r->late_now, 5);
    const Uppsikt__ReportRow *m = clock_of(r->clocks, r->n_clocks, "moderation");
    assert_int_equal(m->n_in, 10);
    assert_int_equal(m->met, 5);
    assert_int_equal(m->open_late, 5);
    assert_int_equal(m->open, 0);
    assert_int_equal(m->percent, 50);
    upp_msg_freep(&row);
}

static void R32_each_clock_is_counted_by_when_it_came_in(void **state)
{
    bench *b = *state;
    const upp_ms began = b->now;
    const one before = { "i0", "i0.m1", "acc", MODERATION, false, UPP_DAY };
    const one in_time = { "i1", "i1.m1", "acc", MODERATION, false, UPP_DAY };
    const one too_late = { "i2", "i2.m1", "acc", MODERATION, false, UPP_DAY };
    const one urgent = { "i3", "i3.m1", "acc", MODERATION, true, 2 * UPP_HOUR };
    const one asked = { "i4", "i4.q1", "acc", QUESTION, false, UPP_DAY };
    const one full = { "i4", "i4.a1", "acc", QUESTION, false, 5 * UPP_DAY };
    const one thanks = { "i5", "i5.q1", "acc", QUESTION, false, UPP_DAY };
    const one withdrawn = { "i6", "i6.m1", "acc", MODERATION, false, UPP_DAY };
    const one paused = { "i7", "i7.q1", "acc", QUESTION, false, 0 };
    opened(b, &before);
    met(b, &before, UPPSIKT__MET_HOW__MET_HOW_REMOVED, 3 * UPP_DAY, false);
    b->now = began + UPP_DAY;
    opened(b, &in_time);
    met(b, &in_time, UPPSIKT__MET_HOW__MET_HOW_KEPT, UPP_DAY, true);
    opened(b, &too_late);
    met(b, &too_late, UPPSIKT__MET_HOW__MET_HOW_REMOVED, UPP_DAY + 1, true);
    opened(b, &urgent);
    met(b, &urgent, UPPSIKT__MET_HOW__MET_HOW_REMOVED, 3 * UPP_HOUR, false);
    opened(b, &asked);
    met(b, &asked, UPPSIKT__MET_HOW__MET_HOW_INTERIM, UPP_HOUR, true);
    opened(b, &full);
    opened(b, &thanks);
    met(b, &thanks, UPPSIKT__MET_HOW__MET_HOW_NEEDS_NO_ANSWER, UPP_HOUR, true);
    opened(b, &withdrawn);
    opened(b, &paused);
    Uppsikt__MatterWithdrawn gone = UPPSIKT__MATTER_WITHDRAWN__INIT;
    gone.matter = upp_lend("i6.m1");
    gone.item = upp_lend("i6");
    gone.at_ms = b->now + UPP_HOUR;
    hear(b, "escalation", "i6", &gone.base, NULL);
    b->now += 6 * UPP_DAY;
    ProtobufCMessage *row = audit(b, began + UPP_DAY, b->now);
    const Uppsikt__AuditRow *r = (const Uppsikt__AuditRow *)row;
    assert_int_equal(r->n_clocks, 6); /* each, even what nothing came in on */
    const Uppsikt__ReportRow *m = clock_of(r->clocks, r->n_clocks, "moderation");
    assert_int_equal(m->n_in, 3); /* the one before came in too early, whenever it ended */
    assert_int_equal(m->met, 1);
    assert_int_equal(m->late, 1);
    assert_int_equal(m->withdrawn, 1);
    assert_int_equal(m->within_24h, 1);
    assert_int_equal(m->within_attended, 2);
    assert_int_equal(m->percent, 50);
    const Uppsikt__ReportRow *a = clock_of(r->clocks, r->n_clocks, "akut");
    assert_int_equal(a->late, 1);
    assert_int_equal(a->within_24h, 1);
    assert_int_equal(a->percent, 0);
    const Uppsikt__ReportRow *q = clock_of(r->clocks, r->n_clocks, "question");
    assert_int_equal(q->n_in, 3);
    assert_int_equal(q->met, 2);
    assert_int_equal(q->open, 1); /* it waits for the citizen: no clock runs */
    assert_int_equal(q->needs_no_answer, 1);
    assert_int_equal(q->percent, 100);
    assert_int_equal(clock_of(r->clocks, r->n_clocks, "answer")->open_late, 1);
    assert_int_equal(clock_of(r->clocks, r->n_clocks, "answer")->percent, 0);
    assert_int_equal(clock_of(r->clocks, r->n_clocks, "look")->percent, -1);
    assert_int_equal(r->removals, 3);
    assert_int_equal(r->within_due, 1);
    assert_int_equal(r->questions, 3);
    assert_int_equal(r->answered, 2);
    assert_int_equal(r->answered_within, 2);
    assert_int_equal(r->needs_no_answer, 1);
    assert_int_equal(r->unanswered, 2);
    assert_int_equal(r->accounts, 1);
    assert_int_equal(r->understaffed, 0);
    upp_msg_freep(&row);
}

static size_t accounts(bench *b, const char *after, uint32_t limit)
{
    Uppsikt__AuditAccounts q = UPPSIKT__AUDIT_ACCOUNTS__INIT;
    q.to_ms = b->now + 1;
    q.after = upp_lend(after);
    q.limit = limit;
    return bench_query(b, "a", &q.base);
}

static void R32_each_account_has_its_own_numbers(void **state)
{
    bench *b = *state;
    const one here = { "i1", "i1.m1", "acc", MODERATION, false, UPP_HOUR };
    const one there = { "i2", "i2.q1", "bad-konto", QUESTION, false, UPP_HOUR };
    Uppsikt__MatterOpened errand = UPPSIKT__MATTER_OPENED__INIT;
    account(b, "bad-konto", "bad");
    account(b, "quiet", "bad");
    opened(b, &here);
    opened(b, &there);
    met(b, &there, UPPSIKT__MET_HOW__MET_HOW_ANSWERED, UPP_MINUTE, true);
    errand.matter = upp_lend("quiet.f1");
    errand.item = upp_lend("quiet");
    errand.account = upp_lend("quiet");
    errand.kind = UPPSIKT__MATTER_KIND__MATTER_KIND_LOOK;
    errand.errand = upp_lend("errand-review");
    errand.received_ms = b->now;
    hear(b, "escalation", "quiet", &errand.base, NULL);
    b->now += UPP_DAY;
    assert_int_equal(accounts(b, "", 10), 2); /* an errand is nobody's comment */
    ProtobufCMessage *row = bench_row_at(b, 0, &uppsikt__audit_account_row__descriptor);
    ProtobufCMessage *content =
        bench_row_content(b, 0, &uppsikt__audit_account_row_content__descriptor);
    const Uppsikt__AuditAccountRow *r = (const Uppsikt__AuditAccountRow *)row;
    assert_string_equal(r->account, "acc");
    assert_string_equal(r->platform, "facebook");
    assert_string_equal(r->unit, "skola");
    assert_string_equal(((const Uppsikt__AuditAccountRowContent *)content)->account,
                        "Skolan " MARKER);
    assert_int_equal(r->n_clocks, 1); /* only what came in */
    assert_string_equal(r->clocks[0]->account, "acc");
    assert_int_equal(r->clocks[0]->open_late, 1);
    assert_int_equal(r->clocks[0]->percent, 0);
    upp_msg_freep(&row);
    upp_msg_freep(&content);
    assert_int_equal(accounts(b, "", 1), 1);
    assert_int_equal(accounts(b, "acc", 10), 1);
    row = bench_row_at(b, 0, &uppsikt__audit_account_row__descriptor);
    assert_string_equal(((const Uppsikt__AuditAccountRow *)row)->account, "bad-konto");
    assert_int_equal(((const Uppsikt__AuditAccountRow *)row)->clocks[0]->percent, 100);
    upp_msg_freep(&row);
    assert_int_equal(accounts(b, "bad-konto", 10), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STEP(R32_what_is_open_and_late_is_in_the_share),
        STEP(R32_each_clock_is_counted_by_when_it_came_in),
        STEP(R32_each_account_has_its_own_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
