/* platform_fuzz.c - T4: what a platform answers, and what its webhook brings, of any JSON: judged,
 * read into items or told to be bad, and nothing of it is lent beyond its life. */
#include "connector.h"
#include "facebook.h"
#include "fuzz.h"

static const char *const names[] = { "facebook", "mastodon", "instagram", "youtube",
                                     "x",        "bluesky",  "linkedin" };

static void read_item(const reading *it)
{
    upp_check(it->external_id == NULL || memchr(it->external_id, '\0', 1u << 20));
    upp_check(it->text == NULL || memchr(it->text, '\0', 1u << 20));
}

static void heard(void *ctx, const facebook_change *change)
{
    unsigned *n = ctx;
    (*n)++;
    upp_check(change->page != NULL && change->comment != NULL);
    if (change->verb == FACEBOOK_ADDED)
        read_item(&change->it);
}

/* A list takes parts out of the JSON: each gets its own. */
static void read_list(const connector *c, enum look look, const char *text, size_t n)
{
    page p = { 0 };
    json_t *json = json_loadb(text, n, 0, NULL);
    if (json && c->read(look, json, "77", &p) >= 0)
        for (size_t i = 0; i < p.n; i++)
            read_item(&p.items[i]);
    listing_done(&p);
    json_decref(json);
}

static void read_all(const connector *c, const platform_answer *a, const char *text, size_t n)
{
    upp_ms wait = 0;
    sight s = { 0 };
    const enum verdict verdict = c->judge(a, &wait);
    upp_check(verdict < VERDICTS && wait >= 0);
    (void)c->own(a->json);
    for (int look = 0; look < LOOKS; look++)
        if (c->looks >> look & 1 && look != LOOK_WHO && look != LOOK_ITEM)
            read_list(c, (enum look)look, text, n);
    if (c->see(a->json, "77", &s) >= 0)
        read_item(&s.it);
    item_done(&s.it);
    if (c->alias)
        (void)c->alias(a->json);
    if (c->confirmed)
        (void)c->confirmed(GATE_HIDE, a->json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int statuses[] = { 200, 400, 401, 403, 404, 422, 429, 500, 0, 426 };
    fuzz_in in = { data, size };
    const size_t which = fuzz_take(&in, 1) % UPP_LEN(names);
    const int status = statuses[fuzz_take(&in, 1) % UPP_LEN(statuses)];
    const char *text = (const char *)in.at;
    unsigned n = 0;
    json_t *json = json_loadb(text, in.len, 0, NULL);
    const platform_answer a = { .status = status, .json = json };
    const connector *c = connector_named(names[which]);
    upp_check(c);
    if (json) {
        read_all(c, &a, text, in.len);
        (void)facebook_webhook(json, heard, &n);
    } else {
        upp_ms wait = 0;
        (void)c->judge(&a, &wait);
    }
    json_decref(json);
    return 0;
}
