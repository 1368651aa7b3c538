/* town_escalation.c - escalation in the town: its policy, the mail server of the world, and what
 * must hold of every clock, step and mail. */
#include "brute.h"
#include "town.h"
#include "town_mailbox.h"
#include "town_part.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const upp_service upp_escalation_service;

typedef struct world {
    upp_bytes zone;
    uint8_t *bytes;
    zone *tz;
    policy pol;
    brute *brute;
} world;

static void take_mail(void *ctx, sim *s, const sim_attempt *attempt, sim_reply *reply)
{
    town *t = ctx;
    const Uppsikt__SendMail *m = (const Uppsikt__SendMail *)attempt->asked.request;
    (void)s;
    uppsikt__mail_done__init(&t->done);
    t->done.accepted = true;
    t->done.reply = 250;
    reply->answer = &t->done.base;
    upp_check(t->n_mails < TOWN_MAILS);
    town_mail *mail = &t->mails[t->n_mails++];
    *mail = (town_mail){ .text = strdup(m->text), .at = attempt->now };
    snprintf(mail->to, sizeof mail->to, "%s", m->to);
    snprintf(mail->key, sizeof mail->key, "%s", attempt->asked.key);
    town_mailbox_sent(t, mail->to, mail->key);
}

/* By the register's own copy of that policy; -1: it has none of that number. */
static int64_t minutes_of(town *t, int64_t version, bool question)
{
    char sql[200];
    const char *key = question ? "first_response_office: " : "triage_office: ";
    snprintf(sql, sizeof sql,
             "SELECT CAST(substr(yaml, instr(yaml, '%s') + %zu) AS INTEGER) FROM policy"
             " WHERE version = %" PRId64,
             key, strlen(key), version);
    return town_number(t, "registry", sql);
}

/* The adopted one that counts for the account by the register: its authority's own, unless that
 * goes by the body's (again), else the body's; 0: none. */
static int64_t in_force_for(town *t, const char *account)
{
    char sql[500];
    snprintf(sql, sizeof sql,
             "SELECT coalesce((SELECT CASE yaml WHEN '' THEN NULL ELSE version END FROM policy"
             " WHERE authority = (SELECT u.authority FROM account a JOIN unit u USING (unit)"
             " WHERE a.account = '%s') ORDER BY version DESC LIMIT 1),"
             " (SELECT max(version) FROM policy WHERE authority = ''), 0)",
             account);
    return town_number(t, "registry", sql);
}

/* I16: a due, counted again minute by minute by a program that shares nothing with ours. What ended
 * before the first policy was adopted was counted with the built-in 1. */
static bool is_due(town *t, const world *w, sqlite3_stmt *row)
{
    const int kind = sqlite3_column_int(row, 0);
    const upp_ms received = sqlite3_column_int64(row, 1);
    const upp_ms due = sqlite3_column_int64(row, 2);
    const bool question = kind == UPPSIKT__MATTER_KIND__MATTER_KIND_QUESTION;
    const bool open = sqlite3_column_int(row, 3) == 0;
    const int64_t version = sqlite3_column_int64(row, 4);
    const int64_t in_force = in_force_for(t, (const char *)sqlite3_column_text(row, 5));
    if (kind == UPPSIKT__MATTER_KIND__MATTER_KIND_MODERATION)
        return due == received + UPP_DAY;
    if (open && in_force > 0 && version != in_force)
        return false;
    const int64_t minutes = minutes_of(t, version, question);
    if (minutes > 0 && due == brute_due(w->brute, received, minutes * UPP_MINUTE))
        return true;
    return version == 1 && (in_force == 0 || !open) &&
           due == brute_due(w->brute, received, (question ? 480 : 240) * UPP_MINUTE);
}

static void check_dues(town *t, const world *w)
{
    const int64_t adopted = town_number(t, "registry", "SELECT count(*) FROM policy");
    const int64_t own =
        town_number(t, "registry", "SELECT count(*) FROM policy WHERE authority <> ''");
    sqlite3_stmt *stmt = NULL;
    uint64_t dues = 0;
    upp_check(sqlite3_prepare_v2(town_store(t, "escalation"),
                                 "SELECT kind, received_ms, due_ms, state, policy_version,"
                                 " account"
                                 " FROM matter WHERE due_ms > 0"
                                 " AND akut = 0 AND errand = 0 AND answer = 0",
                                 -1, &stmt, NULL) == SQLITE_OK);
    for (; sqlite3_step(stmt) == SQLITE_ROW; dues++)
        if (!is_due(t, w, stmt))
            town_wrong(t, "I16: due of kind %d received at %" PRId64 ", policy %" PRId64,
                       sqlite3_column_int(stmt, 0), (int64_t)sqlite3_column_int64(stmt, 1),
                       (int64_t)sqlite3_column_int64(stmt, 4));
    sqlite3_finalize(stmt);
    town_counted(t, "I16 due counted again", dues);
    town_counted(t, "R02 policies adopted", (uint64_t)adopted);
    town_counted(t, "R02 of one authority's own", (uint64_t)own);
}

/* What must be nothing, whatever happened. */
static void check_stores(town *t)
{
    static const struct {
        const char *what, *sql;
    } rows[] = {
        { "I17: a step was sent before its time",
          "SELECT count(*) FROM pending p JOIN step s USING (matter, round, number, due_rev)"
          " WHERE p.at_ms < s.time_ms" },
        { "I17: a step was taken twice with one due",
          "SELECT count(*) - count(DISTINCT matter || '/' || number || '/' || due_rev) FROM step" },
        { "I18: overdue, and nobody was told",
          "SELECT count(*) FROM matter WHERE state = 0 AND due_ms > 0 AND breached = 0 AND"
          " first_ms = 0 AND due_ms <"
          " (SELECT max(at_ms) - 60000 FROM notice)" },
        { "I24: a notice without an end", "SELECT count(*) FROM notice WHERE state = 0" },
        { "R17: a person's notice of a step lies in no mail and waits for none",
          "SELECT count(*) FROM pending WHERE notice = '' AND NOT EXISTS"
          " (SELECT 1 FROM upp_alarm WHERE key = 'mail/' || person)" },
        { "an alarm of a matter that is closed",
          "SELECT count(*) FROM upp_alarm a JOIN matter m ON a.key IN ('step/' || m.matter,"
          " 'breach/' || m.matter) WHERE m.state <> 0" },
        { "R20: late, though it was met in time before it was decided anew",
          "SELECT count(*) FROM matter WHERE first_ms > 0 AND first_ms <= due_ms AND breached = "
          "1" },
        { "something was parked", "SELECT count(*) FROM upp_parked" },
    };
    for (size_t i = 0; i < UPP_LEN(rows); i++)
        if (town_number(t, "escalation", rows[i].sql) != 0)
            town_wrong(t, "%s", rows[i].what);
    town_counted(
        t, "R25 matters decided anew",
        (uint64_t)town_number(t, "escalation", "SELECT count(*) FROM matter WHERE first_ms > 0"));
    town_counted(t, "R17 notices",
                 (uint64_t)town_number(t, "escalation", "SELECT count(*) FROM notice"));
}

/* R24: no word of any comment in any mail; ten mails a day to one person at most. */
static void check_mails(town *t)
{
    for (size_t i = 0; i < t->n_mails; i++) {
        const town_mail *m = &t->mails[i];
        if (strstr(m->text, "MARK~") || strstr(m->text, "kötid"))
            town_wrong(t, "R24: a comment's words in a mail");
        const upp_ms day = m->at / UPP_DAY * UPP_DAY; /* of UTC: duty does not cross it */
        if (town_mailed(t, m->to, day, day + UPP_DAY) > 10)
            town_wrong(t, "R17: more than ten mails in a day to %s", m->to);
    }
}

static void *begin(void)
{
    enum { ZONE_BYTES = 64 * 1024 };
    const char *why = "";
    world *w = malloc(sizeof *w);
    upp_check(w);
    *w = (world){ .bytes = malloc(ZONE_BYTES) };
    FILE *file = fopen("/usr/share/zoneinfo/Europe/Stockholm", "rb");
    upp_check(file && w->bytes);
    w->zone = (upp_bytes){ w->bytes, fread(w->bytes, 1, ZONE_BYTES, file) };
    fclose(file);
    upp_check(zone_parse(w->zone, &w->tz, &why) == 0);
    policy_init(&w->pol);
    policy_use_zone(&w->pol, w->tz);
    w->brute = brute_new();
    brute_use(w->brute, policy_calendar(&w->pol, w->pol.duty));
    return w;
}

static void end(void *shared)
{
    world *w = shared;
    brute_free(w->brute);
    policy_done(&w->pol);
    zone_free(w->tz);
    free(w->bytes);
    free(w);
}

typedef struct desk {
    town *t;
    const world *world;
} desk;

static void *open_desk(town *t, void *shared)
{
    const world *w = shared;
    desk *d = malloc(sizeof *d);
    upp_check(d);
    *d = (desk){ t, w };
    t->config = (escalation_config){ .zone = w->zone,
                                     .operations_mail = "drift@x.se",
                                     .public_url = "https://uppsikt.x.se",
                                     .link_life_span = 14 * UPP_DAY,
                                     .language = "sv" };
    sim_config(t->s, "escalation", &t->config);
    sim_port(t->s, "mail", take_mail, t);
    town_mailbox_open(t);
    return d;
}

static void check(town *t, void *own)
{
    check_dues(t, ((const desk *)own)->world);
    check_stores(t);
    check_mails(t);
    town_mailbox_check(t);
}

static void close_desk(void *own)
{
    desk *d = own;
    town_mailbox_close(d->t);
    free(d);
}

const town_part town_escalation = { .service = &upp_escalation_service,
                                    .begin = begin,
                                    .end = end,
                                    .open = open_desk,
                                    .check = check,
                                    .close = close_desk };
