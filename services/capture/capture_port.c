/* capture_port.c - the port `capture`: asks uppsikt-capture over its socket, takes the files. */
#include "capture_port.h"
#include "capped.h"
#include "keys.h"
#include "peers.h"
#include "port_files.h"
#include "port_upload.h"
#include "socket.h"
#include "suite_clock.h"
#include "upp/bus.h"
#include "upp/host.h"
#include "upp/log.h"
#include "upp/port.h"
#include "wire.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CREDIT = 32, TAKE_MAX = 64 };
static const upp_ms look_span = UPP_SECOND;

typedef struct port port;

typedef struct capture { /* one attempt */
    struct capture *next;
    port *port; /* NULL: it was closed while the worker had this */
    int64_t ask;
    const Uppsikt__CapturePage *request; /* lent until upp_done */
    char id[64];
    port_folder folder;
    port_upload upload;
    Uppsikt__PageCaptured *result; /* owned; NULL: not there yet */
    port_files *files;
    uint32_t taken;  /* parts since the last credit */
    bool placing;    /* the worker has it */
    const char *why; /* of the worker */
    upp_ms heard;    /* steady */
} capture;

struct port {
    upp_loop *loop;
    const capture_place *config;
    char *objects, *endpoint;
    upp_keys *keys;
    char server[UPP_Z85];
    zsock_t *socket; /* NULL: not connected */
    int fd;
    capture *captures;
};

static void look(void *self);

static void capture_free(capture *c)
{
    port_files_free(c->files);
    port_upload_close(&c->upload);
    port_folder_close(&c->folder);
    upp_unpack_free(c->result ? &c->result->base : NULL);
    free(c);
}

static void unlink_capture(port *p, const capture *c)
{
    capture **at = &p->captures;
    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
}

static void end(capture *c, enum upp_fate fate, const ProtobufCMessage *answer, upp_ms after)
{
    port *p = c->port;
    const int64_t ask = c->ask;
    unlink_capture(p, c);
    upp_done(p->loop, ask, fate, answer, after);
    capture_free(c);
}

static void say_job(port *p, const ProtobufCMessage *msg)
{
    if (p->socket) /* full or gone: the silence that follows ends the attempt */
        (void)upp_wire_say(zsock_resolve(p->socket), NULL, msg);
}

static void say_drop(port *p, const char *id)
{
    Uppsikt__CaptureDrop drop = UPPSIKT__CAPTURE_DROP__INIT;
    drop.id = upp_lend(id);
    say_job(p, &drop.base);
}

static void give_up(capture *c, const char *why, upp_ms after)
{
    upp_loop_say(c->port->loop, "capture %s: %s; later again", c->id, why);
    say_drop(c->port, c->id);
    end(c, UPP_LATER, NULL, after);
}

static capture *capture_of(port *p, const char *id)
{
    capture *c = p->captures;
    while (c && strcmp(c->id, id) != 0)
        c = c->next;
    return c;
}

/* -- the end of a good one -- */
static void place_work(void *job)
{
    capture *c = job;
    c->why = port_files_place(c->files);
}

/* The names under which the files lie, in the answer that becomes an input. */
static void answer(capture *c)
{
    Uppsikt__PageCaptured out = *c->result;
    Uppsikt__CapturedFile files[PORT_FILES_MAX];
    Uppsikt__CapturedFile *rows[PORT_FILES_MAX];
    char names[PORT_FILES_MAX][PORT_NAME];
    for (size_t i = 0; i < out.n_files; i++) {
        files[i] = *c->result->files[i];
        port_files_name(c->files, i, names[i]);
        files[i].name = names[i];
        rows[i] = &files[i];
    }
    out.id = c->request->id;
    out.files = rows;
    say_drop(c->port, c->id);
    end(c, UPP_DONE, &out.base, 0);
}

static void placed(void *job)
{
    capture *c = job;
    c->placing = false;
    if (!c->port)
        capture_free(c);
    else if (c->why)
        give_up(c, c->why, 0);
    else
        answer(c);
}

static void place_if_whole(capture *c)
{
    if (!port_files_whole(c->files))
        return;
    c->placing = true;
    upp_loop_work(c->port->loop, place_work, placed, c);
}

/* -- what comes -- */
static void give_credit(capture *c, uint32_t parts)
{
    Uppsikt__CaptureCredit credit = UPPSIKT__CAPTURE_CREDIT__INIT;
    credit.id = c->id;
    credit.parts = parts;
    c->taken = 0;
    say_job(c->port, &credit.base);
}

static void take_result(capture *c, const upp_wire *wire)
{
    const char *why = NULL;
    if (c->result)
        return;
    c->result = (Uppsikt__PageCaptured *)upp_unpack(&uppsikt__page_captured__descriptor,
                                                    wire->frames.envelope);
    upp_check(c->result != NULL); /* it was read once already */
    c->files = port_files_new(&c->folder, c->result, &why);
    if (!c->files) {
        give_up(c, why, 0);
        return;
    }
    give_credit(c, CREDIT);
    place_if_whole(c);
}

static void take_part(capture *c, const Uppsikt__CapturePart *part)
{
    const char *why = c->files ? port_files_take(c->files, part) : "a part before its result";
    if (why) {
        give_up(c, why, 0);
        return;
    }
    if (++c->taken >= CREDIT / 2)
        give_credit(c, c->taken);
    place_if_whole(c);
}

/* So much of what belongs to the job may go. */
static void take_credit(capture *c, const Uppsikt__CaptureCredit *credit)
{
    uint8_t room[UPLOAD_PART];
    Uppsikt__CapturePart part;
    int rc = 0;
    c->upload.credit += credit->parts < CREDIT ? credit->parts : CREDIT;
    while ((rc = port_upload_next(&c->upload, room, &part)) == 0) {
        part.id = c->id;
        say_job(c->port, &part.base);
    }
    if (rc < 0)
        give_up(c, "a picture is another than it was", 0);
}

static void take_later(capture *c, const Uppsikt__CaptureLater *later)
{
    char why[200];
    snprintf(why, sizeof why, "%.180s", later->why);
    for (char *at = why; *at; at++)
        if ((unsigned char)*at < 0x20)
            *at = ' ';
    const upp_ms after =
        later->after_span > 0 && later->after_span < UPP_HOUR ? later->after_span : UPP_MINUTE;
    upp_loop_say(c->port->loop, "capture %s: %s; later again", c->id, why);
    end(c, UPP_LATER, NULL, after);
}

static const ProtobufCMessageDescriptor *const spoken[] = {
    &uppsikt__capture_under_way__descriptor, &uppsikt__page_captured__descriptor,
    &uppsikt__capture_part__descriptor,      &uppsikt__capture_later__descriptor,
    &uppsikt__capture_credit__descriptor,
};

static void take(port *p, const upp_wire *wire)
{
    size_t i = 0;
    while (i < UPP_LEN(spoken) && !upp_wire_is(&wire->frames, spoken[i]->name))
        i++;
    UPP_AUTO(upp_unpack_freep)
    ProtobufCMessage *msg =
        i < UPP_LEN(spoken) ? upp_unpack(spoken[i], wire->frames.envelope) : NULL;
    if (!msg)
        return;
    /* The first field of each of them is the job's id. */
    const char *id =
        *(char *const *)(const void *)((const uint8_t *)msg + spoken[i]->fields[0].offset);
    capture *c = capture_of(p, id);
    if (!c) {
        say_drop(p, id); /* of an attempt that was given up */
        return;
    }
    if (c->placing)
        return;
    c->heard = upp_steady_now();
    if (spoken[i] == &uppsikt__page_captured__descriptor)
        take_result(c, wire);
    else if (spoken[i] == &uppsikt__capture_part__descriptor)
        take_part(c, (const Uppsikt__CapturePart *)(const void *)msg);
    else if (spoken[i] == &uppsikt__capture_credit__descriptor)
        take_credit(c, (const Uppsikt__CaptureCredit *)(const void *)msg);
    else if (spoken[i] == &uppsikt__capture_later__descriptor)
        take_later(c, (const Uppsikt__CaptureLater *)(const void *)msg);
}

/* libzmq's descriptor tells of changes only: all that is there is taken, or we come again. */
static void take_all(port *p)
{
    size_t n = 0;
    for (; p->socket && n < TAKE_MAX; n++) {
        upp_wire wire;
        const enum upp_got got = upp_wire_take(zsock_resolve(p->socket), false, &wire);
        if (got == UPP_GOT_NOTHING)
            return;
        if (got == UPP_GOT) {
            take(p, &wire);
            upp_wire_drop(&wire);
        }
    }
    if (n == TAKE_MAX)
        upp_loop_in(p->loop, 0, look, p);
}

static void on_socket(void *self, int fd, unsigned what)
{
    (void)fd;
    (void)what;
    take_all(self);
}

/* -- the connection -- */
static void disconnect(port *p)
{
    if (!p->socket)
        return;
    upp_loop_fd(p->loop, p->fd, 0, on_socket, p);
    zsock_destroy(&p->socket);
}

static bool connected(port *p)
{
    if (p->socket)
        return true;
    if (!upp_keys_of(p->keys, "capture", p->server) &&
        (upp_keys_reload(p->keys, upp_log_say) < 0 ||
         !upp_keys_of(p->keys, "capture", p->server))) {
        upp_loop_say(p->loop, "capture.pub is not in the folder of keys: uppsikt keys makes it");
        return false;
    }
    p->socket = upp_socket_dealer(p->keys, p->server, upp_log_say);
    if (!p->socket || !upp_socket_connect(p->socket, p->endpoint, upp_log_say)) {
        zsock_destroy(&p->socket);
        return false;
    }
    p->fd = zsock_fd(p->socket);
    upp_loop_fd(p->loop, p->fd, UPP_READABLE, on_socket, p);
    return true;
}

/* Each second while there is something: who has not been heard for too long? */
static void look(void *self)
{
    port *p = self;
    take_all(p);
    const upp_ms now = upp_steady_now();
    for (capture *c = p->captures, *next = NULL; c; c = next) {
        next = c->next;
        if (!c->placing && now - c->heard > p->config->patience_span)
            give_up(c, "uppsikt-capture says nothing", 0);
    }
    if (p->captures)
        upp_loop_in(p->loop, look_span, look, p);
    else
        disconnect(p); /* what waits in it for a dead peer must not be done when that comes back */
}

/* -- asking -- */
static void send_job(port *p, capture *c)
{
    Uppsikt__CapturePage job = *c->request;
    Uppsikt__CaptureMedia media[UPLOAD_MEDIA];
    Uppsikt__CaptureMedia *rows[UPLOAD_MEDIA];
    job.id = c->id;
    job.folder = upp_lend("");
    port_upload_open(&c->upload, c->request, &c->folder);
    port_upload_announce(&c->upload, &job, media, rows);
    say_job(p, &job.base);
}

/* NULL; else why it can never be done. */
static const char *wrong_with(const port *p, const Uppsikt__CapturePage *page)
{
    if ((page->url[0] != '\0') == (page->html[0] != '\0'))
        return "a url or html is wanted, one of them";
    if (strlen(page->html) > (size_t)16 * 1024 * 1024 || strlen(page->url) > 8192)
        return "its html or url is too long";
    if (page->n_media > UPLOAD_MEDIA || (page->n_media > 0 && page->url[0]))
        return "its html has 20 pictures at most, a url none";
    if (!page->png && !page->pdf && !page->mhtml && !page->warc && !page->text)
        return "nothing is wanted of it";
    if (page->url[0] && upp_loop_speed(p->loop) > 1 && !upp_url_is_here(page->url))
        return "a trial that runs faster than real time visits nothing elsewhere";
    return NULL;
}

static void capture_start(void *self, const upp_asked *ask)
{
    port *p = self;
    const Uppsikt__CapturePage *page = (const Uppsikt__CapturePage *)(const void *)ask->request;
    port_folder folder = { .fd = -1 };
    bool never = true;
    const char *why = wrong_with(p, page);
    if (!why)
        why = port_folder_open(p->objects, p->config->root, page->folder, &folder, &never);
    if (why) {
        upp_loop_say(p->loop, "capture %s: %s", ask->key, why);
        upp_done(p->loop, ask->id, never ? UPP_NEVER : UPP_LATER, NULL, 0);
        return;
    }
    if (!connected(p)) {
        port_folder_close(&folder);
        upp_done(p->loop, ask->id, UPP_LATER, NULL, 0);
        return;
    }
    capture *c = calloc(1, sizeof *c);
    upp_check(c != NULL);
    *c = (capture){ .next = p->captures,
                    .port = p,
                    .ask = ask->id,
                    .request = page,
                    .folder = folder,
                    .heard = upp_steady_now() };
    snprintf(c->id, sizeof c->id, "%lld.%u", (long long)ask->id, ask->attempt);
    p->captures = c;
    send_job(p, c);
    upp_loop_in(p->loop, 0, look, p); /* what came while we sent is not told by the descriptor */
}

/* -- open and close -- */
static void capture_close(void *self)
{
    port *p = self;
    if (!p)
        return;
    upp_loop_in(p->loop, -1, look, p);
    while (p->captures) {
        capture *c = p->captures;
        p->captures = c->next;
        say_drop(p, c->id);
        c->port = NULL;
        if (!c->placing)
            capture_free(c);
    }
    disconnect(p);
    upp_keys_free(p->keys);
    free(p->objects);
    free(p->endpoint);
    free(p);
}

/* In `run`, or where peers.yaml there says. */
static char *local_endpoint(const char *run)
{
    upp_peers *peers = upp_peers_read(run, NULL, upp_log_say);
    char *endpoint = peers ? upp_peers_where(peers, "capture", upp_log_say) : NULL;
    upp_peers_free(peers);
    return endpoint;
}

static void *capture_open(upp_loop *loop, const void *config)
{
    const upp_place *place = upp_loop_place(loop);
    port *p = calloc(1, sizeof *p);
    upp_check(p != NULL);
    *p = (port){ .loop = loop, .config = config };
    p->objects = strdup(upp_loop_objects(loop));
    upp_check(p->objects != NULL);
    if (p->config->patience_span < 3 * UPP_SECOND) {
        upp_loop_say(loop, "capture_patience is less than 3s; a word comes each second");
        capture_close(p);
        return NULL;
    }
    if (!p->config->where || strcmp(p->config->where, "ipc") == 0)
        p->endpoint = local_endpoint(place->run);
    else
        p->endpoint = strdup(p->config->where);
    upp_socket_init();
    p->keys = upp_keys_open(place->keys, place->peer, upp_log_say);
    if (p->endpoint && p->keys)
        return p;
    upp_loop_say(loop, "capture: our own key or a place for the socket is missing, see above");
    capture_close(p);
    return NULL;
}

const upp_port upp_capture_port = {
    .name = "capture",
    .request = &uppsikt__capture_page__descriptor,
    .answer = &uppsikt__page_captured__descriptor,
    .again = UPP_ONCE_OR_MORE,
    .open = capture_open,
    .start = capture_start,
    .close = capture_close,
};
