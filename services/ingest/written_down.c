/* written_down.c - a person saw something where no connector looks, and writes it down (R01). It
 * has the same clocks and copies as what a connector sees. */
#include "ingest.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REPORT_TEXT = 20000 };

static void json_freep(json_t **json)
{
    json_decref(*json);
}

static int check(upp_txn *txn, const upp_input *in, const Uppsikt__ReportComment *c)
{
    if (!in->by)
        return upp_refuse(txn, "report-needs-a-person");
    const int unknown = signer_known(txn, in->by);
    UPP_TRY(unknown);
    if (unknown)
        return upp_refuse(txn, "no-such-person");
    if (!c->what || !c->what->text[0])
        return upp_refuse(txn, "report-without-text");
    if (strlen(c->what->text) > REPORT_TEXT)
        return upp_refuse(txn, "report-too-long");
    if (c->kind < UPPSIKT__ITEM_KIND__ITEM_KIND_COMMENT ||
        c->kind > UPPSIKT__ITEM_KIND__ITEM_KIND_REVIEW)
        return upp_refuse(txn, "report-of-no-kind");
    return 0;
}

/* What stands for the platform's own object: what was written down, and that a person did. */
static json_t *as_json(const Uppsikt__ReportComment *c)
{
    const Uppsikt__ItemAuthor *a = c->what->author;
    return json_pack("{s:s, s:s, s:s, s:s, s:I}", "written_down", c->what->text, "author",
                     a ? a->name : "", "permalink", c->what->permalink, "account", c->account,
                     "created_ms", (json_int_t)c->created_ms);
}

int report_take(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__ReportComment *c = msg;
    char platform[32], id[UPP_ID], name[UPP_ID + 16], item[UPP_ID];
    enum take take;
    (void)self;
    UPP_TRY(check(txn, in, c));
    const int unknown = account_platform(txn, c->account, platform);
    UPP_TRY(unknown);
    if (unknown)
        return upp_refuse(txn, "no-open-account");
    UPP_AUTO(json_freep) json_t *json = as_json(c);
    if (!json)
        return upp_refuse(txn, "report-without-text"); /* not UTF-8 */
    upp_id(txn, id);
    snprintf(name, sizeof name, "written-down-%s", id);
    const Uppsikt__ItemAuthor *a = c->what->author;
    const upp_ms now = upp_now(txn);
    const reading it = { .external_id = name,
                         .unnamed = true,
                         .text = c->what->text,
                         .permalink = c->what->permalink,
                         .author_name = a ? a->name : "",
                         .json = json,
                         .kind = c->kind,
                         .created_ms =
                             c->created_ms > 0 && c->created_ms < now ? c->created_ms : now };
    const take_in from = { .account = c->account,
                           .platform = platform,
                           .source = UPPSIKT__ITEM_SOURCE__ITEM_SOURCE_MANUAL };
    UPP_TRY(take_in_item(txn, &from, &it, &take));
    if (take == TAKE_TOO_LARGE)
        return upp_refuse(txn, "report-too-long");
    UPP_TRY(take_in_find(txn, &from, name, item));
    Uppsikt__Reported out = UPPSIKT__REPORTED__INIT;
    out.item = item;
    return upp_reply(txn, &out.base);
}
