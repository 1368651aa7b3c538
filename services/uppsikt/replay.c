/* replay.c - `uppsikt replay`: who stands still at a log that was cut, and going on from there. */
#include "ask.h"
#include "status.h"
#include "uppsikt/runtime.pb-c.h"
#include "verbs.h"
#include <sodium.h>
#include <string.h>

static const char *text(const json_t *row, const char *key)
{
    const char *s = json_string_value(json_object_get(row, key));
    return s ? s : "";
}

/* Where `source` was cut for one who stands in `epoch`: the epoch that ended this one; else, when a
 * later restore went back before that, the newest. NULL: it names no cut. */
static const json_t *cut_of(const json_t *source_state, const char *epoch)
{
    const json_t *epochs = json_object_get(source_state, "epochs");
    const json_t *cut = NULL;
    size_t i = 0;
    json_t *row = NULL;
    json_array_foreach(epochs, i, row)
    {
        if (strcmp(text(row, "old_epoch"), epoch) == 0)
            return row;
        cut = row;
    }
    return cut;
}

static json_t *effects_of(verb_call *call, const char *service, const char *source, int64_t seq)
{
    json_t *rows = json_array();
    ProtobufCMessage *query = message_new(&uppsikt__applied_past__descriptor);
    Uppsikt__AppliedPast *q = (Uppsikt__AppliedPast *)query;
    q->source = strdup(source);
    upp_check(q->source);
    q->seq = seq;
    (void)ask_query(call, service, query, "after=seq", rows); /* it has said why not */
    message_free(query);
    return rows;
}

/* One source of one service that stands still. */
static json_t *cut_row(verb_call *call, const char *service, const json_t *source)
{
    const char *name = text(source, "source");
    UPP_AUTO(json_freep) json_t *state = status_of(call, name, 2 * UPP_SECOND);
    const json_t *cut = cut_of(state, text(source, "epoch"));
    const json_int_t at = json_integer_value(json_object_get(source, "cursor"));
    const json_int_t old = cut ? json_integer_value(json_object_get(cut, "old_seq")) : -1;
    json_t *effects = cut ? effects_of(call, service, name, old) : json_array();
    return json_pack("{s:s, s:s, s:I, s:I, s:I, s:s, s:s, s:o}", "service", service, "source", name,
                     "cursor", at, "cut", old, "applied", cut ? at - old : (json_int_t)-1, "epoch",
                     cut ? text(cut, "old_epoch") : "", "hash", cut ? text(cut, "old_hash") : "",
                     "effects", effects);
}

static json_t *all_cuts(verb_call *call)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < call->home->n_services; i++) {
        size_t k = 0;
        json_t *source = NULL;
        if (!home_has(call->home, call->home->services[i]))
            continue;
        UPP_AUTO(json_freep)
        json_t *state = status_of(call, call->home->services[i], 2 * UPP_SECOND);
        json_array_foreach(json_object_get(state, "sources"), k, source)
        {
            if (json_is_true(json_object_get(source, "forked")))
                json_array_append_new(rows, cut_row(call, call->home->services[i], source));
        }
    }
    return rows;
}

static int cuts(verb_call *call)
{
    if (!ask_client(call))
        return CALL_CONFIG;
    UPP_AUTO(json_freep) json_t *rows = all_cuts(call);
    size_t i = 0;
    json_t *row = NULL;
    if (call->json) {
        print_json(rows);
        return json_array_size(rows) > 0 ? CALL_WRONG : CALL_DONE;
    }
    if (json_array_size(rows) == 0)
        puts("nobody stands still");
    else
        print_table(call->home, rows,
                    "SERVICE=service SOURCE=source STANDS_AT=cursor CUT_AT=cut APPLIED=applied");
    json_array_foreach(rows, i, row)
    {
        const json_t *effects = json_object_get(row, "effects");
        if (json_array_size(effects) == 0)
            continue;
        printf("\n%s said because of what was cut off of %s:\n", text(row, "service"),
               text(row, "source"));
        print_table(call->home, effects, "CAUSE=source_seq EVENT=seq TYPE=type SUBJECT=subject");
    }
    return json_array_size(rows) > 0 ? CALL_WRONG : CALL_DONE;
}

static const json_t *find(const json_t *rows, const char *service, const char *source)
{
    size_t i = 0;
    json_t *row = NULL;
    json_array_foreach(rows, i, row)
    {
        if (strcmp(text(row, "service"), service) == 0 && strcmp(text(row, "source"), source) == 0)
            return row;
    }
    return NULL;
}

static int accept_cut(verb_call *call)
{
    const char *service = call->operands[0], *source = call->operands[1];
    uint8_t epoch[16], hash[32];
    size_t n = 0, m = 0;
    if (!ask_client(call))
        return CALL_CONFIG;
    UPP_AUTO(json_freep) json_t *rows = all_cuts(call);
    const json_t *row = find(rows, service, source);
    if (!row) {
        home_sayf("%s does not stand still at %s", service, source);
        return CALL_WRONG;
    }
    const char *e = text(row, "epoch"), *h = text(row, "hash");
    if (sodium_hex2bin(epoch, sizeof epoch, e, strlen(e), NULL, &n, NULL) != 0 || n != 16 ||
        sodium_hex2bin(hash, sizeof hash, h, strlen(h), NULL, &m, NULL) != 0 || m != 32) {
        home_sayf("%s names no cut: its log was changed by something else than uppsikt restore;"
                  " uppsikt verify",
                  source);
        return CALL_WRONG;
    }
    Uppsikt__AcceptCut command = UPPSIKT__ACCEPT_CUT__INIT;
    ProtobufCMessage *outcome = NULL;
    command.source = upp_lend(source);
    command.epoch = (ProtobufCBinaryData){ sizeof epoch, epoch };
    command.seq = json_integer_value(json_object_get(row, "cut"));
    command.hash = (ProtobufCBinaryData){ sizeof hash, hash };
    const int rc =
        ask_command(call, service, &command.base, &uppsikt__cut_taken__descriptor, &outcome);
    if (rc != CALL_DONE)
        return rc;
    const long long applied = (long long)((const Uppsikt__CutTaken *)outcome)->applied;
    message_free(outcome);
    if (call->json)
        printf("{\"service\":\"%s\",\"source\":\"%s\",\"applied\":%lld}\n", service, source,
               applied);
    else
        printf("%s goes on; %lld events that were cut off stay applied there\n", service, applied);
    return CALL_DONE;
}

static const verb_action actions[] = {
    RUN("cuts", "", "who stands still at a log that was cut, and what it had applied", NO_OPTIONS,
        cuts),
    RUN("accept", "SERVICE SOURCE", "let SERVICE go on with SOURCE from where that was cut",
        NO_OPTIONS, accept_cut),
};

const verb_row verb_replay = {
    .name = "replay",
    .help = "after a restore: who stands still, and going on from the cut",
    .actions = actions,
    .n_actions = UPP_LEN(actions),
    .more = "replay cuts exits 1 when somebody stands still. What was applied past a cut stays\n"
            "applied; accept is said as an event (CutAccepted), with the person of --as.\n",
};
