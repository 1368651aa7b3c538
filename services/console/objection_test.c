/* objection_test.c - what is decided anew and what is objected to, as it is heard: it counts once,
 * as it was met first (R20, R32); what somebody objects stands in the comment's history, and is
 * forgotten with the comment (R25, R29). */
#include "console_fixture.h"

#define HIDE UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE

static void opened(bench *b, const char *matter, const char *errand, bool anew, upp_ms received)
{
    Uppsikt__MatterOpened m = UPPSIKT__MATTER_OPENED__INIT;
    m.matter = upp_lend(matter);
    m.item = upp_lend("i1");
    m.account = upp_lend("acc");
    m.version = 1;
    m.kind = errand[0] ? UPPSIKT__MATTER_KIND__MATTER_KIND_LOOK
                       : UPPSIKT__MATTER_KIND__MATTER_KIND_MODERATION;
    m.errand = upp_lend(errand);
    m.received_ms = received;
    m.due_ms = received + UPP_DAY;
    m.anew = anew;
    hear(b, "escalation", "i1", &m.base, NULL);
}

static void met(bench *b, const char *matter, Uppsikt__MetHow how, bool within)
{
    Uppsikt__MatterMet m = UPPSIKT__MATTER_MET__INIT;
    m.matter = upp_lend(matter);
    m.item = upp_lend("i1");
    m.account = upp_lend("acc");
    m.how = how;
    m.at_ms = b->now;
    m.within_due = m.within_attended = within;
    hear(b, "escalation", "i1", &m.base, NULL);
}

static void received(bench *b)
{
    Uppsikt__CommentReceived c = UPPSIKT__COMMENT_RECEIVED__INIT;
    Uppsikt__CommentReceivedContent what = UPPSIKT__COMMENT_RECEIVED_CONTENT__INIT;
    what.text = upp_lend("ett " MARKER);
    c.item = upp_lend("i1");
    c.account = upp_lend("acc");
    c.platform = upp_lend("facebook");
    c.kind = UPPSIKT__ITEM_KIND__ITEM_KIND_COMMENT;
    c.version = 1;
    c.received_ms = b->now;
    hear(b, "ingest", "i1", &c.base, &what.base);
    opened(b, "i1.m1", "", false, b->now);
}

/* "in met late open open-late within-24h changed" of a clock. */
static const char *counted(bench *b, const char *clock)
{
    static char text[80];
    Uppsikt__Audit q = UPPSIKT__AUDIT__INIT;
    q.to_ms = b->now + 1;
    assert_int_equal(bench_query(b, "a", &q.base), 1);
    ProtobufCMessage *row = bench_row_at(b, 0, &uppsikt__audit_row__descriptor);
    const Uppsikt__AuditRow *r = (const Uppsikt__AuditRow *)row;
    text[0] = '\0';
    for (size_t i = 0; i < r->n_clocks; i++) {
        const Uppsikt__ReportRow *c = r->clocks[i];
        if (strcmp(c->clock, clock) == 0)
            snprintf(text, sizeof text, "%d %d %d %d %d %d %d", (int)c->n_in, (int)c->met,
                     (int)c->late, (int)c->open, (int)c->open_late, (int)c->within_24h,
                     (int)c->changed);
    }
    upp_msg_freep(&row);
    return text;
}

static void R20_decided_anew_counts_as_it_was_met_first(void **state)
{
    bench *b = *state;
    const upp_ms began = b->now;
    received(b);
    b->now += UPP_HOUR;
    met(b, "i1.m1", UPPSIKT__MET_HOW__MET_HOW_KEPT, true);
    assert_string_equal(counted(b, "moderation"), "1 1 0 0 0 1 0");
    b->now += 7 * UPP_DAY;
    opened(b, "i1.m1", "", true, began);
    assert_string_equal(counted(b, "moderation"), "1 1 0 0 0 1 0"); /* though it is open, and due */
    assert_int_equal(bench_number(b, "SELECT state FROM matter WHERE matter = 'i1.m1'"), 0);
    b->now += UPP_HOUR;
    met(b, "i1.m1", UPPSIKT__MET_HOW__MET_HOW_REMOVED, true); /* as escalation says of it */
    assert_string_equal(counted(b, "moderation"), "1 1 0 0 0 1 0");
    opened(b, "i1.m1", "", true, began); /* and once more: the first is the first */
    assert_int_equal(bench_number(b, "SELECT first_ms FROM matter WHERE matter = 'i1.m1'"),
                     began + UPP_HOUR);
    assert_string_equal(counted(b, "moderation"), "1 1 0 0 0 1 0");
}

/* The words of the history's line of that kind; *ret_by: who. */
static const char *line_of(bench *b, const char *matter, const char *what, char ret_by[32])
{
    static char text[80];
    Uppsikt__Sheet q = UPPSIKT__SHEET__INIT;
    q.matter = upp_lend(matter);
    q.person = upp_lend("a");
    assert_int_equal(bench_query(b, "a", &q.base), 1);
    ProtobufCMessage *row = bench_row_at(b, 0, &uppsikt__sheet_row__descriptor);
    ProtobufCMessage *content = bench_row_content(b, 0, &uppsikt__sheet_row_content__descriptor);
    const Uppsikt__SheetRow *r = (const Uppsikt__SheetRow *)row;
    snprintf(text, sizeof text, "(none)");
    for (size_t i = 0; i < r->n_happened; i++)
        if (strcmp(r->happened[i]->what, what) == 0) {
            snprintf(text, sizeof text, "%s",
                     ((const Uppsikt__SheetRowContent *)content)->notes[i]);
            snprintf(ret_by, 32, "%s", r->happened[i]->person);
        }
    upp_msg_freep(&row);
    upp_msg_freep(&content);
    return text;
}

/* On the comment's own page and on the objection's; the report counts what became of it. */
static void R25_an_objection_is_read_and_counted(void **state)
{
    bench *b = *state;
    char by[32] = "";
    Uppsikt__AppealLodged a = UPPSIKT__APPEAL_LODGED__INIT;
    Uppsikt__AppealLodgedContent words = UPPSIKT__APPEAL_LODGED_CONTENT__INIT;
    Uppsikt__AppealDecided d = UPPSIKT__APPEAL_DECIDED__INIT;
    Uppsikt__AppealDecidedContent why = UPPSIKT__APPEAL_DECIDED_CONTENT__INIT;
    received(b);
    met(b, "i1.m1", UPPSIKT__MET_HOW__MET_HOW_REMOVED, true);
    opened(b, "d1.A1", "appeal", false, b->now);
    words.text = upp_lend("Det var ett citat " MARKER);
    a.appeal = d.appeal = upp_lend("d1.A1");
    a.item = d.item = upp_lend("i1");
    a.account = d.account = upp_lend("acc");
    a.decision = d.decision = upp_lend("d1");
    a.by = upp_lend("a");
    a.by_author = true;
    a.at_ms = a.received_ms = b->now;
    hear(b, "escalation", "i1", &a.base, &words.base);
    assert_string_equal(line_of(b, "i1.m1", "log.appeal-author", by), "Det var ett citat " MARKER);
    assert_string_equal(by, "a");
    assert_string_equal(line_of(b, "d1.A1", "log.appeal-author", by), "Det var ett citat " MARKER);
    assert_string_equal(counted(b, "appeal"), "1 0 0 1 0 0 0");
    assert_string_equal(counted(b, "look"), "0 0 0 0 0 0 0");
    a.by_author = false;
    hear(b, "escalation", "i1", &a.base, &words.base);
    assert_string_equal(line_of(b, "i1.m1", "log.appeal-other", by), "Det var ett citat " MARKER);
    why.note = upp_lend("Ja, ett citat " MARKER);
    d.by = upp_lend("man");
    d.changed = true;
    d.at_ms = b->now;
    hear(b, "escalation", "i1", &d.base, &why.base);
    met(b, "d1.A1", UPPSIKT__MET_HOW__MET_HOW_CHANGED, true);
    assert_string_equal(line_of(b, "i1.m1", "log.appealed-changed", by), "Ja, ett citat " MARKER);
    assert_string_equal(by, "man");
    assert_string_equal(counted(b, "appeal"), "1 1 0 0 0 1 1");
    d.changed = false;
    hear(b, "escalation", "i1", &d.base, &why.base);
    assert_string_equal(line_of(b, "i1.m1", "log.appealed-stands", by), "Ja, ett citat " MARKER);
    Uppsikt__DisposalApproved gone = UPPSIKT__DISPOSAL_APPROVED__INIT;
    char *subjects[] = { upp_lend("i1") };
    gone.disposal = upp_lend("x1");
    gone.subjects = subjects;
    gone.n_subjects = 1;
    hear(b, "evidence", "x1", &gone.base, NULL);
    assert_string_equal(line_of(b, "i1.m1", "log.appeal-other", by), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STEP(R20_decided_anew_counts_as_it_was_met_first),
        STEP(R25_an_objection_is_read_and_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
