/* dispose.c - `uppsikt dispose`: gallring, with two persons and its protocol (R21, R23). */
#include "ask.h"
#include "civil.h"
#include "message_json.h"
#include "uppsikt/evidence.pb-c.h"
#include "verbs.h"
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const verb_option propose_options[] = {
    TEXT("row", "ROW", "plan_row", "the adopted row of the document-management plan"),
    TEXT("law", "LAW", "law", "instead of a row: the law that demands it; with --items"),
    TEXT("items", "ITEM,...", "items",
         "exactly these: comments, lines of `park lines`, persons, absences, packages"),
    TEXT("account", "ACCOUNT", "account", "only this account's: of persons and absences nothing"),
    TEXT("before", "TIME", "before_ms",
         "also what nobody removed, received before then; of the rest what was over then"),
    FLAG("dry-run", "dry_run", "only tell what would be on the list"),
};
static const verb_option approve_options[] = {
    TEXT("list", "SHA256", NULL, "the sum of the list that you have seen"),
    FLAG("clock-is-right", NULL, "the machine's clock has moved ahead, and you have looked at it"),
};
static const verb_option show_options[] = {
    TEXT("certificate", "DIR", NULL, "writes the protocol to DIR: JSON and text"),
};
static const verb_ask ask_propose = { .service = "evidence",
                                      .command = &uppsikt__propose_disposal__descriptor,
                                      .outcome = &uppsikt__disposal_taken__descriptor };
static const char columns[] =
    "DISPOSAL=disposal STATE=state ROW=plan_row LAW=law COUNT=count HELD=held OPEN=open BY=by "
    "SECOND=second PENDING=pending PROPOSED=proposed_ms APPROVED=approved_ms DISPOSED=disposed_ms";
static const verb_list list_of_disposals = {
    .service = "evidence",
    .query = &uppsikt__disposals__descriptor,
    .pages = "after=disposal",
    .columns = columns,
    .none = "nothing has been disposed of, and nothing is proposed",
};

/* `what` has been done with the list. Who approves it has seen what is on it. */
static void say_taken(const verb_call *call, const Uppsikt__DisposalTaken *said, const char *what)
{
    UPP_AUTO(json_freep) json_t *json = message_json(&said->base);
    if (call->json) {
        print_json(json);
        return;
    }
    for (size_t i = 0; i < said->n_items; i++)
        printf("%s\n", said->items[i]);
    if (said->n_items > 0 && said->n_items < (size_t)said->count)
        printf("... %lld more\n", (long long)(said->count - (int64_t)said->n_items));
    printf("%s%s%s: %lld in all; left out: %lld held, %lld not closed\nlist %s\n", what,
           said->disposal[0] ? " " : "", said->disposal, (long long)said->count,
           (long long)said->held, (long long)said->open,
           json_string_value(json_object_get(json, "list_sha256")));
    for (size_t i = 0; i < said->n_kinds; i++)
        printf("%s: %lld taken, %lld left, which the row does not cover\n", said->kinds[i]->kind,
               (long long)said->kinds[i]->taken, (long long)said->kinds[i]->left);
}

static int propose(verb_call *call)
{
    Uppsikt__ProposeDisposal *command = (void *)message_new(ask_propose.command);
    ProtobufCMessage *outcome = NULL;
    int rc = ask_home(call);
    if (rc == CALL_DONE)
        rc = ask_fill(call, &ask_propose, &command->base);
    if (rc == CALL_DONE)
        rc = ask_command(call, "evidence", &command->base, ask_propose.outcome, &outcome);
    if (rc == CALL_DONE)
        say_taken(call, (const Uppsikt__DisposalTaken *)outcome,
                  command->dry_run ? "would be listed" : "proposed");
    message_free(&command->base);
    message_free(outcome);
    return rc;
}

static int fetch(verb_call *call, const char *disposal, json_t **ret_row)
{
    Uppsikt__Disposals query = UPPSIKT__DISPOSALS__INIT;
    UPP_AUTO(json_freep) json_t *rows = json_array();
    query.disposal = upp_lend(disposal);
    int rc = ask_home(call);
    if (rc == CALL_DONE)
        rc = ask_query(call, "evidence", &query.base, NULL, rows);
    if (rc == CALL_DONE && json_array_size(rows) == 0) {
        home_sayf("%s: no such list", disposal);
        rc = CALL_WRONG;
    }
    *ret_row = json_incref(json_array_get(rows, 0));
    return rc;
}

/* The sum says which list was seen: without it nobody has looked. */
static int approve(verb_call *call)
{
    Uppsikt__ApproveDisposal command = UPPSIKT__APPROVE_DISPOSAL__INIT;
    ProtobufCMessage *outcome = NULL;
    uint8_t hash[32];
    size_t n = 0;
    const char *hex = call_text(call, "list");
    if (!hex || sodium_hex2bin(hash, sizeof hash, hex, strlen(hex), NULL, &n, NULL) != 0 ||
        n != sizeof hash) {
        home_sayf("--list: the sum that uppsikt dispose show %s gives", call->operands[0]);
        return CALL_USAGE;
    }
    command.disposal = upp_lend(call->operands[0]);
    command.list_sha256 = (ProtobufCBinaryData){ n, hash };
    command.clock_is_right = call_flag(call, "clock-is-right");
    int rc = ask_home(call);
    if (rc == CALL_DONE)
        rc = ask_command(call, "evidence", &command.base, &uppsikt__disposal_taken__descriptor,
                         &outcome);
    if (rc == CALL_DONE)
        say_taken(call, (const Uppsikt__DisposalTaken *)outcome, "approved");
    message_free(outcome);
    return rc;
}

/* -- the protocol: kept for ever by evidence; here as files -- */
static void words(const char *key, char *ret_text, size_t size)
{
    char whole[80];
    snprintf(whole, sizeof whole, "certificate.%s", key);
    ask_refusal("evidence", whole, ret_text, size);
}

static void state_words(const json_t *state, char *ret_text, size_t size)
{
    char key[60];
    snprintf(key, sizeof key, "is.%.40s", json_string_value(state));
    words(key, ret_text, size);
}

/* It is read when nobody knows any more which year it was. */
static void year_too(const verb_home *home, upp_ms at, char *ret_text, size_t size)
{
    char text[CIVIL_TEXT_SIZE] = "";
    if (at > 0)
        civil_format(at - at % UPP_SECOND, zone_offset_s(home->tz, at), text);
    snprintf(ret_text, size, "%s", text);
}

static void put_line(const verb_home *home, FILE *out, const char *key, const json_t *row,
                     const char *field)
{
    char label[120], value[300];
    words(key, label, sizeof label);
    print_value(home, field, json_object_get(row, field), value, sizeof value);
    if (strcmp(field, "state") == 0)
        state_words(json_object_get(row, field), value, sizeof value);
    if (strstr(field, "_ms"))
        year_too(home, json_integer_value(json_object_get(row, field)), value, sizeof value);
    if (value[0] && strcmp(value, "-") != 0)
        fprintf(out, "%s: %s\n", label, value);
}

/* The word of what is no comment: a line, a person, an absence ...; "" of a comment. */
static const char *what_of(const json_t *row)
{
    static const char *const kinds[] = { "staff", "absence", "look", "package" };
    const char *what = json_string_value(json_object_get(row, "what"));
    for (size_t i = 0; what && i < UPP_LEN(kinds); i++)
        if (strcmp(what, kinds[i]) == 0)
            return kinds[i];
    return json_is_true(json_object_get(row, "line")) ? "line" : "";
}

static void put_items(const json_t *items, FILE *out)
{
    char label[120], copies[160], state[120], what[120];
    size_t i = 0;
    json_t *row = NULL;
    words("records", label, sizeof label);
    words("copies", copies, sizeof copies);
    fprintf(out, "\n%s:\n", label);
    json_array_foreach(items, i, row)
    {
        const json_t *records = json_object_get(row, "records");
        const json_t *kept = json_object_get(row, "copies");
        state_words(json_object_get(row, "state"), state, sizeof state);
        what[0] = '\0';
        if (what_of(row)[0])
            words(what_of(row), what, sizeof what);
        fprintf(out, "%s  %s%s%s\n", json_string_value(json_object_get(row, "item")), state,
                what[0] ? ", " : "", what);
        for (size_t k = 0; k < json_array_size(records); k++)
            fprintf(
                out, "  %s  leaf %lld  %s\n", json_string_value(json_array_get(records, k)),
                (long long)json_integer_value(json_array_get(json_object_get(row, "leaves"), k)),
                json_string_value(json_array_get(json_object_get(row, "seals"), k)));
        for (size_t k = 0; k < json_array_size(kept); k++)
            fprintf(out, "  %s %s\n", copies, json_string_value(json_array_get(kept, k)));
    }
}

static void put_text(const verb_home *home, const json_t *row, const json_t *items, FILE *out)
{
    static const struct {
        const char *key, *field;
    } lines[] = {
        { "number", "disposal" },
        { "state", "state" },
        { "authority", "authority" },
        { "row", "plan_row" },
        { "process", "process" },
        { "kind", "kind" },
        { "covers", "covers" },
        { "mandate", "mandate" },
        { "law", "law" },
        { "count", "count" },
        { "held", "held" },
        { "open", "open" },
        { "by", "by" },
        { "second", "second" },
        { "proposed", "proposed_ms" },
        { "approved", "approved_ms" },
        { "disposed", "disposed_ms" },
        { "backups", "backups_expire_ms" },
        { "list", "list_sha256" },
    };
    char text[300];
    words("title", text, sizeof text);
    fprintf(out, "%s\n\n", text);
    for (size_t i = 0; i < UPP_LEN(lines); i++)
        put_line(home, out, lines[i].key, row, lines[i].field);
    words("method", text, sizeof text);
    if (json_integer_value(json_object_get(row, "disposed_ms")) > 0)
        fprintf(out, "\n%s\n", text);
    put_items(items, out);
}

static int write_certificate(const verb_call *call, const char *folder, const json_t *row)
{
    char name[120], path[PATH_MAX];
    const char *id = json_string_value(json_object_get(row, "disposal"));
    if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
        home_sayf("%s: %s", folder, strerror(errno));
        return CALL_WRONG;
    }
    snprintf(name, sizeof name, "gallringsprotokoll-%s.json", id);
    if (!home_path(folder, name, path) || json_dump_file(row, path, JSON_INDENT(1)) != 0) {
        home_sayf("%s: %s", path, strerror(errno));
        return CALL_WRONG;
    }
    snprintf(name, sizeof name, "gallringsprotokoll-%s.txt", id);
    FILE *out = home_path(folder, name, path) ? fopen(path, "we") : NULL;
    if (out)
        put_text(call->home, row, json_object_get(row, "items"), out);
    if (!out || fclose(out) != 0) {
        home_sayf("%s: %s", path, strerror(errno));
        return CALL_WRONG;
    }
    return CALL_DONE;
}

static int show(verb_call *call)
{
    UPP_AUTO(json_freep) json_t *row = NULL;
    json_t *items = json_array();
    Uppsikt__DisposedItems query = UPPSIKT__DISPOSED_ITEMS__INIT;
    int rc = fetch(call, call->operands[0], &row);
    query.disposal = upp_lend(call->operands[0]);
    if (rc == CALL_DONE)
        rc = ask_query(call, "evidence", &query.base, "after=item", items);
    if (rc != CALL_DONE) {
        json_decref(items);
        return rc;
    }
    json_object_set_new(row, "items", items);
    if (call_text(call, "certificate"))
        rc = write_certificate(call, call_text(call, "certificate"), row);
    if (call->json)
        print_json(row);
    else
        put_text(call->home, row, items, stdout);
    return rc;
}

static const verb_action actions[] = {
    RUN_ASK("propose", "", "a list of what is due; another person approves it",
            OPTIONS(propose_options), propose, &ask_propose),
    RUN("approve", "DISPOSAL", "the second person: everybody forgets what is on the list",
        OPTIONS(approve_options), approve),
    LIST("list", "", "every list, and who has not forgotten yet", NO_OPTIONS, &list_of_disposals),
    RUN("show", "DISPOSAL", "one of them with its comments: the protocol", OPTIONS(show_options),
        show),
};

const verb_row verb_dispose = {
    .name = "dispose",
    .help = "gallring: propose, approve, list, show",
    .actions = actions,
    .n_actions = UPP_LEN(actions),
    .more = "No row means keep; a row takes the kinds that it covers. A hold beats every row.\n"
            "One of the two is an archivist, operations approves nothing. Whoever acts is a\n"
            "registered person: --as PERSON, or $UPPSIKT_PERSON.\n",
};
