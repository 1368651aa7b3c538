/* desk_take.c - what belongs to a job and comes after it: long html, pictures. */
#include "desk_state.h"
#include "suite_clock.h"
#include "upp/log.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CREDIT = 32 };

/* How long the n-th thing that comes is: 0 is the html. */
static int64_t bytes_of(const Uppsikt__CapturePage *page, size_t n)
{
    return n == 0 ? page->html_bytes : page->media[n - 1]->bytes;
}

/* To the next thing that comes in parts. True: there is none, the job is whole. */
static bool whole(desk_entry *e)
{
    const Uppsikt__CapturePage *page = e->job->page;
    while (e->coming <= page->n_media && e->come == bytes_of(page, e->coming)) {
        if (e->fd >= 0)
            close(e->fd);
        e->fd = -1;
        e->come = 0;
        e->coming++;
    }
    return e->coming > page->n_media;
}

static void give_credit(desk_entry *e, uint32_t parts)
{
    Uppsikt__CaptureCredit credit = UPPSIKT__CAPTURE_CREDIT__INIT;
    credit.id = e->job->page->id;
    credit.parts = parts;
    e->taken = 0;
    (void)desk_say(e->desk, &e->from, &credit.base); /* gone: its silence ends it */
}

bool desk_take_begin(desk_entry *e)
{
    const Uppsikt__CapturePage *page = e->job->page;
    if (page->html_bytes > 0) {
        e->html = malloc((size_t)page->html_bytes + 1);
        upp_check(e->html != NULL);
    }
    if (whole(e))
        return false;
    give_credit(e, CREDIT);
    return true;
}

static bool write_part(desk_entry *e, const ProtobufCBinaryData *bytes)
{
    char name[JOB_INPUT], path[PATH_MAX];
    if (e->fd < 0) {
        job_input(e->coming - 1, name);
        job_path(e->job, name, path);
        e->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    }
    return e->fd >= 0 && write(e->fd, bytes->data, bytes->len) == (ssize_t)bytes->len;
}

const char *desk_take_part(desk_entry *e, const Uppsikt__CapturePart *part, bool *ret_whole)
{
    Uppsikt__CapturePage *page = e->job->page;
    *ret_whole = false;
    if (part->file != e->coming || part->offset != e->come || part->bytes.len == 0 ||
        (int64_t)part->bytes.len > bytes_of(page, e->coming) - e->come)
        return "the parts of the job do not join";
    if (e->coming == 0) {
        memcpy(e->html + e->come, part->bytes.data, part->bytes.len);
    } else if (!write_part(e, &part->bytes)) {
        upp_log(UPP_ERROR, page->id, "a picture cannot be kept: %s", strerror(errno));
        return "uppsikt-capture has no room for the pictures";
    }
    e->come += (int64_t)part->bytes.len;
    if (e->html && e->come == page->html_bytes && e->coming == 0) {
        e->html[e->come] = '\0';
        upp_check(page->html[0] == '\0'); /* job_wrong; protobuf-c's own empty text, or none */
        page->html = e->html;             /* freed with the message */
        e->html = NULL;
    }
    *ret_whole = whole(e);
    if (!*ret_whole && ++e->taken >= CREDIT / 2)
        give_credit(e, e->taken);
    return NULL;
}
