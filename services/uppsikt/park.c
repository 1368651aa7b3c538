/* park.c - `uppsikt park`: what was set aside, and trying it again. */
#include "ask.h"
#include "uppsikt/ingest.pb-c.h"
#include "uppsikt/runtime.pb-c.h"
#include "verbs.h"
#include <string.h>

/* The services named, or all that are configured. */
static bool wanted(const verb_call *call, const char *service)
{
    for (size_t i = 0; i < call->n_operands; i++)
        if (strcmp(call->operands[i], service) == 0)
            return true;
    return call->n_operands == 0 && home_has(call->home, service);
}

static int list(verb_call *call)
{
    UPP_AUTO(json_freep) json_t *all = json_array();
    int rc = ask_home(call);
    if (rc != CALL_DONE)
        return rc;
    for (size_t i = 0; i < call->home->n_services; i++) {
        UPP_AUTO(json_freep) json_t *rows = json_array();
        ProtobufCMessage *query = NULL;
        size_t k = 0;
        json_t *row = NULL;
        if (!wanted(call, call->home->services[i]))
            continue;
        query = message_new(&uppsikt__parked_things__descriptor);
        const int asked = ask_query(call, call->home->services[i], query, "after=id", rows);
        message_free(query);
        rc = asked ? asked : rc;
        json_array_foreach(rows, k, row)
        {
            json_object_set_new(row, "service", json_string(call->home->services[i]));
            json_array_append(all, row);
        }
    }
    if (call->json)
        print_json(all);
    else if (json_array_size(all) == 0)
        puts("nothing is set aside");
    else
        print_table(call->home, all,
                    "SERVICE=service ID=id KIND=kind SOURCE=source SEQ=seq TYPE=type AT=at_ms "
                    "TRIES=attempts WHY=why");
    return rc == CALL_DONE && json_array_size(all) > 0 ? CALL_WRONG : rc;
}

static int again(verb_call *call)
{
    Uppsikt__DriveAgain command = UPPSIKT__DRIVE_AGAIN__INIT;
    ProtobufCMessage *outcome = NULL;
    command.id = upp_lend(call->operands[1]);
    const int rc = ask_command(call, call->operands[0], &command.base,
                               &uppsikt__driven_again__descriptor, &outcome);
    if (rc != CALL_DONE)
        return rc;
    const bool handled = ((const Uppsikt__DrivenAgain *)outcome)->handled;
    message_free(outcome);
    if (call->json)
        printf("{\"id\":\"%s\",\"handled\":%s}\n", call->operands[1], handled ? "true" : "false");
    else
        printf("%s: %s\n", call->operands[1],
               handled ? "handled" : "failed again and stays set aside");
    return handled ? CALL_DONE : CALL_WRONG;
}

static const verb_list lines = {
    .service = "ingest",
    .query = &uppsikt__quarantine__descriptor,
    .pages = "after=id",
    .columns = "ITEM=item ACCOUNT=account IMPORT=import LINE=line AT=at_ms WHY=why",
    .none = "every line could be read",
};

static const verb_action actions[] = {
    RUN("list", "[SERVICE...]", "events, alarms, answers and asks that could not be handled",
        NO_OPTIONS, list),
    RUN("again", "SERVICE ID", "try it again, when what was wrong has been mended", NO_OPTIONS,
        again),
    LIST("lines", "", "lines of files, and objects of platforms, that could not be read",
         NO_OPTIONS, &lines),
};

const verb_row verb_park = {
    .name = "park",
    .help = "what was set aside, and trying it again",
    .actions = actions,
    .n_actions = UPP_LEN(actions),
    .more = "park list exits 1 when something is set aside; a line goes by `uppsikt dispose`\n",
};
