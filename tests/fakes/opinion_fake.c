/* opinion_fake.c - the model outside: what it says, and how it fails. */
#include "opinion_fake.h"
#include "upp/base.h"
#include <stdlib.h>
#include <string.h>

enum { HUGE_BYTES = 2 * 1024 * 1024 };

static const char *const moods[OPINION_MOODS] = { "fine",    "slow",    "throttled", "broken",
                                                  "garbage", "strange", "huge",      "elsewhere" };

int opinion_mood_named(const char *name)
{
    for (int i = 0; i < OPINION_MOODS; i++)
        if (strcmp(moods[i], name) == 0)
            return i;
    return -1;
}

/* What the user's message holds. */
static char *comment_in(const json_t *asked)
{
    const json_t *messages = json_object_get(asked, "messages");
    const json_t *last = json_array_get(messages, json_array_size(messages) - 1);
    const char *content = json_string_value(json_object_get(last, "content"));
    json_t *data = content ? json_loads(content, 0, NULL) : NULL;
    const char *comment = json_string_value(json_object_get(data, "comment"));
    char *copy = strdup(comment ? comment : "");
    upp_check(copy);
    json_decref(data);
    return copy;
}

/* The words after "SVARA:" are what the comment wants to hear. */
static char *opinion_on(const char *comment)
{
    static const char order[] = "SVARA:";
    const char *told = strstr(comment, order);
    if (told)
        return strdup(told + strlen(order));
    return strdup(strstr(comment, "klippa")
                      ? "{\"labels\": [\"attack\"], \"why\": \"Det låter som hån.\"}"
                      : "{\"labels\": [], \"why\": \"Inget att anmärka på.\"}");
}

static char *completion(const char *content)
{
    json_t *json = json_pack("{s:s, s:[{s:i, s:{s:s, s:s}, s:s}]}", "object", "chat.completion",
                             "choices", "index", 0, "message", "role", "assistant", "content",
                             content, "finish_reason", "stop");
    char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
    json_decref(json);
    return text;
}

static void answer(const opinion_fake *fake, const char *comment, opinion_reply *r)
{
    char *content = opinion_on(comment);
    upp_check(content);
    switch (fake->mood) {
    case OPINION_SLOW:
        r->hang = true;
        break;
    case OPINION_THROTTLED:
        r->status = 429;
        r->after_s = 1;
        break;
    case OPINION_BROKEN:
        r->status = 500;
        break;
    case OPINION_GARBAGE:
        r->body = strdup("<html>502 but not really</html>");
        break;
    case OPINION_STRANGE:
        r->body = completion("{\"labels\": [\"spärra_kontot\"], \"verdict\": true}");
        break;
    case OPINION_HUGE:
        r->body = malloc(HUGE_BYTES + 1);
        upp_check(r->body);
        memset(r->body, ' ', HUGE_BYTES);
        r->body[HUGE_BYTES] = '\0';
        break;
    case OPINION_ELSEWHERE:
        r->status = 302;
        break;
    case OPINION_FINE:
    case OPINION_MOODS:
        r->body = completion(content);
        break;
    }
    free(content);
}

void opinion_fake_answer(opinion_fake *fake, const char *path, const char *bearer, const char *body,
                         opinion_reply *ret_reply)
{
    json_t *asked = json_loads(body ? body : "", 0, NULL);
    const bool known = bearer && strcmp(bearer, fake->key) == 0;
    const char *model = json_string_value(json_object_get(asked, "model"));
    char *comment = comment_in(asked);
    *ret_reply = (opinion_reply){ .status = 200 };
    json_array_append_new(fake->calls, json_pack("{s:s, s:b, s:s?, s:s}", "path", path, "key",
                                                 known, "model", model, "comment", comment));
    if (strcmp(path, "/v1/chat/completions") != 0)
        ret_reply->status = 404;
    else if (!known)
        ret_reply->status = 401;
    else
        answer(fake, comment, ret_reply);
    if (!ret_reply->body)
        ret_reply->body = strdup("{}");
    upp_check(ret_reply->body);
    free(comment);
    json_decref(asked);
}
