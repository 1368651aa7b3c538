/* port_package.c - the port `package`: a package is built on the worker, and answered. */
#include "archive.h"
#include "late_xml.h"
#include "port_build.h"
#include "upp/port.h"
#include <stdlib.h>

extern const upp_port upp_archive_package_port;

typedef struct packer {
    upp_loop *loop;
    const archive_config *config;
} packer;

typedef struct job {
    packer *port;
    int64_t id;
    bool good;
    build b;
} job;

static void work(void *self)
{
    job *j = self;
    j->good = build_package(&j->b);
}

static void back(void *self)
{
    job *j = self;
    const build *b = &j->b;
    Uppsikt__PackageBuilt out = UPPSIKT__PACKAGE_BUILT__INIT;
    if (!j->good)
        upp_loop_say(j->port->loop, "%s: no package: %s", b->q->run, b->why);
    out.package = b->q->package;
    if (!j->good && !b->refused) {
        upp_done(j->port->loop, j->id, UPP_LATER, NULL, 0);
    } else {
        out.failed = upp_lend(b->refused ? b->refused : "");
        out.files = b->n_payload;
        out.bytes = b->payload_bytes;
        out.manifest = (ProtobufCBinaryData){ b->manifest.len, b->manifest.at };
        out.contents = b->list;
        out.n_contents = j->good ? b->n_contents : 0;
        upp_done(j->port->loop, j->id, UPP_DONE, &out.base, 0);
    }
    build_done(&j->b);
    free(j);
}

static void start(void *self, const upp_asked *ask)
{
    packer *port = self;
    job *j = calloc(1, sizeof *j);
    upp_check(j);
    j->port = port;
    j->id = ask->id;
    j->b = (build){ .q = (const Uppsikt__BuildPackage *)ask->request,
                    .schemas = port->config->schemas,
                    .objects = upp_loop_objects(port->loop) };
    upp_loop_work(port->loop, work, back, j);
}

static void *port_open(upp_loop *loop, const void *config)
{
    packer *port = calloc(1, sizeof *port);
    upp_check(port);
    port->loop = loop;
    port->config = config;
    return port;
}

static void port_close(void *self)
{
    free(self);
}

const upp_port upp_archive_package_port = {
    .name = "package",
    .request = &uppsikt__build_package__descriptor,
    .answer = &uppsikt__package_built__descriptor,
    .again = UPP_LOOK_FIRST,
    .open = port_open,
    .start = start,
    .close = port_close,
    .lacks = upp_xml_lacks,
};
