/* thing_fixture.h - for tests of lists of what nobody wrote: who leaves, who is away, who looks,
 * what is sealed; proposed and approved. */
#pragma once
#include "evidence_fixture.h"
#include "thing.h"
#include "uppsikt/console.pb-c.h"
#include "uppsikt/held.pb-c.h"

static inline void adopts(vault *v, const char *row, const char *covers, int32_t months)
{
    vault_adopts(v, &(vault_plan){ .row = row,
                                   .authority = "ks",
                                   .decision = "KS 1",
                                   .months = months,
                                   .covers = { covers } });
}

static inline int set_up(void **state)
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

static inline int tear_down(void **state)
{
    vault_close(*state);
    return 0;
}
#define VAULT(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

static inline void hears(vault *v, const char *source, const char *subject,
                         const ProtobufCMessage *fact)
{
    assert_int_equal(bench_hear(v->b, source, subject, fact, NULL), 0);
}

static inline void leaves(vault *v, const char *person)
{
    Uppsikt__PersonLeft p = UPPSIKT__PERSON_LEFT__INIT;
    p.person = upp_lend(person);
    p.at_ms = v->b->now;
    hears(v, "registry", person, &p.base);
}

static inline void has_access(vault *v, const char *person, bool on)
{
    Uppsikt__AccessGranted g = UPPSIKT__ACCESS_GRANTED__INIT;
    Uppsikt__AccessRevoked r = UPPSIKT__ACCESS_REVOKED__INIT;
    g.account = r.account = upp_lend("acc");
    g.person = r.person = upp_lend(person);
    hears(v, "registry", "acc", on ? &g.base : &r.base);
}

static inline void leads(vault *v, const char *person)
{
    Uppsikt__UnitRegistered u = UPPSIKT__UNIT_REGISTERED__INIT;
    u.unit = upp_lend("skola");
    u.authority = upp_lend("ks");
    u.manager = upp_lend(person);
    hears(v, "registry", "skola", &u.base);
}

static inline void is_away(vault *v, const char *absence, const char *person, upp_ms to)
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

static inline void is_sealed(vault *v, const char *package, const char *account)
{
    Uppsikt__PackageSealed p = UPPSIKT__PACKAGE_SEALED__INIT;
    p.package = upp_lend(package);
    p.account = upp_lend(account);
    p.at_ms = v->b->now;
    hears(v, "archive", account, &p.base);
}

static inline void signs_in(vault *v, const char *authority)
{
    char log[80];
    Uppsikt__AccessLogged a = UPPSIKT__ACCESS_LOGGED__INIT;
    a.day = v->b->now / UPP_DAY;
    snprintf(log, sizeof log, "login.%s.%lld", authority, (long long)a.day);
    a.authority = upp_lend(authority);
    a.log = log;
    hears(v, "console", "anna", &a.base);
}

static inline const char *holds(vault *v, const char *account)
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

static inline list taken(vault *v)
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

static inline Uppsikt__ProposeDisposal proposal(vault *v, const char *row)
{
    Uppsikt__ProposeDisposal p = UPPSIKT__PROPOSE_DISPOSAL__INIT;
    p.plan_row = upp_lend(row);
    p.before_ms = v->b->now;
    return p;
}

static inline list would(vault *v, const char *row)
{
    Uppsikt__ProposeDisposal p = proposal(v, row);
    p.dry_run = true;
    bench_did(v->b, "bo", &p.base);
    return taken(v);
}

static inline list propose(vault *v, const char *row)
{
    const Uppsikt__ProposeDisposal p = proposal(v, row);
    bench_did(v->b, "ops", &p.base);
    return taken(v);
}

static inline void refused(vault *v, const char *row, const char *item, const char *words)
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

static inline void approve(vault *v, const list *l, const char *words)
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

static inline int64_t gone(vault *v, const char *subject)
{
    char sql[200];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM upp_tombstone WHERE subject = '%s'", subject);
    return vault_number(v, sql);
}
