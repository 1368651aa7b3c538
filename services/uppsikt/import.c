/* import.c - `uppsikt import`: an NDJSON file into ingest, some lines a command, many commands on
 * their way at once. Ids come from the import's id and the lines, so that a command that is sent
 * again is done once. */
#include "ask.h"
#include "capped.h"
#include "digest.h"
#include "import_time.h"
#include "message_json.h"
#include "suite_clock.h"
#include "uppsikt/ingest.pb-c.h"
#include "verbs.h"
#include <errno.h>
#include <poll.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WINDOW = 8, LINES = 200, CHUNK_BYTES = 160 * 1024, LINE_BYTES = 48 * 1024 + 1 };

static const upp_ms again_span = 3 * UPP_SECOND, patience_span = 30 * UPP_SECOND;

typedef struct chunk {
    uint8_t id[16];
    Uppsikt__ImportLines command;
    ProtobufCBinaryData lines[LINES];
    size_t bytes;
    bool pending;
} chunk;

typedef struct import {
    verb_call *call;
    const char *path, *account;
    char id[41];
    FILE *in;
    bool relative, tty;
    chunk chunks[WINDOW];
    size_t n_pending;
    int64_t line, accepted, known, edited, quarantined;
    json_t *bad;       /* {line, why} */
    char stopped[120]; /* a refusal that ends it */
} import;

static void chunk_clear(chunk *c)
{
    for (size_t i = 0; i < c->command.n_lines; i++)
        free(c->lines[i].data);
    *c = (chunk){ .pending = false };
}

static void import_done(import **im)
{
    for (size_t i = 0; i < WINDOW; i++)
        chunk_clear(&(*im)->chunks[i]);
    if ((*im)->in && (*im)->in != stdin)
        fclose((*im)->in);
    json_decref((*im)->bad);
    free(*im);
}

/* -- answers -- */
static void note_lines(import *im, const Uppsikt__LinesImported *said)
{
    im->accepted += said->accepted;
    im->known += said->known;
    im->edited += said->edited;
    im->quarantined += said->quarantined;
    for (size_t i = 0; i < said->n_bad; i++)
        json_array_append_new(im->bad,
                              json_pack("{s:I, s:s}", "line", (json_int_t)said->bad[i]->line, "why",
                                        said->bad[i]->why));
}

static void collected(void *ctx, const uint8_t id[16], const upp_frames *outcome,
                      const char *refused)
{
    import *im = ctx;
    for (size_t i = 0; i < WINDOW; i++) {
        chunk *c = &im->chunks[i];
        if (!c->pending || memcmp(c->id, id, sizeof c->id) != 0)
            continue;
        UPP_AUTO(upp_unpack_freep)
        ProtobufCMessage *msg =
            refused ? NULL : upp_unpack(&uppsikt__lines_imported__descriptor, outcome->envelope);
        if (msg)
            note_lines(im, (const Uppsikt__LinesImported *)msg);
        else
            snprintf(im->stopped, sizeof im->stopped, "%s",
                     refused ? refused : "an answer that cannot be read");
        chunk_clear(c);
        im->n_pending--;
        return;
    }
}

static int send_chunk(import *im, chunk *c)
{
    return upp_client_send(im->call->client, "ingest", c->id, im->call->as, &c->command.base);
}

/* What is not answered for a while (the service may have been started anew) is sent again, with the
 * same id: it is done once. */
static void send_again(import *im)
{
    for (size_t i = 0; i < WINDOW; i++)
        if (im->chunks[i].pending)
            (void)send_chunk(im, &im->chunks[i]); /* no connection: it is tried again */
}

/* Waits until at most `most` commands are on their way. False: it does not go on. */
static bool settle(import *im, size_t most)
{
    upp_ms progress_at = upp_steady_now();
    while (im->n_pending > most && !im->stopped[0]) {
        const size_t before = im->n_pending;
        (void)upp_client_collect(im->call->client, "ingest", before - most, again_span, collected,
                                 im);
        if (im->n_pending < before)
            progress_at = upp_steady_now();
        else if (upp_steady_now() - progress_at > patience_span)
            snprintf(im->stopped, sizeof im->stopped, "no answer in time");
        else
            send_again(im);
    }
    return !im->stopped[0];
}

/* -- lines -- */
static void name_chunk(const import *im, chunk *c)
{
    uint8_t hash[32];
    char head[80];
    upp_bytes parts[LINES + 1];
    const int n =
        snprintf(head, sizeof head, "import %s %lld\n", im->id, (long long)c->command.first_line);
    parts[0] = (upp_bytes){ (const uint8_t *)head, (size_t)n };
    for (size_t i = 0; i < c->command.n_lines; i++)
        parts[i + 1] = (upp_bytes){ c->lines[i].data, c->lines[i].len };
    upp_sha256(parts, c->command.n_lines + 1, hash);
    memcpy(c->id, hash, sizeof c->id);
}

static void progress(const import *im)
{
    if (im->tty)
        fprintf(stderr, "\r%lld lines", (long long)im->line);
}

/* The chunk goes out when there is room for it. */
static bool flush_chunk(import *im, chunk *c, bool last)
{
    if (c->command.n_lines == 0)
        return true;
    c->command.last = last;
    c->command.lines = c->lines;
    name_chunk(im, c);
    c->pending = true;
    im->n_pending++;
    const int rc = send_chunk(im, c);
    if (rc < 0) {
        snprintf(im->stopped, sizeof im->stopped, "%s", upp_client_why(im->call->client));
        return false;
    }
    progress(im);
    return settle(im, WINDOW - 1);
}

static chunk *fresh_chunk(import *im)
{
    for (size_t i = 0; i < WINDOW; i++)
        if (!im->chunks[i].pending) {
            chunk *c = &im->chunks[i];
            chunk_clear(c);
            uppsikt__import_lines__init(&c->command);
            c->command.import = im->id;
            c->command.account = upp_lend(im->account ? im->account : "");
            c->command.first_line = im->line;
            return c;
        }
    upp_check(false); /* settle has left room */
    return NULL;
}

/* A line longer than ingest takes is cut where ingest can see that it was too long. */
static void add_line(import *im, chunk *c, const char *text, size_t len)
{
    char *own = NULL;
    if (im->relative) {
        const when_clock clock = ask_clock(im->call);
        own = import_time_fill(text, len, &clock);
    }
    const char *taken = own ? own : text;
    const size_t n = own ? strlen(own) : len;
    ProtobufCBinaryData *line = &c->lines[c->command.n_lines++];
    line->len = n < LINE_BYTES ? n : LINE_BYTES;
    line->data = malloc(line->len + 1);
    upp_check(line->data != NULL);
    memcpy(line->data, taken, line->len);
    c->bytes += line->len;
    free(own);
}

static void free_text(char **text)
{
    free(*text);
}

static bool read_lines(import *im)
{
    UPP_AUTO(free_text) char *text = NULL;
    size_t room = 0;
    chunk *c = NULL;
    for (ssize_t len; (len = getline(&text, &room, im->in)) >= 0;) {
        im->line++;
        while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r'))
            len--;
        const bool blank = strspn(text, " \t") >= (size_t)len;
        const size_t bytes = (size_t)len < LINE_BYTES ? (size_t)len : LINE_BYTES;
        if (c && (blank || c->command.n_lines == LINES || c->bytes + bytes > CHUNK_BYTES)) {
            if (!flush_chunk(im, c, false))
                return false;
            c = NULL;
        }
        if (blank)
            continue;
        if (!c)
            c = fresh_chunk(im);
        add_line(im, c, text, (size_t)len);
    }
    if (ferror(im->in)) {
        snprintf(im->stopped, sizeof im->stopped, "%s: %s", im->path, strerror(errno));
        return false;
    }
    return !c || flush_chunk(im, c, true);
}

/* -- before: has ingest heard of the accounts? -- */
static int64_t register_heard(const json_t *ingest)
{
    size_t i = 0;
    json_t *source = NULL;
    json_array_foreach(json_object_get(ingest, "sources"), i, source)
    {
        if (strcmp(json_string_value(json_object_get(source, "source")), "registry") == 0)
            return json_integer_value(json_object_get(source, "cursor"));
    }
    return -1;
}

/* A register that does not answer is no reason to wait: ingest works without it. */
static bool wait_for_register(verb_call *call)
{
    UPP_AUTO(json_freep) json_t *registry = NULL;
    const upp_ms until = upp_steady_now() + call_span(call, "register", 30 * UPP_SECOND);
    if (ask_status(call, "registry", 2 * UPP_SECOND, &registry) != CALL_DONE) {
        home_say("registry: no answer; accounts that are new may be unknown to ingest");
        return true;
    }
    const json_int_t head = json_integer_value(json_object_get(registry, "head"));
    for (;;) {
        UPP_AUTO(json_freep) json_t *ingest = NULL;
        const int rc = ask_status(call, "ingest", call->wait_span, &ingest);
        if (rc != CALL_DONE) {
            home_sayf("ingest: %s; uppsikt status tells", upp_client_why(call->client));
            return false;
        }
        if (register_heard(ingest) >= head)
            return true;
        if (upp_steady_now() > until) {
            home_say("ingest has not heard all of the register yet; try again later");
            return false;
        }
        (void)poll(NULL, 0, 50); /* until the next look, which has a deadline */
    }
}

static int report(import *im)
{
    size_t i = 0;
    json_t *bad = NULL;
    if (im->tty)
        fputs("\r\033[K", stderr);
    json_array_foreach(im->bad, i, bad)
    {
        fprintf(stderr, "%s:%lld: %s\n", im->path,
                (long long)json_integer_value(json_object_get(bad, "line")),
                json_string_value(json_object_get(bad, "why")));
    }
    if (im->stopped[0]) {
        char words[200];
        home_sayf("%s: stopped before line %lld: %s; the same again with --import %s goes on",
                  im->path, (long long)im->line + 1,
                  ask_refusal("ingest", im->stopped, words, sizeof words), im->id);
    }
    if (im->call->json)
        printf("{\"import\":\"%s\",\"lines\":%lld,\"accepted\":%lld,\"known\":%lld,"
               "\"edited\":%lld,\"quarantined\":%lld}\n",
               im->id, (long long)im->line, (long long)im->accepted, (long long)im->known,
               (long long)im->edited, (long long)im->quarantined);
    else
        printf("%lld accepted, %lld known, %lld edited, %lld quarantined\n",
               (long long)im->accepted, (long long)im->known, (long long)im->edited,
               (long long)im->quarantined);
    return im->stopped[0] || im->quarantined > 0 ? CALL_WRONG : CALL_DONE;
}

static bool open_input(import *im)
{
    im->path = im->call->n_operands ? im->call->operands[0] : "-";
    im->in = strcmp(im->path, "-") == 0 ? stdin : fopen(im->path, "re");
    if (!im->in)
        home_sayf("%s: %s", im->path, strerror(errno));
    return im->in != NULL;
}

static int import_file(verb_call *call)
{
    uint8_t random[10];
    UPP_AUTO(import_done) import *im = calloc(1, sizeof *im);
    upp_check(im != NULL);
    im->call = call;
    im->bad = json_array();
    im->account = call_text(call, "account");
    im->relative = call_flag(call, "relative");
    im->tty = isatty(STDERR_FILENO) == 1 && !call->json;
    const char *given = call_text(call, "import");
    randombytes_buf(random, sizeof random);
    upp_hex(random, sizeof random, im->id);
    if (given && (size_t)snprintf(im->id, sizeof im->id, "%s", given) >= sizeof im->id) {
        home_say("--import: 40 characters at most");
        return CALL_USAGE;
    }
    if (!open_input(im))
        return CALL_USAGE;
    if (!ask_client(call))
        return CALL_CONFIG;
    if (!wait_for_register(call))
        return CALL_WRONG;
    if (read_lines(im))
        (void)settle(im, 0); /* why not, is in im->stopped */
    return report(im);
}

static const verb_option options[] = {
    TEXT("account", "ACCOUNT", NULL, "for lines that name none"),
    TEXT("import", "ID", NULL, "go on with an import that was stopped"),
    SPAN("register", "SPAN", NULL, "how long to wait until ingest knows the register (30s)"),
    FLAG("relative", NULL, "created_at and edited_at may be -6h or sat 22:40, in suite time"),
};
static const verb_action actions[] = {
    RUN("", "[FILE]", "", OPTIONS(options), import_file),
};

const verb_row verb_import = {
    .name = "import",
    .help = "comments from an NDJSON file or standard input",
    .actions = actions,
    .n_actions = UPP_LEN(actions),
    .more =
        "A line: {\"account\", \"external_id\", \"kind\": \"comment\", \"text\", \"created_at\", "
        "\"author\": {...}}.\nThe same file again changes nothing: all lines are known. exit 1 "
        "when a line was bad.\n",
};
