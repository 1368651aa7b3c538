/* desk_more_fixture.c - the rest of the desk: answers, kin, what mails say. */
#include "desk_fixture.h"
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

void desk_say(desk *d, const char *source, const char *subject, const ProtobufCMessage *m)
{
    sim_say(d->s, source, subject, m, NULL);
    sim_run(d->s, 2 * UPP_SECOND);
}

void desk_answered(desk *d, const char *item, const char *action, const char *when,
                   Uppsikt__ReplyKind kind)
{
    Uppsikt__ActionDone a = UPPSIKT__ACTION_DONE__INIT;
    a.action = upp_lend(action);
    a.item = upp_lend(item);
    a.version = 1;
    a.what = UPPSIKT__ITEM_ACTION__ITEM_ACTION_REPLY;
    a.at_ms = desk_at(when);
    a.reply = kind;
    desk_say(d, "ingest", item, &a.base);
}

void desk_aside(desk *d, const char *thread, const char *reply, const char *when)
{
    Uppsikt__ReplySeen c = UPPSIKT__REPLY_SEEN__INIT;
    Uppsikt__ReplySeenContent text = UPPSIKT__REPLY_SEEN_CONTENT__INIT;
    text.text = upp_lend("Hej alla! /Anna, rektor");
    c.reply = upp_lend(reply);
    c.account = upp_lend("acc");
    c.thread = upp_lend(thread);
    c.at_ms = desk_at(when);
    sim_say(d->s, "ingest", reply, &c.base, &text.base);
    sim_run(d->s, 2 * UPP_SECOND);
}

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

void desk_received_kin(desk *d, const char *item, const char *received, desk_kin kin)
{
    Uppsikt__CommentReceived c = UPPSIKT__COMMENT_RECEIVED__INIT;
    c.item = upp_lend(item);
    c.account = upp_lend(kin.account ? kin.account : "acc");
    c.platform = upp_lend("facebook");
    c.kind = UPPSIKT__ITEM_KIND__ITEM_KIND_COMMENT;
    c.version = 1;
    c.received_ms = c.first_seen_ms = desk_at(received);
    c.thread = upp_lend(or_empty(kin.thread));
    c.continues = upp_lend(or_empty(kin.continues));
    c.repeats = upp_lend(or_empty(kin.repeats));
    c.echoes = upp_lend(or_empty(kin.echoes));
    c.twin = upp_lend(or_empty(kin.twin));
    desk_received_as(d, &c);
}

const char *desk_text(desk *d, const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    sqlite3 *db = upp_node_db(sim_node(d->s, "escalation"));
    bool found = false;
    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    if (sqlite3_step(stmt) == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(stmt, 0);
        snprintf(d->text, sizeof d->text, "%s", text ? text : "");
        found = true;
    }
    sqlite3_finalize(stmt);
    return found ? d->text : NULL;
}

bool desk_mail_says(const desk *d, const char *to, const char *text, upp_ms since)
{
    for (size_t i = 0; i < d->n_mails; i++)
        if (d->mails[i].at >= since && strcmp(d->mails[i].to, to) == 0 &&
            strstr(d->mails[i].text, text))
            return true;
    return false;
}
