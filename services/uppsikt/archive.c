/* archive.c - `uppsikt archive`: runs, and what came of them (R26). */
#include "archive.h"
#include "verbs.h"
#include <poll.h>
#include <string.h>
#include <unistd.h>

enum { LOOK_MS = 500 };

static const verb_option run_options[] = {
    TEXT("campaign", "YYYY-N", "campaign", "the occasion; else the half-year of today"),
    FLAG("follow", NULL, "wait until it is sealed, or waits for people"),
};
static const verb_option list_options[] = {
    TEXT("account", "ACCOUNT", "account", "only this one's"),
    TEXT("campaign", "YYYY-N", "campaign", "only this occasion's"),
};
static const verb_option check_options[] = {
    TEXT("schemas", "DIR", NULL,
         "folder of the XSD files of METS and PREMIS, to hold them against"),
};
static const verb_option hand_in_options[] = {
    TEXT("source", "SOURCE", NULL, "browser: saved by you; export: the platform's own (browser)"),
    TEXT("browser", "NAME", NULL, "which browser it was saved with"),
    TEXT("note", "TEXT", NULL, "words of your own; they are content"),
    TEXT("taken", "TIME", NULL, "when it was saved; else now"),
};

static const verb_ask ask_archive = { .service = "archive",
                                      .command = &uppsikt__archive_account__descriptor,
                                      .outcome = &uppsikt__archive_taken__descriptor };
static const verb_list list_of_runs = {
    .service = "archive",
    .query = &uppsikt__archive_runs__descriptor,
    .pages = "after=run",
    .columns = "RUN=run ACCOUNT=account OCCASION=campaign STATE=state DUE=due_ms LAYOUT=layout "
               "CONTENT=content WHY=why FILES=files BYTES=bytes",
    .none = "no account has been archived, and none is to be just now",
};

const char *archive_text(const json_t *row, const char *name)
{
    const char *text = json_string_value(json_object_get(row, name));
    return text ? text : "";
}

int archive_row(verb_call *call, const char *run, json_t **ret_row)
{
    Uppsikt__ArchiveRuns query = UPPSIKT__ARCHIVE_RUNS__INIT;
    UPP_AUTO(json_freep) json_t *rows = json_array();
    query.run = upp_lend(run);
    query.limit = 1;
    const int rc = ask_query(call, "archive", &query.base, NULL, rows);
    if (rc != CALL_DONE)
        return rc;
    if (json_array_size(rows) == 0) {
        home_sayf("%s: no such run", run);
        return CALL_WRONG;
    }
    *ret_row = json_incref(json_array_get(rows, 0));
    return CALL_DONE;
}

static bool waits_for_people(const json_t *row)
{
    static const char *const states[] = { "sealed", "manual", "failed" };
    for (size_t i = 0; i < UPP_LEN(states); i++)
        if (strcmp(archive_text(row, "state"), states[i]) == 0)
            return true;
    return false;
}

static void show_progress(const json_t *row, bool tty, const char *before)
{
    if (!tty || strcmp(before, archive_text(row, "state")) == 0)
        return;
    fprintf(stderr, "%s: %s, %lld written\n", archive_text(row, "run"), archive_text(row, "state"),
            (long long)json_integer_value(json_object_get(row, "items")));
}

int archive_follow(verb_call *call, const char *run, json_t **ret_row)
{
    char before[24] = "";
    const bool tty = isatty(STDERR_FILENO) == 1;
    *ret_row = NULL;
    for (;;) {
        json_decref(*ret_row);
        *ret_row = NULL;
        const int rc = archive_row(call, run, ret_row);
        if (rc != CALL_DONE)
            return rc;
        show_progress(*ret_row, tty, before);
        snprintf(before, sizeof before, "%s", archive_text(*ret_row, "state"));
        if (waits_for_people(*ret_row))
            return strcmp(before, "sealed") == 0 ? CALL_DONE : CALL_WRONG;
        (void)poll(NULL, 0, LOOK_MS); /* the run is another process's: we look again */
    }
}

static void say_end(const verb_call *call, const json_t *row)
{
    char words[400];
    const char *why = archive_text(row, "why");
    if (call->json) {
        print_json(row);
        return;
    }
    printf("run %s: %s", archive_text(row, "run"), archive_text(row, "state"));
    if (strcmp(archive_text(row, "state"), "sealed") == 0)
        printf(", package %s", archive_text(row, "package"));
    else if (why[0])
        printf(": %s", ask_refusal("archive", why, words, sizeof words));
    putchar('\n');
}

static int run(verb_call *call)
{
    Uppsikt__ArchiveAccount *command = (void *)message_new(ask_archive.command);
    ProtobufCMessage *outcome = NULL;
    UPP_AUTO(json_freep) json_t *row = NULL;
    int rc = ask_home(call);
    if (rc == CALL_DONE)
        rc = ask_fill(call, &ask_archive, &command->base);
    if (rc == CALL_DONE)
        rc = ask_command(call, "archive", &command->base, ask_archive.outcome, &outcome);
    message_free(&command->base);
    if (rc != CALL_DONE)
        return rc;
    const char *id = ((const Uppsikt__ArchiveTaken *)outcome)->run;
    if (call_flag(call, "follow")) {
        rc = archive_follow(call, id, &row);
        if (row)
            say_end(call, row);
    } else if (call->json) {
        printf("{\"run\":\"%s\"}\n", id);
    } else {
        printf("run %s; uppsikt archive show %s tells how it goes\n", id, id);
    }
    message_free(outcome);
    return rc;
}

static int show(verb_call *call)
{
    UPP_AUTO(json_freep) json_t *row = NULL;
    UPP_AUTO(json_freep) json_t *hand_ins = json_array();
    Uppsikt__HandIns query = UPPSIKT__HAND_INS__INIT;
    char words[400];
    int rc = archive_row(call, call->operands[0], &row);
    query.run = upp_lend(call->operands[0]);
    if (rc == CALL_DONE)
        rc = ask_query(call, "archive", &query.base, NULL, hand_ins);
    if (rc != CALL_DONE)
        return rc;
    json_object_set(row, "handed_in", hand_ins);
    if (call->json) {
        print_json(row);
        return CALL_DONE;
    }
    UPP_AUTO(json_freep) json_t *one = json_pack("[O]", row);
    print_table(call->home, one,
                "RUN=run ACCOUNT=account OCCASION=campaign CAUSE=cause STATE=state DUE=due_ms "
                "LAYOUT=layout CONTENT=content WRITTEN=items");
    if (archive_text(row, "why")[0])
        printf("why: %s\n", ask_refusal("archive", archive_text(row, "why"), words, sizeof words));
    if (archive_text(row, "package")[0])
        printf(
            "package %s, %lld files, %lld bytes, kept by row: %s%s\n", archive_text(row, "package"),
            (long long)json_integer_value(json_object_get(row, "files")),
            (long long)json_integer_value(json_object_get(row, "bytes")),
            archive_text(row, "plan_row")[0] ? archive_text(row, "plan_row") : "none, so for ever",
            json_is_true(json_object_get(row, "held")) ? " (hold)" : "");
    if (json_array_size(hand_ins) > 0)
        print_table(call->home, hand_ins,
                    "HAND-IN=hand_in STATE=state KIND=mime BYTES=bytes RECEIVED=received_ms "
                    "PERSON=person NAME=content.file.name WHY=why");
    return CALL_DONE;
}

static const verb_action actions[] = {
    RUN_ASK("run", "ACCOUNT", "captures and packs one account", OPTIONS(run_options), run,
            &ask_archive),
    LIST("list", "", "every run, with how far it is", OPTIONS(list_options), &list_of_runs),
    RUN("show", "RUN", "one run: what stands in the way, what was handed in", NO_OPTIONS, show),
    RUN("check", "DIR", "checks a package that lies in a folder; asks no service (R27)",
        OPTIONS(check_options), archive_check),
    RUN("export", "RUN DIR", "writes the run's package to a new folder and checks it", NO_OPTIONS,
        archive_export),
    RUN("hand-in", "RUN FILE...", "what you saved yourself, where the platform wants a login",
        OPTIONS(hand_in_options), archive_hand_in),
};

const verb_row verb_archive = {
    .name = "archive",
    .help = "captured twice a year: run, list, show, check, export, hand-in",
    .actions = actions,
    .n_actions = UPP_LEN(actions),
    .more = "Whoever acts is a registered person: --as PERSON, or $UPPSIKT_PERSON.\n",
};
