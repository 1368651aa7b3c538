/* memory_watch.c - stands before the node in a test program (ld's --wrap): with UPP_MEMORY=FILE
 * each kind of input that passes is first tried on a copy of the store while memory fails, in a
 * child of this process; FILE gets a line for each. Without it nothing is different.
 *
 *   UPP_MEMORY_TRIES=N   places among the allocations of an input (6; 0: each)
 *   UPP_MEMORY_KINDS=N   inputs of one kind (service, verb, source, type) that are tried (1)
 *
 * A line, with tabs: service, verb, source or port, type, what the node said, allocations, tries,
 * processes that ended, busy, done, done afterwards, what was wrong. */
#include "memory_trial.h"
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NODES = 64, KINDS = 1024, REFUSED_MAX = 12, KEY = 200 };

typedef struct kind {
    char key[KEY];
    uint64_t accepted, looked;
} kind;

static struct {
    const char *file; /* NULL: nothing is tried */
    uint64_t tries, kinds;
    struct {
        memory_place place;
        uint8_t lookup_key[32];
        size_t inputs; /* of the batch, that did something */
    } nodes[NODES];
    kind seen[KINDS];
    size_t n_seen;
    bool ready, trying; /* trying: this is the child, whose own nodes are let alone */
} watch;

static uint64_t number_of(const char *name, uint64_t preset)
{
    const char *text = getenv(name);
    return text ? strtoull(text, NULL, 10) : preset;
}

static kind *kind_of(const char *key)
{
    for (size_t i = 0; i < watch.n_seen; i++)
        if (strcmp(watch.seen[i].key, key) == 0)
            return &watch.seen[i];
    upp_check(watch.n_seen < KINDS);
    kind *k = &watch.seen[watch.n_seen++];
    snprintf(k->key, sizeof k->key, "%s", key);
    return k;
}

/* What programs before this one have tried is not tried again. */
static void read_seen(void)
{
    char line[800];
    FILE *in = fopen(watch.file, "r");
    while (in && fgets(line, sizeof line, in)) {
        char *rc = line;
        for (int tabs = 0; rc && tabs < 4; tabs++)
            rc = strchr(rc + (tabs > 0), '\t');
        if (!rc)
            continue;
        *rc++ = '\0';
        kind *k = kind_of(line);
        k->looked++;
        k->accepted += *rc == '0';
    }
    if (in)
        fclose(in);
}

static void get_ready(void)
{
    if (watch.ready)
        return;
    watch.ready = true;
    watch.file = getenv("UPP_MEMORY");
    watch.tries = number_of("UPP_MEMORY_TRIES", 6);
    watch.kinds = number_of("UPP_MEMORY_KINDS", 1);
    if (watch.file)
        read_seen();
}

static size_t place_of(const upp_node *node)
{
    size_t i = 0;
    while (i < NODES && watch.nodes[i].place.node != node)
        i++;
    return i;
}

static void text_of(upp_node *node, const char *sql, int64_t number, char ret_text[64])
{
    sqlite3_stmt *row = NULL;
    ret_text[0] = '\0';
    upp_check(sqlite3_prepare_v2(upp_node_db(node), sql, -1, &row, NULL) == SQLITE_OK);
    upp_check(number == 0 || sqlite3_bind_int64(row, 1, number) == SQLITE_OK);
    if (sqlite3_step(row) == SQLITE_ROW)
        snprintf(ret_text, 64, "%s", (const char *)sqlite3_column_text(row, 0));
    sqlite3_finalize(row);
}

static void name(const memory_place *p, const memory_input *in, char ret_key[KEY])
{
    static const char *const verbs[] = { "start", "event", "alarm", "command", "answer", "query" };
    char who[64] = "", type[96] = "";
    if (in->kind == MEMORY_EVENT)
        snprintf(who, sizeof who, "%s", in->who);
    if (in->frames)
        snprintf(type, sizeof type, "%.*s", (int)in->frames->type.len,
                 (const char *)in->frames->type.at);
    if (in->kind == MEMORY_ANSWER) {
        text_of(p->node, "SELECT port FROM upp_ask WHERE id = ?1", in->ask, who);
        snprintf(type, sizeof type, "%s%s", in->answer ? in->answer->descriptor->name : "",
                 in->fate == UPP_DONE    ? ""
                 : in->fate == UPP_LATER ? " later"
                                         : " never");
    }
    if (in->kind == MEMORY_ALARM) {
        text_of(p->node, "SELECT key FROM upp_alarm ORDER BY due, key LIMIT 1", 0, who);
        who[strcspn(who, ":/. 0123456789")] = '\0';
    }
    snprintf(ret_key, KEY, "%s\t%s\t%s\t%s", p->service->name, verbs[in->kind], who, type);
}

static _Noreturn void try_it(const memory_place *p, const memory_input *in, const kind *k)
{
    watch.trying = true;
    const memory_tally t = memory_try(p, in, watch.tries, k->looked > 0);
    char line[800];
    const int n =
        snprintf(line, sizeof line, "%s\t%d\t%llu\t%llu\t%llu\t%llu\t%llu\t%llu\t%s\n", k->key,
                 t.rc, (unsigned long long)t.allocations, (unsigned long long)t.tried,
                 (unsigned long long)t.ended, (unsigned long long)t.busy,
                 (unsigned long long)t.done, (unsigned long long)t.again, t.wrong);
    FILE *out = fopen(watch.file, "a");
    upp_check(out && (t.tried == 0 || fwrite(line, 1, (size_t)n, out) == (size_t)n));
    upp_check(fclose(out) == 0);
    _exit(t.rc == 0 ? 0 : 1);
}

/* Before the input itself, which it leaves as it is. */
static void pass(upp_node *node, const memory_input *in)
{
    char key[KEY];
    int status = 0;
    const size_t i = place_of(node);
    if (!watch.file || watch.trying || i == NODES ||
        (in->kind != MEMORY_QUERY && watch.nodes[i].inputs > 0))
        return;
    const memory_place *p = &watch.nodes[i].place;
    name(p, in, key);
    kind *k = kind_of(key);
    if (k->accepted >= watch.kinds || k->looked - k->accepted > REFUSED_MAX)
        return;
    const pid_t pid = fork();
    upp_check(pid >= 0);
    if (pid == 0)
        try_it(p, in, k);
    while (waitpid(pid, &status, 0) < 0)
        upp_check(errno == EINTR);
    if (!WIFEXITED(status)) {
        FILE *out = fopen(watch.file, "a");
        upp_check(out);
        fprintf(out, "%s\t0\t0\t0\t0\t0\t0\t0\tthe trial itself broke: signal %d\n", key,
                WTERMSIG(status));
        fclose(out);
    }
    k->looked++;
    k->accepted += WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static int passed(upp_node *node, int rc)
{
    const size_t i = place_of(node);
    if (i < NODES && rc != 1)
        watch.nodes[i].inputs++;
    return rc;
}

/* -- the node's functions, as ld gives them -- */
upp_node *__real_upp_node_new(const upp_service *service, const upp_store *store,
                              const void *config, void (*say)(const char *line));
void __real_upp_node_free(upp_node *node);
int __real_upp_node_begin(upp_node *node, upp_ms now, const uint8_t seed[32]);
int __real_upp_node_start(upp_node *node);
int __real_upp_node_deliver(upp_node *node, const char *source, const upp_frames *event);
int __real_upp_node_alarm(upp_node *node);
int __real_upp_node_command(upp_node *node, const char *peer, const upp_frames *request);
int __real_upp_node_answer(upp_node *node, int64_t ask, enum upp_fate fate,
                           const ProtobufCMessage *answer, upp_ms after_span);
int __real_upp_node_query(upp_node *node, upp_ms now, const char *peer, const upp_frames *request,
                          upp_each *each, void *ctx);
upp_node *__wrap_upp_node_new(const upp_service *service, const upp_store *store,
                              const void *config, void (*say)(const char *line));
void __wrap_upp_node_free(upp_node *node);
int __wrap_upp_node_begin(upp_node *node, upp_ms now, const uint8_t seed[32]);
int __wrap_upp_node_start(upp_node *node);
int __wrap_upp_node_deliver(upp_node *node, const char *source, const upp_frames *event);
int __wrap_upp_node_alarm(upp_node *node);
int __wrap_upp_node_command(upp_node *node, const char *peer, const upp_frames *request);
int __wrap_upp_node_answer(upp_node *node, int64_t ask, enum upp_fate fate,
                           const ProtobufCMessage *answer, upp_ms after_span);
int __wrap_upp_node_query(upp_node *node, upp_ms now, const char *peer, const upp_frames *request,
                          upp_each *each, void *ctx);

upp_node *__wrap_upp_node_new(const upp_service *service, const upp_store *store,
                              const void *config, void (*say)(const char *line))
{
    upp_node *node = __real_upp_node_new(service, store, config, say);
    get_ready();
    const size_t i = place_of(NULL);
    if (!node || !watch.file || i == NODES)
        return node;
    memcpy(watch.nodes[i].lookup_key, store->lookup_key, sizeof watch.nodes[i].lookup_key);
    watch.nodes[i].place =
        (memory_place){ node, service, config, watch.nodes[i].lookup_key, 0, { 0 } };
    watch.nodes[i].inputs = 0;
    return node;
}

void __wrap_upp_node_free(upp_node *node)
{
    const size_t i = node ? place_of(node) : NODES;
    if (i < NODES)
        watch.nodes[i].place.node = NULL;
    __real_upp_node_free(node);
}

int __wrap_upp_node_begin(upp_node *node, upp_ms now, const uint8_t seed[32])
{
    const size_t i = place_of(node);
    if (i < NODES) {
        watch.nodes[i].place.now = now;
        memcpy(watch.nodes[i].place.seed, seed, sizeof watch.nodes[i].place.seed);
        watch.nodes[i].inputs = 0;
    }
    return __real_upp_node_begin(node, now, seed);
}

int __wrap_upp_node_start(upp_node *node)
{
    pass(node, &(memory_input){ .kind = MEMORY_START });
    return passed(node, __real_upp_node_start(node));
}

int __wrap_upp_node_deliver(upp_node *node, const char *source, const upp_frames *event)
{
    pass(node, &(memory_input){ .kind = MEMORY_EVENT, .who = source, .frames = event });
    return passed(node, __real_upp_node_deliver(node, source, event));
}

int __wrap_upp_node_alarm(upp_node *node)
{
    const size_t i = place_of(node);
    if (i < NODES && watch.file && upp_node_next(node) <= watch.nodes[i].place.now)
        pass(node, &(memory_input){ .kind = MEMORY_ALARM });
    return passed(node, __real_upp_node_alarm(node));
}

int __wrap_upp_node_command(upp_node *node, const char *peer, const upp_frames *request)
{
    pass(node, &(memory_input){ .kind = MEMORY_COMMAND, .who = peer, .frames = request });
    return passed(node, __real_upp_node_command(node, peer, request));
}

int __wrap_upp_node_answer(upp_node *node, int64_t ask, enum upp_fate fate,
                           const ProtobufCMessage *answer, upp_ms after_span)
{
    pass(node, &(memory_input){ .kind = MEMORY_ANSWER,
                                .ask = ask,
                                .fate = fate,
                                .answer = answer,
                                .after_span = after_span });
    return passed(node, __real_upp_node_answer(node, ask, fate, answer, after_span));
}

int __wrap_upp_node_query(upp_node *node, upp_ms now, const char *peer, const upp_frames *request,
                          upp_each *each, void *ctx)
{
    const size_t i = place_of(node);
    if (i < NODES)
        watch.nodes[i].place.now = now;
    pass(node, &(memory_input){ .kind = MEMORY_QUERY, .who = peer, .frames = request });
    return __real_upp_node_query(node, now, peer, request, each, ctx);
}
