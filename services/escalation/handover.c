/* handover.c - a matter goes to an officer: ta över (she becomes its owner when she says yes) or
 * fråga (the owner stays, her words become a draft in her name). She has until half of the time
 * left (E24; R14). */
#include "escalation.h"
#include <stdio.h>
#include <string.h>

static void key_of(const char *id, char ret_key[MATTER_ID + 16])
{
    snprintf(ret_key, MATTER_ID + 16, "handed/%s", id);
}

int notice_tell(upp_txn *txn, const rules *r, const matter *m, enum notice_kind kind,
                const char *person)
{
    upp_ms at = 0;
    if (!person[0])
        return 0;
    if (delivery_at(numbers_of(r, m)->duty, upp_now(txn), &at) != 0)
        at = upp_now(txn);
    return notice_add(txn, r, m, notice_number(kind, m), person, at);
}

static int say_ended(upp_txn *txn, const matter *m, Uppsikt__HandOverEnded__How how)
{
    char key[MATTER_ID + 16];
    key_of(m->id, key);
    UPP_TRY(upp_alarm_off(txn, key));
    UPP_TRY(upp_exec(txn,
                     "UPDATE matter SET handed_to = '', handed_from = '', accept_ms = 0,"
                     " asked = 0 WHERE matter = ?1",
                     BIND(V(m->id))));
    Uppsikt__HandOverEnded out = UPPSIKT__HAND_OVER_ENDED__INIT;
    out.matter = upp_lend(m->id);
    out.from = upp_lend(m->handed_from);
    out.to = upp_lend(m->handed_to);
    out.how = how;
    out.at_ms = upp_now(txn);
    return upp_emit(txn, matter_subject(m), &out.base, NULL);
}

/* The manager of whoever let it lie, or who gave it back. */
static int manager_of(upp_txn *txn, const char *person, char ret_manager[MATTER_PERSON])
{
    ret_manager[0] = '\0';
    UPP_ROWS row = upp_query(txn,
                             "SELECT u.manager FROM person p JOIN unit u ON u.unit = p.unit"
                             " WHERE p.person = ?1 AND u.manager <> ?1",
                             BIND(V(person)));
    if (upp_next(&row))
        snprintf(ret_manager, MATTER_PERSON, "%s", upp_col_text(&row, 0));
    return row.rc;
}

/* Three times in vain: now the manager decides whose it is. */
static int ask_manager(upp_txn *txn, const rules *r, const matter *m)
{
    if (m->asked || (int64_t)m->handovers < numbers_of(r, m)->pol.clocks.handovers)
        return 0;
    matter e = { .errand = ERRAND_MANAGER, .received_ms = upp_now(txn), .version = m->version };
    snprintf(e.about, sizeof e.about, "%.47s", m->id);
    snprintf(e.item, sizeof e.item, "%s", m->item);
    snprintf(e.account, sizeof e.account, "%s", m->account);
    snprintf(e.unit, sizeof e.unit, "%s", m->unit);
    return errand_open(txn, r, &e);
}

/* It goes back to whoever gave it. */
static int give_back(upp_txn *txn, const rules *r, const matter *m, Uppsikt__HandOverEnded__How how)
{
    UPP_TRY(say_ended(txn, m, how));
    UPP_TRY(notice_tell(txn, r, m, NOTICE_RETURNED, m->handed_from));
    return ask_manager(txn, r, m);
}

int handover_alarm(upp_txn *txn, const rules *r, const char *id)
{
    matter m;
    char manager[MATTER_PERSON];
    const int missing = matter_read(txn, id, &m);
    UPP_TRY(missing);
    if (missing || !m.handed_to[0])
        return 0;
    if (m.state != MATTER_OPEN)
        return say_ended(txn, &m, UPPSIKT__HAND_OVER_ENDED__HOW__HOW_RELEASED);
    UPP_TRY(give_back(txn, r, &m, UPPSIKT__HAND_OVER_ENDED__HOW__HOW_EXPIRED));
    UPP_TRY(manager_of(txn, m.handed_to, manager));
    return strcmp(manager, m.handed_from) == 0 ? 0
                                               : notice_tell(txn, r, &m, NOTICE_RETURNED, manager);
}

int handover_release(upp_txn *txn, const rules *r, const matter *m)
{
    return m->handed_to[0] ? give_back(txn, r, m, UPPSIKT__HAND_OVER_ENDED__HOW__HOW_RELEASED) : 0;
}

/* The manager of the account's unit may hand it over once more. */
static int is_manager(upp_txn *txn, const char *person, const matter *m, bool *ret_is)
{
    UPP_ROWS row =
        upp_query(txn,
                  "SELECT 1 FROM unit u WHERE u.unit = coalesce((SELECT unit FROM account"
                  " WHERE account = ?2), ?3) AND (u.manager = ?1 OR u.head = ?1)",
                  BIND(V(person), V(m->account), V(m->unit)));
    *ret_is = upp_next(&row);
    return row.rc;
}

static int check(upp_txn *txn, const rules *r, const Uppsikt__HandOver *c, const actor *who,
                 const matter *m)
{
    bool manager = false;
    if (strcmp(c->to, who->by) == 0)
        return upp_refuse(txn, "hand-over-to-yourself");
    if (m->handed_to[0])
        return upp_refuse(txn, "handed-over-already");
    const int away = roster_away(txn, c->to, upp_now(txn));
    UPP_TRY(away);
    if (away)
        return upp_refuse(txn, "officer-not-there");
    UPP_TRY(is_manager(txn, who->by, m, &manager));
    if (!c->ask_only && !manager && (int64_t)m->handovers >= numbers_of(r, m)->pol.clocks.handovers)
        return upp_refuse(txn, "handed-too-often");
    return 0;
}

int on_hand_over(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const rules *r = self;
    const Uppsikt__HandOver *c = msg;
    matter m;
    actor who;
    clock_input clock;
    clock_times times = { .paused = true }; /* no clock: the policy's time alone */
    char key[MATTER_ID + 16];
    UPP_TRY(act_open(txn, r, in, c->matter, c->token, &who, &m));
    UPP_TRY(check(txn, r, c, &who, &m));
    (void)matter_times(r, &m, &clock, &times);
    const numbers *n = numbers_of(r, &m);
    if (clock_accept_due(&n->pol, n->duty, &times, upp_now(txn), &m.accept_ms) != 0)
        return upp_fail(txn, UPP_E_INPUT, "no working time within ten years");
    m.asked = c->ask_only;
    m.handovers++;
    snprintf(m.handed_to, sizeof m.handed_to, "%s", c->to);
    snprintf(m.handed_from, sizeof m.handed_from, "%s", who.by);
    UPP_TRY(upp_exec(txn,
                     "UPDATE matter SET handed_to = ?2, handed_from = ?3, accept_ms = ?4,"
                     " asked = ?5, handovers = ?6 WHERE matter = ?1",
                     BIND(V(m.id), V(m.handed_to), V(m.handed_from), V(m.accept_ms),
                          V(m.asked ? 1 : 0), V(m.handovers))));
    UPP_TRY(errand_end(txn, ERRAND_MANAGER, m.id, UPPSIKT__MET_HOW__MET_HOW_DONE, upp_now(txn)));
    key_of(m.id, key);
    UPP_TRY(upp_alarm(txn, key, m.accept_ms + 1));
    Uppsikt__MatterHandedOver out = UPPSIKT__MATTER_HANDED_OVER__INIT;
    out.matter = m.id;
    out.from = m.handed_from;
    out.to = m.handed_to;
    out.ask_only = m.asked;
    out.accept_by_ms = m.accept_ms;
    out.count = m.handovers;
    UPP_TRY(upp_emit(txn, matter_subject(&m), &out.base, NULL));
    UPP_TRY(notice_tell(txn, r, &m, NOTICE_OFFERED, m.handed_to));
    return act_touched(txn, m.id, m.accept_ms);
}

int handover_draft(upp_txn *txn, const rules *r, const matter *m, const char *person,
                   const char *text)
{
    char id[UPP_ID];
    upp_content kept;
    Uppsikt__ReplyDraftedContent content = UPPSIKT__REPLY_DRAFTED_CONTENT__INIT;
    content.text = upp_lend(text);
    const int gone = upp_keep(txn, UPP_ABOUT(matter_subject(m), person), &content.base, &kept);
    UPP_TRY(gone);
    upp_id(txn, id);
    UPP_TRY(upp_exec(txn,
                     "INSERT INTO draft(draft, matter, person, at_ms, text_ref)"
                     " VALUES(?1, ?2, ?3, ?4, ?5)",
                     BIND(V(id), V(m->id), V(person), V(upp_now(txn)), V(kept.ref))));
    Uppsikt__ReplyDrafted out = UPPSIKT__REPLY_DRAFTED__INIT;
    out.draft = id;
    out.matter = upp_lend(m->id);
    out.item = upp_lend(m->item);
    out.person = upp_lend(person);
    out.at_ms = upp_now(txn);
    out.commitment = upp_commitment(&kept);
    UPP_TRY(upp_emit(txn, matter_subject(m), &out.base, &kept));
    UPP_TRY(say_ended(txn, m, UPPSIKT__HAND_OVER_ENDED__HOW__HOW_ANSWERED));
    return notice_tell(txn, r, m, NOTICE_DRAFT, m->handed_from);
}

int on_answer_hand_over(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const rules *r = self;
    const Uppsikt__AnswerHandOver *c = msg;
    matter m;
    actor who;
    UPP_TRY(act_open(txn, r, in, c->matter, c->token, &who, &m));
    if (strcmp(m.handed_to, who.by) != 0)
        return upp_refuse(txn, "not-handed-to-you");
    if (c->no)
        UPP_TRY(give_back(txn, r, &m, UPPSIKT__HAND_OVER_ENDED__HOW__HOW_RETURNED));
    else if (m.asked && !c->text[0])
        return upp_refuse(txn, "words-missing");
    else if (m.asked)
        UPP_TRY(handover_draft(txn, r, &m, who.by, c->text));
    else {
        UPP_TRY(say_ended(txn, &m, UPPSIKT__HAND_OVER_ENDED__HOW__HOW_ACCEPTED));
        UPP_TRY(upp_exec(txn, "UPDATE matter SET owner = ?2, away_owner = '' WHERE matter = ?1",
                         BIND(V(m.id), V(who.by))));
    }
    return act_touched(txn, m.id, 0);
}
