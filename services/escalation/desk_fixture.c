/* desk_fixture.c - escalation alone under the simulator's clock. */
#include "desk_fixture.h"
#include "civil.h"
#include "uppsikt/bus.pb-c.h"
#include "words.h"
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const upp_service upp_escalation_service;

static void take_mail(void *ctx, sim *s, const sim_attempt *attempt, sim_reply *reply)
{
    desk *d = ctx;
    const Uppsikt__SendMail *m = (const Uppsikt__SendMail *)attempt->asked.request;
    (void)s;
    const bool bounced = d->bounces && strcmp(d->bounces, m->to) == 0;
    uppsikt__mail_done__init(&d->done);
    d->done.accepted = !bounced;
    d->done.reply = bounced ? 550 : 250;
    reply->answer = &d->done.base;
    reply->takes_span = d->takes_span;
    assert_true(d->n_mails < DESK_MAILS);
    desk_mail *mail = &d->mails[d->n_mails++];
    *mail = (desk_mail){ .text = strdup(m->text), .at = attempt->now };
    snprintf(mail->to, sizeof mail->to, "%s", m->to);
    snprintf(mail->subject, sizeof mail->subject, "%s", m->subject);
    snprintf(mail->key, sizeof mail->key, "%s", attempt->asked.key);
}

/* What lies in it, in the order of the UIDs, which begin with 1. */
static void read_mailbox(void *ctx, sim *s, const sim_attempt *attempt, sim_reply *reply)
{
    desk *d = ctx;
    const Uppsikt__ReadMailbox *m = (const Uppsikt__ReadMailbox *)attempt->asked.request;
    const uint32_t after = m->validity == d->validity ? m->after : 0;
    size_t n = 0;
    (void)s;
    d->n_looks++;
    uppsikt__mailbox_read__init(&d->read);
    d->read.validity = d->validity;
    d->read.last = after;
    for (size_t i = after; i < d->n_heard; i++) {
        if (n == m->limit) {
            d->read.more = true;
            break;
        }
        d->hears[n++] = &d->heard[i];
        d->read.last = (uint32_t)i + 1;
    }
    d->read.n_mails = n;
    d->read.mails = d->hears;
    reply->answer = &d->read.base;
}

/* The diary takes each package; the same one again is the same (sim_effects counts). */
static void take_package(void *ctx, sim *s, const sim_attempt *attempt, sim_reply *reply)
{
    desk *d = ctx;
    const Uppsikt__SendDiary *m = (const Uppsikt__SendDiary *)attempt->asked.request;
    (void)s;
    snprintf(d->package, sizeof d->package, "%s", m->package);
    d->n_packages++;
    d->n_diary_items = m->n_items;
    reply->answer = d->diary_later ? NULL : &d->diary.base;
    reply->fate = d->diary_later ? UPP_LATER : d->diary.delivered ? UPP_DONE : UPP_NEVER;
}

static void read_numbers(void *ctx, sim *s, const sim_attempt *attempt, sim_reply *reply)
{
    desk *d = ctx;
    const Uppsikt__ReadNumbers *m = (const Uppsikt__ReadNumbers *)attempt->asked.request;
    (void)s;
    d->n_number_looks++;
    uppsikt__numbers_read__init(&d->numbers);
    d->laid_list[0] = &d->laid;
    for (size_t i = 0; i < m->n_packages; i++)
        if (strcmp(m->packages[i], d->laid.package) == 0)
            d->numbers.n_numbers = 1;
    d->numbers.numbers = d->laid_list;
    reply->answer = &d->numbers.base;
}

void desk_comes(desk *d, Uppsikt__HeardMail__Kind kind, const char *about, const char *from,
                const char *text)
{
    assert_true(d->n_heard < DESK_MAILS);
    Uppsikt__HeardMail *m = &d->heard[d->n_heard];
    uppsikt__heard_mail__init(m);
    snprintf(d->sums[d->n_heard], sizeof d->sums[0], "%064zu", d->n_heard + 1);
    m->mail = d->sums[d->n_heard++];
    m->kind = kind;
    m->notice = upp_lend(about);
    m->from = upp_lend(from);
    m->text = upp_lend(text);
    m->reply = kind == UPPSIKT__HEARD_MAIL__KIND__KIND_BOUNCE ? 550 : 0;
}

/* -- the register -- */
static void unit(desk *d, const char *id, const char *parent, const char *manager, const char *head)
{
    Uppsikt__UnitRegistered u = UPPSIKT__UNIT_REGISTERED__INIT;
    const bool communications = strcmp(id, "komm") == 0;
    u.unit = upp_lend(id);
    u.parent = upp_lend(parent);
    u.manager = upp_lend(manager);
    u.head = upp_lend(head);
    u.communications = communications;
    u.function_mail = upp_lend(communications ? "komm@x.se" : "");
    sim_say(d->s, "registry", id, &u.base, NULL);
}

static void person(desk *d, const char *id, const char *of)
{
    char mail[64];
    Uppsikt__PersonRegistered p = UPPSIKT__PERSON_REGISTERED__INIT;
    Uppsikt__PersonRegisteredContent who = UPPSIKT__PERSON_REGISTERED_CONTENT__INIT;
    snprintf(mail, sizeof mail, "%s@x.se", id);
    p.person = upp_lend(id);
    p.unit = upp_lend(of);
    who.first_name = upp_lend(id);
    who.mail = mail;
    sim_say(d->s, "registry", id, &p.base, &who.base);
}

static void access_to(desk *d, const char *id, uint32_t rank)
{
    Uppsikt__AccessGranted a = UPPSIKT__ACCESS_GRANTED__INIT;
    a.account = upp_lend("acc");
    a.person = upp_lend(id);
    a.rank = rank;
    sim_say(d->s, "registry", "acc", &a.base, NULL);
}

static void register_all(desk *d)
{
    unit(d, "sektor", "", "", "head");
    unit(d, "skola", "sektor", "chef", "");
    unit(d, "komm", "", "", "");
    static const char *const people[] = { "anna", "bo", "chef", "head", "carl", "dora" };
    for (size_t i = 0; i < UPP_LEN(people); i++)
        person(d, people[i], strcmp(people[i], "dora") == 0 ? "annat" : "skola");
    Uppsikt__AccountChanged a = UPPSIKT__ACCOUNT_CHANGED__INIT;
    Uppsikt__AccountChangedContent facts = UPPSIKT__ACCOUNT_CHANGED_CONTENT__INIT;
    a.account = upp_lend("acc");
    a.platform = upp_lend("facebook");
    a.unit = upp_lend("skola");
    a.authority = upp_lend("ks");
    a.state = UPPSIKT__ACCOUNT_CHANGED__STATE__STATE_OPEN;
    facts.name = upp_lend("Skolan");
    sim_say(d->s, "registry", "acc", &a.base, &facts.base);
    access_to(d, "anna", 1);
    access_to(d, "bo", 2);
}

static uint8_t *read_zone(size_t *ret_len)
{
    enum { ZONE_BYTES = 64 * 1024 };
    FILE *file = fopen("/usr/share/zoneinfo/Europe/Stockholm", "rb");
    upp_check(file != NULL);
    uint8_t *bytes = malloc(ZONE_BYTES);
    upp_check(bytes != NULL);
    *ret_len = fread(bytes, 1, ZONE_BYTES, file);
    fclose(file);
    return bytes;
}

static int set_up(void **state, const char *mailbox, const char *diary)
{
    const upp_service *const services[] = { &upp_escalation_service };
    desk *d = calloc(1, sizeof *d);
    upp_check(d);
    size_t len = 0;
    d->zone = read_zone(&len);
    d->config =
        (escalation_config){ .post = { .mailbox = { .url = mailbox, .look_span = 2 * UPP_HOUR },
                                       .diary = { .deliver = diary, .look_span = UPP_MINUTE } },
                             .zone = { d->zone, len },
                             .operations_mail = "drift@x.se",
                             .public_url = "https://uppsikt.x.se",
                             .link_life_span = 14 * UPP_DAY,
                             .language = "sv" };
    d->validity = 7;
    static uint8_t sum[32] = { 0xab };
    uppsikt__diary_number__init(&d->laid);
    uppsikt__diary_sent__init(&d->diary);
    d->diary.delivered = true;
    d->diary.way = upp_lend("folder");
    d->diary.sha256 = (ProtobufCBinaryData){ sizeof sum, sum };
    d->diary.bytes = 4711;
    d->s = sim_new(1, services, 1);
    sim_config(d->s, "escalation", &d->config);
    sim_port(d->s, "mail", take_mail, d);
    sim_port(d->s, "mailbox", read_mailbox, d);
    sim_port(d->s, "diary", take_package, d);
    sim_port(d->s, "numbers", read_numbers, d);
    register_all(d);
    sim_run(d->s, UPP_MINUTE);
    *state = d;
    return 0;
}

int desk_set_up(void **state)
{
    return set_up(state, NULL, NULL);
}

int desk_set_up_mailbox(void **state)
{
    return set_up(state, "imap://mail.x.se", NULL);
}

int desk_set_up_diary(void **state)
{
    return set_up(state, NULL, "/srv/diarium/in");
}

int desk_leave(void **state)
{
    desk *d = *state;
    sim_free(d->s);
    for (size_t i = 0; i < d->n_mails; i++)
        free(d->mails[i].text);
    free(d->zone);
    free(d);
    return 0;
}

int desk_tear_down(void **state)
{
    desk *d = *state;
    sim_tally tally = { 0 };
    const bool settled = sim_settle(d->s, 2 * UPP_DAY);
    const bool well = sim_check(d->s, &tally);
    if (!well || !settled)
        fprintf(stderr, "  %s\n", settled ? sim_why(d->s) : "it does not come to rest");
    (void)desk_leave(state);
    return well && settled ? 0 : -1;
}

upp_ms desk_at(const char *text)
{
    int64_t ms = 0;
    if (civil_parse(text, &ms) != 0)
        fail_msg("not an instant: %s", text);
    return ms;
}

void desk_run(desk *d, upp_ms span)
{
    sim_run(d->s, span);
}

void desk_until(desk *d, const char *text)
{
    const upp_ms span = desk_at(text) - sim_now(d->s);
    if (span < 0)
        fail_msg("%s has been", text);
    sim_run(d->s, span);
}

/* -- the world -- */
static void say(desk *d, const char *source, const char *subject, const ProtobufCMessage *m,
                const ProtobufCMessage *content)
{
    sim_say(d->s, source, subject, m, content);
    sim_run(d->s, 2 * UPP_SECOND);
}

void desk_received_as(desk *d, const Uppsikt__CommentReceived *c)
{
    Uppsikt__CommentReceivedContent text = UPPSIKT__COMMENT_RECEIVED_CONTENT__INIT;
    text.text = upp_lend("MARKER text av en medborgare");
    say(d, "ingest", c->item, &c->base, &text.base);
}

void desk_received(desk *d, const char *item, const char *received)
{
    Uppsikt__CommentReceived c = UPPSIKT__COMMENT_RECEIVED__INIT;
    c.item = upp_lend(item);
    c.account = upp_lend("acc");
    c.platform = upp_lend("facebook");
    c.kind = UPPSIKT__ITEM_KIND__ITEM_KIND_COMMENT;
    c.version = 1;
    c.received_ms = desk_at(received);
    c.first_seen_ms = c.received_ms;
    desk_received_as(d, &c);
}

void desk_edited(desk *d, const char *item, uint32_t version, const char *when, bool same)
{
    Uppsikt__CommentEdited c = UPPSIKT__COMMENT_EDITED__INIT;
    Uppsikt__CommentReceivedContent text = UPPSIKT__COMMENT_RECEIVED_CONTENT__INIT;
    Uppsikt__CommentEditedContent content = UPPSIKT__COMMENT_EDITED_CONTENT__INIT;
    text.text = upp_lend("MARKER ny text");
    content.now = &text;
    c.item = upp_lend(item);
    c.account = upp_lend("acc");
    c.version = version;
    c.edited_ms = desk_at(when);
    c.seen_ms = c.edited_ms;
    c.same_words = same;
    say(d, "ingest", item, &c.base, &content.base);
}

void desk_gone(desk *d, const char *item, Uppsikt__GoneBy who, const char *when)
{
    Uppsikt__CommentGone c = UPPSIKT__COMMENT_GONE__INIT;
    c.item = upp_lend(item);
    c.account = upp_lend("acc");
    c.who = who;
    c.at_ms = desk_at(when);
    c.version = 1;
    say(d, "ingest", item, &c.base, NULL);
}

void desk_reply(desk *d, const char *item, const char *reply, const char *when)
{
    Uppsikt__ReplySeen c = UPPSIKT__REPLY_SEEN__INIT;
    Uppsikt__ReplySeenContent text = UPPSIKT__REPLY_SEEN_CONTENT__INIT;
    text.text = upp_lend("Hej! /Anna, rektor");
    c.item = upp_lend(item);
    c.reply = upp_lend(reply);
    c.account = upp_lend("acc");
    c.at_ms = desk_at(when);
    c.direct = true;
    c.signed_ = c.sign_checked = true;
    say(d, "ingest", item, &c.base, &text.base);
}

void desk_removed(desk *d, const char *item, Uppsikt__ItemAction what, const char *when)
{
    Uppsikt__ActionDone a = UPPSIKT__ACTION_DONE__INIT;
    a.action = upp_lend("a1");
    a.item = upp_lend(item);
    a.version = 1;
    a.what = what;
    a.at_ms = desk_at(when);
    say(d, "ingest", item, &a.base, NULL);
}

void desk_judged(desk *d, const char *item, uint32_t version, desk_verdict v)
{
    Uppsikt__CommentClassified c = UPPSIKT__COMMENT_CLASSIFIED__INIT;
    Uppsikt__CommentClassifiedContent reasons = UPPSIKT__COMMENT_CLASSIFIED_CONTENT__INIT;
    Uppsikt__Finding f = UPPSIKT__FINDING__INIT;
    Uppsikt__Finding *list[] = { &f };
    f.label = v.label;
    f.band = v.band;
    c.item = upp_lend(item);
    c.account = upp_lend("acc");
    c.version = version;
    c.duty = v.duty;
    c.danger = v.danger;
    c.n_findings = v.label ? 1 : 0;
    c.findings = list;
    say(d, "classify", item, &c.base, &reasons.base);
}

void desk_away(desk *d, const char *absence, const char *who, const char *from, const char *to,
               const char *substitute)
{
    Uppsikt__AbsenceSet a = UPPSIKT__ABSENCE_SET__INIT;
    Uppsikt__AbsenceSetContent when = UPPSIKT__ABSENCE_SET_CONTENT__INIT;
    char *list[] = { upp_lend(substitute ? substitute : "") };
    a.absence = upp_lend(absence);
    a.person = upp_lend(who);
    when.from_ms = desk_at(from);
    when.to_ms = desk_at(to);
    when.n_substitutes = substitute ? 1 : 0;
    when.substitutes = list;
    say(d, "registry", absence, &a.base, &when.base);
}

/* -- people -- */
const char *desk_do(desk *d, const char *by, const ProtobufCMessage *command)
{
    upp_frames outcome;
    const size_t n = sim_command(d->s, "escalation", by, command);
    sim_run(d->s, 3 * UPP_SECOND);
    assert_true(sim_outcome(d->s, n, &outcome));
    Uppsikt__AnswerHead *head =
        uppsikt__answer_head__unpack(NULL, outcome.chain.len, outcome.chain.at);
    assert_non_null(head);
    char words[200];
    snprintf(d->refused, sizeof d->refused, "%s", head->refused);
    if (d->refused[0] && strcmp(words_get("sv", d->refused, words, sizeof words), d->refused) == 0)
        fail_msg("refused with a key that has no words: %s", d->refused);
    uppsikt__answer_head__free_unpacked(head, NULL);
    return d->refused;
}

const char *desk_decide(desk *d, const char *by, const char *id, uint32_t version,
                        Uppsikt__ItemAction action, const char *law)
{
    Uppsikt__Decide c = UPPSIKT__DECIDE__INIT;
    c.matter = upp_lend(id);
    c.version = version;
    c.action = action;
    c.reason = upp_lend("attack");
    c.law = upp_lend(law);
    return desk_do(d, by, &c.base);
}

/* -- what came of it -- */
int64_t desk_number(desk *d, const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    int64_t n = -1;
    sqlite3 *db = upp_node_db(sim_node(d->s, "escalation"));
    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    if (sqlite3_step(stmt) == SQLITE_ROW)
        n = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return n;
}

int64_t desk_matter(desk *d, const char *id, const char *column)
{
    char sql[200];
    snprintf(sql, sizeof sql, "SELECT %s FROM matter WHERE matter = '%s'", column, id);
    return desk_number(d, sql);
}

size_t desk_mailed(const desk *d, const char *to)
{
    size_t n = 0;
    for (size_t i = 0; i < d->n_mails; i++)
        n += strcmp(d->mails[i].to, to) == 0;
    return n;
}

size_t desk_said(desk *d, const char *type)
{
    char sql[120];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM upp_log WHERE type = 'uppsikt.%s'", type);
    return (size_t)desk_number(d, sql);
}

typedef struct asked {
    const ProtobufCMessageDescriptor *type;
    ProtobufCMessage **rows;
    size_t n, size;
} asked;

static bool take_row(void *ctx, const upp_frames *frames)
{
    asked *a = ctx;
    if (frames->type.len == 0 || a->n == a->size)
        return true;
    if (strncmp((const char *)frames->type.at, a->type->name, frames->type.len) == 0) {
        a->rows[a->n] =
            protobuf_c_message_unpack(a->type, NULL, frames->envelope.len, frames->envelope.at);
        assert_non_null(a->rows[a->n]);
        a->n++;
    }
    return true;
}

size_t desk_ask(desk *d, const ProtobufCMessage *query, const ProtobufCMessageDescriptor *row,
                ProtobufCMessage **ret_rows, size_t size)
{
    asked a = { .type = row, .rows = ret_rows, .size = size };
    uint8_t body[512], head[64];
    Uppsikt__RequestHead request = UPPSIKT__REQUEST_HEAD__INIT;
    const char *type = query->descriptor->name;
    assert_true(protobuf_c_message_get_packed_size(query) <= sizeof body);
    const size_t body_len = protobuf_c_message_pack(query, body);
    uint8_t id[16] = { 1 };
    request.id = (ProtobufCBinaryData){ sizeof id, id };
    const size_t head_len = uppsikt__request_head__pack(&request, head);
    const upp_frames frames = { .type = { (const uint8_t *)type, strlen(type) },
                                .envelope = { head, head_len },
                                .content = { body, body_len } };
    assert_true(upp_node_query(sim_node(d->s, "escalation"), sim_now(d->s), "console", &frames,
                               take_row, &a) >= 0);
    return a.n;
}

const char *desk_token(const desk *d, const char *to, char ret_token[DESK_TOKEN])
{
    const char *at = NULL;
    for (size_t i = 0; i < d->n_mails; i++)
        if (strcmp(d->mails[i].to, to) == 0)
            at = strstr(d->mails[i].text, "https://uppsikt.x.se/l/");
    if (!at)
        fail_msg("no link to %s", to);
    snprintf(ret_token, DESK_TOKEN, "%s", at + strlen("https://uppsikt.x.se/l/"));
    ret_token[strcspn(ret_token, "\n")] = '\0';
    return ret_token;
}
