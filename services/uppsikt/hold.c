/* hold.c - `uppsikt hold`: gallringsstopp, per matter or account (R23). */
#include "ask.h"
#include "uppsikt/evidence.pb-c.h"
#include "verbs.h"

static const verb_option place_options[] = {
    TEXT("matter", "MATTER", "matter", "what is kept"),
    TEXT("account", "ACCOUNT", "account", "or: all of this account's"),
    TEXT("reason", "REASON", "reason",
         "why: records-request, dispute, police, audit, reconsideration, other"),
    TEXT("review", "TIME", "review_ms",
         "when somebody looks again whether it is needed; else in a year"),
};
static const verb_option list_options[] = {
    FLAG("all", "released_too", "those that were released, too"),
};
static const verb_ask ask_place = { .service = "evidence",
                                    .command = &uppsikt__place_hold__descriptor,
                                    .outcome = &uppsikt__hold_taken__descriptor };
static const verb_ask ask_release = { .service = "evidence",
                                      .command = &uppsikt__release_hold__descriptor,
                                      .outcome = &uppsikt__hold_taken__descriptor };
static const verb_list list_of_holds = {
    .service = "evidence",
    .query = &uppsikt__holds__descriptor,
    .pages = "after=hold",
    .columns =
        "HOLD=hold MATTER=matter ACCOUNT=account WHY=reason BY=by SINCE=at_ms REVIEW=review_ms "
        "RELEASE-ASKED=release_by "
        "SECOND=second RELEASED=released_ms",
    .none = "nothing is held",
};
static const verb_action actions[] = {
    ASK("place", "", "nothing of it is disposed of, whatever a row says", OPTIONS(place_options),
        &ask_place),
    ASK("release", "HOLD", "takes two: the first asks, another one says yes", NO_OPTIONS,
        &ask_release),
    LIST("list", "", "what is held", OPTIONS(list_options), &list_of_holds),
};

const verb_row verb_hold = {
    .name = "hold",
    .help = "gallringsstopp: place, release, list",
    .actions = actions,
    .n_actions = UPP_LEN(actions),
    .more = "Whoever acts is a registered person: --as PERSON, or $UPPSIKT_PERSON.\n",
};
