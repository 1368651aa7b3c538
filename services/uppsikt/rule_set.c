/* rule_set.c - lists and weights from files and from a deployment. */
#include "rule_set.h"
#include "message_json.h"
#include "rules_history.h"
#include "uppsikt/classify.pb-c.h"
#include <dirent.h>
#include <nettle/sha2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MODEL_BYTES = 16 << 20, SMALL_BYTES = 64 * 1024, PART = 48 * 1024, PATH = 4096 };

static void say(void *ctx, const char *line)
{
    (void)ctx;
    home_say(line);
}

void rule_set_done(rule_set *set)
{
    json_decref(set->adopted);
    directory_done(&set->folder);
    free(set->bytes);
}

static void add_built_in_lists(rule_set *set)
{
    const struct classifier_file *file = classifier_embedded_files(&set->n);
    upp_check(set->n <= RULE_SET_LISTS);
    memcpy(set->file, file, set->n * sizeof file[0]);
}

static void add_built_in_weights(rule_set *set)
{
    set->has_weights = true;
    set->figures = figures_read(classifier_embedded_figures());
}

void rule_set_built_in(rule_set *ret)
{
    *ret = (rule_set){ .n = 0 };
    add_built_in_lists(ret);
    add_built_in_weights(ret);
}

static void sum_of(const uint8_t *bytes, size_t len, char ret_hex[RULE_SET_SUM])
{
    uint8_t sum[SHA256_DIGEST_SIZE];
    struct sha256_ctx ctx;
    sha256_init(&ctx);
    sha256_update(&ctx, len, bytes);
    sha256_digest(&ctx, sizeof sum, sum);
    for (size_t i = 0; i < sizeof sum; i++)
        snprintf(ret_hex + 2 * i, 3, "%02x", sum[i]);
}

/* -- from files -- */
static void free_text(char **text)
{
    free(*text);
}

/* The file of that name in the folder of `path`. NULL: there is none. */
static char *read_beside(const char *path, const char *name)
{
    char beside[PATH];
    size_t len = 0;
    const char *slash = strrchr(path, '/');
    const int n =
        snprintf(beside, sizeof beside, "%.*s%s", slash ? (int)(slash - path) + 1 : 0, path, name);
    return n > 0 && (size_t)n < sizeof beside ? directory_file(beside, SMALL_BYTES, &len) : NULL;
}

static int read_weights(const char *path, rule_set *set)
{
    set->bytes = directory_file(path, MODEL_BYTES, &set->weights_len);
    if (!set->bytes) {
        home_sayf("%s: the model file cannot be read", path);
        return CALL_CONFIG;
    }
    set->has_weights = true;
    set->weights = (const uint8_t *)set->bytes;
    sum_of(set->weights, set->weights_len, set->sha256);
    UPP_AUTO(free_text) char *figures = read_beside(path, "model.txt");
    UPP_AUTO(free_text) char *sum = read_beside(path, "model.sha256");
    if (!figures) {
        home_sayf("%s: no model.txt beside it: nobody can say whether it is worse", path);
        return CALL_DONE;
    }
    if (!sum || strncmp(sum, set->sha256, RULE_SET_SUM - 1) != 0) {
        home_sayf("%s: model.txt is not about this file: model.sha256 names another sum", path);
        return CALL_CONFIG;
    }
    set->figures = figures_read(figures);
    if (set->figures.known)
        return CALL_DONE;
    home_sayf("%s: model.txt does not say frozen-micro-f1 and personal-number-recall", path);
    return CALL_CONFIG;
}

static bool is_list(const char *name)
{
    size_t n = 0;
    const struct classifier_file *file = classifier_embedded_files(&n);
    for (size_t i = 0; i < n; i++) {
        const size_t len = strlen(file[i].name);
        if (strncmp(name, file[i].name, len) == 0 && strcmp(name + len, ".txt") == 0)
            return true;
    }
    return false;
}

static void close_directory(DIR **dir)
{
    if (*dir)
        closedir(*dir);
}

static int read_folder(const char *path, rule_set *set)
{
    char model[PATH];
    bool lists = false;
    bool weights = false;
    UPP_AUTO(close_directory) DIR *dir = opendir(path);
    for (const struct dirent *e = dir ? readdir(dir) : NULL; e; e = readdir(dir)) {
        lists |= is_list(e->d_name);
        weights |= strcmp(e->d_name, "model.bin") == 0;
    }
    if (lists || !weights) { /* a folder of neither is a mistake that each list tells */
        if (directory_read(path, &set->folder, say, NULL) < 0)
            return CALL_CONFIG;
        set->n = set->folder.n;
        memcpy(set->file, set->folder.file, set->n * sizeof set->file[0]);
    }
    if (!weights)
        return CALL_DONE;
    const int n = snprintf(model, sizeof model, "%s/model.bin", path);
    upp_check(n > 0);
    return (size_t)n < sizeof model ? read_weights(model, set) : CALL_CONFIG;
}

int rule_set_proposed(const char *path, rule_set *ret)
{
    struct stat is;
    *ret = (rule_set){ .n = 0 };
    if (stat(path, &is) == 0 && S_ISREG(is.st_mode))
        return read_weights(path, ret);
    return read_folder(path, ret);
}

/* -- from a deployment -- */
static void keep_newest(void *ctx, const json_t *event)
{
    rule_set *set = ctx;
    const char *type = json_string_value(json_object_get(event, "type"));
    if (!type || strcmp(type, "uppsikt.RuleSetAdopted") != 0)
        return;
    json_decref(set->adopted);
    set->adopted = json_incref(json_object_get(event, "data"));
}

struct fetched {
    char *bytes;
    size_t len, total;
};

static bool take_part(void *ctx, const upp_frames *frames)
{
    struct fetched *f = ctx;
    if (frames->type.len == 0) /* the end of the page */
        return true;
    Uppsikt__ModelPartRow *row =
        uppsikt__model_part_row__unpack(NULL, frames->envelope.len, frames->envelope.at);
    if (!row)
        return true;
    if (!f->bytes && row->total > 0 && row->total <= MODEL_BYTES) {
        f->total = (size_t)row->total;
        f->bytes = malloc(f->total);
    }
    if (f->bytes && row->offset == (int64_t)f->len && row->bytes.len <= f->total - f->len) {
        memcpy(f->bytes + f->len, row->bytes.data, row->bytes.len);
        f->len += row->bytes.len;
    }
    uppsikt__model_part_row__free_unpacked(row, NULL);
    return true;
}

/* The adopted model file, page by page. */
static int fetch_weights(verb_call *call, rule_set *set)
{
    struct fetched f = { .len = 0 };
    char sum[RULE_SET_SUM] = "";
    Uppsikt__ModelParts query = UPPSIKT__MODEL_PARTS__INIT;
    upp_client *client = ask_client(call);
    if (!client)
        return CALL_CONFIG;
    query.sha256 = set->sha256;
    for (size_t before = 1; before != f.len && (f.total == 0 || f.len < f.total);) {
        before = f.len;
        query.from = (int64_t)f.len;
        if (upp_client_query(client, "classify", call->as, &query.base, call->wait_span, take_part,
                             &f) != 0) {
            home_sayf("classify: the adopted model: %s", upp_client_why(client));
            free(f.bytes);
            return CALL_WRONG;
        }
    }
    set->bytes = f.bytes;
    if (f.bytes && f.len == f.total)
        sum_of((const uint8_t *)f.bytes, f.len, sum);
    if (strcmp(sum, set->sha256) != 0) {
        home_sayf("classify: the adopted model %s did not come whole", set->sha256);
        return CALL_WRONG;
    }
    set->weights = (const uint8_t *)f.bytes;
    set->weights_len = f.len;
    return CALL_DONE;
}

static uint32_t number(const json_t *object, const char *name)
{
    return (uint32_t)json_integer_value(json_object_get(object, name));
}

int rule_set_in_force(verb_call *call, rule_set *ret)
{
    size_t i;
    json_t *list;
    rule_set_built_in(ret);
    const int rc = history_facts(call, "classify", keep_newest, ret);
    json_array_foreach(json_object_get(ret->adopted, "lists"), i, list)
    {
        for (size_t k = 0; k < ret->n; k++) {
            if (strcmp(ret->file[k].name, json_string_value(json_object_get(list, "class"))) == 0)
                ret->file[k].text = json_string_value(json_object_get(list, "text"));
        }
    }
    const char *weights = json_string_value(json_object_get(ret->adopted, "weights"));
    if (rc != CALL_DONE || !weights || !weights[0])
        return rc;
    const json_t *figures = json_object_get(ret->adopted, "figures");
    snprintf(ret->sha256, sizeof ret->sha256, "%s", weights);
    ret->figures =
        (struct model_figures){ .known = number(figures, "frozen_micro_f1") > 0,
                                .frozen_micro_f1 = number(figures, "frozen_micro_f1"),
                                .personal_numbers = number(figures, "personal_numbers") };
    return fetch_weights(call, ret);
}

void rule_set_complete(rule_set *set, const rule_set *now)
{
    if (set->n == 0) {
        memcpy(set->file, now->file, now->n * sizeof now->file[0]);
        set->n = now->n;
    }
    if (set->has_weights)
        return;
    set->has_weights = true;
    set->weights = now->weights;
    set->weights_len = now->weights_len;
    set->figures = now->figures;
    snprintf(set->sha256, sizeof set->sha256, "%s", now->sha256);
}

classifier *rule_set_build(const rule_set *set)
{
    size_t len = set->weights_len;
    const uint8_t *model = set->weights ? set->weights : classifier_embedded_model(&len);
    return classifier_new(model, len, set->file, set->n, say, NULL);
}

/* -- to a deployment -- */
int rule_set_send(verb_call *call, const char *service, const rule_set *set)
{
    uint8_t piece[PART];
    int64_t at = 0;
    while (set->weights && at < (int64_t)set->weights_len) {
        Uppsikt__PutModelPart command = UPPSIKT__PUT_MODEL_PART__INIT;
        ProtobufCMessage *outcome = NULL;
        const size_t left = set->weights_len - (size_t)at;
        const size_t n = left < PART ? left : PART;
        memcpy(piece, set->weights + at, n);
        command.sha256 = upp_lend(set->sha256);
        command.total = (int64_t)set->weights_len;
        command.offset = at;
        command.bytes = (ProtobufCBinaryData){ n, piece };
        const int rc = ask_command(call, service, &command.base,
                                   &uppsikt__model_part_taken__descriptor, &outcome);
        if (rc != CALL_DONE)
            return rc;
        const int64_t taken = ((const Uppsikt__ModelPartTaken *)outcome)->taken;
        message_free(outcome);
        if (taken <= at) {
            home_sayf("%s: the model file does not get on at byte %lld", service, (long long)at);
            return CALL_WRONG;
        }
        at = taken; /* of a file that was cut off, or that lies there, only the rest is sent */
    }
    return CALL_DONE;
}
