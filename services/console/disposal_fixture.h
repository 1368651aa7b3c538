/* disposal_fixture.h - one disposal as its owner and the console tell of it, to the tests of the
 * port; of acts_fixture.h alone. */
#pragma once

/* -- one disposal: two left out, then the rest of its list -- */
static inline int give_disposal(upp_each *each, void *ctx)
{
    uint8_t sum[32];
    Uppsikt__DisposalRow row = UPPSIKT__DISPOSAL_ROW__INIT;
    memset(sum, 0x55, sizeof sum);
    row.disposal = upp_lend("d1");
    row.state = upp_lend(bus.disposed ? "disposed" : "proposed");
    row.plan_row = upp_lend("sm-kommentar");
    row.by = upp_lend(bus.own ? "anna" : "berit");
    row.second = upp_lend(bus.disposed ? "arkivet" : "");
    row.count = (int64_t)bus.listed - 2;
    row.held = row.open = 1;
    row.list_sha256 = (ProtobufCBinaryData){ sizeof sum, sum };
    row.proposed_ms = now - UPP_DAY;
    row.disposed_ms = bus.disposed ? now : 0;
    return bus.listed > 0 ? give(each, ctx, &row.base, NULL) : 0;
}

static inline int give_line(upp_each *each, void *ctx)
{
    Uppsikt__DisposalLine row = UPPSIKT__DISPOSAL_LINE__INIT;
    Uppsikt__DisposalLineContent content = UPPSIKT__DISPOSAL_LINE_CONTENT__INIT;
    row.disposal = upp_lend("d1");
    row.state = upp_lend("proposed");
    row.by = upp_lend(bus.own ? "anna" : "berit");
    row.kind = upp_lend("Kommentarer");
    content.by = upp_lend("Berit Ek");
    return give(each, ctx, &row.base, &content.base);
}

/* The first has a copy; the second is a message, the third of another's account; the fourth
 * is held; the fifth is a line that could not be read. */
static inline int give_listed(upp_each *each, void *ctx, const Uppsikt__DisposedItems *q)
{
    uint8_t seal[32];
    memset(seal, 0x77, sizeof seal);
    ProtobufCBinaryData seals[] = { { sizeof seal, seal } };
    const unsigned from = q->after[0] ? (unsigned)strtoul(q->after + 1, NULL, 10) + 1 : 0;
    for (unsigned i = from; i < bus.listed && i < from + q->limit; i++) {
        char item[16], record[16];
        char *records[] = { record };
        int64_t leaves[] = { i };
        Uppsikt__DisposedRow row = UPPSIKT__DISPOSED_ROW__INIT;
        snprintf(item, sizeof item, "i%u", i);
        snprintf(record, sizeof record, "r%u", i);
        row.item = item;
        row.state = upp_lend(bus.disposed ? "gone" : i == 3 ? "held" : "listed");
        row.line = i == 4;
        if (i == 0 || i == 2) {
            row.n_records = row.n_leaves = row.n_seals = 1;
            row.records = records;
            row.leaves = leaves;
            row.seals = seals;
        }
        give(each, ctx, &row.base, NULL);
    }
    return 0;
}

static inline int give_known(upp_each *each, void *ctx, const Uppsikt__Listed *q)
{
    assert_string_equal(q->person, "anna");
    for (size_t i = 0; i < q->n_items; i++) {
        Uppsikt__ListedRow row = UPPSIKT__LISTED_ROW__INIT;
        Uppsikt__ListedRowContent content = UPPSIKT__LISTED_ROW_CONTENT__INIT;
        char text[32];
        if (strcmp(q->items[i], "i4") == 0)
            continue;
        snprintf(text, sizeof text, "ord av %.16s", q->items[i]);
        row.item = q->items[i];
        row.kind = strcmp(q->items[i], "i1") == 0 ? UPPSIKT__ITEM_KIND__ITEM_KIND_MESSAGE
                                                  : UPPSIKT__ITEM_KIND__ITEM_KIND_COMMENT;
        row.may_see = strcmp(q->items[i], "i2") != 0;
        row.at_ms = now - UPP_DAY;
        row.versions = 1;
        content.account = upp_lend("Skolan");
        content.text = row.may_see && strcmp(q->items[i], "i1") != 0 ? text : upp_lend("");
        give(each, ctx, &row.base, &content.base);
    }
    return 0;
}
