/* syndication_xml.h - a feed of RSS 2.0 or Atom (RFC 4287) as JSON, for the rest of ingest, which
 * keeps, compares and sets aside JSON. What its words mean is rss.c's business. Pure: nothing is
 * loaded, no entity but the five of XML is known. */
#pragma once
#include "item.h"

enum {
    SYNDICATION_ENTRIES = 2000, /* more are no window on comments, and none is taken in */
    SYNDICATION_NODES = 100000, /* elements and attributes together */
    SYNDICATION_DEPTH = 64,     /* elements in one another */
    SYNDICATION_BASE = 1000     /* bytes of an xml:base; a longer one is let be */
};

/* {"entries": [{"format": "rss" or "atom", "base": what its relative links are relative to,
 *   "fields": [{"name", "attributes": {...}, and one of "text", "markup" (elements in it, as HTML),
 *               "fields" (of a person of Atom's)}]}]}
 * in the document's order; `url` is where it was got. Names of Atom in a feed of Atom and of RSS in
 * one of RSS stand alone, others behind a prefix: dc: content: thr: atom: xml: as everybody writes
 * them, whatever the document does, and ?its-own: where it is not known. The caller owns it.
 * NULL: it cannot be read; ret_why says why, never with a word of it. */
json_t *syndication_xml_read(upp_bytes body, const char *url, char ret_why[ITEM_WHY]);
