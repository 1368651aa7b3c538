/* youtube.c - calls and answers of YouTube's Data API v3 for one channel (platforms.md §9). A list
 * costs one unit of the day's quota, an act fifty. */
#include "youtube.h"
#include "civil.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE = 100, VIDEOS = 50, MOST = 4 * PAGE };

/* The list of a channel's own films has the channel's id with another beginning. */
static const char channel_head[] = "UC", uploads_head[] = "UU";

static char *threads_url(enum look look, const look_where *where, const char *own, const char *mark)
{
    const bool on = look == LOOK_BACK && mark[0];
    return connector_text("%s/commentThreads?part=snippet,replies&allThreadsRelatedToChannelId=%s"
                          "&order=time&maxResults=%d&textFormat=plainText%s%s%s",
                          where->base_url, own, PAGE,
                          look == LOOK_HELD ? "&moderationStatus=heldForReview" : "",
                          on ? "&pageToken=" : "", on ? mark : "");
}

static char *replies_url(const look_where *where, const char *thread, const char *after)
{
    return connector_text("%s/comments?part=snippet&parentId=%s&maxResults=%d"
                          "&textFormat=plainText%s%s",
                          where->base_url, thread, PAGE, after[0] ? "&pageToken=" : "", after);
}

static bool look(enum look look, const look_where *where, request *ret_request)
{
    char *own = connector_escape(where->own_id);
    char *target = connector_escape(where->target);
    char *thread = connector_escape(where->alias[0] ? where->alias : where->target);
    char *after = connector_escape(look == LOOK_THREAD ? where->after : "");
    char *mark = connector_escape(where->mark);
    *ret_request = (request){ .method = "GET" };
    switch (look) {
    case LOOK_WHO:
        ret_request->url = connector_text("%s/channels?part=id&mine=true", where->base_url);
        break;
    case LOOK_NEWS:
    case LOOK_BACK:
    case LOOK_HELD:
        ret_request->url = threads_url(look, where, own, mark);
        break;
    case LOOK_OWN:
        ret_request->url =
            connector_text("%s/playlistItems?part=snippet,status&playlistId=%s%s&maxResults=%d",
                           where->base_url, uploads_head, strlen(own) > 2 ? own + 2 : "", VIDEOS);
        break;
    case LOOK_THREAD:
    case LOOK_REPLIES:
        if (target[0])
            ret_request->url = replies_url(where, thread, after);
        break;
    case LOOK_ITEM:
        if (target[0]) /* one that a person reported has no id there */
            ret_request->url = connector_text("%s/comments?part=snippet&id=%s&textFormat=plainText",
                                              where->base_url, target);
        break;
    case LOOKS:
        break;
    }
    free(own);
    free(target);
    free(thread);
    free(after);
    free(mark);
    return ret_request->url != NULL;
}

/* What is answered is the thread; who is answered in it is called on. */
static char *reply_body(const look_where *where, const char *text)
{
    const bool in_thread = where->alias[0] && where->handle[0];
    char *whole = connector_text("%s%s%s%s", in_thread ? "@" : "", in_thread ? where->handle : "",
                                 in_thread ? " " : "", text);
    json_t *json = json_pack("{s:{s:s, s:s}}", "snippet", "parentId",
                             where->alias[0] ? where->alias : where->target, "textOriginal", whole);
    char *body = json ? json_dumps(json, JSON_COMPACT) : NULL;
    json_decref(json);
    free(whole);
    return body;
}

static char *moderation_url(const look_where *where, const char *target, const char *status)
{
    return connector_text("%s/comments/setModerationStatus?id=%s&moderationStatus=%s",
                          where->base_url, target, status);
}

/* What others wrote is held back or, for good, rejected; what we wrote is deleted. */
static bool act(enum gate_what what, const look_where *where, const char *text,
                request *ret_request)
{
    char *target = connector_escape(where->target);
    const bool whole = target[0] != '\0';
    request r = { .method = "POST" };
    switch (what) {
    case GATE_HIDE:
        r.url = moderation_url(where, target, "heldForReview");
        break;
    case GATE_UNHIDE:
        r.url = moderation_url(where, target, "published");
        break;
    case GATE_DELETE:
        r.method = where->ours ? "DELETE" : "POST";
        r.url = where->ours ? connector_text("%s/comments?id=%s", where->base_url, target)
                            : moderation_url(where, target, "rejected");
        break;
    case GATE_REPLY:
        r.type = "application/json";
        r.url = connector_text("%s/comments?part=snippet", where->base_url);
        r.body = reply_body(where, text);
        break;
    case GATE_WHATS:
        break;
    }
    free(target);
    *ret_request = r;
    return whole && r.url && (what != GATE_REPLY || r.body);
}

/* -- what an answer means -- */
/* The first day of the week's last day (Sunday) on or after that date. */
static civil_day sunday_from(int32_t year, int32_t month, int32_t day)
{
    const civil_day from = civil_day_of((civil_date){ year, month, day });
    return from + 6 - civil_weekday(from);
}

/* East of UTC: an hour less from the second Sunday of March to the first of November, at 2 o'clock
 * of what the clock showed before. */
static upp_ms pacific_offset(upp_ms at)
{
    const int32_t year = civil_date_of(civil_day_at(at)).year;
    const upp_ms from = (upp_ms)sunday_from(year, 3, 8) * UPP_DAY + 10 * UPP_HOUR;
    const upp_ms to = (upp_ms)sunday_from(year, 11, 1) * UPP_DAY + 9 * UPP_HOUR;
    return at >= from && at < to ? -7 * UPP_HOUR : -8 * UPP_HOUR;
}

upp_ms youtube_quota_wait(upp_ms at)
{
    const upp_ms next = (upp_ms)(civil_day_at(at + pacific_offset(at)) + 1) * UPP_DAY;
    const upp_ms guess = next - pacific_offset(at);
    return next - pacific_offset(guess) - at;
}

/* §5 and §9: by the error's reason; what is not here is judged by its status. */
static const struct {
    const char *reason;
    enum verdict verdict;
    bool until_midnight;
} reasons[] = {
    { "quotaExceeded", VERDICT_THROTTLE, true },
    { "dailyLimitExceeded", VERDICT_THROTTLE, true },
    { "rateLimitExceeded", VERDICT_THROTTLE, false },
    { "userRateLimitExceeded", VERDICT_THROTTLE, false },
    { "commentsDisabled", VERDICT_PERMANENT, false },
    { "banWithoutReject", VERDICT_PERMANENT, false },
    { "processingFailure", VERDICT_PERMANENT, false },
    { "forbidden", VERDICT_PERMANENT, false },
    { "invalidPageToken", VERDICT_CURSOR, false },
};

static enum verdict judge_status(int status)
{
    if (status >= 200 && status < 300)
        return VERDICT_OK;
    if (status == 401 || status == 403) /* an unknown one that looks like a closed door is one */
        return VERDICT_AUTH;
    if (status == 404 || status == 410)
        return VERDICT_GONE;
    if (status == 429)
        return VERDICT_THROTTLE;
    return status == 0 || status >= 500 ? VERDICT_TRANSIENT : VERDICT_PERMANENT;
}

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static enum verdict judge(const platform_answer *a, upp_ms *ret_wait)
{
    const char *after = answer_header(a, "retry-after");
    const long s = after ? strtol(after, NULL, 10) : 0;
    const json_t *error = json_object_get(a->json, "error");
    const char *reason = text_of(json_array_get(json_object_get(error, "errors"), 0), "reason");
    *ret_wait = s > 0 && s < 86400 ? s * UPP_SECOND : 0;
    if (a->status < 400 || a->status >= 500)
        return judge_status(a->status);
    if (json_is_string(error) && a->status < 404) /* the token's own server: invalid_grant */
        return VERDICT_AUTH;
    for (size_t i = 0; reason && i < UPP_LEN(reasons); i++) {
        if (strcmp(reasons[i].reason, reason) != 0)
            continue;
        if (reasons[i].until_midnight)
            *ret_wait = a->at_ms > 0 ? youtube_quota_wait(a->at_ms) : UPP_HOUR;
        return reasons[i].verdict;
    }
    return judge_status(a->status);
}

/* -- what an answer holds -- */
static upp_ms time_of(const json_t *object, const char *name)
{
    const char *text = text_of(object, name);
    upp_ms at = 0;
    return text && civil_parse(text, &at) == 0 ? at : 0;
}

static void read_author(const json_t *snippet, const char *own_id, reading *it)
{
    const char *name = text_of(snippet, "authorDisplayName");
    it->author_id = text_of(json_object_get(snippet, "authorChannelId"), "value");
    it->author_name = name;
    it->author_handle = name && name[0] == '@' && name[1] ? name + 1 : NULL;
    it->author_url = text_of(snippet, "authorChannelUrl");
    it->ours = own_id[0] && it->author_id && strcmp(it->author_id, own_id) == 0;
}

/* Of several words that are as good as none: it is not said. */
static void read_status(const json_t *snippet, reading *it)
{
    static const char *const hidden[] = { "heldForReview", "likelySpam", "rejected" };
    const char *status = text_of(snippet, "moderationStatus");
    it->hidden_unsaid = !status || strcmp(status, "published") != 0;
    for (size_t i = 0; status && i < UPP_LEN(hidden); i++)
        if (strcmp(status, hidden[i]) == 0) {
            it->hidden = true;
            it->hidden_unsaid = false;
        }
}

/* The platform names none; from malloc. */
static char *permalink_of(const char *video, const char *comment)
{
    char *film = connector_escape(video), *one = connector_escape(comment);
    char *link =
        connector_text("https://www.youtube.com/watch?v=%s%s%s", film, one[0] ? "&lc=" : "", one);
    free(film);
    free(one);
    return link;
}

static int read_comment(const json_t *comment, const char *video, const char *own_id,
                        reading *ret_item, char ret_why[ITEM_WHY])
{
    reading it = { .json = comment, .kind = UPPSIKT__ITEM_KIND__ITEM_KIND_COMMENT };
    const json_t *snippet = json_object_get(comment, "snippet");
    const char *shown = text_of(snippet, "textDisplay");
    const char *written = text_of(snippet, "textOriginal");
    it.external_id = text_of(comment, "id");
    if (!it.external_id || !it.external_id[0] || !json_is_object(snippet) || (!shown && !written)) {
        snprintf(ret_why, ITEM_WHY, "comment: %s is missing",
                 !it.external_id || !it.external_id[0] ? "id"
                 : json_is_object(snippet)             ? "textDisplay"
                                                       : "snippet");
        return UPP_E_INPUT;
    }
    read_author(snippet, own_id, &it);
    read_status(snippet, &it);
    /* what was written is told to its author alone; of others what is shown stays the same text */
    it.text = (it.ours && written) || !shown ? written : shown;
    it.thread_id = text_of(snippet, "videoId") ? text_of(snippet, "videoId") : video;
    it.parent_id = text_of(snippet, "parentId");
    it.created_ms = time_of(snippet, "publishedAt");
    it.edited_ms = time_of(snippet, "updatedAt");
    if (it.edited_ms <= it.created_ms)
        it.edited_ms = 0;
    if (it.ours || it.parent_id)
        it.kind = UPPSIKT__ITEM_KIND__ITEM_KIND_REPLY;
    if (!it.parent_id)
        it.parent_id = it.thread_id;
    if (it.thread_id)
        it.permalink = it.owned = permalink_of(it.thread_id, it.external_id);
    *ret_item = it;
    return 0;
}

static void add_comment(const json_t *comment, const char *video, const char *own_id, page *p)
{
    char why[ITEM_WHY];
    reading *it = listing_add(p);
    if (read_comment(comment, video, own_id, it, why) == 0)
        return;
    p->n--;
    listing_bad(p, comment, why);
}

/* What comes with a thread is a part of what stands below it: the platform's number tells, but
 * counts differently what is held back. */
static void read_thread(enum look look, const json_t *thread, const char *own_id, page *p)
{
    const json_t *snippet = json_object_get(thread, "snippet");
    const json_t *top = json_object_get(snippet, "topLevelComment");
    const json_t *replies = json_object_get(json_object_get(thread, "replies"), "comments");
    const char *video = text_of(snippet, "videoId");
    const int64_t below = json_integer_value(json_object_get(snippet, "totalReplyCount"));
    const size_t n = json_array_size(replies), from = p->n;
    if (!json_is_object(top)) {
        listing_bad(p, thread, "thread: topLevelComment is missing");
        return;
    }
    add_comment(top, video, own_id, p);
    const size_t first = p->n;
    for (size_t i = 0; i < n && i < MOST; i++)
        add_comment(json_array_get(replies, i), video, own_id, p);
    listing_sort(p, first);
    if (first == from || below <= (int64_t)n || look == LOOK_HELD)
        return;
    *listing_thread(p) = (page_thread){
        .id = p->items[from].external_id,
        .after = "",
        .from = first,
        .n = p->n - first,
        .below = below,
    };
}

/* A film of ours, with what we wrote of it; one that nobody else can see is none yet. */
static void read_video(const json_t *video, const char *own_id, page *p)
{
    const json_t *snippet = json_object_get(video, "snippet");
    const char *id = text_of(json_object_get(snippet, "resourceId"), "videoId");
    const char *title = text_of(snippet, "title"), *more = text_of(snippet, "description");
    const char *privacy = text_of(json_object_get(video, "status"), "privacyStatus");
    if (privacy && strcmp(privacy, "private") == 0)
        return;
    if (!id || !id[0] || !title) {
        listing_bad(p, video, id && id[0] ? "video: title is missing" : "video: id is missing");
        return;
    }
    reading *it = listing_add(p);
    it->json = video;
    it->kind = UPPSIKT__ITEM_KIND__ITEM_KIND_OWN_POST;
    it->external_id = id;
    it->author_id = own_id;
    it->ours = true;
    it->created_ms = time_of(snippet, "publishedAt");
    char *link = permalink_of(id, "");
    it->text = it->owned = connector_text("%s%s%s%c%s", title, more && more[0] ? "\n\n" : "",
                                          more ? more : "", '\0', link);
    it->permalink = it->owned + strlen(it->owned) + 1;
    free(link);
}

static int read(enum look look, json_t *json, const char *own_id, page *ret_page)
{
    const json_t *list = json_object_get(json, "items");
    const bool threads = look == LOOK_NEWS || look == LOOK_BACK || look == LOOK_HELD;
    if (!json_is_array(list))
        return UPP_E_INPUT;
    const size_t all = json_array_size(list), n = all < MOST ? all : MOST;
    ret_page->mark = text_of(json, "nextPageToken");
    ret_page->more = ret_page->mark != NULL;
    for (size_t i = 0; i < n; i++) {
        const json_t *one = json_array_get(list, n - 1 - i);
        if (look == LOOK_OWN)
            read_video(one, own_id, ret_page);
        else if (threads)
            read_thread(look, one, own_id, ret_page);
        else
            add_comment(one, NULL, own_id, ret_page);
    }
    if (!threads)
        listing_sort(ret_page, 0);
    if (look == LOOK_BACK && n > 0) {
        const json_t *last = json_object_get(json_array_get(list, n - 1), "snippet");
        const json_t *top = json_object_get(last, "topLevelComment");
        ret_page->oldest_ms = time_of(json_object_get(top, "snippet"), "publishedAt");
    }
    return 0;
}

/* A comment that is not there is one that the list leaves out. */
static int see(const json_t *json, const char *own_id, sight *ret_sight)
{
    char why[ITEM_WHY];
    const json_t *list = json_object_get(json, "items");
    *ret_sight = (sight){ 0 };
    if (!json_is_array(list))
        return UPP_E_INPUT;
    if (json_array_size(list) == 0)
        return 1;
    UPP_TRY(read_comment(json_array_get(list, 0), NULL, own_id, &ret_sight->it, why));
    ret_sight->hidden = ret_sight->it.hidden;
    ret_sight->may_hide = ret_sight->may_delete = true; /* its own answer tells */
    return 0;
}

static const char *own(const json_t *json)
{
    const char *id = text_of(json_array_get(json_object_get(json, "items"), 0), "id");
    return id && strncmp(id, channel_head, 2) == 0 && id[2] ? id : NULL;
}

/* Moderation and deletion answer 204 with nothing; an answer comes back as it was posted. */
static bool confirmed(enum gate_what what, const json_t *json)
{
    return what != GATE_REPLY || text_of(json, "id") != NULL;
}

/* The thread that a reply stands in: there is one level alone. */
static const char *alias(const json_t *raw)
{
    return text_of(json_object_get(raw, "snippet"), "parentId");
}

const connector youtube_connector = {
    .name = "youtube",
    .can = CAN_REPLY | CAN_HIDE | CAN_UNHIDE | CAN_DELETE,
    .looks = 1U << LOOK_WHO | 1U << LOOK_NEWS | 1U << LOOK_BACK | 1U << LOOK_OWN | 1U << LOOK_HELD |
             1U << LOOK_THREAD | 1U << LOOK_ITEM | 1U << LOOK_REPLIES,
    .reply_max = 10000,
    .poll_span = 5 * UPP_MINUTE,
    .back_span = UPP_DAY,
    .back_reach = 30 * UPP_DAY,
    .tells_hidden = true,
    .look = look,
    .act = act,
    .judge = judge,
    .own = own,
    .read = read,
    .see = see,
    .confirmed = confirmed,
    .alias = alias,
};
