/* rendering.h - our own picture of a comment in its context, as a page that needs nothing from
 * outside (capture.md §15): what is photographed and printed for the record. Pure. */
#pragma once
#include "dossier.h"

/* More of one text than this is cut in the page, and the page says so: the whole text stands in the
 * record's JSON. An ask to the browser holds 64 KiB. */
enum { RENDERING_TEXT = 20 * 1024, RENDERING_CONTEXT = 1536, RENDERING_BYTES = 60 * 1024 };

/* One HTML document: no script, no link that loads, no picture but those that lie in the record;
 * everything that people wrote is escaped. UTF-8 from malloc, at most RENDERING_BYTES. */
char *rendering_make(const dossier *d, size_t *ret_len);
/* The picture that was attached as the i-th (from 0), as far as it lies in the record and is of a
 * kind that a page shows; NULL: none is shown. */
const Uppsikt__GatheredFile *rendering_picture(const dossier *d, size_t i);
/* The text of `key` in the Swedish catalogue (evidence.sv.txt); the key itself when it lacks it. */
enum { RENDERING_PHRASE = 300 };
const char *rendering_phrase(const char *key, char ret_text[RENDERING_PHRASE]);
/* "tis 24 nov 2026 kl. 15.30.05" on the zone's clock. */
enum { RENDERING_TIME = 64 };
void rendering_time(const zone *tz, upp_ms at, char ret_text[RENDERING_TIME]);
