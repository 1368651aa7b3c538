/* listing_test.c - what stands on a disposal's list, for whoever is to approve it (R23, R29). */
#include "console_fixture.h"

#define COMMENT UPPSIKT__ITEM_KIND__ITEM_KIND_COMMENT
#define MESSAGE UPPSIKT__ITEM_KIND__ITEM_KIND_MESSAGE

static void comment(bench *b, const char *item, Uppsikt__ItemKind kind, const char *text)
{
    Uppsikt__CommentReceived c = UPPSIKT__COMMENT_RECEIVED__INIT;
    Uppsikt__CommentReceivedContent what = UPPSIKT__COMMENT_RECEIVED_CONTENT__INIT;
    what.text = upp_lend(text);
    c.item = upp_lend(item);
    c.account = upp_lend("acc");
    c.platform = upp_lend("facebook");
    c.kind = kind;
    c.version = 1;
    c.received_ms = b->now;
    hear(b, "ingest", item, &c.base, &what.base);
}

static void edit(bench *b, const char *item, const char *text)
{
    Uppsikt__CommentEdited c = UPPSIKT__COMMENT_EDITED__INIT;
    Uppsikt__CommentEditedContent now = UPPSIKT__COMMENT_EDITED_CONTENT__INIT;
    Uppsikt__CommentReceivedContent what = UPPSIKT__COMMENT_RECEIVED_CONTENT__INIT;
    what.text = upp_lend(text);
    now.now = &what;
    c.item = upp_lend(item);
    c.version = 2;
    c.edited_ms = b->now + UPP_HOUR;
    hear(b, "ingest", item, &c.base, &now.base);
}

static size_t listed(bench *b, const char *who, char **items, size_t n)
{
    Uppsikt__Listed q = UPPSIKT__LISTED__INIT;
    q.person = upp_lend(who);
    q.items = items;
    q.n_items = n;
    return bench_query(b, who, &q.base);
}

static void assert_listed(bench *b, size_t i, const char *item, uint32_t versions, const char *text)
{
    ProtobufCMessage *row = bench_row_at(b, i, &uppsikt__listed_row__descriptor);
    ProtobufCMessage *content = bench_row_content(b, i, &uppsikt__listed_row_content__descriptor);
    const Uppsikt__ListedRow *r = (const Uppsikt__ListedRow *)row;
    const Uppsikt__ListedRowContent *c = (const Uppsikt__ListedRowContent *)content;
    assert_string_equal(r->item, item);
    assert_string_equal(r->account, "acc");
    assert_int_equal(r->at_ms, b->now);
    assert_int_equal(r->versions, versions);
    assert_string_equal(c->account, "Skolan " MARKER);
    assert_string_equal(c->text, text);
    upp_msg_freep(&row);
    upp_msg_freep(&content);
}

/* In the order that they are asked for; what nobody has told of is left out. */
static void R23_each_item_is_what_was_written_and_where(void **state)
{
    bench *b = *state;
    char *items[] = { upp_lend("i2"), upp_lend("unheard"), upp_lend("i1") };
    comment(b, "i1", COMMENT, "en idiot");
    edit(b, "i1", "en vän");
    comment(b, "i2", COMMENT, "badet");
    assert_int_equal(listed(b, "arc", items, UPP_LEN(items)), 2);
    assert_listed(b, 0, "i2", 1, "badet");
    assert_listed(b, 1, "i1", 2, "en vän");
}

/* Whoever may approve need not be one who may read what was written on that account. */
static void R29_words_are_for_who_may_see_them(void **state)
{
    bench *b = *state;
    static const char *const may[] = { "a", "man", "com", "arc" };
    static const char *const may_not[] = { "other", "ops", "" };
    char *items[] = { upp_lend("i1"), upp_lend("i2") };
    comment(b, "i1", COMMENT, "ord " MARKER);
    comment(b, "i2", MESSAGE, "hemligt " MARKER);
    for (size_t i = 0; i < UPP_LEN(may); i++) {
        assert_int_equal(listed(b, may[i], items, 2), 2);
        assert_listed(b, 0, "i1", 1, "ord " MARKER);
        assert_listed(b, 1, "i2", 1, ""); /* to read a message is noted, and a list cannot note */
    }
    for (size_t i = 0; i < UPP_LEN(may_not); i++) {
        assert_int_equal(listed(b, may_not[i], items, 2), 2);
        assert_listed(b, 0, "i1", 1, "");
        assert_listed(b, 1, "i2", 1, "");
    }
}

/* It is a list, no archive: words in plenty are cut, between two letters; items in plenty, too. */
static void R23_a_long_text_is_cut_and_a_long_question_too(void **state)
{
    bench *b = *state;
    char text[402] = "x", *items[101]; /* a letter of two bytes lies across the edge */
    for (size_t i = 0; i < 200; i++)
        memcpy(text + 1 + 2 * i, "ö", 3);
    comment(b, "i1", COMMENT, text);
    for (size_t i = 0; i < UPP_LEN(items); i++)
        items[i] = upp_lend("i1");
    assert_int_equal(listed(b, "a", items, UPP_LEN(items)), 100);
    ProtobufCMessage *content = bench_row_content(b, 0, &uppsikt__listed_row_content__descriptor);
    const char *said = ((const Uppsikt__ListedRowContent *)content)->text;
    assert_int_equal(strlen(said), 159);
    assert_memory_equal(said, text, 159);
    upp_msg_freep(&content);
}

static void R23_what_is_disposed_of_has_no_words(void **state)
{
    bench *b = *state;
    Uppsikt__DisposalApproved gone = UPPSIKT__DISPOSAL_APPROVED__INIT;
    char *items[] = { upp_lend("i1") };
    comment(b, "i1", COMMENT, "ord " MARKER);
    gone.disposal = upp_lend("g1");
    gone.subjects = items;
    gone.n_subjects = 1;
    gone.part = gone.parts = 1;
    hear(b, "evidence", "g1", &gone.base, NULL);
    assert_int_equal(listed(b, "a", items, 1), 1);
    assert_listed(b, 0, "i1", 1, "");
}

/* One of many disposals, by its id. */
static void R23_one_disposal_is_asked_for_by_itself(void **state)
{
    bench *b = *state;
    Uppsikt__DisposalProposed p = UPPSIKT__DISPOSAL_PROPOSED__INIT;
    Uppsikt__DisposalLines q = UPPSIKT__DISPOSAL_LINES__INIT;
    static const char *const ids[] = { "g1", "g2" };
    for (size_t i = 0; i < UPP_LEN(ids); i++) {
        p.disposal = upp_lend(ids[i]);
        p.by = upp_lend("arc");
        hear(b, "evidence", ids[i], &p.base, NULL);
    }
    assert_int_equal(bench_query(b, "a", &q.base), 2);
    q.disposal = upp_lend("g1");
    assert_int_equal(bench_query(b, "a", &q.base), 1);
    ProtobufCMessage *row = bench_row_at(b, 0, &uppsikt__disposal_line__descriptor);
    assert_string_equal(((Uppsikt__DisposalLine *)row)->disposal, "g1");
    upp_msg_freep(&row);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STEP(R23_each_item_is_what_was_written_and_where),
        STEP(R29_words_are_for_who_may_see_them),
        STEP(R23_a_long_text_is_cut_and_a_long_question_too),
        STEP(R23_what_is_disposed_of_has_no_words),
        STEP(R23_one_disposal_is_asked_for_by_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
