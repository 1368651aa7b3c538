/* appeal.c - somebody objects to what was decided: a registered person writes it down, and another
 * than who decided tries it, on a clock of its own (R25; RF 2:1, law.md L6). */
#include "escalation.h"
#include <stdio.h>
#include <string.h>

enum { APPEAL_TEXT = 20000 };

/* The decision that somebody objects to. */
typedef struct appealed {
    char id[UPP_ID], person[MATTER_PERSON], second[MATTER_PERSON];
    Uppsikt__ItemAction action;
    upp_ms at_ms;
} appealed;

static int take(upp_rows *row, appealed *ret_decision)
{
    if (!upp_next(row))
        return row->rc < 0 ? row->rc : 1;
    snprintf(ret_decision->id, sizeof ret_decision->id, "%s", upp_col_text(row, 0));
    snprintf(ret_decision->person, sizeof ret_decision->person, "%s", upp_col_text(row, 1));
    snprintf(ret_decision->second, sizeof ret_decision->second, "%s", upp_col_text(row, 2));
    ret_decision->action = (Uppsikt__ItemAction)upp_col_int(row, 3);
    ret_decision->at_ms = upp_col_int(row, 4);
    return 0;
}

/* 1: nothing was decided about it. */
static int read_newest(upp_txn *txn, const char *item, appealed *ret_decision)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT decision, person, second, action, at_ms FROM decision"
                             " WHERE item = ?1 AND item <> '' ORDER BY at_ms DESC, decision DESC"
                             " LIMIT 1",
                             BIND(V(item)));
    return take(&row, ret_decision);
}

static int read_decision(upp_txn *txn, const char *id, appealed *ret_decision)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT decision, person, second, action, at_ms FROM decision"
                             " WHERE decision = ?1",
                             BIND(V(id)));
    return take(&row, ret_decision);
}

/* -- written down -- */
static bool says_something(const char *text)
{
    return text[strspn(text, " \t\r\n")] != '\0';
}

/* The appeal's own matter. When one against the same decision is open already, what is said now
 * belongs to it, and its clock is the first one's. */
static int take_up(upp_txn *txn, const rules *r, const matter *m, const appealed *d,
                   upp_ms received, matter *ret_appeal)
{
    char id[MATTER_ID] = "";
    matter e = { .errand = ERRAND_APPEAL, .received_ms = received };
    snprintf(e.item, sizeof e.item, "%s", m->item);
    snprintf(e.account, sizeof e.account, "%s", m->account);
    snprintf(e.about, sizeof e.about, "%s", d->id);
    UPP_TRY(decision_newest(txn, m->item, &e.version));
    UPP_TRY(errand_open(txn, r, &e));
    {
        UPP_ROWS row = upp_query(
            txn, "SELECT matter FROM matter WHERE about = ?1 AND errand = ?2 AND state = 0",
            BIND(V(d->id), V((int64_t)ERRAND_APPEAL)));
        if (upp_next(&row))
            snprintf(id, sizeof id, "%s", upp_col_text(&row, 0));
        UPP_TRY(row.rc);
    }
    const int missing = matter_read(txn, id, ret_appeal);
    UPP_TRY(missing);
    return missing ? upp_fail(txn, UPP_E_BUG, "an appeal without a matter: %s", d->id) : 0;
}

static int check(upp_txn *txn, const Uppsikt__Appeal *c, const appealed *d, upp_ms received)
{
    if (!says_something(c->text))
        return upp_refuse(txn, "words-missing");
    if (strlen(c->text) > APPEAL_TEXT)
        return upp_refuse(txn, "appeal-too-long");
    return received < d->at_ms || received > upp_now(txn) ? upp_refuse(txn, "appeal-time") : 0;
}

int on_appeal(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__Appeal *c = msg;
    const upp_ms received = c->received_ms ? c->received_ms : upp_now(txn);
    matter m, appeal;
    actor who;
    appealed d;
    upp_content words;
    UPP_TRY(act_any(txn, self, in, c->matter, "", &who, &m));
    const int none = read_newest(txn, m.item, &d);
    UPP_TRY(none);
    if (none)
        return upp_refuse(txn, "nothing-decided");
    UPP_TRY(check(txn, c, &d, received));
    Uppsikt__AppealLodgedContent content = UPPSIKT__APPEAL_LODGED_CONTENT__INIT;
    content.text = c->text;
    const int forgotten = upp_keep(txn, UPP_ABOUT(m.item), &content.base, &words);
    UPP_TRY(forgotten);
    if (forgotten)
        return upp_refuse(txn, "appeal-disposed");
    UPP_TRY(take_up(txn, self, &m, &d, received, &appeal));
    Uppsikt__AppealLodged out = UPPSIKT__APPEAL_LODGED__INIT;
    out.appeal = appeal.id;
    out.item = m.item;
    out.account = m.account;
    out.decision = d.id;
    out.by = who.by;
    out.by_author = c->by_author;
    out.received_ms = received;
    out.at_ms = upp_now(txn);
    out.commitment = upp_commitment(&words);
    UPP_TRY(upp_emit(txn, m.item, &out.base, &words));
    return act_touched(txn, appeal.id, appeal.due_ms);
}

/* -- tried -- */
/* Neither of the two who decided; nor whom the comment is about (sla.md E29). */
static int check_who(upp_txn *txn, const char *by, const matter *m, const appealed *d)
{
    if (strcmp(by, d->person) == 0 || strcmp(by, d->second) == 0)
        return upp_refuse(txn, "appeal-another-person");
    UPP_ROWS row = upp_query(txn, "SELECT 1 FROM item WHERE item = ?1 AND target = ?2",
                             BIND(V(m->item), V(by)));
    if (upp_next(&row))
        return upp_refuse(txn, "appeal-about-you");
    return row.rc;
}

/* Where it is decided: what is open about the comment, else its newest matter of moderation, else
 * what was looked at. */
static int read_matter(upp_txn *txn, const matter *appeal, matter *ret_matter)
{
    char id[MATTER_ID];
    snprintf(id, sizeof id, "%s", appeal->id);
    {
        UPP_ROWS row =
            upp_query(txn,
                      "SELECT matter FROM matter WHERE item = ?1 AND errand = 0"
                      " ORDER BY kind <> 3 DESC, state = 0 DESC, kind = 2 DESC, round DESC"
                      " LIMIT 1",
                      BIND(V(appeal->item)));
        if (upp_next(&row))
            snprintf(id, sizeof id, "%s", upp_col_text(&row, 0));
        UPP_TRY(row.rc);
    }
    const int missing = matter_read(txn, id, ret_matter);
    UPP_TRY(missing);
    return missing ? upp_fail(txn, UPP_E_BUG, "no matter of an appeal: %s", id) : 0;
}

/* Does it stand already as the appeal wants it; or can nothing be done about it any more? */
static bool is_settled(const standing *s, bool show)
{
    const bool away = s->hidden || decision_removes(s->decided);
    return s->gone || (show ? !away : away);
}

/* What was hidden is shown again, what may stay is hidden: a decision of its own, by whoever tries
 * it. `ret_made` "": there is nothing left to be done. */
static int change(upp_txn *txn, const rules *r, const Uppsikt__DecideAppeal *c, const matter *m,
                  const appealed *d, const char *by, char ret_made[UPP_ID])
{
    const bool show = decision_removes(d->action);
    uint32_t newest = 0;
    standing now;
    matter of;
    UPP_TRY(decision_standing(txn, m->item, &now));
    if (is_settled(&now, show))
        return 0;
    UPP_TRY(decision_newest(txn, m->item, &newest));
    if (c->version != newest)
        return upp_refuse(txn, "stale-version");
    if (!c->reason[0])
        return upp_refuse(txn, "reason-missing");
    UPP_TRY(read_matter(txn, m, &of));
    const decision made = { .m = &of,
                            .version = newest,
                            .action = show ? UPPSIKT__ITEM_ACTION__ITEM_ACTION_UNHIDE
                                           : UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE,
                            .reason = c->reason,
                            .plan_row = "",
                            .law = "",
                            .note = c->note,
                            .by = by,
                            .second = "" };
    return decision_make(txn, r, &made, ret_made);
}

static int say_decided(upp_txn *txn, const Uppsikt__DecideAppeal *c, const matter *m,
                       const appealed *d, const char *by, const char *made)
{
    upp_content note;
    Uppsikt__AppealDecidedContent content = UPPSIKT__APPEAL_DECIDED_CONTENT__INIT;
    content.note = c->note;
    const int forgotten = upp_keep(txn, UPP_ABOUT(m->item), &content.base, &note);
    UPP_TRY(forgotten);
    Uppsikt__AppealDecided out = UPPSIKT__APPEAL_DECIDED__INIT;
    out.appeal = upp_lend(m->id);
    out.item = upp_lend(m->item);
    out.account = upp_lend(m->account);
    out.decision = upp_lend(d->id);
    out.by = upp_lend(by);
    out.changed = c->change;
    out.made = upp_lend(made);
    out.at_ms = upp_now(txn);
    out.commitment = upp_commitment(&note);
    return upp_emit(txn, m->item, &out.base, &note);
}

int on_decide_appeal(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__DecideAppeal *c = msg;
    matter m;
    actor who;
    appealed d;
    char made[UPP_ID] = "";
    UPP_TRY(act_open(txn, self, in, c->matter, "", &who, &m));
    if (m.errand != ERRAND_APPEAL)
        return upp_refuse(txn, "not-an-appeal");
    const int missing = read_decision(txn, m.about, &d);
    UPP_TRY(missing);
    if (missing)
        return upp_fail(txn, UPP_E_BUG, "an appeal against no decision: %s", m.id);
    UPP_TRY(check_who(txn, who.by, &m, &d));
    if (!says_something(c->note))
        return upp_refuse(txn, "appeal-note-missing");
    if (c->change)
        UPP_TRY(change(txn, self, c, &m, &d, who.by, made));
    UPP_TRY(say_decided(txn, c, &m, &d, who.by, made));
    UPP_TRY(matter_meet(
        txn, m.id, c->change ? UPPSIKT__MET_HOW__MET_HOW_CHANGED : UPPSIKT__MET_HOW__MET_HOW_STANDS,
        upp_now(txn)));
    Uppsikt__Decided out = UPPSIKT__DECIDED__INIT;
    out.decision = made;
    out.matter = m.id;
    return upp_reply(txn, &out.base);
}
