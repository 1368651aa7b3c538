/* person_directory.c - what the organisation's own directory calls a person: who comes from there
 * with that name is her. */
#include "person_directory.h"
#include "ask.h"
#include "message_json.h"
#include "uppsikt/console.pb-c.h"
#include <stdio.h>

int person_directory(verb_call *call)
{
    const char *name = call_text(call, "name");
    const bool off = call_flag(call, "off");
    ProtobufCMessage *outcome = NULL;
    Uppsikt__SetDirectoryName command = UPPSIKT__SET_DIRECTORY_NAME__INIT;
    if (off == (name && name[0])) {
        home_say("one of the two: --name VALUE, as the directory's claim says it, or --off");
        return CALL_USAGE;
    }
    command.person = upp_lend(call->operands[0]);
    command.name = upp_lend(off ? "" : name);
    const int rc =
        ask_command(call, "console", &command.base, &uppsikt__login_set__descriptor, &outcome);
    if (rc != CALL_DONE)
        return rc;
    message_free(outcome);
    if (call->json)
        printf("{\"person\":\"%s\",\"directory\":%s}\n", call->operands[0], off ? "false" : "true");
    else
        printf(off ? "the directory does not sign %s in any more\n"
                   : "the directory signs %s in; those who were signed in as her are out\n",
               call->operands[0]);
    return CALL_DONE;
}
