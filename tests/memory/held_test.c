/* held_test.c - what each service says that it holds of one person, of staff and of who wrote to
 * us; and that it says nothing when it has forgotten her (GDPR art. 15; R24, R29). Escalation's is
 * services/escalation/holding_test.c. */
#include "../node_bench.h"
#include "uppsikt/comment.pb-c.h"
#include "uppsikt/evidence.pb-c.h"
#include "uppsikt/held.pb-c.h"
#include "uppsikt/ingest.pb-c.h"
#include "uppsikt/registry.pb-c.h"

extern const upp_service upp_registry_service, upp_ingest_service, upp_classify_service,
    upp_evidence_service, upp_archive_service, upp_console_service;

/* "kind count, ..." of these subjects, in the service's order. */
static const char *held(bench *b, const char *one, const char *two)
{
    static char all[400];
    Uppsikt__Held q = UPPSIKT__HELD__INIT;
    char *subjects[] = { upp_lend(one), upp_lend(two) };
    size_t len = 0;
    q.subjects = subjects;
    q.n_subjects = two ? 2 : 1;
    const size_t n = bench_query(b, "anna", &q.base);
    all[0] = '\0';
    for (size_t i = 0; i < n; i++) {
        Uppsikt__HeldRow *row = (void *)bench_row_at(b, i, &uppsikt__held_row__descriptor);
        len += (size_t)snprintf(all + len, sizeof all - len, "%s%s %lld", len ? ", " : "",
                                row->kind, (long long)row->count);
        uppsikt__held_row__free_unpacked(row, NULL);
    }
    return all;
}

static void hear(bench *b, const char *source, const char *subject, ProtobufCMessage *fact,
                 const ProtobufCMessage *content, ProtobufCBinaryData *commitment)
{
    uint8_t bytes[32];
    bench_commit_to(content, bytes);
    *commitment = (ProtobufCBinaryData){ sizeof bytes, bytes };
    assert_int_equal(bench_hear(b, source, subject, fact, content), 0);
}

static void hear_person(bench *b, const char *person)
{
    Uppsikt__PersonRegistered p = UPPSIKT__PERSON_REGISTERED__INIT;
    Uppsikt__PersonRegisteredContent who = UPPSIKT__PERSON_REGISTERED_CONTENT__INIT;
    who.first_name = upp_lend("Kim");
    who.last_name = upp_lend("Ek");
    p.person = upp_lend(person);
    p.unit = upp_lend("skola");
    hear(b, "registry", person, &p.base, &who.base, &p.commitment);
}

static void hear_words(bench *b, const char *item)
{
    Uppsikt__CommentReceived c = UPPSIKT__COMMENT_RECEIVED__INIT;
    Uppsikt__CommentReceivedContent what = UPPSIKT__COMMENT_RECEIVED_CONTENT__INIT;
    Uppsikt__ItemAuthor author = UPPSIKT__ITEM_AUTHOR__INIT;
    author.id = upp_lend("u1");
    author.name = upp_lend("Bo");
    what.text = upp_lend("När öppnar badet?");
    what.author = &author;
    c.item = upp_lend(item);
    c.account = upp_lend("acc");
    c.platform = upp_lend("facebook");
    c.version = 1;
    c.kind = UPPSIKT__ITEM_KIND__ITEM_KIND_COMMENT;
    c.received_ms = c.first_seen_ms = b->now;
    hear(b, "ingest", item, &c.base, &what.base, &c.commitment);
}

/* Everybody forgets; evidence does when it says so itself. */
static void forget(bench *b, const char *subject)
{
    Uppsikt__DisposalApproved d = UPPSIKT__DISPOSAL_APPROVED__INIT;
    char *subjects[] = { upp_lend(subject) };
    d.disposal = upp_lend("d1");
    d.subjects = subjects;
    d.n_subjects = 1;
    d.part = d.parts = 1;
    assert_true(bench_hear(b, "evidence", "d1", &d.base, NULL) >= 0);
}

static void R29_each_service_says_what_it_holds_of_staff(void **state)
{
    static const struct {
        const upp_service *service;
        const char *holds;
    } rows[] = {
        { &upp_ingest_service, "name 1" },  { &upp_archive_service, "name 1" },
        { &upp_console_service, "name 1" }, { &upp_evidence_service, "name 1" },
        { &upp_classify_service, "" },
    };
    (void)state;
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        bench *b = bench_open(rows[i].service);
        if (rows[i].service != &upp_classify_service) /* it hears of nobody */
            hear_person(b, "kim");
        assert_string_equal(held(b, "kim", NULL), rows[i].holds);
        assert_string_equal(held(b, "lo", NULL), "");
        if (rows[i].service != &upp_evidence_service) {
            forget(b, "kim");
            assert_string_equal(held(b, "kim", NULL), "");
        }
        bench_close(b);
    }
}

static void R29_the_register_says_what_it_holds(void **state)
{
    bench *b = bench_open(&upp_registry_service);
    Uppsikt__RegisterAuthority a = UPPSIKT__REGISTER_AUTHORITY__INIT;
    Uppsikt__RegisterUnit u = UPPSIKT__REGISTER_UNIT__INIT;
    Uppsikt__RegisterPerson p = UPPSIKT__REGISTER_PERSON__INIT;
    Uppsikt__PersonRegisteredContent who = UPPSIKT__PERSON_REGISTERED_CONTENT__INIT;
    Uppsikt__SetAbsence s = UPPSIKT__SET_ABSENCE__INIT;
    Uppsikt__AbsenceSetContent when = UPPSIKT__ABSENCE_SET_CONTENT__INIT;
    char *roles[] = { upp_lend("operations") };
    (void)state;
    a.authority = upp_lend("ks");
    a.name = upp_lend("Kommunstyrelsen");
    bench_did(b, NULL, &a.base);
    u.unit = upp_lend("skola");
    u.authority = upp_lend("ks");
    u.name = upp_lend("Skolan");
    bench_did(b, NULL, &u.base);
    who.first_name = upp_lend("Kim");
    p.person = upp_lend("kim");
    p.unit = upp_lend("skola");
    p.roles = roles;
    p.n_roles = 1;
    p.who = &who;
    bench_did(b, NULL, &p.base);
    assert_string_equal(held(b, "kim", NULL), "name 1");
    s.person = upp_lend("kim");
    when.from_ms = b->now;
    when.to_ms = b->now + UPP_DAY;
    s.when = &when;
    bench_did(b, "kim", &s.base);
    assert_string_equal(held(b, "kim", NULL), "name 1, absence 1");
    forget(b, "kim");
    assert_string_equal(held(b, "kim", NULL), "");
    bench_close(b);
    (void)state;
}

static void R24_each_service_says_what_it_holds_of_what_she_wrote(void **state)
{
    static const struct {
        const upp_service *service;
        const char *holds;
    } rows[] = {
        { &upp_archive_service, "words 2" },
        { &upp_console_service, "words 2" },
        { &upp_evidence_service, "words 2" },
        { &upp_classify_service, "other 2" },
    };
    Uppsikt__Held many = UPPSIKT__HELD__INIT;
    char *subjects[201];
    (void)state;
    for (size_t i = 0; i < UPP_LEN(subjects); i++)
        subjects[i] = upp_lend("i1");
    many.subjects = subjects;
    many.n_subjects = UPP_LEN(subjects);
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        bench *b = bench_open(rows[i].service);
        hear_words(b, "i1");
        hear_words(b, "i2");
        hear_words(b, "i3");
        assert_string_equal(held(b, "i1", "i2"), rows[i].holds);
        assert_int_equal(bench_query(b, "anna", &many.base), 0); /* refused */
        if (rows[i].service != &upp_evidence_service) {
            forget(b, "i1");
            assert_string_equal(held(b, "i1", NULL), "");
        }
        bench_close(b);
    }
}

/* -- whoever wrote it -- */
static size_t items_of(bench *b, const char *platform, const char *author, const char *item,
                       char ret_first[UPP_ID])
{
    Uppsikt__AuthorItems q = UPPSIKT__AUTHOR_ITEMS__INIT;
    q.platform = upp_lend(platform);
    q.author = upp_lend(author);
    q.item = upp_lend(item);
    const size_t n = bench_query(b, "anna", &q.base);
    ret_first[0] = '\0';
    if (n > 0) {
        Uppsikt__AuthorItem *row = (void *)bench_row_at(b, 0, &uppsikt__author_item__descriptor);
        snprintf(ret_first, UPP_ID, "%s", row->item);
        assert_string_equal(row->account, "acc");
        uppsikt__author_item__free_unpacked(row, NULL);
    }
    return n;
}

static void write_line(bench *b, const char *id, const char *author)
{
    char line[300];
    Uppsikt__ImportLines c = UPPSIKT__IMPORT_LINES__INIT;
    snprintf(line, sizeof line,
             "{\"platform\":\"facebook\",\"account\":\"acc\",\"external_id\":\"%s\",\"kind\":"
             "\"comment\",\"text\":\"ord %s\",\"author\":{\"id\":\"%s\",\"name\":\"Bo\"},"
             "\"created_at\":\"2025-01-02T10:00:00+01:00\"}",
             id, id, author);
    ProtobufCBinaryData one = { strlen(line), (uint8_t *)line };
    c.account = upp_lend("acc");
    c.import = upp_lend(id);
    c.lines = &one;
    c.n_lines = 1;
    c.first_line = 1;
    c.last = true;
    bench_did(b, "kim", &c.base);
}

static void R24_an_author_is_found_by_who_she_is_on_her_platform(void **state)
{
    bench *b = bench_open(&upp_ingest_service);
    Uppsikt__AccountChanged a = UPPSIKT__ACCOUNT_CHANGED__INIT;
    Uppsikt__AccountChangedContent facts = UPPSIKT__ACCOUNT_CHANGED_CONTENT__INIT;
    char first[UPP_ID], none[UPP_ID], same[UPP_ID];
    (void)state;
    a.account = upp_lend("acc");
    a.platform = upp_lend("facebook");
    a.state = UPPSIKT__ACCOUNT_CHANGED__STATE__STATE_OPEN;
    hear(b, "registry", "acc", &a.base, &facts.base, &a.commitment);
    hear_person(b, "kim");
    write_line(b, "x1", "u1");
    write_line(b, "x2", "u2");
    write_line(b, "x3", "u1");
    assert_int_equal(items_of(b, "facebook", "u1", "", first), 2);
    assert_int_equal(items_of(b, "mastodon", "u1", "", none), 0);
    assert_int_equal(items_of(b, "facebook", "u9", "", none), 0);
    assert_int_equal(items_of(b, "", "", first, same), 2); /* whoever wrote this */
    assert_int_equal(items_of(b, "", "", "i9", none), 0);
    assert_int_equal(items_of(b, "facebook", "", "", none), 0); /* refused */
    assert_int_equal(items_of(b, "facebook", "u1", first, none), 0);
    assert_string_equal(held(b, first, NULL), "words 1");
    forget(b, first);
    assert_string_equal(held(b, first, NULL), "");
    assert_int_equal(items_of(b, "facebook", "u1", "", same), 1);
    assert_string_not_equal(first, same);
    bench_close(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R29_each_service_says_what_it_holds_of_staff),
        cmocka_unit_test(R29_the_register_says_what_it_holds),
        cmocka_unit_test(R24_each_service_says_what_it_holds_of_what_she_wrote),
        cmocka_unit_test(R24_an_author_is_found_by_who_she_is_on_her_platform),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
