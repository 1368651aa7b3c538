/* town_console.c - console in the town: what it shows must be what the owners hold, and every list
 * that people open must open. Nobody's browser is here (tests/web has them). */
#include "town.h"
#include "town_part.h"
#include "uppsikt/bus.pb-c.h"
#include "uppsikt/console.pb-c.h"
#include "uppsikt/escalation.pb-c.h"
#include "uppsikt/ingest.pb-c.h"
#include "uppsikt/registry.pb-c.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const upp_service upp_console_service;

typedef struct answered {
    uint64_t rows;
    bool ended, refused;
} answered;

static bool take_row(void *ctx, const upp_frames *frames)
{
    answered *a = ctx;
    Uppsikt__AnswerHead *head =
        uppsikt__answer_head__unpack(NULL, frames->chain.len, frames->chain.at);
    upp_check(head);
    a->rows += frames->type.len > 0;
    a->ended = a->ended || head->last;
    a->refused = a->refused || head->refused[0] != '\0';
    uppsikt__answer_head__free_unpacked(head, NULL);
    return true;
}

/* 0, or what the node gave. */
static int put(town *t, const char *service, const ProtobufCMessage *query,
               bool (*take)(void *ctx, const upp_frames *frames), void *ctx)
{
    uint8_t head[64], body[128], id[16] = { 3 };
    (void)town_store(t, service); /* waits until it is up */
    Uppsikt__RequestHead request = UPPSIKT__REQUEST_HEAD__INIT;
    request.id = (ProtobufCBinaryData){ sizeof id, id };
    request.by = upp_lend("anna");
    const char *type = query->descriptor->name;
    upp_check(protobuf_c_message_get_packed_size(query) <= sizeof body);
    const upp_frames frames = {
        .type = { (const uint8_t *)type, strlen(type) },
        .envelope = { head, uppsikt__request_head__pack(&request, head) },
        .content = { body, protobuf_c_message_pack(query, body) },
    };
    return upp_node_query(sim_node(t->s, service), sim_now(t->s), "console", &frames, take, ctx);
}

static void ask(town *t, const char *service, const ProtobufCMessage *query)
{
    answered a = { 0 };
    const int rc = put(t, service, query, take_row, &a);
    if (rc < 0 || !a.ended || a.refused)
        town_wrong(t, "%s does not answer %s", service, query->descriptor->short_name);
    town_counted(t, "lists that were asked for", 1);
    town_counted(t, "rows of lists", a.rows);
}

/* With a limit, since each is a page. */
static void ask_all(town *t)
{
    Uppsikt__Findings findings = UPPSIKT__FINDINGS__INIT;
    Uppsikt__Connections connections = UPPSIKT__CONNECTIONS__INIT;
    Uppsikt__Items items = UPPSIKT__ITEMS__INIT;
    Uppsikt__Quarantine quarantine = UPPSIKT__QUARANTINE__INIT;
    Uppsikt__OpenMatters matters = UPPSIKT__OPEN_MATTERS__INIT;
    Uppsikt__AccountLines accounts = UPPSIKT__ACCOUNT_LINES__INIT;
    Uppsikt__DisposalLines disposals = UPPSIKT__DISPOSAL_LINES__INIT;
    Uppsikt__HoldLines holds = UPPSIKT__HOLD_LINES__INIT;
    Uppsikt__Greeting greeting = UPPSIKT__GREETING__INIT;
    Uppsikt__Login login = UPPSIKT__LOGIN__INIT;
    findings.limit = connections.limit = items.limit = quarantine.limit = matters.limit = 20;
    matters.closed_too = true;
    disposals.limit = 20;
    accounts.person = holds.person = greeting.person = upp_lend("anna");
    greeting.account = upp_lend("acc");
    login.name = upp_lend("anna.ek");
    login.address = upp_lend("192.0.2.1");
    ask(t, "registry", &findings.base);
    ask(t, "ingest", &connections.base);
    ask(t, "ingest", &items.base);
    ask(t, "ingest", &quarantine.base);
    ask(t, "escalation", &matters.base);
    ask(t, "console", &accounts.base);
    ask(t, "console", &disposals.base);
    ask(t, "console", &holds.base);
    ask(t, "console", &greeting.base);
    ask(t, "console", &login.base);
}

/* -- what was written is found, each version once (R28) -- */
typedef struct finds {
    int64_t n; /* of what others wrote */
    bool more;
    Uppsikt__Find next;
    char before[80];
} finds;

static bool take_find(void *ctx, const upp_frames *frames)
{
    finds *f = ctx;
    if (frames->type.len == 0) /* the end of the answer */
        return true;
    Uppsikt__FoundRow *row =
        uppsikt__found_row__unpack(NULL, frames->envelope.len, frames->envelope.at);
    upp_check(row);
    f->more = row->so_far;
    f->n += !row->so_far && row->kind != UPPSIKT__ITEM_KIND__ITEM_KIND_OWN_POST &&
            row->kind != UPPSIKT__ITEM_KIND__ITEM_KIND_OWN_REPLY;
    if (row->so_far) {
        snprintf(f->before, sizeof f->before, "%s", row->item);
        f->next.before_ms = row->at_ms;
        f->next.before = f->before;
        f->next.before_version = row->version;
    }
    uppsikt__found_row__free_unpacked(row, NULL);
    return true;
}

static void search(town *t)
{
    finds f = { .more = true, .next = UPPSIKT__FIND__INIT };
    f.next.person = upp_lend("anna"); /* she has access to the one account that there is */
    while (f.more) {
        f.more = false;
        if (put(t, "console", &f.next.base, take_find, &f) < 0)
            town_wrong(t, "console does not answer a search");
    }
    /* An answer of ours is forgotten with its question by who has not heard of it by then. */
    const int64_t held = town_number(t, "ingest",
                                     "SELECT count(*) FROM version JOIN item i USING (item)"
                                     " WHERE text_ref <> 0 AND i.ours = 0");
    if (f.n != held)
        town_wrong(t, "R28: console finds %" PRId64 " versions, ingest holds %" PRId64, f.n, held);
    town_counted(t, "versions that a search finds", (uint64_t)f.n);
}

/* -- one truth of how it went (R32) -- */
enum { CLOCKS = 6, NUMBERS = 9 };
typedef struct counted {
    int64_t n[CLOCKS][NUMBERS];
    uint64_t seen;
} counted;

static void take_clock(counted *c, const Uppsikt__ReportRow *r)
{
    static const char *const names[CLOCKS] = { "moderation", "akut", "question",
                                               "answer",     "look", "appeal" };
    for (size_t i = 0; i < CLOCKS; i++)
        if (strcmp(names[i], r->clock) == 0) {
            const int64_t n[NUMBERS] = { r->n_in,      r->met,     r->late,
                                         r->open_late, r->open,    r->withdrawn,
                                         r->percent,   r->changed, r->needs_no_answer };
            memcpy(c->n[i], n, sizeof n);
            c->seen++;
        }
}

static bool take_report(void *ctx, const upp_frames *frames)
{
    if (frames->type.len == 0) /* the end of the answer */
        return true;
    Uppsikt__ReportRow *row =
        uppsikt__report_row__unpack(NULL, frames->envelope.len, frames->envelope.at);
    upp_check(row);
    if (!row->account[0])
        take_clock(ctx, row);
    uppsikt__report_row__free_unpacked(row, NULL);
    return true;
}

static bool take_audit(void *ctx, const upp_frames *frames)
{
    if (frames->type.len == 0)
        return true;
    Uppsikt__AuditRow *row =
        uppsikt__audit_row__unpack(NULL, frames->envelope.len, frames->envelope.at);
    upp_check(row);
    for (size_t i = 0; i < row->n_clocks; i++)
        take_clock(ctx, row->clocks[i]);
    uppsikt__audit_row__free_unpacked(row, NULL);
    return true;
}

static void compare_reports(town *t)
{
    Uppsikt__Report report = UPPSIKT__REPORT__INIT;
    Uppsikt__Audit audit = UPPSIKT__AUDIT__INIT;
    counted held = { .seen = 0 }, shown = { .seen = 0 };
    report.from_ms = audit.from_ms = sim_now(t->s) - 400 * UPP_DAY;
    audit.to_ms = sim_now(t->s) + UPP_DAY;
    report.to_ms = sim_now(t->s);
    if (put(t, "escalation", &report.base, take_report, &held) < 0 ||
        put(t, "console", &audit.base, take_audit, &shown) < 0 || held.seen != CLOCKS ||
        shown.seen != CLOCKS)
        town_wrong(t, "R32: a report has no answer");
    for (size_t i = 0; i < CLOCKS; i++)
        for (size_t k = 0; k < NUMBERS; k++)
            if (held.n[i][k] != shown.n[i][k])
                town_wrong(t, "R32: clock %zu, number %zu: console %" PRId64 ", report %" PRId64, i,
                           k, shown.n[i][k], held.n[i][k]);
    town_counted(t, "clocks of a report", CLOCKS);
}

static void check(town *t, void *own)
{
    static const struct {
        const char *owner, *sql;
    } rows[] = {
        { "escalation", "SELECT count(*) FROM matter" },
        { "escalation", "SELECT count(*) FROM matter WHERE state = 0" },
        { "escalation", "SELECT count(*) FROM matter WHERE state = 2" },
        { "escalation", "SELECT coalesce(sum(due_ms), 0) FROM matter WHERE state = 0" },
        { "escalation", "SELECT count(*) FROM item WHERE hidden = 1 AND gone = 0" },
    };
    (void)own;
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        const int64_t held = town_number(t, rows[i].owner, rows[i].sql);
        const int64_t shown = town_number(t, "console", rows[i].sql);
        if (held != shown)
            town_wrong(t, "R42: at rest console shows %" PRId64 ", %s holds %" PRId64 ": %s", shown,
                       rows[i].owner, held, rows[i].sql);
        town_counted(t, "facts that console shows", 1);
    }
    const int64_t hidden = town_number(t, "ingest", "SELECT count(*) FROM item WHERE state = 1");
    if (hidden !=
        town_number(t, "console", "SELECT count(*) FROM item WHERE hidden = 1 AND gone = 0"))
        town_wrong(t, "R25: at rest console does not show what is hidden there");
    town_counted(t, "R25 comments that are hidden", (uint64_t)hidden);
    if (town_number(t, "console", "SELECT count(*) FROM upp_parked") != 0)
        town_wrong(t, "console parked something");
    ask_all(t);
    search(t);
    compare_reports(t);
}

const town_part town_console = { .flag = TOWN_CONSOLE,
                                 .service = &upp_console_service,
                                 .check = check };
