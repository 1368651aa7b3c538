/* job.c - a job's memory and form. */
#include "job.h"
#include "browser.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

job *job_new(void)
{
    job *j = calloc(1, sizeof *j);
    upp_check(j != NULL);
    return j;
}

void job_free(job *j)
{
    if (!j)
        return;
    if (j->page)
        uppsikt__capture_page__free_unpacked(j->page, NULL);
    browser_remove(j->folder);
    json_decref(j->report);
    free(j);
}

void job_input(size_t n, char ret_name[JOB_INPUT])
{
    snprintf(ret_name, JOB_INPUT, "in-%02u", (unsigned)n % 100);
}

bool job_media(const job *j, const char *url, size_t *ret_n)
{
    static const char root[] = "https://media.invalid/";
    if (strncmp(url, root, sizeof root - 1) != 0)
        return false;
    for (size_t i = 0; i < j->page->n_media; i++)
        if (j->page->media[i]->bytes > 0 &&
            strcmp(j->page->media[i]->name, url + sizeof root - 1) == 0) {
            *ret_n = i;
            return true;
        }
    return false;
}

static const char *media_wrong(const Uppsikt__CapturePage *page)
{
    static const char *const kinds[] = { "image/png", "image/jpeg", "image/gif", "image/webp",
                                         "image/avif" };
    int64_t bytes = page->html_bytes;
    if (page->n_media > JOB_MEDIA || (page->n_media > 0 && page->url[0]))
        return "html has 20 pictures at most, a url none";
    for (size_t i = 0; i < page->n_media; i++) {
        const Uppsikt__CaptureMedia *m = page->media[i];
        size_t kind = 0;
        while (kind < UPP_LEN(kinds) && strcmp(kinds[kind], m->mime) != 0)
            kind++;
        if (kind == UPP_LEN(kinds) || m->name[0] == '\0' || strlen(m->name) > 60 ||
            strspn(m->name, "abcdefghijklmnopqrstuvwxyz0123456789.-") != strlen(m->name))
            return "a picture has a strange name or kind";
        if (m->bytes < 0 || m->bytes > JOB_INPUT_BYTES - bytes)
            return "html and pictures have 32 MiB together at most";
        bytes += m->bytes;
    }
    return NULL;
}

const char *job_wrong(const Uppsikt__CapturePage *page)
{
    if (page->id[0] == '\0' || strlen(page->id) > 128)
        return "a job has an id of 1 to 128 bytes";
    if ((page->url[0] != '\0') == (page->html[0] != '\0' || page->html_bytes > 0))
        return "a job has a url or html, one of them";
    if (page->html_bytes < 0 || page->html_bytes > (int64_t)16 * 1024 * 1024)
        return "html has 16 MiB at most";
    if (strlen(page->url) > 8192)
        return "a url has 8192 bytes at most";
    if (strlen(page->clip) > 256)
        return "clip has 256 bytes at most";
    if (page->width != 0 && (page->width < 200 || page->width > 4000))
        return "width is 200 to 4000";
    if (page->timeout_span < 0 || page->timeout_span > UPP_HOUR)
        return "timeout_span is 0 to an hour";
    if (!page->png && !page->pdf && !page->mhtml && !page->warc && !page->text)
        return "nothing is wanted of it";
    return media_wrong(page);
}
