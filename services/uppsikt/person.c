/* person.c - `uppsikt person`: people of the register, their roles, leaving. */
#include "ask.h"
#include "uppsikt/registry.pb-c.h"
#include "verbs.h"

// clang-format off
#define WHO                                                                               \
    { "unit",       "UNIT",    "her unit",                         OPTION_TEXT, "unit" },       \
    { "role",       "ROLE,..", "reader administrator manager communications archivist registrar operations", OPTION_TEXT, "roles" }, \
    { "first-name", "NAME",    "first name; replies end with it (R11)", OPTION_TEXT, "first_name" }, \
    { "last-name",  "NAME",    "last name",                        OPTION_TEXT, "last_name" },  \
    { "title",      "TEXT",    "title",                            OPTION_TEXT, "title" },      \
    { "mail",       "ADDRESS", "where notices go",                 OPTION_TEXT, "mail" },       \
    { "phone",      "NUMBER",  "telephone",                        OPTION_TEXT, "phone" }
static const verb_option add_options[] = {
    { "id", "PERSON", "an id of your own for her; else she gets one", OPTION_TEXT, "person" }, WHO };
static const verb_option leave_options[] = {
    { "at", "TIME", "her last moment; else now", OPTION_TEXT, "at" },
};
static const verb_option list_options[] = {
    { "person", "PERSON", "only her", OPTION_TEXT, "person" },
};
// clang-format on

#define REGISTRY(type)                                                                             \
    .service = "registry", .command = &uppsikt__##type##__descriptor,                              \
    .outcome = &uppsikt__registered__descriptor
static const verb_ask ask_add = { REGISTRY(register_person), .inner = "who" };
static const verb_ask ask_leave = { REGISTRY(person_leaves) };
static const verb_ask ask_roles = { REGISTRY(register_person) };
static const verb_ask ask_confirm = { REGISTRY(confirm_rules) };

static const verb_list persons = {
    .service = "registry",
    .query = &uppsikt__persons__descriptor,
    .pages = "after=person",
    .columns = "PERSON=person UNIT=unit ROLES=roles LEFT=left LEAVES=leaves_ms RULES=rules_version "
               "FIRST-NAME=content.who.first_name LAST-NAME=content.who.last_name "
               "TITLE=content.who.title",
    .none = "no person is registered",
};

// clang-format off
static const verb_action actions[] = {
    { "list",    "",                "all persons",                                   list_options, UPP_LEN(list_options), NULL, &persons, NULL },
    { "add",     "",                "register her, or what is new about her",        add_options, UPP_LEN(add_options), &ask_add, NULL, NULL },
    { "roles",   "PERSON ROLES",    "exactly these roles, with commas between",      NULL, 0, &ask_roles, NULL, NULL },
    { "leave",   "PERSON",          "she leaves; hand-overs begin (R06)",            leave_options, UPP_LEN(leave_options), &ask_leave, NULL, NULL },
    { "confirm", "PERSON VERSION",  "she has read the rules in force (only herself)", NULL, 0, &ask_confirm, NULL, NULL },
};
// clang-format on

const verb_row verb_person = {
    .name = "person",
    .help = "people of the register: add, roles, leave",
    .actions = actions,
    .n_actions = UPP_LEN(actions),
};
