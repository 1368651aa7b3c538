/* absence.c - `uppsikt absence`: who is away, and who stands in (R15). */
#include "ask.h"
#include "uppsikt/registry.pb-c.h"
#include "verbs.h"

// clang-format off
static const verb_option set_options[] = {
    { "id",         "ABSENCE",  "an id of your own for it, or one to change",  OPTION_TEXT, "absence" },
    { "from",       "TIME",     "its first moment",                            OPTION_TEXT, "from" },
    { "to",         "TIME",     "the first moment after it",                   OPTION_TEXT, "to" },
    { "substitute", "PERSON,..", "who stands in, the first is asked first",    OPTION_TEXT, "substitutes" },
};
static const verb_option list_options[] = {
    { "person", "PERSON", "only hers", OPTION_TEXT, "person" },
};
// clang-format on

#define REGISTRY(type)                                                                             \
    .service = "registry", .command = &uppsikt__##type##__descriptor,                              \
    .outcome = &uppsikt__registered__descriptor
static const verb_ask ask_set = { REGISTRY(set_absence), .inner = "when" };
static const verb_ask ask_cancel = { REGISTRY(cancel_absence) };

static const verb_list absences = {
    .service = "registry",
    .query = &uppsikt__absences__descriptor,
    .pages = "after=absence",
    .columns = "ABSENCE=absence PERSON=person FROM=content.when.from_ms TO=content.when.to_ms "
               "SUBSTITUTES=content.when.substitutes",
    .none = "nobody is registered as absent",
};

// clang-format off
static const verb_action actions[] = {
    { "list",   "",        "all absences",          list_options, UPP_LEN(list_options), NULL, &absences, NULL },
    { "set",    "PERSON",  "she is away",           set_options, UPP_LEN(set_options), &ask_set, NULL, NULL },
    { "cancel", "ABSENCE", "it does not hold",      NULL, 0, &ask_cancel, NULL, NULL },
};
// clang-format on

const verb_row verb_absence = {
    .name = "absence",
    .help = "who is away and who stands in",
    .actions = actions,
    .n_actions = UPP_LEN(actions),
};
