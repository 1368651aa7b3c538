/* report_person.c - `uppsikt report person`: all that is held of one person, staff or somebody who
 * wrote to us: how much in each store, since when, by which row it goes; and with --content what it
 * says, which is noted first (GDPR art. 15; R24, R29). */
#include "report_person.h"
#include "ask.h"
#include "uppsikt/evidence.pb-c.h"
#include "uppsikt/held.pb-c.h"
#include "uppsikt/ingest.pb-c.h"
#include "uppsikt/registry.pb-c.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 200, LINE = 300 };

/* Repeats what the others say, and holds nothing of anybody. */
static const char without_content[] = "feed";

typedef struct report {
    verb_call *call;
    bool staff;
    json_t *subjects; /* ids */
    json_t *held;     /* a row for each store and kind */
    json_t *kept_by;  /* KeptByRow */
    json_t *missing;  /* stores that did not answer */
    json_t *content;  /* NULL: it was not asked for */
} report;

static void report_done(report *r)
{
    json_decref(r->subjects);
    json_decref(r->held);
    json_decref(r->kept_by);
    json_decref(r->missing);
    json_decref(r->content);
}

static const char *text_of(const json_t *row, const char *name)
{
    const char *text = json_string_value(json_object_get(row, name));
    return text ? text : "";
}

/* -- whom it is about -- */
static int read_author(verb_call *call, char ret_author[LINE])
{
    snprintf(ret_author, LINE, "%s", call_text(call, "author"));
    if (strcmp(ret_author, "-") != 0)
        return CALL_DONE;
    if (!fgets(ret_author, LINE, stdin)) {
        home_say("--author -: nothing came on stdin");
        return CALL_USAGE;
    }
    ret_author[strcspn(ret_author, "\r\n")] = '\0';
    return CALL_DONE;
}

static int find_items(report *r)
{
    UPP_AUTO(json_freep) json_t *rows = json_array();
    Uppsikt__AuthorItems query = UPPSIKT__AUTHOR_ITEMS__INIT;
    char author[LINE] = "";
    json_t *row = NULL;
    size_t i = 0;
    if (call_text(r->call, "item")) {
        query.item = upp_lend(call_text(r->call, "item"));
    } else {
        const int read = read_author(r->call, author);
        if (read != CALL_DONE)
            return read;
        query.author = author;
        query.platform = upp_lend(call_text(r->call, "platform"));
    }
    const int rc = ask_query(r->call, "ingest", &query.base, "after=item", rows);
    json_array_foreach(rows, i, row) json_array_append(r->subjects, json_object_get(row, "item"));
    return rc;
}

static int find_subjects(report *r)
{
    const bool author = call_text(r->call, "author"), item = call_text(r->call, "item");
    r->staff = r->call->n_operands == 1;
    if ((int)r->staff + author + item != 1 || author != (call_text(r->call, "platform") != NULL)) {
        home_say("one of: PERSON; --author ID --platform PLATFORM; --item ITEM");
        return CALL_USAGE;
    }
    if (!r->staff)
        return find_items(r);
    json_array_append_new(r->subjects, json_string(r->call->operands[0]));
    return CALL_DONE;
}

/* -- what each store says -- */
/* The subjects from `from`, lent; gives how many. */
static size_t lend(const report *r, size_t from, char *ret_list[BATCH])
{
    size_t n = 0;
    for (; n < BATCH && from + n < json_array_size(r->subjects); n++)
        ret_list[n] = upp_lend(json_string_value(json_array_get(r->subjects, from + n)));
    return n;
}

/* Adds what the store said of one batch to its row of that kind. */
static void add_held(report *r, const char *store, const json_t *said)
{
    json_t *row = NULL, *same = NULL;
    size_t i = 0;
    const json_int_t since = json_integer_value(json_object_get(said, "since_ms"));
    json_array_foreach(r->held, i, row) if (strcmp(text_of(row, "store"), store) == 0 &&
                                            strcmp(text_of(row, "kind"), text_of(said, "kind")) ==
                                                0) same = row;
    if (!same) {
        same = json_pack("{s:s, s:s, s:s, s:i, s:i}", "store", store, "kind", text_of(said, "kind"),
                         "what", text_of(said, "what"), "count", 0, "since_ms", 0);
        upp_check(same);
        json_array_append_new(r->held, same);
    }
    const json_int_t before = json_integer_value(json_object_get(same, "since_ms"));
    json_object_set_new(same, "count",
                        json_integer(json_integer_value(json_object_get(same, "count")) +
                                     json_integer_value(json_object_get(said, "count"))));
    if (since > 0 && (before == 0 || since < before))
        json_object_set_new(same, "since_ms", json_integer(since));
}

static int ask_store(report *r, const char *store)
{
    for (size_t from = 0; from < json_array_size(r->subjects); from += BATCH) {
        UPP_AUTO(json_freep) json_t *rows = json_array();
        Uppsikt__Held query = UPPSIKT__HELD__INIT;
        char *list[BATCH];
        json_t *row = NULL;
        size_t i = 0;
        query.subjects = list;
        query.n_subjects = lend(r, from, list);
        const int rc = ask_query(r->call, store, &query.base, NULL, rows);
        if (rc != CALL_DONE)
            return rc;
        json_array_foreach(rows, i, row) add_held(r, store, row);
    }
    return CALL_DONE;
}

static int ask_kept_by(report *r)
{
    int rc = CALL_DONE;
    for (size_t from = 0; from < json_array_size(r->subjects) && rc == CALL_DONE; from += BATCH) {
        Uppsikt__KeptBy query = UPPSIKT__KEPT_BY__INIT;
        char *list[BATCH];
        query.subjects = list;
        query.n_subjects = lend(r, from, list);
        rc = ask_query(r->call, "evidence", &query.base, NULL, r->kept_by);
    }
    return rc;
}

static bool among(const json_t *list, const char *text)
{
    json_t *one = NULL;
    size_t i = 0;
    json_array_foreach(list, i, one) if (strcmp(json_string_value(one), text) == 0) return true;
    return false;
}

/* The rows by which that kind goes: its own kind's, else the subjects'. What no row lets go is
 * kept, and a package has a row of its own, which archive's runs tell. */
static json_t *rows_of(const report *r, const json_t *held)
{
    json_t *rows = json_array(), *kept = NULL;
    const char *what = text_of(held, "what");
    size_t i = 0;
    if (!what[0] && r->staff)
        what = "staff";
    json_array_foreach(r->kept_by, i, kept)
    {
        const char *plan_row = text_of(kept, "plan_row");
        if ((!what[0] || strcmp(what, text_of(kept, "what")) == 0) && plan_row[0] &&
            !among(rows, plan_row))
            json_array_append_new(rows, json_string(plan_row));
    }
    return rows;
}

/* Whoever does not answer is named: without it the report is not whole. */
static void ask_all(report *r)
{
    json_t *row = NULL;
    size_t i = 0;
    const verb_home *home = r->call->home;
    for (size_t s = 0; s < home->n_services; s++) /* each part of one that is divided, too */
        if (strcmp(home->services[s], without_content) != 0 && home_has(home, home->services[s]) &&
            ask_store(r, home->services[s]) != CALL_DONE)
            json_array_append_new(r->missing, json_string(home->services[s]));
    if (home_has(home, "evidence") && !among(r->missing, "evidence") && ask_kept_by(r) != CALL_DONE)
        json_array_append_new(r->missing, json_string("evidence"));
    json_array_foreach(r->held, i, row) json_object_set_new(row, "rows", rows_of(r, row));
}

/* -- what it says -- */
static int note_view(verb_call *call, const char *subject)
{
    ProtobufCMessage *noted = NULL;
    Uppsikt__NoteView view = UPPSIKT__NOTE_VIEW__INIT;
    view.record = upp_lend(subject);
    view.what = upp_lend("exported");
    const int rc =
        ask_command(call, "evidence", &view.base, &uppsikt__view_noted__descriptor, &noted);
    message_free(noted);
    return rc;
}

/* From the owner: the others' are copies of these. */
static int fetch_one(report *r, const char *subject)
{
    Uppsikt__Persons persons = UPPSIKT__PERSONS__INIT;
    Uppsikt__Absences absences = UPPSIKT__ABSENCES__INIT;
    Uppsikt__Items items = UPPSIKT__ITEMS__INIT;
    if (!r->staff) {
        items.item = upp_lend(subject);
        return ask_query(r->call, "ingest", &items.base, NULL, r->content);
    }
    persons.person = absences.person = upp_lend(subject);
    const int rc = ask_query(r->call, "registry", &persons.base, NULL, r->content);
    return rc == CALL_DONE
               ? ask_query(r->call, "registry", &absences.base, "after=absence", r->content)
               : rc;
}

static int fetch_content(report *r)
{
    json_t *subject = NULL;
    size_t i = 0;
    r->content = json_array();
    json_array_foreach(r->subjects, i, subject)
    {
        int rc = note_view(r->call, json_string_value(subject)); /* before anything is shown */
        if (rc == CALL_DONE)
            rc = fetch_one(r, json_string_value(subject));
        if (rc != CALL_DONE)
            return rc;
    }
    return CALL_DONE;
}

/* -- showing it -- */
static void show_json(const report *r)
{
    UPP_AUTO(json_freep)
    json_t *out = json_pack("{s:O, s:O, s:O, s:O}", "subjects", r->subjects, "held", r->held,
                            "kept_by", r->kept_by, "missing", r->missing);
    upp_check(out);
    if (r->content)
        json_object_set(out, "content", r->content);
    print_json(out);
}

static void show_text(const report *r)
{
    json_t *row = NULL;
    size_t i = 0, on_hold = 0;
    print_table(r->call->home, r->held,
                "STORE=store KIND=kind COUNT=count SINCE=since_ms ROW=rows");
    json_array_foreach(r->kept_by, i, row) on_hold +=
        json_is_true(json_object_get(row, "held")) ? 1 : 0;
    if (on_hold > 0)
        printf("a hold keeps some of it: uppsikt hold list\n");
    json_array_foreach(r->content, i, row)
    {
        char *text = json_dumps(row, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
        upp_check(text);
        print_safe(text, stdout);
        fputc('\n', stdout);
        free(text);
    }
}

int report_person(verb_call *call)
{
    UPP_AUTO(report_done) report r = { .call = call };
    const bool content = call_flag(call, "content");
    r.subjects = json_array();
    r.held = json_array();
    r.kept_by = json_array();
    r.missing = json_array();
    if (content && !call->as) {
        home_say("--content: whoever looks is a registered person: --as PERSON");
        return CALL_USAGE;
    }
    int rc = ask_home(call);
    if (rc == CALL_DONE)
        rc = find_subjects(&r);
    if (rc != CALL_DONE)
        return rc;
    ask_all(&r);
    if (content && json_array_size(r.held) > 0)
        rc = fetch_content(&r);
    if (rc != CALL_DONE)
        return rc;
    if (call->json)
        show_json(&r);
    else if (json_array_size(r.held) == 0)
        printf("nothing is held\n");
    else
        show_text(&r);
    if (json_array_size(r.missing) == 0)
        return CALL_DONE;
    home_say("the report is not whole: a store did not answer");
    return CALL_WRONG;
}
