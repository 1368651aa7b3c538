/* transfer.c - the multi-socket interface of libcurl: it tells which descriptors and timers it
 * wants, the loop tells what happened (curl's own documentation, libcurl-multi(3)). */
#include "transfer.h"
#include <stdlib.h>

typedef struct transfer {
    upp_transfer_ended *ended;
    void *self;
    CURL *easy;
    struct transfer *next;
} transfer;

struct upp_transfers {
    upp_loop *loop;
    long connections;
    CURLM *multi; /* NULL: nothing was to be sent yet */
    transfer *running;
};

static void take_ended(upp_transfers *t)
{
    int left = 0;
    CURLMsg *msg;
    while ((msg = curl_multi_info_read(t->multi, &left))) {
        if (msg->msg != CURLMSG_DONE)
            continue;
        CURL *easy = msg->easy_handle;
        const CURLcode result = msg->data.result;
        transfer **at = &t->running;
        while (*at && (*at)->easy != easy)
            at = &(*at)->next;
        upp_check(*at);
        transfer *one = *at;
        *at = one->next;
        curl_multi_remove_handle(t->multi, easy);
        one->ended(one->self, easy, result);
        free(one);
    }
}

static void on_ready(void *self, int fd, unsigned what)
{
    upp_transfers *t = self;
    int running = 0;
    const int mask =
        (what & UPP_READABLE ? CURL_CSELECT_IN : 0) | (what & UPP_WRITABLE ? CURL_CSELECT_OUT : 0);
    curl_multi_socket_action(t->multi, fd, mask, &running);
    take_ended(t);
}

static void on_time(void *self)
{
    upp_transfers *t = self;
    int running = 0;
    curl_multi_socket_action(t->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    take_ended(t);
}

static int want_socket(CURL *easy, curl_socket_t fd, int what, void *self, void *ignored)
{
    upp_transfers *t = self;
    (void)easy;
    (void)ignored;
    const unsigned wanted =
        (what & CURL_POLL_IN ? UPP_READABLE : 0U) | (what & CURL_POLL_OUT ? UPP_WRITABLE : 0U);
    upp_loop_fd(t->loop, fd, what == CURL_POLL_REMOVE ? 0U : wanted, on_ready, t);
    return 0;
}

static int want_timer(CURLM *multi, long span_ms, void *self)
{
    upp_transfers *t = self;
    (void)multi;
    upp_loop_in(t->loop, span_ms, on_time, t);
    return 0;
}

upp_transfers *upp_transfers_new(upp_loop *loop, long connections)
{
    upp_transfers *t = calloc(1, sizeof *t);
    upp_check(t);
    t->loop = loop;
    t->connections = connections;
    return t;
}

/* Not before something is to be sent: it loads libcurl. */
static bool open_multi(upp_transfers *t)
{
    if (t->multi)
        return true;
    t->multi = curl_multi_init();
    if (!t->multi)
        return false;
    curl_multi_setopt(t->multi, CURLMOPT_SOCKETFUNCTION, want_socket);
    curl_multi_setopt(t->multi, CURLMOPT_SOCKETDATA, t);
    curl_multi_setopt(t->multi, CURLMOPT_TIMERFUNCTION, want_timer);
    curl_multi_setopt(t->multi, CURLMOPT_TIMERDATA, t);
    curl_multi_setopt(t->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, t->connections);
    return true;
}

void upp_transfers_free(upp_transfers *t)
{
    if (!t)
        return;
    while (t->running) {
        transfer *one = t->running;
        t->running = one->next;
        curl_multi_remove_handle(t->multi, one->easy);
        free(one);
    }
    if (t->multi)
        curl_multi_cleanup(t->multi);
    upp_loop_in(t->loop, -1, on_time, t);
    free(t);
}

bool upp_transfers_start(upp_transfers *t, CURL *easy, upp_transfer_ended *ended, void *self)
{
    transfer *one = malloc(sizeof *one);
    upp_check(one);
    *one = (transfer){ .ended = ended, .self = self, .easy = easy, .next = t->running };
    if (!open_multi(t) || curl_multi_add_handle(t->multi, easy) != CURLM_OK) {
        free(one);
        return false;
    }
    t->running = one;
    return true;
}
