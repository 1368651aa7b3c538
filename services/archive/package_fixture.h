/* package_fixture.h - a small capture, made by the writers, for the tests of the checkers. */
#pragma once
#include "cdxj.h"
#include "complaint.h"
#include "mets.h"
#include "stream.h"
#include "warc.h"

#define FIXTURE_DATE "2026-11-23T17:40:51.123Z"

/* Six records: warcinfo, response + request, resource, metadata, an empty resource. `ends` (may be
 * NULL) gets the offset behind each. */
#define FIXTURE_RECORDS 6
void fixture_warc(buf *out, uint64_t ends[FIXTURE_RECORDS], warc_place *ret_response);
void fixture_wacz(bool deflate_pages, buf *out);
/* The ids of a METS: counted, from 1. `ctx` is an unsigned. */
void fixture_next_id(void *ctx, char ret_id[METS_ID]);
/* How many complaints warc_check() has of these bytes. */
size_t fixture_warc_faults(upp_bytes bytes, bool own_form, uint64_t records, complaints *to);
size_t fixture_wacz_faults(upp_bytes bytes, bool own_form, complaints *to);
/* Keeps the last complaint: `ctx` is a fixture_heard. */
typedef struct fixture_heard {
    uint64_t offset;
    char path[64];
    char what[256];
} fixture_heard;
complaints fixture_ears(fixture_heard *heard);
