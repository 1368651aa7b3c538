/* matter.c - `uppsikt matter`: what waits for somebody, and what people do with it. */
#include "ask.h"
#include "uppsikt/escalation.pb-c.h"
#include "uppsikt/ingest.pb-c.h"
#include "verbs.h"
#include <stdlib.h>
#include <string.h>

static const verb_option list_options[] = {
    TEXT("account", "ACCOUNT", "account", "only this one's"),
    TEXT("kind", "KIND", "kind", "look moderation question finding see"),
    FLAG("all", "closed_too", "those that are closed, too"),
};
static const verb_option show_options[] = {
    FLAG("content", NULL, "what was written, too"),
};
static const verb_option decide_options[] = {
    TEXT("reason", "REASON", "reason", "a row of the rules' own list"),
    TEXT("law", "LAW", "law", "the law that demands it"),
    TEXT("row", "ROW", "plan_row", "the adopted retention row"),
    COUNT("version", "N", "version", "the version that was seen; else the newest"),
    TEXT("note", "TEXT", "note",
         "words of your own; they are content; why it is shown again, or decided anew"),
    FLAG("alone", "alone", "there is nobody else just now: the manager reviews it"),
    TEXT("also", "MATTER,..", "also", "others of the same cluster that it holds for, too"),
};
static const verb_option answered_options[] = {
    TEXT("reason", "REASON", "reason", "thanks rhetorical answered_in_thread referred"),
    TEXT("link", "URL", "link", "where the answer is"),
};
static const verb_option approve_options[] = {
    FLAG("no", "no", "no: it is not to be done"),
};
static const verb_option mark_options[] = {
    FLAG("question", "question", "it asks something"),
    FLAG("not-question", "not_question", "it asks nothing"),
    TEXT("label", "LABEL", "label", "attack hate personal_data ...: what it breaks"),
    TEXT("target", "PERSON", "target", "whom of ours it is about: she may not be the second"),
};
static const verb_option link_options[] = {
    TEXT("token", "TOKEN", "token", "of a mail's link, in place of --as"),
};
static const verb_option hand_options[] = {
    FLAG("ask", "ask_only", "fråga: she only answers, the owner stays"),
    TEXT("token", "TOKEN", "token", "of a mail's link, in place of --as"),
};
static const verb_option draft_options[] = {
    TEXT("text", "TEXT", "text", "the words of the draft"),
    TEXT("token", "TOKEN", "token", "of a mail's link, in place of --as"),
};
static const verb_option snooze_options[] = {
    TEXT("until", "TIME", "until", "an hour of duty before it is due at the latest"),
    TEXT("reason", "REASON", "reason", "waiting_for_facts waiting_for_officer agreed_later"),
};
static const verb_option confirm_options[] = {
    FLAG("no", "no", "no: that was not the answer"),
    FLAG("alike", "alike", "and for all that say the same"),
};
static const verb_option done_options[] = {
    TEXT("note", "TEXT", "note", "words of your own; they are content"),
};
static const verb_option diary_options[] = {
    FLAG("again", "again", "one more package: the last one failed, or was lost there"),
};
static const verb_option appeal_options[] = {
    TEXT("text", "TEXT", "text", "what was written or said; it is content"),
    FLAG("author", "by_author", "the comment's author objects"),
    TEXT("received", "TIME", "received", "when it came in; else now"),
};
static const verb_option try_options[] = {
    FLAG("change", "change", "it was not right: shown again, or hidden"),
    TEXT("reason", "REASON", "reason", "of a change: a row of the rules' own list"),
    TEXT("note", "TEXT", "note", "why; it is content"),
    COUNT("version", "N", "version", "of a change: the version that was seen"),
};
static const verb_option review_options[] = {
    FLAG("disagree", "disagree", "it was not right"),
    TEXT("note", "TEXT", "note", "words of your own; they are content"),
};

#define ESCALATION(type, end)                                                                      \
    {                                                                                              \
        .service = "escalation", .command = &uppsikt__##type##__descriptor,                        \
        .outcome = &uppsikt__##end##__descriptor                                                   \
    }
static const verb_ask ask_decide = ESCALATION(decide, decided);
static const verb_ask ask_approve = ESCALATION(approve, decided);
static const verb_ask ask_answered = ESCALATION(needs_no_answer, matter_touched);
static const verb_ask ask_claim = ESCALATION(claim, matter_touched);
static const verb_ask ask_ack = ESCALATION(acknowledge, matter_touched);
static const verb_ask ask_mark = ESCALATION(mark, matter_touched);
static const verb_ask ask_seen = ESCALATION(mark_seen, matter_touched);
static const verb_ask ask_hand_over = ESCALATION(hand_over, matter_touched);
static const verb_ask ask_accept = ESCALATION(answer_hand_over, matter_touched);
static const verb_ask ask_return = { .service = "escalation",
                                     .command = &uppsikt__answer_hand_over__descriptor,
                                     .outcome = &uppsikt__matter_touched__descriptor,
                                     .preset = "no=yes" };
static const verb_ask ask_snooze = ESCALATION(snooze, matter_touched);
static const verb_ask ask_confirm = ESCALATION(confirm_answered, matter_touched);
static const verb_ask ask_done = ESCALATION(close_errand, matter_touched);
static const verb_ask ask_review = ESCALATION(review_decision, matter_touched);
static const verb_ask ask_appeal = ESCALATION(appeal, matter_touched);
static const verb_ask ask_try = ESCALATION(decide_appeal, decided);
static const verb_ask ask_diary = ESCALATION(ask_diary, matter_touched);
static const verb_ask ask_number = ESCALATION(give_diary_number, matter_touched);

static const verb_list drafts = {
    .service = "escalation",
    .query = &uppsikt__reply_drafts__descriptor,
    .columns = "DRAFT=draft PERSON=person WRITTEN=at_ms TEXT=content.text",
    .none = "nobody has written a draft",
};

/* A query, filled as a command is. */
static const verb_ask ask_matters = { .service = "escalation",
                                      .command = &uppsikt__open_matters__descriptor };
static const char pages[] = "after_due_ms=opened.due_ms after=opened.matter";
static const char columns[] =
    "MATTER=opened.matter KIND=opened.kind ACCOUNT=opened.account RECEIVED=opened.received_ms "
    "DUE=opened.due_ms LATE=breached AKUT=opened.akut STATE=state OWNER=owner "
    "ERRAND=opened.errand FINDINGS=findings";

static int by_due(const void *a, const void *b)
{
    const json_t *const rows[] = { *(json_t *const *)a, *(json_t *const *)b };
    json_int_t due[2];
    for (size_t i = 0; i < 2; i++) {
        due[i] = json_integer_value(print_path(rows[i], "opened.due_ms", 13));
        if (due[i] == 0) /* no clock, or it is paused */
            due[i] = INT64_MAX;
    }
    return (due[0] > due[1]) - (due[0] < due[1]);
}

/* By due; what has none comes last. */
static json_t *sorted(const json_t *rows)
{
    const size_t n = json_array_size(rows);
    json_t *list = json_array();
    json_t **at = calloc(n + 1, sizeof *at);
    upp_check(at != NULL);
    for (size_t i = 0; i < n; i++)
        at[i] = json_array_get(rows, i);
    qsort(at, n, sizeof *at, by_due);
    for (size_t i = 0; i < n; i++)
        json_array_append(list, at[i]);
    free(at);
    return list;
}

static bool only_to_be_seen(const json_t *row)
{
    return strcmp(json_string_value(print_path(row, "opened.kind", 11)), "MATTER_KIND_SEE") == 0;
}

/* For people: what has to be acted on; what is only to be seen, which may be thousands, is
 * counted. */
static void print_matters(const verb_call *call, const json_t *rows)
{
    UPP_AUTO(json_freep) json_t *shown = json_array();
    size_t i = 0;
    json_t *row = NULL;
    json_array_foreach(rows, i, row)
    {
        if (call_text(call, "kind") || !only_to_be_seen(row))
            json_array_append(shown, row);
    }
    const size_t left = json_array_size(rows) - json_array_size(shown);
    if (json_array_size(shown) > 0)
        print_table(call->home, shown, columns);
    else
        puts("nothing waits for anybody");
    if (left > 0)
        printf("and %zu only to be seen: uppsikt matter list --kind see\n", left);
}

static int list(verb_call *call)
{
    UPP_AUTO(json_freep) json_t *rows = json_array();
    ProtobufCMessage *query = message_new(ask_matters.command);
    int rc = ask_home(call);
    if (rc == CALL_DONE)
        rc = ask_fill(call, &ask_matters, query);
    if (rc == CALL_DONE)
        rc = ask_query(call, "escalation", query, pages, rows);
    message_free(query);
    if (rc != CALL_DONE)
        return rc;
    UPP_AUTO(json_freep) json_t *all = sorted(rows);
    if (call->json)
        print_json(all);
    else
        print_matters(call, all);
    return CALL_DONE;
}

/* The matter's row, then the diary's, then its steps. */
static int fetch(verb_call *call, json_t *rows)
{
    Uppsikt__ShowMatter query = UPPSIKT__SHOW_MATTER__INIT;
    query.matter = upp_lend(call->operands[0]);
    const int rc = ask_query(call, "escalation", &query.base, NULL, rows);
    if (rc == CALL_DONE && json_array_size(rows) == 0) {
        home_sayf("%s: no such matter", call->operands[0]);
        return CALL_WRONG;
    }
    return rc;
}

/* Every version of the item; its text only when we have the right to it. */
static int fetch_item(verb_call *call, const json_t *matter, json_t *versions)
{
    Uppsikt__Items query = UPPSIKT__ITEMS__INIT;
    const json_t *item = print_path(matter, "opened.item", 11);
    query.item = upp_lend(json_string_value(item));
    return ask_query(call, "ingest", &query.base, NULL, versions);
}

static void show_text(const verb_call *call, const json_t *versions)
{
    size_t i = 0;
    json_t *row = NULL;
    json_array_foreach(versions, i, row)
    {
        char seen[WHEN_TEXT];
        const json_t *text = print_path(row, "content.what.text", 17);
        const json_t *name = print_path(row, "content.what.author.name", 24);
        when_text(call->home->tz, json_integer_value(json_object_get(row, "seen_ms")), seen);
        printf("\nversion %lld, seen %s, by ",
               (long long)json_integer_value(json_object_get(row, "version")), seen);
        print_safe(json_is_string(name) ? json_string_value(name) : "?", stdout);
        printf("%s:\n", json_is_true(json_object_get(row, "gone")) ? " (gone)" : "");
        print_safe(json_is_string(text) ? json_string_value(text) : "(the text is withheld)",
                   stdout);
        putchar('\n');
    }
}

/* Taken apart: rows of the steps, and of the diary. */
static void sort_out(const json_t *rows, json_t *steps, json_t *diary)
{
    for (size_t i = 1; i < json_array_size(rows); i++) {
        json_t *row = json_array_get(rows, i);
        json_t *step = json_object_get(row, "step");
        json_array_append(step ? steps : diary, step ? step : row);
    }
}

static int show(verb_call *call)
{
    UPP_AUTO(json_freep) json_t *rows = json_array();
    UPP_AUTO(json_freep) json_t *versions = json_array();
    const bool content = call_flag(call, "content");
    int rc = fetch(call, rows);
    json_t *matter = json_array_get(rows, 0);
    if (rc == CALL_DONE && content)
        rc = fetch_item(call, matter, versions);
    if (rc != CALL_DONE)
        return rc;
    UPP_AUTO(json_freep) json_t *steps = json_array();
    UPP_AUTO(json_freep) json_t *diary = json_array();
    sort_out(rows, steps, diary);
    if (call->json) {
        json_object_set(matter, "steps", steps);
        json_object_set(matter, "diary", diary);
        if (content)
            json_object_set(matter, "versions", versions);
        print_json(matter);
        return CALL_DONE;
    }
    UPP_AUTO(json_freep) json_t *one = json_pack("[O]", matter);
    print_table(call->home, one, columns);
    if (json_array_size(steps) > 0) {
        putchar('\n');
        print_table(call->home, steps, "STEP=step TIME=time_ms HOW=how");
    }
    if (json_array_size(diary) > 0) {
        putchar('\n');
        print_table(call->home, diary,
                    "ERRAND=errand PACKAGE=package STATE=state WAY=way WHY=why SINCE=at_ms"
                    " NUMBER=content.number SHA256=sha256");
    }
    show_text(call, versions);
    return CALL_DONE;
}

static void print_decided(const verb_call *call, const Uppsikt__Decided *said)
{
    if (call->json) {
        printf("{\"decision\":\"%s\",\"matter\":\"%s\",\"approval\":\"%s\",\"recalled\":%s,"
               "\"hidden\":%s,\"bound\":%s}\n",
               said->decision, said->matter, said->approval, said->recalled ? "true" : "false",
               said->hidden ? "true" : "false", said->duty ? "true" : "false");
        return;
    }
    if (said->decision[0])
        printf("decision %s%s%s\n", said->decision,
               said->approval[0] ? ", waits for a second person: " : "", said->approval);
    else
        puts("nothing new was decided");
    if (said->recalled)
        puts("what was decided before leaves no more, unless it is on its way already");
    if (said->hidden)
        printf("it is hidden there: uppsikt matter decide %s unhide shows it again\n",
               said->matter);
    if (said->duty)
        puts("the law may want it gone: it is shown again all the same");
}

/* A decision is about a version: without --version the one that the matter has now, which the
 * operator has just been shown; a newer one that comes between is refused by the service. Frees
 * `command`, whose field `version` is. */
static int tell_decision(verb_call *call, const verb_ask *ask, ProtobufCMessage *command,
                         uint32_t *version)
{
    ProtobufCMessage *outcome = NULL;
    UPP_AUTO(json_freep) json_t *rows = json_array();
    int rc = ask_home(call);
    if (rc == CALL_DONE)
        rc = ask_fill(call, ask, command);
    if (rc == CALL_DONE && *version == 0) {
        rc = fetch(call, rows);
        *version =
            (uint32_t)json_integer_value(print_path(json_array_get(rows, 0), "opened.version", 14));
    }
    if (rc == CALL_DONE)
        rc = ask_command(call, "escalation", command, ask->outcome, &outcome);
    message_free(command);
    if (rc != CALL_DONE)
        return rc;
    print_decided(call, (const Uppsikt__Decided *)outcome);
    message_free(outcome);
    return CALL_DONE;
}

static int decide(verb_call *call)
{
    Uppsikt__Decide *command = (void *)message_new(&uppsikt__decide__descriptor);
    return tell_decision(call, &ask_decide, &command->base, &command->version);
}

static int try_appeal(verb_call *call)
{
    Uppsikt__DecideAppeal *command = (void *)message_new(&uppsikt__decide_appeal__descriptor);
    return tell_decision(call, &ask_try, &command->base, &command->version);
}

static const verb_action actions[] = {
    RUN_ASK("list", "", "what waits for somebody, what is due first comes first",
            OPTIONS(list_options), list, &ask_matters),
    RUN("show", "MATTER", "one matter, with the steps of its ladder", OPTIONS(show_options), show),
    RUN_ASK("decide", "MATTER ACTION",
            "keep, hide, delete or unhide (R25): a person decides, or decides anew",
            OPTIONS(decide_options), decide, &ask_decide),
    ASK("approve", "APPROVAL", "the second person says yes to a decision", OPTIONS(approve_options),
        &ask_approve),
    ASK("answered", "MATTER", "the question needs no answer any more", OPTIONS(answered_options),
        &ask_answered),
    ASK("claim", "MATTER", "I take it (for ten minutes)", OPTIONS(link_options), &ask_claim),
    ASK("ack", "MATTER", "I have seen it: holds reminders, never the due time",
        OPTIONS(link_options), &ask_ack),
    ASK("hand-over", "MATTER TO", "ta över: it becomes hers when she says yes",
        OPTIONS(hand_options), &ask_hand_over),
    ASK("accept", "MATTER", "yes: I take over; or, when I was asked, my words",
        OPTIONS(draft_options), &ask_accept),
    ASK("return", "MATTER", "no: it goes back to whoever handed it over", OPTIONS(link_options),
        &ask_return),
    LIST("drafts", "MATTER", "what officers have written", NO_OPTIONS, &drafts),
    ASK("snooze", "MATTER", "no reminders for a while; due never moves", OPTIONS(snooze_options),
        &ask_snooze),
    ASK("confirm", "MATTER", "besvarad? yes, that reply was the answer", OPTIONS(confirm_options),
        &ask_confirm),
    ASK("done", "MATTER", "an errand is done", OPTIONS(done_options), &ask_done),
    ASK("review", "MATTER", "I have looked through a decision that one person made",
        OPTIONS(review_options), &ask_review),
    ASK("appeal", "MATTER", "somebody objects to what was decided: it gets a matter of its own",
        OPTIONS(appeal_options), &ask_appeal),
    RUN_ASK("try", "MATTER",
            "what was objected to stands, or is changed: by another than who decided",
            OPTIONS(try_options), try_appeal, &ask_try),
    ASK("diary", "MATTER", "diarieför: a package to the diary, the registrar is asked for a number",
        OPTIONS(diary_options), &ask_diary),
    ASK("number", "MATTER NUMBER", "the diary's number has come", NO_OPTIONS, &ask_number),
    ASK("seen", "MATTERS...", "those that are only to be seen, are", NO_OPTIONS, &ask_seen),
    ASK("mark", "ITEM", "a person's mark beats the machine's", OPTIONS(mark_options), &ask_mark),
};

const verb_row verb_matter = {
    .name = "matter",
    .help = "what waits for somebody: list, show, decide, answered, claim, hand-over, objections",
    .actions = actions,
    .n_actions = UPP_LEN(actions),
    .more = "Whoever acts is a registered person: --as PERSON, or $UPPSIKT_PERSON.\n",
};
