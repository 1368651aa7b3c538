/* port_hand_in.c - what a person saved herself goes to the archive, as `uppsikt archive hand-in`
 * sends it: counted first, then in parts that the archive counts again (R26, capture.md §6.1). */
#include "fixity.h"
#include "kind.h"
#include "suite_clock.h"
#include "upload.h"
#include "view_hand_in.h"
#include "visit.h"
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PART = 48 * 1024, ROUNDS = 25, LOOK_MS = 100 };
static const upp_ms patience_span = 20 * UPP_SECOND; /* until it is counted on their disk */

static enum visit_end tell(visit *v, const char *what, const ProtobufCMessage *command,
                           const ProtobufCMessageDescriptor *outcome, ProtobufCMessage **ret)
{
    return visit_tell(v, "archive", v->view.who->person, what, command, outcome, ret);
}

/* -- what is shown -- */
static const Uppsikt__AccountLine *line_of(const visit_rows *accounts, const char *account,
                                           const Uppsikt__AccountLineContent **ret_name)
{
    for (size_t i = 0; i < accounts->n; i++) {
        const Uppsikt__AccountLine *a = (const Uppsikt__AccountLine *)accounts->rows[i];
        *ret_name = (const Uppsikt__AccountLineContent *)accounts->contents[i];
        if (strcmp(a->account, account) == 0)
            return a;
    }
    return NULL;
}

/* Those that wait for a person, on accounts that she may see: moved to `kept`. False: the archive
 * does not answer. */
static bool collect(visit *v, const visit_rows *accounts, visit_rows *kept)
{
    const Uppsikt__AccountLineContent *name = NULL;
    Uppsikt__ArchiveRuns q = UPPSIKT__ARCHIVE_RUNS__INIT;
    char after[ROUTE_PART] = "";
    q.account = upp_lend(form_value(&v->params, "konto"));
    q.limit = VISIT_ROWS;
    q.after = after;
    for (int round = 0; round < ROUNDS; round++) {
        visit_rows *rows =
            visit_ask(v, "archive", &q.base, &uppsikt__archive_run__descriptor, NULL);
        if (!rows)
            return false;
        v->n_lists--; /* ours: a visit keeps only a few lists */
        const size_t n = rows->n;
        for (size_t i = 0; i < n; i++) {
            const Uppsikt__ArchiveRun *r = (const Uppsikt__ArchiveRun *)rows->rows[i];
            snprintf(after, sizeof after, "%s", r->run);
            if (strcmp(r->state, "manual") != 0 || !line_of(accounts, r->account, &name) ||
                kept->n == VISIT_ROWS)
                continue;
            kept->rows[kept->n++] = rows->rows[i];
            rows->rows[i] = NULL;
        }
        visit_free_rows(rows);
        if (n == 0)
            break;
    }
    return true;
}

static void show_all(visit *v, const visit_rows *accounts)
{
    visit_rows *kept = calloc(1, sizeof *kept);
    upp_check(kept);
    if (collect(v, accounts, kept)) {
        view_hand *runs = calloc(kept->n + 1, sizeof *runs);
        upp_check(runs);
        for (size_t i = 0; i < kept->n; i++) {
            runs[i].run = (const Uppsikt__ArchiveRun *)kept->rows[i];
            runs[i].account = line_of(accounts, runs[i].run->account, &runs[i].name);
        }
        view_waits(&v->view, &(view_waiting){ runs, kept->n });
        free(runs);
    } else {
        visit_words(v, 503, "down.title", "down.words");
    }
    visit_free_rows(kept);
}

static visit_rows *hand_ins(visit *v)
{
    Uppsikt__HandIns q = UPPSIKT__HAND_INS__INIT;
    q.run = v->route.id;
    return visit_ask(v, "archive", &q.base, &uppsikt__hand_in_row__descriptor,
                     &uppsikt__hand_in_row_content__descriptor);
}

/* The run of the route, on an account that she may see; false: the answer is given. */
static bool find_run(visit *v, view_hand *ret_hand)
{
    Uppsikt__ArchiveRuns q = UPPSIKT__ARCHIVE_RUNS__INIT;
    const visit_rows *accounts = visit_accounts(v);
    q.run = v->route.id;
    const visit_rows *rows =
        visit_ask(v, "archive", &q.base, &uppsikt__archive_run__descriptor, NULL);
    *ret_hand = (view_hand){ .most = v->house->config->upload_max };
    if (!accounts || !rows) {
        visit_words(v, 503, "down.title", "down.words");
        return false;
    }
    if (rows->n > 0) {
        ret_hand->run = (const Uppsikt__ArchiveRun *)rows->rows[0];
        ret_hand->account = line_of(accounts, ret_hand->run->account, &ret_hand->name);
    }
    if (!ret_hand->account)
        visit_words(v, 404, "none.title", "none.words");
    return ret_hand->account != NULL;
}

static void show_run(visit *v, view_hand *h)
{
    const visit_rows *files = hand_ins(v);
    if (!files) {
        visit_words(v, 503, "down.title", "down.words");
        return;
    }
    visit_view(files, &h->files);
    view_hand_in(&v->view, h);
}

void visit_hand_in_page(visit *v)
{
    view_hand h;
    char path[ROUTE_PART + 8];
    const visit_rows *accounts = NULL;
    if (v->route.act[0]) { /* a form's address by itself is the page that has the form */
        snprintf(path, sizeof path, "/arkiv/%s", v->route.id);
        visit_redirect(v, path, NULL);
    } else if (v->route.id[0]) {
        if (find_run(v, &h))
            show_run(v, &h);
    } else if ((accounts = visit_accounts(v))) {
        show_all(v, accounts);
    } else {
        visit_words(v, 503, "down.title", "down.words");
    }
}

/* -- a file -- */
/* NULL: it may be sent. What it is its content says, never its name. */
static const char *flaw_of(visit *v)
{
    const char *mime = NULL, *why = NULL;
    upload *u = v->upload;
    if (!u || u->broken)
        return "file:hand-in.broken";
    if (u->unwritten)
        return "hand-in.no-room";
    if (u->large)
        return "file:hand-in.large";
    if (!multipart_whole(&u->form))
        return "file:hand-in.broken";
    if (u->bytes == 0)
        return "file:hand-in.need-file";
    const source in = upload_source(u);
    const int rc = kind_of(&in, &mime, &why);
    return rc < 0 ? "hand-in.no-room" : rc > 0 ? why : NULL;
}

static bool begin(visit *v, char ret_hand_in[ROUTE_PART])
{
    char hex[FIXITY_HEX];
    uint8_t sum[32];
    ProtobufCMessage *outcome = NULL;
    Uppsikt__HandIn c = UPPSIKT__HAND_IN__INIT;
    Uppsikt__HandInFile file = UPPSIKT__HAND_IN_FILE__INIT;
    const source in = upload_source(v->upload);
    if (fixity_of_source(&in, hex) < 0 || !guard_unhex(hex, sizeof sum, sum)) {
        visit_complain(v, "hand-in.no-room");
        return false;
    }
    file.name = upp_lend(form_value(&v->fields, "filename"));
    file.source = upp_lend(form_value(&v->fields, "source"));
    file.note = upp_lend(form_value(&v->fields, "note"));
    file.sha256 = (ProtobufCBinaryData){ sizeof sum, sum };
    file.taken_ms = v->now;
    c.run = v->route.id;
    c.bytes = v->upload->bytes;
    c.file = &file;
    if (tell(v, "hand-in", &c.base, &uppsikt__hand_in_taken__descriptor, &outcome) != VISIT_DONE)
        return false;
    snprintf(ret_hand_in, ROUTE_PART, "%s", ((const Uppsikt__HandInTaken *)outcome)->hand_in);
    protobuf_c_message_free_unpacked(outcome, NULL);
    return true;
}

/* Each part's command has an id of its own: the same form sent again goes on where this one came
 * to. */
static bool send_parts(visit *v, char *hand_in)
{
    uint8_t piece[PART];
    const source in = upload_source(v->upload);
    for (int64_t at = 0; at < v->upload->bytes; at += PART) {
        char what[48];
        Uppsikt__HandInPart c = UPPSIKT__HAND_IN_PART__INIT;
        const int64_t left = v->upload->bytes - at;
        const size_t n = left < PART ? (size_t)left : PART;
        if (source_read(&in, (uint64_t)at, piece, n) < 0) {
            visit_complain(v, "hand-in.no-room");
            return false;
        }
        snprintf(what, sizeof what, "part %lld", (long long)at);
        c.hand_in = hand_in;
        c.offset = at;
        c.bytes = (ProtobufCBinaryData){ n, piece };
        if (tell(v, what, &c.base, &uppsikt__hand_in_taken__descriptor, NULL) != VISIT_DONE)
            return false;
    }
    return true;
}

/* What has become of it so far: 1 it is still counted. Why it is refused stands in the visit. */
static int look(visit *v, const char *hand_in)
{
    int at = 1;
    visit_rows *rows = hand_ins(v);
    if (!rows)
        return 1;
    v->n_lists--;
    for (size_t i = 0; i < rows->n; i++) {
        const Uppsikt__HandInRow *r = (const Uppsikt__HandInRow *)rows->rows[i];
        if (strcmp(r->hand_in, hand_in) != 0)
            continue;
        if (strcmp(r->state, "refused") == 0)
            snprintf(v->refused, sizeof v->refused, "%s",
                     phrase_of(v->house->phrases, r->why) ? r->why : "refused.words");
        at = strcmp(r->state, "taken") != 0 && !v->refused[0];
    }
    visit_free_rows(rows);
    return at;
}

static void wait_taken(visit *v, const char *hand_in)
{
    const upp_ms until = upp_steady_now() + patience_span;
    while (look(v, hand_in) == 1 && upp_steady_now() < until)
        (void)poll(NULL, 0, LOOK_MS); /* another process is at work: we look again */
}

static void again(visit *v, view_hand *h)
{
    v->status = v->view.kept_id ? 503 : 422;
    v->view.given = &v->fields;
    show_run(v, h);
}

static void send_file(visit *v, view_hand *h)
{
    char hand_in[ROUTE_PART], path[ROUTE_PART + 8];
    const char *flaw = flaw_of(v);
    if (flaw)
        visit_complain(v, flaw);
    else if (begin(v, hand_in) && send_parts(v, hand_in))
        wait_taken(v, hand_in);
    if (v->refused[0])
        visit_complain(v, v->refused);
    if (v->view.n_complaints > 0) {
        again(v, h);
        return;
    }
    snprintf(path, sizeof path, "/arkiv/%s", v->route.id);
    visit_redirect(v, path, "done.hand-in");
}

/* -- all of them -- */
/* Those that were taken are the account as she saw it. */
static void finish(visit *v, view_hand *h)
{
    char *ids[VISIT_ROWS], path[ROUTE_PART + 8];
    Uppsikt__HandInDone c = UPPSIKT__HAND_IN_DONE__INIT;
    const visit_rows *files = hand_ins(v);
    for (size_t i = 0; files && i < files->n; i++) {
        Uppsikt__HandInRow *r = (Uppsikt__HandInRow *)files->rows[i];
        if (strcmp(r->state, "taken") == 0)
            ids[c.n_hand_ins++] = r->hand_in;
    }
    c.hand_ins = ids;
    c.run = v->route.id;
    if (!files)
        visit_complain(v, "down.archive");
    else if (c.n_hand_ins == 0)
        visit_complain(v, "file:hand-in.need-file");
    if (v->view.n_complaints > 0 ||
        tell(v, "hand-in-done", &c.base, &uppsikt__archive_taken__descriptor, NULL) != VISIT_DONE) {
        again(v, h);
        return;
    }
    snprintf(path, sizeof path, "/arkiv/%s", v->route.id);
    visit_redirect(v, path, "done.hand-in-done");
}

void visit_hand_in(visit *v)
{
    view_hand h;
    const bool file = strcmp(v->route.act, "fil") == 0;
    if (!file && strcmp(v->route.act, "klar") != 0)
        visit_words(v, 404, "none.title", "none.words");
    else if (find_run(v, &h))
        (file ? send_file : finish)(v, &h);
}
