/* console_test.c - the service stepped by hand: who sees what, in which order, what is forgotten
 * (R20, R22, R23, R25, R29). */
#include "console_fixture.h"

/* -- what waits -- */
static void comment(bench *b, const char *item, Uppsikt__ItemKind kind, const char *text)
{
    Uppsikt__CommentReceived c = UPPSIKT__COMMENT_RECEIVED__INIT;
    Uppsikt__CommentReceivedContent what = UPPSIKT__COMMENT_RECEIVED_CONTENT__INIT;
    Uppsikt__ItemAuthor author = UPPSIKT__ITEM_AUTHOR__INIT;
    author.name = upp_lend("Bo " MARKER);
    what.text = upp_lend(text);
    what.author = &author;
    c.item = upp_lend(item);
    c.account = upp_lend("acc");
    c.platform = upp_lend("facebook");
    c.kind = kind;
    c.version = 1;
    c.received_ms = b->now;
    hear(b, "ingest", item, &c.base, &what.base);
}

static void matter(bench *b, const char *id, const char *item, Uppsikt__MatterKind kind, upp_ms due)
{
    Uppsikt__MatterOpened m = UPPSIKT__MATTER_OPENED__INIT;
    m.matter = upp_lend(id);
    m.item = upp_lend(item);
    m.account = upp_lend("acc");
    m.kind = kind;
    m.version = 1;
    m.received_ms = b->now;
    m.due_ms = due;
    hear(b, "escalation", item, &m.base, NULL);
}

static size_t desk(bench *b, const char *who, Uppsikt__DeskList list, upp_ms after,
                   const char *after_matter, uint32_t limit)
{
    Uppsikt__Desk q = UPPSIKT__DESK__INIT;
    q.person = upp_lend(who);
    q.list = list;
    q.after_ms = after;
    q.after = upp_lend(after_matter);
    q.limit = limit;
    return bench_query(b, who, &q.base);
}

static void assert_row(bench *b, size_t i, const char *id, const char *text)
{
    ProtobufCMessage *row = bench_row_at(b, i, &uppsikt__desk_row__descriptor);
    ProtobufCMessage *content = bench_row_content(b, i, &uppsikt__desk_row_content__descriptor);
    assert_string_equal(((Uppsikt__DeskRow *)row)->opened->matter, id);
    assert_string_equal(((Uppsikt__DeskRowContent *)content)->text, text);
    upp_msg_freep(&row);
    upp_msg_freep(&content);
}

#define ACT        UPPSIKT__DESK_LIST__DESK_LIST_ACT
#define ANSWER     UPPSIKT__DESK_LIST__DESK_LIST_ANSWER
#define SEE        UPPSIKT__DESK_LIST__DESK_LIST_SEE
#define APPROVE    UPPSIKT__DESK_LIST__DESK_LIST_APPROVE
#define COMMENT    UPPSIKT__ITEM_KIND__ITEM_KIND_COMMENT
#define MESSAGE    UPPSIKT__ITEM_KIND__ITEM_KIND_MESSAGE
#define LOOK       UPPSIKT__MATTER_KIND__MATTER_KIND_LOOK
#define MODERATION UPPSIKT__MATTER_KIND__MATTER_KIND_MODERATION
#define QUESTION   UPPSIKT__MATTER_KIND__MATTER_KIND_QUESTION
#define TO_SEE     UPPSIKT__MATTER_KIND__MATTER_KIND_SEE

static void R20_what_runs_out_first_is_first(void **state)
{
    bench *b = *state;
    comment(b, "i1", COMMENT, "ett");
    comment(b, "i2", COMMENT, "två");
    comment(b, "i3", COMMENT, "tre");
    matter(b, "i1.m1", "i1", MODERATION, b->now + 3 * UPP_HOUR);
    matter(b, "i2.l1", "i2", LOOK, b->now + UPP_HOUR);
    matter(b, "i3.m1", "i3", MODERATION, b->now + 2 * UPP_HOUR);
    matter(b, "i1.q1", "i1", QUESTION, b->now + UPP_MINUTE);
    matter(b, "i2.s1", "i2", TO_SEE, 0);
    assert_int_equal(desk(b, "a", ACT, 0, "", 10), 3);
    assert_row(b, 0, "i2.l1", "två");
    assert_row(b, 1, "i3.m1", "tre");
    assert_row(b, 2, "i1.m1", "ett");
    assert_int_equal(desk(b, "a", ACT, b->now + UPP_HOUR, "i2.l1", 1), 1); /* the next page */
    assert_row(b, 0, "i3.m1", "tre");
    assert_int_equal(desk(b, "a", ANSWER, 0, "", 10), 1);
    assert_int_equal(desk(b, "a", SEE, 0, "", 10), 1);
    Uppsikt__DueRecomputed due = UPPSIKT__DUE_RECOMPUTED__INIT;
    due.matter = upp_lend("i1.m1");
    due.new_ms = b->now + UPP_MINUTE;
    hear(b, "escalation", "i1", &due.base, NULL);
    desk(b, "a", ACT, 0, "", 10);
    assert_row(b, 0, "i1.m1", "ett");
    Uppsikt__MatterMet met = UPPSIKT__MATTER_MET__INIT;
    met.matter = upp_lend("i1.m1");
    met.item = upp_lend("i1");
    met.at_ms = b->now;
    hear(b, "escalation", "i1", &met.base, NULL);
    assert_int_equal(desk(b, "a", ACT, 0, "", 10), 2);
}

static size_t sheets(bench *b, const char *id, const char *who)
{
    Uppsikt__Sheet q = UPPSIKT__SHEET__INIT;
    q.matter = upp_lend(id);
    q.person = upp_lend(who);
    return bench_query(b, who, &q.base);
}

static void R25_one_sees_and_acts_where_one_may(void **state)
{
    bench *b = *state;
    static const struct {
        const char *who;
        bool sees, acts;
    } rows[] = { { "a", true, true },       { "man", true, true },     { "com", true, true },
                 { "arc", true, false },    { "other", false, false }, { "ops", false, false },
                 { "nobody", false, false } };
    comment(b, "i1", COMMENT, "ett");
    matter(b, "i1.m1", "i1", MODERATION, b->now + UPP_HOUR);
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        assert_int_equal(desk(b, rows[i].who, ACT, 0, "", 10), rows[i].sees);
        assert_int_equal(sheets(b, "i1.m1", rows[i].who), rows[i].sees);
        if (!rows[i].sees)
            continue;
        ProtobufCMessage *row = bench_row_at(b, 0, &uppsikt__sheet_row__descriptor);
        assert_int_equal(((Uppsikt__SheetRow *)row)->may_act, rows[i].acts);
        upp_msg_freep(&row);
    }
}

static void R29_a_message_is_read_on_its_own_page_alone(void **state)
{
    bench *b = *state;
    comment(b, "i1", MESSAGE, "hemligt " MARKER);
    matter(b, "i1.q1", "i1", QUESTION, b->now + UPP_HOUR);
    assert_int_equal(desk(b, "a", ANSWER, 0, "", 10), 1);
    assert_row(b, 0, "i1.q1", "");
    assert_int_equal(sheets(b, "i1.q1", "a"), 1);
    ProtobufCMessage *content = bench_row_content(b, 0, &uppsikt__sheet_row_content__descriptor);
    assert_string_equal(((Uppsikt__SheetRowContent *)content)->texts[0], "hemligt " MARKER);
    upp_msg_freep(&content);
}

/* R16: what became of the package, and the number, stand on the errand's page and on that of what
 * is registered; the number is content. */
static void R16_the_diary_is_told_on_both_pages(void **state)
{
    bench *b = *state;
    Uppsikt__DiaryPackageFailed failed = UPPSIKT__DIARY_PACKAGE_FAILED__INIT;
    Uppsikt__DiaryPackageDelivered sent = UPPSIKT__DIARY_PACKAGE_DELIVERED__INIT;
    Uppsikt__DiaryNumberGiven given = UPPSIKT__DIARY_NUMBER_GIVEN__INIT;
    Uppsikt__DiaryNumberGivenContent number = UPPSIKT__DIARY_NUMBER_GIVEN_CONTENT__INIT;
    Uppsikt__MatterOpened errand = UPPSIKT__MATTER_OPENED__INIT;
    uint8_t sum[32] = { 0xab };
    comment(b, "i1", COMMENT, "ett");
    matter(b, "i1.q1", "i1", QUESTION, b->now + UPP_HOUR);
    errand.matter = upp_lend("i1.n1");
    errand.item = upp_lend("i1");
    errand.account = upp_lend("acc");
    errand.errand = upp_lend("diary");
    errand.kind = UPPSIKT__MATTER_KIND__MATTER_KIND_LOOK;
    errand.version = 1;
    errand.received_ms = b->now;
    errand.due_ms = b->now + UPP_DAY;
    hear(b, "escalation", "i1", &errand.base, NULL);
    failed.matter = sent.matter = given.matter = upp_lend("i1.n1");
    failed.item = sent.item = given.item = upp_lend("i1");
    failed.why = upp_lend("diary-late");
    failed.at_ms = sent.at_ms = given.at_ms = b->now;
    sent.package = upp_lend("uppsikt-i1.n1-1");
    sent.sha256 = (ProtobufCBinaryData){ sizeof sum, sum };
    number.number = upp_lend("KS 2026/1 " MARKER);
    hear(b, "escalation", "i1", &failed.base, NULL);
    hear(b, "escalation", "i1", &sent.base, NULL);
    hear(b, "escalation", "i1", &given.base, &number.base);
    static const char *const pages[] = { "i1.n1", "i1.q1" };
    for (size_t i = 0; i < UPP_LEN(pages); i++) {
        assert_int_equal(sheets(b, pages[i], "a"), 1);
        ProtobufCMessage *row = bench_row_at(b, 0, &uppsikt__sheet_row__descriptor);
        ProtobufCMessage *content =
            bench_row_content(b, 0, &uppsikt__sheet_row_content__descriptor);
        const Uppsikt__SheetRow *s = (const Uppsikt__SheetRow *)row;
        const Uppsikt__SheetRowContent *c = (const Uppsikt__SheetRowContent *)content;
        assert_true(s->n_happened >= 3 && c->n_notes == s->n_happened);
        const size_t n = s->n_happened;
        assert_string_equal(s->happened[n - 3]->what, "log.diary-failed");
        assert_string_equal(s->happened[n - 3]->detail, "diary-late");
        assert_string_equal(s->happened[n - 2]->what, "log.diary-sent");
        assert_non_null(strstr(s->happened[n - 2]->detail, "uppsikt-i1.n1-1.zip, SHA-256 ab00"));
        assert_string_equal(s->happened[n - 1]->what, "log.diary-number");
        assert_string_equal(c->notes[n - 1], "KS 2026/1 " MARKER);
        upp_msg_freep(&row);
        upp_msg_freep(&content);
    }
    assert_int_equal(
        bench_number(b, "SELECT count(*) FROM happening WHERE instr(detail, 'KS 2026')"), 0);
}

static void decided(bench *b, Uppsikt__ItemAction action, const char *second)
{
    Uppsikt__DecisionMade d = UPPSIKT__DECISION_MADE__INIT;
    Uppsikt__DecisionMadeContent note = UPPSIKT__DECISION_MADE_CONTENT__INIT;
    char id[16];
    snprintf(id, sizeof id, "d%d", (int)action);
    note.note = upp_lend("anteckning " MARKER);
    d.decision = id;
    d.matter = upp_lend("i1.m1");
    d.item = upp_lend("i1");
    d.account = upp_lend("acc");
    d.version = 1;
    d.action = action;
    d.reason = upp_lend("attack");
    d.by = upp_lend("a");
    d.second = upp_lend(second);
    d.at_ms = b->now;
    hear(b, "escalation", "i1", &d.base, &note.base);
}

static void R23_another_person_approves(void **state)
{
    bench *b = *state;
    Uppsikt__ApprovalAsked ask = UPPSIKT__APPROVAL_ASKED__INIT;
    comment(b, "i1", COMMENT, "ett");
    matter(b, "i1.m1", "i1", MODERATION, b->now + UPP_HOUR);
    ask.approval = upp_lend("p1");
    ask.matter = upp_lend("i1.m1");
    ask.item = upp_lend("i1");
    ask.by = upp_lend("a");
    ask.expires_ms = b->now + UPP_DAY;
    hear(b, "escalation", "i1", &ask.base, NULL);
    decided(b, UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE, "");
    assert_int_equal(desk(b, "a", APPROVE, 0, "", 10), 0); /* who asked is not asked */
    assert_int_equal(desk(b, "other", APPROVE, 0, "", 10), 0);
    assert_int_equal(desk(b, "arc", APPROVE, 0, "", 10), 0);
    assert_int_equal(desk(b, "c", APPROVE, 0, "", 10), 1);
    decided(b, UPPSIKT__ITEM_ACTION__ITEM_ACTION_DELETE, "c");
    assert_int_equal(desk(b, "c", APPROVE, 0, "", 10), 0);
    b->now += 2 * UPP_DAY;
    assert_int_equal(desk(b, "c", APPROVE, 0, "", 10), 0);
}

/* What was decided waits, in sight, for the copy of that version; then for its outcome. */
static void R22_what_waits_at_the_gate_says_for_what(void **state)
{
    bench *b = *state;
    Uppsikt__GateLines q = UPPSIKT__GATE_LINES__INIT;
    Uppsikt__EvidenceSealed seal = UPPSIKT__EVIDENCE_SEALED__INIT;
    comment(b, "i1", COMMENT, "ett");
    matter(b, "i1.m1", "i1", MODERATION, b->now + UPP_HOUR);
    decided(b, UPPSIKT__ITEM_ACTION__ITEM_ACTION_DELETE, "");
    q.person = upp_lend("a");
    for (int level = 0; level <= 2; level++) {
        static const char *const missing[] = { "WHOLE", "WHOLE", "" };
        seal.item = upp_lend("i1");
        seal.version = 1;
        seal.record = upp_lend("r1");
        seal.level = (Uppsikt__SealLevel)level;
        if (level > 0)
            hear(b, "evidence", "i1", &seal.base, NULL);
        assert_int_equal(bench_query(b, "a", &q.base), 1);
        ProtobufCMessage *row = bench_row_at(b, 0, &uppsikt__gate_line__descriptor);
        assert_string_equal(((Uppsikt__GateLine *)row)->action->missing, missing[level]);
        upp_msg_freep(&row);
    }
    Uppsikt__ActionDone done = UPPSIKT__ACTION_DONE__INIT;
    done.action = upp_lend("d3"); /* as the decision */
    done.matter = upp_lend("i1.m1");
    done.item = upp_lend("i1");
    done.version = 1;
    done.what = UPPSIKT__ITEM_ACTION__ITEM_ACTION_DELETE;
    hear(b, "ingest", "i1", &done.base, NULL);
    assert_int_equal(bench_query(b, "a", &q.base), 0);
}

/* I12: what may have been done is never shown as not done. */
static void what_nobody_knows_is_not_shown_as_undone(void **state)
{
    bench *b = *state;
    Uppsikt__ActionRefused r = UPPSIKT__ACTION_REFUSED__INIT;
    comment(b, "i1", COMMENT, "ett");
    r.action = upp_lend("x1");
    r.item = upp_lend("i1");
    r.version = 1;
    r.what = UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE;
    r.reason = UPPSIKT__ACTION_REFUSED__REASON__REASON_OUTCOME_UNKNOWN;
    hear(b, "ingest", "i1", &r.base, NULL);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM action WHERE state = 'unknown'"
                                     " AND reason = 'outcome-unknown'"),
                     1);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM happening WHERE what = 'log.unknown-2'"),
                     1);
    r.action = upp_lend("x2");
    r.reason = UPPSIKT__ACTION_REFUSED__REASON__REASON_GONE;
    hear(b, "ingest", "i1", &r.base, NULL);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM action WHERE state = 'refused'"
                                     " AND reason = 'gone'"),
                     1);
}

/* -- forgetting -- */
static void R29_what_is_disposed_of_is_shown_no_more(void **state)
{
    bench *b = *state;
    Uppsikt__DisposalApproved gone = UPPSIKT__DISPOSAL_APPROVED__INIT;
    char *subjects[] = { upp_lend("i1"), upp_lend("a") };
    comment(b, "i1", COMMENT, "ett " MARKER);
    matter(b, "i1.m1", "i1", MODERATION, b->now + UPP_HOUR);
    decided(b, UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE, "");
    login_of(b, "a", "anna");
    sign_in(b, "anna", true, 1, NULL);
    gone.disposal = upp_lend("g1");
    gone.subjects = subjects;
    gone.n_subjects = 2;
    gone.part = gone.parts = 1;
    hear(b, "evidence", "g1", &gone.base, NULL);
    assert_int_equal(visitors(b, 1), 0);
    assert_int_equal(sheets(b, "i1.m1", "c"), 1);
    ProtobufCMessage *content = bench_row_content(b, 0, &uppsikt__sheet_row_content__descriptor);
    const Uppsikt__SheetRowContent *c = (const Uppsikt__SheetRowContent *)content;
    assert_string_equal(c->texts[0], "");
    assert_string_equal(c->desk->author, "");
    for (size_t i = 0; i < c->n_notes; i++)
        assert_string_equal(c->notes[i], "");
    upp_msg_freep(&content);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM upp_about WHERE subject = 'i1'"), 0);
}

/* No name, no text, no user name lies anywhere but in content, and the facts hold none. */
static void facts_hold_nothing_personal(void **state)
{
    bench *b = *state;
    comment(b, "i1", COMMENT, "ett " MARKER);
    login_of(b, "a", "anna " MARKER);
    sign_in(b, "anna " MARKER, true, 1, NULL);
    static const char sql[] =
        "SELECT count(*) FROM (SELECT name_key AS t FROM login UNION ALL SELECT token FROM session"
        " UNION ALL SELECT who FROM failed_try UNION ALL SELECT detail FROM happening)"
        " WHERE instr(t, 'MARKER')";
    assert_int_equal(bench_number(b, sql), 0);
}

/* -- R24 -- */
static void own_post(bench *b, const char *item, const char *text)
{
    Uppsikt__OwnPostSeen c = UPPSIKT__OWN_POST_SEEN__INIT;
    Uppsikt__OwnPostSeenContent what = UPPSIKT__OWN_POST_SEEN_CONTENT__INIT;
    what.text = upp_lend(text);
    c.item = upp_lend(item);
    c.account = upp_lend("acc");
    c.at_ms = b->now;
    c.version = 1;
    hear(b, "ingest", item, &c.base, &what.base);
}

static void own_reply(bench *b, const char *item, const char *reply, const char *text)
{
    Uppsikt__ReplySeen r = UPPSIKT__REPLY_SEEN__INIT;
    Uppsikt__ReplySeenContent what = UPPSIKT__REPLY_SEEN_CONTENT__INIT;
    what.text = upp_lend(text);
    r.item = upp_lend(item);
    r.reply = upp_lend(reply);
    r.account = upp_lend("acc");
    r.at_ms = b->now;
    hear(b, "ingest", item, &r.base, &what.base);
}

static void assert_kind(bench *b, size_t i, Uppsikt__ItemKind kind)
{
    ProtobufCMessage *row = bench_row_at(b, i, &uppsikt__desk_row__descriptor);
    assert_int_equal(((Uppsikt__DeskRow *)row)->item_kind, kind);
    assert_string_equal(((Uppsikt__DeskRow *)row)->platform, "facebook"); /* the account's */
    upp_msg_freep(&row);
}

static void R24_our_own_words_stand_among_what_must_be_acted_on(void **state)
{
    bench *b = *state;
    comment(b, "i1", COMMENT, "fråga");
    matter(b, "p1.m1", "p1", MODERATION, b->now + UPP_HOUR); /* heard before the post itself */
    own_post(b, "p1", "vårt inlägg");
    own_reply(b, "i1", "r1", "vårt svar " MARKER);
    matter(b, "r1.m1", "r1", MODERATION, b->now + 2 * UPP_HOUR);
    assert_int_equal(desk(b, "a", ACT, 0, "", 10), 2);
    assert_row(b, 0, "p1.m1", "vårt inlägg");
    assert_row(b, 1, "r1.m1", "vårt svar " MARKER);
    assert_kind(b, 0, UPPSIKT__ITEM_KIND__ITEM_KIND_OWN_POST);
    assert_kind(b, 1, UPPSIKT__ITEM_KIND__ITEM_KIND_OWN_REPLY);

    /* the answer is disposed of: its words go from the question's page, too (R23) */
    Uppsikt__DisposalApproved gone = UPPSIKT__DISPOSAL_APPROVED__INIT;
    char *subjects[] = { upp_lend("r1") };
    gone.disposal = upp_lend("g1");
    gone.subjects = subjects;
    gone.n_subjects = 1;
    gone.part = gone.parts = 1;
    hear(b, "evidence", "g1", &gone.base, NULL);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM upp_content WHERE instr(body,"
                                     " CAST('vårt svar' AS BLOB)) > 0"),
                     0);
    assert_int_equal(bench_number(b, "SELECT text_ref FROM reply WHERE reply = 'r1'"), 0);
}

/* Two sources may be heard in either order: the same rows. */
static void the_order_between_sources_does_not_matter(void **state)
{
    bench *b = *state;
    matter(b, "i1.m1", "i1", MODERATION, b->now + UPP_HOUR);
    decided(b, UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE, "");
    assert_int_equal(desk(b, "a", ACT, 0, "", 10), 1);
    assert_row(b, 0, "i1.m1", "");
    comment(b, "i1", COMMENT, "ett");
    assert_int_equal(desk(b, "a", ACT, 0, "", 10), 1);
    assert_row(b, 0, "i1.m1", "ett");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STEP(R20_what_runs_out_first_is_first),
        STEP(R25_one_sees_and_acts_where_one_may),
        STEP(R16_the_diary_is_told_on_both_pages),
        STEP(R29_a_message_is_read_on_its_own_page_alone),
        STEP(R23_another_person_approves),
        STEP(what_nobody_knows_is_not_shown_as_undone),
        STEP(R22_what_waits_at_the_gate_says_for_what),
        STEP(R29_what_is_disposed_of_is_shown_no_more),
        STEP(R24_our_own_words_stand_among_what_must_be_acted_on),
        STEP(facts_hold_nothing_personal),
        STEP(the_order_between_sources_does_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
