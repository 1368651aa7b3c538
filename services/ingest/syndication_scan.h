/* syndication_scan.h - may these bytes be given to an XML parser at all? What a parser would take
 * long for, or look elsewhere for, is refused before it (XML 1.0 §2.8, §3.1, §4.2). Pure. */
#pragma once
#include "item.h"

enum {
    SYNDICATION_BYTES = 4 * 1024 * 1024, /* of a whole feed; a usual one has some tens of KiB */
    SYNDICATION_ATTRIBUTES = 64          /* of one tag; libxml2 compares each with each */
};

/* The document without its byte order mark and the blank lines that some servers put before it;
 * lent. UPP_E_INPUT: it is too large, of another encoding than UTF-8, ISO 8859-1, ISO 8859-15 or
 * Windows-1252, has a document type, a tag of too many attributes, or is no XML; ret_why says
 * which, never with a word of it. */
int syndication_scan(upp_bytes body, upp_bytes *ret_xml, char ret_why[ITEM_WHY]);
