/* meta.c - the Graph API's errors, limits, times and pages. */
#include "meta.h"
#include "civil.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STOP_PERCENT = 90 };

/* Codes of §5 and §7.5, in ranges; the first row that holds. */
static const struct {
    int64_t from, to;
    enum verdict verdict;
} codes[] = {
    { 1, 2, VERDICT_TRANSIENT },        { 3, 3, VERDICT_AUTH },
    { 4, 4, VERDICT_THROTTLE },         { 10, 10, VERDICT_AUTH },
    { 17, 17, VERDICT_THROTTLE },       { 32, 32, VERDICT_THROTTLE },
    { 100, 100, VERDICT_FIELD },        { 102, 102, VERDICT_AUTH },
    { 190, 190, VERDICT_AUTH },         { 200, 299, VERDICT_AUTH },
    { 341, 341, VERDICT_THROTTLE },     { 368, 368, VERDICT_PERMANENT },
    { 506, 506, VERDICT_EXISTS },       { 613, 613, VERDICT_THROTTLE },
    { 80001, 80014, VERDICT_THROTTLE },
};

static enum verdict judge_error(const json_t *error, int status)
{
    const int64_t code = json_integer_value(json_object_get(error, "code"));
    const int64_t sub = json_integer_value(json_object_get(error, "error_subcode"));
    if (json_is_true(json_object_get(error, "is_transient")))
        return VERDICT_TRANSIENT;
    if (code == 100 && sub == 33)
        return VERDICT_GONE;
    for (size_t i = 0; i < UPP_LEN(codes); i++)
        if (code >= codes[i].from && code <= codes[i].to)
            return codes[i].verdict;
    /* an unknown one that looks like a closed door is one (§5) */
    return status == 401 || status == 403 ? VERDICT_AUTH : VERDICT_PERMANENT;
}

/* {"<id>":[{"call_count":28,…,"estimated_time_to_regain_access":0}]}: percents, and minutes. */
static upp_ms usage_wait(const json_t *usage)
{
    static const char *const percents[] = { "call_count", "total_time", "total_cputime" };
    int64_t worst = 0;
    for (size_t i = 0; i < UPP_LEN(percents); i++) {
        const int64_t n = json_integer_value(json_object_get(usage, percents[i]));
        worst = n > worst ? n : worst;
    }
    const int64_t minutes =
        json_integer_value(json_object_get(usage, "estimated_time_to_regain_access"));
    if (minutes > 0)
        return (minutes < 1440 ? minutes : 1440) * UPP_MINUTE;
    return worst >= STOP_PERCENT ? 5 * UPP_MINUTE : 0;
}

static upp_ms header_wait(const platform_answer *a)
{
    upp_ms wait = 0;
    const char *app = answer_header(a, "x-app-usage");
    const char *business = answer_header(a, "x-business-use-case-usage");
    const char *after = answer_header(a, "retry-after");
    json_t *one = app ? json_loads(app, 0, NULL) : NULL;
    json_t *many = business ? json_loads(business, 0, NULL) : NULL;
    const char *id;
    json_t *list;
    wait = usage_wait(one);
    json_object_foreach(many, id, list)
    {
        for (size_t i = 0; i < json_array_size(list); i++) {
            const upp_ms w = usage_wait(json_array_get(list, i));
            wait = w > wait ? w : wait;
        }
    }
    json_decref(one);
    json_decref(many);
    const long s = after ? strtol(after, NULL, 10) : 0;
    return s > 0 && s < 86400 && s * UPP_SECOND > wait ? s * UPP_SECOND : wait;
}

enum verdict meta_judge(const platform_answer *a, upp_ms *ret_wait)
{
    const json_t *error = json_object_get(a->json, "error");
    *ret_wait = header_wait(a);
    if (json_is_object(error))
        return a->status >= 500 ? VERDICT_TRANSIENT : judge_error(error, a->status);
    if (a->status >= 200 && a->status < 300)
        return VERDICT_OK;
    if (a->status == 429)
        return VERDICT_THROTTLE;
    if (a->status == 0 || a->status >= 500)
        return VERDICT_TRANSIENT;
    return a->status == 401 || a->status == 403 ? VERDICT_AUTH : VERDICT_PERMANENT;
}

/* -- what an answer holds -- */
const char *meta_text(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

/* "2026-11-23T10:00:00+0000": no colon in the offset. */
upp_ms meta_time(const json_t *object, const char *name)
{
    const char *text = meta_text(object, name);
    char fixed[40];
    upp_ms at = 0;
    const size_t n = text ? strlen(text) : 0;
    if (n < 20 || n + 2 > sizeof fixed)
        return 0;
    const bool bare = (text[n - 5] == '+' || text[n - 5] == '-') && text[n - 3] != ':';
    if (bare)
        snprintf(fixed, sizeof fixed, "%.*s:%s", (int)(n - 2), text, text + n - 2);
    else
        snprintf(fixed, sizeof fixed, "%s", text);
    return civil_parse(fixed, &at) == 0 ? at : 0;
}

const char *meta_fields(const char *const *rungs, size_t n, int64_t rung)
{
    const int64_t last = (int64_t)n - 1;
    return rungs[rung < 0 ? 0 : rung < last ? rung : last];
}

/* `next` itself is never followed: its host need not be ours, and it may carry a token. */
const char *meta_next(const json_t *list)
{
    const json_t *paging = json_object_get(list, "paging");
    return json_object_get(paging, "next") ? meta_text(json_object_get(paging, "cursors"), "after")
                                           : NULL;
}

bool meta_confirmed(enum gate_what what, const json_t *json)
{
    if (what == GATE_REPLY)
        return meta_text(json, "id") != NULL;
    return json_is_true(json_object_get(json, "success"));
}
