/* town.c - the municipality of the stories: its clock, its stores, what people ask of it. */
#include "town.h"
#include "civil.h"
#include "town_part.h"
#include "uppsikt/bus.pb-c.h"
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

void town_wrong(town *t, const char *fmt, ...)
{
    if (t->why[0])
        return;
    va_list args;
    va_start(args, fmt);
    vsnprintf(t->why, sizeof t->why, fmt, args);
    va_end(args);
}

upp_ms town_at(const char *text)
{
    int64_t ms = 0;
    upp_check(civil_parse(text, &ms) == 0);
    return ms;
}

void town_until(town *t, const char *text)
{
    const upp_ms span = town_at(text) - sim_now(t->s);
    if (span < 0)
        town_wrong(t, "%s has been", text);
    else
        sim_run(t->s, span);
}

/* -- what came of it -- */
sqlite3 *town_store(town *t, const char *service)
{
    for (int i = 0; i < 600 && !sim_node(t->s, service); i++)
        sim_run(t->s, 100); /* it is dead just now, and up again in a moment */
    upp_check(sim_node(t->s, service));
    return upp_node_db(sim_node(t->s, service));
}

int64_t town_number(town *t, const char *service, const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    int64_t n = -1;
    sqlite3 *db = town_store(t, service);
    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    if (sqlite3_step(stmt) == SQLITE_ROW)
        n = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return n;
}

void town_text(town *t, const char *service, const char *sql, char ret_text[48])
{
    sqlite3_stmt *stmt = NULL;
    sqlite3 *db = town_store(t, service);
    ret_text[0] = '\0';
    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    if (sqlite3_step(stmt) == SQLITE_ROW)
        snprintf(ret_text, 48, "%s", (const char *)sqlite3_column_text(stmt, 0));
    sqlite3_finalize(stmt);
}

/* A mail that was sent again with the same identity is one. */
size_t town_mailed(const town *t, const char *to, upp_ms from, upp_ms until)
{
    size_t n = 0;
    for (size_t i = 0; i < t->n_mails; i++) {
        const town_mail *m = &t->mails[i];
        bool first = strcmp(m->to, to) == 0 && m->at >= from && m->at < until;
        for (size_t k = 0; k < i && first; k++)
            first = strcmp(t->mails[k].key, m->key) != 0;
        n += first;
    }
    return n;
}

/* -- people -- */
size_t town_send_to(town *t, const char *service, const char *by, const ProtobufCMessage *command)
{
    return sim_command(t->s, service, by, command);
}

size_t town_send(town *t, const char *by, const ProtobufCMessage *command)
{
    return town_send_to(t, "escalation", by, command);
}

const char *town_answer(town *t, size_t command, char ret_refused[96])
{
    upp_frames outcome;
    for (int i = 0; i < 600 && !sim_outcome(t->s, command, &outcome); i++)
        sim_run(t->s, UPP_SECOND);
    if (!sim_outcome(t->s, command, &outcome)) {
        snprintf(ret_refused, 96, "nobody answered");
        return ret_refused;
    }
    Uppsikt__AnswerHead *head =
        uppsikt__answer_head__unpack(NULL, outcome.chain.len, outcome.chain.at);
    upp_check(head);
    snprintf(ret_refused, 96, "%s", head->refused);
    uppsikt__answer_head__free_unpacked(head, NULL);
    return ret_refused;
}

void town_did(town *t, const char *service, const char *by, const ProtobufCMessage *command)
{
    char refused[96];
    const size_t n = sim_command(t->s, service, by, command);
    if (town_answer(t, n, refused)[0])
        town_wrong(t, "%s refused %s: %s", service, command->descriptor->short_name, refused);
}

/* -- faults -- */
void town_weather(town *t)
{
    static const struct {
        enum sim_fault fault;
        unsigned worst;
    } rows[] = {
        { SIM_DELAY, 40 },      { SIM_DOUBLE, 30 },    { SIM_LATE, 30 },
        { SIM_PORT_LATER, 30 }, { SIM_PORT_LOST, 30 }, { SIM_SMALL, 50 },
    };
    sim_chaos(t->s, 5 + (unsigned)sim_below(&t->rand, 20));
    for (size_t i = 0; i < UPP_LEN(rows); i++)
        if (sim_chance(&t->rand, 60))
            sim_fault(t->s, rows[i].fault, 1 + (unsigned)sim_below(&t->rand, rows[i].worst));
}

void town_clear(town *t)
{
    sim_heal(t->s);
}
