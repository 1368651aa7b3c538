/* diary.c - "diarieför": the registrar is asked for a number, a package goes to where the diary
 * takes in, and the number comes back, by a person or by the diary itself (R16; law.md L9). */
#include "escalation.h"
#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { ASKED, DELIVERED, FAILED };
static const char alarm_key[] = "numbers/";

static bool is_delivered(const rules *r)
{
    return diary_way_of(r->config->post.diary.deliver) != DIARY_NONE;
}

/* -- asking -- */
/* The item's errand that is open. 1: there is none. */
static int read_errand(upp_txn *txn, const char *item, matter *ret_matter)
{
    char id[MATTER_ID] = "";
    {
        UPP_ROWS row = upp_query(txn,
                                 "SELECT matter FROM matter WHERE about = ?1 AND errand = ?2"
                                 " AND state = 0 ORDER BY matter LIMIT 1",
                                 BIND(V(item), V((int64_t)ERRAND_DIARY)));
        if (upp_next(&row))
            snprintf(id, sizeof id, "%s", upp_col_text(&row, 0));
        UPP_TRY(row.rc);
    }
    return id[0] ? matter_read(txn, id, ret_matter) : 1;
}

/* How many packages the errand has had, and whether one of them is on its way. */
static int count(upp_txn *txn, const char *errand, int64_t *ret_n, bool *ret_under_way)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT count(*), coalesce(max(state = 0), 0) FROM diary"
                             " WHERE matter = ?1",
                             BIND(V(errand)));
    if (upp_next(&row)) {
        *ret_n = upp_col_int(&row, 0);
        *ret_under_way = upp_col_int(&row, 1) != 0;
    }
    return row.rc;
}

/* The first package follows from the errand; another one only when somebody wants it. */
static int send(upp_txn *txn, const rules *r, const char *item, bool again)
{
    matter e;
    int64_t n = 0;
    bool under_way = false;
    const int none = read_errand(txn, item, &e);
    UPP_TRY(none);
    if (none || (!is_delivered(r) && !again))
        return 0;
    if (!is_delivered(r))
        return upp_refuse(txn, "diary-not-configured");
    UPP_TRY(count(txn, e.id, &n, &under_way));
    if (under_way && again)
        return upp_refuse(txn, "diary-under-way");
    return n == 0 || again ? diary_send(txn, r, &e, (unsigned)n + 1) : 0;
}

int on_ask_diary(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__AskDiary *c = msg;
    const rules *r = self;
    matter m;
    actor who;
    UPP_TRY(act_read(txn, in, c->matter, "", &who));
    const int missing = matter_read(txn, c->matter, &m);
    UPP_TRY(missing);
    if (missing || !m.item[0])
        return upp_refuse(txn, "no-such-matter");
    const int stranger = act_may(txn, r, who.by, &m);
    UPP_TRY(stranger);
    if (stranger)
        return upp_refuse(txn, "not-your-account");
    if (c->again) {
        matter waits;
        const int none = read_errand(txn, m.item, &waits);
        UPP_TRY(none);
        if (none)
            return upp_refuse(txn, "diary-not-asked");
    }
    matter e = { .errand = ERRAND_DIARY, .version = m.version, .received_ms = upp_now(txn) };
    snprintf(e.about, sizeof e.about, "%s", m.item);
    snprintf(e.item, sizeof e.item, "%s", m.item);
    snprintf(e.account, sizeof e.account, "%s", m.account);
    if (is_delivered(r))
        snprintf(e.detail, sizeof e.detail, "package");
    UPP_TRY(errand_open(txn, r, &e));
    UPP_TRY(send(txn, r, m.item, c->again));
    return act_touched(txn, m.id, 0);
}

/* -- the number -- */
static int take_number(upp_txn *txn, const matter *m, const char *person, const char *number)
{
    upp_content kept;
    Uppsikt__DiaryNumberGivenContent content = UPPSIKT__DIARY_NUMBER_GIVEN_CONTENT__INIT;
    Uppsikt__DiaryNumberGiven out = UPPSIKT__DIARY_NUMBER_GIVEN__INIT;
    content.number = upp_lend(number);
    const int gone = upp_keep(txn, UPP_ABOUT(matter_subject(m)), &content.base, &kept);
    UPP_TRY(gone);
    UPP_TRY(upp_exec(txn, "UPDATE matter SET note_ref = ?2 WHERE matter = ?1",
                     BIND(V(m->id), V(kept.ref))));
    out.matter = upp_lend(m->id);
    out.item = upp_lend(m->item);
    out.account = upp_lend(m->account);
    out.person = upp_lend(person);
    out.at_ms = upp_now(txn);
    out.commitment = upp_commitment(&kept);
    UPP_TRY(upp_emit(txn, matter_subject(m), &out.base, &kept));
    return matter_meet(txn, m->id, UPPSIKT__MET_HOW__MET_HOW_DONE, upp_now(txn));
}

int on_give_diary_number(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__GiveDiaryNumber *c = msg;
    char number[DIARY_NUMBER];
    matter m;
    actor who;
    UPP_TRY(act_open(txn, self, in, c->matter, "", &who, &m));
    if (m.errand != ERRAND_DIARY)
        return upp_refuse(txn, "not-for-the-diary");
    if (!c->number[0])
        return upp_refuse(txn, "words-missing");
    if (!diary_number_read(c->number, strlen(c->number), number))
        return upp_refuse(txn, "diary-no-number");
    UPP_TRY(take_number(txn, &m, who.by, number));
    return act_touched(txn, m.id, 0);
}

/* -- what became of a package -- */
/* The errand that the package is of; its state tells whether it still waits. 1: no such package. */
static int read_of(upp_txn *txn, const char *package, matter *ret_matter)
{
    char id[MATTER_ID] = "";
    {
        UPP_ROWS row =
            upp_query(txn, "SELECT matter FROM diary WHERE package = ?1", BIND(V(package)));
        if (upp_next(&row))
            snprintf(id, sizeof id, "%s", upp_col_text(&row, 0));
        UPP_TRY(row.rc);
    }
    return id[0] ? matter_read(txn, id, ret_matter) : 1;
}

static int delivered(upp_txn *txn, const rules *r, const char *package, const matter *m,
                     const Uppsikt__DiarySent *sent)
{
    char hex[UPP_HEX] = "";
    if (sent->sha256.len == crypto_hash_sha256_BYTES)
        sodium_bin2hex(hex, sizeof hex, sent->sha256.data, sent->sha256.len);
    UPP_TRY(upp_exec(txn,
                     "UPDATE diary SET state = 1, way = ?2, sha256 = ?3, bytes = ?4, at_ms = ?5,"
                     " why = '' WHERE package = ?1",
                     BIND(V(package), V(sent->way), V(hex), V(sent->bytes), V(upp_now(txn)))));
    UPP_TRY(upp_exec(txn, "UPDATE matter SET failed = '' WHERE matter = ?1", BIND(V(m->id))));
    Uppsikt__DiaryPackageDelivered out = UPPSIKT__DIARY_PACKAGE_DELIVERED__INIT;
    out.package = upp_lend(package);
    out.matter = upp_lend(m->id);
    out.item = upp_lend(m->item);
    out.account = upp_lend(m->account);
    out.way = sent->way;
    out.sha256 = sent->sha256;
    out.bytes = sent->bytes;
    out.at_ms = upp_now(txn);
    UPP_TRY(upp_emit(txn, matter_subject(m), &out.base, NULL));
    if (m->state != MATTER_OPEN)
        return 0;
    return sent->number[0] ? take_number(txn, m, "", sent->number) : diary_start(txn, r);
}

int on_diary_sent(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__DiarySent *sent = msg;
    matter m;
    const int missing = read_of(txn, in->subject, &m);
    UPP_TRY(missing);
    if (missing)
        return 0;
    if (sent && sent->delivered && !in->dead)
        return delivered(txn, self, in->subject, &m, sent);
    return diary_failed(txn, self, in->subject, sent && sent->why[0] ? sent->why : "diary-gave-up");
}

/* -- numbers that are laid beside packages -- */
enum { AT_ONCE = 64 };

/* The packages whose number may come into the folder: so many at once that a look is short, each
 * look going on where the last one ended, and at last from the beginning. */
static int waiting(upp_txn *txn, int64_t look, char (*ret_packages)[DIARY_NAME], size_t *ret_n)
{
    size_t n = 0;
    int64_t all = 0;
    {
        UPP_ROWS row = upp_query(txn,
                                 "SELECT count(*) FROM matter m JOIN diary d ON d.matter = m.matter"
                                 " WHERE m.state = 0 AND m.errand = ?1 AND d.state = 1"
                                 " AND d.way = 'folder'",
                                 BIND(V((int64_t)ERRAND_DIARY)));
        all = upp_next(&row) ? upp_col_int(&row, 0) : 0;
        UPP_TRY(row.rc);
    }
    const int64_t pages = (all + AT_ONCE - 1) / AT_ONCE;
    UPP_ROWS row = upp_query(txn,
                             "SELECT d.package FROM matter m JOIN diary d ON d.matter = m.matter"
                             " WHERE m.state = 0 AND m.errand = ?1 AND d.state = 1"
                             " AND d.way = 'folder' ORDER BY d.asked_ms, d.package"
                             " LIMIT ?2 OFFSET ?3",
                             BIND(V((int64_t)ERRAND_DIARY), V((int64_t)AT_ONCE),
                                  V(pages > 0 ? look % pages * AT_ONCE : 0)));
    while (n < AT_ONCE && upp_next(&row))
        snprintf(ret_packages[n++], sizeof *ret_packages, "%s", upp_col_text(&row, 0));
    *ret_n = n;
    return row.rc;
}

static bool looks(const rules *r)
{
    return diary_way_of(r->config->post.diary.deliver) == DIARY_FOLDER;
}

/* Looks from now on, when somebody waits. */
int diary_start(upp_txn *txn, const rules *r)
{
    char packages[AT_ONCE][DIARY_NAME];
    size_t n = 0;
    UPP_TRY(waiting(txn, 0, packages, &n));
    if (!looks(r) || n == 0)
        return upp_alarm_off(txn, alarm_key);
    {
        UPP_ROWS row = upp_query(txn,
                                 "SELECT 1 FROM numbers WHERE asked = 1 UNION ALL"
                                 " SELECT 1 FROM upp_alarm WHERE key = ?1",
                                 BIND(V(alarm_key)));
        if (upp_next(&row)) /* it goes on by itself */
            return 0;
        UPP_TRY(row.rc);
    }
    return upp_alarm(txn, alarm_key, upp_now(txn) + r->config->post.diary.look_span);
}

/* How often the folder has been looked into. */
static int count_looks(upp_txn *txn, int64_t *ret_n)
{
    UPP_ROWS row = upp_query(txn, "SELECT calls FROM numbers", NO_BIND);
    *ret_n = upp_next(&row) ? upp_col_int(&row, 0) : 0;
    return row.rc;
}

int diary_alarm(upp_txn *txn, const rules *r, const char *about)
{
    char packages[AT_ONCE][DIARY_NAME], key[48];
    char *list[AT_ONCE];
    int64_t calls = 0;
    Uppsikt__ReadNumbers ask = UPPSIKT__READ_NUMBERS__INIT;
    (void)about;
    UPP_TRY(count_looks(txn, &calls));
    UPP_TRY(waiting(txn, calls, packages, &ask.n_packages));
    if (!looks(r) || ask.n_packages == 0)
        return 0;
    for (size_t i = 0; i < ask.n_packages; i++)
        list[i] = packages[i];
    ask.packages = list;
    UPP_TRY(upp_exec(txn,
                     "INSERT INTO numbers(one, calls, asked) VALUES(1, 1, 1)"
                     " ON CONFLICT DO UPDATE SET calls = calls + 1, asked = 1",
                     NO_BIND));
    snprintf(key, sizeof key, "numbers/%lld", (long long)calls + 1);
    const int forgotten = upp_ask(txn, "numbers", UPP_ABOUT("numbers"), key, &ask.base);
    return forgotten < 0 ? forgotten : 0;
}

/* -- a package that does not come there -- */
/* Said once, while it is tried on: a full folder is mended by people, not by trying. */
static int said(upp_txn *txn, const char *package, const matter *m, const char *why)
{
    Uppsikt__DiaryPackageFailed out = UPPSIKT__DIARY_PACKAGE_FAILED__INIT;
    const int fresh = upp_exec(txn, "UPDATE diary SET why = ?2 WHERE package = ?1 AND why <> ?2",
                               BIND(V(package), V(why)));
    UPP_TRY(fresh);
    if (fresh == 0)
        return 0;
    out.package = upp_lend(package);
    out.matter = upp_lend(m->id);
    out.item = upp_lend(m->item);
    out.account = upp_lend(m->account);
    out.why = upp_lend(why);
    out.at_ms = upp_now(txn);
    return upp_emit(txn, matter_subject(m), &out.base, NULL);
}

int diary_late_alarm(upp_txn *txn, const rules *r, const char *package)
{
    matter m;
    bool under_way = false;
    (void)r;
    {
        UPP_ROWS row = upp_query(txn, "SELECT 1 FROM diary WHERE package = ?1 AND state = 0",
                                 BIND(V(package)));
        under_way = upp_next(&row);
        UPP_TRY(row.rc);
    }
    const int missing = under_way ? read_of(txn, package, &m) : 1;
    UPP_TRY(missing);
    return missing ? 0 : said(txn, package, &m, "diary-late");
}

int on_numbers(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__NumbersRead *read = msg;
    UPP_TRY(upp_exec(txn, "UPDATE numbers SET asked = 0", NO_BIND));
    for (size_t i = 0; read && !in->dead && i < read->n_numbers; i++) {
        const Uppsikt__DiaryNumber *one = read->numbers[i];
        matter m;
        const int missing = read_of(txn, one->package, &m);
        UPP_TRY(missing);
        if (missing || m.state != MATTER_OPEN)
            continue;
        UPP_TRY(one->number[0] ? take_number(txn, &m, "", one->number)
                               : said(txn, one->package, &m, "diary-number-unreadable"));
    }
    return diary_start(txn, self);
}

/* -- what people see -- */
typedef struct seen {
    char errand[MATTER_ID];
    int64_t number_ref;
} seen;

static int reply_row(upp_txn *txn, const seen *s)
{
    static const char *const states[] = { "asked", "delivered", "failed" };
    UPP_AUTO(upp_msg_freep) ProtobufCMessage *number = NULL;
    Uppsikt__DiaryRow out = UPPSIKT__DIARY_ROW__INIT;
    Uppsikt__DiaryRowContent content = UPPSIKT__DIARY_ROW_CONTENT__INIT;
    uint8_t sha256[crypto_hash_sha256_BYTES];
    const int gone =
        upp_recall(txn, s->number_ref, &uppsikt__diary_number_given_content__descriptor, &number);
    UPP_TRY(gone);
    UPP_ROWS row = upp_query(txn,
                             "SELECT package, state, way, why, sha256, asked_ms, at_ms FROM diary"
                             " WHERE matter = ?1 ORDER BY asked_ms DESC, package DESC LIMIT 1",
                             BIND(V(s->errand)));
    out.errand = upp_lend(s->errand);
    out.state = upp_lend("asked");
    if (upp_next(&row)) {
        out.package = upp_lend(upp_col_text(&row, 0));
        out.state = upp_lend(states[(size_t)upp_col_int(&row, 1) % UPP_LEN(states)]);
        out.way = upp_lend(upp_col_text(&row, 2));
        out.why = upp_lend(upp_col_text(&row, 3));
        const char *hex = upp_col_text(&row, 4);
        if (sodium_hex2bin(sha256, sizeof sha256, hex, strlen(hex), NULL, &out.sha256.len, NULL) ==
            0)
            out.sha256.data = sha256;
        out.asked_ms = upp_col_int(&row, 5);
        out.at_ms = upp_col_int(&row, 6);
    }
    UPP_TRY(row.rc);
    if (number)
        content.number = ((Uppsikt__DiaryNumberGivenContent *)number)->number;
    return upp_reply_content(txn, &out.base, number ? &content.base : NULL);
}

int diary_rows(upp_txn *txn, const matter *m)
{
    enum { ERRANDS_MAX = 16 };
    seen list[ERRANDS_MAX];
    size_t n = 0;
    {
        UPP_ROWS row =
            upp_query(txn,
                      "SELECT matter, note_ref FROM matter WHERE about = ?1"
                      " AND errand = ?2 AND about <> '' ORDER BY matter LIMIT ?3",
                      BIND(V(m->item), V((int64_t)ERRAND_DIARY), V((int64_t)ERRANDS_MAX)));
        while (n < ERRANDS_MAX && upp_next(&row)) {
            snprintf(list[n].errand, MATTER_ID, "%s", upp_col_text(&row, 0));
            list[n++].number_ref = upp_col_int(&row, 1);
        }
        UPP_TRY(row.rc);
    }
    for (size_t i = 0; i < n; i++) {
        const int rc = reply_row(txn, &list[i]);
        if (rc != 0)
            return rc;
    }
    return 0;
}

int diary_forget(upp_txn *txn, const char *subject)
{
    return upp_exec(txn,
                    "UPDATE diary SET state = ?2, why = 'diary-forgotten', at_ms = ?3"
                    " WHERE item = ?1 AND state = 0",
                    BIND(V(subject), V((int64_t)FAILED), V(upp_now(txn))));
}
