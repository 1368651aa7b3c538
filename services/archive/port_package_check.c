/* port_package_check.c - checks a package that lies in a folder, alone (R27). */
#include "bag.h"
#include "package_check.h"
#include "wacz_check.h"
#include <errno.h>
#include <libxml/parser.h>
#include <libxml/uri.h>
#include <libxml/xmlschemas.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int check_bag(folder_list *f, complaints *to, package_tally *tally)
{
    bag_file *files = calloc(f->n + 1, sizeof *files);
    if (!files)
        return ENOMEM;
    for (size_t i = 0; i < f->n; i++) {
        files[i] = (bag_file){ f->files[i].path, folder_source(&f->files[i]) };
        tally->bytes += f->files[i].bytes;
    }
    tally->files = f->n;
    const int rc = bag_check(files, f->n, to);
    free(files);
    return rc < 0 ? EIO : 0;
}

static bool ends(const char *path, const char *with)
{
    const size_t n = strlen(path), len = strlen(with);
    return n >= len && strcmp(path + n - len, with) == 0;
}

/* -- METS: what it lists is there -- */
static bool lies_there(const folder_list *f, const char *mets, const char *href)
{
    char path[PATH_MAX];
    const char *slash = strrchr(mets, '/');
    const int n =
        snprintf(path, sizeof path, "%.*s%s", slash ? (int)(slash - mets + 1) : 0, mets, href);
    if (n < 0 || (size_t)n >= sizeof path)
        return false;
    for (size_t i = 0; i < f->n; i++)
        if (strcmp(f->files[i].path, path) == 0)
            return true;
    return false;
}

static void check_links(const folder_list *f, const char *path, const xmlNode *node, complaints *to)
{
    for (; node; node = node->next) {
        xmlChar *href = node->type == XML_ELEMENT_NODE
                            ? xmlGetNsProp(node, (const xmlChar *)"href",
                                           (const xmlChar *)"http://www.w3.org/1999/xlink")
                            : NULL;
        if (href) {
            char *plain = xmlURIUnescapeString((const char *)href, 0, NULL);
            if (!plain || !lies_there(f, path, plain))
                complain(to, path, 0, "it lists a file that is not there (line %ld)",
                         xmlGetLineNo(node));
            xmlFree(plain);
            xmlFree(href);
        }
        check_links(f, path, node->children, to);
    }
}

static void say_schema(void *ctx, const char *fmt, ...)
{
    (void)ctx; /* what it says quotes the document: only that it is wrong goes further */
    (void)fmt;
}

/* 1: it is of its schema, or there is none; 0: it is not. */
static int of_schema(xmlDoc *doc, const char *schemas, const char *name, bool *ret_held)
{
    char path[PATH_MAX];
    if (!schemas || folder_path(schemas, name, path) || !folder_has(path))
        return 1;
    const xmlExternalEntityLoader before = xmlGetExternalEntityLoader();
    xmlSetExternalEntityLoader(xmlNoNetExternalEntityLoader);
    xmlSchemaParserCtxt *parser = xmlSchemaNewParserCtxt(path);
    xmlSchema *schema = NULL;
    int good = 0;
    if (parser) {
        xmlSchemaSetParserErrors(parser, say_schema, say_schema, NULL);
        schema = xmlSchemaParse(parser);
        xmlSchemaFreeParserCtxt(parser);
    }
    xmlSchemaValidCtxt *valid = schema ? xmlSchemaNewValidCtxt(schema) : NULL;
    if (valid) {
        xmlSchemaSetValidErrors(valid, say_schema, say_schema, NULL);
        good = xmlSchemaValidateDoc(valid, doc) == 0;
        *ret_held = true;
        xmlSchemaFreeValidCtxt(valid);
    }
    xmlSchemaFree(schema);
    xmlSetExternalEntityLoader(before);
    return good;
}

static int check_xml(const folder_list *f, folder_file *file, const char *schemas, complaints *to,
                     package_tally *tally)
{
    const bool is_mets = ends(file->path, "METS.xml");
    xmlDoc *doc =
        xmlReadFile(file->whole, NULL, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    if (!doc) {
        complain(to, file->path, 0, "this is not XML");
        return 0;
    }
    if (is_mets) {
        tally->mets++;
        check_links(f, file->path, xmlDocGetRootElement(doc), to);
    }
    if (!of_schema(doc, schemas, is_mets ? "mets.sip.local.v2-0.xsd" : "premis-v3-0.xsd",
                   &tally->schemas))
        complain(to, file->path, 0, "it is not of its schema");
    xmlFreeDoc(doc);
    return 0;
}

static int check_one(const folder_list *f, folder_file *file, const char *schemas, complaints *to,
                     package_tally *tally)
{
    if (ends(file->path, "METS.xml") || ends(file->path, "/premis.xml"))
        return check_xml(f, file, schemas, to, tally);
    if (!ends(file->path, "rep1/data/konto.wacz"))
        return 0;
    const source in = folder_source(file);
    tally->wacz++;
    return wacz_check(&in, file->path, false, to) < 0 ? EIO : 0;
}

int package_check(const char *root, const char *schemas, complaints *to, package_tally *ret_tally)
{
    folder_list f = { 0 };
    package_tally tally = { 0 };
    int rc = folder_walk(root, &f);
    if (rc == EMLINK) {
        complain(to, root, 0, "something in it is neither a file nor a folder");
        return 0;
    }
    if (rc == 0)
        rc = check_bag(&f, to, &tally);
    for (size_t i = 0; i < f.n && rc == 0; i++)
        rc = check_one(&f, &f.files[i], schemas, to, &tally);
    if (rc == 0 && tally.mets == 0)
        complain(to, root, 0, "there is no METS.xml: this is a bag, but no package");
    folder_done(&f);
    *ret_tally = tally;
    return rc;
}
