/* driver.c - the turn: what has arrived, one COMMIT, then push, answer and start. */
#include "driver.h"
#include "notify.h"
#include "objects.h"
#include "upp/log.h"
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* Six shares at most leave a quarter of the batch to events. */
enum { SHARE = UPP_BATCH / 8 };
enum { GONE_A_TURN = 32, LAST_TURNS = 100 };
/* After so many beats in which nothing was committed the service is at rest. */
enum { QUIET = 5 };
/* The longest wait: alarms are looked at at least each second. */
static const upp_ms beat_span = UPP_SECOND;
/* When something is due and nothing could be done about it: not before this. */
static const upp_ms again_span = 100;

static void on_signal(void *self, int fd, unsigned what)
{
    (void)what;
    upp_driver *d = self;
    struct signalfd_siginfo info;
    while (read(fd, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo == SIGHUP) {
            d->reload = true;
            continue;
        }
        if (d->stopping)
            _exit(UPP_EXIT_STOPPED); /* the second one: at once; nothing is lost by it */
        upp_log(UPP_INFO, NULL, "stopping");
        d->again = false;
        (void)upp_notify("STOPPING=1"); /* nobody need have asked */
        d->stopping = true;
        d->turns_left = LAST_TURNS;
    }
}

/* -- in -- */
static int take_gone(upp_driver *d)
{
    char *ids[GONE_A_TURN];
    const int n = upp_objects_unlink(d->node, d->objects, ids, GONE_A_TURN);
    int rc = n < 0 ? n : 0;
    d->sweep = n == GONE_A_TURN;
    for (int i = 0; i < n; i++) {
        if (rc == 0 && upp_batch_room(&d->batch)) {
            const int said = upp_batch_unlinked(&d->batch, ids[i]);
            rc = upp_fatal(said) ? said : 0;
        }
        free(ids[i]);
    }
    return rc;
}

/* One kind of input after the other, each at most `limit`. */
static int take_some(upp_driver *d, size_t limit)
{
    UPP_TRY(upp_asks_collect(d->asks, &d->batch, limit));
    if (!d->stopping) {
        UPP_TRY(upp_batch_alarms(&d->batch, limit));
        UPP_TRY(upp_batch_locals(&d->batch, limit));
    }
    return upp_router_take(d->router, !d->stopping && !d->disk_low, 2 * limit);
}

/* Said as an event, with the batch that is the first to have the new time (sla.md T10). */
static int take_jump(upp_driver *d)
{
    const int rc = upp_batch_clock_jumped(&d->batch, d->jumped);
    if (rc >= 0)
        d->jumped = 0;
    return upp_fatal(rc) ? rc : 0;
}

/* First a share of everything, so that no kind of input starves another; then what has room. */
static int take(upp_driver *d)
{
    if (d->jumped != 0 && !d->disk_low)
        UPP_TRY(take_jump(d));
    if (d->sweep)
        UPP_TRY(take_gone(d));
    UPP_TRY(take_some(d, SHARE));
    if (d->stopping || d->disk_low)
        upp_subscriber_pause(d->subscriber);
    else
        UPP_TRY(upp_subscriber_take(d->subscriber));
    return take_some(d, UPP_BATCH);
}

/* One turn; 1: there is more to do at once. Negative: the process ends. */
static int turn(upp_driver *d)
{
    UPP_TRY(take(d));
    const int committed = upp_batch_commit(&d->batch);
    UPP_TRY(committed);
    if (committed == 0) {
        d->started = true;
        d->quiet = 0;
        upp_subscriber_committed(d->subscriber);
    }
    if (!d->stopping && !d->again &&
        (committed == 0 || upp_node_next(d->node) <= upp_loop_now(&d->loop)))
        UPP_TRY(upp_asks_start(d->asks));
    const int more = upp_router_give(d->router);
    UPP_TRY(more);
    return more || (committed == 0 && upp_asks_answered(d->asks));
}

/* -- each second -- */
static void look_at_clock(upp_driver *d)
{
    upp_ms by = 0;
    if (upp_suite_clock_jumped(&d->clock, upp_real_now(), upp_steady_now(), &by))
        upp_log(UPP_WARN, NULL, "the machine's clock moved by %lld ms", (long long)by);
    d->jumped += by;
}

static void look_at_disk(upp_driver *d)
{
    int64_t free_bytes = 0;
    const int low =
        upp_disk_low(upp_config_runtime(d->config)->data, upp_config_disk(d->config), &free_bytes);
    if (low < 0) {
        upp_log(UPP_ERROR, NULL, "the disk cannot be asked how full it is");
        return;
    }
    if (d->disk_low != (low == 1))
        upp_log(low ? UPP_ERROR : UPP_INFO, NULL,
                low ? "disk low, %lld bytes left: nothing is accepted until there is room"
                    : "disk has room again, %lld bytes",
                (long long)free_bytes);
    d->disk_low = d->loop.full = low == 1;
}

/* What the last work needed goes back to the system, once for each rest: the store's pages and
 * statements, and what malloc kept for more of the same (performance.md, G6). */
static void come_to_rest(const upp_driver *d)
{
    upp_node_rest(d->node);
    (void)malloc_trim(0); /* whether there was any */
}

/* A supervisor that waits until all are ready hears of it at once. */
static void tell(void *self)
{
    enum { BEGINNING = 30 }; /* beats */
    static const upp_ms tell_span = 100;
    upp_driver *d = self;
    if (d->ops && !upp_ops_tell(d->ops) && d->seconds < BEGINNING)
        upp_loop_in(&d->loop, tell_span, tell, d);
}

static void beat(void *self)
{
    upp_driver *d = self;
    upp_loop_in(&d->loop, beat_span, beat, d);
    d->seconds++;
    upp_router_beat(d->router);
    upp_subscriber_beat(d->subscriber);
    look_at_clock(d);
    if (d->seconds % 5 == 1)
        look_at_disk(d);
    d->sweep = d->sweep || d->seconds % 10 == 0;
    if (d->ops)
        (void)upp_ops_tell(d->ops);
    if (++d->quiet == QUIET)
        come_to_rest(d);
    const upp_ms dog = upp_notify_watchdog_span();
    if (dog > 0 && (upp_ms)d->seconds % (dog / UPP_SECOND > 1 ? dog / UPP_SECOND : 1) == 0)
        (void)upp_notify("WATCHDOG=1");
}

static upp_ms until_next(upp_driver *d, bool more)
{
    if (more)
        return 0;
    if (d->batch.n_locals > 0)
        return d->stopping ? again_span : 0;
    const upp_ms span = upp_suite_clock_until(&d->clock, upp_real_now(), upp_node_next(d->node));
    if (span == 0 || upp_asks_answered(d->asks))
        return again_span;
    return span < beat_span ? span : beat_span;
}

static int reload(upp_driver *d)
{
    d->reload = false;
    (void)upp_notify("RELOADING=1");
    const int rc = upp_driver_reload(d);
    look_at_disk(d);
    (void)upp_notify("READY=1");
    return rc;
}

/* A new key of our own is taken by starting anew in the same process: what waits for an answer from
 * outside is let come to its end first, so that no mail goes twice. */
static void look_at_again(upp_driver *d)
{
    if (!d->again || d->stopping ||
        (upp_asks_in_hand(d->asks) > 0 && upp_steady_now() < d->again_by))
        return;
    d->stopping = true;
    d->turns_left = LAST_TURNS;
}

/* Nothing in a socket is ever the only copy, but what is on its way may as well arrive: short turns
 * until all is pushed that credit allows. */
static bool last_turn(upp_driver *d, bool more)
{
    if (!d->stopping)
        return false;
    d->turns_left -= more ? 1 : LAST_TURNS / 4;
    return d->turns_left <= 0;
}

int upp_driver_run(upp_driver *driver)
{
    upp_driver *d = driver;
    upp_loop_fd(&d->loop, d->signal_fd, UPP_READABLE, on_signal, d);
    int rc = upp_batch_start(&d->batch);
    if (rc < 0 && !upp_fatal(rc)) {
        upp_log(UPP_ERROR, NULL, "the service could not start: %s", upp_node_why(d->node));
        return UPP_EXIT_BROKEN;
    }
    beat(d);
    tell(d);
    while (rc >= 0) {
        const bool first = !d->started;
        rc = turn(d);
        if (rc >= 0 && first && d->started) {
            (void)upp_notify("READY=1");
            upp_log(UPP_INFO, NULL, "started at %lld", (long long)upp_node_head(d->node).seq);
        }
        if (rc >= 0 && d->reload)
            rc = reload(d) < 0 ? UPP_E_BUG : rc;
        look_at_again(d);
        if (rc >= 0 && last_turn(d, rc == 1))
            return d->again ? UPP_EXIT_AGAIN : UPP_EXIT_STOPPED;
        if (rc >= 0)
            upp_loop_wait(&d->loop,
                          d->stopping && rc == 0 ? beat_span / 100 : until_next(d, rc == 1));
    }
    return UPP_EXIT_BROKEN;
}
