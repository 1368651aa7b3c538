/* decide.c - a decision's form, read and judged before anything is sent (R21, R25). */
#include "decide.h"
#include <string.h>

static Uppsikt__ItemAction action_of(const char *word)
{
    return strcmp(word, "keep") == 0     ? UPPSIKT__ITEM_ACTION__ITEM_ACTION_KEEP
           : strcmp(word, "hide") == 0   ? UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE
           : strcmp(word, "delete") == 0 ? UPPSIKT__ITEM_ACTION__ITEM_ACTION_DELETE
                                         : UPPSIKT__ITEM_ACTION__ITEM_ACTION_UNSPECIFIED;
}

bool decide_is_stay(const char *reason)
{
    static const char *const stays[] = { "opinion", "within_rules", "answered", "own_information" };
    for (size_t i = 0; i < UPP_LEN(stays); i++)
        if (strcmp(stays[i], reason) == 0)
            return true;
    return false;
}

static const char *flaw_of(const Uppsikt__Decide *d, const char *ground)
{
    if (d->action == UPPSIKT__ITEM_ACTION__ITEM_ACTION_UNSPECIFIED)
        return "action:decide.need-action";
    if (!d->reason[0])
        return "reason:decide.need-reason";
    if (d->action == UPPSIKT__ITEM_ACTION__ITEM_ACTION_KEEP)
        return decide_is_stay(d->reason) ? NULL : "reason:decide.need-stay";
    if (decide_is_stay(d->reason))
        return "reason:decide.need-breach";
    if (d->action == UPPSIKT__ITEM_ACTION__ITEM_ACTION_DELETE && !ground[0])
        return "ground:decide.need-ground";
    return NULL;
}

const char *decide_read(const form *f, Uppsikt__Decide *ret_decide)
{
    Uppsikt__Decide *d = ret_decide;
    const char *ground = form_value(f, "ground");
    d->action = action_of(form_value(f, "action"));
    d->reason = upp_lend(form_value(f, "reason"));
    d->note = upp_lend(form_value(f, "note"));
    if (d->action == UPPSIKT__ITEM_ACTION__ITEM_ACTION_DELETE) {
        d->alone = form_has(f, "alone");
        if (strncmp(ground, "law:", 4) == 0)
            d->law = upp_lend(ground + 4);
        if (strncmp(ground, "row:", 4) == 0)
            d->plan_row = upp_lend(ground + 4);
    }
    return flaw_of(d, ground);
}

const char *decide_done(const Uppsikt__Decided *said)
{
    return said->approval[0] ? "done.approval"
           : said->hidden    ? "done.kept-hidden"
           : said->recalled  ? "done.recalled"
                             : "done.decided";
}
