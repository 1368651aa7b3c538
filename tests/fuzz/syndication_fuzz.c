/* syndication_fuzz.c - R01: any bytes as a feed: refused with a word of why, or read into items of
 * the form that the rest of ingest is promised, each lent from what outlives it. */
#include "fuzz.h"
#include "rss.h"
#include "syndication_xml.h"
#include <strings.h>

static void check_text(const char *text, size_t most)
{
    upp_check(!text || strlen(text) <= most);
}

static void check_link(const char *link)
{
    upp_check(!link || strncasecmp(link, "http://", 7) == 0 ||
              strncasecmp(link, "https://", 8) == 0);
}

static void check_item(const reading *it)
{
    upp_check(it->external_id && it->external_id[0] && strlen(it->external_id) <= 1024);
    upp_check(it->text && it->json);
    check_text(it->html, 60 * 1024);
    check_text(it->author_name, 1024);
    check_link(it->permalink);
    check_link(it->author_url);
    upp_check(it->created_ms >= 0 && (it->edited_ms == 0 || it->edited_ms > it->created_ms));
    upp_check(!it->ours && !it->hidden && !it->deleted);
}

static void check_page(const page *p)
{
    upp_check(p->n + p->bad <= SYNDICATION_ENTRIES && !p->more && p->n_threads == 0);
    for (size_t i = 0; i < p->n; i++) {
        check_item(&p->items[i]);
        for (size_t k = 0; k < i; k++)
            upp_check(strcmp(p->items[i].external_id, p->items[k].external_id) != 0);
    }
    for (size_t i = 0; i < p->bad; i++)
        upp_check(p->bads[i].json && p->bads[i].why[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const connector *how = connector_named("rss");
    const platform_answer a = { .status = 200 };
    char why[ITEM_WHY] = "";
    page p = { 0 };
    json_t *feed =
        how->parse((upp_bytes){ data, size }, &a, "https://blogg.kommun.example/feed/", why);
    upp_check((feed != NULL) == !why[0]);
    if (feed) {
        upp_check(how->read(LOOK_NEWS, feed, "", &p) == 0);
        check_page(&p);
    }
    listing_done(&p);
    json_decref(feed);
    return 0;
}
