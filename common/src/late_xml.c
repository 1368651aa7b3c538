/* late_xml.c - libxml2's functions under their own names, each handed on to the library. */
#include "late_xml.h"
#include "late.h"
#include "upp/base.h"
#include <libxml/HTMLparser.h>
#include <libxml/parser.h>
#include <libxml/uri.h>
#include <libxml/xmlschemas.h>
#include <libxml/xmlwriter.h>
#include <pthread.h>
#include <stdlib.h>

// clang-format off
/* Every function that somebody here calls: what it gives, name, parameters, arguments. */
#define XML_GIVING(X)                                                                              \
    X(const htmlEntityDesc *, htmlEntityLookup, (const xmlChar *name), (name))                     \
    X(htmlDocPtr, htmlReadMemory,                                                                  \
      (const char *bytes, int n, const char *url, const char *encoding, int options),              \
      (bytes, n, url, encoding, options))                                                          \
    X(xmlDocPtr, xmlReadFile, (const char *path, const char *encoding, int options),               \
      (path, encoding, options))                                                                   \
    X(xmlParserCtxtPtr, xmlCreatePushParserCtxt,                                                   \
      (xmlSAXHandlerPtr sax, void *user, const char *bytes, int n, const char *url),               \
      (sax, user, bytes, n, url))                                                                  \
    X(int, xmlCtxtUseOptions, (xmlParserCtxtPtr parser, int options), (parser, options))           \
    X(int, xmlParseChunk, (xmlParserCtxtPtr parser, const char *bytes, int n, int last),           \
      (parser, bytes, n, last))                                                                    \
    X(xmlChar *, xmlBuildURI, (const xmlChar *uri, const xmlChar *base), (uri, base))              \
    X(xmlNodePtr, xmlDocGetRootElement, (const xmlDoc *doc), (doc))                                \
    X(xmlChar *, xmlGetNsProp, (const xmlNode *node, const xmlChar *name, const xmlChar *space),   \
      (node, name, space))                                                                         \
    X(long, xmlGetLineNo, (const xmlNode *node), (node))                                           \
    X(char *, xmlURIUnescapeString, (const char *text, int n, char *to), (text, n, to))            \
    X(int, xmlCheckUTF8, (const unsigned char *text), (text))                                      \
    X(xmlExternalEntityLoader, xmlGetExternalEntityLoader, (void), ())                             \
    X(xmlParserInputPtr, xmlNoNetExternalEntityLoader,                                             \
      (const char *url, const char *id, xmlParserCtxtPtr parser), (url, id, parser))               \
    X(xmlSchemaParserCtxtPtr, xmlSchemaNewParserCtxt, (const char *url), (url))                    \
    X(xmlSchemaPtr, xmlSchemaParse, (xmlSchemaParserCtxtPtr parser), (parser))                     \
    X(xmlSchemaValidCtxtPtr, xmlSchemaNewValidCtxt, (xmlSchemaPtr schema), (schema))               \
    X(int, xmlSchemaValidateDoc, (xmlSchemaValidCtxtPtr valid, xmlDocPtr doc), (valid, doc))       \
    X(xmlBufferPtr, xmlBufferCreate, (void), ())                                                   \
    X(const xmlChar *, xmlBufferContent, (const xmlBuffer *buffer), (buffer))                      \
    X(int, xmlBufferLength, (const xmlBuffer *buffer), (buffer))                                   \
    X(xmlTextWriterPtr, xmlNewTextWriterMemory, (xmlBufferPtr buffer, int compression),            \
      (buffer, compression))                                                                       \
    X(int, xmlTextWriterSetIndent, (xmlTextWriterPtr writer, int indent), (writer, indent))        \
    X(int, xmlTextWriterSetIndentString, (xmlTextWriterPtr writer, const xmlChar *text),           \
      (writer, text))                                                                              \
    X(int, xmlTextWriterStartDocument,                                                             \
      (xmlTextWriterPtr writer, const char *version, const char *encoding, const char *alone),     \
      (writer, version, encoding, alone))                                                          \
    X(int, xmlTextWriterEndDocument, (xmlTextWriterPtr writer), (writer))                          \
    X(int, xmlTextWriterStartElement, (xmlTextWriterPtr writer, const xmlChar *name),              \
      (writer, name))                                                                              \
    X(int, xmlTextWriterEndElement, (xmlTextWriterPtr writer), (writer))                           \
    X(int, xmlTextWriterWriteAttribute,                                                            \
      (xmlTextWriterPtr writer, const xmlChar *name, const xmlChar *value), (writer, name, value)) \
    X(int, xmlTextWriterWriteString, (xmlTextWriterPtr writer, const xmlChar *text),               \
      (writer, text))                                                                              \
    X(int, xmlTextWriterWriteElement,                                                              \
      (xmlTextWriterPtr writer, const xmlChar *name, const xmlChar *text), (writer, name, text))
#define XML_SILENT(X)                                                                              \
    X(void, xmlFreeDoc, (xmlDocPtr doc), (doc))                                                    \
    X(void, xmlStopParser, (xmlParserCtxtPtr parser), (parser))                                    \
    X(void, xmlFreeParserCtxt, (xmlParserCtxtPtr parser), (parser))                                \
    X(void, xmlSetExternalEntityLoader, (xmlExternalEntityLoader loader), (loader))                \
    X(void, xmlSchemaFreeParserCtxt, (xmlSchemaParserCtxtPtr parser), (parser))                    \
    X(void, xmlSchemaFree, (xmlSchemaPtr schema), (schema))                                        \
    X(void, xmlSchemaFreeValidCtxt, (xmlSchemaValidCtxtPtr valid), (valid))                        \
    X(void, xmlSchemaSetParserErrors,                                                              \
      (xmlSchemaParserCtxtPtr parser, xmlSchemaValidityErrorFunc error,                            \
       xmlSchemaValidityWarningFunc warning, void *ctx), (parser, error, warning, ctx))            \
    X(void, xmlSchemaSetValidErrors,                                                               \
      (xmlSchemaValidCtxtPtr valid, xmlSchemaValidityErrorFunc error,                              \
       xmlSchemaValidityWarningFunc warning, void *ctx), (valid, error, warning, ctx))             \
    X(void, xmlBufferFree, (xmlBufferPtr buffer), (buffer))                                        \
    X(void, xmlFreeTextWriter, (xmlTextWriterPtr writer), (writer))
// clang-format on

typedef struct xml_calls {
#define XML_FIELD(type, name, parameters, arguments) type(*name) parameters;
    XML_GIVING(XML_FIELD) XML_SILENT(XML_FIELD)
#undef XML_FIELD
} xml_calls;

static xml_calls real;

static const upp_late_row rows[] = {
#define XML_ROW(type, name, parameters, arguments) { #name, offsetof(xml_calls, name) },
    XML_GIVING(XML_ROW) XML_SILENT(XML_ROW)
#undef XML_ROW
};

static const upp_late late = { .title = "libxml2",
                               .file = UPP_XML_LIBRARY,
                               .rows = rows,
                               .n_rows = UPP_LEN(rows),
                               .table = &real };

static void load_for_good(void)
{
    upp_late_load(&late);
}

static const xml_calls *xml(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    upp_check(pthread_once(&once, load_for_good) == 0);
    return &real;
}

#define XML_HAND_ON(type, name, parameters, arguments)                                             \
    type name parameters                                                                           \
    {                                                                                              \
        return xml()->name arguments;                                                              \
    }
XML_GIVING(XML_HAND_ON)
#undef XML_HAND_ON
#define XML_HAND_ON(type, name, parameters, arguments)                                             \
    void name parameters                                                                           \
    {                                                                                              \
        xml()->name arguments;                                                                     \
    }
XML_SILENT(XML_HAND_ON)
#undef XML_HAND_ON

/* What libxml2 has in it, too, unless its user sets other allocators: nobody here does. */
xmlFreeFunc xmlFree = free;

const char *upp_xml_lacks(void)
{
    return upp_late_lacks(&late);
}
