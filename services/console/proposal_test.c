/* proposal_test.c - matters that are chosen for one decision, and what was decided on the same
 * words before: who is shown what of them (R25; sla.md E19). */
#include "console_fixture.h"

#define HIDE UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE

static void comment(bench *b, const char *item, const char *acc, Uppsikt__ItemKind kind)
{
    Uppsikt__CommentReceived c = UPPSIKT__COMMENT_RECEIVED__INIT;
    Uppsikt__CommentReceivedContent what = UPPSIKT__COMMENT_RECEIVED_CONTENT__INIT;
    what.text = upp_lend("Köp nu! " MARKER);
    c.item = upp_lend(item);
    c.account = upp_lend(acc);
    c.platform = upp_lend("facebook");
    c.kind = kind;
    c.version = 1;
    c.received_ms = b->now;
    hear(b, "ingest", item, &c.base, &what.base);
    Uppsikt__MatterOpened m = UPPSIKT__MATTER_OPENED__INIT;
    char id[40];
    snprintf(id, sizeof id, "%s.m1", item);
    m.matter = id;
    m.item = upp_lend(item);
    m.account = upp_lend(acc);
    m.kind = UPPSIKT__MATTER_KIND__MATTER_KIND_MODERATION;
    m.version = 1;
    m.received_ms = b->now;
    m.due_ms = b->now + UPP_DAY;
    hear(b, "escalation", item, &m.base, NULL);
}

static void edited(bench *b, const char *item)
{
    Uppsikt__CommentEdited e = UPPSIKT__COMMENT_EDITED__INIT;
    Uppsikt__CommentEditedContent c = UPPSIKT__COMMENT_EDITED_CONTENT__INIT;
    Uppsikt__CommentReceivedContent what = UPPSIKT__COMMENT_RECEIVED_CONTENT__INIT;
    what.text = upp_lend("Något annat");
    c.now = &what;
    e.item = upp_lend(item);
    e.version = 2;
    e.seen_ms = b->now;
    hear(b, "ingest", item, &e.base, &c.base);
}

static void decided(bench *b, const char *decision, const char *matter, const char *item)
{
    Uppsikt__DecisionMade d = UPPSIKT__DECISION_MADE__INIT;
    d.decision = upp_lend(decision);
    d.matter = upp_lend(matter);
    d.item = upp_lend(item);
    d.account = upp_lend("acc");
    d.version = 1;
    d.action = HIDE;
    d.reason = upp_lend("advertising");
    d.by = upp_lend("a");
    d.at_ms = b->now;
    hear(b, "escalation", item, &d.base, NULL);
}

static void proposed(bench *b, const char *matter, const char *item)
{
    Uppsikt__DecisionProposed p = UPPSIKT__DECISION_PROPOSED__INIT;
    p.matter = upp_lend(matter);
    p.item = upp_lend(item);
    p.decision = upp_lend("d1");
    p.action = HIDE;
    hear(b, "escalation", item, &p.base, NULL);
}

static size_t to_approve(bench *b, const char *who)
{
    Uppsikt__Desk q = UPPSIKT__DESK__INIT;
    q.person = upp_lend(who);
    q.list = UPPSIKT__DESK_LIST__DESK_LIST_APPROVE;
    return bench_query(b, who, &q.base);
}

/* What her navigation says. */
static int64_t counted(bench *b)
{
    assert_int_equal(visitors(b, 1), 1);
    ProtobufCMessage *row = bench_row_at(b, 0, &uppsikt__visitor_row__descriptor);
    const int64_t n = ((const Uppsikt__VisitorRow *)row)->to_approve;
    upp_msg_freep(&row);
    return n;
}

/* What is proposed stands under "Godkänn", with the reason of the first, until somebody has decided
 * or the words are others. */
static void R25_a_proposed_decision_waits_among_what_is_to_be_approved(void **state)
{
    bench *b = *state;
    comment(b, "i1", "acc", UPPSIKT__ITEM_KIND__ITEM_KIND_COMMENT);
    comment(b, "i2", "acc", UPPSIKT__ITEM_KIND__ITEM_KIND_COMMENT);
    comment(b, "i3", "acc", UPPSIKT__ITEM_KIND__ITEM_KIND_COMMENT);
    login_of(b, "c", "c");
    sign_in(b, "c", true, 1, NULL);
    decided(b, "d1", "i1.m1", "i1");
    assert_int_equal(to_approve(b, "c"), 0);
    proposed(b, "i2.m1", "i2");
    proposed(b, "i3.m1", "i3");
    assert_int_equal(to_approve(b, "c"), 2);
    assert_int_equal(counted(b), 2);
    assert_int_equal(to_approve(b, "c"), 2);
    ProtobufCMessage *row = bench_row_at(b, 0, &uppsikt__desk_row__descriptor);
    assert_int_equal(((const Uppsikt__DeskRow *)row)->proposed, HIDE);
    assert_string_equal(((const Uppsikt__DeskRow *)row)->proposed_reason, "advertising");
    upp_msg_freep(&row);
    assert_int_equal(to_approve(b, "other"), 0);
    assert_int_equal(to_approve(b, "arc"), 0); /* she only sees */
    edited(b, "i3");
    assert_int_equal(to_approve(b, "c"), 1);
    decided(b, "d2", "i2.m1", "i2");
    assert_int_equal(to_approve(b, "c"), 0);
    assert_int_equal(counted(b), 0);
}

static size_t chosen(bench *b, const char *who)
{
    char *list[] = { upp_lend("i1.m1"), upp_lend("i2.m1"), upp_lend("i9.m1"), upp_lend("i3.m1") };
    Uppsikt__Chosen q = UPPSIKT__CHOSEN__INIT;
    q.person = upp_lend(who);
    q.matters = list;
    q.n_matters = UPP_LEN(list);
    return bench_query(b, who, &q.base);
}

static void plan(bench *b, const char *row, const char *authority, const char *decision)
{
    Uppsikt__RetentionRowAdopted r = UPPSIKT__RETENTION_ROW_ADOPTED__INIT;
    r.row = upp_lend(row);
    r.authority = upp_lend(authority);
    r.kind = upp_lend("Borttagna kommentarer");
    r.action = UPPSIKT__RETENTION_ROW_ADOPTED__ACTION__ACTION_DISPOSE;
    r.decision = upp_lend(decision);
    hear(b, "registry", row, &r.base, NULL);
}

/* Whose she may see, whether she may act, and of a message no word. */
static void R25_what_is_chosen_is_shown_to_who_may_see_it(void **state)
{
    bench *b = *state;
    static const struct {
        const char *who;
        size_t n;
        bool acts;
    } rows[] = {
        { "a", 2, true }, { "arc", 3, false }, { "other", 0, false }, { "ops", 0, false }
    };
    account(b, "pool", "bad");
    comment(b, "i1", "acc", UPPSIKT__ITEM_KIND__ITEM_KIND_COMMENT);
    comment(b, "i2", "acc", UPPSIKT__ITEM_KIND__ITEM_KIND_MESSAGE);
    comment(b, "i3", "pool", UPPSIKT__ITEM_KIND__ITEM_KIND_COMMENT);
    plan(b, "r1", "ks", "KS 1");
    plan(b, "r2", "ks", ""); /* without force */
    plan(b, "r3", "bun", "BUN 1");
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        assert_int_equal(chosen(b, rows[i].who), rows[i].n);
        for (size_t n = 0; n < rows[i].n; n++) {
            ProtobufCMessage *row = bench_row_at(b, n, &uppsikt__chosen_row__descriptor);
            ProtobufCMessage *content =
                bench_row_content(b, n, &uppsikt__chosen_row_content__descriptor);
            const Uppsikt__ChosenRow *r = (const Uppsikt__ChosenRow *)row;
            assert_int_equal(r->may_act, rows[i].acts);
            assert_string_equal(r->state, "open");
            assert_string_equal(r->authority, "ks");
            assert_int_equal(r->n_rows, n == 0); /* once for each authority */
            if (n == 0)
                assert_string_equal(r->rows[0]->row, "r1");
            assert_string_equal(((const Uppsikt__ChosenRowContent *)content)->desk->text,
                                n == 1 ? "" : "Köp nu! " MARKER);
            upp_msg_freep(&row);
            upp_msg_freep(&content);
        }
    }
}

static void R25_what_is_done_or_gone_is_said_to_be_so(void **state)
{
    bench *b = *state;
    comment(b, "i1", "acc", UPPSIKT__ITEM_KIND__ITEM_KIND_COMMENT);
    comment(b, "i2", "acc", UPPSIKT__ITEM_KIND__ITEM_KIND_COMMENT);
    Uppsikt__MatterMet met = UPPSIKT__MATTER_MET__INIT;
    met.matter = upp_lend("i1.m1");
    met.item = upp_lend("i1");
    met.at_ms = b->now;
    hear(b, "escalation", "i1", &met.base, NULL);
    Uppsikt__CommentGone gone = UPPSIKT__COMMENT_GONE__INIT;
    gone.item = upp_lend("i2");
    gone.at_ms = b->now;
    hear(b, "ingest", "i2", &gone.base, NULL);
    edited(b, "i2");
    assert_int_equal(chosen(b, "a"), 2);
    for (size_t n = 0; n < 2; n++) {
        ProtobufCMessage *row = bench_row_at(b, n, &uppsikt__chosen_row__descriptor);
        const Uppsikt__ChosenRow *r = (const Uppsikt__ChosenRow *)row;
        assert_string_equal(r->state, n == 0 ? "met" : "open");
        assert_int_equal(r->is_gone, n == 1);
        assert_int_equal(r->desk->versions, n + 1);
        upp_msg_freep(&row);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STEP(R25_a_proposed_decision_waits_among_what_is_to_be_approved),
        STEP(R25_what_is_chosen_is_shown_to_who_may_see_it),
        STEP(R25_what_is_done_or_gone_is_said_to_be_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
