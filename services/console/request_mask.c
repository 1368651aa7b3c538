/* request_mask.c - covering what is found; the classifier finds. */
#include "request_mask.h"
#include <stdlib.h>
#include <string.h>

static int by_start(const void *a, const void *b)
{
    const request_mask *const m[] = { a, b };
    return (m[0]->start > m[1]->start) - (m[0]->start < m[1]->start);
}

/* Places may overlap; each byte is covered once, under the first reason. */
static size_t merged(request_mask *masks, size_t n)
{
    size_t kept = 0;
    qsort(masks, n, sizeof *masks, by_start);
    for (size_t i = 0; i < n; i++) {
        if (kept > 0 && masks[i].start < masks[kept - 1].end) {
            if (masks[i].end > masks[kept - 1].end)
                masks[kept - 1].end = masks[i].end;
            continue;
        }
        masks[kept++] = masks[i];
    }
    return kept;
}

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static int cover(const char *text, const request_mask *mask, buf *out)
{
    for (uint32_t at = mask->start; at < mask->end; at++) {
        if (blank(text[at]))
            UPP_TRY(buf_put(out, &text[at], 1));
        else if (((unsigned char)text[at] & 0xc0) != 0x80) /* the first byte of a character */
            UPP_TRY(buf_put(out, "\xe2\x96\x88", 3));
    }
    return 0;
}

void request_propose(const classifier *c, classifier_room *room, const char *text,
                     request_mask ret_masks[REQUEST_MASKS], size_t *ret_n, bool *ret_secret)
{
    const size_t len = strlen(text);
    struct classifier_verdict verdict;
    size_t n = 0;
    classifier_judge(c, room, text, len, NULL, NULL, &verdict);
    for (size_t i = 0; i < verdict.n_findings; i++) {
        const struct classifier_finding *f = &verdict.findings[i];
        /* what a detector found; the words that only stand beside such things are nobody's data */
        if (f->label == CLASSIFY_PERSONAL_DATA && strncmp(f->reason, "data.", 5) == 0 &&
            f->end > f->start && f->end <= len)
            ret_masks[n++] =
                (request_mask){ .start = f->start, .end = f->end, .reason = f->reason };
    }
    /* what was not read to its end, or held more than is told, is for a person as well */
    *ret_secret = verdict.band[CLASSIFY_CONFIDENTIAL] != CLASSIFIER_NONE || verdict.cut ||
                  verdict.n_findings == CLASSIFIER_FINDINGS_MAX;
    *ret_n = merged(ret_masks, n);
}

int request_cover(const char *text, const request_mask *masks, size_t n, buf *out)
{
    request_mask spans[REQUEST_PLACES];
    size_t n_spans = 0;
    uint32_t at = 0;
    upp_check(n <= REQUEST_PLACES);
    for (size_t i = 0; i < n; i++)
        if (!masks[i].taken)
            spans[n_spans++] = masks[i];
    n_spans = merged(spans, n_spans);
    for (size_t i = 0; i < n_spans; i++) {
        UPP_TRY(buf_put(out, text + at, spans[i].start - at));
        UPP_TRY(cover(text, &spans[i], out));
        at = spans[i].end;
    }
    return buf_put(out, text + at, strlen(text + at));
}
