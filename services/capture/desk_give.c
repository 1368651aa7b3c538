/* desk_give.c - results on their way out. */
#include "capped.h"
#include "desk_state.h"
#include "suite_clock.h"
#include "upp/log.h"
#include "uppsikt/bus.pb-c.h"
#include "uppsikt/runtime.pb-c.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PART_BYTES = 64 * 1024 };

bool desk_say(desk *d, const upp_identity *to, const ProtobufCMessage *msg)
{
    return upp_wire_say(d->with.socket, to, msg) != UPP_SENT_GONE;
}

void desk_later(desk *d, const upp_identity *to, const char *id, const char *why, upp_ms after)
{
    Uppsikt__CaptureLater later = UPPSIKT__CAPTURE_LATER__INIT;
    later.id = upp_lend(id);
    later.why = upp_lend(why);
    later.after_span = after;
    (void)desk_say(d, to, &later.base); /* gone: it asks anew by itself */
}

void desk_give_result(desk_entry *e)
{
    job *j = e->job;
    Uppsikt__CapturedFile files[JOB_FILES];
    Uppsikt__CapturedFile *rows[JOB_FILES];
    Uppsikt__PageCaptured out = UPPSIKT__PAGE_CAPTURED__INIT;
    char *report = json_dumps(j->report, JSON_COMPACT);
    upp_check(report != NULL);
    for (size_t i = 0; i < j->n_files; i++) {
        uppsikt__captured_file__init(&files[i]);
        files[i].name = j->files[i].name;
        files[i].mime = upp_lend(j->files[i].mime);
        files[i].bytes = j->files[i].bytes;
        files[i].sha256 = (ProtobufCBinaryData){ sizeof j->files[i].sha256, j->files[i].sha256 };
        rows[i] = &files[i];
    }
    out.id = j->page->id;
    out.state = j->state;
    out.why = j->why;
    out.files = rows;
    out.n_files = j->n_files;
    out.report = (ProtobufCBinaryData){ strlen(report), (uint8_t *)report };
    (void)desk_say(e->desk, &e->from, &out.base); /* gone: its port asks anew */
    free(report);
}

static bool open_file(desk_entry *e)
{
    char path[PATH_MAX];
    job_path(e->job, e->job->files[e->file].name, path);
    e->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    e->offset = 0;
    return e->fd >= 0;
}

/* The next part. False: nothing more can go now. */
static bool give_part(desk_entry *e)
{
    uint8_t bytes[PART_BYTES];
    if (e->fd < 0 && !open_file(e)) {
        upp_log(UPP_ERROR, e->job->page->id, "a result cannot be read: %s", strerror(errno));
        e->credit = 0;
        return false;
    }
    const ssize_t n = pread(e->fd, bytes, sizeof bytes, (off_t)e->offset);
    if (n > 0) {
        Uppsikt__CapturePart part = UPPSIKT__CAPTURE_PART__INIT;
        part.id = e->job->page->id;
        part.file = (uint32_t)e->file;
        part.offset = e->offset;
        part.bytes = (ProtobufCBinaryData){ (size_t)n, bytes };
        if (upp_wire_say(e->desk->with.socket, &e->from, &part.base) != UPP_SENT)
            return false; /* full: at the next beat; gone: it is forgotten by its silence */
        e->offset += n;
        e->credit--;
    }
    if (n <= 0 || e->offset >= e->job->files[e->file].bytes) {
        close(e->fd);
        e->fd = -1;
        e->file++;
    }
    return n >= 0;
}

void desk_give_parts(desk_entry *e)
{
    while (e->stage == DESK_SENDING && e->credit > 0 && e->file < e->job->n_files)
        if (!give_part(e))
            return;
}

void desk_give_status(desk *d, const upp_wire *wire)
{
    Uppsikt__ServiceState state = UPPSIKT__SERVICE_STATE__INIT;
    Uppsikt__AnswerHead head = UPPSIKT__ANSWER_HEAD__INIT;
    Uppsikt__RequestHead *asked = (Uppsikt__RequestHead *)upp_unpack(
        &uppsikt__request_head__descriptor, wire->frames.envelope);
    if (!asked)
        return;
    head.id = asked->id;
    state.service = upp_lend(capture_program.name);
    state.version = upp_lend(UPP_VERSION);
    state.now_ms = upp_real_now();
    state.open_asks = (int64_t)d->n_entries;
    UPP_AUTO(upp_packed_free) upp_bytes row = upp_wire_pack(&state.base);
    UPP_AUTO(upp_packed_free) upp_bytes first = upp_wire_pack(&head.base);
    head.last = true;
    UPP_AUTO(upp_packed_free) upp_bytes last = upp_wire_pack(&head.base);
    (void)upp_wire_send(d->with.socket, &wire->from,
                        &(upp_frames){ .type = upp_text(state.base.descriptor->name),
                                       .envelope = row,
                                       .chain = first });
    (void)upp_wire_send(d->with.socket, &wire->from, &(upp_frames){ .chain = last });
    upp_unpack_free(&asked->base);
}
