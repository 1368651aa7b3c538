/* act.c - who it is that acts on a matter: a registered person who is signed in, or whom a mail's
 * link was sent to (R17, R25). */
#include "link.h"
#include <stdio.h>
#include <string.h>

bool act_mailbox(const char *person)
{
    return strncmp(person, "unit:", 5) == 0 || strcmp(person, "operations") == 0;
}

int act_may(upp_txn *txn, const rules *r, const char *person, const matter *m)
{
    /* whoever has taken it over, or is asked to (E24) */
    if (strcmp(person, m->owner) == 0 || strcmp(person, m->handed_to) == 0)
        return 0;
    const int stranger =
        register_may_act(txn, person, m->account, m->unit, errand_rule_of(m->errand)->registrars);
    return stranger == 1 ? roster_stands_in(txn, r, person, m) : stranger;
}

/* Whom the link was sent to; the link's word is enough only while it lives. */
static int by_link(upp_txn *txn, const char *token, const char *id, actor *ret_actor)
{
    link_row link;
    const int unknown = link_read(txn, token, &link);
    UPP_TRY(unknown);
    if (unknown || (id[0] && strcmp(id, link.matter) != 0))
        return upp_refuse(txn, "no-such-link");
    if (link.expires_ms < upp_now(txn))
        return upp_refuse(txn, "link-expired");
    if (act_mailbox(link.person))
        return upp_refuse(txn, "link-of-a-mailbox");
    snprintf(ret_actor->by, sizeof ret_actor->by, "%.47s", link.person);
    snprintf(ret_actor->matter, sizeof ret_actor->matter, "%s", link.matter);
    return 0;
}

int act_read(upp_txn *txn, const upp_input *in, const char *id, const char *token, actor *ret_actor)
{
    *ret_actor = (actor){ .by = "" };
    if (!in->by && !token[0])
        return upp_refuse(txn, "decide-needs-a-person");
    if (!in->by)
        return by_link(txn, token, id, ret_actor);
    snprintf(ret_actor->by, sizeof ret_actor->by, "%s", in->by);
    snprintf(ret_actor->matter, sizeof ret_actor->matter, "%s", id);
    return 0;
}

int act_any(upp_txn *txn, const rules *r, const upp_input *in, const char *id, const char *token,
            actor *ret_actor, matter *ret_matter)
{
    UPP_TRY(act_read(txn, in, id, token, ret_actor));
    const int missing = matter_read(txn, ret_actor->matter, ret_matter);
    UPP_TRY(missing);
    if (missing)
        return upp_refuse(txn, "no-such-matter");
    const int stranger = act_may(txn, r, ret_actor->by, ret_matter);
    UPP_TRY(stranger);
    return stranger ? upp_refuse(txn, "not-your-account") : 0;
}

int act_open(upp_txn *txn, const rules *r, const upp_input *in, const char *id, const char *token,
             actor *ret_actor, matter *ret_matter)
{
    UPP_TRY(act_any(txn, r, in, id, token, ret_actor, ret_matter));
    return ret_matter->state == MATTER_OPEN ? 0 : upp_refuse(txn, "matter-closed");
}

int act_touched(upp_txn *txn, const char *id, upp_ms until)
{
    Uppsikt__MatterTouched out = UPPSIKT__MATTER_TOUCHED__INIT;
    out.matter = upp_lend(id);
    out.until_ms = until;
    return upp_reply(txn, &out.base);
}
