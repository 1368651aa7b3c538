/* find_test.c - what was written is found again, by whoever may see it (R28, R23, R29). */
#include "console_fixture.h"

#define COMMENT UPPSIKT__ITEM_KIND__ITEM_KIND_COMMENT
#define MESSAGE UPPSIKT__ITEM_KIND__ITEM_KIND_MESSAGE

static void what_is(Uppsikt__CommentReceivedContent *what, Uppsikt__ItemAuthor *author,
                    const char *text, const char *name)
{
    uppsikt__comment_received_content__init(what);
    uppsikt__item_author__init(author);
    author->name = upp_lend(name);
    what->text = upp_lend(text);
    what->author = author;
    what->permalink = upp_lend("https://x.example/1");
}

static void comment(bench *b, const char *item, Uppsikt__ItemKind kind, upp_ms at, const char *text)
{
    Uppsikt__CommentReceived c = UPPSIKT__COMMENT_RECEIVED__INIT;
    Uppsikt__CommentReceivedContent what;
    Uppsikt__ItemAuthor author;
    what_is(&what, &author, text, "Bo Ågren");
    c.item = upp_lend(item);
    c.account = upp_lend("acc");
    c.platform = upp_lend("facebook");
    c.kind = kind;
    c.version = 1;
    c.received_ms = at;
    hear(b, "ingest", item, &c.base, &what.base);
}

static void edit(bench *b, const char *item, upp_ms at, const char *text)
{
    Uppsikt__CommentEdited c = UPPSIKT__COMMENT_EDITED__INIT;
    Uppsikt__CommentEditedContent now = UPPSIKT__COMMENT_EDITED_CONTENT__INIT;
    Uppsikt__CommentReceivedContent what;
    Uppsikt__ItemAuthor author;
    what_is(&what, &author, text, "Bo Ågren");
    now.now = &what;
    c.item = upp_lend(item);
    c.version = 2;
    c.edited_ms = at;
    hear(b, "ingest", item, &c.base, &now.base);
}

static Uppsikt__Find asked(const char *who, const char *words)
{
    Uppsikt__Find q = UPPSIKT__FIND__INIT;
    q.person = upp_lend(who);
    q.words = upp_lend(words);
    return q;
}

static size_t find(bench *b, const char *who, const char *words)
{
    const Uppsikt__Find q = asked(who, words);
    return bench_query(b, who, &q.base);
}

static void assert_found(bench *b, size_t i, const char *item, uint32_t version, const char *text)
{
    ProtobufCMessage *row = bench_row_at(b, i, &uppsikt__found_row__descriptor);
    ProtobufCMessage *content = bench_row_content(b, i, &uppsikt__found_row_content__descriptor);
    const Uppsikt__FoundRow *r = (const Uppsikt__FoundRow *)row;
    assert_string_equal(r->item, item);
    assert_int_equal(r->version, version);
    assert_string_equal(r->account, "acc");
    assert_string_equal(((const Uppsikt__FoundRowContent *)content)->text, text);
    upp_msg_freep(&row);
    upp_msg_freep(&content);
}

static void R28_all_words_in_the_text_or_the_authors_name(void **state)
{
    bench *b = *state;
    comment(b, "i1", COMMENT, b->now, "När öppnar badet?");
    comment(b, "i2", COMMENT, b->now + 1, "BADET stänger");
    assert_int_equal(find(b, "a", "badet"), 2);
    assert_found(b, 0, "i2", 1, "BADET stänger");
    assert_found(b, 1, "i1", 1, "När öppnar badet?");
    assert_int_equal(find(b, "a", "  ÅGREN\töppnar "), 1);
    assert_found(b, 0, "i1", 1, "När öppnar badet?");
    assert_int_equal(find(b, "a", "a\xCC\x8Agren O\xCC\x88PPNAR"), 1); /* composed otherwise */
    assert_int_equal(find(b, "a", "oppnar"), 0);                       /* another letter */
    assert_int_equal(find(b, "a", "badet sand"), 0);
    assert_int_equal(find(b, "a", ""), 2);
}

static void R28_every_version_by_account_and_time(void **state)
{
    bench *b = *state;
    comment(b, "i1", COMMENT, b->now, "en idiot");
    edit(b, "i1", b->now + UPP_HOUR, "en vän");
    assert_int_equal(find(b, "a", "en"), 2);
    assert_found(b, 0, "i1", 2, "en vän");
    assert_int_equal(find(b, "a", "idiot"), 1);
    assert_found(b, 0, "i1", 1, "en idiot");
    Uppsikt__Find q = asked("a", "");
    q.from_ms = b->now + 1;
    assert_int_equal(bench_query(b, "a", &q.base), 1);
    q.from_ms = 0;
    q.to_ms = b->now + UPP_HOUR; /* the second was written just then: outside */
    assert_int_equal(bench_query(b, "a", &q.base), 1);
    q.to_ms = 0;
    q.account = upp_lend("another");
    assert_int_equal(bench_query(b, "a", &q.base), 0);
}

static void R25_one_finds_what_one_may_see(void **state)
{
    bench *b = *state;
    static const char *const may[] = { "a", "man", "com", "arc" };
    comment(b, "i1", COMMENT, b->now, "badet");
    for (size_t i = 0; i < UPP_LEN(may); i++)
        assert_int_equal(find(b, may[i], "badet"), 1);
    assert_int_equal(find(b, "other", "badet"), 0);
    assert_int_equal(find(b, "ops", "badet"), 0);
    assert_int_equal(find(b, "", "badet"), 0);
}

/* To read a message is noted, and a list cannot note. */
static void R29_of_a_message_no_word_is_shown(void **state)
{
    bench *b = *state;
    comment(b, "i1", MESSAGE, b->now, "om hemtjänsten");
    assert_int_equal(find(b, "a", "hemtjänsten"), 1);
    assert_found(b, 0, "i1", 1, "");
}

static void R23_what_is_disposed_of_is_not_found(void **state)
{
    bench *b = *state;
    Uppsikt__DisposalApproved gone = UPPSIKT__DISPOSAL_APPROVED__INIT;
    char *subjects[] = { upp_lend("i1") };
    comment(b, "i1", COMMENT, b->now, "badet");
    gone.disposal = upp_lend("g1");
    gone.subjects = subjects;
    gone.n_subjects = 1;
    gone.part = gone.parts = 1;
    hear(b, "evidence", "g1", &gone.base, NULL);
    assert_int_equal(find(b, "a", ""), 0);
}

/* The pages together are all of it, each version once. */
static void R28_a_page_goes_on_where_the_last_one_ended(void **state)
{
    bench *b = *state;
    char item[16];
    for (int i = 0; i < 23; i++) {
        snprintf(item, sizeof item, "i%02d", i);
        comment(b, item, COMMENT, b->now + i / 4, "badet"); /* four at a time */
    }
    Uppsikt__Find q = asked("a", "badet");
    char before[16] = "";
    int next = 22;
    q.limit = 5;
    for (;;) {
        q.before = before;
        const size_t n = bench_query(b, "a", &q.base);
        for (size_t i = 0; i < n; i++) {
            ProtobufCMessage *m = bench_row_at(b, i, &uppsikt__found_row__descriptor);
            const Uppsikt__FoundRow *row = (const Uppsikt__FoundRow *)m;
            if (row->so_far) {
                assert_int_equal(i, 5); /* behind a whole page */
                q.before_ms = row->at_ms;
                q.before_version = row->version;
                snprintf(before, sizeof before, "%s", row->item);
            } else {
                snprintf(item, sizeof item, "i%02d", next--);
                assert_string_equal(row->item, item);
            }
            upp_msg_freep(&m);
        }
        if (n < 6)
            break;
    }
    assert_int_equal(next, -1);
}

/* The rest of a long text, and a message's: what is handed out is whole, and noted (acts_test). */
static void R28_a_package_has_the_whole_of_each_text(void **state)
{
    bench *b = *state;
    static char text[6001];
    memset(text, 'a', sizeof text - 1);
    comment(b, "i1", COMMENT, b->now, text);
    comment(b, "i2", MESSAGE, b->now + 1, "om hemtjänsten");
    Uppsikt__Find q = asked("arc", "");
    assert_int_equal(bench_query(b, "arc", &q.base), 2);
    assert_found(b, 0, "i2", 1, "");
    q.whole = true;
    assert_int_equal(bench_query(b, "arc", &q.base), 2);
    assert_found(b, 0, "i2", 1, "om hemtjänsten");
    assert_found(b, 1, "i1", 1, text);
}

static void R25_only_who_hands_out_takes_it_whole(void **state)
{
    bench *b = *state;
    static const char *const may_not[] = { "a", "man", "com", "other", "ops", "nobody", "" };
    person(b, "reg", "kom2", "registrar");
    comment(b, "i1", MESSAGE, b->now, "om hemtjänsten");
    for (size_t i = 0; i < UPP_LEN(may_not); i++) {
        Uppsikt__Find q = asked(may_not[i], "");
        q.whole = true;
        assert_int_equal(bench_query(b, may_not[i], &q.base), 0);
        assert_string_equal(b->refused, "find.whose");
    }
    Uppsikt__Find q = asked("reg", "");
    q.whole = true;
    assert_int_equal(bench_query(b, "reg", &q.base), 1);
    assert_found(b, 0, "i1", 1, "om hemtjänsten");
    Uppsikt__PersonLeft left = UPPSIKT__PERSON_LEFT__INIT;
    left.person = upp_lend("reg");
    hear(b, "registry", "reg", &left.base, NULL);
    assert_int_equal(bench_query(b, "reg", &q.base), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STEP(R28_all_words_in_the_text_or_the_authors_name),
        STEP(R28_every_version_by_account_and_time),
        STEP(R25_one_finds_what_one_may_see),
        STEP(R29_of_a_message_no_word_is_shown),
        STEP(R23_what_is_disposed_of_is_not_found),
        STEP(R28_a_page_goes_on_where_the_last_one_ended),
        STEP(R28_a_package_has_the_whole_of_each_text),
        STEP(R25_only_who_hands_out_takes_it_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
