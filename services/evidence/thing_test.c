/* thing_test.c - lists of what nobody wrote on an account: persons who have left, absences, who
 * looked, packages; what may never be on one (R23, R29). */
#include "evidence_fixture.h"
#include "thing.h"
#include "uppsikt/console.pb-c.h"
#include "uppsikt/held.pb-c.h"

extern const char upp_evidence_upgrade_2_sql[], upp_evidence_upgrade_3_sql[],
    upp_evidence_upgrade_4_sql[];

static void adopts(vault *v, const char *row, const char *covers, int32_t months)
{
    vault_adopts(v, &(vault_plan){ .row = row,
                                   .authority = "ks",
                                   .decision = "KS 1",
                                   .months = months,
                                   .covers = { covers } });
}

static int set_up(void **state)
{
    static vault v;
    vault_open(&v);
    adopts(&v, "personal", "staff", 24);
    adopts(&v, "borta", "absence", 0);
    adopts(&v, "tittat", "look", 24);
    adopts(&v, "paket", "package", 0);
    adopts(&v, "ord", "comment", 0);
    *state = &v;
    return 0;
}

static int tear_down(void **state)
{
    vault_close(*state);
    return 0;
}
#define VAULT(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

static void hears(vault *v, const char *source, const char *subject, const ProtobufCMessage *fact)
{
    assert_int_equal(bench_hear(v->b, source, subject, fact, NULL), 0);
}

static void leaves(vault *v, const char *person)
{
    Uppsikt__PersonLeft p = UPPSIKT__PERSON_LEFT__INIT;
    p.person = upp_lend(person);
    p.at_ms = v->b->now;
    hears(v, "registry", person, &p.base);
}

static void has_access(vault *v, const char *person, bool on)
{
    Uppsikt__AccessGranted g = UPPSIKT__ACCESS_GRANTED__INIT;
    Uppsikt__AccessRevoked r = UPPSIKT__ACCESS_REVOKED__INIT;
    g.account = r.account = upp_lend("acc");
    g.person = r.person = upp_lend(person);
    hears(v, "registry", "acc", on ? &g.base : &r.base);
}

static void leads(vault *v, const char *person)
{
    Uppsikt__UnitRegistered u = UPPSIKT__UNIT_REGISTERED__INIT;
    u.unit = upp_lend("skola");
    u.authority = upp_lend("ks");
    u.manager = upp_lend(person);
    hears(v, "registry", "skola", &u.base);
}

static void is_away(vault *v, const char *absence, const char *person, upp_ms to)
{
    uint8_t sum[32];
    char *instead[] = { upp_lend("ERSATTARE-MÄRKE") };
    Uppsikt__AbsenceSet a = UPPSIKT__ABSENCE_SET__INIT;
    Uppsikt__AbsenceSetContent when = UPPSIKT__ABSENCE_SET_CONTENT__INIT;
    when.from_ms = to - UPP_DAY;
    when.to_ms = to;
    when.substitutes = instead;
    when.n_substitutes = 1;
    bench_commit_to(&when.base, sum);
    a.absence = upp_lend(absence);
    a.person = upp_lend(person);
    a.commitment = (ProtobufCBinaryData){ sizeof sum, sum };
    assert_int_equal(bench_hear(v->b, "registry", person, &a.base, &when.base), 0);
}

static void is_sealed(vault *v, const char *package, const char *account)
{
    Uppsikt__PackageSealed p = UPPSIKT__PACKAGE_SEALED__INIT;
    p.package = upp_lend(package);
    p.account = upp_lend(account);
    p.at_ms = v->b->now;
    hears(v, "archive", account, &p.base);
}

static void signs_in(vault *v, const char *authority)
{
    char log[80];
    Uppsikt__AccessLogged a = UPPSIKT__ACCESS_LOGGED__INIT;
    a.day = v->b->now / UPP_DAY;
    snprintf(log, sizeof log, "login.%s.%lld", authority, (long long)a.day);
    a.authority = upp_lend(authority);
    a.log = log;
    hears(v, "console", "anna", &a.base);
}

static const char *holds(vault *v, const char *account)
{
    static char id[64];
    Uppsikt__PlaceHold h = UPPSIKT__PLACE_HOLD__INIT;
    h.account = upp_lend(account);
    bench_did(v->b, "bo", &h.base);
    Uppsikt__HoldTaken *t =
        (void *)bench_unpack(&uppsikt__hold_taken__descriptor, v->b->outcome.at, v->b->outcome.len);
    snprintf(id, sizeof id, "%s", t->hold);
    uppsikt__hold_taken__free_unpacked(t, NULL);
    return id;
}

/* -- the list -- */
typedef struct list {
    char id[64], first[EVIDENCE_ID];
    uint8_t hash[32];
    int64_t count, held, open;
} list;

static list taken(vault *v)
{
    list l = { .count = 0 };
    Uppsikt__DisposalTaken *t = (void *)bench_unpack(&uppsikt__disposal_taken__descriptor,
                                                     v->b->outcome.at, v->b->outcome.len);
    snprintf(l.id, sizeof l.id, "%s", t->disposal);
    snprintf(l.first, sizeof l.first, "%s", t->n_items ? t->items[0] : "");
    memcpy(l.hash, t->list_sha256.data, 32);
    l.count = t->count;
    l.held = t->held;
    l.open = t->open;
    uppsikt__disposal_taken__free_unpacked(t, NULL);
    return l;
}

static Uppsikt__ProposeDisposal proposal(vault *v, const char *row)
{
    Uppsikt__ProposeDisposal p = UPPSIKT__PROPOSE_DISPOSAL__INIT;
    p.plan_row = upp_lend(row);
    p.before_ms = v->b->now;
    return p;
}

static list would(vault *v, const char *row)
{
    Uppsikt__ProposeDisposal p = proposal(v, row);
    p.dry_run = true;
    bench_did(v->b, "bo", &p.base);
    return taken(v);
}

static list propose(vault *v, const char *row)
{
    const Uppsikt__ProposeDisposal p = proposal(v, row);
    bench_did(v->b, "ops", &p.base);
    return taken(v);
}

static void refused(vault *v, const char *row, const char *item, const char *words)
{
    char *items[] = { upp_lend(item) };
    Uppsikt__ProposeDisposal p = proposal(v, row);
    if (row[0] == '\0')
        p.law = upp_lend("gdpr17");
    p.items = items;
    p.n_items = 1;
    p.dry_run = true;
    if (words)
        bench_refused(v->b, "bo", &p.base, words);
    else
        bench_did(v->b, "bo", &p.base);
}

static void approve(vault *v, const list *l, const char *words)
{
    Uppsikt__ApproveDisposal a = UPPSIKT__APPROVE_DISPOSAL__INIT;
    a.disposal = upp_lend(l->id);
    a.list_sha256 = (ProtobufCBinaryData){ 32, (uint8_t *)upp_lend((const char *)l->hash) };
    if (words)
        bench_refused(v->b, "bo", &a.base, words);
    else
        bench_did(v->b, "bo", &a.base);
    bench_wait(v->b, 1);
    (void)vault_work(v);
}

static int64_t gone(vault *v, const char *subject)
{
    char sql[200];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM upp_tombstone WHERE subject = '%s'", subject);
    return vault_number(v, sql);
}

/* -- staff -- */
/* Who has left goes 24 months later, by a row that covers it, when nothing of it is hers any more;
 * two persons say so, and her name is in no byte. */
static void R29_who_has_left_can_be_forgotten(void **state)
{
    vault *v = *state;
    vault_person(v, "MÄRKE-kim", "manager");
    has_access(v, "MÄRKE-kim", true);
    refused(v, "personal", "MÄRKE-kim", "person-has-not-left");
    refused(v, "", "MÄRKE-kim", "person-has-not-left"); /* not even by the law */
    v->b->now += 800 * UPP_DAY;
    assert_int_equal(would(v, "personal").count, 0);
    leaves(v, "MÄRKE-kim");
    refused(v, "personal", "MÄRKE-kim", "person-has-access");
    v->b->now += 720 * UPP_DAY;
    has_access(v, "MÄRKE-kim", false);
    refused(v, "personal", "MÄRKE-kim", "not-due-yet");
    assert_int_equal(would(v, "personal").count, 0);
    v->b->now += 11 * UPP_DAY;
    assert_int_equal(would(v, "ord").count, 0); /* of another kind */
    refused(v, "ord", "MÄRKE-kim", "of-another-kind");
    has_access(v, "MÄRKE-kim", true);
    assert_int_equal(would(v, "personal").open, 1);
    has_access(v, "MÄRKE-kim", false);
    leads(v, "MÄRKE-kim");
    refused(v, "personal", "MÄRKE-kim", "person-leads-unit");
    assert_int_equal(would(v, "personal").open, 1);
    leads(v, "");
    const list l = propose(v, "personal");
    assert_int_equal(l.count, 1);
    assert_string_equal(l.first, "MÄRKE-kim");
    leads(v, "MÄRKE-kim"); /* between the two */
    approve(v, &l, "nothing-due");
    leads(v, "");
    assert_true(bench_bytes_hold(v->b, "handläggare"));
    approve(v, &l, NULL);
    assert_int_equal(gone(v, "MÄRKE-kim"), 1);
    assert_int_equal(vault_number(v, "SELECT count(*) FROM upp_about WHERE subject = 'MÄRKE-kim'"),
                     0);
    assert_int_equal(vault_number(v, "SELECT who_ref FROM person WHERE person = 'MÄRKE-kim'"), 0);
    assert_int_equal(vault_number(v, "SELECT who_ref > 0 FROM person WHERE person = 'anna'"), 1);
    refused(v, "personal", "MÄRKE-kim", "no-such-item");
    assert_int_equal(would(v, "personal").count, 0);
    Uppsikt__DisposedItems q = UPPSIKT__DISPOSED_ITEMS__INIT;
    q.disposal = upp_lend(l.id);
    assert_int_equal(bench_query(v->b, "bo", &q.base), 1);
    Uppsikt__DisposedRow *row = (void *)bench_row_at(v->b, 0, &uppsikt__disposed_row__descriptor);
    assert_string_equal(row->what, "staff");
    uppsikt__disposed_row__free_unpacked(row, NULL);
}

/* A role that she has again keeps her. */
static void R29_who_has_a_role_is_on_no_list(void **state)
{
    vault *v = *state;
    vault_person(v, "kim", "manager");
    leaves(v, "kim"); /* her roles end with it */
    v->b->now += 800 * UPP_DAY;
    assert_int_equal(would(v, "personal").count, 1);
    vault_person(v, "kim", "manager");
    assert_int_equal(would(v, "personal").count, 0);
    assert_int_equal(would(v, "personal").open, 1);
    refused(v, "personal", "kim", "person-has-role");
}

/* A hold on an account keeps those who had access to it or decided there. */
static void R23_a_hold_keeps_who_had_to_do_with_it(void **state)
{
    vault *v = *state;
    vault_person(v, "kim", "manager");
    vault_person(v, "lo", "manager");
    vault_person(v, "mio", "manager");
    has_access(v, "kim", true);
    has_access(v, "kim", false);
    vault_says(v, &(vault_words){ .item = "i1", .text = "ord" });
    vault_matter(v, "i1", "i1.m1", UPPSIKT__MATTER_KIND__MATTER_KIND_MODERATION);
    (void)vault_decides(v, "i1", 1, UPPSIKT__ITEM_ACTION__ITEM_ACTION_KEEP, "", "");
    (void)vault_work(v);
    leaves(v, "kim");
    leaves(v, "lo");
    leaves(v, "anna"); /* she decided */
    has_access(v, "anna", false);
    is_away(v, "borta1", "kim", v->b->now);
    v->b->now += 800 * UPP_DAY;
    assert_int_equal(would(v, "personal").count, 3);
    assert_int_equal(would(v, "borta").count, 1);
    const list l = propose(v, "personal");
    (void)holds(v, "acc");
    list now = would(v, "personal");
    assert_int_equal(now.held, 2);
    assert_int_equal(now.count, 1);
    assert_string_equal(now.first, "lo");
    assert_int_equal(would(v, "borta").held, 1);
    approve(v, &l, NULL); /* what is held by then is left out */
    assert_int_equal(gone(v, "lo"), 1);
    assert_int_equal(gone(v, "kim") + gone(v, "anna") + gone(v, "mio"), 0);
}

/* -- absences -- */
static void R29_an_absence_that_is_over_can_be_forgotten(void **state)
{
    vault *v = *state;
    is_away(v, "a1", "anna", v->b->now + UPP_DAY);
    is_away(v, "a2", "anna", v->b->now + 9 * UPP_DAY);
    is_away(v, "a3", "anna", v->b->now + UPP_DAY);
    assert_false(bench_bytes_hold(v->b, "ERSATTARE-MÄRKE")); /* its end is all that is kept */
    refused(v, "borta", "a1", "not-over-yet");
    refused(v, "", "a1", "not-over-yet");
    assert_int_equal(would(v, "borta").count, 0);
    Uppsikt__AbsenceCancelled off = UPPSIKT__ABSENCE_CANCELLED__INIT;
    off.absence = upp_lend("a3");
    off.person = upp_lend("anna");
    hears(v, "registry", "anna", &off.base);
    v->b->now += 2 * UPP_DAY;
    assert_int_equal(would(v, "borta").count, 1);
    is_away(v, "a1", "anna", v->b->now + UPP_DAY); /* it became longer */
    assert_int_equal(would(v, "borta").count, 0);
    v->b->now += 2 * UPP_DAY;
    const list l = propose(v, "borta");
    assert_int_equal(l.count, 1);
    assert_string_equal(l.first, "a1");
    approve(v, &l, NULL);
    assert_int_equal(gone(v, "a1"), 1);
    assert_int_equal(vault_number(v, "SELECT count(*) FROM absence"), 1);
    is_away(v, "a1", "anna", v->b->now); /* a late replay */
    assert_int_equal(would(v, "borta").count, 0);
}

/* An id may be chosen: what has that of an account would take the account along. */
static void R29_what_shares_its_id_is_on_no_list(void **state)
{
    vault *v = *state;
    is_away(v, "acc", "anna", v->b->now);
    is_away(v, "bo", "anna", v->b->now);
    v->b->now += UPP_DAY;
    assert_int_equal(would(v, "borta").count, 0);
    assert_int_equal(would(v, "borta").open, 2);
    refused(v, "borta", "acc", "two-things");
}

/* -- who looked -- */
/* A day's looks of an account go together, hers as everybody's, while she still works here; the
 * sign-ins of an authority by themselves. */
static void R29_who_looked_can_be_forgotten(void **state)
{
    vault *v = *state;
    Uppsikt__NoteView look = UPPSIKT__NOTE_VIEW__INIT;
    vault_says(v, &(vault_words){ .item = "i1", .text = "ord" });
    vault_says(v, &(vault_words){ .item = "i2", .text = "ord" });
    look.what = upp_lend("viewed");
    look.record = upp_lend("i1");
    bench_did(v->b, "anna", &look.base);
    look.record = upp_lend("i2");
    bench_did(v->b, "bo", &look.base);
    signs_in(v, "ks");
    signs_in(v, "bun");
    signs_in(v, "");
    assert_int_equal(would(v, "tittat").count, 0);
    v->b->now += 740 * UPP_DAY;
    look.record = upp_lend("i1");
    bench_did(v->b, "anna", &look.base); /* today's */
    assert_int_equal(vault_number(v, "SELECT count(*) FROM upp_about WHERE subject = 'anna'"), 3);
    list l = would(v, "tittat");
    assert_int_equal(l.count, 3); /* that of the account, of ks, of nobody */
    assert_int_equal(l.open, 0);
    (void)holds(v, "acc");
    assert_int_equal(would(v, "tittat").held, 1);
    l = propose(v, "tittat");
    assert_int_equal(l.count, 2);
    assert_memory_equal(l.first, "login.", 6);
    approve(v, &l, NULL);
    assert_int_equal(
        vault_number(v, "SELECT count(*) FROM disposal WHERE services LIKE '% console'"), 1);
    assert_int_equal(vault_number(v, "SELECT count(*) FROM upp_about WHERE subject = 'anna'"), 3);
}

static void R29_what_was_looked_at_goes_with_its_day(void **state)
{
    vault *v = *state;
    Uppsikt__NoteView look = UPPSIKT__NOTE_VIEW__INIT;
    vault_says(v, &(vault_words){ .item = "i1", .text = "ord" });
    look.what = upp_lend("viewed");
    look.record = upp_lend("i1");
    bench_did(v->b, "anna", &look.base);
    v->b->now += 740 * UPP_DAY;
    bench_did(v->b, "anna", &look.base);
    const list l = propose(v, "tittat");
    assert_int_equal(l.count, 1);
    approve(v, &l, NULL);
    assert_int_equal(gone(v, l.first), 1);
    assert_int_equal(vault_number(v, "SELECT count(*) FROM upp_about WHERE subject = 'anna'"), 2);
    bench_did(v->b, "bo", &look.base); /* and looks are noted on */
    assert_int_equal(vault_number(v, "SELECT count(*) FROM upp_about WHERE subject = 'bo'"), 2);
}

/* -- packages -- */
static void R29_a_package_goes_by_its_row_and_archive_is_waited_for(void **state)
{
    vault *v = *state;
    Uppsikt__CopyKept c = UPPSIKT__COPY_KEPT__INIT;
    vault_unit(v, "kontor", "bun");
    vault_account(v, "other", "kontor", "bun");
    vault_account(v, "acc2", "skola", "ks");
    is_sealed(v, "uuid-1", "acc");
    is_sealed(v, "uuid-2", "acc2");
    is_sealed(v, "uuid-3", "other");
    c.item = upp_lend("i1");
    c.package = upp_lend("uuid-2");
    hears(v, "archive", "i1", &c.base);
    assert_int_equal(would(v, "paket").count, 0);
    v->b->now += UPP_DAY;
    assert_int_equal(would(v, "paket").count, 2);
    refused(v, "paket", "uuid-3", "row-of-another-authority");
    (void)holds(v, "acc");
    const list l = propose(v, "paket");
    assert_int_equal(l.count, 1);
    assert_int_equal(l.held, 1); /* left out, and said so */
    assert_string_equal(l.first, "uuid-2");
    approve(v, &l, NULL);
    assert_int_equal(gone(v, "uuid-2"), 1);
    assert_int_equal(gone(v, "uuid-1") + gone(v, "uuid-3"), 0);
    assert_int_equal(
        vault_number(v, "SELECT count(*) FROM disposal WHERE services LIKE '% archive'"), 1);
    static const char *const services[] = { "registry", "ingest", "classify", "escalation",
                                            "archive" };
    for (size_t i = 0; i < UPP_LEN(services); i++) {
        Uppsikt__ContentForgotten f = UPPSIKT__CONTENT_FORGOTTEN__INIT;
        assert_int_equal(vault_number(v, "SELECT state FROM disposal"), 1);
        f.disposal = upp_lend(l.id);
        f.service = upp_lend(services[i]);
        hears(v, services[i], l.id, &f.base);
        bench_wait(v->b, 1);
    }
    assert_int_equal(vault_number(v, "SELECT state FROM disposal"), 2);
}

/* -- a report of one person -- */
/* Which row lets each go, and what is in its way; what nobody knows is left out (R21). */
static void R29_it_is_known_which_row_lets_each_go(void **state)
{
    static const struct {
        const char *subject, *what, *row, *why;
        bool held;
    } rows[] = {
        { "anna", "staff", "personal", "person-has-not-left", true },
        { "anna", "absence", "borta", "person-has-not-left", true },
        { "anna", "look", "tittat", "person-has-not-left", true },
        { "i1", "comment", "ord", "", true },
        { "i2", "removed-comment", "rad", "", true },
        { "i3", "message", "", "", true },
        { "uuid-1", "package", "paket", "", true },
        { "a1", "absence", "borta", "", true },
    };
    vault *v = *state;
    Uppsikt__KeptBy q = UPPSIKT__KEPT_BY__INIT;
    Uppsikt__Held h = UPPSIKT__HELD__INIT;
    char *subjects[] = { upp_lend("anna"), upp_lend("i1"),     upp_lend("i2"), upp_lend("nobody"),
                         upp_lend("i3"),   upp_lend("uuid-1"), upp_lend("a1") };
    vault_says(v, &(vault_words){ .item = "i1", .text = "ord" });
    vault_says(v, &(vault_words){ .item = "i2", .text = "ord" });
    vault_says(v, &(vault_words){
                      .item = "i3", .text = "ord", .kind = UPPSIKT__ITEM_KIND__ITEM_KIND_MESSAGE });
    (void)vault_decides(v, "i2", 1, UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE, "rad", "");
    (void)vault_work(v);
    is_sealed(v, "uuid-1", "acc");
    is_away(v, "a1", "anna", v->b->now);
    v->b->now += UPP_DAY;
    (void)holds(v, "acc");
    q.subjects = h.subjects = subjects;
    q.n_subjects = h.n_subjects = UPP_LEN(subjects);
    assert_int_equal(bench_query(v->b, "bo", &q.base), UPP_LEN(rows));
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        Uppsikt__KeptByRow *row = (void *)bench_row_at(v->b, i, &uppsikt__kept_by_row__descriptor);
        assert_string_equal(row->subject, rows[i].subject);
        assert_string_equal(row->what, rows[i].what);
        assert_string_equal(row->plan_row, rows[i].row);
        assert_string_equal(row->why, rows[i].why);
        assert_int_equal(row->held, rows[i].held);
        uppsikt__kept_by_row__free_unpacked(row, NULL);
    }
    assert_int_equal(bench_query(v->b, "bo", &h.base), 5); /* name absence words copy other */
    Uppsikt__HeldRow *row = (void *)bench_row_at(v->b, 3, &uppsikt__held_row__descriptor);
    assert_string_equal(row->kind, "copy");
    assert_int_equal(row->count, 2); /* of what was hidden: raw and whole */
    assert_true(row->since_ms > 0);
    uppsikt__held_row__free_unpacked(row, NULL);
}

/* Whoever makes a report of a person is noted, once a day; the note is her authority's (R29). */
static void R29_who_looks_at_a_person_is_noted(void **state)
{
    vault *v = *state;
    Uppsikt__NoteView look = UPPSIKT__NOTE_VIEW__INIT;
    look.what = upp_lend("exported");
    look.record = upp_lend("anna");
    bench_refused(v->b, "eva", &look.base, "not-your-account");
    bench_did(v->b, "bo", &look.base);
    bench_did(v->b, "bo", &look.base);
    assert_int_equal(
        vault_number(v, "SELECT count(*) FROM upp_log WHERE type = 'uppsikt.RecordViewed'"), 1);
    look.record = upp_lend("nobody");
    bench_refused(v->b, "bo", &look.base, "no-such-record");
    v->b->now += 740 * UPP_DAY;
    const list l = would(v, "tittat");
    assert_int_equal(l.count, 1);
    assert_memory_equal(l.first, "seen.ks.", 8);
}

/* -- before -- */
static void run_sql(vault *v, const char *sql)
{
    char *why = NULL;
    if (sqlite3_exec(upp_node_db(v->b->node), sql, NULL, NULL, &why) != SQLITE_OK)
        fail_msg("%s: %s", sql, why);
}

/* Who had left before it was kept when: from the first start on. */
static void R29_who_left_before_waits_her_whole_period(void **state)
{
    static const char *const upgrades[] = { upp_evidence_upgrade_2_sql, upp_evidence_upgrade_3_sql,
                                            upp_evidence_upgrade_4_sql, NULL };
    upp_service before = upp_evidence_service;
    vault v = { .b = NULL };
    (void)state;
    before.upgrades = upgrades;
    before.on_start = NULL;
    v.b = bench_open(&before);
    run_sql(&v, "INSERT INTO person VALUES('kim', 'skola', ' manager ', 1, 0)");
    run_sql(&v, "INSERT INTO access VALUES('acc', 'lo')");
    run_sql(&v, "INSERT INTO disposal(disposal, plan_row, law, decision, mandate, authority,"
                " person, count, held, open, list_hash, proposed_ms) VALUES('d1', 'rad', '',"
                " 'KS 1', 'Plan 2026', 'ks', 'ops', 1, 0, 0, '', 1)");
    run_sql(&v, "INSERT INTO listed(disposal, item) VALUES('d1', 'i1')");
    v.b->service = &upp_evidence_service;
    bench_restart(v.b);
    vault_organisation(&v);
    adopts(&v, "personal", "staff", 24);
    v.b->now += 720 * UPP_DAY;
    assert_int_equal(would(&v, "personal").count, 0);
    v.b->now += 11 * UPP_DAY;
    assert_int_equal(would(&v, "personal").count, 1);
    assert_int_equal(vault_number(&v, "SELECT count(*) FROM reached WHERE person = 'lo'"), 1);
    assert_int_equal(vault_number(&v, "SELECT count(*) FROM listed WHERE what = ''"), 1);
    bench_close(v.b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VAULT(R29_who_has_left_can_be_forgotten),
        VAULT(R29_who_has_a_role_is_on_no_list),
        VAULT(R23_a_hold_keeps_who_had_to_do_with_it),
        VAULT(R29_an_absence_that_is_over_can_be_forgotten),
        VAULT(R29_what_shares_its_id_is_on_no_list),
        VAULT(R29_who_looked_can_be_forgotten),
        VAULT(R29_what_was_looked_at_goes_with_its_day),
        VAULT(R29_a_package_goes_by_its_row_and_archive_is_waited_for),
        VAULT(R29_it_is_known_which_row_lets_each_go),
        VAULT(R29_who_looks_at_a_person_is_noted),
        cmocka_unit_test(R29_who_left_before_waits_her_whole_period),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
