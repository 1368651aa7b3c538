/* swarm_people.c - people in a week: they decide, claim, wait, press links, go away; some may and
 * some may not, and some look at what has changed meanwhile. */
#include "swarm.h"
#include "uppsikt/archive.pb-c.h"
#include "uppsikt/bus.pb-c.h"
#include "uppsikt/evidence.pb-c.h"
#include "uppsikt/ingest.pb-c.h"
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

/* Two with access, their manager, somebody without access, somebody whom nobody knows. */
static const char *const people[] = { "anna", "bo", "chef", "carl", "okänd" };

static const char *anybody(swarm *l)
{
    /* those who may act come more often */
    const uint64_t who = sim_below(&l->rand, 10);
    return people[who < 4 ? 0 : who < 7 ? 1 : who < 8 ? 2 : who < 9 ? 3 : 4];
}

static void send(swarm *l, const char *service, const char *by, const ProtobufCMessage *m,
                 enum swarm_what what)
{
    if (l->n_commands == SWARM_COMMANDS)
        return;
    l->commands[l->n_commands++] =
        (swarm_command){ sim_command(l->t->s, service, by, m), by, what };
}

static sqlite3 *store(swarm *l, const char *service)
{
    upp_node *node = sim_node(l->t->s, service);
    return node ? upp_node_db(node) : NULL;
}

/* Whether the desk has heard of it. */
static bool at_the_desk(sqlite3 *escalation, const char *item)
{
    sqlite3_stmt *stmt = NULL;
    upp_check(sqlite3_prepare_v2(escalation, "SELECT 1 FROM item WHERE item = ?1 AND kind > 0", -1,
                                 &stmt, NULL) == SQLITE_OK);
    upp_check(sqlite3_bind_text(stmt, 1, item, -1, SQLITE_STATIC) == SQLITE_OK);
    const bool is = sqlite3_step(stmt) == SQLITE_ROW;
    sqlite3_finalize(stmt);
    return is;
}

bool swarm_item(swarm *l, swarm_comment *c)
{
    sqlite3_stmt *stmt = NULL;
    sqlite3 *ingest = store(l, "ingest"), *escalation = store(l, "escalation");
    if (c->item[0] || !ingest || !escalation)
        return c->item[0] != '\0';
    /* no two comments share their second, but an answer of ours may have it too */
    upp_check(sqlite3_prepare_v2(ingest,
                                 "SELECT item FROM item WHERE received_ms = ?1 AND ours = 0", -1,
                                 &stmt, NULL) == SQLITE_OK);
    upp_check(sqlite3_bind_int64(stmt, 1, town_at(c->received)) == SQLITE_OK);
    const char *item =
        sqlite3_step(stmt) == SQLITE_ROW ? (const char *)sqlite3_column_text(stmt, 0) : NULL;
    if (item && at_the_desk(escalation, item))
        snprintf(c->item, sizeof c->item, "%s", item);
    sqlite3_finalize(stmt);
    return c->item[0] != '\0';
}

typedef struct chosen {
    char matter[MATTER_ID];
    int64_t kind, version;
} chosen;

/* Any matter that is open, as a page would list it. False: none, or nobody answers. */
static bool choose(swarm *l, chosen *ret)
{
    sqlite3_stmt *stmt = NULL;
    sqlite3 *db = store(l, "escalation");
    bool found = false;
    if (!db)
        return false;
    upp_check(sqlite3_prepare_v2(db,
                                 "SELECT matter, kind, version FROM matter WHERE state = 0"
                                 " ORDER BY matter LIMIT 1 OFFSET ?1 % max(1,"
                                 " (SELECT count(*) FROM matter WHERE state = 0))",
                                 -1, &stmt, NULL) == SQLITE_OK);
    upp_check(sqlite3_bind_int64(stmt, 1, (int64_t)sim_below(&l->rand, 1000)) == SQLITE_OK);
    if (sqlite3_step(stmt) == SQLITE_ROW) {
        snprintf(ret->matter, sizeof ret->matter, "%s", (const char *)sqlite3_column_text(stmt, 0));
        ret->kind = sqlite3_column_int64(stmt, 1);
        ret->version = sqlite3_column_int64(stmt, 2);
        found = true;
    }
    sqlite3_finalize(stmt);
    return found;
}

static void decide(swarm *l, const chosen *m)
{
    static const Uppsikt__ItemAction actions[] = { UPPSIKT__ITEM_ACTION__ITEM_ACTION_KEEP,
                                                   UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE,
                                                   UPPSIKT__ITEM_ACTION__ITEM_ACTION_DELETE };
    Uppsikt__Decide c = UPPSIKT__DECIDE__INIT;
    char note[64];
    c.matter = upp_lend(m->matter);
    c.version = (uint32_t)m->version;
    c.action = actions[sim_below(&l->rand, UPP_LEN(actions))];
    c.reason =
        upp_lend(c.action == UPPSIKT__ITEM_ACTION__ITEM_ACTION_KEEP ? "no_breach" : "attack");
    if (c.action == UPPSIKT__ITEM_ACTION__ITEM_ACTION_DELETE) {
        if (sim_chance(&l->rand, 40))
            c.law = upp_lend("BBS 5 § 1 d");
        else if (sim_chance(&l->rand, 60))
            c.plan_row = upp_lend(SWARM_ROW);
    }
    /* What somebody noted goes with the comment (R23): her words hold its mark. */
    snprintf(note, sizeof note, "%.*s", (int)sizeof note - 1, "se kommentaren");
    c.note = note;
    send(l, "escalation", anybody(l), &c.base, SWARM_DECIDE);
}

/* What was to be hidden is shown again, whatever has become of it; some of it never was; what is
 * done is decided anew (R25). */
static void think_again(swarm *l)
{
    static const Uppsikt__ItemAction actions[] = { UPPSIKT__ITEM_ACTION__ITEM_ACTION_UNHIDE,
                                                   UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE,
                                                   UPPSIKT__ITEM_ACTION__ITEM_ACTION_KEEP };
    sqlite3_stmt *stmt = NULL;
    sqlite3 *db = store(l, "escalation");
    char id[MATTER_ID] = "";
    Uppsikt__Decide c = UPPSIKT__DECIDE__INIT;
    if (!db)
        return;
    upp_check(sqlite3_prepare_v2(db,
                                 "SELECT m.matter, (SELECT max(v.version) FROM version v"
                                 " WHERE v.item = m.item) FROM matter m WHERE m.errand = 0 AND"
                                 " m.item IN (SELECT item FROM decision WHERE action IN (2, 3))"
                                 " ORDER BY m.matter LIMIT 1 OFFSET ?1 % max(1,"
                                 " (SELECT count(*) FROM matter m WHERE m.errand = 0 AND m.item IN"
                                 " (SELECT item FROM decision WHERE action IN (2, 3))))",
                                 -1, &stmt, NULL) == SQLITE_OK);
    upp_check(sqlite3_bind_int64(stmt, 1, (int64_t)sim_below(&l->rand, 1000)) == SQLITE_OK);
    if (sqlite3_step(stmt) == SQLITE_ROW) {
        snprintf(id, sizeof id, "%s", (const char *)sqlite3_column_text(stmt, 0));
        c.version = (uint32_t)sqlite3_column_int(stmt, 1);
    }
    sqlite3_finalize(stmt);
    if (!id[0])
        return;
    c.matter = id;
    c.action = actions[l->n_commands % UPP_LEN(actions)];
    c.reason = upp_lend("no_breach");
    c.note = upp_lend("se kommentaren");
    send(l, "escalation", anybody(l), &c.base, SWARM_DECIDE);
}

/* Whatever waits for a second person gets one, often the wrong one. */
static void approve(swarm *l)
{
    sqlite3_stmt *stmt = NULL;
    sqlite3 *db = store(l, "escalation");
    char id[UPP_ID] = "";
    if (!db)
        return;
    upp_check(sqlite3_prepare_v2(db, "SELECT approval FROM approval WHERE state = 0 LIMIT 1", -1,
                                 &stmt, NULL) == SQLITE_OK);
    if (sqlite3_step(stmt) == SQLITE_ROW)
        snprintf(id, sizeof id, "%s", (const char *)sqlite3_column_text(stmt, 0));
    sqlite3_finalize(stmt);
    if (!id[0])
        return;
    Uppsikt__Approve c = UPPSIKT__APPROVE__INIT;
    c.approval = id;
    c.no = sim_chance(&l->rand, 30);
    send(l, "escalation", anybody(l), &c.base, SWARM_APPROVE);
}

static void touch(swarm *l, const chosen *m)
{
    Uppsikt__Claim claim = UPPSIKT__CLAIM__INIT;
    Uppsikt__Acknowledge ack = UPPSIKT__ACKNOWLEDGE__INIT;
    Uppsikt__NeedsNoAnswer none = UPPSIKT__NEEDS_NO_ANSWER__INIT;
    Uppsikt__MarkSeen seen = UPPSIKT__MARK_SEEN__INIT;
    char *matters[] = { upp_lend(m->matter) };
    claim.matter = ack.matter = none.matter = upp_lend(m->matter);
    none.reason = upp_lend("thanks");
    seen.n_matters = 1;
    seen.matters = matters;
    const ProtobufCMessage *const all[] = { &claim.base, &ack.base, &none.base, &seen.base };
    send(l, "escalation", anybody(l), all[sim_below(&l->rand, UPP_LEN(all))], SWARM_TOUCH);
}

/* An answer in the municipality's name; without its end it is refused (R11). */
static void answer(swarm *l)
{
    swarm_comment *c = &l->comments[sim_below(&l->rand, l->n)];
    Uppsikt__SendReply r = UPPSIKT__SEND_REPLY__INIT;
    if (!c->written || !swarm_item(l, c))
        return;
    r.item = c->item;
    r.text = upp_lend(sim_chance(&l->rand, 70) ? "Vi tittar på det. /anna Ek, handläggare"
                                               : "Vi tittar på det.");
    r.person = upp_lend("anna");
    send(l, "ingest", "anna", &r.base, SWARM_TOUCH);
}

void swarm_act(sim *s, void *ctx)
{
    swarm *l = ctx;
    chosen m;
    (void)s;
    const uint64_t what = sim_below(&l->rand, 10);
    if (what == 0)
        approve(l);
    else if (what == 1)
        answer(l);
    else if (what == 2)
        think_again(l);
    else if (!choose(l, &m))
        return;
    else if (what < 7)
        decide(l, &m);
    else
        touch(l, &m);
}

/* -- links (I26): whoever opens them, nothing changes; pressing acts for whom it was sent to -- */
static bool take_row(void *ctx, const upp_frames *row)
{
    size_t *n = ctx;
    *n += row->type.len > 0;
    return true;
}

static void open_link(swarm *l, const char *token)
{
    uint8_t body[256], head[64];
    const uint8_t id[16] = { 1 };
    size_t rows = 0;
    Uppsikt__LinkTarget q = UPPSIKT__LINK_TARGET__INIT;
    Uppsikt__RequestHead request = UPPSIKT__REQUEST_HEAD__INIT;
    upp_node *node = sim_node(l->t->s, "escalation");
    q.token = upp_lend(token);
    request.id = (ProtobufCBinaryData){ sizeof id, (uint8_t *)upp_lend((const char *)id) };
    const char *type = q.base.descriptor->name;
    const upp_frames frames = {
        .type = { (const uint8_t *)type, strlen(type) },
        .envelope = { head, uppsikt__request_head__pack(&request, head) },
        .content = { body, uppsikt__link_target__pack(&q, body) },
    };
    const upp_point before = upp_node_head(node);
    const int rc = upp_node_query(node, sim_now(l->t->s), "console", &frames, take_row, &rows);
    if (rc < 0 && sim_fault_of(l->t->s, SIM_FUSE) > 0)
        return; /* its disk has gone: the process is about to end */
    if (rc < 0)
        town_wrong(l->t, "a link could not be looked up: %s", upp_node_why(node));
    if (upp_node_head(node).seq != before.seq)
        town_wrong(l->t, "I26: looking at a link said something");
    l->n_looks++;
}

void swarm_scan(sim *s, void *ctx)
{
    swarm *l = ctx;
    char token[64] = "";
    if (!sim_node(s, "escalation") || l->t->n_mails == 0)
        return;
    const town_mail *m = &l->t->mails[sim_below(&l->rand, l->t->n_mails)];
    for (const char *at = m->text; (at = strstr(at, "/l/")) != NULL; at += 3) {
        snprintf(token, sizeof token, "%.*s", (int)strcspn(at + 3, "\r\n \t"), at + 3);
        open_link(l, token);
    }
    if (!token[0] || !sim_chance(&l->rand, 50))
        return;
    Uppsikt__Acknowledge ack = UPPSIKT__ACKNOWLEDGE__INIT;
    ack.token = token;
    for (int times = sim_chance(&l->rand, 30) ? 2 : 1; times > 0; times--)
        send(l, "escalation", NULL, &ack.base, SWARM_TOUCH);
}

/* -- the register -- */
void swarm_register(sim *s, void *ctx)
{
    swarm *l = ctx;
    Uppsikt__SetAbsence away = UPPSIKT__SET_ABSENCE__INIT;
    Uppsikt__AbsenceSetContent when = UPPSIKT__ABSENCE_SET_CONTENT__INIT;
    Uppsikt__GrantAccess grant = UPPSIKT__GRANT_ACCESS__INIT;
    Uppsikt__RevokeAccess revoke = UPPSIKT__REVOKE_ACCESS__INIT;
    char *list[] = { upp_lend(sim_chance(&l->rand, 50) ? "carl" : "dora") };
    when.from_ms = sim_now(s);
    when.to_ms = sim_now(s) + (upp_ms)sim_below(&l->rand, (uint64_t)(4 * UPP_DAY)) + UPP_HOUR;
    when.n_substitutes = sim_chance(&l->rand, 70) ? 1 : 0;
    when.substitutes = list;
    away.person = upp_lend(sim_chance(&l->rand, 50) ? "anna" : "bo");
    away.when = &when;
    grant.account = revoke.account = upp_lend("acc");
    grant.person = revoke.person = upp_lend("dora");
    grant.rank = 3;
    switch (sim_below(&l->rand, 4)) {
    case 0:
        send(l, "registry", "chef", &grant.base, SWARM_REGISTER);
        break;
    case 1:
        send(l, "registry", "chef", &revoke.base, SWARM_REGISTER);
        break;
    default:
        send(l, "registry", away.person, &away.base, SWARM_REGISTER);
        break;
    }
}

void swarm_adopt(sim *s, void *ctx)
{
    static const char *const texts[] = {
        "clocks: {first_response_office: 240min, triage_office: 240min}\n",
        "clocks: {first_response_office: 510min, triage_office: 120min}\n",
        "clocks: {first_response_office: 480min, triage_office: 480min}\n",
        "clocks: {first_response_office: soon}\n", /* refused */
    };
    swarm *l = ctx;
    Uppsikt__AdoptPolicy c = UPPSIKT__ADOPT_POLICY__INIT;
    c.yaml = upp_lend(texts[sim_below(&l->decisions, UPP_LEN(texts))]);
    c.decision = upp_lend("KS 2");
    if (sim_chance(&l->decisions, 40)) { /* the account's authority's own, and back */
        c.authority = upp_lend("ks");
        c.as_body = sim_chance(&l->decisions, 25);
        c.yaml = c.as_body ? upp_lend("") : c.yaml;
    }
    if (sim_chance(&l->decisions, 50))
        c.valid_from_ms = sim_now(s) + (upp_ms)sim_below(&l->decisions, (uint64_t)UPP_DAY);
    send(l, "registry", sim_chance(&l->decisions, 80) ? "com" : "bo", &c.base, SWARM_REGISTER);
}

/* -- the archive -- */
void swarm_pack(sim *s, void *ctx)
{
    swarm *l = ctx;
    Uppsikt__ArchiveAccount c = UPPSIKT__ARCHIVE_ACCOUNT__INIT;
    (void)s;
    c.account = upp_lend("acc");
    send(l, "archive", sim_chance(&l->rand, 80) ? "com" : anybody(l), &c.base, SWARM_TOUCH);
}

/* -- disposal, always by two, an archivist among them -- */
void swarm_propose(sim *s, void *ctx)
{
    swarm *l = ctx;
    Uppsikt__ProposeDisposal p = UPPSIKT__PROPOSE_DISPOSAL__INIT;
    p.plan_row = upp_lend(SWARM_ROW);
    p.before_ms = sim_now(s);
    send(l, "evidence", sim_chance(&l->rand, 80) ? "com" : "dora", &p.base, SWARM_DISPOSE);
    sim_in(s, (upp_ms)sim_below(&l->rand, (uint64_t)(6 * UPP_HOUR)), swarm_dispose, l);
}

/* The list as its second person sees it; now and then another list than that. */
void swarm_dispose(sim *s, void *ctx)
{
    swarm *l = ctx;
    sqlite3_stmt *stmt = NULL;
    sqlite3 *db = store(l, "evidence");
    char id[64] = "";
    uint8_t hash[32] = { 0 };
    size_t n = 0;
    (void)s;
    if (!db)
        return;
    upp_check(sqlite3_prepare_v2(db,
                                 "SELECT disposal, list_hash FROM disposal WHERE state = 0 LIMIT 1",
                                 -1, &stmt, NULL) == SQLITE_OK);
    if (sqlite3_step(stmt) == SQLITE_ROW) {
        const char *hex = (const char *)sqlite3_column_text(stmt, 1);
        snprintf(id, sizeof id, "%s", (const char *)sqlite3_column_text(stmt, 0));
        upp_check(sodium_hex2bin(hash, sizeof hash, hex, strlen(hex), NULL, &n, NULL) == 0);
    }
    sqlite3_finalize(stmt);
    if (!id[0])
        return;
    if (sim_chance(&l->rand, 20))
        hash[0] ^= 1;
    Uppsikt__ApproveDisposal a = UPPSIKT__APPROVE_DISPOSAL__INIT;
    a.disposal = id;
    a.list_sha256 = (ProtobufCBinaryData){ sizeof hash, hash };
    send(l, "evidence", sim_chance(&l->rand, 70) ? "ark" : "ops", &a.base, SWARM_DISPOSE);
}
