/* run.c - one call of a verb that is a table, from its words to the exit code. */
#include "ask.h"
#include "verbs.h"
#include <stdlib.h>

static int run(verb_call *call)
{
    const verb_action *action = call->action;
    if (action->run)
        return action->run(call);
    return action->ask ? ask_run(call, action->ask) : ask_list(call, action->list);
}

int verb_run(const verb_row *verb, int argc, char **argv)
{
    char why[CALL_WHY];
    verb_call call;
    verb_home home = { 0 };
    if (call_read(verb, argc, argv, &call, why)) {
        fprintf(stderr, "uppsikt %s: %s\n", verb->name, why);
        return CALL_USAGE;
    }
    if (call.help) {
        call_help(verb, stdout);
        return CALL_DONE;
    }
    const char *person = getenv("UPPSIKT_PERSON");
    if (!call.as && person && person[0])
        call.as = person;
    call.home = &home;
    const int rc = run(&call);
    upp_client_free(call.client);
    home_done(&home);
    if ((fflush(stdout) != 0 || ferror(stdout)) && rc == CALL_DONE)
        return CALL_WRONG;
    return rc;
}
