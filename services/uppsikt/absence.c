/* absence.c - `uppsikt absence`: who is away, and who stands in (R15). */
#include "ask.h"
#include "uppsikt/registry.pb-c.h"
#include "verbs.h"

static const verb_option set_options[] = {
    TEXT("id", "ABSENCE", "absence", "an id of your own for it, or one to change"),
    TEXT("from", "TIME", "from", "its first moment"),
    TEXT("to", "TIME", "to", "the first moment after it"),
    TEXT("substitute", "PERSON,..", "substitutes", "who stands in, the first is asked first"),
};
static const verb_option list_options[] = {
    TEXT("person", "PERSON", "person", "only hers"),
};

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

static const verb_action actions[] = {
    LIST("list", "", "all absences", OPTIONS(list_options), &absences),
    ASK("set", "PERSON", "she is away", OPTIONS(set_options), &ask_set),
    ASK("cancel", "ABSENCE", "it does not hold", NO_OPTIONS, &ask_cancel),
};

const verb_row verb_absence = {
    .name = "absence",
    .help = "who is away and who stands in",
    .actions = actions,
    .n_actions = UPP_LEN(actions),
};
