/* port_diary.c - the port `diary`: asks the owners for the words, makes the package, delivers it;
 * all of it on a thread of its own, one package after the other (R16). */
#include "diary_deliver.h"
#include "diary_words.h"
#include "escalation.h"
#include "json_memory.h"
#include "late_curl.h"
#include "upp/bus.h"
#include "upp/log.h"
#include "upp/port.h"
#include "worker.h"
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct job job;

typedef struct port {
    upp_loop *loop;
    const escalation_config *config;
    job *jobs; /* under way */
    zone *tz;
    diary_words *words; /* the worker's alone; NULL until the first package */
    upp_worker *worker;
    atomic_bool stop;
} port;

struct job {
    job *next;
    port *p;
    int64_t id;
    const Uppsikt__SendDiary *ask; /* lent until upp_done */
    upp_ms now;
    diary_result result;
};

/* -- on the worker -- */
static void deliver(job *j, const buf *zip)
{
    const diary_config *config = &j->p->config->post.diary;
    const diary_parcel parcel = { .config = config,
                                  .name = j->ask->package,
                                  .zip = buf_bytes(zip),
                                  .salt = { j->ask->salt.data, j->ask->salt.len },
                                  .now = j->now,
                                  .stop = &j->p->stop };
    switch (diary_way_of(config->deliver)) {
    case DIARY_FOLDER:
        diary_to_folder(&parcel, &j->result);
        break;
    case DIARY_SFTP:
        diary_to_sftp(&parcel, &j->result);
        break;
    case DIARY_WEBHOOK:
        diary_to_webhook(&parcel, &j->result);
        break;
    case DIARY_NONE:
    case DIARY_WRONG: /* it was there when the package was asked for */
        j->result = (diary_result){ .fate = DIARY_NEVER,
                                    .key = "diary-not-configured",
                                    .words = "diary_deliver is not given" };
        break;
    }
    if (!j->result.found) {
        crypto_hash_sha256(j->result.sha256, zip->at, zip->len);
        j->result.bytes = zip->len;
    }
}

static void work(void *job_of)
{
    job *j = job_of;
    UPP_AUTO(buf_done) buf zip = { 0 };
    diary_case *c = calloc(1, sizeof *c);
    upp_check(c);
    const int rc = diary_words_read(j->p->words, j->ask, c);
    c->tz = j->p->tz;
    c->language = j->p->config->language;
    if (rc > 0)
        j->result = (diary_result){ .fate = DIARY_NEVER,
                                    .key = "diary-forgotten",
                                    .words = "what was to be registered has been disposed of" };
    else if (rc < 0)
        j->result = (diary_result){ .fate = DIARY_LATER, .words = diary_words_why(j->p->words) };
    else if (diary_package(c, &zip) != 0)
        j->result = (diary_result){ .fate = DIARY_LATER, .words = "there is no memory" };
    else
        deliver(j, &zip);
    free(c);
}

/* -- in the loop -- */
static void job_free(job *j)
{
    job **at = &j->p->jobs;
    while (*at != j)
        at = &(*at)->next;
    *at = j->next;
    free(j);
}

static void back(void *job_of)
{
    job *j = job_of;
    port *p = j->p;
    const diary_result *r = &j->result;
    Uppsikt__DiarySent out = UPPSIKT__DIARY_SENT__INIT;
    if (r->words[0])
        upp_loop_say(p->loop, "%s: %s", j->ask->package, r->words);
    out.delivered = r->fate == DIARY_DELIVERED;
    out.way = upp_lend(diary_way_name(diary_way_of(p->config->post.diary.deliver)));
    out.why = upp_lend(r->fate == DIARY_NEVER && r->key ? r->key : "");
    if (out.delivered) {
        out.sha256 = (ProtobufCBinaryData){ sizeof j->result.sha256, j->result.sha256 };
        out.bytes = (int64_t)r->bytes;
        out.number = upp_lend(r->number);
    }
    upp_done(p->loop, j->id,
             r->fate == DIARY_DELIVERED ? UPP_DONE
             : r->fate == DIARY_NEVER   ? UPP_NEVER
                                        : UPP_LATER,
             r->fate == DIARY_LATER ? NULL : &out.base, r->after_span);
    job_free(j);
}

static void say_line(const char *line)
{
    upp_log(UPP_WARN, NULL, "%s", line);
}

static void port_start(void *self, const upp_asked *ask)
{
    port *p = self;
    if (!p->words)
        p->words = diary_words_new(upp_loop_place(p->loop), say_line);
    if (!p->words) { /* the key may come to be there */
        upp_done(p->loop, ask->id, UPP_LATER, NULL, 0);
        return;
    }
    job *j = calloc(1, sizeof *j);
    upp_check(j);
    *j = (job){ .next = p->jobs,
                .p = p,
                .id = ask->id,
                .ask = (const Uppsikt__SendDiary *)ask->request,
                .now = upp_loop_real(p->loop) };
    p->jobs = j;
    upp_worker_do(p->worker, work, back, j);
}

static void port_close(void *self)
{
    /* longer than a question to an owner; with port_numbers.c less than the ten of SIGTERM */
    static const upp_ms wait_span = 6 * UPP_SECOND;
    port *p = self;
    if (!p)
        return;
    atomic_store(&p->stop, true);
    upp_loop_fd(p->loop, upp_worker_fd(p->worker), 0, upp_worker_collect, p->worker);
    if (!upp_worker_free(p->worker, wait_span))
        return; /* the process ends with it */
    while (p->jobs)
        job_free(p->jobs);
    diary_words_free(p->words);
    zone_free(p->tz);
    free(p);
}

static void *port_open(upp_loop *loop, const void *config)
{
    const escalation_config *c = config;
    const char *wrong = diary_wrong_with(&c->post.diary);
    const char *why = "";
    if (wrong) {
        upp_loop_say(loop, "%s", wrong);
        return NULL;
    }
    port *p = calloc(1, sizeof *p);
    upp_check(p);
    upp_json_or_end();
    p->loop = loop;
    p->config = c;
    if (zone_parse(c->zone, &p->tz, &why) != 0) { /* `open` of the service has said more */
        upp_loop_say(loop, "zone: %s", why);
        free(p);
        return NULL;
    }
    p->worker = upp_worker_new();
    upp_loop_fd(loop, upp_worker_fd(p->worker), UPP_READABLE, upp_worker_collect, p->worker);
    return p;
}

const upp_port upp_diary_port = {
    .name = "diary",
    .request = &uppsikt__send_diary__descriptor,
    .answer = &uppsikt__diary_sent__descriptor,
    .again = UPP_ONCE_OR_MORE, /* each way looks first, or has a name to be known again by */
    .open = port_open,
    .start = port_start,
    .close = port_close,
    .lacks = upp_curl_lacks,
};
