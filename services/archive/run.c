/* run.c - one account, from asking to sealed: each step is a row and an ask, so that a crash at any
 * point goes on from there. */
#include "archive.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WATCH_MANUAL = 2 }; /* AccountChanged.Watch */

static void copy(char *ret_text, size_t size, const char *text)
{
    snprintf(ret_text, size, "%s", text);
}

int run_read(upp_txn *txn, const char *run, run_row *ret_row)
{
    run_row *r = ret_row;
    UPP_ROWS row = upp_query(
        txn,
        "SELECT account, campaign, state, round, why, layout, content, from_ms, to_ms, due_ms,"
        " asked_ms, own, after_item, parts_out, posts_at, comments_at, posts, comments,"
        " forgotten, package, capture_ref FROM run WHERE run = ?1",
        BIND(V(run)));
    if (!upp_next(&row))
        return row.rc < 0 ? row.rc : 1;
    copy(r->run, sizeof r->run, run);
    copy(r->account, sizeof r->account, upp_col_text(&row, 0));
    copy(r->campaign, sizeof r->campaign, upp_col_text(&row, 1));
    r->state = (enum run_state)upp_col_int(&row, 2);
    r->round = upp_col_int(&row, 3);
    copy(r->why, sizeof r->why, upp_col_text(&row, 4));
    copy(r->layout, sizeof r->layout, upp_col_text(&row, 5));
    copy(r->content, sizeof r->content, upp_col_text(&row, 6));
    r->from_ms = upp_col_int(&row, 7);
    r->to_ms = upp_col_int(&row, 8);
    r->due_ms = upp_col_int(&row, 9);
    r->asked_ms = upp_col_int(&row, 10);
    r->own = upp_col_int(&row, 11);
    copy(r->after_item, sizeof r->after_item, upp_col_text(&row, 12));
    r->parts_out = upp_col_int(&row, 13);
    r->posts_at = upp_col_int(&row, 14);
    r->comments_at = upp_col_int(&row, 15);
    r->posts = upp_col_int(&row, 16);
    r->comments = upp_col_int(&row, 17);
    r->forgotten = upp_col_int(&row, 18);
    copy(r->package, sizeof r->package, upp_col_text(&row, 19));
    r->capture_ref = upp_col_int(&row, 20);
    return 0;
}

int run_move(upp_txn *txn, run_row *r, enum run_state state)
{
    r->state = state;
    return upp_exec(txn,
                    "UPDATE run SET state = ?2, why = ?3, layout = ?4, content = ?5, asked_ms = ?6,"
                    " package = ?7, at_ms = ?8 WHERE run = ?1",
                    BIND(V(r->run), V((int64_t)state), V(r->why), V(r->layout), V(r->content),
                         V(r->asked_ms), V(r->package), V(upp_now(txn))));
}

void run_subject(const run_row *r, char ret_subject[48])
{
    snprintf(ret_subject, 48, "%s.%lld", r->run, (long long)r->round);
}

static void round_folder(const archive *self, const char *subject, char ret_path[ARCHIVE_PATH])
{
    snprintf(ret_path, ARCHIVE_PATH, "%s/work/%s", self->config->folder, subject);
}

void run_folder(const archive *self, const run_row *r, char ret_path[ARCHIVE_PATH])
{
    char subject[48];
    run_subject(r, subject);
    round_folder(self, subject, ret_path);
}

int run_remove(upp_txn *txn, const char *folder)
{
    char key[ARCHIVE_PATH + 16];
    Uppsikt__StorePart out = UPPSIKT__STORE_PART__INIT;
    snprintf(key, sizeof key, "remove/%lld/%s", (long long)upp_now(txn), folder);
    out.folder = upp_lend(folder);
    out.remove = true;
    return upp_ask(txn, "intake", UPP_ABOUT("removal"), key, &out.base);
}

int run_of_answer(upp_txn *txn, const archive *self, const char *subject, run_row *ret_row)
{
    char run[UPP_ID] = "", now[48], folder[ARCHIVE_PATH];
    snprintf(run, sizeof run, "%.*s", (int)strcspn(subject, "."), subject);
    const int none = run_read(txn, run, ret_row);
    UPP_TRY(none);
    if (none == 0) {
        run_subject(ret_row, now);
        if (strcmp(now, subject) == 0)
            return 0;
    }
    round_folder(self, subject, folder);
    UPP_TRY(run_remove(txn, folder));
    return 1;
}

/* -- beginning -- */
static int alarm_of(upp_txn *txn, const char *kind, const char *run, upp_ms at)
{
    char key[64];
    snprintf(key, sizeof key, "%s/%s", kind, run);
    return upp_alarm(txn, key, at);
}

int run_new(upp_txn *txn, const char *account, const char *campaign, const char *cause,
            upp_ms start_ms, upp_ms due_ms, char ret_run[UPP_ID])
{
    upp_id(txn, ret_run);
    UPP_TRY(
        upp_exec(txn,
                 "INSERT INTO run(run, account, campaign, cause, state, due_ms, asked_ms, at_ms)"
                 " VALUES(?1, ?2, ?3, ?4, 0, ?5, 0, ?6)",
                 BIND(V(ret_run), V(account), V(campaign), V(cause), V(due_ms), V(upp_now(txn)))));
    UPP_TRY(alarm_of(txn, "start", ret_run, start_ms));
    return alarm_of(txn, "due", ret_run, due_ms);
}

int run_restart(upp_txn *txn, const char *run)
{
    UPP_TRY(upp_exec(txn, "UPDATE run SET state = ?2, at_ms = ?3 WHERE run = ?1",
                     BIND(V(run), V((int64_t)RUN_WAITING), V(upp_now(txn)))));
    return alarm_of(txn, "start", run, upp_now(txn));
}

/* What was packed for an earlier campaign is not packed again; nothing in between is left out. */
static int set_span(upp_txn *txn, run_row *r)
{
    {
        UPP_ROWS row = upp_query(txn,
                                 "SELECT coalesce(max(to_ms), 0) FROM package WHERE account = ?1"
                                 " AND campaign < ?2 AND gone = 0",
                                 BIND(V(r->account), V(r->campaign)));
        r->from_ms = upp_next(&row) ? upp_col_int(&row, 0) : 0;
        UPP_TRY(row.rc);
    }
    r->to_ms = upp_now(txn);
    r->round++;
    UPP_TRY(upp_drop(txn, r->capture_ref));
    r->capture_ref = 0;
    copy(r->layout, sizeof r->layout, "missing");
    copy(r->content, sizeof r->content, "missing");
    r->why[0] = '\0';
    r->own = 1;
    r->after_item[0] = '\0';
    r->parts_out = r->posts_at = r->comments_at = r->posts = r->comments = r->forgotten = 0;
    return upp_exec(txn,
                    "UPDATE run SET round = ?2, from_ms = ?3, to_ms = ?4, own = 1, after_item = '',"
                    " parts_out = 0, posts_at = 0, comments_at = 0, posts = 0, comments = 0,"
                    " forgotten = 0, capture_ref = 0 WHERE run = ?1",
                    BIND(V(r->run), V(r->round), V(r->from_ms), V(r->to_ms)));
}

/* The address of the account's page; *ret_why says why there is nothing to capture. */
static int read_url(upp_txn *txn, const run_row *r, char ret_url[512], const char **ret_why)
{
    UPP_AUTO(upp_msg_freep) ProtobufCMessage *facts = NULL;
    UPP_ROWS row = upp_query(txn, "SELECT watch, facts_ref FROM account WHERE account = ?1",
                             BIND(V(r->account)));
    ret_url[0] = '\0';
    *ret_why = "no_url";
    if (!upp_next(&row))
        return row.rc;
    if (upp_col_int(&row, 0) == WATCH_MANUAL)
        *ret_why = "watch_manual";
    const int gone = upp_recall(txn, upp_col_int(&row, 1),
                                &uppsikt__account_changed_content__descriptor, &facts);
    UPP_TRY(gone);
    const char *url = facts ? ((const Uppsikt__AccountChangedContent *)facts)->url : "";
    if (strncmp(url, "https://", 8) == 0 || strncmp(url, "http://", 7) == 0)
        snprintf(ret_url, 512, "%s", url);
    return 0;
}

static int ask_capture(upp_txn *txn, const archive *self, const run_row *r, const char *url)
{
    char subject[48], folder[ARCHIVE_PATH];
    Uppsikt__CapturePage out = UPPSIKT__CAPTURE_PAGE__INIT;
    run_subject(r, subject);
    run_folder(self, r, folder);
    const size_t used = strlen(folder);
    snprintf(folder + used, sizeof folder - used, "/page");
    out.id = subject;
    out.url = upp_lend(url);
    out.png = out.pdf = out.mhtml = out.warc = out.text = true;
    out.timeout_span = self->config->page_span;
    out.folder = folder;
    return upp_ask(txn, "capture", UPP_ABOUT(subject, r->account), subject, &out.base);
}

int run_start(upp_txn *txn, const archive *self, const char *run)
{
    run_row r;
    char url[512], old[ARCHIVE_PATH];
    const char *why = NULL;
    const int none = run_read(txn, run, &r);
    if (none)
        return none < 0 ? none : 0;
    if (!self->config->folder)
        return run_fail(txn, &r, "no-folder");
    run_folder(self, &r, old);
    if (r.round > 0)
        UPP_TRY(run_remove(txn, old));
    UPP_TRY(set_span(txn, &r));
    UPP_TRY(read_url(txn, &r, url, &why));
    if (url[0] && strcmp(why, "watch_manual") != 0) {
        UPP_TRY(run_move(txn, &r, RUN_CAPTURING));
        const int asked = ask_capture(txn, self, &r, url);
        return asked == 1 ? run_fail(txn, &r, "forgotten") : asked;
    }
    copy(r.why, sizeof r.why, why);
    UPP_TRY(run_move(txn, &r, RUN_COLLECTING));
    return collect_start(txn, self, &r);
}

/* -- the browser's answer -- */
static const char *why_of(const Uppsikt__PageCaptured *p)
{
    static const char *const names[] = { "error", "", "login_wall", "blocked", "error", "timeout" };
    return (size_t)p->state < UPP_LEN(names) ? names[p->state] : "error";
}

static bool has_picture(const Uppsikt__PageCaptured *p)
{
    for (size_t i = 0; i < p->n_files; i++)
        if (strcmp(p->files[i]->mime, "image/png") == 0)
            return true;
    return false;
}

int run_captured(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__PageCaptured *p = msg;
    run_row r;
    const int stale = run_of_answer(txn, self, in->subject, &r);
    if (stale)
        return stale < 0 ? stale : 0;
    if (r.state != RUN_CAPTURING)
        return 0;
    const bool whole = p && !in->dead && p->state == UPPSIKT__PAGE_CAPTURED__STATE__STATE_OK;
    copy(r.why, sizeof r.why, whole ? "" : p && !in->dead ? why_of(p) : "error");
    if (whole && has_picture(p)) {
        upp_content kept;
        Uppsikt__CaptureKept body = UPPSIKT__CAPTURE_KEPT__INIT;
        Uppsikt__PageCaptured given = *p;
        body.captured = &given;
        UPP_TRY(upp_keep(txn, UPP_ABOUT(r.account), &body.base, &kept));
        UPP_TRY(upp_exec(txn, "UPDATE run SET capture_ref = ?2 WHERE run = ?1",
                         BIND(V(r.run), V(kept.ref))));
        copy(r.layout, sizeof r.layout, "automatic");
    } else if (whole) {
        copy(r.why, sizeof r.why, "error");
    }
    UPP_TRY(run_move(txn, &r, RUN_COLLECTING));
    return collect_start(txn, self, &r);
}

/* -- what comes of it -- */
static int ask_people(upp_txn *txn, run_row *r, const char *why)
{
    Uppsikt__ManualCaptureAsked out = UPPSIKT__MANUAL_CAPTURE_ASKED__INIT;
    out.campaign = r->campaign;
    out.account = r->account;
    out.run = r->run;
    out.why = upp_lend(why);
    out.due_ms = r->due_ms;
    return upp_emit(txn, r->account, &out.base, NULL);
}

int run_collected(upp_txn *txn, const archive *self, run_row *r)
{
    int64_t hand_ins = 0;
    UPP_TRY(hand_in_count(txn, r->run, &hand_ins));
    if (strcmp(r->layout, "automatic") == 0 || hand_ins > 0)
        return packing_ask(txn, self, r);
    if (r->asked_ms == 0) {
        r->asked_ms = upp_now(txn);
        UPP_TRY(ask_people(txn, r, r->why));
    }
    return run_move(txn, r, RUN_MANUAL);
}

int run_fail(upp_txn *txn, run_row *r, const char *why)
{
    copy(r->why, sizeof r->why, why);
    if (r->asked_ms == 0) {
        r->asked_ms = upp_now(txn);
        UPP_TRY(ask_people(txn, r, why));
    }
    return run_move(txn, r, RUN_FAILED);
}

/* Its window has ended, or the time that it was given: people hear of it, whatever the machine is
 * still doing (I22). */
int run_due(upp_txn *txn, const char *run)
{
    run_row r;
    const int none = run_read(txn, run, &r);
    if (none || r.state == RUN_SEALED)
        return none < 0 ? none : 0;
    r.asked_ms = r.asked_ms ? r.asked_ms : upp_now(txn);
    UPP_TRY(ask_people(txn, &r, "not_done"));
    return run_move(txn, &r, r.state);
}

/* -- asking for it -- */
static int find(upp_txn *txn, const char *account, const char *campaign, char ret_run[UPP_ID],
                int64_t *ret_state)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT run, state FROM run WHERE account = ?1 AND campaign = ?2"
                             " ORDER BY state = ?3, run LIMIT 1",
                             BIND(V(account), V(campaign), V((int64_t)RUN_SEALED)));
    if (!upp_next(&row))
        return row.rc < 0 ? row.rc : 1;
    copy(ret_run, UPP_ID, upp_col_text(&row, 0));
    *ret_state = upp_col_int(&row, 1);
    return 0;
}

static int known(upp_txn *txn, const char *account)
{
    UPP_ROWS row = upp_query(txn, "SELECT 1 FROM account WHERE account = ?1", BIND(V(account)));
    if (upp_next(&row))
        return 0;
    return row.rc < 0 ? row.rc : upp_refuse(txn, "account-unknown");
}

static bool campaign_well_formed(const char *text)
{
    return strlen(text) == 6 && strspn(text, "0123456789") == 4 && text[4] == '-' &&
           text[5] >= '1' && text[5] <= '9';
}

int run_ask(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__ArchiveAccount *c = msg;
    const archive *me = self;
    Uppsikt__ArchiveTaken out = UPPSIKT__ARCHIVE_TAKEN__INIT;
    char run[UPP_ID], campaign[WINDOW_ID];
    int64_t state = RUN_WAITING;
    UPP_TRY(archive_may(txn, in, c->account));
    UPP_TRY(known(txn, c->account));
    if (!me->config->folder)
        return upp_refuse(txn, "no-folder");
    if (c->campaign[0] && !campaign_well_formed(c->campaign))
        return upp_refuse(txn, "campaign-malformed");
    if (c->campaign[0])
        copy(campaign, sizeof campaign, c->campaign);
    else
        UPP_TRY(campaign_now(txn, self, c->account, campaign));
    const int none = find(txn, c->account, campaign, run, &state);
    UPP_TRY(none);
    if (none || state == RUN_SEALED)
        UPP_TRY(run_new(txn, c->account, campaign, "asked", upp_now(txn),
                        upp_now(txn) + me->config->asked_span, run));
    else if (state == RUN_WAITING || state == RUN_FAILED || state == RUN_MANUAL)
        UPP_TRY(run_restart(txn, run));
    out.run = run;
    return upp_reply(txn, &out.base);
}
