/* action.c - `uppsikt action` and `uppsikt hold-actions`: what is on its way to a platform, what a
 * person did by hand instead, and the operators' brake (R22). */
#include "ask.h"
#include "uppsikt/ingest.pb-c.h"
#include "verbs.h"

#define INGEST(type, presets)                                                                      \
    {                                                                                              \
        .service = "ingest", .command = &uppsikt__##type##__descriptor,                            \
        .outcome = &uppsikt__action_taken__descriptor, .preset = (presets)                         \
    }
static const verb_ask ask_attest = INGEST(attest_action, NULL);
static const verb_ask ask_on = INGEST(hold_actions, "hold=yes");
static const verb_ask ask_off = INGEST(hold_actions, "hold=no");

static const verb_list waiting = {
    .service = "ingest",
    .query = &uppsikt__waiting_actions__descriptor,
    .pages = "after=action",
    .columns = "ACTION=action WHAT=what STATE=state MISSING=missing WHY=why SINCE=since_ms "
               "NEXT=next_ms ACCOUNT=account ITEM=item MATTER=matter",
    .none = "nothing waits at the gate",
};

static const verb_action on_way[] = {
    LIST("list", "", "what waits at the gate or is on its way, and for what", NO_OPTIONS, &waiting),
    ASK("attest", "ACTION", "I did by hand what the platform does not let us do", NO_OPTIONS,
        &ask_attest),
};
static const verb_action brake[] = {
    ASK("on", "", "no hide and no delete leaves any more; what was sent is not taken back",
        NO_OPTIONS, &ask_on),
    ASK("off", "", "what waited goes on", NO_OPTIONS, &ask_off),
    LIST("list", "", "what is held, and what else waits", NO_OPTIONS, &waiting),
};

const verb_row verb_action_row = {
    .name = "action",
    .help = "what was decided, on its way to a platform",
    .actions = on_way,
    .n_actions = UPP_LEN(on_way),
};
const verb_row verb_hold_actions = {
    .name = "hold-actions",
    .help = "the brake: stop every hide and delete of the deployment, or let them go",
    .actions = brake,
    .n_actions = UPP_LEN(brake),
};
