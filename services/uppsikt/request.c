/* request.c - `uppsikt request`: a request for public records answered in one step (R28): what was
 * asked for in a folder, whole for the secrecy review and with a proposal of what to cover, with a
 * manifest and a log. Who asks is never asked (TF 2:18). */
#include "ask.h"
#include "fixity.h"
#include "json_out.h"
#include "manifest.h"
#include "request_mask.h"
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
    classifier *judge;
    classifier_room *room;
    buf whole, covered, masks, page;
    manifest_row files[8];
    size_t n_files, n_rows, n_masks, n_secret;
} request;

static void request_done(request *r)
{
    free(r->search);
    classifier_free(r->judge);
    classifier_room_free(r->room);
    buf_done(&r->whole);
    buf_done(&r->covered);
    buf_done(&r->masks);
    buf_done(&r->page);
}

static const char *words(const char *key, char *ret_text, size_t size)
{
    return ask_refusal("uppsikt", key, ret_text, size);
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

/* -- the rows of the package -- */
static int escaped(buf *out, const char *text)
{
    for (; *text; text++) {
        const char *name = *text == '&'    ? "&amp;"
                           : *text == '<'  ? "&lt;"
                           : *text == '>'  ? "&gt;"
                           : *text == '"'  ? "&quot;"
                           : *text == '\n' ? "<br>"
                                           : NULL;
        UPP_TRY(name ? buf_printf(out, "%s", name) : buf_put(out, text, 1));
    }
    return 0;
}

static json_t *bare(const request *r, const json_t *row, const char *text)
{
    char received[WHEN_TEXT];
    when_text(r->call->home->tz, json_integer_value(json_object_get(row, "received_ms")), received);
    return json_pack(
        "{sO sO sO sO ss sO ss ss ss}", "item", json_object_get(row, "item"), "version",
        json_object_get(row, "version"), "account", json_object_get(row, "account"), "received_ms",
        json_object_get(row, "received_ms"), "received", received, "gone",
        json_object_get(row, "gone"), "author", text_at(row, "content.what.author.name"),
        "permalink", text_at(row, "content.what.permalink"), "text", text);
}

static int put_line(buf *out, json_t *value)
{
    const int rc = value ? json_write(value, out) : UPP_E_BUSY;
    json_decref(value);
    UPP_TRY(rc);
    return buf_put(out, "\n", 1);
}

static int put_page_row(request *r, const json_t *row, const char *text)
{
    char received[WHEN_TEXT];
    when_text(r->call->home->tz, json_integer_value(json_object_get(row, "received_ms")), received);
    UPP_TRY(buf_printf(&r->page, "<article><h2>"));
    UPP_TRY(escaped(&r->page, received));
    UPP_TRY(buf_printf(&r->page, " · "));
    UPP_TRY(escaped(&r->page, text_at(row, "content.what.author.name")));
    UPP_TRY(buf_printf(&r->page, "</h2><p>"));
    UPP_TRY(escaped(&r->page, text));
    return buf_printf(&r->page, "</p></article>\n");
}

/* Where something was covered and why: places only, never what stood there. */
static int put_masks(request *r, const json_t *row, const request_mask *masks, size_t n,
                     bool secret)
{
    char review[200];
    for (size_t i = 0; i < n; i++) {
        size_t len = 0;
        const char *why = classifier_reason(masks[i].reason, "sv", &len);
        UPP_TRY(buf_printf(&r->masks, "%s;%lld;%u;%u;%.*s\r\n", text_at(row, "item"),
                           (long long)json_integer_value(json_object_get(row, "version")),
                           masks[i].start, masks[i].end, (int)len, why));
    }
    if (secret)
        UPP_TRY(buf_printf(&r->masks, "%s;%lld;;;%s\r\n", text_at(row, "item"),
                           (long long)json_integer_value(json_object_get(row, "version")),
                           words("request-review", review, sizeof review)));
    r->n_masks += n;
    r->n_secret += secret;
    return 0;
}

static int put_row(request *r, const json_t *row)
{
    request_mask masks[REQUEST_MASKS];
    size_t n = 0;
    bool secret = false;
    buf text = { 0 };
    const char *original = text_at(row, "content.what.text");
    int rc = request_cover(r->judge, r->room, original, &text, masks, &n, &secret);
    if (rc == 0)
        rc = put_line(&r->whole, bare(r, row, original));
    if (rc == 0)
        rc = put_line(&r->covered, bare(r, row, buf_text(&text)));
    if (rc == 0)
        rc = put_page_row(r, row, buf_text(&text));
    if (rc == 0)
        rc = put_masks(r, row, masks, n, secret);
    buf_done(&text);
    r->n_rows++;
    return rc;
}

/* -- the folder -- */
static int write_file(request *r, const char *folder, const char *name, const buf *bytes)
{
    char path[PATH_MAX];
    upp_check(r->n_files < UPP_LEN(r->files));
    if (!home_path(folder, name, path))
        return UPP_E_INPUT;
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    size_t at = 0;
    while (fd >= 0 && at < bytes->len) {
        const ssize_t n = write(fd, bytes->at + at, bytes->len - at);
        if (n < 0 && errno != EINTR)
            break;
        at += n > 0 ? (size_t)n : 0;
    }
    const bool well = fd >= 0 && at == bytes->len && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    if (!well) {
        home_sayf("%s: %s", path, strerror(errno));
        return UPP_E_STORE;
    }
    manifest_row *row = &r->files[r->n_files++];
    *row = (manifest_row){ .path = name, .bytes = bytes->len };
    fixity_of(buf_bytes(bytes), (upp_bytes){ 0 }, row->sha256);
    return 0;
}

static int put_log(const request *r, const char *folder, buf *out)
{
    const verb_call *call = r->call;
    const char *account = call_text(call, "account"), *item = call_text(call, "item");
    json_t *log = json_pack("{ss ss ss* ss* ss* sI sI sI sI sI sI}", "folder", folder, "made_by",
                            call->as, "account", account, "item", item, "search",
                            call_text(call, "search"), "received_from_ms", (json_int_t)r->from,
                            "received_before_ms", (json_int_t)r->to, "rows", (json_int_t)r->n_rows,
                            "masks", (json_int_t)r->n_masks, "for_review", (json_int_t)r->n_secret,
                            "classifier_model", (json_int_t)classifier_model_version(r->judge));
    return put_line(out, log);
}

static int put_readme(const request *r, buf *out)
{
    static const char *const keys[] = { "request-title", "request-whole", "request-covered",
                                        "request-masks", "request-verify" };
    char text[400];
    for (size_t i = 0; i < UPP_LEN(keys); i++)
        UPP_TRY(buf_printf(out, "%s\n%s", words(keys[i], text, sizeof text), i ? "" : "\n"));
    return buf_printf(out, "\n%zu / %zu / %zu\n", r->n_rows, r->n_masks, r->n_secret);
}

static int write_manifest(request *r, const char *folder)
{
    buf text = { 0 };
    const sink out = buf_sink(&text);
    int rc = manifest_sort(r->files, r->n_files);
    if (rc == 0)
        rc = manifest_write(r->files, r->n_files, &out);
    if (rc == 0)
        rc = write_file(r, folder, "manifest-sha256.txt", &text);
    buf_done(&text);
    return rc;
}

static int write_all(request *r, const char *folder)
{
    char whole[PATH_MAX], covered[PATH_MAX];
    buf log = { 0 }, readme = { 0 };
    if (mkdir(folder, 0700) || !home_path(folder, "sekretessprovning", whole) ||
        mkdir(whole, 0700) || !home_path(folder, "maskad", covered) || mkdir(covered, 0700)) {
        home_sayf("%s: %s%s", folder, strerror(errno),
                  errno == EEXIST ? "; a package is never written over another" : "");
        return UPP_E_STORE;
    }
    int rc = put_readme(r, &readme);
    if (rc == 0)
        rc = put_log(r, folder, &log);
    if (rc == 0)
        rc = buf_printf(&r->page, "</main></body></html>\n");
    const struct {
        const char *name;
        const buf *bytes;
    } files[] = {
        { "LASMIG.txt", &readme },
        { "sekretessprovning/handlingar.jsonl", &r->whole },
        { "maskad/handlingar.jsonl", &r->covered },
        { "maskad/handlingar.html", &r->page },
        { "maskningar.csv", &r->masks },
        { "logg.json", &log },
    };
    for (size_t i = 0; i < UPP_LEN(files) && rc == 0; i++)
        rc = write_file(r, folder, files[i].name, files[i].bytes);
    if (rc == 0)
        rc = write_manifest(r, folder);
    buf_done(&log);
    buf_done(&readme);
    return rc;
}

/* -- R29: that a person took a copy is said before she gets it -- */
static int note_views(verb_call *call, const json_t *row)
{
    UPP_AUTO(json_freep) json_t *records = json_array();
    Uppsikt__Records query = UPPSIKT__RECORDS__INIT;
    query.item = upp_lend(text_at(row, "item"));
    int rc = ask_query(call, "evidence", &query.base, NULL, records);
    for (size_t i = 0; rc == CALL_DONE && i < json_array_size(records); i++) {
        ProtobufCMessage *noted = NULL;
        Uppsikt__NoteView view = UPPSIKT__NOTE_VIEW__INIT;
        view.record = upp_lend(text_at(json_array_get(records, i), "record"));
        view.what = upp_lend("exported");
        rc = ask_command(call, "evidence", &view.base, &uppsikt__view_noted__descriptor, &noted);
        message_free(noted);
    }
    return rc;
}

static void say_judge(void *ctx, const char *line)
{
    (void)ctx;
    home_say(line);
}

static int begin(request *r)
{
    char text[200];
    const char *search = call_text(r->call, "search");
    int rc = read_time(r->call, "from", &r->from);
    if (rc == CALL_DONE)
        rc = read_time(r->call, "to", &r->to);
    if (rc != CALL_DONE)
        return rc;
    r->search = search ? folded(search) : NULL;
    r->judge = classifier_new_embedded(say_judge, NULL);
    r->room = classifier_room_new();
    upp_check(r->judge && r->room && (!search || r->search));
    const int written =
        buf_printf(&r->page,
                   "<!doctype html><html lang=\"sv\"><head><meta charset=\"utf-8\"><title>%s"
                   "</title></head><body><main><h1>%s</h1>\n",
                   words("request-title", text, sizeof text), text);
    if (written == 0 && buf_printf(&r->masks, "item;version;from;to;why\r\n") == 0)
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
    UPP_AUTO(request_done) request r = { .call = call };
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
    if (rc == CALL_DONE && r.n_rows == 0) {
        home_say("nothing was found; no package was made");
        return CALL_WRONG;
    }
    if (rc == CALL_DONE && write_all(&r, folder) < 0)
        rc = CALL_WRONG;
    if (rc != CALL_DONE)
        return rc;
    if (call->json)
        printf("{\"rows\":%zu,\"masks\":%zu,\"for_review\":%zu}\n", r.n_rows, r.n_masks,
               r.n_secret);
    else
        printf("%s: %zu versions, %zu places covered, %zu to be read by whoever reviews\n", folder,
               r.n_rows, r.n_masks, r.n_secret);
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
