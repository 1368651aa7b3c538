/* person_handover.c - what a leaver hands over: rows are ticked, another person confirms (R06). */
#include "person_handover.h"
#include "ask.h"
#include "message_json.h"
#include "uppsikt/registry.pb-c.h"
#include <stdio.h>
#include <string.h>

/* Options that tick rows, and the word of LeaverTick that each means. */
static const struct {
    const char *option, *tick;
} ticks[] = { { "done", "done" }, { "not-needed", "not_applicable" }, { "undo", "open" } };

static int told(verb_call *call, const ProtobufCMessage *command)
{
    ProtobufCMessage *outcome = NULL;
    const int rc =
        ask_command(call, "registry", command, &uppsikt__registered__descriptor, &outcome);
    message_free(outcome);
    return rc;
}

static int fill(verb_call *call, ProtobufCMessage *command, const char *field, const char *text)
{
    char why[MESSAGE_WHY];
    const when_clock clock = ask_clock(call);
    if (!text)
        return CALL_DONE;
    const int rc = message_fill(command, NULL, field, text, &clock, why);
    upp_check(rc != 1);
    if (rc < 0)
        home_sayf("%s: %s", field, why);
    return rc < 0 ? CALL_USAGE : CALL_DONE;
}

/* Who comes, and who appointed her when, belongs to that one row. */
static int fill_appointment(verb_call *call, Uppsikt__TickLeaverRow *c)
{
    const bool appoints = c->step == UPPSIKT__LEAVER_STEP__LEAVER_STEP_APPOINTED &&
                          c->tick == UPPSIKT__LEAVER_TICK__LEAVER_TICK_DONE;
    int rc = appoints ? fill(call, &c->base, "successor", call_text(call, "successor")) : CALL_DONE;
    if (rc == CALL_DONE && appoints)
        rc = fill(call, &c->base, "appointed_by", call_text(call, "by"));
    return rc == CALL_DONE && appoints ? fill(call, &c->base, "appointed", call_text(call, "at"))
                                       : rc;
}

/* "fb-biblioteket/second-factor". */
static int tick(verb_call *call, const char *row, const char *word)
{
    Uppsikt__TickLeaverRow *c = (void *)message_new(&uppsikt__tick_leaver_row__descriptor);
    const char *slash = strrchr(row, '/');
    char account[64], step[32];
    int rc = slash ? CALL_DONE : CALL_USAGE;
    if (!slash)
        home_sayf("%s: a row is ACCOUNT/STEP", row);
    snprintf(account, sizeof account, "%.*s", slash ? (int)(slash - row) : 0, row);
    snprintf(step, sizeof step, "%s", slash ? slash + 1 : "");
    for (char *at = step; (at = strchr(at, '-'));)
        *at = '_';
    const struct {
        const char *field, *text;
    } fields[] = { { "person", call->operands[0] },
                   { "account", account },
                   { "step", step },
                   { "tick", word },
                   { "note", call_text(call, "note") } };
    for (size_t i = 0; rc == CALL_DONE && i < UPP_LEN(fields); i++)
        rc = fill(call, &c->base, fields[i].field, fields[i].text);
    if (rc == CALL_DONE)
        rc = fill_appointment(call, c);
    if (rc == CALL_DONE)
        rc = told(call, &c->base);
    message_free(&c->base);
    return rc;
}

/* Rows with commas between; the first that is not taken ends it, and those before stay. */
static int tick_each(verb_call *call, const char *rows, const char *word)
{
    int rc = CALL_DONE;
    while (rc == CALL_DONE && *rows) {
        char row[100];
        const size_t n = strcspn(rows, ",");
        snprintf(row, sizeof row, "%.*s", (int)n, rows);
        rc = tick(call, row, word);
        rows += n + (rows[n] == ',');
    }
    return rc;
}

static int tick_all(verb_call *call)
{
    int rc = CALL_DONE;
    for (size_t i = 0; rc == CALL_DONE && i < call->n_given; i++)
        for (size_t k = 0; rc == CALL_DONE && k < UPP_LEN(ticks); k++)
            if (strcmp(call->given[i].option->name, ticks[k].option) == 0)
                rc = tick_each(call, call->given[i].text, ticks[k].tick);
    return rc;
}

/* -- the lists -- */
static int show_lists(verb_call *call)
{
    static const char columns[] = "PERSON=person LEAVES=leaves_ms DUE=due_ms ACCOUNTS=accounts "
                                  "OPEN=open_rows LACKS=lacks NAME=content.name";
    Uppsikt__LeaverLists query = UPPSIKT__LEAVER_LISTS__INIT;
    UPP_AUTO(json_freep) json_t *rows = json_array();
    const int rc = ask_query(call, "registry", &query.base, "after=person", rows);
    if (rc != CALL_DONE)
        return rc;
    if (call->json)
        print_json(rows);
    else if (json_array_size(rows) == 0)
        puts("nobody hands anything over");
    else
        print_table(call->home, rows, columns);
    return CALL_DONE;
}

/* A line for each row of each account, as people read it. */
static json_t *flat(const json_t *accounts)
{
    json_t *lines = json_array();
    size_t i = 0, k = 0;
    json_t *account = NULL, *row = NULL;
    json_array_foreach(accounts, i, account)
    {
        json_array_foreach(json_object_get(account, "rows"), k, row)
        {
            const json_t *note = json_array_get(print_path(account, "content.notes", 13), k);
            json_t *line = json_deep_copy(row);
            json_object_set(line, "account", json_object_get(account, "account"));
            if (note)
                json_object_set_new(line, "note", json_string(json_string_value(note)));
            json_array_append_new(lines, line);
        }
    }
    return lines;
}

static void print_list(const verb_call *call, const json_t *list, const json_t *accounts)
{
    static const char columns[] =
        "ACCOUNT=account STEP=step TICK=tick BY=by AT=at_ms SUCCESSOR=successor "
        "APPOINTED-BY=appointed_by NOTE=note";
    char lacks[300];
    UPP_AUTO(json_freep) json_t *lines = flat(accounts);
    const char *key = json_string_value(json_object_get(list, "lacks"));
    print_table(call->home, lines, columns);
    if (json_integer_value(json_object_get(list, "confirmed_ms")) > 0)
        printf("confirmed by %s\n", json_string_value(json_object_get(list, "confirmed_by")));
    else if (key && key[0])
        printf("%s\n", ask_refusal("registry", key, lacks, sizeof lacks));
    else
        puts("all is done: another person confirms it with --confirm");
}

static int show(verb_call *call)
{
    Uppsikt__LeaverLists one = UPPSIKT__LEAVER_LISTS__INIT;
    Uppsikt__LeaverAccounts query = UPPSIKT__LEAVER_ACCOUNTS__INIT;
    UPP_AUTO(json_freep) json_t *lists = json_array();
    UPP_AUTO(json_freep) json_t *accounts = json_array();
    one.person = query.person = upp_lend(call->operands[0]);
    one.confirmed = true;
    int rc = ask_query(call, "registry", &one.base, NULL, lists);
    json_t *list = json_array_get(lists, 0);
    if (rc == CALL_DONE && !list) {
        home_sayf("%s: there is no hand-over that you may see", call->operands[0]);
        rc = CALL_WRONG;
    }
    if (rc == CALL_DONE)
        rc = ask_query(call, "registry", &query.base, "after=account", accounts);
    if (rc != CALL_DONE)
        return rc;
    if (call->json) {
        json_object_set(list, "account_rows", accounts);
        print_json(list);
    } else
        print_list(call, list, accounts);
    return CALL_DONE;
}

/* What would be left unsaid: an appointment or words without a row, rows of nobody. */
static int check(const verb_call *call)
{
    bool ticks_some = false, appoints = false;
    for (size_t i = 0; i < call->n_given; i++)
        for (size_t k = 0; k < UPP_LEN(ticks); k++)
            if (strcmp(call->given[i].option->name, ticks[k].option) == 0) {
                ticks_some = true;
                appoints = appoints || (k == 0 && strstr(call->given[i].text, "/appointed"));
            }
    const bool about =
        call_text(call, "successor") || call_text(call, "by") || call_text(call, "at");
    if (call->n_operands == 0 &&
        (ticks_some || about || call_text(call, "note") || call_flag(call, "confirm")))
        home_say("whose? uppsikt person handover PERSON");
    else if (!appoints && about)
        home_say("--successor, --by and --at go with --done ACCOUNT/appointed");
    else if (!ticks_some && call_text(call, "note"))
        home_say("--note goes with --done, --not-needed or --undo");
    else
        return CALL_DONE;
    return CALL_USAGE;
}

int person_handover(verb_call *call)
{
    int rc = check(call);
    if (rc == CALL_DONE)
        rc = ask_home(call);
    if (rc != CALL_DONE)
        return rc;
    if (call->n_operands == 0)
        return show_lists(call);
    rc = tick_all(call);
    if (rc == CALL_DONE && call_flag(call, "confirm")) {
        Uppsikt__ConfirmLeaverList c = UPPSIKT__CONFIRM_LEAVER_LIST__INIT;
        c.person = upp_lend(call->operands[0]);
        rc = told(call, &c.base);
    }
    return rc == CALL_DONE ? show(call) : rc;
}
