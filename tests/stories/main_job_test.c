/* main_job_test.c - the main job in one thread, while everything fails now and then: comments on a
 * page hidden, deleted by law, deleted by a row with a second person, answered with a signature;
 * the links of mails are opened by scanners; a line of a file cannot be read; the account is
 * packed; what is closed is disposed of by two, whatever is on its way still (R11, R14, R17,
 * R20-R23, R25-R27; P3, P4, P6; I9, I11, I12, I14, I15, I26). The real classifier judges. */
#include "facebook_fake.h"
#include "town.h"
#include "town_part.h"
#include "uppsikt/archive.pb-c.h"
#include "uppsikt/bus.pb-c.h"
#include "uppsikt/evidence.pb-c.h"
#include "uppsikt/ingest.pb-c.h"
#include "uppsikt/registry.pb-c.h"
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum what { INSULT, THREAT, NUMBER, KEPT, QUESTION, PRAISE, COMMENTS };
#define ROW    "rad"
#define SIGNED "Hej! Vi öppnar klockan tio. /anna Ek, handläggare"

typedef struct said {
    const char *on_page;
    char item[48], mark[SIM_MARK], name[4]; /* item: as town_text gives it */
} said;

/* The number that `sql` gives, with the item's id in place of its '@'. */
static int64_t count(town *t, const char *service, const char *sql, const char *item)
{
    char whole[240];
    const size_t n = strcspn(sql, "@");
    snprintf(whole, sizeof whole, "%.*s%s%s", (int)n, sql, sql[n] ? item : "",
             sql[n] ? sql + n + 1 : "");
    return town_number(t, service, whole);
}

/* Lets time pass until it is so, as slow as the wire may be; else it is wrong. */
static void await_one(town *t, const char *service, const char *sql, const char *item)
{
    for (int i = 0; i < 2 * 1440 && count(t, service, sql, item) < 1; i++)
        sim_run(t->s, UPP_MINUTE);
    if (count(t, service, sql, item) < 1)
        town_wrong(t, "two days in vain at %s: %s %s", service, sql, item);
}

static void command(town *t, const char *service, const char *by, const ProtobufCMessage *m)
{
    town_did(t, service, by, m);
}

static void refused(town *t, const char *service, const char *by, const ProtobufCMessage *m,
                    const char *wanted)
{
    char why[96];
    if (strcmp(town_answer(t, town_send_to(t, service, by, m), why), wanted) != 0)
        town_wrong(t, "%s: '%s', not '%s'", m->descriptor->short_name, why, wanted);
}

static void adopt_row(town *t)
{
    Uppsikt__AdoptRetentionRow r = UPPSIKT__ADOPT_RETENTION_ROW__INIT;
    Uppsikt__ChangeAccount c = UPPSIKT__CHANGE_ACCOUNT__INIT;
    Uppsikt__AccountChangedContent facts = UPPSIKT__ACCOUNT_CHANGED_CONTENT__INIT;
    char *covers[] = { upp_lend("comment"), upp_lend("removed-comment"), upp_lend("line") };
    r.row = upp_lend(ROW);
    r.authority = upp_lend("ks");
    r.process = upp_lend("Kommunicera");
    r.kind = upp_lend("Kommentarer");
    r.action = UPPSIKT__RETENTION_ROW_ADOPTED__ACTION__ACTION_DISPOSE;
    r.decision = upp_lend("KS 1");
    r.mandate = upp_lend("Plan 2026");
    r.covers = covers;
    r.n_covers = UPP_LEN(covers);
    command(t, "registry", "ops", &r.base);
    facts.url = upp_lend("https://x.example/skolan");
    c.account = upp_lend("acc");
    c.facts = &facts;
    command(t, "registry", "com", &c.base);
}

/* -- what people write -- */
static void write_all(town *t, const char *post, said *all)
{
    static const char *const texts[COMMENTS] = {
        [INSULT] = "Ni är jävla idioter hela bunten!",
        [THREAT] = "Jag ska döda dig, din jävla idiot, vänta bara",
        [NUMBER] = "Min granne heter Kalle och hans personnummer är 811228-9874",
        [KEPT] = "Ni är jävla idioter hela högen!",
        [QUESTION] = "Hej! När öppnar badhuset på lördag?",
        [PRAISE] = "Tack för ett fint bad i dag",
    };
    char text[120], at[40];
    for (int i = 0; i < COMMENTS; i++) {
        said *c = &all[i];
        *c = (said){ 0 };
        snprintf(c->name, sizeof c->name, "c%d", i);
        snprintf(at, sizeof at, "2026-01-12T09:%02d:00+01:00", i);
        sim_mark(t->s, c->name, c->mark);
        /* its digits may mean something to the classifier: most marks stand in the name */
        snprintf(text, sizeof text, "%s %s", texts[i], i == PRAISE ? c->mark : "");
        const fakebook_words words = { .author = i == KEPT ? "902" : "901",
                                       .name = c->mark,
                                       .text = text };
        c->on_page = fakebook_comment(town_page(t), post, &words, town_at(at) / UPP_SECOND);
        upp_check(c->on_page);
    }
    /* the page may refuse to be looked at for longer than anybody else is waited for */
    await_one(t, "ingest", "SELECT count(*) >= 6 FROM item WHERE ours = 0", "");
    for (int i = 0; i < COMMENTS; i++) {
        snprintf(at, sizeof at, "2026-01-12T09:%02d:00+01:00", i);
        town_item(t, at, all[i].item);
        if (all[i].item[0])
            sim_mark_about(t->s, all[i].mark, all[i].item);
    }
}

/* A line of a file that cannot be read: an item of its own, for gallring alone. */
static void set_aside(town *t, said *line)
{
    *line = (said){ .name = "rad" };
    sim_mark(t->s, line->name, line->mark);
    town_import(t, &(town_line){ .id = "x1", .kind = "visa", .text = line->mark }, 1);
    await_one(t, "ingest", "SELECT count(*) FROM quarantine", "");
    town_text(t, "ingest", "SELECT item FROM quarantine", line->item);
    sim_mark_about(t->s, line->mark, line->item);
}

static bool all_came(const said *all)
{
    for (int i = 0; i < COMMENTS; i++)
        if (!all[i].item[0])
            return false;
    return true;
}

/* -- links: whoever opens them, nothing changes (I26) -- */
static bool no_row(void *ctx, const upp_frames *frames)
{
    *(size_t *)ctx += frames->type.len > 0;
    return true;
}

static void open_link(town *t, const char *token)
{
    static const char type[] = "uppsikt.LinkTarget";
    uint8_t head[64], body[96], id[16] = { 7 };
    size_t rows = 0;
    upp_node *node = sim_node(t->s, "escalation");
    if (!node)
        return;
    Uppsikt__LinkTarget q = UPPSIKT__LINK_TARGET__INIT;
    Uppsikt__RequestHead request = UPPSIKT__REQUEST_HEAD__INIT;
    q.token = upp_lend(token);
    request.id = (ProtobufCBinaryData){ sizeof id, id };
    const upp_frames frames = {
        .type = { (const uint8_t *)type, sizeof type - 1 },
        .envelope = { head, uppsikt__request_head__pack(&request, head) },
        .content = { body, uppsikt__link_target__pack(&q, body) },
    };
    const upp_point before = upp_node_head(node);
    town_expect(t, upp_node_query(node, sim_now(t->s), "console", &frames, no_row, &rows) >= 0);
    town_expect(t, rows == 1 && upp_node_head(node).seq == before.seq);
    town_counted(t, "links opened", 1);
}

/* True: the button acted; else the matter has ended meanwhile, as an errand may. */
static bool press(town *t, const char *token)
{
    char why[96];
    Uppsikt__Acknowledge ack = UPPSIKT__ACKNOWLEDGE__INIT;
    ack.token = upp_lend(token);
    return town_answer(t, town_send(t, NULL, &ack.base), why)[0] == '\0';
}

/* Opens all that were mailed, with nothing in them of what was written (R24); one is pressed. */
static void links(town *t, const said *c)
{
    char token[44] = "";
    bool acted = false;
    const size_t mailed = t->n_mails;
    for (size_t i = 0; i < mailed; i++) {
        town_expect(t, !strstr(t->mails[i].text, c->mark));
        for (const char *at = t->mails[i].text; (at = strstr(at, "/l/")); at += 3) {
            snprintf(token, sizeof token, "%.43s", at + 3);
            open_link(t, token);
        }
    }
    for (size_t i = 0; i < mailed && !acted; i++) {
        const char *at = strstr(t->mails[i].text, "/l/");
        snprintf(token, sizeof token, "%.43s", at ? at + 3 : "");
        acted = at && press(t, token);
    }
    town_expect(t, acted);
    town_expect(t,
                count(t, "escalation",
                      "SELECT count(*) FROM upp_log WHERE type = 'uppsikt.MatterAcked'", "") >= 1);
}

/* -- what people decide -- */
static void decide(town *t, const said *c, Uppsikt__ItemAction action, const char *law,
                   const char *row)
{
    char id[MATTER_ID];
    Uppsikt__Decide d = UPPSIKT__DECIDE__INIT;
    snprintf(id, sizeof id, "%s.m1", c->item);
    d.matter = id;
    d.version = 1;
    d.action = action;
    d.reason = upp_lend("attack");
    d.law = upp_lend(law);
    d.plan_row = upp_lend(row);
    d.note = upp_lend(c->mark);
    command(t, "escalation", "anna", &d.base);
}

static void second_person(town *t, const said *c)
{
    char approval[48];
    Uppsikt__Approve yes = UPPSIKT__APPROVE__INIT;
    town_text(t, "escalation", "SELECT approval FROM approval WHERE state = 0", approval);
    if (!approval[0]) {
        town_wrong(t, "R23: a removal by a row did not wait for a second person");
        return;
    }
    town_expect(t, fakebook_there(town_page(t), c->on_page));
    yes.approval = approval;
    refused(t, "escalation", "anna", &yes.base, "another-person-needed");
    command(t, "escalation", "bo", &yes.base);
}

static void answer(town *t, const said *c)
{
    Uppsikt__SendReply r = UPPSIKT__SEND_REPLY__INIT;
    r.item = upp_lend(c->item);
    r.person = upp_lend("anna");
    r.text = upp_lend("Hej! Vi öppnar klockan tio.");
    refused(t, "ingest", "anna", &r.base, "reply-unsigned");
    r.text = upp_lend(SIGNED);
    command(t, "ingest", "anna", &r.base);
}

/* What one deleted alone, by law, another looks through. */
static void look_through(town *t, const said *c)
{
    char id[48];
    Uppsikt__ReviewDecision r = UPPSIKT__REVIEW_DECISION__INIT;
    await_one(t, "escalation",
              "SELECT count(*) FROM matter WHERE item = '@' AND matter LIKE '%.r1'", c->item);
    town_text(t, "escalation", "SELECT matter FROM matter WHERE matter LIKE '%.r1'", id);
    r.matter = id;
    command(t, "escalation", "chef", &r.base);
}

static void people(town *t, said *all)
{
    for (int i = INSULT; i <= KEPT; i++)
        await_one(t, "escalation", "SELECT count(*) FROM matter WHERE matter = '@.m1'",
                  all[i].item);
    await_one(t, "escalation", "SELECT count(*) FROM matter WHERE matter = '@.q1'",
              all[QUESTION].item);
    sim_run(t->s, UPP_HOUR); /* mails have gone */
    links(t, &all[INSULT]);
    decide(t, &all[INSULT], UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE, "", "");
    decide(t, &all[KEPT], UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE, "", "");
    decide(t, &all[THREAT], UPPSIKT__ITEM_ACTION__ITEM_ACTION_DELETE, "BBS 5 § 1 a", "");
    decide(t, &all[NUMBER], UPPSIKT__ITEM_ACTION__ITEM_ACTION_DELETE, "", ROW);
    second_person(t, &all[NUMBER]);
    answer(t, &all[QUESTION]);
    for (int i = INSULT; i <= KEPT; i++)
        await_one(t, "escalation",
                  "SELECT count(*) FROM matter WHERE matter = '@.m1' AND state <> 0", all[i].item);
    await_one(t, "escalation", "SELECT count(*) FROM matter WHERE matter = '@.q1' AND state <> 0",
              all[QUESTION].item);
    look_through(t, &all[THREAT]);
}

static void so_on_the_page(town *t, const said *all)
{
    const fakebook *page = town_page(t);
    const fakebook_deed *deeds;
    size_t replies = 0;
    const size_t n = fakebook_deeds(page, &deeds);
    for (size_t i = 0; i < n; i++)
        replies += deeds[i].effect && strcmp(deeds[i].what, "reply") == 0;
    town_expect(t, fakebook_there(page, all[INSULT].on_page));
    town_expect(t, !fakebook_visible(page, all[INSULT].on_page));
    town_expect(t, !fakebook_visible(page, all[KEPT].on_page));
    town_expect(t, !fakebook_there(page, all[THREAT].on_page));
    town_expect(t, !fakebook_there(page, all[NUMBER].on_page));
    town_expect(t, fakebook_visible(page, all[PRAISE].on_page));
    town_expect(t, replies == 1);
}

/* -- the package -- */
static void archive_run(town *t, const said *praise)
{
    Uppsikt__ArchiveAccount c = UPPSIKT__ARCHIVE_ACCOUNT__INIT;
    await_one(t, "archive", "SELECT count(*) FROM version WHERE item = '@'", praise->item);
    c.account = upp_lend("acc");
    command(t, "archive", "com", &c.base);
    await_one(t, "archive", "SELECT count(*) FROM run WHERE cause = 'asked' AND state = 5", "");
    town_expect(t, town_packed(t, praise->mark) == 1);
}

/* -- gallring, by two -- */
/* What is open stays: evidence must have heard that nothing is, and of the line. An action may be
 * on its way still: what becomes of it then is for ingest to say truly (I12). */
static void all_has_ended(town *t, const said *all, const said *line)
{
    await_one(t, "evidence", "SELECT count(*) FROM item WHERE item = '@'", line->item);
    for (int i = INSULT; i <= QUESTION; i++)
        await_one(
            t, "evidence",
            "SELECT sum(matter NOT LIKE '%.l1') > 0 AND count(*) = count(nullif(closed_ms, 0))"
            " FROM matter WHERE kind IN (1, 2, 3) AND item = '@'",
            all[i].item);
    await_one(t, "evidence",
              "SELECT count(*) FROM matter WHERE item = '@' AND matter LIKE '%.r1' AND"
              " closed_ms > 0",
              all[THREAT].item);
}

static void dispose(town *t, said *all, said *line)
{
    char id[48], hex[80];
    char *items[] = { all[INSULT].item, all[THREAT].item, all[NUMBER].item, all[QUESTION].item,
                      line->item };
    uint8_t hash[32];
    size_t n = 0;
    Uppsikt__ProposeDisposal p = UPPSIKT__PROPOSE_DISPOSAL__INIT;
    Uppsikt__ApproveDisposal a = UPPSIKT__APPROVE_DISPOSAL__INIT;
    p.plan_row = upp_lend(ROW);
    p.items = items;
    p.n_items = UPP_LEN(items);
    command(t, "evidence", "ops", &p.base);
    town_text(t, "evidence", "SELECT disposal FROM disposal", id);
    town_text(t, "evidence", "SELECT substr(list_hash, 1, 32) FROM disposal", hex);
    town_text(t, "evidence", "SELECT substr(list_hash, 33) FROM disposal", hex + 32);
    if (sodium_hex2bin(hash, sizeof hash, hex, strlen(hex), NULL, &n, NULL) != 0 || n != 32) {
        town_wrong(t, "R23: no list");
        return;
    }
    if (town_number(t, "evidence", "SELECT count FROM disposal") != 5) {
        town_wrong(t, "R23: what is closed is not on the list");
        return;
    }
    a.disposal = id;
    a.list_sha256 = (ProtobufCBinaryData){ sizeof hash, hash };
    refused(t, "evidence", "ops", &a.base, "second-person");
    refused(t, "evidence", "com", &a.base, "archivist-needed");
    command(t, "evidence", "ark", &a.base);
    for (size_t i = 0; i < UPP_LEN(items); i++)
        sim_forgotten(t->s, items[i]);
    await_one(t, "evidence", "SELECT count(*) FROM disposal WHERE state = 2", "");
}

static void trouble(sim *s, void *ctx)
{
    town *t = ctx;
    (void)s;
    fakebook_fail(town_page(t), (enum fakebook_fault)sim_below(&t->rand, FAKEBOOK_FAULTS),
                  1 + (int)sim_below(&t->rand, 3), sim_chance(&t->rand, 50));
}

static void story(town *t)
{
    said all[COMMENTS], line;
    const char *post = fakebook_post(town_page(t), &(fakebook_words){ .text = "Badet öppnar" },
                                     town_at("2026-01-11T09:00:00+01:00") / UPP_SECOND);
    adopt_row(t);
    t->poll_span = 20 * UPP_MINUTE; /* whatever waits for a look asks for one by itself */
    town_connect(t);
    town_until(t, "2026-01-12T09:10:00+01:00");
    town_weather(t);
    for (int i = 0; i < 8; i++)
        sim_in(t->s, (upp_ms)sim_below(&t->rand, 10 * UPP_HOUR), trouble, t);
    write_all(t, post, all);
    if (!all_came(all))
        return;
    set_aside(t, &line);
    people(t, all);
    so_on_the_page(t, all);
    all_has_ended(t, all, &line);
    dispose(t, all, &line);
    archive_run(t, &all[PRAISE]);
    town_clear(t);
    fakebook_fail(town_page(t), FAKEBOOK_WELL, 0, false);
    sim_run(t->s, 6 * UPP_HOUR);
    for (int i = INSULT; i <= QUESTION; i++) { /* the hidden one is still on the page, not ours */
        const bool left = count(t, "ingest", "SELECT count(*) FROM upp_about WHERE subject = '@'",
                                all[i].item) > 0;
        town_expect(t, left == (i == KEPT));
    }
}

static void r20_to_r27_the_main_job(void **state)
{
    (void)state;
    town_tell("main_job", story, TOWN_ALL, 25);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(r20_to_r27_the_main_job) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
