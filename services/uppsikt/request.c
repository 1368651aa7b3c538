/* request.c - `uppsikt request`: a request for public records answered in one step (R28): what was
 * asked for in a folder, whole for the secrecy review and with a proposal of what to cover, with a
 * manifest and a log. Who asks is never asked (TF 2:18). */
#include "ask.h"
#include "request_package.h"
#include "uppsikt/evidence.pb-c.h"
#include "uppsikt/ingest.pb-c.h"
#include "verbs.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unicase.h>
#include <unistd.h>

static const verb_option make_options[] = {
    TEXT("account", "ACCOUNT", NULL, "only what was written on this account"),
    TEXT("from", "TIME", NULL, "received from then on"),
    TEXT("to", "TIME", NULL, "received before that"),
    TEXT("search", "WORDS", NULL, "only what holds these words, in any case of letters"),
    TEXT("item", "ITEM", NULL, "only this one, with all its versions"),
};

typedef struct request {
    verb_call *call;
    upp_ms from, to; /* 0: open */
    char *search;    /* folded; NULL: all */
    phrases *words;
    request_package package;
} request;

static void request_free(request *r)
{
    free(r->search);
    request_done(&r->package);
    phrases_free(r->words);
}

/* -- what was asked for -- */
static int read_time(verb_call *call, const char *option, upp_ms *ret_at)
{
    const char *text = call_text(call, option);
    const when_clock clock = ask_clock(call);
    const char *why = text ? when_parse(&clock, text, ret_at) : NULL;
    if (why)
        home_sayf("--%s %s: %s", option, text, why);
    return why ? CALL_USAGE : CALL_DONE;
}

static char *folded(const char *text)
{
    size_t n = 0;
    uint8_t *out = u8_casefold((const uint8_t *)text, strlen(text) + 1, "sv", NULL, NULL, &n);
    return (char *)out;
}

static const char *text_at(const json_t *row, const char *path)
{
    const char *text = json_string_value(print_path(row, path, strlen(path)));
    return text ? text : "";
}

static bool wanted(const request *r, const json_t *row)
{
    const upp_ms at = json_integer_value(json_object_get(row, "received_ms"));
    if ((r->from && at < r->from) || (r->to && at >= r->to))
        return false;
    if (!r->search)
        return true;
    char *text = folded(text_at(row, "content.what.text"));
    const bool found = text && strstr(text, r->search);
    free(text);
    return found;
}

static int put_row(request *r, const json_t *row)
{
    char received[WHEN_TEXT];
    const upp_ms at = json_integer_value(json_object_get(row, "received_ms"));
    when_text(r->call->home->tz, at, received);
    return request_add(
        &r->package,
        &(request_row){ .item = text_at(row, "item"),
                        .account = text_at(row, "account"),
                        .author = text_at(row, "content.what.author.name"),
                        .permalink = text_at(row, "content.what.permalink"),
                        .text = text_at(row, "content.what.text"),
                        .received = received,
                        .version = (uint32_t)json_integer_value(json_object_get(row, "version")),
                        .received_ms = at,
                        .gone = json_is_true(json_object_get(row, "gone")) });
}

/* -- the folder -- */
static int write_file(const char *folder, const request_file *file)
{
    char path[PATH_MAX];
    if (!home_path(folder, file->name, path))
        return UPP_E_INPUT;
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    size_t at = 0;
    while (fd >= 0 && at < file->bytes.len) {
        const ssize_t n = write(fd, file->bytes.at + at, file->bytes.len - at);
        if (n < 0 && errno != EINTR)
            break;
        at += n > 0 ? (size_t)n : 0;
    }
    const bool well = fd >= 0 && at == file->bytes.len && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    if (!well)
        home_sayf("%s: %s", path, strerror(errno));
    return well ? 0 : UPP_E_STORE;
}

static int write_all(request *r, const char *folder)
{
    char whole[PATH_MAX], covered[PATH_MAX];
    const request_asked asked = { .folder = folder,
                                  .made_by = r->call->as,
                                  .account = call_text(r->call, "account"),
                                  .item = call_text(r->call, "item"),
                                  .search = call_text(r->call, "search"),
                                  .from = r->from,
                                  .before = r->to };
    if (mkdir(folder, 0700) || !home_path(folder, "sekretessprovning", whole) ||
        mkdir(whole, 0700) || !home_path(folder, "maskad", covered) || mkdir(covered, 0700)) {
        home_sayf("%s: %s%s", folder, strerror(errno),
                  errno == EEXIST ? "; a package is never written over another" : "");
        return UPP_E_STORE;
    }
    int rc = request_end(&r->package, &asked);
    if (rc < 0)
        home_say("out of memory");
    for (size_t i = 0; i < REQUEST_FILES && rc == 0; i++)
        rc = write_file(folder, &r->package.files[i]);
    return rc;
}

/* -- R29: that a person took a copy is said before she gets it -- */
static int note_view(verb_call *call, const char *record)
{
    ProtobufCMessage *noted = NULL;
    Uppsikt__NoteView view = UPPSIKT__NOTE_VIEW__INIT;
    view.record = upp_lend(record);
    view.what = upp_lend("exported");
    const int rc =
        ask_command(call, "evidence", &view.base, &uppsikt__view_noted__descriptor, &noted);
    message_free(noted);
    return rc;
}

/* The item itself where no copy of it is saved. */
static int note_views(verb_call *call, const json_t *row)
{
    UPP_AUTO(json_freep) json_t *records = json_array();
    Uppsikt__Records query = UPPSIKT__RECORDS__INIT;
    query.item = upp_lend(text_at(row, "item"));
    int rc = ask_query(call, "evidence", &query.base, NULL, records);
    if (rc == CALL_DONE && json_array_size(records) == 0)
        return note_view(call, query.item);
    for (size_t i = 0; rc == CALL_DONE && i < json_array_size(records); i++)
        rc = note_view(call, text_at(json_array_get(records, i), "record"));
    return rc;
}

static int begin(request *r)
{
    const char *search = call_text(r->call, "search");
    int rc = read_time(r->call, "from", &r->from);
    if (rc == CALL_DONE)
        rc = read_time(r->call, "to", &r->to);
    if (rc != CALL_DONE)
        return rc;
    r->search = search ? folded(search) : NULL;
    upp_check(!search || r->search);
    r->words = phrases_new(ask_language());
    if (request_begin(&r->package, r->words) == 0)
        return CALL_DONE;
    home_say("out of memory");
    return CALL_WRONG;
}

static int collect(request *r)
{
    UPP_AUTO(json_freep) json_t *rows = json_array();
    Uppsikt__Items query = UPPSIKT__ITEMS__INIT;
    const char *account = call_text(r->call, "account"), *item = call_text(r->call, "item");
    const char *noted = "";
    json_t *row = NULL;
    size_t i = 0;
    query.account = upp_lend(account ? account : "");
    query.item = upp_lend(item ? item : "");
    int rc = ask_query(r->call, "ingest", &query.base, item ? NULL : "after=item", rows);
    json_array_foreach(rows, i, row)
    {
        if (rc != CALL_DONE)
            return rc;
        if (!wanted(r, row))
            continue;
        if (strcmp(noted, text_at(row, "item")) != 0 && home_has(r->call->home, "evidence"))
            rc = note_views(r->call, row);
        noted = text_at(row, "item");
        if (rc == CALL_DONE && put_row(r, row) < 0) {
            home_say("out of memory, or a text that is no UTF-8");
            rc = CALL_WRONG;
        }
    }
    return rc;
}

static int make(verb_call *call)
{
    UPP_AUTO(request_free) request r = { .call = call };
    const char *folder = call->operands[0];
    int rc = ask_home(call);
    if (rc == CALL_DONE && !call->as) {
        home_say("whoever makes the package is a registered person: --as PERSON");
        return CALL_USAGE;
    }
    if (rc == CALL_DONE)
        rc = begin(&r);
    if (rc == CALL_DONE)
        rc = collect(&r);
    if (rc == CALL_DONE && r.package.n_rows == 0) {
        home_say("nothing was found; no package was made");
        return CALL_WRONG;
    }
    if (rc == CALL_DONE && write_all(&r, folder) < 0)
        rc = CALL_WRONG;
    if (rc != CALL_DONE)
        return rc;
    const request_package *p = &r.package;
    if (call->json)
        printf("{\"rows\":%zu,\"masks\":%zu,\"for_review\":%zu}\n", p->n_rows, p->n_masks,
               p->n_secret);
    else
        printf("%s: %zu versions, %zu places covered, %zu to be read by whoever reviews\n", folder,
               p->n_rows, p->n_masks, p->n_secret);
    return CALL_DONE;
}

static const verb_action actions[] = {
    RUN("make", "FOLDER", "a package of what was asked for, to be reviewed and handed out",
        OPTIONS(make_options), make),
};

const verb_row verb_request = {
    .name = "request",
    .help = "a request for public records, in one step",
    .actions = actions,
    .n_actions = UPP_LEN(actions),
    .more =
        "Who asks is not asked and not noted. What is covered is a proposal: a person reviews.\n",
};
