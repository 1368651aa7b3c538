/* clock.c - `uppsikt clock`: computes due times as the services do, for operators and for
 * checks. */
#include "clock.h"
#include "clock_verb.h"
#include "verb.h"
#include <getopt.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define ZONE_DIRECTORY "/usr/share/zoneinfo"

enum {
    EXIT_BAD_LINE = 1,
    EXIT_USAGE = 2,
    EXIT_BAD_POLICY = 78,
    FILE_BYTES_MAX = 512 * 1024,
    PAUSES_MAX = 1000,
    TARGET_MINUTES_MAX = 366 * 24 * 60
};

static const char help[] =
    "usage: uppsikt clock --ndjson [--policy FILE] [--calendar NAME] < lines\n"
    "       uppsikt clock KIND RECEIVED [--target MIN] [--json] [--policy FILE] [--calendar NAME]\n"
    "\n"
    "Tells when something is due.\n"
    "\n"
    "  KIND             M (moderation, elapsed time), Q (first response to a question, office "
    "time)\n"
    "                   or A (the answer after an interim reply, office time with pauses)\n"
    "  RECEIVED         an instant in RFC 3339, such as 2026-11-27T18:40:00+01:00\n"
    "  --target MIN     minutes instead of the policy's target\n"
    "  --json           one line of JSON instead of text\n"
    "  --ndjson         reads one JSON object a line from standard input:\n"
    "                   "
    "{\"id\",\"kind\",\"received_at\",\"pauses\":[[from,to]],\"target_minutes\"}\n"
    "                   pauses and target_minutes may be left out; a pause to null is still open\n"
    "  --policy FILE    a policy file; what it does not say keeps its built-in value\n"
    "  --calendar NAME  a calendar of the policy instead of its duty calendar\n"
    "\n"
    "exit: 0 done; 1 a line was bad (its error is in its place); 2 wrong usage; 78 bad policy\n";

/* What every line is computed with. */
typedef struct bench {
    policy pol;
    zone *tz;
    const calendar *cal;
    FILE *out, *err;
} bench;

static void bench_done(bench *b)
{
    policy_done(&b->pol);
    zone_free(b->tz);
}

/* -- reading files -- */

static void text_freep(char **text)
{
    free(*text);
}

static void file_closep(FILE **file)
{
    if (*file)
        fclose(*file);
}

/* The whole file, which the caller frees; NULL: it is not there, not readable or too large. */
static char *read_file(const char *path, size_t *ret_len)
{
    UPP_AUTO(file_closep) FILE *file = fopen(path, "rb");
    UPP_AUTO(text_freep) char *text = malloc(FILE_BYTES_MAX);
    if (!file || !text)
        return NULL;
    const size_t len = fread(text, 1, FILE_BYTES_MAX, file);
    if (ferror(file) || len == FILE_BYTES_MAX)
        return NULL;
    *ret_len = len;
    char *ready = text;
    text = NULL;
    return ready;
}

static bool load_policy(bench *b, const char *path)
{
    size_t len = 0;
    if (!path) {
        policy_init(&b->pol);
        return true;
    }
    UPP_AUTO(text_freep) char *text = read_file(path, &len);
    if (!text) {
        fprintf(b->err, "uppsikt clock: %s: cannot be read\n", path);
        return false;
    }
    policy_complaints out = { 0 };
    if (policy_parse(text, len, &b->pol, &out) == 0)
        return true;
    for (size_t i = 0; i < out.n && i < POLICY_COMPLAINTS_MAX; i++)
        fprintf(b->err, "%s:%s\n", path, out.text[i]);
    if (out.n > POLICY_COMPLAINTS_MAX)
        fprintf(b->err, "%s: and %zu more\n", path, out.n - POLICY_COMPLAINTS_MAX);
    if (out.n == 0)
        fprintf(b->err, "%s: out of memory\n", path);
    return false;
}

/* T1: without the zone there is no answer, least of all one in UTC. */
static bool load_zone(bench *b)
{
    char path[sizeof ZONE_DIRECTORY + POLICY_ZONE_SIZE + 1];
    size_t len = 0;
    const char *why = "cannot be read; is the package tzdata installed?";
    snprintf(path, sizeof path, "%s/%s", ZONE_DIRECTORY, b->pol.tz);
    UPP_AUTO(text_freep) char *bytes = read_file(path, &len);
    if (!bytes || zone_parse((upp_bytes){ (const uint8_t *)bytes, len }, &b->tz, &why) < 0) {
        fprintf(b->err, "uppsikt clock: time zone %s: %s: %s\n", b->pol.tz, path, why);
        return false;
    }
    policy_use_zone(&b->pol, b->tz);
    return true;
}

/* -- what is asked -- */

typedef struct request {
    char letter;
    clock_input in;
    calendar_stretch pauses[PAUSES_MAX];
} request;

/* Gives NULL, or what is wrong (static text), as all the readers here. */
static const char *read_kind(const char *text, request *ret)
{
    static const struct {
        char letter;
        enum clock_kind kind;
    } kinds[] = { { 'M', CLOCK_MODERATION }, { 'Q', CLOCK_FIRST_RESPONSE }, { 'A', CLOCK_ANSWER } };
    for (size_t i = 0; i < UPP_LEN(kinds); i++)
        if (text[0] == kinds[i].letter && !text[1]) {
            ret->letter = kinds[i].letter;
            ret->in.kind = kinds[i].kind;
            return NULL;
        }
    return "kind must be M, Q or A";
}

/* Years whose due times, ten years on at most, are still written with four digits. */
static bool read_instant(const char *text, upp_ms *ret_at)
{
    const upp_ms first = civil_day_of((civil_date){ 1, 1, 2 }) * UPP_DAY;
    const upp_ms end = civil_day_of((civil_date){ 9900, 1, 1 }) * UPP_DAY;
    int64_t at = 0;
    if (civil_parse(text, &at) != 0 || at < first || at >= end)
        return false;
    *ret_at = at;
    return true;
}

static const char *read_pause(const json_t *pair, calendar_stretch *ret)
{
    const char *from = json_string_value(json_array_get(pair, 0));
    const json_t *end = json_array_get(pair, 1);
    calendar_stretch pause = { 0 };
    if (json_array_size(pair) != 2 || !from || !(json_is_string(end) || json_is_null(end)))
        return "each pause must be [from, to], with to null while it is open";
    if (!read_instant(from, &pause.from))
        return "a pause's from must be an RFC 3339 instant with an offset or Z";
    if (json_is_null(end))
        pause.to = CLOCK_OPEN;
    else if (!read_instant(json_string_value(end), &pause.to))
        return "a pause's to must be an RFC 3339 instant with an offset or Z";
    if (pause.to < pause.from)
        return "a pause must not end before it begins";
    *ret = pause;
    return NULL;
}

static const char *read_pauses(const json_t *list, request *ret)
{
    if (!list || json_is_null(list))
        return NULL;
    if (!json_is_array(list))
        return "pauses must be a list";
    if (json_array_size(list) > PAUSES_MAX)
        return "there are too many pauses";
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *wrong = read_pause(json_array_get(list, i), &ret->pauses[i]);
        if (wrong)
            return wrong;
    }
    ret->in.pauses = ret->pauses;
    ret->in.n_pauses = json_array_size(list);
    return NULL;
}

static const char *read_target(const json_t *minutes, request *ret)
{
    if (!minutes || json_is_null(minutes))
        return NULL;
    const double value = json_number_value(minutes);
    if (!json_is_number(minutes) || !(value * 60000 >= 1) || value > TARGET_MINUTES_MAX)
        return "target_minutes must be a number above 0 and at most 527040";
    ret->in.target_span = (upp_ms)(value * 60000 + 0.5);
    return NULL;
}

static const char *read_request(const json_t *object, request *ret)
{
    const json_t *id = json_object_get(object, "id");
    const char *kind = json_string_value(json_object_get(object, "kind"));
    const char *received = json_string_value(json_object_get(object, "received_at"));
    if (!json_is_string(id) && !json_is_integer(id))
        return "id must be a string or a whole number";
    const char *wrong = kind ? read_kind(kind, ret) : "kind must be M, Q or A";
    if (wrong)
        return wrong;
    if (!received || !read_instant(received, &ret->in.start))
        return "received_at must be an RFC 3339 instant with an offset or Z";
    wrong = read_pauses(json_object_get(object, "pauses"), ret);
    return wrong ? wrong : read_target(json_object_get(object, "target_minutes"), ret);
}

/* -- the answer -- */

static void json_freep(json_t **value)
{
    json_decref(*value);
}

/* An instant in UTC, or null. */
static json_t *utc(bool there, upp_ms at)
{
    char text[CIVIL_TEXT_SIZE];
    if (!there)
        return json_null();
    civil_format(at, 0, text);
    return json_string(text);
}

static json_t *local(const bench *b, bool there, upp_ms at)
{
    char text[CIVIL_TEXT_SIZE];
    if (!there)
        return json_null();
    civil_format(at, zone_offset_s(b->tz, at), text);
    return json_string(text);
}

static json_t *minutes(upp_ms span)
{
    return span % UPP_MINUTE == 0 ? json_integer(span / UPP_MINUTE)
                                  : json_real((double)span / (double)UPP_MINUTE);
}

/* The whole answer, which the caller releases; NULL: memory is out. */
static json_t *answer_of(const bench *b, const json_t *id, const request *r, const clock_times *t)
{
    json_t *a = json_object();
    const char letter[2] = { r->letter, '\0' };
    const bool due = !t->paused;
    int rc = id ? json_object_set_new(a, "id", json_deep_copy(id)) : 0;
    rc |= json_object_set_new(a, "kind", json_string(letter));
    rc |= json_object_set_new(a, "received_at", utc(true, t->start));
    rc |= json_object_set_new(a, "due", utc(due, t->due));
    rc |= json_object_set_new(a, "due_local", local(b, due, t->due));
    if (t->paused)
        rc |= json_object_set_new(a, "paused", json_true());
    if (r->in.kind == CLOCK_MODERATION)
        rc |= json_object_set_new(a, "attended_due", utc(true, t->attended_due));
    rc |= json_object_set_new(a, "first_duty", utc(t->has_first_duty, t->first_duty));
    rc |= json_object_set_new(a, "last_duty", utc(t->has_last_duty, t->last_duty));
    rc |= json_object_set_new(a, "office_minutes", due ? minutes(t->office_span) : json_null());
    if (r->in.n_pauses && r->in.kind != CLOCK_ANSWER)
        rc |= json_object_set_new(a, "pauses_ignored", json_true());
    if (r->in.n_pauses && r->in.kind == CLOCK_ANSWER && due)
        rc |= json_object_set_new(a, "paused_minutes", minutes(t->office_span - t->target_span));
    rc |= json_object_set_new(a, "policy_version", json_integer(b->pol.version));
    rc |= json_object_set_new(a, "calendar_version", json_integer(b->cal->version));
    if (rc == 0)
        return a;
    json_decref(a);
    return NULL;
}

static const char *compute(const bench *b, const request *r, clock_times *ret_times)
{
    clock_times t = { 0 };
    if (clock_compute(&b->pol, b->cal, &r->in, &t) != 0)
        return "the calendar has too little open time within ten years";
    if (t.paused) /* when it began to count is known all the same */
        t.has_first_duty = calendar_first_duty(b->cal, t.start, &t.first_duty) == 0;
    *ret_times = t;
    return NULL;
}

static bool print_line(const bench *b, const json_t *object)
{
    UPP_AUTO(text_freep)
    char *text = object ? json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(15)) : NULL;
    return text && fputs(text, b->out) >= 0 && fputc('\n', b->out) != EOF;
}

/* -- many -- */

/* The error in the line's place, and on the other stream with its number. No content of the line is
 * repeated but its id, and that not on the stream that is logged. */
static bool print_wrong(const bench *b, const json_t *object, uint64_t number, const char *wrong)
{
    const json_t *id = json_object_get(object, "id");
    UPP_AUTO(json_freep) json_t *a = json_object();
    int rc = 0;
    if (json_is_string(id) || json_is_integer(id))
        rc = json_object_set_new(a, "id", json_deep_copy(id));
    rc |= json_object_set_new(a, "line", json_integer((json_int_t)number));
    rc |= json_object_set_new(a, "error", json_string(wrong));
    fprintf(b->err, "uppsikt clock: line %" PRIu64 ": %s\n", number, wrong);
    return rc == 0 && print_line(b, a);
}

/* Whether the line was good; whether the output took it is in the stream's own error flag. */
static bool do_line(const bench *b, const char *text, size_t len, uint64_t number)
{
    request r = { 0 };
    clock_times times = { 0 };
    UPP_AUTO(json_freep) json_t *object = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
    const char *wrong = json_is_object(object) ? read_request(object, &r) : "not a JSON object";
    if (!wrong)
        wrong = compute(b, &r, &times);
    if (wrong) {
        print_wrong(b, object, number, wrong);
        return false;
    }
    UPP_AUTO(json_freep) json_t *a = answer_of(b, json_object_get(object, "id"), &r, &times);
    return print_line(b, a);
}

static int do_lines(const bench *b, FILE *in)
{
    UPP_AUTO(text_freep) char *line = NULL;
    size_t room = 0;
    bool all_good = true;
    uint64_t number = 0;
    for (ssize_t len; (len = getline(&line, &room, in)) >= 0;) {
        number++;
        if (strspn(line, " \t\r\n") == (size_t)len)
            continue;
        if (!do_line(b, line, (size_t)len, number))
            all_good = false;
    }
    if (ferror(in)) {
        fprintf(b->err, "uppsikt clock: standard input cannot be read\n");
        all_good = false;
    }
    return all_good ? 0 : EXIT_BAD_LINE;
}

/* -- one -- */

static void print_row(const bench *b, const char *what, bool there, upp_ms at)
{
    char in_utc[CIVIL_TEXT_SIZE];
    char in_zone[CIVIL_TEXT_SIZE];
    civil_format(at, 0, in_utc);
    civil_format(at, zone_offset_s(b->tz, at), in_zone);
    if (there)
        fprintf(b->out, "%-16s %-26s %s\n", what, in_zone, in_utc);
    else
        fprintf(b->out, "%-16s none\n", what);
}

static int do_one(const bench *b, const request *r, bool as_json)
{
    clock_times t = { 0 };
    const char *wrong = compute(b, r, &t);
    if (wrong) {
        fprintf(b->err, "uppsikt clock: %s\n", wrong);
        return EXIT_BAD_LINE;
    }
    if (as_json) {
        UPP_AUTO(json_freep) json_t *a = answer_of(b, NULL, r, &t);
        return print_line(b, a) ? 0 : EXIT_BAD_LINE;
    }
    print_row(b, "received", true, t.start);
    print_row(b, "due", true, t.due);
    if (r->in.kind == CLOCK_MODERATION)
        print_row(b, "attended due", true, t.attended_due);
    print_row(b, "first duty", t.has_first_duty, t.first_duty);
    print_row(b, "last duty", t.has_last_duty, t.last_duty);
    fprintf(b->out, "%-16s %.10g\n", "office minutes", (double)t.office_span / (double)UPP_MINUTE);
    fprintf(b->out, "%-16s %" PRId64 "\n%-16s %" PRId64 " (%s)\n", "policy version", b->pol.version,
            "calendar version", b->cal->version, b->cal->name);
    return 0;
}

/* -- the command line -- */

typedef struct arguments {
    const char *policy_path, *calendar_name, *target, *kind, *received;
    bool ndjson, json, help;
} arguments;

/* Gives NULL, or what is wrong. getopt's own state is begun anew, so that a process may run verbs
 * one after another. */
static const char *read_arguments(int argc, char **argv, arguments *ret)
{
    static const struct option options[] = {
        { "policy", required_argument, NULL, 'p' },
        { "calendar", required_argument, NULL, 'c' },
        { "target", required_argument, NULL, 't' },
        { "ndjson", no_argument, NULL, 'n' },
        { "json", no_argument, NULL, 'j' },
        { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 },
    };
    optind = 0;
    opterr = 0;
    for (int c; (c = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        if (c == 'p')
            ret->policy_path = optarg;
        else if (c == 'c')
            ret->calendar_name = optarg;
        else if (c == 't')
            ret->target = optarg;
        else if (c == 'n')
            ret->ndjson = true;
        else if (c == 'j')
            ret->json = true;
        else if (c == 'h')
            ret->help = true;
        else
            return "unknown option, or an option without its value";
    }
    const int left = argc - optind;
    if (ret->help)
        return NULL;
    if (ret->ndjson)
        return left || ret->target ? "--ndjson takes neither KIND, RECEIVED nor --target" : NULL;
    if (left != 2)
        return "KIND and RECEIVED are expected, or --ndjson";
    ret->kind = argv[optind];
    ret->received = argv[optind + 1];
    return NULL;
}

static const char *request_of(const arguments *args, request *ret)
{
    const char *wrong = read_kind(args->kind, ret);
    if (wrong)
        return wrong;
    if (!read_instant(args->received, &ret->in.start))
        return "RECEIVED must be an RFC 3339 instant with an offset or Z";
    if (!args->target)
        return NULL;
    UPP_AUTO(json_freep)
    json_t *number = json_loads(args->target, JSON_DECODE_ANY, NULL);
    return number && !read_target(number, ret) && ret->in.target_span
               ? NULL
               : "--target must be a number of minutes above 0 and at most 527040";
}

int clock_verb_run(int argc, char **argv, FILE *in, FILE *out, FILE *err)
{
    UPP_AUTO(bench_done) bench b = { .out = out, .err = err };
    arguments args = { 0 };
    request one = { 0 };
    const char *wrong = read_arguments(argc, argv, &args);
    if (!wrong && args.kind)
        wrong = request_of(&args, &one);
    if (wrong) {
        fprintf(err, "uppsikt clock: %s\ntry: uppsikt clock --help\n", wrong);
        return EXIT_USAGE;
    }
    if (args.help)
        return fputs(help, out) >= 0 && fflush(out) == 0 ? 0 : EXIT_BAD_LINE;
    if (!load_policy(&b, args.policy_path) || !load_zone(&b))
        return EXIT_BAD_POLICY;
    b.cal = policy_calendar(&b.pol, args.calendar_name ? args.calendar_name : b.pol.duty);
    if (!b.cal) {
        fprintf(err, "uppsikt clock: the policy has no calendar '%s'\n", args.calendar_name);
        return EXIT_USAGE;
    }
    const int rc = args.ndjson ? do_lines(&b, in) : do_one(&b, &one, args.json);
    if (fflush(out) != 0 || ferror(out)) {
        fprintf(err, "uppsikt clock: the output could not be written\n");
        return EXIT_BAD_LINE;
    }
    return rc;
}

int verb_clock(int argc, char **argv)
{
    return clock_verb_run(argc, argv, stdin, stdout, stderr);
}
