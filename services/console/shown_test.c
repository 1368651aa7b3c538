/* shown_test.c - what is hidden and shown again, and what a newer decision takes back, as the page
 * of it has it (R25). */
#include "console_fixture.h"

#define KEEP   UPPSIKT__ITEM_ACTION__ITEM_ACTION_KEEP
#define HIDE   UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE
#define DELETE UPPSIKT__ITEM_ACTION__ITEM_ACTION_DELETE
#define UNHIDE UPPSIKT__ITEM_ACTION__ITEM_ACTION_UNHIDE

/* A comment with its matter. */
static void received(bench *b)
{
    Uppsikt__CommentReceived c = UPPSIKT__COMMENT_RECEIVED__INIT;
    Uppsikt__CommentReceivedContent what = UPPSIKT__COMMENT_RECEIVED_CONTENT__INIT;
    Uppsikt__MatterOpened m = UPPSIKT__MATTER_OPENED__INIT;
    what.text = upp_lend("ett");
    c.item = m.item = upp_lend("i1");
    c.account = m.account = upp_lend("acc");
    c.platform = upp_lend("facebook");
    c.kind = UPPSIKT__ITEM_KIND__ITEM_KIND_COMMENT;
    c.version = m.version = 1;
    c.received_ms = m.received_ms = b->now;
    m.matter = upp_lend("i1.m1");
    m.kind = UPPSIKT__MATTER_KIND__MATTER_KIND_MODERATION;
    hear(b, "ingest", "i1", &c.base, &what.base);
    hear(b, "escalation", "i1", &m.base, NULL);
}

/* Its id is "d" and the action's number. */
static void decided(bench *b, Uppsikt__ItemAction action)
{
    Uppsikt__DecisionMade d = UPPSIKT__DECISION_MADE__INIT;
    Uppsikt__DecisionMadeContent note = UPPSIKT__DECISION_MADE_CONTENT__INIT;
    char id[8];
    snprintf(id, sizeof id, "d%d", (int)action);
    note.note = upp_lend("anteckning " MARKER);
    d.decision = id;
    d.matter = upp_lend("i1.m1");
    d.item = upp_lend("i1");
    d.account = upp_lend("acc");
    d.version = 1;
    d.action = action;
    d.by = upp_lend("a");
    d.at_ms = b->now;
    hear(b, "escalation", "i1", &d.base, &note.base);
}

static size_t to_approve(bench *b, const char *who)
{
    Uppsikt__Desk q = UPPSIKT__DESK__INIT;
    q.person = upp_lend(who);
    q.list = UPPSIKT__DESK_LIST__DESK_LIST_APPROVE;
    q.limit = 10;
    return bench_query(b, who, &q.base);
}

/* "what way hidden" of a sheet's head, and how many of its actions wait. */
static const char *standing(bench *b, size_t *ret_waiting)
{
    static char text[64];
    Uppsikt__Sheet q = UPPSIKT__SHEET__INIT;
    q.matter = upp_lend("i1.m1");
    q.person = upp_lend("a");
    assert_int_equal(bench_query(b, "a", &q.base), 1);
    ProtobufCMessage *row = bench_row_at(b, 0, &uppsikt__sheet_row__descriptor);
    const Uppsikt__SheetRow *r = (const Uppsikt__SheetRow *)row;
    snprintf(text, sizeof text, "%d %s %d", (int)r->desk->decided, r->desk->way, r->desk->hidden);
    *ret_waiting = 0;
    for (size_t i = 0; i < r->n_actions; i++)
        *ret_waiting += strcmp(r->actions[i]->state, "waiting") == 0;
    upp_msg_freep(&row);
    return text;
}

static void done_as(bench *b, const char *decision, Uppsikt__ItemAction what)
{
    Uppsikt__ActionDone done = UPPSIKT__ACTION_DONE__INIT;
    done.action = upp_lend(decision);
    done.matter = upp_lend("i1.m1");
    done.item = upp_lend("i1");
    done.version = 1;
    done.what = what;
    hear(b, "ingest", "i1", &done.base, NULL);
}

/* con.6: what was hidden and is shown again waits, and is done, by its own decision: not by an
 * earlier one of the same kind. What a newer decision took back is said as that, and nobody is
 * asked to approve of it. */
static void R25_hidden_shown_again_and_taken_back(void **state)
{
    bench *b = *state;
    Uppsikt__ApprovalAsked ask = UPPSIKT__APPROVAL_ASKED__INIT;
    Uppsikt__ActionRefused no = UPPSIKT__ACTION_REFUSED__INIT;
    size_t waiting = 0;
    received(b);
    decided(b, HIDE);
    assert_string_equal(standing(b, &waiting), "2 waiting 0");
    assert_int_equal(waiting, 1);
    done_as(b, "d2", HIDE);
    assert_string_equal(standing(b, &waiting), "0  1");
    b->now += UPP_HOUR;
    decided(b, UNHIDE);
    assert_string_equal(standing(b, &waiting), "4 waiting 1");
    assert_int_equal(waiting, 1);
    done_as(b, "d4", UNHIDE);
    assert_string_equal(standing(b, &waiting), "0  0");
    assert_int_equal(waiting, 0);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM happening WHERE what = 'log.decided-4'"
                                     " AND person = 'a'"),
                     1);
    b->now += UPP_HOUR;
    ask.approval = upp_lend("p1");
    ask.matter = upp_lend("i1.m1");
    ask.item = upp_lend("i1");
    ask.by = upp_lend("a");
    ask.expires_ms = b->now + UPP_DAY;
    hear(b, "escalation", "i1", &ask.base, NULL);
    decided(b, DELETE);
    assert_int_equal(to_approve(b, "c"), 1);
    b->now += UPP_HOUR;
    decided(b, KEEP);
    assert_int_equal(to_approve(b, "c"), 0);
    done_as(b, "d2", HIDE);
    assert_string_equal(standing(b, &waiting), "0  1");
    done_as(b, "x3", DELETE); /* nothing is there to be shown */
    assert_string_equal(standing(b, &waiting), "0  0");
    no.action = upp_lend("d3");
    no.item = upp_lend("i1");
    no.version = 1;
    no.what = DELETE;
    no.reason = UPPSIKT__ACTION_REFUSED__REASON__REASON_RECALLED;
    hear(b, "ingest", "i1", &no.base, NULL);
    assert_string_equal(standing(b, &waiting), "0  0");
    assert_int_equal(waiting, 0);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM happening WHERE what = 'log.recalled-3'"
                                     " AND detail = 'recalled'"),
                     1);
}

int main(void)
{
    const struct CMUnitTest tests[] = { STEP(R25_hidden_shown_again_and_taken_back) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
