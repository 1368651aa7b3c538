/* packing.c - asking for the package, and what comes of it: sealed, or why not; who opens it; what
 * goes when it is disposed of. */
#include "archive.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REPORT_BYTES = 24 * 1024 };

static void free_text(char **text)
{
    free(*text);
}

/* A UUID v4 (RFC 9562) from the batch's seed: the same at each attempt. */
static void new_package(upp_txn *txn, char ret_package[48])
{
    uint8_t b[16];
    upp_random(txn, b, sizeof b);
    b[6] = (uint8_t)((b[6] & 0x0f) | 0x40);
    b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
    int n = snprintf(ret_package, 48, "uuid-");
    for (size_t i = 0; i < sizeof b; i++)
        n += snprintf(ret_package + n, 48 - (size_t)n, "%s%02x",
                      i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", b[i]);
}

static void package_folder(const archive *self, const char *package, char ret_path[ARCHIVE_PATH])
{
    snprintf(ret_path, ARCHIVE_PATH, "%s/packages/%s", self->config->folder, package);
}

/* -- the request, and all that it lends -- */
typedef struct request {
    Uppsikt__BuildPackage out;
    Uppsikt__PackageHandIn hand[ARCHIVE_HAND_INS], *hand_list[ARCHIVE_HAND_INS];
    ProtobufCMessage *hand_kept[ARCHIVE_HAND_INS], *who[ARCHIVE_HAND_INS], *captured, *facts;
    char file[ARCHIVE_HAND_INS][UPP_ID], mime[ARCHIVE_HAND_INS][64], person[ARCHIVE_HAND_INS][64],
        name[ARCHIVE_HAND_INS][256];
    char label[512], authority[256], org_number[32], unit[256], platform[32];
    char folder[ARCHIVE_PATH], into[ARCHIVE_PATH], hand_folder[ARCHIVE_PATH];
    konto_about about;
    const char *subjects[KONTO_PERSONS + ARCHIVE_HAND_INS + 3];
} request;

static void request_done(request **rp)
{
    request *q = *rp;
    if (!q)
        return;
    for (size_t i = 0; i < q->out.n_hand_ins; i++) {
        upp_msg_freep(&q->hand_kept[i]);
        upp_msg_freep(&q->who[i]);
    }
    upp_msg_freep(&q->captured);
    upp_msg_freep(&q->facts);
    free(q);
}

static int fill_account(upp_txn *txn, const run_row *r, request *q)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT a.platform, a.facts_ref, coalesce(u.name, ''),"
                             " coalesce(n.name, ''), coalesce(n.org_number, '') FROM account a"
                             " LEFT JOIN unit u ON u.unit = a.unit LEFT JOIN authority n"
                             " ON n.authority = a.authority WHERE a.account = ?1",
                             BIND(V(r->account)));
    if (!upp_next(&row))
        return row.rc;
    snprintf(q->platform, sizeof q->platform, "%s", upp_col_text(&row, 0));
    snprintf(q->unit, sizeof q->unit, "%s", upp_col_text(&row, 2));
    snprintf(q->authority, sizeof q->authority, "%s", upp_col_text(&row, 3));
    snprintf(q->org_number, sizeof q->org_number, "%s", upp_col_text(&row, 4));
    const int gone = upp_recall(txn, upp_col_int(&row, 1),
                                &uppsikt__account_changed_content__descriptor, &q->facts);
    UPP_TRY(gone);
    const Uppsikt__AccountChangedContent *c = (const Uppsikt__AccountChangedContent *)q->facts;
    snprintf(q->label, sizeof q->label, "%s, %s, %s", c && c->name[0] ? c->name : r->account,
             q->platform, r->campaign);
    q->out.url = c ? c->url : upp_lend("");
    return 0;
}

static int fill_hand_in(upp_txn *txn, const upp_rows *row, request *q)
{
    const size_t i = q->out.n_hand_ins;
    Uppsikt__PackageHandIn *h = &q->hand[i];
    uppsikt__package_hand_in__init(h);
    const int gone =
        upp_recall(txn, upp_col_int(row, 5), &uppsikt__hand_in_kept__descriptor, &q->hand_kept[i]);
    if (gone) /* whoever handed it in was forgotten, and what she said of it */
        return gone < 0 ? gone : 0;
    UPP_TRY(upp_recall(txn, upp_col_int(row, 6), &uppsikt__person_registered_content__descriptor,
                       &q->who[i]));
    snprintf(q->file[i], sizeof q->file[i], "%s", upp_col_text(row, 0));
    snprintf(q->mime[i], sizeof q->mime[i], "%s", upp_col_text(row, 1));
    snprintf(q->person[i], sizeof q->person[i], "%s", upp_col_text(row, 2));
    const Uppsikt__PersonRegisteredContent *who =
        (const Uppsikt__PersonRegisteredContent *)q->who[i];
    if (who)
        snprintf(q->name[i], sizeof q->name[i], "%s %s", who->first_name, who->last_name);
    h->file = q->file[i];
    h->mime = q->mime[i];
    h->person = q->person[i];
    h->bytes = upp_col_int(row, 3);
    h->received_ms = upp_col_int(row, 4);
    h->person_name = q->name[i];
    h->person_title = who ? who->title : upp_lend("");
    h->stated = ((Uppsikt__HandInKept *)q->hand_kept[i])->file;
    q->hand_list[i] = h;
    q->out.n_hand_ins++;
    return 0;
}

static int fill_hand_ins(upp_txn *txn, const run_row *r, request *q)
{
    q->out.hand_ins = q->hand_list;
    UPP_ROWS row = upp_query(txn,
                             "SELECT h.hand_in, h.mime, h.person, h.bytes, h.received_ms,"
                             " h.file_ref, coalesce(p.who_ref, 0) FROM hand_in h LEFT JOIN person p"
                             " ON p.person = h.person WHERE h.run = ?1 AND h.state = ?2"
                             " ORDER BY h.hand_in",
                             BIND(V(r->run), V(HAND_TAKEN)));
    while (q->out.n_hand_ins < ARCHIVE_HAND_INS && upp_next(&row))
        UPP_TRY(fill_hand_in(txn, &row, q));
    return row.rc;
}

static int fill_capture(upp_txn *txn, const run_row *r, request *q)
{
    const int gone =
        upp_recall(txn, r->capture_ref, &uppsikt__capture_kept__descriptor, &q->captured);
    if (gone)
        return gone < 0 ? gone : 0;
    q->out.captured = ((Uppsikt__CaptureKept *)q->captured)->captured;
    if (q->out.captured->report.len > REPORT_BYTES) /* one request carries at most 64 KiB */
        q->out.captured->report = (ProtobufCBinaryData){ 0 };
    return 0;
}

static void fill_rest(upp_txn *txn, const archive *self, run_row *r, request *q)
{
    run_folder(self, r, q->folder);
    package_folder(self, r->package, q->into);
    hand_in_folder(self, r->run, q->hand_folder);
    q->out.run = r->run;
    q->out.account = r->account;
    q->out.folder = q->folder;
    q->out.into = q->into;
    q->out.hand_folder = q->hand_folder;
    q->out.authority_name = q->authority;
    q->out.org_number = q->org_number;
    q->out.unit_name = q->unit;
    q->out.platform = q->platform;
    q->out.campaign = r->campaign;
    q->out.package = r->package;
    q->out.label = q->label;
    q->out.agreement = upp_lend(self->config->agreement);
    q->out.at_ms = upp_now(txn);
    q->out.layout = r->layout;
    q->out.content = r->content;
    q->out.why = r->why;
    q->out.posts = r->posts;
    q->out.comments = r->comments;
    q->out.forgotten = r->forgotten;
    q->out.from_ms = r->from_ms;
    q->out.to_ms = r->to_ms;
    q->out.offset_s = self->zone ? zone_offset_s(self->zone, upp_now(txn)) : 0;
}

/* What is handed in counts as layout, and as content where the platform gave none (§6.1). */
static void count_hand_ins(run_row *r, size_t n)
{
    if (n > 0 && strcmp(r->layout, "missing") == 0)
        snprintf(r->layout, sizeof r->layout, "%s", "manual");
    if (n > 0 && strcmp(r->content, "missing") == 0)
        snprintf(r->content, sizeof r->content, "%s", "manual");
}

static void list_subjects(const char *subject, const run_row *r, request *q)
{
    size_t n = 0;
    q->subjects[n++] = subject;
    q->subjects[n++] = r->account;
    for (size_t i = 0; i < q->about.n; i++)
        q->subjects[n++] = q->about.person[i];
    for (size_t i = 0; i < q->out.n_hand_ins; i++)
        q->subjects[n++] = q->person[i];
    q->subjects[n] = NULL;
}

int packing_ask(upp_txn *txn, const archive *self, run_row *r)
{
    UPP_AUTO(request_done) request *q = calloc(1, sizeof *q);
    UPP_AUTO(free_text) char *konto = NULL;
    char subject[48];
    upp_check(q);
    uppsikt__build_package__init(&q->out);
    new_package(txn, r->package);
    UPP_TRY(fill_account(txn, r, q));
    UPP_TRY(fill_hand_ins(txn, r, q));
    UPP_TRY(fill_capture(txn, r, q));
    UPP_TRY(konto_text(txn, self, r, &q->about, &konto));
    count_hand_ins(r, q->out.n_hand_ins);
    fill_rest(txn, self, r, q);
    q->out.descriptive = (ProtobufCBinaryData){ strlen(konto), (uint8_t *)konto };
    run_subject(r, subject);
    list_subjects(subject, r, q);
    UPP_TRY(run_move(txn, r, RUN_PACKING));
    const int asked = upp_ask(txn, "package", q->subjects, r->package, &q->out.base);
    return asked == 1 ? run_fail(txn, r, "forgotten") : asked;
}

/* -- sealed -- */
static int keep_objects(upp_txn *txn, const Uppsikt__PackageBuilt *b)
{
    for (size_t i = 0; i < b->n_contents; i++) {
        const Uppsikt__PackageFile *f = b->contents[i];
        if (f->sha256.len != 32)
            return upp_fail(txn, UPP_E_INPUT, "a packed file without its sum");
        UPP_TRY(upp_object_keep(txn, UPP_ABOUT(b->package), f->object, f->bytes, f->sha256.data));
    }
    return 0;
}

static int insert_package(upp_txn *txn, const run_row *r, const Uppsikt__PackageBuilt *b)
{
    Uppsikt__PackageKept body = UPPSIKT__PACKAGE_KEPT__INIT;
    upp_content kept;
    body.files = b->contents;
    body.n_files = b->n_contents;
    UPP_TRY(upp_keep(txn, UPP_ABOUT(b->package), &body.base, &kept));
    return upp_exec(txn,
                    "INSERT INTO package(package, run, account, campaign, from_ms, to_ms, files,"
                    " bytes, at_ms, files_ref) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                    BIND(V(b->package), V(r->run), V(r->account), V(r->campaign), V(r->from_ms),
                         V(r->to_ms), V(b->files), V(b->bytes), V(upp_now(txn)), V(kept.ref)));
}

static int say_sealed(upp_txn *txn, run_row *r, const Uppsikt__PackageBuilt *b)
{
    Uppsikt__AccountCaptured captured = UPPSIKT__ACCOUNT_CAPTURED__INIT;
    Uppsikt__AccountCapturedContent content = UPPSIKT__ACCOUNT_CAPTURED_CONTENT__INIT;
    Uppsikt__PackageSealed sealed = UPPSIKT__PACKAGE_SEALED__INIT;
    upp_content kept;
    content.manifest = b->manifest;
    UPP_TRY(upp_keep(txn, UPP_ABOUT(b->package), &content.base, &kept));
    captured.campaign = sealed.campaign = r->campaign;
    captured.account = sealed.account = r->account;
    captured.run = sealed.run = r->run;
    captured.layout = r->layout;
    captured.content = r->content;
    captured.why = r->why;
    captured.files = sealed.files = b->files;
    captured.bytes = sealed.bytes = b->bytes;
    captured.commitment = upp_commitment(&kept);
    sealed.package = b->package;
    sealed.at_ms = upp_now(txn);
    UPP_TRY(upp_emit(txn, r->account, &captured.base, &kept));
    return upp_emit(txn, r->account, &sealed.base, NULL);
}

static int seal(upp_txn *txn, const archive *self, run_row *r, const Uppsikt__PackageBuilt *b)
{
    char folder[ARCHIVE_PATH], key[64];
    UPP_TRY(keep_objects(txn, b));
    UPP_TRY(insert_package(txn, r, b));
    UPP_TRY(say_sealed(txn, r, b));
    UPP_TRY(upp_drop(txn, r->capture_ref));
    UPP_TRY(upp_exec(txn, "UPDATE run SET capture_ref = 0 WHERE run = ?1", BIND(V(r->run))));
    UPP_TRY(run_move(txn, r, RUN_SEALED));
    snprintf(key, sizeof key, "due/%s", r->run);
    UPP_TRY(upp_alarm_off(txn, key));
    UPP_TRY(written_drop_packed(txn, r->account, r->campaign));
    run_folder(self, r, folder);
    return run_remove(txn, folder);
}

int packing_built(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__PackageBuilt *b = msg;
    char folder[ARCHIVE_PATH];
    run_row r;
    const int stale = run_of_answer(txn, self, in->subject, &r);
    UPP_TRY(stale);
    const bool built = b && !in->dead && !b->failed[0];
    if (stale || r.state != RUN_PACKING || (built && strcmp(b->package, r.package) != 0)) {
        if (!built)
            return 0;
        package_folder(self, b->package, folder);
        return run_remove(txn, folder);
    }
    if (!built)
        return run_fail(txn, &r, b && b->failed[0] ? b->failed : "disk");
    return seal(txn, self, &r, b);
}

/* -- opened -- */
/* It is content of the account's day, too: a row can let that go (R29). */
static int note_opened(upp_txn *txn, const archive *self, const char *package, const char *account,
                       const char *person)
{
    char key[UPP_HEX], day_text[24], log[96];
    const int64_t day =
        self->zone ? zone_day(self->zone, upp_now(txn)) : civil_day_at(upp_now(txn));
    Uppsikt__PackageOpened out = UPPSIKT__PACKAGE_OPENED__INIT;
    Uppsikt__PackageOpenedContent content = UPPSIKT__PACKAGE_OPENED_CONTENT__INIT;
    upp_content kept;
    snprintf(day_text, sizeof day_text, "%lld", (long long)day);
    upp_keyed(txn, (const char *const[]){ "opened", package, person, day_text, NULL }, key);
    UPP_TRY(upp_exec(txn, "DELETE FROM opened WHERE day < ?1", BIND(V(day))));
    const int new = upp_exec(txn,
                             "INSERT INTO opened(key, day) VALUES(?1, ?2)"
                             " ON CONFLICT DO NOTHING",
                             BIND(V(key), V(day)));
    if (new <= 0)
        return new;
    content.person = upp_lend(person);
    snprintf(log, sizeof log, "look.%.40s.%s", account, day_text);
    UPP_TRY(upp_keep(txn, UPP_ABOUT(package, person, log), &content.base, &kept));
    out.package = upp_lend(package);
    out.account = upp_lend(account);
    out.log = log;
    out.day = day;
    out.commitment = upp_commitment(&kept);
    return upp_emit(txn, package, &out.base, &kept);
}

int packing_open(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__OpenPackage *c = msg;
    UPP_AUTO(upp_msg_freep) ProtobufCMessage *kept = NULL;
    Uppsikt__PackageContents out = UPPSIKT__PACKAGE_CONTENTS__INIT;
    char account[64] = "";
    int64_t ref = 0;
    {
        UPP_ROWS row =
            upp_query(txn, "SELECT account, files_ref FROM package WHERE package = ?1 AND gone = 0",
                      BIND(V(c->package)));
        if (!upp_next(&row))
            return row.rc < 0 ? row.rc : upp_refuse(txn, "package-unknown");
        snprintf(account, sizeof account, "%s", upp_col_text(&row, 0));
        ref = upp_col_int(&row, 1);
    }
    UPP_TRY(archive_may(txn, in, account));
    const int gone = upp_recall(txn, ref, &uppsikt__package_kept__descriptor, &kept);
    UPP_TRY(gone);
    if (gone)
        return upp_refuse(txn, "package-unknown");
    UPP_TRY(note_opened(txn, self, c->package, account, in->by));
    out.package = c->package;
    out.files = ((Uppsikt__PackageKept *)kept)->files;
    out.n_files = ((Uppsikt__PackageKept *)kept)->n_files;
    return upp_reply(txn, &out.base);
}

/* What was handed in for it goes with it: the files' own names, too. */
static int drop_hand_ins(upp_txn *txn, const char *run)
{
    {
        UPP_ROWS row = upp_query(txn, "SELECT file_ref FROM hand_in WHERE run = ?1", BIND(V(run)));
        while (upp_next(&row))
            UPP_TRY(upp_drop(txn, upp_col_int(&row, 0)));
        UPP_TRY(row.rc);
    }
    return upp_exec(txn, "UPDATE hand_in SET file_ref = 0, file_commitment = '' WHERE run = ?1",
                    BIND(V(run)));
}

/* Is there another package of its run? Then what was handed in stays. */
static int has_other(upp_txn *txn, const char *run, bool *ret_other)
{
    UPP_ROWS row =
        upp_query(txn, "SELECT 1 FROM package WHERE run = ?1 AND gone = 0", BIND(V(run)));
    *ret_other = upp_next(&row);
    return row.rc;
}

/* Its row let it go: the runtime unlinks the objects, we the folder they were in; also when we know
 * of no such package any more, as after a restore. */
int packing_forget(upp_txn *txn, const archive *self, const char *package)
{
    char run[UPP_ID] = "";
    bool other = true;
    if (!removal_is_package(package))
        return 0;
    {
        UPP_ROWS row =
            upp_query(txn, "SELECT run FROM package WHERE package = ?1", BIND(V(package)));
        if (upp_next(&row))
            snprintf(run, sizeof run, "%s", upp_col_text(&row, 0));
        UPP_TRY(row.rc);
    }
    UPP_TRY(upp_exec(txn, "UPDATE package SET gone = 1, files_ref = 0 WHERE package = ?1",
                     BIND(V(package))));
    if (run[0])
        UPP_TRY(has_other(txn, run, &other));
    if (!other)
        UPP_TRY(drop_hand_ins(txn, run));
    return removal_begin(txn, self, package, other ? "" : run);
}
