/* account_load.c - `uppsikt account load FILE`: a whole organisation, each row a command. */
#include "account.h"
#include "ask.h"
#include "organisation.h"
#include "uppsikt/registry.pb-c.h"
#include <sodium.h>
#include <string.h>

/* Who acts: she who is named, else while the register is being founded nobody, and from the first
 * person with role operations on that person of the file. */
static const char *actor(const verb_call *call, const organisation *o, size_t step, bool founding)
{
    if (call->as)
        return call->as;
    if (!o->operations[0] || (founding && step <= o->founded))
        return NULL;
    return o->operations;
}

/* Is the register still without anybody of operations? Then no name is needed, and none is
 * known. */
static int is_founding(verb_call *call, bool *ret_founding)
{
    ProtobufCMessage *query = message_new(&uppsikt__persons__descriptor);
    UPP_AUTO(json_freep) json_t *rows = json_array();
    size_t i = 0;
    json_t *row = NULL;
    const int rc = ask_query(call, "registry", query, "after=person", rows);
    message_free(query);
    *ret_founding = true;
    json_array_foreach(rows, i, row)
    {
        size_t k = 0;
        json_t *role = NULL;
        json_array_foreach(json_object_get(row, "roles"), k, role)
        {
            if (strcmp(json_string_value(role), "operations") == 0)
                *ret_founding = false;
        }
    }
    return rc;
}

typedef struct loaded {
    size_t done, known, refused;
} loaded;

/* CALL_DONE also for what was refused (counted); else the load ends. */
static int send_step(verb_call *call, const organisation_step *step, const char *by, loaded *count)
{
    uint8_t id[16];
    char words[300];
    ProtobufCMessage *outcome = NULL;
    randombytes_buf(id, sizeof id);
    const int rc = upp_client_command(call->client, "registry", id, by, step->command,
                                      step->outcome, call->wait_span, &outcome);
    message_free(outcome);
    if (rc == 0) {
        count->done++;
        return CALL_DONE;
    }
    const char *why = upp_client_why(call->client);
    if (rc == 1 && strcmp(why, "person-has-left") == 0) { /* the same file once more */
        count->known++;
        return CALL_DONE;
    }
    fprintf(stderr, "%s:%zu:%zu: %s: %s\n", call->operands[0], step->line, step->column, step->what,
            rc == 1 ? ask_refusal("registry", why, words, sizeof words) : why);
    count->refused++;
    return rc == 1 ? CALL_DONE : CALL_WRONG;
}

int account_load(verb_call *call)
{
    organisation o = { 0 };
    loaded count = { 0 };
    bool founding = false;
    int rc = is_founding(call, &founding);
    if (rc != CALL_DONE)
        return rc;
    const when_clock clock = ask_clock(call);
    if (!organisation_read(call->operands[0], &clock, home_say, &o))
        return CALL_CONFIG;
    for (size_t i = 0; rc == CALL_DONE && i < o.n; i++)
        rc = send_step(call, &o.steps[i], actor(call, &o, i, founding), &count);
    if (call->json)
        printf("{\"rows\":%zu,\"done\":%zu,\"known\":%zu,\"refused\":%zu}\n", o.n, count.done,
               count.known, count.refused);
    else
        printf("%zu rows registered, %zu known, %zu refused\n", count.done, count.known,
               count.refused);
    organisation_done(&o);
    return rc == CALL_DONE && count.refused > 0 ? CALL_WRONG : rc;
}
