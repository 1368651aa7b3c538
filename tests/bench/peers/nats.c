/* nats.c - one durable hop over NATS JetStream: file storage, asynchronous publishing with at most
 * 1000 unanswered; a push consumer that acknowledges a whole batch after its commit, with as many
 * events under way as our credit allows. */
#include "heard.h"
#include <nats/nats.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { WINDOW = 1000, CREDIT = 1024, PATIENCE_MS = 20000 };

typedef struct session {
    natsConnection *connection;
    jsCtx *js;
} session;

static void must(natsStatus status, const char *what)
{
    if (status != NATS_OK)
        heard_fail(what, natsStatus_GetText(status));
}

static session join(const peer_run *r)
{
    session s = { 0 };
    char url[64];
    jsOptions options;
    snprintf(url, sizeof url, "nats://127.0.0.1:%d", r->port);
    must(natsConnection_ConnectTo(&s.connection, url), "connect");
    must(jsOptions_Init(&options), "options");
    options.PublishAsync.MaxPending = WINDOW;
    options.PublishAsync.StallWait = PATIENCE_MS;
    must(natsConnection_JetStream(&s.js, s.connection, &options), "JetStream");
    return s;
}

static void leave(session *s)
{
    jsCtx_Destroy(s->js);
    natsConnection_Destroy(s->connection);
    nats_Close();
}

static void make_stream(session *s)
{
    static const char *subjects[] = { "bench" };
    jsStreamConfig config;
    must(jsStreamConfig_Init(&config), "stream");
    config.Name = "BENCH";
    config.Subjects = subjects;
    config.SubjectsLen = 1;
    config.Storage = js_FileStorage;
    must(js_AddStream(NULL, s->js, &config, NULL, NULL), "stream");
}

static void wait_for_stream(session *s)
{
    const int64_t end = nats_Now() + PATIENCE_MS;
    jsStreamInfo *info = NULL;
    while (js_GetStreamInfo(&info, s->js, "BENCH", NULL, NULL) != NATS_OK)
        if (nats_Now() > end)
            heard_fail("stream", "never made");
    jsStreamInfo_Destroy(info);
}

static void produce(const peer_run *r)
{
    session s = join(r);
    char event[HEARD_EVENT];
    wait_for_stream(&s);
    for (int64_t i = 0; i < r->events; i++) {
        heard_event(i, event);
        must(js_PublishAsync(s.js, "bench", event, sizeof event, NULL), "publish");
    }
    must(js_PublishAsyncComplete(s.js, NULL), "the last acknowledgements");
    leave(&s);
}

static natsSubscription *subscribe(session *s)
{
    natsSubscription *sub = NULL;
    jsSubOptions options;
    must(jsSubOptions_Init(&options), "options");
    options.ManualAck = true;
    options.Config.Durable = "bench";
    options.Config.AckPolicy = js_AckAll;
    options.Config.MaxAckPending = CREDIT;
    must(js_SubscribeSync(&sub, s->js, "bench", NULL, &options, NULL), "subscribe");
    return sub;
}

/* One drained batch; the number of its events. */
static int64_t take_batch(natsSubscription *sub, heard *h, int64_t got, int64_t events)
{
    natsMsg *last = NULL;
    char place[24];
    int64_t n = 0;
    while (n < HEARD_BATCH && got + n < events) {
        natsMsg *msg = NULL;
        const natsStatus status = natsSubscription_NextMsg(&msg, sub, n == 0 ? PATIENCE_MS : 0);
        if (n > 0 && status == NATS_TIMEOUT)
            break;
        must(status, "next event");
        if (n == 0)
            heard_begin(h);
        heard_row(h, natsMsg_GetData(msg), (size_t)natsMsg_GetDataLength(msg));
        natsMsg_Destroy(last);
        last = msg;
        n++;
    }
    snprintf(place, sizeof place, "%lld", (long long)(got + n));
    heard_commit(h, place);
    must(natsMsg_Ack(last, NULL), "acknowledge");
    natsMsg_Destroy(last);
    return n;
}

static void consume(const peer_run *r, heard *h)
{
    session s = join(r);
    make_stream(&s);
    natsSubscription *sub = subscribe(&s);
    for (int64_t got = 0; got < r->events;)
        got += take_batch(sub, h, got, r->events);
    must(natsConnection_FlushTimeout(s.connection, PATIENCE_MS), "flush");
    natsSubscription_Destroy(sub);
    leave(&s);
}

int main(int argc, char **argv)
{
    return peer_main(argc, argv, produce, consume);
}
