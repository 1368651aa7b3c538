/* port_records.c - the ports `records` and `removals`: folders on the disk, written and taken away
 * on the worker, one after the other, so that what is forgotten is taken away after what was being
 * written. */
#include "evidence.h"
#include "ports.h"
#include "shelf.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

typedef struct job {
    upp_loop *loop;
    int64_t id;
    const ProtobufCMessage *request; /* lent until upp_done */
    const char *root;
    const char *failed; /* a key; NULL: it went well */
    int wrong;          /* errno */
    shelf_found found;
    uint32_t files;
} job;

static job *job_new(upp_loop *loop, const upp_asked *ask)
{
    job *j = calloc(1, sizeof *j);
    upp_check(j);
    *j = (job){
        .loop = loop, .id = ask->id, .request = ask->request, .root = upp_loop_objects(loop)
    };
    return j;
}

static void *open_records(upp_loop *loop, const void *config)
{
    (void)config;
    return loop;
}

/* -- records -- */
static void store(void *job_of)
{
    job *j = job_of;
    j->failed = shelf_store(j->root, (const Uppsikt__StoreRecord *)j->request, &j->found);
}

static void stored(void *job_of)
{
    job *j = job_of;
    Uppsikt__StoredFile rows[SHELF_FILES];
    Uppsikt__StoredFile *list[SHELF_FILES];
    Uppsikt__RecordStored out = UPPSIKT__RECORD_STORED__INIT;
    for (size_t i = 0; i < j->found.n; i++) {
        uppsikt__stored_file__init(&rows[i]);
        rows[i].path = j->found.files[i].path;
        rows[i].bytes = j->found.files[i].bytes;
        rows[i].sha256 = (ProtobufCBinaryData){ 32, j->found.files[i].sha256 };
        out.bytes += rows[i].bytes;
        list[i] = &rows[i];
    }
    if (j->failed)
        out.failed = upp_lend(j->failed);
    else if (j->found.manifest)
        out.manifest =
            (ProtobufCBinaryData){ strlen(j->found.manifest), (uint8_t *)j->found.manifest };
    out.files = (uint32_t)j->found.n;
    out.stored = list;
    out.n_stored = j->failed ? 0 : j->found.n;
    upp_done(j->loop, j->id, UPP_DONE, &out.base, 0);
    shelf_found_done(&j->found);
    free(j);
}

static void start_store(void *self, const upp_asked *ask)
{
    upp_loop *loop = self;
    upp_loop_work(loop, store, stored, job_new(loop, ask));
}

/* -- removals -- */
static void take_away(void *job_of)
{
    job *j = job_of;
    const Uppsikt__RemoveRecord *ask = (const Uppsikt__RemoveRecord *)j->request;
    j->wrong = shelf_remove(j->root, ask->folder, &j->files);
}

static void taken_away(void *job_of)
{
    job *j = job_of;
    Uppsikt__RecordRemoved out = UPPSIKT__RECORD_REMOVED__INIT;
    out.files = j->files;
    if (j->wrong)
        upp_loop_say(j->loop, "a record's folder cannot be taken away: %s", strerror(j->wrong));
    upp_done(j->loop, j->id, j->wrong ? UPP_LATER : UPP_DONE, j->wrong ? NULL : &out.base, 0);
    free(j);
}

static void start_removal(void *self, const upp_asked *ask)
{
    upp_loop *loop = self;
    upp_loop_work(loop, take_away, taken_away, job_new(loop, ask));
}

const upp_port upp_evidence_records = {
    .name = "records",
    .request = &uppsikt__store_record__descriptor,
    .answer = &uppsikt__record_stored__descriptor,
    .again = UPP_ONCE_OR_MORE,
    .open = open_records,
    .start = start_store,
};

const upp_port upp_evidence_removals = {
    .name = "removals",
    .request = &uppsikt__remove_record__descriptor,
    .answer = &uppsikt__record_removed__descriptor,
    .again = UPP_ONCE_OR_MORE,
    .open = open_records,
    .start = start_removal,
};
