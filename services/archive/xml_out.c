/* xml_out.c - libxml2's writer with our outcomes. */
#include "xml_out.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

int xml_begin(xml_out *ret_x)
{
    xml_out x = { .text = xmlBufferCreate() };
    x.w = x.text ? xmlNewTextWriterMemory(x.text, 0) : NULL;
    if (!x.w) {
        xmlBufferFree(x.text);
        return UPP_E_BUSY;
    }
    x.failed = xmlTextWriterSetIndent(x.w, 1) < 0 ||
               xmlTextWriterSetIndentString(x.w, BAD_CAST " ") < 0 ||
               xmlTextWriterStartDocument(x.w, "1.0", "UTF-8", NULL) < 0;
    *ret_x = x;
    return 0;
}

void xml_done(xml_out *x)
{
    if (x->w)
        xmlFreeTextWriter(x->w);
    if (x->text)
        xmlBufferFree(x->text);
    *x = (xml_out){ 0 };
}

bool xml_text_ok(const char *text)
{
    for (const char *p = text; *p; p++) {
        if ((unsigned char)*p < 0x20 && *p != '\t' && *p != '\n')
            return false;
    }
    return xmlCheckUTF8(BAD_CAST text) == 1;
}

void xml_open(xml_out *x, const char *name)
{
    x->failed = xmlTextWriterStartElement(x->w, BAD_CAST name) < 0 || x->failed;
}

void xml_close(xml_out *x)
{
    x->failed = xmlTextWriterEndElement(x->w) < 0 || x->failed;
}

void xml_attr(xml_out *x, const char *name, const char *value)
{
    x->failed = !xml_text_ok(value) ||
                xmlTextWriterWriteAttribute(x->w, BAD_CAST name, BAD_CAST value) < 0 || x->failed;
}

void xml_attr_number(xml_out *x, const char *name, uint64_t value)
{
    char text[24];
    (void)snprintf(text, sizeof(text), "%" PRIu64, value);
    xml_attr(x, name, text);
}

void xml_leaf(xml_out *x, const char *name, const char *text)
{
    x->failed = !xml_text_ok(text) ||
                xmlTextWriterWriteElement(x->w, BAD_CAST name, BAD_CAST text) < 0 || x->failed;
}

int xml_end(xml_out *x, buf *out)
{
    x->failed = xmlTextWriterEndDocument(x->w) < 0 || x->failed;
    if (x->failed)
        return UPP_E_INPUT;
    return buf_put(out, xmlBufferContent(x->text), (size_t)xmlBufferLength(x->text));
}
