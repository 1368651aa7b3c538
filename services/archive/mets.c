/* mets.c - the list of what is in a package and in each of its representations. */
#include "mets.h"

#include "warc_head.h"
#include "xml_out.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REPS "representations/"
#define META "metadata/"

typedef struct writing {
    const mets *m;
    mets_file *files; /* in byte order of path */
    size_t n;
    xml_out x;
    buf descriptive;  /* ids of the sections, with blanks between */
    buf preservation; /* likewise */
    buf reps;         /* the divisions' rows: id, name, zero byte */
} writing;

static void writing_done(writing *w)
{
    free(w->files);
    xml_done(&w->x);
    buf_done(&w->descriptive);
    buf_done(&w->preservation);
    buf_done(&w->reps);
}

static bool under(const char *path, const char *folder)
{
    return strncmp(path, folder, strlen(folder)) == 0;
}

/* A representation's METS.xml: the length of the name between, 0 when it is none. */
static size_t rep_name(const char *path)
{
    const char *name = under(path, REPS) ? path + strlen(REPS) : "";
    const size_t n = strcspn(name, "/");
    return strcmp(name + n, "/METS.xml") == 0 ? n : 0;
}

static bool has_place(const char *path)
{
    static const char *const folder[] = { META "descriptive/", META "preservation/", "schemas/",
                                          "documentation/" };
    for (size_t i = 0; i < UPP_LEN(folder); i++) {
        if (under(path, folder[i]))
            return true;
    }
    const char *name = under(path, REPS) ? path + strlen(REPS) : "";
    const size_t n = strcspn(name, "/");
    return n > 0 && (rep_name(path) > 0 || under(name + n, "/data/"));
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const mets_file *)a)->path, ((const mets_file *)b)->path);
}

static int take_files(const mets *m, writing *w)
{
    w->m = m;
    w->files = calloc(m->file_count + 1, sizeof(*w->files));
    if (!w->files)
        return UPP_E_BUSY;
    w->n = m->file_count;
    if (w->n > 0)
        memcpy(w->files, m->files, w->n * sizeof(*w->files));
    qsort(w->files, w->n, sizeof(*w->files), by_path);
    for (size_t i = 0; i < w->n; i++) {
        const mets_file *f = &w->files[i];
        if (!path_inside(f->path) || !has_place(f->path) || !fixity_well_formed(f->sha256) ||
            !warc_date_ok(f->created) || (i > 0 && by_path(f - 1, f) == 0))
            return UPP_E_INPUT;
    }
    return warc_date_ok(m->created) ? 0 : UPP_E_INPUT;
}

/* A path as a web address: what is not unreserved or `/` becomes %XX (RFC 3986). */
static void put_href(writing *w, const char *path)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
    UPP_AUTO(buf_done) buf href = { 0 };
    int rc = 0;
    for (const char *p = path; *p && rc == 0; p++)
        rc = strchr(plain, *p) ? buf_put(&href, p, 1)
                               : buf_printf(&href, "%%%02X", (unsigned char)*p);
    w->x.failed = w->x.failed || rc < 0;
    xml_attr(&w->x, "LOCTYPE", "URL");
    xml_attr(&w->x, "xlink:type", "simple");
    xml_attr(&w->x, "xlink:href", buf_text(&href));
}

static void put_new_id(writing *w, char ret_id[METS_ID])
{
    w->m->next_id(w->m->ctx, ret_id);
    xml_attr(&w->x, "ID", ret_id);
}

/* Opens an element with an id of its own. */
static void open_with_id(writing *w, const char *name, char ret_id[METS_ID])
{
    xml_open(&w->x, name);
    put_new_id(w, ret_id);
}

static void put_fixity(writing *w, const mets_file *f)
{
    xml_attr(&w->x, "MIMETYPE", f->mime);
    xml_attr_number(&w->x, "SIZE", f->bytes);
    xml_attr(&w->x, "CREATED", f->created);
    xml_attr(&w->x, "CHECKSUM", f->sha256);
    xml_attr(&w->x, "CHECKSUMTYPE", "SHA-256");
}

static void put_start(writing *w, const char *object_id, const char *label, const char *to_schemas)
{
    char where[512];
    (void)snprintf(
        where, sizeof(where),
        "http://www.loc.gov/METS/ %sschemas/mets.xsd "
        "http://www.w3.org/1999/xlink %sschemas/xlink.xsd "
        "https://DILCIS.eu/XML/METS/CSIPExtensionMETS %sschemas/DILCISExtensionMETS.xsd "
        "https://DILCIS.eu/XML/METS/SIPExtensionMETS %sschemas/DILCISExtensionSIPMETS.xsd",
        to_schemas, to_schemas, to_schemas, to_schemas);
    xml_open(&w->x, "mets:mets");
    xml_attr(&w->x, "xmlns:mets", "http://www.loc.gov/METS/");
    xml_attr(&w->x, "xmlns:csip", "https://DILCIS.eu/XML/METS/CSIPExtensionMETS");
    xml_attr(&w->x, "xmlns:sip", "https://DILCIS.eu/XML/METS/SIPExtensionMETS");
    xml_attr(&w->x, "xmlns:xlink", "http://www.w3.org/1999/xlink");
    xml_attr(&w->x, "xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance");
    xml_attr(&w->x, "xsi:schemaLocation", where);
    xml_attr(&w->x, "OBJID", object_id);
    if (label)
        xml_attr(&w->x, "LABEL", label);
    xml_attr(&w->x, "TYPE", "Websites");
    xml_attr(&w->x, "PROFILE", "https://earksip.dilcis.eu/profile/E-ARK-SIP.xml");
    xml_attr(&w->x, "csip:CONTENTINFORMATIONTYPE", "MIXED");
}

typedef struct role {
    const char *role;
    const char *other_role;
    const char *type;
    const char *other_type;
    const char *name;
    const char *note_type;
    const char *note;
} role;

static void put_agent(writing *w, const role *r)
{
    xml_open(&w->x, "mets:agent");
    xml_attr(&w->x, "ROLE", r->role);
    if (r->other_role)
        xml_attr(&w->x, "OTHERROLE", r->other_role);
    xml_attr(&w->x, "TYPE", r->type);
    if (r->other_type)
        xml_attr(&w->x, "OTHERTYPE", r->other_type);
    xml_leaf(&w->x, "mets:name", r->name);
    xml_open(&w->x, "mets:note");
    xml_attr(&w->x, "csip:NOTETYPE", r->note_type);
    w->x.failed = w->x.failed || !xml_text_ok(r->note) ||
                  xmlTextWriterWriteString(w->x.w, BAD_CAST r->note) < 0;
    xml_close(&w->x);
    xml_close(&w->x);
}

static void put_header(writing *w, const char *agreement)
{
    const mets *m = w->m;
    const role roles[] = {
        { "CREATOR", NULL, "OTHER", "SOFTWARE", m->software, "SOFTWARE VERSION",
          m->software_version },
        { "ARCHIVIST", NULL, "ORGANIZATION", NULL, m->archivist, "IDENTIFICATIONCODE",
          m->archivist_id },
        { "OTHER", "SUBMITTER", "ORGANIZATION", NULL, m->submitter, "IDENTIFICATIONCODE",
          m->submitter_id },
    };
    xml_open(&w->x, "mets:metsHdr");
    xml_attr(&w->x, "CREATEDATE", m->created);
    xml_attr(&w->x, "LASTMODDATE", m->created);
    xml_attr(&w->x, "RECORDSTATUS", "NEW");
    xml_attr(&w->x, "csip:OAISPACKAGETYPE", "SIP");
    for (size_t i = 0; i < UPP_LEN(roles); i++)
        put_agent(w, &roles[i]);
    if (agreement) {
        xml_open(&w->x, "mets:altRecordID");
        xml_attr(&w->x, "TYPE", "SUBMISSIONAGREEMENT");
        w->x.failed = w->x.failed || !xml_text_ok(agreement) ||
                      xmlTextWriterWriteString(w->x.w, BAD_CAST agreement) < 0;
        xml_close(&w->x);
    }
    xml_close(&w->x);
}

/* A section of metadata that refers to its file; its id goes into `ids`. */
static int put_section(writing *w, const char *element, const mets_file *f, buf *ids)
{
    char id[METS_ID];
    const bool is_premis = strcmp(f->path, META "preservation/premis.xml") == 0;
    open_with_id(w, element, id);
    UPP_TRY(buf_printf(ids, "%s%s", ids->len > 0 ? " " : "", id));
    xml_attr(&w->x, "CREATED", f->created);
    xml_attr(&w->x, "STATUS", "CURRENT");
    open_with_id(w, "mets:mdRef", id);
    put_href(w, f->path);
    xml_attr(&w->x, "MDTYPE", is_premis ? "PREMIS" : "OTHER");
    if (!is_premis)
        xml_attr(&w->x, "OTHERMDTYPE",
                 under(f->path, META "descriptive/") ? "uppsikt-account" : "uppsikt-preservation");
    put_fixity(w, f);
    xml_close(&w->x);
    xml_close(&w->x);
    return 0;
}

static int put_metadata(writing *w)
{
    char id[METS_ID];
    for (size_t i = 0; i < w->n; i++) {
        if (under(w->files[i].path, META "descriptive/"))
            UPP_TRY(put_section(w, "mets:dmdSec", &w->files[i], &w->descriptive));
    }
    open_with_id(w, "mets:amdSec", id);
    for (size_t i = 0; i < w->n; i++) {
        if (under(w->files[i].path, META "preservation/"))
            UPP_TRY(put_section(w, "mets:digiprovMD", &w->files[i], &w->preservation));
    }
    xml_close(&w->x);
    return w->descriptive.len > 0 && w->preservation.len > 0 ? 0 : UPP_E_INPUT;
}

static void put_file(writing *w, const mets_file *f, size_t skip)
{
    char id[METS_ID];
    open_with_id(w, "mets:file", id);
    put_fixity(w, f);
    xml_open(&w->x, "mets:FLocat");
    put_href(w, f->path + skip);
    xml_close(&w->x);
    xml_close(&w->x);
}

/* The group of all files under `folder`; `skip` bytes of their paths are left out. How many. */
static size_t put_group(writing *w, const char *use, const char *folder, size_t skip,
                        char ret_id[METS_ID])
{
    size_t n = 0;
    for (size_t i = 0; i < w->n; i++) {
        if (!under(w->files[i].path, folder))
            continue;
        if (n++ == 0) {
            open_with_id(w, "mets:fileGrp", ret_id);
            xml_attr(&w->x, "USE", use);
        }
        put_file(w, &w->files[i], skip);
    }
    if (n > 0)
        xml_close(&w->x);
    return n;
}

/* A group for each representation, with its METS.xml; id and name are noted for the map. */
static int put_rep_groups(writing *w)
{
    for (size_t i = 0; i < w->n; i++) {
        char id[METS_ID];
        UPP_AUTO(buf_done) buf use = { 0 };
        const mets_file *f = &w->files[i];
        const int n = (int)rep_name(f->path);
        if (n == 0)
            continue;
        UPP_TRY(buf_printf(&use, "Representations/%.*s", n, f->path + strlen(REPS)));
        open_with_id(w, "mets:fileGrp", id);
        xml_attr(&w->x, "USE", buf_text(&use));
        xml_attr(&w->x, "csip:CONTENTINFORMATIONTYPE", "MIXED");
        put_file(w, f, 0);
        xml_close(&w->x);
        UPP_TRY(buf_printf(&w->reps, "%s%.*s", id, n, f->path + strlen(REPS)));
        UPP_TRY(buf_put(&w->reps, "", 1));
    }
    return w->reps.len > 0 ? 0 : UPP_E_INPUT;
}

static void open_div(writing *w, const char *label)
{
    char id[METS_ID];
    open_with_id(w, "mets:div", id);
    xml_attr(&w->x, "LABEL", label);
}

static void put_group_div(writing *w, const char *label, const char *group)
{
    open_div(w, label);
    xml_open(&w->x, "mets:fptr");
    xml_attr(&w->x, "FILEID", group);
    xml_close(&w->x);
    xml_close(&w->x);
}

static void open_map(writing *w, const char *label)
{
    char id[METS_ID];
    open_with_id(w, "mets:structMap", id);
    xml_attr(&w->x, "TYPE", "PHYSICAL");
    xml_attr(&w->x, "LABEL", "CSIP");
    open_div(w, label);
}

static int put_rep_divs(writing *w)
{
    open_div(w, "Representations");
    for (size_t at = 0; at < w->reps.len;) {
        UPP_AUTO(buf_done) buf text = { 0 };
        const char *row = buf_text(&w->reps) + at;
        const char *name = row + METS_ID - 1;
        char id[METS_ID] = { 0 };
        memcpy(id, row, METS_ID - 1);
        UPP_TRY(buf_printf(&text, "Representations/%s", name));
        open_div(w, buf_text(&text));
        text.len = 0;
        UPP_TRY(buf_printf(&text, REPS "%s/METS.xml", name));
        xml_open(&w->x, "mets:mptr");
        put_href(w, buf_text(&text));
        xml_attr(&w->x, "xlink:title", id);
        xml_close(&w->x);
        xml_close(&w->x);
        at += strlen(row) + 1;
    }
    xml_close(&w->x);
    return 0;
}

int mets_root(const mets *m, buf *out)
{
    UPP_AUTO(writing_done) writing w = { 0 };
    char id[METS_ID];
    char schemas[METS_ID];
    char documents[METS_ID];
    UPP_TRY(take_files(m, &w));
    UPP_TRY(xml_begin(&w.x));
    put_start(&w, m->object_id, m->label, "");
    put_header(&w, m->agreement);
    UPP_TRY(put_metadata(&w));
    open_with_id(&w, "mets:fileSec", id);
    const size_t schema_count = put_group(&w, "Schemas", "schemas/", 0, schemas);
    const size_t document_count = put_group(&w, "Documentation", "documentation/", 0, documents);
    UPP_TRY(put_rep_groups(&w));
    xml_close(&w.x);
    open_map(&w, m->object_id);
    open_div(&w, "Metadata");
    xml_attr(&w.x, "ADMID", buf_text(&w.preservation));
    xml_attr(&w.x, "DMDID", buf_text(&w.descriptive));
    xml_close(&w.x);
    if (schema_count > 0)
        put_group_div(&w, "Schemas", schemas);
    if (document_count > 0)
        put_group_div(&w, "Documentation", documents);
    UPP_TRY(put_rep_divs(&w));
    return xml_end(&w.x, out);
}

int mets_representation(const mets *m, const char *name, buf *out)
{
    UPP_AUTO(writing_done) writing w = { 0 };
    UPP_AUTO(buf_done) buf folder = { 0 };
    char id[METS_ID];
    char data[METS_ID];
    UPP_TRY(take_files(m, &w));
    UPP_TRY(buf_printf(&folder, REPS "%s/", name));
    const size_t skip = folder.len;
    UPP_TRY(buf_printf(&folder, "data/"));
    UPP_TRY(xml_begin(&w.x));
    put_start(&w, name, NULL, "../../");
    put_header(&w, NULL);
    open_with_id(&w, "mets:fileSec", id);
    if (put_group(&w, "Data", buf_text(&folder), skip, data) == 0)
        return UPP_E_INPUT;
    xml_close(&w.x);
    open_map(&w, name);
    put_group_div(&w, "Data", data);
    return xml_end(&w.x, out);
}
