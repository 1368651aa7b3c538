/* redis.c - one durable hop over Redis Streams: XADD pipelined, at most 1000 unanswered; the
 * consumer reads what is there, commits it with the last id it read, and goes on from there. */
#include "heard.h"
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <string.h>

enum { WINDOW = 1000, READ_AT_ONCE = 250 };

static redisContext *connect_to(const peer_run *r)
{
    redisContext *c = redisConnect("127.0.0.1", r->port);
    if (!c || c->err)
        heard_fail("redis", c ? c->errstr : "no memory");
    return c;
}

static void take_answers(redisContext *c, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        redisReply *reply = NULL;
        if (redisGetReply(c, (void **)&reply) != REDIS_OK || reply->type == REDIS_REPLY_ERROR)
            heard_fail("XADD", reply ? reply->str : c->errstr);
        freeReplyObject(reply);
    }
}

static void produce(const peer_run *r)
{
    redisContext *c = connect_to(r);
    char event[HEARD_EVENT];
    int64_t open = 0;
    for (int64_t i = 0; i < r->events; i++) {
        heard_event(i, event);
        if (redisAppendCommand(c, "XADD bench * e %b", event, sizeof event) != REDIS_OK)
            heard_fail("XADD", c->errstr);
        if (++open == WINDOW) {
            take_answers(c, READ_AT_ONCE);
            open -= READ_AT_ONCE;
        }
    }
    take_answers(c, open);
    redisFree(c);
}

/* [[stream, [[id, [field, value]], ...]]]: the entries, NULL when there are none. */
static const redisReply *entries_of(const redisReply *reply)
{
    if (reply->type == REDIS_REPLY_ERROR)
        heard_fail("XREAD", reply->str);
    return reply->type == REDIS_REPLY_ARRAY && reply->elements == 1 ? reply->element[0]->element[1]
                                                                    : NULL;
}

static void consume(const peer_run *r, heard *h)
{
    redisContext *c = connect_to(r);
    char place[64] = "0";
    for (int64_t got = 0; got < r->events;) {
        redisReply *reply =
            redisCommand(c, "XREAD COUNT %d BLOCK 20000 STREAMS bench %s", HEARD_BATCH, place);
        if (!reply)
            heard_fail("XREAD", c->errstr);
        const redisReply *entries = entries_of(reply);
        if (!entries || entries->elements == 0)
            heard_fail("XREAD", "nothing came for 20 s");
        heard_begin(h);
        for (size_t i = 0; i < entries->elements; i++) {
            const redisReply *one = entries->element[i], *event = one->element[1]->element[1];
            heard_row(h, event->str, event->len);
            snprintf(place, sizeof place, "%s", one->element[0]->str);
        }
        heard_commit(h, place);
        got += (int64_t)entries->elements;
        freeReplyObject(reply);
    }
    redisFree(c);
}

int main(int argc, char **argv)
{
    return peer_main(argc, argv, produce, consume);
}
