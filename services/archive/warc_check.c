/* warc_check.c - checks a WARC file record by record. */
#include "warc_check.h"

#include "warc_sum.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define HEAD_MAX  65536U
#define PIECE     16384U
#define GZIP_HEAD 10U

/* An id that a record has, or that a record names. */
typedef struct named {
    char *id;
    uint64_t offset;
} named;

typedef struct names {
    named *at;
    size_t n;
    size_t room;
} names;

enum place { IN_HEAD, IN_BLOCK, IN_END, AFTER };

typedef struct check {
    const source *in;
    const char *path;
    const warc_rules *rules;
    complaints *to;
    uint64_t offset; /* of the member that is read */
    names ids;
    names concurrent;
    /* the record within the member */
    enum place place;
    buf text; /* its head */
    warc_head head;
    warc_sum sum;
    uint64_t block_left;
    unsigned end_seen;
    const char *fault; /* the first rule it breaks */
} check;

static void names_done(names *list)
{
    for (size_t i = 0; i < list->n; i++)
        free(list->at[i].id);
    free(list->at);
    *list = (names){ 0 };
}

static int names_add(names *list, const char *id, uint64_t offset)
{
    if (list->n == list->room) {
        const size_t room = list->room ? list->room * 2 : 64;
        named *at = realloc(list->at, room * sizeof(*at));
        if (!at)
            return UPP_E_BUSY;
        list->at = at;
        list->room = room;
    }
    char *copy = strdup(id);
    if (!copy)
        return UPP_E_BUSY;
    list->at[list->n++] = (named){ copy, offset };
    return 0;
}

static int by_id(const void *a, const void *b)
{
    const named *l = a;
    const named *r = b;
    const int order = strcmp(l->id, r->id);
    return order ? order : (l->offset > r->offset) - (l->offset < r->offset);
}

static int by_id_alone(const void *a, const void *b)
{
    return strcmp(((const named *)a)->id, ((const named *)b)->id);
}

static void check_done(check *k)
{
    names_done(&k->ids);
    names_done(&k->concurrent);
    buf_done(&k->text);
}

static void blame(check *k, const char *fault)
{
    if (fault && !k->fault)
        k->fault = fault;
}

static void end_head(check *k)
{
    warc_head_read((char *)k->text.at, k->text.len, &k->head);
    blame(k, k->head.fault);
    k->block_left = k->head.content_length;
    if (k->rules->block_max_bytes > 0 && k->block_left > k->rules->block_max_bytes)
        blame(k, "the block is longer than allowed");
    k->place = IN_BLOCK;
    warc_sum_start(&k->head, &k->sum);
}

/* Takes bytes of the head until its empty line; gives how many it took. */
static int take_head(check *k, const uint8_t *bytes, size_t n, size_t *ret_taken)
{
    size_t taken = 0;
    while (taken < n && k->place == IN_HEAD) {
        UPP_TRY(buf_put(&k->text, bytes + taken++, 1));
        const size_t len = k->text.len;
        if (len >= 4 && memcmp(k->text.at + len - 4, "\r\n\r\n", 4) == 0) {
            end_head(k);
        } else if (len >= HEAD_MAX) {
            blame(k, "the head is longer than 64 KiB");
            k->place = AFTER;
        }
    }
    *ret_taken = taken;
    return 0;
}

/* Takes what a member holds, in order: head, block, CRLF CRLF, and nothing more. */
static int take(check *k, const uint8_t *bytes, size_t n)
{
    size_t head = 0;
    UPP_TRY(take_head(k, bytes, n, &head));
    bytes += head;
    n -= head;
    if (k->place == IN_BLOCK) {
        const size_t part = k->block_left < n ? (size_t)k->block_left : n;
        warc_sum_add(&k->sum, bytes, part);
        k->block_left -= part;
        bytes += part;
        n -= part;
        if (k->block_left == 0)
            k->place = IN_END;
    }
    for (; k->place == IN_END && n > 0; bytes++, n--) {
        if (k->end_seen == 4 || *bytes != (uint8_t) "\r\n\r\n"[k->end_seen]) {
            blame(k, "the block is not followed by CRLF CRLF alone");
            k->place = AFTER;
        } else {
            k->end_seen++;
        }
    }
    return 0;
}

static int end_record(check *k, uint64_t length, warc_on_record on_record, void *ctx,
                      warc_tally *tally)
{
    if (k->place == IN_HEAD)
        blame(k, "the head does not end");
    else if (k->place == IN_BLOCK || (k->place == IN_END && k->end_seen < 4))
        blame(k, "the record is shorter than it says");
    else if (k->place == IN_END)
        blame(k, warc_sum_fault(&k->sum, &k->head));
    if (k->fault)
        complain(k->to, k->path, k->offset, "%s: %s", warc_type_word(k->head.type), k->fault);
    tally->records++;
    tally->of[k->head.type]++;
    if (k->head.record_id)
        UPP_TRY(names_add(&k->ids, k->head.record_id, k->offset));
    if (k->head.concurrent_to)
        UPP_TRY(names_add(&k->concurrent, k->head.concurrent_to, k->offset));
    if (on_record && !k->fault) {
        const char *payload = k->head.type == WARC_REVISIT ? NULL : k->head.payload_digest;
        const warc_seen seen = { k->offset, length, &k->head, payload };
        on_record(ctx, &seen);
    }
    return 0;
}

static void inflate_done(z_stream **z)
{
    (void)inflateEnd(*z);
}

/* One gzip member as it is read. */
typedef struct member {
    z_stream *z;
    uint64_t at;  /* next byte to read from the source */
    uint8_t last; /* the byte that inflate took last */
    bool stray;   /* bits after the end of the data that are not zero */
} member;

/* After the last block of the data the rest of its byte is free (RFC 1951, 3.2.3); ours is zero. */
static void look_at_rest(member *m)
{
    const int at = m->z->data_type;
    const unsigned unused = (unsigned)at & 7U;
    if ((at & 64) && (at & 128) && unused > 0)
        m->stray = m->last >> (8 - unused) != 0;
}

/* Reads the member at k->offset. 1: whole, its length in *ret_length; 0: told why it is not. */
static int read_member(check *k, member *m, uint64_t *ret_length)
{
    uint8_t raw[PIECE];
    uint8_t plain[PIECE];
    z_stream *z = m->z;
    for (;;) {
        if (z->avail_in == 0 && m->at < k->in->bytes) {
            const uint64_t left = k->in->bytes - m->at;
            const size_t n = left < sizeof(raw) ? (size_t)left : sizeof(raw);
            UPP_TRY(source_read(k->in, m->at, raw, n));
            m->at += n;
            z->next_in = raw;
            z->avail_in = (uInt)n;
        }
        const uInt before = z->avail_in;
        z->next_out = plain;
        z->avail_out = sizeof(plain);
        const int rc = inflate(z, Z_BLOCK);
        const size_t made = sizeof(plain) - z->avail_out;
        if (rc == Z_MEM_ERROR)
            return UPP_E_BUSY;
        if (z->avail_in < before)
            m->last = z->next_in[-1];
        if (rc == Z_OK)
            look_at_rest(m);
        UPP_TRY(take(k, plain, made));
        if (rc == Z_STREAM_END) {
            *ret_length = m->at - z->avail_in - k->offset;
            return 1;
        }
        if (rc != Z_OK && rc != Z_BUF_ERROR) {
            complain(k->to, k->path, k->offset, "corrupt gzip member (zlib %d)", rc);
            return 0;
        }
        /* No byte in, none out, none left: it would stay so for ever. */
        if (z->avail_in == before && made == 0 && m->at == k->in->bytes && rc == Z_BUF_ERROR) {
            complain(k->to, k->path, k->offset, "truncated gzip member");
            return 0;
        }
    }
}

static void start_record(check *k)
{
    k->place = IN_HEAD;
    k->text.len = 0;
    k->head = (warc_head){ .type = WARC_OTHER };
    k->block_left = 0;
    k->end_seen = 0;
    k->fault = NULL;
}

/* 1: the gzip head is right; 0: told why not. */
static int look_at_gzip_head(check *k)
{
    static const uint8_t own[GZIP_HEAD] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255 };
    uint8_t head[GZIP_HEAD] = { 0 };
    const uint64_t left = k->in->bytes - k->offset;
    const size_t n = left < GZIP_HEAD ? (size_t)left : GZIP_HEAD;
    UPP_TRY(source_read(k->in, k->offset, head, n));
    if (n < GZIP_HEAD) {
        complain(k->to, k->path, k->offset, "truncated gzip member");
        return 0;
    }
    if (head[0] != own[0] || head[1] != own[1]) {
        complain(k->to, k->path, k->offset, "no gzip member begins here");
        return 0;
    }
    if (k->rules->own_form && memcmp(head, own, GZIP_HEAD) != 0)
        complain(k->to, k->path, k->offset, "the gzip header is not as it was written");
    return 1;
}

/* 1: go on after it; 0: told why not. */
static int check_member(check *k, warc_on_record on_record, void *ctx, warc_tally *tally)
{
    uint64_t length = 0;
    z_stream z = { 0 };
    const int begins = look_at_gzip_head(k);
    if (begins <= 0)
        return begins;
    if (inflateInit2(&z, 31) != Z_OK)
        return UPP_E_BUSY;
    UPP_AUTO(inflate_done) z_stream *zp = &z;
    member m = { .z = zp, .at = k->offset };
    start_record(k);
    const int whole = read_member(k, &m, &length);
    if (whole <= 0)
        return whole;
    if (k->rules->own_form && m.stray)
        complain(k->to, k->path, k->offset, "stray bits after the compressed data");
    UPP_TRY(end_record(k, length, on_record, ctx, tally));
    k->offset += length;
    return 1;
}

static void check_names(check *k)
{
    if (k->ids.n > 0)
        qsort(k->ids.at, k->ids.n, sizeof(named), by_id);
    for (size_t i = 1; i < k->ids.n; i++) {
        if (strcmp(k->ids.at[i - 1].id, k->ids.at[i].id) == 0)
            complain(k->to, k->path, k->ids.at[i].offset,
                     "the record id is that of another record");
    }
    for (size_t i = 0; i < k->concurrent.n; i++) {
        const named *wanted = &k->concurrent.at[i];
        if (!k->ids.at || !bsearch(wanted, k->ids.at, k->ids.n, sizeof(named), by_id_alone))
            complain(k->to, k->path, wanted->offset,
                     "WARC-Concurrent-To names no record of the file");
    }
}

int warc_check(const source *in, const char *path, const warc_rules *rules, complaints *to,
               warc_on_record on_record, void *ctx, warc_tally *ret_tally)
{
    UPP_AUTO(check_done) check k = { .in = in, .path = path, .rules = rules, .to = to };
    warc_tally tally = { 0 };
    int more = 1;
    while (more > 0 && k.offset < in->bytes)
        more = check_member(&k, on_record, ctx, &tally);
    if (more < 0)
        return more;
    check_names(&k);
    if (tally.records == 0)
        complain(to, path, 0, "no whole record");
    if (rules->records > 0 && tally.records != rules->records)
        complain(to, path, in->bytes, "%" PRIu64 " records, not %" PRIu64, tally.records,
                 rules->records);
    *ret_tally = tally;
    return 0;
}
