/* town.c - the municipality of the stories. */
#include "town.h"
#include "brute.h"
#include "civil.h"
#include "uppsikt/bus.pb-c.h"
#include "uppsikt/ingest.pb-c.h"
#include <inttypes.h>
#include <jansson.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const upp_service upp_registry_service, upp_ingest_service, upp_classify_service,
    upp_escalation_service;

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
static sqlite3 *store_of(town *t, const char *service)
{
    for (int i = 0; i < 100 && !sim_node(t->s, service); i++)
        sim_run(t->s, 100); /* it is dead just now, and up again in a moment */
    upp_check(sim_node(t->s, service));
    return upp_node_db(sim_node(t->s, service));
}

int64_t town_number(town *t, const char *service, const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    int64_t n = -1;
    sqlite3 *db = store_of(t, service);
    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    if (sqlite3_step(stmt) == SQLITE_ROW)
        n = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return n;
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
size_t town_send(town *t, const char *by, const ProtobufCMessage *command)
{
    return sim_command(t->s, "escalation", by, command);
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

static void did(town *t, const char *service, const char *by, const ProtobufCMessage *command)
{
    char refused[96];
    const size_t n = sim_command(t->s, service, by, command);
    if (town_answer(t, n, refused)[0])
        town_wrong(t, "%s refused %s: %s", service, command->descriptor->short_name, refused);
}

/* -- the register -- */
static void unit(town *t, const char *by, const char *id, const char *parent, const char *manager,
                 const char *head)
{
    Uppsikt__RegisterUnit c = UPPSIKT__REGISTER_UNIT__INIT;
    const bool communications = strcmp(id, "komm") == 0;
    c.unit = upp_lend(id);
    c.authority = upp_lend("ks");
    c.name = upp_lend(id);
    c.parent = upp_lend(parent);
    c.manager = upp_lend(manager);
    c.head = upp_lend(head);
    c.communications = communications;
    c.function_mail = upp_lend(communications ? "komm@x.se" : "");
    did(t, "registry", by, &c.base);
}

static void person(town *t, const char *by, const char *id, const char *of, const char *role)
{
    Uppsikt__RegisterPerson c = UPPSIKT__REGISTER_PERSON__INIT;
    Uppsikt__PersonRegisteredContent who = UPPSIKT__PERSON_REGISTERED_CONTENT__INIT;
    char *roles[] = { upp_lend(role) };
    char mail[64];
    snprintf(mail, sizeof mail, "%s@x.se", id);
    who.first_name = upp_lend(id);
    who.last_name = upp_lend("Ek");
    who.title = upp_lend("handläggare");
    who.mail = mail;
    c.person = upp_lend(id);
    c.unit = upp_lend(of);
    c.roles = roles;
    c.n_roles = 1;
    c.who = &who;
    did(t, "registry", by, &c.base);
}

static void access_to(town *t, const char *id, uint32_t rank)
{
    Uppsikt__GrantAccess c = UPPSIKT__GRANT_ACCESS__INIT;
    c.account = upp_lend("acc");
    c.person = upp_lend(id);
    c.rank = rank;
    did(t, "registry", "chef", &c.base);
}

static void found(town *t)
{
    Uppsikt__RegisterAuthority ks = UPPSIKT__REGISTER_AUTHORITY__INIT;
    ks.authority = upp_lend("ks");
    ks.name = upp_lend("Kommunstyrelsen");
    ks.org_number = upp_lend("212000-1234");
    did(t, "registry", NULL, &ks.base);
    unit(t, NULL, "komm", "", "", "");
    unit(t, NULL, "sektor", "", "", "");
    unit(t, NULL, "skola", "sektor", "", "");
    person(t, NULL, "ops", "komm", "operations");
    person(t, "ops", "com", "komm", "communications");
    person(t, "ops", "head", "sektor", "reader");
    person(t, "ops", "chef", "skola", "manager");
    static const char *const administrators[] = { "anna", "bo", "carl", "dora" };
    for (size_t i = 0; i < UPP_LEN(administrators); i++)
        person(t, "ops", administrators[i], "skola", "administrator");
    unit(t, "ops", "sektor", "", "", "head");
    unit(t, "ops", "skola", "sektor", "chef", "");
    Uppsikt__ChangeAccount c = UPPSIKT__CHANGE_ACCOUNT__INIT;
    Uppsikt__AccountChangedContent facts = UPPSIKT__ACCOUNT_CHANGED_CONTENT__INIT;
    facts.name = upp_lend("Skolan");
    c.account = upp_lend("acc");
    c.platform = upp_lend("facebook");
    c.unit = upp_lend("skola");
    c.taken_over = true;
    c.facts = &facts;
    did(t, "registry", "com", &c.base);
    access_to(t, "anna", 1);
    access_to(t, "bo", 2);
}

void town_away(town *t, const char *who, const char *from, const char *to, const char *substitute)
{
    Uppsikt__SetAbsence c = UPPSIKT__SET_ABSENCE__INIT;
    Uppsikt__AbsenceSetContent when = UPPSIKT__ABSENCE_SET_CONTENT__INIT;
    char *list[] = { upp_lend(substitute ? substitute : "") };
    when.from_ms = town_at(from);
    when.to_ms = town_at(to);
    when.n_substitutes = substitute ? 1 : 0;
    when.substitutes = list;
    c.person = upp_lend(who);
    c.when = &when;
    did(t, "registry", who, &c.base);
}

/* -- comments -- */
static void put(json_t *line, const char *name, const char *value)
{
    if (value)
        upp_check(json_object_set_new(line, name, json_string(value)) == 0);
}

void town_import(town *t, const town_line *lines, size_t n)
{
    Uppsikt__ImportLines c = UPPSIKT__IMPORT_LINES__INIT;
    ProtobufCBinaryData *list = calloc(n, sizeof *list);
    char name[32];
    upp_check(list);
    for (size_t i = 0; i < n; i++) {
        json_t *line = json_object();
        put(line, "external_id", lines[i].id);
        put(line, "kind", lines[i].kind ? lines[i].kind : "comment");
        put(line, "external_parent_id", lines[i].parent);
        put(line, "created_at", lines[i].created);
        put(line, "edited_at", lines[i].edited);
        put(line, "text", lines[i].text);
        put(line, "state", lines[i].state);
        char *text = json_dumps(line, JSON_COMPACT);
        upp_check(text);
        list[i] = (ProtobufCBinaryData){ strlen(text), (uint8_t *)text };
        json_decref(line);
    }
    snprintf(name, sizeof name, "fil-%d", ++t->lines);
    c.import = name;
    c.first_line = 1;
    c.n_lines = n;
    c.lines = list;
    c.last = true;
    c.account = upp_lend("acc");
    (void)sim_command(t->s, "ingest", NULL, &c.base);
    for (size_t i = 0; i < n; i++)
        free(list[i].data);
    free(list);
}

void town_item(town *t, const char *received, char ret_item[UPP_ID])
{
    ret_item[0] = '\0';
    for (int i = 0; i < 7200 && !ret_item[0]; i++) {
        sqlite3_stmt *stmt = NULL;
        upp_check(sqlite3_prepare_v2(store_of(t, "escalation"),
                                     "SELECT item FROM item WHERE received_ms = ?1", -1, &stmt,
                                     NULL) == SQLITE_OK);
        upp_check(sqlite3_bind_int64(stmt, 1, town_at(received)) == SQLITE_OK);
        if (sqlite3_step(stmt) == SQLITE_ROW)
            snprintf(ret_item, UPP_ID, "%s", (const char *)sqlite3_column_text(stmt, 0));
        sqlite3_finalize(stmt);
        if (!ret_item[0])
            sim_run(t->s, UPP_SECOND);
    }
    if (!ret_item[0])
        town_wrong(t, "the comment of %s did not come within two hours", received);
}

void town_judged(town *t, const char *item, uint32_t version, Uppsikt__Label label)
{
    Uppsikt__CommentClassified c = UPPSIKT__COMMENT_CLASSIFIED__INIT;
    Uppsikt__CommentClassifiedContent reasons = UPPSIKT__COMMENT_CLASSIFIED_CONTENT__INIT;
    Uppsikt__Finding f = UPPSIKT__FINDING__INIT;
    Uppsikt__Finding *list[] = { &f };
    f.label = label;
    f.band = UPPSIKT__BAND__BAND_LIKELY;
    c.item = upp_lend(item);
    c.account = upp_lend("acc");
    c.version = version;
    c.duty = UPPSIKT__DUTY__DUTY_HOUSE_RULE;
    c.n_findings = label ? 1 : 0;
    c.findings = list;
    sim_say(t->s, "classify", item, &c.base, &reasons.base);
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
}

/* -- a run, and what must hold after every one of them -- */
typedef struct world {
    upp_bytes zone;
    uint8_t *bytes;
    zone *tz;
    policy pol;
    brute *brute;
    uint64_t dues, notices;
} world;

/* I16: every due, counted again minute by minute by a program that shares nothing with ours. */
static void check_dues(town *t, world *w)
{
    sqlite3_stmt *stmt = NULL;
    upp_check(sqlite3_prepare_v2(store_of(t, "escalation"),
                                 "SELECT kind, received_ms, due_ms FROM matter WHERE due_ms > 0"
                                 " AND akut = 0 AND outside = 0",
                                 -1, &stmt, NULL) == SQLITE_OK);
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        const int kind = sqlite3_column_int(stmt, 0);
        const upp_ms received = sqlite3_column_int64(stmt, 1);
        const upp_ms due =
            kind == UPPSIKT__MATTER_KIND__MATTER_KIND_MODERATION
                ? received + UPP_DAY
                : brute_due(w->brute, received,
                            (kind == UPPSIKT__MATTER_KIND__MATTER_KIND_QUESTION ? 480 : 240) *
                                UPP_MINUTE);
        w->dues++;
        if (due != sqlite3_column_int64(stmt, 2))
            town_wrong(t, "I16: due of kind %d received at %" PRId64, kind, received);
    }
    sqlite3_finalize(stmt);
}

/* What must be nothing, whatever happened. */
static void check_stores(town *t, world *w)
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
          "SELECT count(*) FROM matter WHERE state = 0 AND due_ms > 0 AND breached = 0 AND due_ms <"
          " (SELECT max(at_ms) - 60000 FROM notice)" },
        { "I24: a notice without an end", "SELECT count(*) FROM notice WHERE state = 0" },
        { "R17: a person's notice of a step lies in no mail and waits for none",
          "SELECT count(*) FROM pending WHERE notice = '' AND NOT EXISTS"
          " (SELECT 1 FROM upp_alarm WHERE key = 'mail/' || person)" },
        { "an alarm of a matter that is closed",
          "SELECT count(*) FROM upp_alarm a JOIN matter m ON a.key IN ('step/' || m.matter,"
          " 'breach/' || m.matter) WHERE m.state <> 0" },
        { "something was parked", "SELECT count(*) FROM upp_parked" },
    };
    for (size_t i = 0; i < UPP_LEN(rows); i++)
        if (town_number(t, "escalation", rows[i].sql) != 0)
            town_wrong(t, "%s", rows[i].what);
    w->notices += (uint64_t)town_number(t, "escalation", "SELECT count(*) FROM notice");
}

/* R24: no word of any comment in any mail; ten mails a day to one person at most. */
static void check_mails(town *t)
{
    for (size_t i = 0; i < t->n_mails; i++) {
        const town_mail *m = &t->mails[i];
        if (strstr(m->text, "MARK-") || strstr(m->text, "kötid"))
            town_wrong(t, "R24: a comment's words in a mail");
        const upp_ms day = m->at / UPP_DAY * UPP_DAY; /* of UTC: duty does not cross it */
        if (town_mailed(t, m->to, day, day + UPP_DAY) > 10)
            town_wrong(t, "R17: more than ten mails in a day to %s", m->to);
    }
}

static uint64_t play(world *w, town_story *story, unsigned services, uint64_t seed,
                     sim_tally *tally, char ret_why[400])
{
    const upp_service *list[4] = { &upp_registry_service, &upp_escalation_service };
    size_t n = 2;
    if (services & TOWN_INGEST)
        list[n++] = &upp_ingest_service;
    if (services & TOWN_CLASSIFY)
        list[n++] = &upp_classify_service;
    town t = { .s = sim_new(seed, list, n), .seed = seed, .rand = sim_rand_new(seed, 0x70) };
    t.config = (escalation_config){ .zone = w->zone,
                                    .operations_mail = "drift@x.se",
                                    .link_base = "https://uppsikt.x.se/sak",
                                    .language = "sv" };
    t.mails = calloc(TOWN_MAILS, sizeof *t.mails);
    upp_check(t.mails);
    sim_config(t.s, "escalation", &t.config);
    sim_port(t.s, "mail", take_mail, &t);
    found(&t);
    story(&t);
    if (!sim_settle(t.s, 2 * UPP_DAY))
        town_wrong(&t, "it does not come to rest: %s", sim_why(t.s));
    if (!sim_check(t.s, tally))
        town_wrong(&t, "%s", sim_why(t.s));
    check_dues(&t, w);
    check_stores(&t, w);
    check_mails(&t);
    snprintf(ret_why, 400, "%s", t.why);
    const uint64_t hash = sim_hash(t.s);
    sim_free(t.s);
    for (size_t i = 0; i < t.n_mails; i++)
        free(t.mails[i].text);
    free(t.mails);
    return hash;
}

static void world_open(world *w)
{
    enum { ZONE_BYTES = 64 * 1024 };
    const char *why = "";
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
}

static void world_close(world *w)
{
    brute_free(w->brute);
    policy_done(&w->pol);
    zone_free(w->tz);
    free(w->bytes);
}

static void report(const char *name, const sim_tally *tally, const world *w, uint64_t seeds,
                   uint64_t bad)
{
    for (unsigned i = 0; i < SIM_INVARIANTS; i++)
        if (i != SIM_I15 || tally->checked[i] > 0) /* not every story forgets */
            printf("%s: %-28s %10" PRIu64 " checked %6" PRIu64 " broken\n", name,
                   sim_invariant_name((enum sim_invariant)i), tally->checked[i], tally->broken[i]);
    printf("%s: %-28s %10" PRIu64 " checked\n", name, "I16 due counted again", w->dues);
    printf("%s: %-28s %10" PRIu64 " checked\n", name, "R17 notices", w->notices);
    printf("%" PRIu64 " seeds, %" PRIu64 " bad; %" PRIu64 " transactions, %" PRIu64
           " inputs, %" PRIu64 " crashes\n",
           seeds, bad, tally->batches, tally->inputs, tally->crashes);
}

/* 0: not set. */
static uint64_t number_of(const char *name)
{
    const char *text = getenv(name);
    return text ? strtoull(text, NULL, 10) : 0;
}

void town_tell(const char *name, town_story *story, unsigned services, uint64_t seeds)
{
    const uint64_t one = number_of("UPP_SEED"), times = number_of("UPP_SEEDS");
    const uint64_t from = one ? one : 1;
    const uint64_t to = one ? one : seeds * (times ? times : 1);
    uint64_t bad = 0;
    sim_tally tally = { 0 };
    world w;
    world_open(&w);
    for (uint64_t seed = from; seed <= to; seed++) {
        char why[400], again[400];
        const uint64_t hash = play(&w, story, services, seed, &tally, why);
        if (seed < 5 && play(&w, story, services, seed, &tally, again) != hash)
            snprintf(why, sizeof why, "two runs of one seed, two hashes");
        if (why[0])
            printf("%s: seed %" PRIu64 ": %s\n", name, seed, why);
        bad += why[0] != '\0';
    }
    report(name, &tally, &w, to - from + 1, bad);
    world_close(&w);
    assert_int_equal(bad, 0);
}
