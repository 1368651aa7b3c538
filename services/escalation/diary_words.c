/* diary_words.c - what a package holds, asked of ingest, registry and evidence. */
#include "diary_words.h"
#include "upp/bus.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of the rows that a package holds the last are for the register and the saved copies. */
enum { ROWS = 1024, ITEM_ROWS = 896, ANCESTORS = 8 };
static const upp_ms query_span = 5 * UPP_SECOND;

struct diary_words {
    upp_client *client;
    ProtobufCMessage *rows[ROWS]; /* what the case lends, in the order in which it came */
    size_t n_rows;
    char why[200];
};

diary_words *diary_words_new(const struct upp_place *place, void (*say)(const char *line))
{
    diary_words *w = calloc(1, sizeof *w);
    upp_check(w);
    w->client = upp_client_new(place, say);
    if (!w->client) {
        free(w);
        return NULL;
    }
    return w;
}

static void forget_rows(diary_words *w)
{
    while (w->n_rows > 0)
        protobuf_c_message_free_unpacked(w->rows[--w->n_rows], NULL);
}

void diary_words_free(diary_words *w)
{
    if (!w)
        return;
    forget_rows(w);
    upp_client_free(w->client);
    free(w);
}

const char *diary_words_why(const diary_words *w)
{
    return w->why;
}

/* -- asking -- */
/* Each row, and after it its content, or NULL where there is none. */
typedef struct asking {
    diary_words *w;
    const ProtobufCMessageDescriptor *row, *content;
    ProtobufCMessage *got[ROWS][2];
    size_t n, most;
    bool bad;
    bool full; /* there was more than a package holds */
} asking;

static ProtobufCMessage *keep(diary_words *w, const ProtobufCMessageDescriptor *type,
                              upp_bytes bytes)
{
    ProtobufCMessage *m = protobuf_c_message_unpack(type, NULL, bytes.len, bytes.at);
    if (m)
        w->rows[w->n_rows++] = m;
    return m;
}

static bool each(void *ctx, const upp_frames *frames)
{
    asking *a = ctx;
    if (a->w->n_rows + 2 > a->most) {
        a->full = true;
        return false;
    }
    ProtobufCMessage *row = keep(a->w, a->row, frames->envelope);
    ProtobufCMessage *content =
        row && a->content && frames->content.len ? keep(a->w, a->content, frames->content) : NULL;
    a->bad = a->bad || !row || (a->content && frames->content.len && !content);
    if (a->bad)
        return false;
    a->got[a->n][0] = row;
    a->got[a->n++][1] = content;
    return true;
}

/* 0, or UPP_E_BUSY and why. */
static int ask(asking *a, const char *service, const ProtobufCMessage *query)
{
    diary_words *w = a->w;
    a->n = 0;
    a->bad = false;
    a->full = false;
    const int rc = upp_client_query(w->client, service, NULL, query, query_span, each, a);
    if (rc == 0 && !a->bad)
        return 0;
    snprintf(w->why, sizeof w->why, "%s: %s", service,
             rc == 0 ? "it cannot be read" : upp_client_why(w->client));
    return UPP_E_BUSY;
}

/* -- the words -- */
static int ask_item(asking *a, const char *item)
{
    Uppsikt__Items q = UPPSIKT__ITEMS__INIT;
    q.item = upp_lend(item);
    a->row = &uppsikt__item_row__descriptor;
    a->content = &uppsikt__item_row_content__descriptor;
    return ask(a, "ingest", &q.base);
}

static void add(diary_case *c, const diary_line *line)
{
    if (c->n_lines < DIARY_LINES)
        c->lines[c->n_lines++] = *line;
    else
        c->cut = true;
}

/* What is known of an item up to the version and the time at which the package was asked for: later
 * words would make another file of it. */
static void add_item(diary_case *c, const asking *a, const Uppsikt__DiaryItem *of)
{
    size_t n = 0;
    c->cut = c->cut || a->full;
    for (size_t i = 0; i < a->n; i++) {
        const Uppsikt__ItemRow *row = (const Uppsikt__ItemRow *)a->got[i][0];
        const Uppsikt__ItemRowContent *content = (const Uppsikt__ItemRowContent *)a->got[i][1];
        if ((of->version > 0 && row->version > of->version) || row->seen_ms > c->ask->asked_ms)
            continue;
        add(c, &(diary_line){ .item = of->item,
                              .role = of->role,
                              .at = of->at_ms ? of->at_ms : row->received_ms,
                              .row = row,
                              .what = content ? content->what : NULL });
        n++;
    }
    if (n == 0) /* an answer that left through us, and has not been seen there yet */
        add(c, &(diary_line){ .item = of->item, .role = of->role, .at = of->at_ms });
}

static bool has_item(const diary_case *c, const char *item)
{
    for (size_t i = 0; i < c->n_lines; i++)
        if (strcmp(c->lines[i].item, item) == 0)
            return true;
    return false;
}

/* What it was an answer to, and that again, to the post at the top. */
static int add_ancestors(asking *a, diary_case *c, const char *parent)
{
    Uppsikt__DiaryItem of = UPPSIKT__DIARY_ITEM__INIT;
    of.role = UPPSIKT__DIARY_ITEM__ROLE__ROLE_THREAD;
    for (size_t i = 0; i < ANCESTORS && parent[0] && !has_item(c, parent); i++) {
        UPP_TRY(ask_item(a, parent));
        if (a->n == 0)
            return 0;
        const Uppsikt__ItemRow *row = (const Uppsikt__ItemRow *)a->got[0][0];
        of.item = row->item;
        add_item(c, a, &of);
        parent = row->parent;
    }
    return 0;
}

/* 1: nothing is left of what is to be registered. */
static int read_items(asking *a, diary_case *c)
{
    const char *parent = "";
    for (size_t i = 0; i < c->ask->n_items; i++) {
        const Uppsikt__DiaryItem *of = c->ask->items[i];
        if (has_item(c, of->item))
            continue;
        UPP_TRY(ask_item(a, of->item));
        add_item(c, a, of);
        if (i == 0 && a->n > 0)
            parent = ((const Uppsikt__ItemRow *)a->got[0][0])->parent;
    }
    UPP_TRY(add_ancestors(a, c, parent));
    for (size_t i = 0; i < c->n_lines; i++)
        if (c->lines[i].role == UPPSIKT__DIARY_ITEM__ROLE__ROLE_SUBJECT && c->lines[i].what)
            return 0;
    return 1;
}

/* -- the register -- */
static int read_account(asking *a, diary_case *c)
{
    Uppsikt__Accounts q = UPPSIKT__ACCOUNTS__INIT;
    q.account = c->ask->account;
    a->row = &uppsikt__account_row__descriptor;
    a->content = &uppsikt__account_row_content__descriptor;
    UPP_TRY(ask(a, "registry", &q.base));
    if (a->n == 0)
        return 0;
    c->account = (const Uppsikt__AccountRow *)a->got[0][0];
    const Uppsikt__AccountRowContent *content = (const Uppsikt__AccountRowContent *)a->got[0][1];
    c->facts = content ? content->facts : NULL;
    return 0;
}

static int read_unit(asking *a, diary_case *c)
{
    Uppsikt__Units q = UPPSIKT__UNITS__INIT;
    if (!c->account)
        return 0;
    q.unit = c->account->unit;
    a->row = &uppsikt__unit_row__descriptor;
    a->content = NULL;
    UPP_TRY(ask(a, "registry", &q.base));
    const Uppsikt__UnitRow *row = a->n > 0 ? (const Uppsikt__UnitRow *)a->got[0][0] : NULL;
    c->unit = row && row->unit ? row : NULL;
    return 0;
}

/* -- saved copies -- */
static int read_copies(asking *a, diary_case *c)
{
    Uppsikt__Records q = UPPSIKT__RECORDS__INIT;
    q.item = c->ask->items[0]->item;
    a->row = &uppsikt__record_row__descriptor;
    a->content = NULL;
    UPP_TRY(ask(a, "evidence", &q.base));
    for (size_t i = 0; i < a->n && c->n_copies < DIARY_COPIES; i++) {
        const Uppsikt__RecordRow *row = (const Uppsikt__RecordRow *)a->got[i][0];
        if (row->leaf >= 0 && row->at_ms <= c->ask->asked_ms)
            c->copies[c->n_copies++] = row;
    }
    return 0;
}

int diary_words_read(diary_words *w, const Uppsikt__SendDiary *ask_of, diary_case *ret_case)
{
    asking *a = calloc(1, sizeof *a);
    upp_check(a);
    a->w = w;
    forget_rows(w);
    *ret_case = (diary_case){ .ask = ask_of };
    a->most = ITEM_ROWS;
    int rc = read_items(a, ret_case);
    a->most = ROWS;
    if (rc == 0)
        rc = read_account(a, ret_case);
    if (rc == 0)
        rc = read_unit(a, ret_case);
    if (rc == 0)
        rc = read_copies(a, ret_case);
    free(a);
    return rc;
}
