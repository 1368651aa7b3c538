/* town_feed.c - the public edge in the town: a subscriber's server that takes what it is sent, and
 * what must hold of the public log. */
#include "feed.h"
#include "town.h"
#include "town_part.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const upp_service upp_feed_service;

enum { IDS = 8192 };

/* What the subscriber's server knows. */
typedef struct feed_world {
    town *t;
    feed_config config;
    char id[IDS][96];
    size_t n_ids;
    int64_t last; /* the newest position that it has */
    uint64_t events, batches;
    Uppsikt__WebhookAnswered answer;
} feed_world;

static bool known(feed_world *w, const char *id)
{
    for (size_t i = 0; i < w->n_ids; i++)
        if (strcmp(w->id[i], id) == 0)
            return true;
    upp_check(w->n_ids < IDS);
    snprintf(w->id[w->n_ids++], sizeof w->id[0], "%s", id);
    return false;
}

/* In the order of the log, none left out: hers are all types. */
static void read_batch(feed_world *w, const Uppsikt__SendWebhook *q)
{
    json_t *batch = json_loads(q->body, 0, NULL);
    const json_t *event = NULL;
    size_t i = 0;
    if (json_array_size(batch) == 0)
        town_wrong(w->t, "R45: a batch of nothing");
    json_array_foreach(batch, i, event)
    {
        const char *place = json_string_value(json_object_get(event, "position"));
        const int64_t position = place ? strtoll(place, NULL, 10) : 0;
        if (position != w->last + 1)
            town_wrong(w->t, "R45: %lld after %lld", (long long)position, (long long)w->last);
        w->last = position;
        w->events++;
    }
    json_decref(batch);
}

static void receive(void *ctx, sim *s, const sim_attempt *attempt, sim_reply *reply)
{
    feed_world *w = ctx;
    const Uppsikt__SendWebhook *q = (const Uppsikt__SendWebhook *)attempt->asked.request;
    (void)s;
    uppsikt__webhook_answered__init(&w->answer);
    w->answer.status = 204;
    w->answer.to = q->to;
    reply->answer = &w->answer.base;
    w->batches++;
    if (strstr(q->body, "MARK~") || strstr(q->body, "commitment"))
        town_wrong(w->t, "R45: words of somebody go out");
    if (!known(w, q->id)) /* the same id again: it has that batch */
        read_batch(w, q);
}

static void check(town *t, void *own)
{
    static const struct {
        const char *what, *sql;
    } rows[] = {
        { "R45: the public log is not dense",
          "SELECT count(*) - coalesce(max(position), 0) FROM entry" },
        { "R45: an event is there twice",
          "SELECT count(*) - count(DISTINCT json_extract(event, '$.source') || '/' ||"
          " json_extract(event, '$.sequence')) FROM entry" },
        { "R45: at rest and yet behind",
          "SELECT count(*) FROM subscriber WHERE webhook = 1 AND disabled = ''"
          " AND position < (SELECT max(position) FROM entry)" },
        { "R45: at rest and yet busy", "SELECT count(*) FROM subscriber WHERE busy = 1" },
        { "something was parked", "SELECT count(*) FROM upp_parked" },
    };
    const feed_world *w = own;
    for (size_t i = 0; i < UPP_LEN(rows); i++)
        if (town_number(t, "feed", rows[i].sql) != 0)
            town_wrong(t, "%s", rows[i].what);
    if (w->batches > 0 &&
        w->last != town_number(t, "feed", "SELECT coalesce(max(position), 0) FROM entry"))
        town_wrong(t, "R45: the subscriber has not had everything");
    town_counted(t, "R45 events at the subscriber", w->events);
    town_counted(t, "R45 batches, some twice", w->batches);
}

static void *open_feed(town *t, void *shared)
{
    feed_world *w = calloc(1, sizeof *w);
    (void)shared;
    upp_check(w);
    w->t = t;
    w->config = (feed_config){
        .listen = "127.0.0.1",
        .webhook_key = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
    };
    sim_config(t->s, "feed", &w->config);
    sim_port(t->s, "webhook", receive, w);
    return w;
}

const town_part town_feed = { .flag = TOWN_FEED,
                              .service = &upp_feed_service,
                              .open = open_feed,
                              .check = check,
                              .close = free };
