/* xml_out.h - libxml2's writer with our outcomes: elements, attributes and text into a buffer.
 * Nothing of libxml2 is shared between two writers. */
#pragma once
#include "stream.h"

#include <libxml/xmlwriter.h>

typedef struct xml_out {
    xmlTextWriter *w;
    xmlBuffer *text;
    bool failed; /* libxml2 said no (no memory, or text that is no UTF-8); said by xml_end() */
} xml_out;

/* 0 or UPP_E_BUSY. The owner releases with xml_done(). */
UPP_MUST_USE int xml_begin(xml_out *ret_x);
void xml_done(xml_out *x);
void xml_open(xml_out *x, const char *name);
void xml_close(xml_out *x);
void xml_attr(xml_out *x, const char *name, const char *value);
void xml_attr_number(xml_out *x, const char *name, uint64_t value);
/* An element that holds text alone. */
void xml_leaf(xml_out *x, const char *name, const char *text);
/* Closes all and appends the document to `out`. 0; UPP_E_INPUT: see `failed`; UPP_E_BUSY. */
UPP_MUST_USE int xml_end(xml_out *x, buf *out);
/* Whether `text` can stand in XML 1.0: UTF-8 without control characters (2.2). */
bool xml_text_ok(const char *text);
