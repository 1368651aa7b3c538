/* diary_case.c - what a package for the diary is about, by ids: the comment, the conversation
 * around it, our answers so far, why it is to be registered. The port asks for the words
 * (diary_words.c), so that none of them ever lies here (R16, R24). */
#include "escalation.h"
#include "item.h"
#include <stdio.h>
#include <string.h>

enum { ITEMS = 64, SALT = 32 };
/* After so long it is said that a package has not come there yet; it is tried on. */
static const upp_ms late_span = UPP_HOUR;

typedef struct gathered {
    Uppsikt__DiaryItem item[ITEMS];
    Uppsikt__DiaryItem *list[ITEMS];
    char ids[ITEMS][48];
    size_t n;
} gathered;

static void add(gathered *g, const char *id, Uppsikt__DiaryItem__Role role, int64_t version,
                upp_ms at)
{
    if (!id[0] || g->n == ITEMS)
        return;
    for (size_t i = 0; i < g->n; i++)
        if (strcmp(g->ids[i], id) == 0)
            return;
    Uppsikt__DiaryItem *one = &g->item[g->n];
    snprintf(g->ids[g->n], sizeof g->ids[0], "%s", id);
    uppsikt__diary_item__init(one);
    one->item = g->ids[g->n];
    one->role = role;
    one->version = (uint32_t)version;
    one->at_ms = at;
    g->list[g->n++] = one;
}

/* What the same person wrote in the same conversation, in its order. */
static int add_conversation(upp_txn *txn, const item_row *i, gathered *g)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT o.item, o.received_ms, (SELECT max(v.version) FROM version v"
                             " WHERE v.item = o.item) FROM item o WHERE (o.root = ?1 OR o.item ="
                             " ?1) AND o.item <> ?2 ORDER BY o.received_ms, o.item LIMIT ?3",
                             BIND(V(i->root), V(i->item), V((int64_t)ITEMS / 2)));
    while (upp_next(&row))
        add(g, upp_col_text(&row, 0), UPPSIKT__DIARY_ITEM__ROLE__ROLE_CONVERSATION,
            upp_col_int(&row, 2), upp_col_int(&row, 1));
    return row.rc;
}

static int add_answers(upp_txn *txn, const item_row *i, gathered *g)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT CASE a.seen WHEN '' THEN a.reply ELSE a.seen END, a.at_ms"
                             " FROM item o JOIN answer a ON a.item = o.item"
                             " WHERE o.root = ?1 OR o.item = ?1 OR o.item = ?2"
                             " ORDER BY a.at_ms, a.reply LIMIT ?3",
                             BIND(V(i->root), V(i->item), V((int64_t)ITEMS)));
    while (upp_next(&row))
        add(g, upp_col_text(&row, 0), UPPSIKT__DIARY_ITEM__ROLE__ROLE_ANSWER, 0,
            upp_col_int(&row, 1));
    return row.rc;
}

/* L9, L17: a request for records first, then what may be secret, then a question. */
static int reason(upp_txn *txn, const char *item, const char **ret_key)
{
    const int64_t secret = ITEM_BIT(UPPSIKT__LABEL__LABEL_PERSONAL_DATA) |
                           ITEM_BIT(UPPSIKT__LABEL__LABEL_CONFIDENTIAL);
    *ret_key = "doc.why-other";
    UPP_ROWS row = upp_query(
        txn,
        "SELECT coalesce(max(m.records OR m.errand = ?2), 0), coalesce(max(m.kind = 3), 0),"
        " (SELECT count(*) FROM judged j WHERE j.item = ?1 AND ((j.likely | j.review) & ?3"
        "  OR j.duty = ?4)) + (SELECT count(*) FROM item i WHERE i.item = ?1 AND i.labels & ?3)"
        " FROM matter m WHERE m.item = ?1",
        BIND(V(item), V((int64_t)ERRAND_RECORDS), V(secret),
             V((int64_t)UPPSIKT__DUTY__DUTY_SECRECY)));
    if (!upp_next(&row))
        return row.rc;
    if (upp_col_int(&row, 0))
        *ret_key = "doc.why-records";
    else if (upp_col_int(&row, 2))
        *ret_key = "doc.why-secrecy";
    else if (upp_col_int(&row, 1))
        *ret_key = "doc.why-question";
    return 0;
}

int diary_send(upp_txn *txn, const rules *r, const matter *errand, unsigned number)
{
    item_row i;
    gathered g = { .n = 0 };
    char package[DIARY_NAME];
    uint8_t salt[SALT];
    const char *why = "";
    Uppsikt__SendDiary ask = UPPSIKT__SEND_DIARY__INIT;
    const int strange = item_read(txn, errand->item, &i);
    UPP_TRY(strange);
    if (strange)
        return upp_refuse(txn, "no-such-matter");
    UPP_TRY(reason(txn, i.item, &why));
    add(&g, i.item, UPPSIKT__DIARY_ITEM__ROLE__ROLE_SUBJECT, i.version, i.received_ms);
    UPP_TRY(add_conversation(txn, &i, &g));
    UPP_TRY(add_answers(txn, &i, &g));
    add(&g, i.thread, UPPSIKT__DIARY_ITEM__ROLE__ROLE_THREAD, 0, 0);
    diary_package_name(errand->id, number, package);
    upp_random(txn, salt, sizeof salt);
    ask.package = package;
    ask.matter = upp_lend(errand->id);
    ask.account = upp_lend(errand->account);
    ask.why = upp_lend(why);
    ask.asked_ms = upp_now(txn);
    ask.salt = (ProtobufCBinaryData){ sizeof salt, salt };
    ask.items = g.list;
    ask.n_items = g.n;
    UPP_TRY(upp_exec(
        txn,
        "INSERT INTO diary(package, matter, item, account, asked_ms)"
        " VALUES(?1, ?2, ?3, ?4, ?5)",
        BIND(V(package), V(errand->id), V(errand->item), V(errand->account), V(upp_now(txn)))));
    char alarm[DIARY_NAME + 16];
    snprintf(alarm, sizeof alarm, "package/%s", package);
    UPP_TRY(upp_alarm(txn, alarm, upp_now(txn) + late_span));
    const int forgotten =
        upp_ask(txn, "diary", UPP_ABOUT(package, errand->item), package, &ask.base);
    UPP_TRY(forgotten);
    return forgotten ? diary_failed(txn, r, package, "diary-forgotten") : 0;
}

int diary_failed(upp_txn *txn, const rules *r, const char *package, const char *why)
{
    matter m;
    Uppsikt__DiaryPackageFailed out = UPPSIKT__DIARY_PACKAGE_FAILED__INIT;
    char id[MATTER_ID] = "";
    {
        UPP_ROWS row =
            upp_query(txn, "SELECT matter FROM diary WHERE package = ?1", BIND(V(package)));
        if (upp_next(&row))
            snprintf(id, sizeof id, "%s", upp_col_text(&row, 0));
        UPP_TRY(row.rc);
    }
    const int missing = matter_read(txn, id, &m);
    UPP_TRY(missing);
    if (missing)
        return 0;
    UPP_TRY(upp_exec(txn, "UPDATE diary SET state = 2, why = ?2, at_ms = ?3 WHERE package = ?1",
                     BIND(V(package), V(why), V(upp_now(txn)))));
    out.package = upp_lend(package);
    out.matter = m.id;
    out.item = m.item;
    out.account = m.account;
    out.why = upp_lend(why);
    out.at_ms = upp_now(txn);
    UPP_TRY(upp_emit(txn, matter_subject(&m), &out.base, NULL));
    if (m.state != MATTER_OPEN)
        return 0;
    UPP_TRY(upp_exec(txn, "UPDATE matter SET failed = 'failed-diary' WHERE matter = ?1",
                     BIND(V(m.id))));
    return step_tell(txn, r, &m, NOTICE_FAILED, LADDER_TO(POLICY_ADMINISTRATORS));
}
