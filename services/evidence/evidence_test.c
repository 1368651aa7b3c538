/* evidence_test.c - saved copies, who sees them, holds and lists, step by step (R21-R23, R29; E30,
 * P4, P6). */
#include "evidence_fixture.h"

#define HIDE   UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE
#define KEEP   UPPSIKT__ITEM_ACTION__ITEM_ACTION_KEEP
#define SEALED "SELECT count(*) FROM record WHERE state = 2 AND level = "

static int set_up(void **state)
{
    static vault v;
    vault_open(&v);
    *state = &v;
    return 0;
}

static int tear_down(void **state)
{
    vault_close(*state);
    return 0;
}
#define VAULT(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

/* The text of a file of the record of that level; the caller frees it. */
static char *file_of(vault *v, const char *item, int level, const char *name)
{
    sqlite3_stmt *row = NULL;
    char path[400];
    char *text = calloc(1, 400 * 1024);
    assert_int_equal(sqlite3_prepare_v2(upp_node_db(v->b->node),
                                        "SELECT folder FROM record WHERE item = ?1 AND level = ?2"
                                        " AND state = 2",
                                        -1, &row, NULL),
                     SQLITE_OK);
    sqlite3_bind_text(row, 1, item, -1, SQLITE_STATIC);
    sqlite3_bind_int(row, 2, level);
    assert_int_equal(sqlite3_step(row), SQLITE_ROW);
    snprintf(path, sizeof path, "%s/%s/%s", v->objects, (const char *)sqlite3_column_text(row, 0),
             name);
    sqlite3_finalize(row);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    (void)!fread(text, 1, 400 * 1024 - 1, file);
    fclose(file);
    return text;
}

static void holds(vault *v, const char *item, int level, const char *name, const char *words,
                  bool wanted)
{
    char *text = file_of(v, item, level, name);
    if ((strstr(text, words) != NULL) != wanted)
        fail_msg("%s %s %s", name, wanted ? "lacks" : "holds", words);
    free(text);
}

/* R22: RAW at once, WHOLE behind it; the platform's own bytes; what people wrote is no markup. */
static void a_decision_is_preceded_by_its_copy(void **state)
{
    vault *v = *state;
    vault_says(v, &(vault_words){ .item = "i1",
                                  .text = "Ni <b>är</b> \"dumma\" & elaka",
                                  .raw = "{\"id\": \"x1\",  \"odd\":1}" });
    vault_decides(v, "i1", 1, HIDE, "", "");
    v->no_browser = true;
    (void)vault_work(v);
    assert_int_equal(vault_number(v, SEALED "1"), 1);
    assert_int_equal(vault_number(v, SEALED "2"), 0);
    bench_wait(v->b, 11 * UPP_MINUTE);
    Uppsikt__EvidenceFailed *failed =
        (void *)bench_said(v->b, &uppsikt__evidence_failed__descriptor, NULL, NULL);
    assert_string_equal(failed->reason, "capture-slow");
    uppsikt__evidence_failed__free_unpacked(failed, NULL);
    v->no_browser = false;
    (void)vault_work(v);
    assert_int_equal(vault_number(v, SEALED "2"), 1);
    holds(v, "i1", 1, "api.json", "{\"id\": \"x1\",  \"odd\":1}", true);
    holds(v, "i1", 2, "comment.html", "Ni &lt;b&gt;är&lt;/b&gt; &quot;dumma&quot; &amp; elaka",
          true);
    holds(v, "i1", 2, "comment.html", "<b>", false);
    holds(v, "i1", 2, "comment.html", "Åsa &lt;Fors&gt;", true);
    holds(v, "i1", 2, "record.json", "\"reason_code\": \"attack\"", true);
    holds(v, "i1", 2, "manifest-sha256.txt", "page.png", true);
}

/* It is asked for when the matter opens, in either order of what two services say; once. */
static void the_order_of_the_two_does_not_matter(void **state)
{
    vault *v = *state;
    vault_matter(v, "i1", "i1.m1", UPPSIKT__MATTER_KIND__MATTER_KIND_MODERATION);
    vault_decides(v, "i1", 1, HIDE, "", "");
    (void)vault_work(v);
    assert_int_equal(vault_number(v, "SELECT count(*) FROM record"), 0);
    vault_says(v, &(vault_words){ .item = "i1", .text = "ord" });
    vault_says(v, &(vault_words){ .item = "i2", .text = "ord" });
    vault_matter(v, "i2", "i2.l1", UPPSIKT__MATTER_KIND__MATTER_KIND_LOOK);
    (void)vault_work(v);
    assert_int_equal(vault_number(v, SEALED "1"), 1);
    assert_int_equal(vault_number(v, SEALED "2"), 1);
    vault_decides(v, "i1", 1, HIDE, "", "");
    (void)vault_work(v);
    assert_int_equal(vault_number(v, "SELECT count(*) FROM record"), 2);
    vault_decides(v, "i2", 1, KEEP, "", "");
    (void)vault_work(v);
    assert_int_equal(vault_number(v, "SELECT count(*) FROM record"), 2);
}

/* What was decided on is saved, however new the item has become. */
static void an_older_version_is_sealed_too(void **state)
{
    vault *v = *state;
    vault_says(v, &(vault_words){ .item = "i1", .text = "de gamla orden" });
    vault_says(v, &(vault_words){ .item = "i1", .text = "de nya orden", .version = 2 });
    vault_decides(v, "i1", 1, HIDE, "", "");
    (void)vault_work(v);
    holds(v, "i1", 1, "record.json", "de gamla orden", true);
    holds(v, "i1", 1, "record.json", "de nya orden", false);
    assert_int_equal(vault_number(v, "SELECT version FROM record WHERE level = 1"), 1);
}

/* A picture that answers 404 is gone after three attempts, each recorded, and blocks nothing. */
static void media_is_gone_after_its_attempts(void **state)
{
    vault *v = *state;
    v->media_answer = "404";
    vault_says(v,
               &(vault_words){ .item = "i1", .text = "bild", .url = "https://cdn.example/1.jpg" });
    vault_decides(v, "i1", 1, HIDE, "", "");
    (void)vault_work(v);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(vault_number(v, SEALED "2"), 0);
        bench_wait(v->b, UPP_HOUR);
        (void)vault_work(v);
    }
    assert_int_equal(vault_number(v, SEALED "2"), 1);
    assert_int_equal(vault_number(v, "SELECT count(*) FROM attempt WHERE answer = '404'"), 3);
    Uppsikt__EvidenceSealed *s =
        (void *)bench_said(v->b, &uppsikt__evidence_sealed__descriptor, NULL, NULL);
    assert_int_equal(s->media_gone, 1);
    uppsikt__evidence_sealed__free_unpacked(s, NULL);
    holds(v, "i1", 2, "record.json", "\"state\": \"gone\"", true);
}

/* R22: what was attached is fetched before the picture is made, and the picture shows it. */
static void R22_the_picture_shows_what_was_attached(void **state)
{
    vault *v = *state;
    vault_says(v,
               &(vault_words){ .item = "i1", .text = "bild", .url = "https://cdn.example/1.jpg" });
    vault_decides(v, "i1", 1, HIDE, "", "");
    (void)vault_work(v);
    assert_int_equal(vault_number(v, SEALED "2"), 1);
    assert_int_equal(v->shown, 1);
    holds(v, "i1", 2, "page.png", "<img src=\"https://media.invalid/1\"", true);
    holds(v, "i1", 2, "comment.html", "<img src=\"media/1\"", true);
}

static void a_refused_address_is_not_asked_again(void **state)
{
    vault *v = *state;
    v->media_answer = "private-address";
    vault_says(v, &(vault_words){ .item = "i1", .text = "bild", .url = "http://10.0.0.1/x" });
    vault_decides(v, "i1", 1, HIDE, "", "");
    (void)vault_work(v);
    assert_int_equal(vault_number(v, SEALED "2"), 1);
    assert_int_equal(vault_number(v, "SELECT state FROM media"), 3);
    assert_int_equal(vault_number(v, "SELECT media_gone FROM record WHERE level = 2"), 0);
}

/* Suspected child abuse: nothing is fetched, no picture is made, and the gate opens on that record;
 * a picture that was being made when it was said goes. */
static void no_picture_where_none_may_be(void **state)
{
    vault *v = *state;
    Uppsikt__CommentClassified c = UPPSIKT__COMMENT_CLASSIFIED__INIT;
    v->no_browser = true;
    vault_says(
        v, &(vault_words){ .item = "i1", .text = "se här", .url = "https://cdn.example/1.jpg" });
    vault_decides(v, "i1", 1, HIDE, "", "");
    (void)vault_work(v); /* what was attached has been fetched */
    assert_int_equal(vault_number(v, "SELECT count(*) FROM media WHERE state = 1"), 1);
    c.item = upp_lend("i1");
    c.account = upp_lend("acc");
    c.version = 1;
    c.bbs_letter = upp_lend("e");
    assert_int_equal(bench_hear(v->b, "classify", "i1", &c.base, NULL), 0);
    (void)vault_work(v);
    assert_int_equal(vault_number(v, SEALED "2 AND status = 'withheld'"), 1);
    assert_int_equal(vault_number(v, "SELECT count(*) FROM upp_object WHERE gone = 0 AND id LIKE"
                                     " '%media%'"),
                     0);
    holds(v, "i1", 2, "record.json", "\"state\": \"withheld\"", true);
    holds(v, "i1", 2, "record.json", "https://cdn.example/1.jpg", true);
    holds(v, "i1", 2, "manifest-sha256.txt", "page.png", false);
    bench_wait(v->b, UPP_HOUR);
    (void)vault_work(v); /* once more, for what came late */
    assert_int_equal(vault_number(v, "SELECT count(*) FROM removal"), 0);
}

/* Long words take several parts; a full disk is said, and tried again until it goes. */
static void long_words_and_a_full_disk(void **state)
{
    vault *v = *state;
    char *text = calloc(1, 50001);
    memset(text, 'x', 50000);
    vault_says(v, &(vault_words){ .item = "i1", .text = text });
    v->no_records = true;
    vault_decides(v, "i1", 1, HIDE, "", "");
    (void)vault_work(v);
    Uppsikt__EvidenceFailed *failed =
        (void *)bench_said(v->b, &uppsikt__evidence_failed__descriptor, NULL, NULL);
    assert_string_equal(failed->reason, "disk-full");
    uppsikt__evidence_failed__free_unpacked(failed, NULL);
    v->no_records = false;
    bench_wait(v->b, 2 * UPP_MINUTE);
    assert_true(vault_work(v) >= 3);
    assert_int_equal(vault_number(v, SEALED "1"), 1);
    char *json = file_of(v, "i1", 1, "record.json");
    assert_non_null(strstr(json, text));
    free(json);
    free(text);
}

/* Somebody writes to the disk between us and it: nothing is called sealed. */
static void what_lies_there_must_be_what_was_sent(void **state)
{
    vault *v = *state;
    vault_says(v, &(vault_words){ .item = "i1", .text = "ord" });
    vault_decides(v, "i1", 1, HIDE, "", "");
    assert_int_equal(bench_start(v->b), 1);
    Uppsikt__RecordStored out = UPPSIKT__RECORD_STORED__INIT;
    out.manifest = (ProtobufCBinaryData){ 5, (uint8_t *)upp_lend("other") };
    bench_answer(v->b, 0, UPP_DONE, &out.base);
    assert_int_equal(vault_number(v, SEALED "1"), 0);
    bench_wait(v->b, 2 * UPP_MINUTE);
    (void)vault_work(v);
    assert_int_equal(vault_number(v, SEALED "1"), 1);
}

/* R29: once per person, copy and day; what is personal only after it was said. */
static void who_looks_is_noted_once_a_day(void **state)
{
    vault *v = *state;
    Uppsikt__NoteView look = UPPSIKT__NOTE_VIEW__INIT;
    Uppsikt__Records q = UPPSIKT__RECORDS__INIT;
    vault_says(v, &(vault_words){ .item = "i1", .text = "ord" });
    vault_decides(v, "i1", 1, HIDE, "", "");
    (void)vault_work(v);
    q.limit = 1;
    assert_int_equal(bench_query(v->b, "anna", &q.base), 1);
    assert_int_equal(v->b->rows[0].content_len, 0);
    Uppsikt__RecordRow *row = (void *)bench_row_at(v->b, 0, &uppsikt__record_row__descriptor);
    look.record = row->record;
    look.what = upp_lend("viewed");
    bench_refused(v->b, "eva", &look.base, "not-your-account");
    bench_refused(v->b, NULL, &look.base, "person-needed");
    bench_skip(v->b);
    bench_did(v->b, "anna", &look.base);
    bench_saw(v->b, "RecordViewed");
    bench_did(v->b, "anna", &look.base);
    bench_saw(v->b, "");
    bench_did(v->b, "bo", &look.base);
    bench_saw(v->b, "RecordViewed");
    assert_int_equal(bench_query(v->b, "anna", &q.base), 1);
    assert_true(v->b->rows[0].content_len > 0);
    Uppsikt__RecordRowContent *whole =
        (void *)bench_row_content(v->b, 0, &uppsikt__record_row_content__descriptor);
    /* either copy may be the first */
    assert_int_equal(whole->n_objects, row->level == UPPSIKT__SEAL_LEVEL__SEAL_LEVEL_RAW ? 4 : 7);
    assert_int_equal(whole->salt.len, LEAF_SALT);
    uppsikt__record_row_content__free_unpacked(whole, NULL);
    v->b->now += UPP_DAY;
    assert_int_equal(bench_query(v->b, "anna", &q.base), 1);
    assert_int_equal(v->b->rows[0].content_len, 0);
    bench_did(v->b, "anna", &look.base);
    bench_saw(v->b, "RecordViewed");
    look.what = upp_lend("peeked");
    bench_refused(v->b, "anna", &look.base, "unknown-view");
    look.what = upp_lend("viewed");
    look.record = upp_lend("nothing");
    bench_refused(v->b, "anna", &look.base, "no-such-record");
    uppsikt__record_row__free_unpacked(row, NULL);
}

/* A head a day over all leaves, signed; and none before there is anything. */
static void a_head_a_day(void **state)
{
    vault *v = *state;
    bench_wait(v->b, 2 * UPP_DAY);
    assert_int_equal(vault_number(v, "SELECT count(*) FROM head"), 0);
    vault_says(v, &(vault_words){ .item = "i1", .text = "ord" });
    vault_decides(v, "i1", 1, HIDE, "", "");
    (void)vault_work(v);
    bench_wait(v->b, 3 * UPP_DAY);
    assert_int_equal(vault_number(v, "SELECT count(*) FROM head"), 3);
    Uppsikt__TreeHeadSigned *h =
        (void *)bench_said(v->b, &uppsikt__tree_head_signed__descriptor, NULL, NULL);
    tree_hash root;
    memcpy(root.at, h->root.data, TREE_HASH);
    assert_int_equal(h->tree_size, 2);
    assert_true(
        leaf_signature_holds(h->tree_size, h->at_ms, &root, h->signature.data, h->key.data));
    uppsikt__tree_head_signed__free_unpacked(h, NULL);
}

/* What a comment answers is disposed of while its copy is written: its words are not in it. */
static void a_context_that_goes_is_not_written(void **state)
{
    vault *v = *state;
    Uppsikt__ProposeDisposal p = UPPSIKT__PROPOSE_DISPOSAL__INIT;
    char *items[] = { upp_lend("p1") };
    vault_says(v, &(vault_words){ .item = "p1", .text = "HEMLIGT ovanför" });
    vault_says(v, &(vault_words){ .item = "i1", .text = "svaret", .parent = "p1" });
    vault_decides(v, "i1", 1, HIDE, "", "");
    assert_int_equal(bench_start(v->b), 1); /* on its way, with the words above it */
    p.law = upp_lend("gdpr17");
    p.items = items;
    p.n_items = 1;
    bench_did(v->b, "ops", &p.base);
    Uppsikt__DisposalTaken *t = (void *)bench_unpack(&uppsikt__disposal_taken__descriptor,
                                                     v->b->outcome.at, v->b->outcome.len);
    Uppsikt__ApproveDisposal a = UPPSIKT__APPROVE_DISPOSAL__INIT;
    a.disposal = t->disposal;
    a.list_sha256 = t->list_sha256;
    bench_did(v->b, "bo", &a.base);
    uppsikt__disposal_taken__free_unpacked(t, NULL);
    assert_int_equal(bench_cells(v->b, "HEMLIGT", NULL), 0);
    bench_restart(v->b);
    bench_wait(v->b, UPP_MINUTE);
    (void)vault_work(v);
    assert_int_equal(vault_number(v, SEALED "1"), 1);
    holds(v, "i1", 1, "context.json", "HEMLIGT", false);
    holds(v, "i1", 2, "comment.html", "HEMLIGT", false);
}

/* What the register of processing is made of: each row as it was said last, with its period and its
 * decision, a page at a time. */
static void R29_the_plan_is_told_row_by_row(void **state)
{
    vault *v = *state;
    Uppsikt__PlanLines q = UPPSIKT__PLAN_LINES__INIT;
    vault_adopts(v, &(vault_plan){ .row = "z1",
                                   .decision = "KF 2026 § 9",
                                   .authority = "",
                                   .kind = "Meddelanden",
                                   .covers = { "message", "removed-message" },
                                   .months = 3 });
    vault_adopts(
        v,
        &(vault_plan){
            .row = "z2", .authority = "ks", .decision = "", .kind = "Arkivpaket", .keeps = true });
    q.after = upp_lend("z");
    assert_int_equal(bench_query(v->b, "bo", &q.base), 2);
    Uppsikt__PlanLine *first = (void *)bench_row_at(v->b, 0, &uppsikt__plan_line__descriptor);
    assert_string_equal(first->row, "z1");
    assert_string_equal(first->authority, "");
    assert_string_equal(first->kind, "Meddelanden");
    assert_string_equal(first->action, "dispose");
    assert_string_equal(first->decision, "KF 2026 § 9");
    assert_int_equal(first->months, 3);
    assert_int_equal(first->n_covers, 2);
    assert_string_equal(first->covers[1], "removed-message");
    uppsikt__plan_line__free_unpacked(first, NULL);
    Uppsikt__PlanLine *second = (void *)bench_row_at(v->b, 1, &uppsikt__plan_line__descriptor);
    assert_string_equal(second->action, "keep");
    assert_int_equal(second->n_covers, 0);
    uppsikt__plan_line__free_unpacked(second, NULL);
    q.limit = 1;
    assert_int_equal(bench_query(v->b, "bo", &q.base), 1);
    q.after = upp_lend("z2");
    assert_int_equal(bench_query(v->b, "bo", &q.base), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VAULT(a_decision_is_preceded_by_its_copy),
        VAULT(the_order_of_the_two_does_not_matter),
        VAULT(an_older_version_is_sealed_too),
        VAULT(media_is_gone_after_its_attempts),
        VAULT(R22_the_picture_shows_what_was_attached),
        VAULT(a_refused_address_is_not_asked_again),
        VAULT(no_picture_where_none_may_be),
        VAULT(long_words_and_a_full_disk),
        VAULT(what_lies_there_must_be_what_was_sent),
        VAULT(who_looks_is_noted_once_a_day),
        VAULT(a_head_a_day),
        VAULT(a_context_that_goes_is_not_written),
        VAULT(R29_the_plan_is_told_row_by_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
