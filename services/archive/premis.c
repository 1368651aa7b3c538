/* premis.c - what was done with the files of a package, by whom, with which outcome. */
#include "premis.h"

#include "warc_head.h"
#include "xml_out.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void id_pair(xml_out *x, const char *element, const char *type, const char *value)
{
    char name[64];
    (void)snprintf(name, sizeof(name), "premis:%s", element);
    xml_open(x, name);
    (void)snprintf(name, sizeof(name), "premis:%sType", element);
    xml_leaf(x, name, type);
    (void)snprintf(name, sizeof(name), "premis:%sValue", element);
    xml_leaf(x, name, value);
    xml_close(x);
}

static void put_object(xml_out *x, const premis_object *o)
{
    char bytes[24];
    (void)snprintf(bytes, sizeof(bytes), "%" PRIu64, o->bytes);
    xml_open(x, "premis:object");
    xml_attr(x, "xsi:type", "premis:file");
    id_pair(x, "objectIdentifier", "local", o->path);
    xml_open(x, "premis:objectCharacteristics");
    xml_open(x, "premis:fixity");
    xml_leaf(x, "premis:messageDigestAlgorithm", "SHA-256");
    xml_leaf(x, "premis:messageDigest", o->sha256);
    xml_close(x);
    xml_leaf(x, "premis:size", bytes);
    xml_open(x, "premis:format");
    xml_open(x, "premis:formatDesignation");
    xml_leaf(x, "premis:formatName", o->mime);
    xml_close(x);
    xml_close(x);
    xml_close(x);
    xml_close(x);
}

static void put_event(xml_out *x, const premis_event *e)
{
    xml_open(x, "premis:event");
    id_pair(x, "eventIdentifier", "UUID", e->id);
    xml_leaf(x, "premis:eventType", e->type);
    xml_leaf(x, "premis:eventDateTime", e->date);
    xml_open(x, "premis:eventOutcomeInformation");
    xml_leaf(x, "premis:eventOutcome", e->outcome);
    xml_close(x);
    for (size_t i = 0; i < e->agent_count; i++)
        id_pair(x, "linkingAgentIdentifier", "local", e->agents[i]);
    if (e->object)
        id_pair(x, "linkingObjectIdentifier", "local", e->object);
    xml_close(x);
}

static void put_agent(xml_out *x, const premis_agent *a)
{
    xml_open(x, "premis:agent");
    id_pair(x, "agentIdentifier", "local", a->id);
    xml_leaf(x, "premis:agentName", a->name);
    xml_leaf(x, "premis:agentType", a->type);
    xml_close(x);
}

static bool has_agent(const premis *p, const char *id)
{
    for (size_t i = 0; i < p->agent_count; i++) {
        if (strcmp(p->agents[i].id, id) == 0)
            return true;
    }
    return false;
}

static bool has_object(const premis *p, const char *path)
{
    for (size_t i = 0; i < p->object_count; i++) {
        if (strcmp(p->objects[i].path, path) == 0)
            return true;
    }
    return false;
}

static bool event_ok(const premis *p, const premis_event *e)
{
    for (size_t i = 0; i < e->agent_count; i++) {
        if (!has_agent(p, e->agents[i]))
            return false;
    }
    return e->agent_count > 0 && warc_date_ok(e->date) && (!e->object || has_object(p, e->object));
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const premis_object *)a)->path, ((const premis_object *)b)->path);
}

static void objects_done(premis_object **objects)
{
    free(*objects);
}

static int judge(const premis *p, const premis_object *sorted)
{
    for (size_t i = 0; i < p->object_count; i++) {
        if (!path_inside(sorted[i].path) || !fixity_well_formed(sorted[i].sha256) ||
            (i > 0 && by_path(&sorted[i - 1], &sorted[i]) == 0))
            return UPP_E_INPUT;
    }
    for (size_t i = 0; i < p->event_count; i++) {
        if (!event_ok(p, &p->events[i]))
            return UPP_E_INPUT;
    }
    return 0;
}

int premis_write(const premis *p, buf *out)
{
    UPP_AUTO(xml_done) xml_out x = { 0 };
    if (p->object_count == 0 || p->event_count == 0 || p->agent_count == 0)
        return UPP_E_INPUT;
    UPP_AUTO(objects_done) premis_object *sorted = calloc(p->object_count, sizeof(*sorted));
    if (!sorted)
        return UPP_E_BUSY;
    memcpy(sorted, p->objects, p->object_count * sizeof(*sorted));
    qsort(sorted, p->object_count, sizeof(*sorted), by_path);
    UPP_TRY(judge(p, sorted));
    UPP_TRY(xml_begin(&x));
    xml_open(&x, "premis:premis");
    xml_attr(&x, "xmlns:premis", "http://www.loc.gov/premis/v3");
    xml_attr(&x, "xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance");
    xml_attr(&x, "version", "3.0");
    for (size_t i = 0; i < p->object_count; i++)
        put_object(&x, &sorted[i]);
    for (size_t i = 0; i < p->event_count; i++)
        put_event(&x, &p->events[i]);
    for (size_t i = 0; i < p->agent_count; i++)
        put_agent(&x, &p->agents[i]);
    xml_close(&x);
    return xml_end(&x, out);
}
