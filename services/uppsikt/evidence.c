/* evidence.c - `uppsikt evidence`: the saved copies, and taking one out (R22, R27, R29). */
#include "saved_copy.h"
#include "verbs.h"
#include <stdlib.h>
#include <string.h>

static const verb_option list_options[] = {
    TEXT("item", "ITEM", "item", "only this comment's"),
    TEXT("account", "ACCOUNT", "account", "only this account's"),
};

static const char columns[] =
    "RECORD=record ITEM=item VERSION=version LEVEL=level AT=at_ms STATUS=status ACCOUNT=account "
    "FILES=files GONE=media_gone HELD=held ROW=plan_row DECIDED=action LEAF=leaf";
static const verb_list list_of_records = {
    .service = "evidence",
    .query = &uppsikt__records__descriptor,
    .pages = "after=record",
    .columns = columns,
    .none = "nothing has been saved",
};

int evidence_row(verb_call *call, const char *record, const char *what, json_t **ret_row)
{
    Uppsikt__NoteView view = UPPSIKT__NOTE_VIEW__INIT;
    Uppsikt__Records query = UPPSIKT__RECORDS__INIT;
    UPP_AUTO(json_freep) json_t *rows = json_array();
    ProtobufCMessage *noted = NULL;
    view.record = upp_lend(record);
    view.what = upp_lend(what);
    query.record = upp_lend(record);
    int rc = ask_home(call);
    if (rc == CALL_DONE)
        rc = ask_command(call, "evidence", &view.base, &uppsikt__view_noted__descriptor, &noted);
    message_free(noted);
    if (rc == CALL_DONE)
        rc = ask_query(call, "evidence", &query.base, NULL, rows);
    if (rc != CALL_DONE)
        return rc;
    if (json_array_size(rows) == 0) { /* an item can be looked at, too: it is no record */
        home_sayf("%s: no such record", record);
        return CALL_WRONG;
    }
    *ret_row = json_incref(json_array_get(rows, 0));
    return CALL_DONE;
}

static int show(verb_call *call)
{
    UPP_AUTO(json_freep) json_t *row = NULL;
    const int rc = evidence_row(call, call->operands[0], "viewed", &row);
    if (rc != CALL_DONE)
        return rc;
    if (call->json) {
        print_json(row);
        return CALL_DONE;
    }
    UPP_AUTO(json_freep) json_t *one = json_pack("[O]", row);
    print_table(call->home, one, columns);
    print_table(call->home, one,
                "DECISION=decision ACTION=action REASON=reason LAW=law BY=by SECOND=second "
                "WHEN=decided_ms DONE=action_at_ms");
    size_t i = 0;
    json_t *object = NULL;
    json_array_foreach(json_object_get(json_object_get(row, "content"), "objects"), i, object)
    {
        print_safe(json_string_value(object), stdout);
        putchar('\n');
    }
    return CALL_DONE;
}

static const verb_action actions[] = {
    LIST("list", "", "every saved copy", OPTIONS(list_options), &list_of_records),
    RUN("show", "RECORD", "one of them, and its files; that you looked is noted (R29)", NO_OPTIONS,
        show),
    RUN("export", "RECORD DIR",
        "writes it to a new folder with proof.json and custody.jsonl, and checks it", NO_OPTIONS,
        evidence_export),
};

const verb_row verb_evidence = {
    .name = "evidence",
    .help = "saved copies of what was hidden or deleted: list, show, export",
    .actions = actions,
    .n_actions = UPP_LEN(actions),
    .more = "Whoever acts is a registered person: --as PERSON, or $UPPSIKT_PERSON. What was\n"
            "exported is checked anywhere, without a service: uppsikt verify DIR.\n",
};
