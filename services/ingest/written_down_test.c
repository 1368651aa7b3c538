/* written_down_test.c - what a person writes down is taken in as what a connector sees (R01). */
#include "../../tests/node_bench.h"
#include "ingest.h"

extern const upp_service upp_ingest_service;

static void hear(bench *b, const char *subject, ProtobufCMessage *fact,
                 const ProtobufCMessage *content, ProtobufCBinaryData *commitment)
{
    static uint8_t bytes[32];
    bench_commit_to(content, bytes);
    *commitment = (ProtobufCBinaryData){ sizeof bytes, bytes };
    assert_int_equal(bench_hear(b, "registry", subject, fact, content), 0);
}

static int set_up(void **state)
{
    Uppsikt__AccountChanged a = UPPSIKT__ACCOUNT_CHANGED__INIT;
    Uppsikt__AccountChangedContent facts = UPPSIKT__ACCOUNT_CHANGED_CONTENT__INIT;
    Uppsikt__PersonRegistered p = UPPSIKT__PERSON_REGISTERED__INIT;
    Uppsikt__PersonRegisteredContent who = UPPSIKT__PERSON_REGISTERED_CONTENT__INIT;
    bench_set_up(state, &upp_ingest_service);
    bench *b = *state;
    a.account = upp_lend("acc");
    a.platform = upp_lend("facebook");
    a.state = UPPSIKT__ACCOUNT_CHANGED__STATE__STATE_OPEN;
    hear(b, "acc", &a.base, &facts.base, &a.commitment);
    who.first_name = upp_lend("Anna");
    who.title = upp_lend("kommunikatör");
    p.person = upp_lend("anna");
    hear(b, "anna", &p.base, &who.base, &p.commitment);
    bench_skip(b);
    return 0;
}

typedef struct written {
    Uppsikt__ReportComment command;
    Uppsikt__CommentReceivedContent what;
    Uppsikt__ItemAuthor author;
} written;

static void write_down(written *w, const char *text)
{
    uppsikt__report_comment__init(&w->command);
    uppsikt__comment_received_content__init(&w->what);
    uppsikt__item_author__init(&w->author);
    w->author.name = upp_lend("Bo");
    w->what.text = upp_lend(text);
    w->what.author = &w->author;
    w->command.account = upp_lend("acc");
    w->command.kind = UPPSIKT__ITEM_KIND__ITEM_KIND_COMMENT;
    w->command.what = &w->what;
}

static void R01_it_is_taken_in_with_its_own_time(void **state)
{
    bench *b = *state;
    written w;
    write_down(&w, "När öppnar badet?");
    w.command.created_ms = b->now - UPP_HOUR;
    bench_did(b, "anna", &w.command.base);
    bench_saw(b, "CommentReceived");
    ProtobufCMessage *content = NULL,
                     *said = bench_said(b, &uppsikt__comment_received__descriptor,
                                        &uppsikt__comment_received_content__descriptor, &content);
    const Uppsikt__CommentReceived *c = (const Uppsikt__CommentReceived *)said;
    assert_int_equal(c->source, UPPSIKT__ITEM_SOURCE__ITEM_SOURCE_MANUAL);
    assert_string_equal(c->account, "acc");
    assert_string_equal(((Uppsikt__CommentReceivedContent *)content)->text, "När öppnar badet?");
    assert_string_equal(((Uppsikt__CommentReceivedContent *)content)->author->name, "Bo");
    Uppsikt__Reported *out = uppsikt__reported__unpack(NULL, b->outcome.len, b->outcome.at);
    assert_non_null(out);
    assert_string_equal(out->item, c->item);
    uppsikt__reported__free_unpacked(out, NULL);
    upp_msg_freep(&said);
    upp_msg_freep(&content);
    bench_did(b, "anna", &w.command.base); /* the same words once more are another comment */
    bench_saw(b, "CommentReceived");
}

static void R01_what_cannot_be_taken_in_is_refused(void **state)
{
    bench *b = *state;
    static char longest[20002];
    written w;
    memset(longest, 'x', sizeof longest - 1);
    write_down(&w, "Hej");
    bench_refused(b, NULL, &w.command.base, "report-needs-a-person");
    bench_refused(b, "nobody", &w.command.base, "no-such-person");
    write_down(&w, "");
    bench_refused(b, "anna", &w.command.base, "report-without-text");
    write_down(&w, longest);
    bench_refused(b, "anna", &w.command.base, "report-too-long");
    write_down(&w, "Hej");
    w.command.kind = UPPSIKT__ITEM_KIND__ITEM_KIND_OWN_POST;
    bench_refused(b, "anna", &w.command.base, "report-of-no-kind");
    write_down(&w, "Hej");
    w.command.account = upp_lend("nowhere");
    bench_refused(b, "anna", &w.command.base, "no-open-account");
    bench_saw(b, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(R01_it_is_taken_in_with_its_own_time, set_up,
                                        bench_tear_down),
        cmocka_unit_test_setup_teardown(R01_what_cannot_be_taken_in_is_refused, set_up,
                                        bench_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
