/* job.c - a job's memory and form. */
#include "job.h"
#include "browser.h"
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
    return NULL;
}
