/* port_build_list.c - the lists of a package: PREMIS, METS, the bag's tags (capture.md 7). */
#include "bag.h"
#include "fixity.h"
#include "mets.h"
#include "package_text.h"
#include "port_build.h"
#include "premis.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EVENTS = 128 };

/* A UUID (RFC 9562, version 8) that the package's own id and a count give: each attempt writes the
 * same. */
static void next_id(void *ctx, char ret_id[METS_ID])
{
    build *b = ctx;
    char text[96], hex[FIXITY_HEX];
    const int n = snprintf(text, sizeof text, "%s/%u", b->q->package, ++b->ids);
    const upp_bytes bytes = { (const uint8_t *)text, (size_t)n };
    fixity_of(bytes, (upp_bytes){ 0 }, hex);
    snprintf(ret_id, METS_ID, "uuid-%.8s-%.4s-8%.3s-a%.3s-%.12s", hex, hex + 8, hex + 13, hex + 17,
             hex + 20);
}

static bool is_data(const char *path)
{
    return strncmp(path, "representations/", 16) == 0 && strstr(path, "/data/");
}

/* -- PREMIS -- */
static const char *const machine[] = { PACKAGE_SOFTWARE };
static const char *const visit[] = { PACKAGE_SOFTWARE, "browser" };

typedef struct history {
    premis_event events[EVENTS];
    premis_agent agents[EVENTS];
    char ids[EVENTS][METS_ID], times[EVENTS][PACKAGE_TIME];
    char paths[EVENTS][PACKAGE_NAME + 40], names[EVENTS][512];
    const char *hands[EVENTS][2];
    size_t n_events, n_agents;
} history;

static premis_event *add_event(build *b, history *h, const char *type, upp_ms at,
                               const char *outcome)
{
    const size_t i = h->n_events++;
    upp_check(i < EVENTS);
    next_id(b, h->ids[i]);
    package_time(at, h->times[i]);
    h->events[i] = (premis_event){ .id = h->ids[i],
                                   .type = type,
                                   .date = h->times[i],
                                   .outcome = outcome,
                                   .agents = machine,
                                   .agent_count = 1 };
    return &h->events[i];
}

static void add_agent(history *h, const char *id, const char *name, const char *type)
{
    for (size_t i = 0; i < h->n_agents; i++)
        if (strcmp(h->agents[i].id, id) == 0)
            return;
    upp_check(h->n_agents < EVENTS);
    h->agents[h->n_agents++] = (premis_agent){ id, name, type };
}

/* Who handed in which file, beside the machine that took it. */
static void add_hand_ins(build *b, history *h)
{
    for (size_t i = 0; i < b->q->n_hand_ins && i < EVENTS - 8; i++) {
        const Uppsikt__PackageHandIn *one = b->q->hand_ins[i];
        char name[PACKAGE_NAME];
        package_hand_name(i, one->stated->name, name);
        snprintf(h->paths[i], sizeof h->paths[i], "representations/rep2/data/%s", name);
        snprintf(h->names[i], sizeof h->names[i], "%s, %s", one->person_name, one->person_title);
        h->hands[i][0] = PACKAGE_SOFTWARE;
        h->hands[i][1] = one->person;
        add_agent(h, one->person, h->names[i], "person");
        premis_event *e = add_event(b, h, "capture", one->received_ms, "manual");
        e->agents = h->hands[i];
        e->agent_count = 2;
        e->object = h->paths[i];
    }
}

static void fill_history(build *b, history *h, const char *browser)
{
    add_agent(h, PACKAGE_SOFTWARE, PACKAGE_SOFTWARE " " PACKAGE_VERSION, "software");
    if (b->q->captured) {
        premis_event *e = add_event(b, h, "capture", b->q->to_ms, "success");
        if (browser[0]) {
            add_agent(h, "browser", browser, "software");
            e->agents = visit;
            e->agent_count = 2;
        }
    }
    add_hand_ins(b, h);
    (void)add_event(b, h, "ingestion", b->q->at_ms, "success");
    (void)add_event(b, h, "fixity check", b->q->at_ms, "success");
}

bool build_premis(build *b)
{
    char browser[160];
    UPP_AUTO(buf_done) buf out = { 0 };
    history *h = calloc(1, sizeof *h);
    premis_object *objects = calloc(b->n_files + 1, sizeof *objects);
    premis p = { .objects = objects };
    upp_check(h && objects);
    package_browser(b->q, browser);
    fill_history(b, h, browser);
    for (size_t i = 0; i < b->n_files; i++) {
        const build_file *f = &b->files[i];
        if (is_data(f->path))
            objects[p.object_count++] = (premis_object){ f->path, f->mime, f->sha256, f->bytes };
    }
    p.events = h->events;
    p.event_count = h->n_events;
    p.agents = h->agents;
    p.agent_count = h->n_agents;
    const int rc = premis_write(&p, &out);
    free(objects);
    free(h);
    if (rc == UPP_E_BUSY)
        return build_error(b, ENOMEM, "premis.xml");
    if (rc < 0)
        return build_refuse(b, "package-faulty", "premis.xml cannot be written");
    return build_put(b, buf_bytes(&out), "metadata/preservation/premis.xml", "text/xml");
}

/* -- METS -- */
static bool put_mets(build *b, const char *rep)
{
    char created[PACKAGE_TIME], path[64];
    UPP_AUTO(buf_done) buf out = { 0 };
    mets_file *files = calloc(b->n_files + 1, sizeof *files);
    upp_check(files);
    package_time(b->q->at_ms, created);
    for (size_t i = 0; i < b->n_files; i++) {
        const build_file *f = &b->files[i];
        files[i] = (mets_file){ f->path, f->mime, f->sha256, created, f->bytes };
    }
    const mets m = { .object_id = b->q->package,
                     .label = b->q->label,
                     .created = created,
                     .software = PACKAGE_SOFTWARE,
                     .software_version = PACKAGE_VERSION,
                     .archivist = b->q->authority_name,
                     .archivist_id = b->q->org_number,
                     .submitter = b->q->unit_name,
                     .submitter_id = b->q->org_number,
                     .agreement = b->q->agreement,
                     .files = files,
                     .file_count = b->n_files,
                     .next_id = next_id,
                     .ctx = b };
    const int rc = rep ? mets_representation(&m, rep, &out) : mets_root(&m, &out);
    free(files);
    if (rc == UPP_E_BUSY)
        return build_error(b, ENOMEM, "METS.xml");
    if (rc < 0)
        return build_refuse(b, "package-faulty", "METS.xml cannot be written");
    snprintf(path, sizeof path, rep ? "representations/%s/METS.xml" : "METS.xml", rep);
    return build_put(b, buf_bytes(&out), path, "text/xml");
}

static bool has_rep(const build *b, const char *rep)
{
    char under[64];
    const int n = snprintf(under, sizeof under, "representations/%s/data/", rep);
    for (size_t i = 0; i < b->n_files; i++)
        if (strncmp(b->files[i].path, under, (size_t)n) == 0)
            return true;
    return false;
}

bool build_mets(build *b)
{
    return (!has_rep(b, "rep1") || put_mets(b, "rep1")) &&
           (!has_rep(b, "rep2") || put_mets(b, "rep2")) && put_mets(b, NULL);
}

/* -- the bag -- */
static bool put_tag(build *b, const char *name, const buf *text)
{
    char path[PATH_MAX];
    int rc = folder_path(b->root, name, path);
    if (rc == 0)
        rc = folder_write(path, buf_bytes(text));
    return rc ? build_error(b, rc, name) : true;
}

static manifest_row *payload_of(build *b, char **paths)
{
    manifest_row *rows = calloc(b->n_files + 1, sizeof *rows);
    upp_check(rows);
    for (size_t i = 0; i < b->n_files; i++) {
        const build_file *f = &b->files[i];
        const size_t size = strlen(f->path) + strlen(b->q->package) + 8;
        paths[i] = malloc(size);
        upp_check(paths[i]);
        snprintf(paths[i], size, "data/%s/%s", b->q->package, f->path);
        rows[i] = (manifest_row){ .path = paths[i], .bytes = f->bytes };
        memcpy(rows[i].sha256, f->sha256, sizeof rows[i].sha256);
        b->payload_bytes += (int64_t)f->bytes;
    }
    b->n_payload = (uint32_t)b->n_files;
    return rows;
}

bool build_bag(build *b)
{
    char date[PACKAGE_TIME];
    bag_tags tags = { 0 };
    char **paths = calloc(b->n_files + 1, sizeof *paths);
    upp_check(paths);
    package_time(b->q->at_ms, date);
    date[10] = '\0';
    const bag_info info = { .organisation = b->q->authority_name,
                            .contact = b->q->unit_name,
                            .object_id = b->q->package,
                            .date = date,
                            .occasion = b->q->campaign,
                            .software = PACKAGE_SOFTWARE " " PACKAGE_VERSION };
    manifest_row *rows = payload_of(b, paths);
    const int rc = bag_make(&info, rows, b->n_files, &tags);
    bool good = rc == 0;
    if (rc == UPP_E_BUSY)
        good = build_error(b, ENOMEM, "bag");
    else if (rc < 0)
        good = build_refuse(b, "package-faulty", "the bag cannot be made");
    good = good && put_tag(b, "bagit.txt", &tags.bagit) && put_tag(b, "bag-info.txt", &tags.info) &&
           put_tag(b, "manifest-sha256.txt", &tags.manifest) &&
           put_tag(b, "tagmanifest-sha256.txt", &tags.tagmanifest);
    for (size_t i = 0; i < b->n_files; i++)
        free(paths[i]);
    free(paths);
    free(rows);
    if (rc == 0)
        bag_tags_done(&tags);
    return good;
}
