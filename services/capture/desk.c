/* desk.c - who asks for what, and whose turn it is. */
#include "capped.h"
#include "desk_state.h"
#include "loop.h"
#include "suite_clock.h"
#include "upp/log.h"
#include "visit.h"
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TAKE_MAX = 256 };
static const upp_ms beat_span = UPP_SECOND;
static const upp_ms coming_span = 30 * UPP_SECOND, sending_span = 60 * UPP_SECOND;

static void next_job(desk *d);
static void beat(void *self);

static void entry_free(desk_entry *e)
{
    if (e->fd >= 0)
        close(e->fd);
    job_free(e->job);
    free(e->html);
    free(e);
}

static void forget(desk_entry *e)
{
    desk *d = e->desk;
    if (e->stage == DESK_RUNNING) { /* the worker has it: it comes back soon */
        e->dropped = true;
        atomic_store(&d->stop, true);
        return;
    }
    desk_entry **at = &d->entries;
    while (*at != e)
        at = &(*at)->next;
    *at = e->next;
    d->n_entries--;
    entry_free(e);
}

static desk_entry *entry_of(desk *d, const char *peer, const char *id)
{
    desk_entry *e = d->entries;
    while (e && (e->dropped || strcmp(e->peer, peer) != 0 || strcmp(e->job->page->id, id) != 0))
        e = e->next;
    return e;
}

/* -- at the worker -- */
static void look_work(void *ctx)
{
    desk *d = ctx;
    d->found = browser_ready(&d->browser);
    browser_end(&d->browser); /* until somebody asks for something */
}

static void end_work(void *ctx)
{
    desk *d = ctx;
    browser_end(&d->browser);
}

static void job_work(void *ctx)
{
    desk_entry *e = ctx;
    desk *d = e->desk;
    job *j = e->job;
    d->found = browser_ready(&d->browser);
    if (d->found != BROWSER_READY) {
        j->later = browser_state_words(d->found);
        return;
    }
    visit_do(&d->browser, j);
    d->memory = browser_memory(&d->browser);
}

static void note_browser(desk *d)
{
    if (!atomic_load(&d->stop)) {
        if (d->found != d->state || !d->looked)
            upp_log(d->found == BROWSER_READY ? UPP_INFO : UPP_ERROR, NULL, "%s",
                    d->found == BROWSER_READY ? "the browser can be started here"
                                              : browser_state_words(d->found));
        d->state = d->found;
    }
    d->looked = true;
    d->browser_up = d->browser.pid > 0;
    if (!d->browser_up)
        (void)malloc_trim(0); /* what pictures took goes back to the system */
    d->working = false;
    d->idle_since = upp_steady_now();
    atomic_store(&d->stop, false);
}

static void looked_back(void *ctx)
{
    note_browser(ctx);
    next_job(ctx);
}

static void job_back(void *ctx)
{
    desk_entry *e = ctx;
    desk *d = e->desk;
    job *j = e->job;
    const bool dropped = e->dropped;
    note_browser(d);
    e->stage = DESK_SENDING;
    e->heard = upp_steady_now();
    if (dropped) {
        forget(e);
    } else if (j->later) {
        d->later++;
        desk_later(d, &e->from, j->page->id, j->later, 10 * UPP_SECOND);
        forget(e);
    } else {
        d->done[j->state]++;
        d->took_ms += json_integer_value(json_object_get(j->report, "took_ms"));
        upp_log(UPP_INFO, j->page->id, "captured: state %d, %zu files%s%s", (int)j->state,
                j->n_files, j->why[0] ? ": " : "", j->why);
        desk_give_result(e);
    }
    next_job(d);
}

static void next_job(desk *d)
{
    desk_entry *e = d->entries;
    while (e && e->stage != DESK_WAITING)
        e = e->next;
    if (d->working || !e)
        return;
    e->stage = DESK_RUNNING;
    d->working = true;
    upp_loop_work(d->with.loop, job_work, job_back, e);
}

/* -- what comes in -- */
static uint32_t ahead_of(const desk *d, const desk_entry *e)
{
    uint32_t n = 0;
    for (const desk_entry *at = d->entries; at && at != e; at = at->next)
        n += at->stage == DESK_WAITING || at->stage == DESK_RUNNING;
    return n;
}

static void say_under_way(desk_entry *e)
{
    Uppsikt__CaptureUnderWay beat = UPPSIKT__CAPTURE_UNDER_WAY__INIT;
    beat.id = e->job->page->id;
    beat.ahead = ahead_of(e->desk, e);
    if (!desk_say(e->desk, &e->from, &beat.base))
        forget(e); /* that connection is gone; its port asks anew over another */
}

static bool make_folder(const desk *d, job *j)
{
    snprintf(j->folder, sizeof j->folder, "%.4000s/job-XXXXXX", d->with.work);
    if (mkdtemp(j->folder))
        return true;
    upp_log(UPP_ERROR, NULL, "a job's folder cannot be made: %s", strerror(errno));
    j->folder[0] = '\0';
    return false;
}

static void take_job(desk *d, const upp_wire *wire, const char *peer, Uppsikt__CapturePage *page)
{
    const char *wrong = job_wrong(page);
    desk_entry *old = wrong ? NULL : entry_of(d, peer, page->id);
    if (old)
        forget(old); /* asked anew: the old connection is no more */
    if (wrong || d->n_entries >= (size_t)d->with.config->waiting_max) {
        d->later++;
        desk_later(d, &wire->from, page->id, wrong ? wrong : "too many jobs wait", UPP_MINUTE);
        uppsikt__capture_page__free_unpacked(page, NULL);
        return;
    }
    desk_entry *e = calloc(1, sizeof *e);
    upp_check(e != NULL);
    *e = (desk_entry){ .desk = d, .from = wire->from, .job = job_new(), .fd = -1 };
    snprintf(e->peer, sizeof e->peer, "%s", peer);
    e->job->page = page;
    if (!make_folder(d, e->job)) {
        desk_later(d, &wire->from, page->id, "uppsikt-capture has no room for it", UPP_MINUTE);
        entry_free(e);
        return;
    }
    e->heard = upp_steady_now();
    desk_entry **last = &d->entries;
    while (*last)
        last = &(*last)->next;
    *last = e;
    d->n_entries++;
    e->stage = desk_take_begin(e) ? DESK_COMING : DESK_WAITING;
    upp_loop_in(d->with.loop, beat_span, beat, d); /* while nobody asked it beat more slowly */
    say_under_way(e);
    next_job(d);
}

static void take_part(desk_entry *e, const Uppsikt__CapturePart *part)
{
    bool whole = false;
    if (e->stage != DESK_COMING)
        return;
    const char *why = desk_take_part(e, part, &whole);
    if (why) {
        desk_later(e->desk, &e->from, e->job->page->id, why, UPP_MINUTE);
        forget(e);
    } else if (whole) {
        e->stage = DESK_WAITING;
        next_job(e->desk);
    }
}

/* Any of the messages that name a job and nothing else that we need. */
static void take_word(desk *d, const upp_wire *wire, const char *peer)
{
    if (upp_wire_is(&wire->frames, uppsikt__capture_part__descriptor.name)) {
        Uppsikt__CapturePart *part = (Uppsikt__CapturePart *)upp_unpack(
            &uppsikt__capture_part__descriptor, wire->frames.envelope);
        desk_entry *e = part ? entry_of(d, peer, part->id) : NULL;
        if (e) {
            e->heard = upp_steady_now();
            take_part(e, part);
        }
        upp_unpack_free(part ? &part->base : NULL);
    } else if (upp_wire_is(&wire->frames, uppsikt__capture_credit__descriptor.name)) {
        Uppsikt__CaptureCredit *credit = (Uppsikt__CaptureCredit *)upp_unpack(
            &uppsikt__capture_credit__descriptor, wire->frames.envelope);
        desk_entry *e = credit ? entry_of(d, peer, credit->id) : NULL;
        if (e) {
            e->heard = upp_steady_now();
            e->credit = credit->parts < 256 - e->credit ? e->credit + credit->parts : 256;
            desk_give_parts(e);
        }
        upp_unpack_free(credit ? &credit->base : NULL);
    } else if (upp_wire_is(&wire->frames, uppsikt__capture_drop__descriptor.name)) {
        Uppsikt__CaptureDrop *drop = (Uppsikt__CaptureDrop *)upp_unpack(
            &uppsikt__capture_drop__descriptor, wire->frames.envelope);
        desk_entry *e = drop ? entry_of(d, peer, drop->id) : NULL;
        if (e)
            forget(e);
        upp_unpack_free(drop ? &drop->base : NULL);
    } else {
        d->refused++;
    }
}

static void take(desk *d, const upp_wire *wire)
{
    char peer[UPP_PEER];
    if (!upp_keys_peer(d->with.keys, wire->key, peer)) {
        d->refused++;
        return;
    }
    if (upp_wire_is(&wire->frames, "uppsikt.ServiceStatus")) {
        desk_give_status(d, wire);
        return;
    }
    if (!capture_asker(d->with.config, peer)) {
        d->refused++;
        upp_log(UPP_WARN, peer, "message dropped: it is none of `askers`");
        return;
    }
    if (!upp_wire_is(&wire->frames, uppsikt__capture_page__descriptor.name)) {
        take_word(d, wire, peer);
        return;
    }
    Uppsikt__CapturePage *page = (Uppsikt__CapturePage *)upp_unpack(
        &uppsikt__capture_page__descriptor, wire->frames.envelope);
    if (page)
        take_job(d, wire, peer, page);
    else
        d->refused++;
}

void desk_turn(desk *d)
{
    for (size_t i = 0; i < TAKE_MAX; i++) {
        upp_wire wire;
        const enum upp_got got = upp_wire_take(d->with.socket, true, &wire);
        if (got == UPP_GOT_NOTHING)
            return;
        if (got == UPP_GOT) {
            take(d, &wire);
            upp_wire_drop(&wire);
        } else {
            d->refused++;
        }
    }
}

/* -- each second -- */
static void beat(void *self)
{
    desk *d = self;
    const upp_ms now = upp_steady_now();
    for (desk_entry *e = d->entries, *next = NULL; e; e = next) {
        next = e->next;
        const upp_ms silent = now - e->heard;
        if (e->dropped)
            continue;
        if (e->stage == DESK_COMING ? silent > coming_span
                                    : e->stage == DESK_SENDING && silent > sending_span)
            forget(e);
        else if (e->stage != DESK_SENDING)
            say_under_way(e);
        else
            desk_give_parts(e);
    }
    if (d->browser_up && !d->working && now - d->idle_since >= d->with.config->idle_span) {
        upp_log(UPP_INFO, NULL, "nothing has been asked for: the browser is stopped");
        d->working = true;
        upp_loop_work(d->with.loop, end_work, looked_back, d);
    }
    upp_loop_in(d->with.loop, d->entries || d->browser_up ? beat_span : 5 * beat_span, beat, d);
}

desk *desk_new(const desk_parts *parts)
{
    desk *d = calloc(1, sizeof *d);
    upp_check(d != NULL);
    d->with = *parts;
    d->browser = (browser){ .config = parts->config, .work = parts->work, .stop = &d->stop };
    d->working = true;
    upp_loop_work(parts->loop, look_work, looked_back, d);
    upp_loop_in(parts->loop, beat_span, beat, d);
    return d;
}

void desk_stop(desk *d)
{
    atomic_store(&d->stop, true);
}

bool desk_idle(const desk *d)
{
    return !d->working;
}

void desk_free(desk *d)
{
    if (!d)
        return;
    upp_loop_in(d->with.loop, -1, beat, d);
    atomic_store(&d->stop, true);
    browser_end(&d->browser);
    while (d->entries) {
        desk_entry *e = d->entries;
        d->entries = e->next;
        entry_free(e);
    }
    free(d);
}
