/* gate.c - no hide before RAW, no delete before WHOLE, of the very version decided on. */
#include "gate.h"

/* The wire's words and ours. */
static const Uppsikt__ItemAction actions[GATE_WHATS] = {
    [GATE_HIDE] = UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE,
    [GATE_DELETE] = UPPSIKT__ITEM_ACTION__ITEM_ACTION_DELETE,
    [GATE_UNHIDE] = UPPSIKT__ITEM_ACTION__ITEM_ACTION_UNHIDE,
    [GATE_REPLY] = UPPSIKT__ITEM_ACTION__ITEM_ACTION_REPLY,
};

int gate_what_of(Uppsikt__ItemAction action)
{
    for (int what = 0; what < GATE_WHATS; what++)
        if (actions[what] == action)
            return what;
    return -1;
}

Uppsikt__ItemAction gate_action_of(enum gate_what what)
{
    upp_check(what < GATE_WHATS);
    return actions[what];
}

bool gate_recalls(Uppsikt__ItemAction newer, enum gate_what older)
{
    const bool keep = newer == UPPSIKT__ITEM_ACTION__ITEM_ACTION_KEEP ||
                      newer == UPPSIKT__ITEM_ACTION__ITEM_ACTION_UNHIDE;
    const bool hide = newer == UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE;
    switch (older) {
    case GATE_HIDE: /* to delete is to hide until the copy is whole */
        return keep;
    case GATE_DELETE:
        return keep || hide;
    case GATE_UNHIDE:
        return hide || newer == UPPSIKT__ITEM_ACTION__ITEM_ACTION_DELETE;
    case GATE_REPLY:
    case GATE_WHATS:
        break;
    }
    return false;
}

/* A hide or delete waits for its copy, and for the brake. */
static bool removes(enum gate_what what)
{
    return what == GATE_HIDE || what == GATE_DELETE;
}

/* What makes it senseless. An attempt whose outcome is not known is looked into first: whatever has
 * become of the item, we may have done it. */
static enum gate_answer refusal(const gate_facts *f)
{
    if (f->forgotten)
        return GATE_FORGOTTEN;
    if (!f->known)
        return GATE_UNKNOWN;
    if (f->what == GATE_DELETE && !f->plan)
        return GATE_NO_ROW;
    if (f->tried)
        return GATE_GO;
    if (f->recalled)
        return GATE_RECALLED;
    if (f->gone)
        return GATE_GONE;
    if (f->what != GATE_REPLY && f->version != f->newest)
        return GATE_STALE;
    return GATE_GO;
}

enum gate_answer gate_judge(const gate_facts *f)
{
    const enum gate_answer no = refusal(f);
    if (no != GATE_GO)
        return no;
    if (f->what == GATE_HIDE && f->sealed < GATE_SEAL_RAW)
        return GATE_WAIT_RAW;
    if (f->what == GATE_DELETE && f->sealed < GATE_SEAL_WHOLE)
        return GATE_WAIT_WHOLE;
    if (removes(f->what) && f->held && !f->tried)
        return GATE_WAIT_HELD;
    if (f->busy)
        return GATE_WAIT_BUSY;
    if (!f->able)
        return GATE_MANUAL;
    if (f->locked)
        return f->what == GATE_REPLY && !f->tried ? GATE_LOCKED : GATE_WAIT_ACCOUNT;
    return GATE_GO;
}

Uppsikt__ActionRefused__Reason gate_reason(enum gate_answer answer)
{
    static const Uppsikt__ActionRefused__Reason reasons[GATE_ANSWERS] = {
        [GATE_NO_ROW] = UPPSIKT__ACTION_REFUSED__REASON__REASON_NO_ROW,
        [GATE_STALE] = UPPSIKT__ACTION_REFUSED__REASON__REASON_STALE_VERSION,
        [GATE_UNKNOWN] = UPPSIKT__ACTION_REFUSED__REASON__REASON_UNKNOWN_ITEM,
        [GATE_FORGOTTEN] = UPPSIKT__ACTION_REFUSED__REASON__REASON_FORGOTTEN,
        [GATE_GONE] = UPPSIKT__ACTION_REFUSED__REASON__REASON_GONE,
        [GATE_LOCKED] = UPPSIKT__ACTION_REFUSED__REASON__REASON_ACCOUNT_LOCKED,
        [GATE_RECALLED] = UPPSIKT__ACTION_REFUSED__REASON__REASON_RECALLED,
    };
    upp_check(answer < GATE_ANSWERS);
    return reasons[answer];
}

const char *gate_missing(enum gate_answer answer)
{
    return answer == GATE_WAIT_RAW ? "RAW" : answer == GATE_WAIT_WHOLE ? "WHOLE" : "";
}
