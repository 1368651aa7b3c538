/* registry_test.c - the founding, rights, people and units, rules, and what may be forgotten
 * (R02, R21, R29). */
#include "cover.h"
#include "registry_fixture.h"
#include "uppsikt/evidence.pb-c.h"
#include <stdio.h>

/* -- the founding -- */
static void R02_the_peer_founds_until_there_is_operations(void **state)
{
    bench *b = *state;
    Uppsikt__RegisterAuthority c = UPPSIKT__REGISTER_AUTHORITY__INIT;
    c.name = upp_lend("Nämnden");
    bench_refused(b, "somebody", &c.base, "asker-not-registered");
    bench_did(b, NULL, &c.base);
    org_authority(b, NULL, "ks", "Kommunstyrelsen");
    Uppsikt__RegisterUnit unit = org_unit("kom", "", "", "");
    bench_did(b, NULL, &unit.base);
    org_person(b, NULL, "com", "kom", "communications"); /* not operations: it goes on */
    bench_did(b, NULL, &c.base);
    org_person(b, NULL, "ops", "kom", "operations");
    bench_refused(b, NULL, &c.base, "person-needed");
    bench_did(b, "ops", &c.base);
    bench_did(b, "com", &c.base);

    /* It has ended for good: the last one with the role neither leaves nor loses it. */
    Uppsikt__PersonLeaves leave = UPPSIKT__PERSON_LEAVES__INIT;
    leave.person = upp_lend("ops");
    bench_refused(b, "ops", &leave.base, "last-operations");
    assert_int_equal(org_try_person(b, "ops", "ops", "kom", "reader"), 2);
    assert_string_equal(b->refused, "last-operations");
    assert_int_equal(org_try_person(b, "com", "mole", "kom", "operations"), 2);
    assert_string_equal(b->refused, "operations-only");
    org_person(b, "ops", "ops2", "kom", "operations");
    org_leaves(b, "ops2", "ops", b->now + UPP_DAY);
    leave.person =
        upp_lend("ops2"); /* the other one has said that she leaves: she does not count */
    bench_refused(b, "ops2", &leave.base, "last-operations");
    bench_wait(b, 2 * UPP_DAY);
    bench_refused(b, "ops", &c.base, "asker-not-registered");
    bench_refused(b, NULL, &c.base, "person-needed");
}

/* -- people -- */
static void R02_only_the_keepers_register(void **state)
{
    bench *b = *state;
    static const char *const others[] = { "head", "man", "a", "other" };
    for (size_t i = 0; i < UPP_LEN(others); i++) {
        Uppsikt__RegisterAuthority authority = UPPSIKT__REGISTER_AUTHORITY__INIT;
        Uppsikt__RegisterUnit unit = org_unit("x", "", "", "");
        Uppsikt__AdoptPolicy policy = UPPSIKT__ADOPT_POLICY__INIT;
        Uppsikt__AdoptRetentionRow row = UPPSIKT__ADOPT_RETENTION_ROW__INIT;
        bench_refused(b, others[i], &authority.base, "not-allowed");
        bench_refused(b, others[i], &unit.base, "not-allowed");
        bench_refused(b, others[i], &policy.base, "not-allowed");
        bench_refused(b, others[i], &row.base, "not-allowed");
        assert_int_equal(org_try_person(b, others[i], "x", "kom", "reader"), 2);
        assert_string_equal(b->refused, "not-allowed");
    }
    bench_saw(b, "");
}

static void R02_a_person_is_said_with_her_roles_and_her_name_beside(void **state)
{
    bench *b = *state;
    char *roles[] = { upp_lend("reader"), upp_lend("archivist") };
    const int64_t contents =
        bench_number(b, "SELECT count(*) FROM upp_content WHERE length(salt) > 0");
    Uppsikt__RegisterPerson c = UPPSIKT__REGISTER_PERSON__INIT;
    c.person = upp_lend("a");
    c.roles = roles;
    c.n_roles = 2;
    b->now += UPP_DAY;
    bench_did(b, "com", &c.base); /* new roles; unit and name stay as they were */
    bench_saw(b, "PersonRegistered");
    ProtobufCMessage *who = NULL;
    ProtobufCMessage *said = bench_said(b, &uppsikt__person_registered__descriptor,
                                        &uppsikt__person_registered_content__descriptor, &who);
    const Uppsikt__PersonRegistered *fact = (Uppsikt__PersonRegistered *)said;
    assert_int_equal(fact->n_roles, 2);
    assert_string_equal(fact->unit, "skola");
    assert_int_equal(fact->since_ms, b->now - UPP_DAY);
    assert_string_equal(((Uppsikt__PersonRegisteredContent *)who)->mail,
                        MARKER ".a@kommun.example");
    upp_msg_freep(&said);
    upp_msg_freep(&who);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM upp_content WHERE length(salt) > 0"),
                     contents);

    Uppsikt__Persons q = UPPSIKT__PERSONS__INIT;
    q.person = upp_lend("a");
    assert_int_equal(bench_query(b, NULL, &q.base), 1);
    said = bench_row_at(b, 0, &uppsikt__person_row__descriptor);
    who = bench_row_content(b, 0, &uppsikt__person_row_content__descriptor);
    const Uppsikt__PersonRow *row = (Uppsikt__PersonRow *)said;
    assert_int_equal(row->n_roles, 2);
    assert_string_equal(row->roles[0], "archivist");
    assert_false(row->left);
    assert_int_equal(row->commitment.len, 32);
    assert_string_equal(((Uppsikt__PersonRowContent *)who)->who->last_name, "Ek " MARKER);
    upp_msg_freep(&said);
    upp_msg_freep(&who);
    q = (Uppsikt__Persons)UPPSIKT__PERSONS__INIT;
    q.limit = 3;
    assert_int_equal(bench_query(b, NULL, &q.base), 3);

    roles[1] = upp_lend("reader");
    bench_refused(b, "com", &c.base, "role-unknown");
    roles[1] = upp_lend("king");
    bench_refused(b, "com", &c.base, "role-unknown");
}

static void R02_what_is_no_person_is_refused(void **state)
{
    bench *b = *state;
    static const struct {
        const char *id, *name, *mail, *unit, *words;
    } bad[] = {
        { "no/slash", "Eva", "", "kom", "id-malformed" },
        { "eva@kommun.example", "Eva", "", "kom", "id-malformed" },
        { "x", "", "", "kom", "name-malformed" },
        { "x", "Eva\nBcc: all", "", "kom", "name-malformed" },
        { "x", "Eva\xc3", "", "kom", "name-malformed" },
        { "x", "Eva", "eva", "kom", "mail-malformed" },
        { "x", "Eva", "eva@a\r\nBcc: b@c", "kom", "mail-malformed" },
        { "x", "Eva", "eva@a@b", "kom", "mail-malformed" },
        { "x", "Eva", "", "nowhere", "unit-unknown" },
    };
    for (size_t i = 0; i < UPP_LEN(bad); i++) {
        Uppsikt__PersonRegisteredContent who = UPPSIKT__PERSON_REGISTERED_CONTENT__INIT;
        Uppsikt__RegisterPerson c = UPPSIKT__REGISTER_PERSON__INIT;
        who.first_name = upp_lend(bad[i].name);
        who.mail = upp_lend(bad[i].mail);
        c.person = upp_lend(bad[i].id);
        c.unit = upp_lend(bad[i].unit);
        c.who = &who;
        bench_refused(b, "com", &c.base, bad[i].words);
        c.who = NULL;
        if (strcmp(bad[i].words, "id-malformed") != 0)
            bench_refused(b, "com", &c.base, "name-malformed");
    }
}

/* -- units (sla.md V5) -- */
static void V5_the_chain_of_units_neither_loops_nor_grows_past_six(void **state)
{
    bench *b = *state;
    char id[8], parent[8] = "skola";
    for (int i = 2; i <= 6; i++) {
        snprintf(id, sizeof id, "u%d", i);
        Uppsikt__RegisterUnit c = org_unit(id, parent, "", "");
        bench_did(b, "ops", &c.base);
        snprintf(parent, sizeof parent, "%s", id);
    }
    Uppsikt__RegisterUnit c = org_unit("u7", "u6", "", "");
    bench_refused(b, "ops", &c.base, "unit-chain-too-long");
    c = org_unit("skola", "kom", "man", "head"); /* what hangs below counts too */
    bench_refused(b, "ops", &c.base, "unit-chain-too-long");
    c = org_unit("skola", "u6", "man", "head");
    bench_refused(b, "ops", &c.base, "unit-chain-loops");
    c = org_unit("skola", "skola", "man", "head");
    bench_refused(b, "ops", &c.base, "unit-chain-loops");
    c = org_unit("skola", "nowhere", "man", "head");
    bench_refused(b, "ops", &c.base, "unit-unknown");
    c = org_unit("x", "", "nobody", "");
    bench_refused(b, "ops", &c.base, "person-unknown");
    c.manager = upp_lend("");
    c.authority = upp_lend("nowhere");
    bench_refused(b, "ops", &c.base, "authority-unknown");

    /* the sector head of a unit that names none is the nearest above (R03) */
    Uppsikt__AccountChangedContent f = org_facts();
    Uppsikt__ChangeAccount account = org_step("acc", LIFE_PROPOSED);
    account.platform = upp_lend("x");
    account.unit = upp_lend("u6");
    account.facts = &f;
    bench_refused(b, "man", &account.base, "not-allowed");
    bench_did(b, "head", &account.base);
    Uppsikt__Units q = UPPSIKT__UNITS__INIT;
    q.after = upp_lend("skola");
    assert_int_equal(bench_query(b, NULL, &q.base), 5);
}

/* -- rules -- */
static void R21_a_row_without_a_decision_is_a_template(void **state)
{
    bench *b = *state;
    Uppsikt__AdoptRetentionRow c = UPPSIKT__ADOPT_RETENTION_ROW__INIT;
    char *covers[] = { upp_lend("comment") };
    c.row = upp_lend("r1");
    c.authority = upp_lend("ks");
    c.process = upp_lend("2.7");
    c.kind = upp_lend("kommentar");
    bench_refused(b, "ops", &c.base, "row-without-action");
    c.action = UPPSIKT__RETENTION_ROW_ADOPTED__ACTION__ACTION_KEEP;
    c.months = 12;
    bench_refused(b, "ops", &c.base, "row-months-malformed");
    c.action = UPPSIKT__RETENTION_ROW_ADOPTED__ACTION__ACTION_DISPOSE;
    c.covers = covers;
    c.n_covers = 1;
    bench_did(b, "ops", &c.base);
    bench_saw(b, "RetentionRowAdopted");
    ProtobufCMessage *said = bench_said(b, &uppsikt__retention_row_adopted__descriptor, NULL, NULL);
    const Uppsikt__RetentionRowAdopted *row = (Uppsikt__RetentionRowAdopted *)said;
    assert_string_equal(row->row, "r1");
    assert_string_equal(row->decision, "");
    assert_int_equal(row->months, 12);
    assert_int_equal(row->valid_from_ms, b->now);
    upp_msg_freep(&said);
    c.decision = upp_lend("KS 2026/77");
    c.months = 0; /* "vid inaktualitet" */
    bench_did(b, "ops", &c.base);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM retention"), 1);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM retention WHERE decision <> ''"), 1);
    c.kind = upp_lend("");
    bench_refused(b, "ops", &c.base, "row-without-kind");
    c.kind = upp_lend("kommentar");
    c.authority = upp_lend("nowhere");
    bench_refused(b, "ops", &c.base, "authority-unknown");
}

/* What a row lets go is said in words that evidence knows; a word that is none is refused. */
static void R21_a_row_says_which_kinds_it_covers(void **state)
{
    bench *b = *state;
    Uppsikt__AdoptRetentionRow c = UPPSIKT__ADOPT_RETENTION_ROW__INIT;
    char *covers[] = { upp_lend("line"), upp_lend("comment"), upp_lend("removed-message") };
    c.row = upp_lend("r1");
    c.authority = upp_lend("ks");
    c.process = upp_lend("2.7");
    c.kind = upp_lend("Kommentarer av ringa betydelse");
    c.action = UPPSIKT__RETENTION_ROW_ADOPTED__ACTION__ACTION_DISPOSE;
    bench_refused(b, "ops", &c.base, "row-without-covers");
    c.covers = covers;
    c.n_covers = 3;
    covers[1] = upp_lend("kommentar");
    bench_refused(b, "ops", &c.base, "row-covers-unknown");
    assert_int_equal(bench_number(b, "SELECT count(*) FROM retention"), 0);
    covers[1] = upp_lend("comment");
    bench_did(b, "ops", &c.base);
    bench_saw(b, "RetentionRowAdopted");
    ProtobufCMessage *said = bench_said(b, &uppsikt__retention_row_adopted__descriptor, NULL, NULL);
    const Uppsikt__RetentionRowAdopted *row = (Uppsikt__RetentionRowAdopted *)said;
    assert_string_equal(row->kind, "Kommentarer av ringa betydelse");
    assert_int_equal(row->n_covers, 3);
    assert_string_equal(row->covers[2], "removed-message");
    upp_msg_freep(&said);
    assert_int_equal(bench_number(b, "SELECT covers = 'comment removed-message line'"
                                     " FROM retention"),
                     1);
    c.action = UPPSIKT__RETENTION_ROW_ADOPTED__ACTION__ACTION_KEEP; /* nothing goes by it */
    c.n_covers = 0;
    bench_did(b, "ops", &c.base);
}

/* -- R29: what is personal is content, and goes -- */
static void fill(bench *b)
{
    Uppsikt__AbsenceSetContent when = UPPSIKT__ABSENCE_SET_CONTENT__INIT;
    Uppsikt__SetAbsence absence = UPPSIKT__SET_ABSENCE__INIT;
    org_open(b, "acc");
    org_take_over(b, "old");
    when.from_ms = 1790000123456;
    when.to_ms = 1790099123456;
    absence.absence = upp_lend("s1");
    absence.person = upp_lend("a");
    absence.when = &when;
    bench_did(b, "a", &absence.base);
    org_leaves(b, "com", "c", 0);
}

static void R29_nothing_personal_is_in_any_fact(void **state)
{
    bench *b = *state;
    fill(b);
    assert_int_equal(bench_cells(b, MARKER, NULL), 10);         /* eight people, two accounts */
    assert_int_equal(bench_cells(b, MARKER, "upp_content"), 0); /* log, commands, asks, tables */
}

static void forget(bench *b, const char *disposal, const char *subject)
{
    Uppsikt__DisposalApproved d = UPPSIKT__DISPOSAL_APPROVED__INIT;
    char *subjects[] = { upp_lend(subject) };
    d.disposal = upp_lend(disposal);
    d.subjects = subjects;
    d.n_subjects = 1;
    assert_true(bench_hear(b, "evidence", disposal, &d.base, NULL) >= 0);
}

static void R29_a_person_is_forgotten_in_every_byte(void **state)
{
    bench *b = *state;
    Uppsikt__Persons q = UPPSIKT__PERSONS__INIT;
    fill(b);
    org_person(b, "com", "tore", "kom", "reader");
    assert_true(bench_bytes_hold(b, MARKER ".tore@kommun.example"));
    bench_skip(b);
    forget(b, "d1", "tore");
    bench_saw(b, "ContentForgotten");
    assert_false(bench_bytes_hold(b, MARKER ".tore@kommun.example"));
    assert_true(bench_bytes_hold(b, MARKER ".b@kommun.example"));
    q.person = upp_lend("tore");
    assert_int_equal(bench_query(b, NULL, &q.base), 1); /* the fact that she was there stays */
    assert_int_equal(b->rows[0].content_len, 0);

    forget(b, "d2", "a");
    Uppsikt__Absences absences = UPPSIKT__ABSENCES__INIT;
    assert_int_equal(bench_query(b, NULL, &absences.base), 1);
    assert_int_equal(b->rows[0].content_len, 0);
    assert_int_equal(bench_number(b, "SELECT count(*) FROM absence WHERE when_ref <> 0"), 0);
    org_person(b, "com", "tore", "kom", "reader"); /* a late command does not bring her back */
    assert_false(bench_bytes_hold(b, MARKER ".tore@kommun.example"));
    assert_int_equal(bench_number(b, "SELECT count(*) FROM person WHERE person = 'tore'"
                                     " AND who_ref = 0"),
                     1);
}

static void R29_an_account_is_forgotten_and_may_still_be_closed(void **state)
{
    bench *b = *state;
    Uppsikt__Accounts q = UPPSIKT__ACCOUNTS__INIT;
    fill(b);
    forget(b, "d1", "acc");
    q.account = upp_lend("acc");
    assert_int_equal(bench_query(b, NULL, &q.base), 1);
    assert_int_equal(b->rows[0].content_len, 0);
    assert_false(bench_bytes_hold(b, "@skolan-" MARKER));
    Uppsikt__ChangeAccount c = org_step("acc", LIFE_CLOSING);
    bench_did(b, "man", &c.base);
}

/* -- the catalogue -- */
static char *read_all(const char *path)
{
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    char *all = calloc(1, 256 * 1024);
    upp_check(all);
    assert_true(fread(all, 1, 256 * 1024 - 1, f) > 0);
    fclose(f);
    return all;
}

static bool has_key(const char *catalogue, const char *key, size_t len)
{
    for (const char *line = catalogue; line && *line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, key, len) == 0 && strncmp(line + len, ": ", 2) == 0)
            return true;
    }
    return false;
}

/* Every word that a person can be refused with, and every word of the page, in both languages. */
static void R30_every_refusal_has_its_words_in_both_languages(void **state)
{
    (void)state;
    static const char *const files[] = { "right",  "text",    "authority", "person",   "account",
                                         "access", "absence", "upkeep",    "rulebook", "life" };
    char *sv = read_all(UPP_ROOT "/services/registry/registry.sv.txt");
    char *en = read_all(UPP_ROOT "/services/registry/registry.en.txt");
    size_t n = 0;
    for (size_t i = 0; i < UPP_LEN(files); i++) {
        char path[256];
        snprintf(path, sizeof path, UPP_ROOT "/services/registry/%s.c", files[i]);
        char *source = read_all(path);
        for (const char *at = source; (at = strstr(at, "upp_refuse(txn, ")); at++) {
            const char *key = strchr(at, '"');
            while (key && key < strchr(at, ';')) { /* both sides of ?: */
                const size_t len = strcspn(key + 1, "\"");
                assert_true(has_key(sv, key + 1, len));
                assert_true(has_key(en, key + 1, len));
                n++;
                key = strchr(key + len + 2, '"');
            }
        }
        for (const char *at = source; /* what life_missing gives is refused with as well */
             strcmp(files[i], "life") == 0 && (at = strstr(at, "-missing\"")); at++) {
            const char *key = at;
            while (key[-1] != '"')
                key--;
            assert_true(has_key(sv, key, strcspn(key, "\"")));
            n++;
        }
        free(source);
    }
    assert_true(n > 60);
    for (unsigned i = 0; i < COVER_KINDS; i++) { /* R21: those that there are */
        const char *word = cover_word((enum cover_kind)i);
        assert_non_null(strstr(strstr(sv, "row-covers-unknown: "), word));
        assert_non_null(strstr(strstr(en, "row-covers-unknown: "), word));
    }
    for (int turn = 0; turn < 2; turn++)
        for (const char *line = turn ? sv : en; line && *line; line = strchr(line, '\n')) {
            line += *line == '\n';
            if (*line)
                assert_true(has_key(turn ? en : sv, line, strcspn(line, ":")));
        }
    free(sv);
    free(en);
}

static int set_up_bare(void **state)
{
    return bench_set_up(state, &upp_registry_service);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, org_found_set_up, bench_tear_down)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(R02_the_peer_founds_until_there_is_operations, set_up_bare,
                                        bench_tear_down),
        CASE(R02_only_the_keepers_register),
        CASE(R02_a_person_is_said_with_her_roles_and_her_name_beside),
        CASE(R02_what_is_no_person_is_refused),
        CASE(V5_the_chain_of_units_neither_loops_nor_grows_past_six),
        CASE(R21_a_row_without_a_decision_is_a_template),
        CASE(R21_a_row_says_which_kinds_it_covers),
        CASE(R29_nothing_personal_is_in_any_fact),
        CASE(R29_a_person_is_forgotten_in_every_byte),
        CASE(R29_an_account_is_forgotten_and_may_still_be_closed),
        cmocka_unit_test(R30_every_refusal_has_its_words_in_both_languages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
