/* thing.c - persons who have left, absences that are over, a day's looks, packages of the archive:
 * from what their services say, and what keeps each (R23, R29).
 *
 * Who looked is content of the day and of the account as well as of the person, so that a row can
 * let a year of it go while she still works here. */
#include "thing.h"
#include "uppsikt/archive.pb-c.h"
#include "uppsikt/console.pb-c.h"
#include "uppsikt/registry.pb-c.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { DAYS_MAX = 3000000 }; /* the year 10183 */

/* -- what is heard -- */
static int absence_off(upp_txn *txn, const char *absence)
{
    int64_t ref = 0;
    {
        UPP_ROWS row =
            upp_query(txn, "SELECT end_ref FROM absence WHERE absence = ?1", BIND(V(absence)));
        if (!upp_next(&row))
            return row.rc;
        ref = upp_col_int(&row, 0);
    }
    UPP_TRY(upp_drop(txn, ref));
    return upp_exec(txn, "DELETE FROM absence WHERE absence = ?1", BIND(V(absence)));
}

/* Of when and who stands in only the end is kept. */
int thing_absence(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__AbsenceSet *a = msg;
    const Uppsikt__AbsenceSetContent *when = in->content;
    Uppsikt__AbsenceEnd end = UPPSIKT__ABSENCE_END__INIT;
    upp_content kept;
    (void)self;
    UPP_TRY(absence_off(txn, a->absence));
    if (!when)
        return 0;
    end.to_ms = when->to_ms;
    const int gone = upp_keep(txn, UPP_ABOUT(a->person, a->absence), &end.base, &kept);
    if (gone)
        return gone < 0 ? gone : 0;
    return upp_exec(txn, "INSERT INTO absence(absence, person, end_ref) VALUES(?1, ?2, ?3)",
                    BIND(V(a->absence), V(a->person), V(kept.ref)));
}

int thing_absence_off(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__AbsenceCancelled *a = msg;
    (void)self;
    (void)in;
    return absence_off(txn, a->absence);
}

static int note(upp_txn *txn, const char *subject, enum cover_kind kind, const char *account,
                const char *authority, upp_ms over)
{
    return upp_exec(txn,
                    "INSERT INTO thing(subject, kind, account, authority, over_ms)"
                    " VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
                    BIND(V(subject), V(cover_word(kind)), V(account), V(authority), V(over)));
}

int thing_sealed(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__PackageSealed *p = msg;
    (void)self;
    (void)in;
    if (strlen(p->package) >= EVIDENCE_ID)
        return upp_fail(txn, UPP_E_INPUT, "a package's id is too long");
    return note(txn, p->package, COVER_PACKAGE, p->account, "", p->at_ms);
}

/* The lists that wait for it: seldom more than one. */
int thing_removed(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__PackageRemoved *p = msg;
    (void)self;
    (void)in;
    UPP_TRY(upp_exec(txn, "UPDATE thing SET removed = 1 WHERE subject = ?1", BIND(V(p->package))));
    UPP_ROWS row = upp_query(txn,
                             "SELECT l.disposal FROM listed l JOIN disposal d USING (disposal)"
                             " WHERE l.item = ?1 AND l.state = 3 AND d.state = 1",
                             BIND(V(p->package)));
    while (upp_next(&row))
        UPP_TRY(disposal_consider(txn, upp_col_text(&row, 0)));
    return row.rc;
}

void thing_look(const char *account, int64_t day, char ret_subject[EVIDENCE_ID])
{
    snprintf(ret_subject, EVIDENCE_ID, "look.%.40s.%" PRId64, account, day);
}

int thing_looked(upp_txn *txn, const char *subject, const char *account, const char *authority,
                 int64_t day)
{
    if (!subject[0]) /* of before looks had a day of their own */
        return 0;
    if (day < 0 || day > DAYS_MAX || strlen(subject) >= EVIDENCE_ID)
        return upp_fail(txn, UPP_E_INPUT, "looks of no day");
    /* by then it is over wherever on earth the day is counted */
    return note(txn, subject, COVER_LOOK, account, authority, (day + 2) * UPP_DAY);
}

int thing_opened(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__PackageOpened *p = msg;
    (void)self;
    (void)in;
    return thing_looked(txn, p->log, p->account, "", p->day);
}

int thing_signed_in(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__AccessLogged *a = msg;
    (void)self;
    (void)in;
    return thing_looked(txn, a->log, "", a->authority, a->day);
}

/* Who had left before it was kept when: her period runs from now, never too early. */
int thing_start(upp_txn *txn)
{
    return upp_exec(txn, "UPDATE person SET left_ms = ?1 WHERE gone = 1 AND left_ms = 0",
                    BIND(V(upp_now(txn))));
}

/* -- what is known of each -- */
/* A hold on an account, or on a matter of it, keeps what is known of whoever has ever had access to
 * it or decided there. */
#define HELD_PERSON(person)                                                                        \
    "EXISTS(SELECT 1 FROM hold h LEFT JOIN item i ON i.item = h.item WHERE h.released_ms = 0"      \
    " AND (EXISTS(SELECT 1 FROM reached r WHERE r.person = " person                                \
    "  AND r.account IN (h.account, i.account)) OR EXISTS(SELECT 1 FROM decision d"                \
    "  JOIN item j ON j.item = d.item WHERE (d.person = " person " OR d.second = " person ")"      \
    "  AND j.account IN (h.account, i.account))))"

#define STAFF                                                                                      \
    "SELECT p.person, p.gone, p.left_ms, coalesce(u.authority, ''), " HELD_PERSON(                 \
        "p.person") ", EXISTS(SELECT 1 FROM access a WHERE a.person = p.person),"                  \
                    " EXISTS(SELECT 1 FROM unit l WHERE p.person IN (l.manager, l.head)), "        \
                    "trim(p.roles) <> ''"                                                          \
                    " FROM person p LEFT JOIN unit u ON u.unit = p.unit "

static thing of_staff(const upp_rows *row)
{
    thing t = { .kind = COVER_STAFF,
                .over = upp_col_int(row, 2),
                .held = upp_col_int(row, 4) != 0 };
    snprintf(t.subject, sizeof t.subject, "%s", upp_col_text(row, 0));
    snprintf(t.authority, sizeof t.authority, "%s", upp_col_text(row, 3));
    t.why = !upp_col_int(row, 1)  ? "person-has-not-left"
            : upp_col_int(row, 5) ? "person-has-access"
            : upp_col_int(row, 6) ? "person-leads-unit"
            : upp_col_int(row, 7) ? "person-has-role"
                                  : NULL;
    return t;
}

#define ABSENCE                                                                                    \
    "SELECT s.absence, s.end_ref, coalesce(u.authority, ''), " HELD_PERSON(                        \
        "s.person") " FROM absence s LEFT JOIN person p ON p.person = s.person LEFT JOIN unit u"   \
                    " ON u.unit = p.unit "

/* 1: its end is forgotten. */
static int of_absence(upp_txn *txn, const upp_rows *row, thing *ret_thing)
{
    UPP_AUTO(upp_msg_freep) ProtobufCMessage *end = NULL;
    thing t = { .kind = COVER_ABSENCE, .held = upp_col_int(row, 3) != 0 };
    snprintf(t.subject, sizeof t.subject, "%s", upp_col_text(row, 0));
    snprintf(t.authority, sizeof t.authority, "%s", upp_col_text(row, 2));
    const int gone = upp_recall(txn, upp_col_int(row, 1), &uppsikt__absence_end__descriptor, &end);
    if (gone)
        return gone;
    t.over = ((const Uppsikt__AbsenceEnd *)end)->to_ms;
    *ret_thing = t;
    return 0;
}

#define THING                                                                                      \
    "SELECT t.subject, t.kind, t.account, t.authority, t.over_ms, t.account <> ''"                 \
    " AND EXISTS(SELECT 1 FROM hold h LEFT JOIN item i ON i.item = h.item"                         \
    "  WHERE h.released_ms = 0 AND t.account IN (h.account, i.account)) FROM thing t "

static int of_thing(upp_txn *txn, const upp_rows *row, thing *ret_thing)
{
    thing t = { .over = upp_col_int(row, 4), .held = upp_col_int(row, 5) != 0 };
    t.kind =
        cover_of_text(upp_col_text(row, 1)) == 1U << COVER_PACKAGE ? COVER_PACKAGE : COVER_LOOK;
    snprintf(t.subject, sizeof t.subject, "%s", upp_col_text(row, 0));
    snprintf(t.account, sizeof t.account, "%s", upp_col_text(row, 2));
    snprintf(t.authority, sizeof t.authority, "%s", upp_col_text(row, 3));
    *ret_thing = t;
    return t.account[0] ? register_authority_of(txn, t.account, ret_thing->authority) : 0;
}

/* What is forgotten is all that has this subject: an id that somebody gave to two things, as ids
 * may be chosen, would take the other along. */
static int alone(upp_txn *txn, thing *t)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT (SELECT count(*) FROM person WHERE person = ?1)"
                             " + (SELECT count(*) FROM absence WHERE absence = ?1)"
                             " + (SELECT count(*) FROM thing WHERE subject = ?1)"
                             " + (SELECT count(*) FROM account WHERE account = ?1)"
                             " + (SELECT count(*) FROM unit WHERE unit = ?1)"
                             " + (SELECT count(*) FROM authority WHERE authority = ?1)"
                             " + (SELECT count(*) FROM item WHERE item = ?1)",
                             BIND(V(t->subject)));
    if (upp_next(&row) && upp_col_int(&row, 0) > 1 && !t->why)
        t->why = "two-things";
    return row.rc;
}

/* Is it there, over, nobody else's? 1: it is not there any more. */
static int look_over(upp_txn *txn, thing *t)
{
    const int gone = upp_forgotten(txn, t->subject);
    if (gone)
        return gone;
    if (!t->why && (t->over <= 0 || t->over > upp_now(txn)))
        t->why = "not-over-yet";
    return alone(txn, t);
}

int thing_find(upp_txn *txn, const char *subject, thing *ret_thing)
{
    int none = 1;
    {
        UPP_ROWS row = upp_query(txn, THING "WHERE t.subject = ?1", BIND(V(subject)));
        if (upp_next(&row))
            none = of_thing(txn, &row, ret_thing);
        UPP_TRY(row.rc);
    }
    if (none == 1) {
        UPP_ROWS row = upp_query(txn, ABSENCE "WHERE s.absence = ?1", BIND(V(subject)));
        if (upp_next(&row))
            none = of_absence(txn, &row, ret_thing);
        UPP_TRY(row.rc);
    }
    if (none == 1) {
        UPP_ROWS row = upp_query(txn, STAFF "WHERE p.person = ?1", BIND(V(subject)));
        if (upp_next(&row)) {
            *ret_thing = of_staff(&row);
            none = 0;
        }
        UPP_TRY(row.rc);
    }
    return none ? none : look_over(txn, ret_thing);
}

/* -- all of a kind -- */
static int take_one(upp_txn *txn, thing *t, thing_take *take, void *ctx)
{
    const int gone = look_over(txn, t);
    return gone ? gone : take(txn, ctx, t);
}

static int each_staff(upp_txn *txn, thing_take *take, void *ctx)
{
    UPP_ROWS row = upp_query(txn, STAFF "WHERE p.gone = 1", NO_BIND);
    while (upp_next(&row)) {
        thing t = of_staff(&row);
        UPP_TRY(take_one(txn, &t, take, ctx));
    }
    return row.rc;
}

static int each_absence(upp_txn *txn, thing_take *take, void *ctx)
{
    UPP_ROWS row = upp_query(txn, ABSENCE, NO_BIND);
    while (upp_next(&row)) {
        thing t;
        const int gone = of_absence(txn, &row, &t);
        UPP_TRY(gone);
        if (!gone)
            UPP_TRY(take_one(txn, &t, take, ctx));
    }
    return row.rc;
}

static int each_thing(upp_txn *txn, enum cover_kind kind, const char *account, thing_take *take,
                      void *ctx)
{
    UPP_ROWS row = upp_query(txn, THING "WHERE t.kind = ?1 AND (?2 = '' OR t.account = ?2)",
                             BIND(V(cover_word(kind)), V(account)));
    while (upp_next(&row)) {
        thing t;
        UPP_TRY(of_thing(txn, &row, &t));
        UPP_TRY(take_one(txn, &t, take, ctx));
    }
    return row.rc;
}

int thing_each(upp_txn *txn, unsigned covers, const char *account, thing_take *take, void *ctx)
{
    if (covers & 1U << COVER_STAFF && !account[0])
        UPP_TRY(each_staff(txn, take, ctx));
    if (covers & 1U << COVER_ABSENCE && !account[0])
        UPP_TRY(each_absence(txn, take, ctx));
    if (covers & 1U << COVER_LOOK)
        UPP_TRY(each_thing(txn, COVER_LOOK, account, take, ctx));
    return covers & 1U << COVER_PACKAGE ? each_thing(txn, COVER_PACKAGE, account, take, ctx) : 0;
}
