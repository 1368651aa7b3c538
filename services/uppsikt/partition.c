/* partition.c - `uppsikt partition`: one service's work divided among several processes (R42). */
#include "ask.h"
#include "backup_files.h"
#include "lock.h"
#include "parts.h"
#include "verbs.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The service's name in home_services; NULL: said. */
static const char *service_of(const char *name)
{
    for (size_t i = 0; i < home_n_services; i++)
        if (strcmp(home_services[i], name) == 0)
            return home_services[i];
    home_sayf("%s: no such service; uppsikt partition list", name);
    return NULL;
}

/* -- how it stands -- */
static json_t *names_of(const parts_state *s)
{
    json_t *names = json_array();
    for (size_t i = 0; i < s->n; i++)
        json_array_append_new(names, json_string(s->ones[i].name));
    return names;
}

static int list(verb_call *call)
{
    UPP_AUTO(json_freep) json_t *rows = json_array();
    int rc = ask_home(call);
    if (rc != CALL_DONE)
        return rc;
    for (size_t i = 0; i < home_n_services; i++) {
        const char *service = home_services[i];
        parts_state s = { .service = service };
        if (!home_has(call->home, service))
            continue;
        if (!parts_divides(service)) {
            json_array_append_new(rows, json_pack("{s:s, s:i, s:[s], s:s}", "service", service,
                                                  "parts", 1, "names", service, "state", "whole"));
            continue;
        }
        if (!parts_read(call->home, service, &s))
            return CALL_CONFIG;
        const char *word = s.half ? "half" : s.of > 1 ? "divided" : "whole";
        json_array_append_new(rows, json_pack("{s:s, s:i, s:o, s:s, s:b, s:s}", "service", service,
                                              "parts", (int)s.of, "names", names_of(&s), "state",
                                              word, "divides", true, "why", s.why));
        rc = s.half ? CALL_WRONG : rc;
    }
    if (call->json)
        print_json(rows);
    else
        print_table(call->home, rows, "SERVICE=service PARTS=parts STATE=state WHY=why");
    if (rc == CALL_WRONG)
        home_say("a division has not ended: the same uppsikt partition split again ends it");
    return rc;
}

/* Which process has an account's work, in each service that is divided. */
static int account(verb_call *call)
{
    UPP_AUTO(json_freep) json_t *rows = json_array();
    const int rc = ask_home(call);
    if (rc != CALL_DONE)
        return rc;
    for (size_t i = 0; i < home_n_services; i++) {
        char name[UPP_PART_NAME];
        parts_state s;
        if (!home_has(call->home, home_services[i]) || !parts_divides(home_services[i]))
            continue;
        if (!parts_read(call->home, home_services[i], &s))
            return CALL_CONFIG;
        upp_part_name(s.service, upp_part_for(call->operands[0], s.of), name);
        json_array_append_new(rows, json_pack("{s:s, s:s}", "service", s.service, "part", name));
    }
    if (call->json)
        print_json(rows);
    else
        print_table(call->home, rows, "SERVICE=service PART=part");
    return CALL_DONE;
}

/* -- dividing -- */
static int lock_all(const verb_call *call, const parts_state *s)
{
    const char *data = call->home->data;
    if (data[0] && lock_take(data) < 0) { /* kept until we end */
        home_sayf("%s: the supervisor runs; stop it first", data);
        return CALL_WRONG;
    }
    for (size_t i = 0; i < home_n_services; i++) {
        char folder[PATH_MAX];
        if (!home_has(call->home, home_services[i]))
            continue;
        if (!backup_data_of(call->home, home_services[i], folder))
            return CALL_CONFIG;
        /* Those that hear it too: they read at their start what there is to hear. */
        if (access(folder, F_OK) == 0 && lock_held(folder)) {
            home_sayf("%s runs; stop all services first", home_services[i]);
            return CALL_WRONG;
        }
    }
    for (size_t i = 0; i < s->n; i++)
        if (access(s->ones[i].data, F_OK) == 0 && lock_take(s->ones[i].data) < 0) {
            home_sayf("%s runs; stop all services first", s->ones[i].name);
            return CALL_WRONG;
        }
    return CALL_DONE;
}

static bool may_divide(const parts_state *s, unsigned of)
{
    if (of < s->of || of % s->of != 0) {
        home_sayf("%s: its work is divided into %u, and %u is no multiple of that; parts are made"
                  " of parts, and never joined",
                  s->service, s->of, of);
        return false;
    }
    for (size_t i = 0; i < s->n; i++)
        if (s->ones[i].of > of || (s->ones[i].of > s->of && s->ones[i].of != of)) {
            home_sayf("%s: a division into %u was begun; end it first: uppsikt partition split %s"
                      " %u",
                      s->service, s->ones[i].of, s->service, s->ones[i].of);
            return false;
        }
    return true;
}

static void show(const verb_call *call, const parts_state *s, unsigned of, bool done)
{
    UPP_AUTO(json_freep) json_t *names = json_array();
    for (unsigned part = 1; part <= of; part++) {
        char name[UPP_PART_NAME];
        upp_part_name(s->service, part, name);
        json_array_append_new(names, json_string(name));
    }
    if (call->json) {
        UPP_AUTO(json_freep)
        json_t *all = json_pack("{s:s, s:i, s:i, s:O, s:b}", "service", s->service, "was",
                                (int)s->of, "parts", (int)of, "names", names, "done", done);
        print_json(all);
        return;
    }
    printf("%s: %u part%s now, %u then:", s->service, s->of, s->of == 1 ? "" : "s", of);
    for (size_t i = 0; i < json_array_size(names); i++)
        printf(" %s", json_string_value(json_array_get(names, i)));
    puts(done ? "\ndone; start the services" : "\nnothing was changed; with --yes it is done");
}

static int split(verb_call *call)
{
    parts_state s;
    char *end = NULL;
    const unsigned long of = strtoul(call->operands[1], &end, 10);
    const char *service = service_of(call->operands[0]);
    if (!service)
        return CALL_USAGE;
    if (*end || of < 2 || of > UPP_PARTS) {
        home_sayf("%s: 2 to %d parts are possible", call->operands[1], UPP_PARTS);
        return CALL_USAGE;
    }
    if (!parts_divides(service)) {
        home_sayf("%s: its work cannot be divided: what it knows of one account is bound up with"
                  " the others'; only classify's can",
                  service);
        return CALL_WRONG;
    }
    int rc = ask_home(call);
    if (rc != CALL_DONE)
        return rc;
    if (!parts_read(call->home, service, &s))
        return CALL_CONFIG;
    if (s.ones[0].of == 0) {
        home_sayf("%s: has no store yet in %s; start it once, then divide its work", service,
                  s.ones[0].data);
        return CALL_WRONG;
    }
    if (!may_divide(&s, (unsigned)of))
        return CALL_WRONG;
    if (!call_flag(call, "yes")) {
        show(call, &s, (unsigned)of, false);
        return CALL_DONE;
    }
    rc = lock_all(call, &s);
    if (rc == CALL_DONE)
        rc = parts_divide(call->home, &s, (unsigned)of);
    if (rc == CALL_DONE)
        show(call, &s, (unsigned)of, true);
    return rc;
}

static const verb_option split_options[] = {
    FLAG("yes", NULL, "do it; without, it is only told what would be done"),
};
static const verb_action actions[] = {
    RUN("list", "", "how each service's work is divided", NO_OPTIONS, list),
    RUN("account", "ACCOUNT", "which process has that account's work", NO_OPTIONS, account),
    RUN("split", "SERVICE N", "divide its work among N processes, by account",
        OPTIONS(split_options), split),
};

const verb_row verb_partition = {
    .name = "partition",
    .help = "one service's work divided among several processes, by account",
    .actions = actions,
    .n_actions = UPP_LEN(actions),
    .more =
        "split: the services must be stopped. Each new part begins as a copy of the one whose\n"
        "accounts it takes over, at the same place in every log: nothing is handled twice, and\n"
        "nothing by nobody. It cannot be taken back: N is a multiple of what there is, 8 at most.\n"
        "Broken off, it is ended by the same command again.\n",
};
