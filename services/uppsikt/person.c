/* person.c - `uppsikt person`: people of the register, their roles, leaving. */
#include "ask.h"
#include "person_directory.h"
#include "person_handover.h"
#include "person_password.h"
#include "uppsikt/registry.pb-c.h"
#include "verbs.h"

#define WHO                                                                                        \
    TEXT("unit", "UNIT", "unit", "her unit"),                                                      \
        TEXT("role", "ROLE,..", "roles",                                                           \
             "reader administrator manager communications archivist registrar operations"),        \
        TEXT("first-name", "NAME", "first_name", "first name; replies end with it (R11)"),         \
        TEXT("last-name", "NAME", "last_name", "last name"),                                       \
        TEXT("title", "TEXT", "title", "title"),                                                   \
        TEXT("mail", "ADDRESS", "mail", "where notices go"),                                       \
        TEXT("phone", "NUMBER", "phone", "telephone")
static const verb_option add_options[] = {
    TEXT("id", "PERSON", "person", "an id of your own for her; else she gets one"), WHO
};
static const verb_option leave_options[] = {
    TEXT("at", "TIME", "at", "her last moment; else now"),
};
static const verb_option list_options[] = {
    TEXT("person", "PERSON", "person", "only her"),
};

static const verb_option password_options[] = {
    TEXT("name", "NAME", NULL, "what she types to sign in; else as it was"),
    TEXT("file", "FILE", NULL, "file with the password, 0600; - is standard input; else a prompt"),
    FLAG("off", NULL, "she may not sign in any more"),
};
static const verb_option directory_options[] = {
    TEXT("name", "VALUE", NULL, "what the claim of the console's oidc_claim says of her"),
    FLAG("off", NULL, "the directory does not sign her in any more"),
};

static const verb_option handover_options[] = {
    TEXT("done", "ROW,..", NULL,
         "ACCOUNT/STEP is done: appointed granted removed rotated second-factor"),
    TEXT("not-needed", "ROW,..", NULL, "ACCOUNT/STEP is not needed; --note says why"),
    TEXT("undo", "ROW,..", NULL, "ACCOUNT/STEP is open after all"),
    TEXT("successor", "PERSON", NULL, "of appointed: who comes in her place"),
    TEXT("by", "PERSON", NULL, "of appointed: the sector head; else whoever ticks"),
    TEXT("at", "TIME", NULL, "of appointed: when; else now"),
    TEXT("note", "TEXT", NULL,
         "why a row is not needed; where the secret lies now, never the secret"),
    FLAG("confirm", NULL, "all is handed over; says one who has ticked none of it"),
};

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

static const verb_action actions[] = {
    LIST("list", "", "all persons", OPTIONS(list_options), &persons),
    ASK("add", "", "register her, or what is new about her", OPTIONS(add_options), &ask_add),
    ASK("roles", "PERSON ROLES", "exactly these roles, with commas between", NO_OPTIONS,
        &ask_roles),
    ASK("leave", "PERSON", "she leaves; hand-overs begin (R06)", OPTIONS(leave_options),
        &ask_leave),
    RUN("handover", "[PERSON]", "what she hands over; without PERSON: who hands over (R06)",
        OPTIONS(handover_options), person_handover),
    RUN("password", "PERSON", "her sign-in to the web pages; never given on the command line",
        OPTIONS(password_options), person_password),
    RUN("directory", "PERSON", "what the organisation's own directory calls her, to sign her in",
        OPTIONS(directory_options), person_directory),
    ASK("confirm", "PERSON VERSION", "she has read the rules in force (only herself)", NO_OPTIONS,
        &ask_confirm),
};

const verb_row verb_person = {
    .name = "person",
    .help = "people of the register: add, roles, sign-in, leave, what a leaver hands over",
    .actions = actions,
    .n_actions = UPP_LEN(actions),
};
