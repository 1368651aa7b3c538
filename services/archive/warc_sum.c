/* warc_sum.c - the digests that a WARC record states, computed again while its block goes by. */
#include "warc_sum.h"

#include "fixity.h"

#include <string.h>
#include <strings.h>

/* `algorithm:value` (section 5.8); the names that archives use. */
static const struct nettle_hash *algorithm_of(const char *digest)
{
    static const struct {
        const char *name;
        const struct nettle_hash *by;
    } known[] = {
        { "sha1:", &nettle_sha1 },     { "sha-1:", &nettle_sha1 },
        { "sha256:", &nettle_sha256 }, { "sha-256:", &nettle_sha256 },
        { "sha512:", &nettle_sha512 }, { "sha-512:", &nettle_sha512 },
        { "md5:", &nettle_md5 },
    };
    for (size_t i = 0; i < UPP_LEN(known); i++) {
        if (strncasecmp(digest, known[i].name, strlen(known[i].name)) == 0)
            return known[i].by;
    }
    return NULL;
}

static void start_one(const char *digest, warc_sum *sum, warc_digest *ret)
{
    ret->by = digest ? algorithm_of(digest) : NULL;
    if (digest && !ret->by)
        sum->unknown = true;
    if (ret->by)
        ret->by->init(&ret->at);
}

void warc_sum_start(const warc_head *head, warc_sum *ret_sum)
{
    *ret_sum = (warc_sum){ .in_payload = !warc_http_payload(head) };
    start_one(head->block_digest, ret_sum, &ret_sum->block);
    /* A revisit states the digest of a payload that lies elsewhere (6.7.2). */
    start_one(head->type == WARC_REVISIT ? NULL : head->payload_digest, ret_sum, &ret_sum->payload);
}

/* Where the payload begins in these bytes; `n` when it has not begun. */
static size_t payload_from(warc_sum *sum, const uint8_t *bytes, size_t n)
{
    static const uint8_t empty[] = { '\r', '\n', '\r', '\n' };
    if (sum->in_payload)
        return 0;
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] == empty[sum->ends])
            sum->ends++;
        else
            sum->ends = bytes[i] == '\r' ? 1 : 0;
        if (sum->ends == sizeof(empty)) {
            sum->in_payload = true;
            return i + 1;
        }
    }
    return n;
}

void warc_sum_add(warc_sum *sum, const uint8_t *bytes, size_t n)
{
    if (sum->block.by && n > 0)
        sum->block.by->update(&sum->block.at, n, bytes);
    const size_t from = payload_from(sum, bytes, n);
    if (sum->payload.by && from < n)
        sum->payload.by->update(&sum->payload.at, n - from, bytes + from);
}

/* RFC 4648 base32 without its padding: 8 characters for 5 bytes. */
static void base32(const uint8_t *bytes, size_t n, char *ret_text)
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    unsigned held = 0;
    unsigned bits = 0;
    for (size_t i = 0; i < n; i++) {
        held = (held << 8 | bytes[i]) & 0xffffU;
        bits += 8;
        while (bits >= 5) {
            *ret_text++ = digit[(held >> (bits - 5)) & 31];
            bits -= 5;
        }
    }
    if (bits > 0)
        *ret_text++ = digit[(held << (5 - bits)) & 31];
    *ret_text = 0;
}

static bool as_stated(warc_digest *sum, const char *digest)
{
    uint8_t hash[SHA512_DIGEST_SIZE];
    char text[2 * sizeof hash + 1];
    if (!sum->by)
        return true;
    const size_t n = sum->by->digest_size;
    sum->by->digest(&sum->at, n, hash);
    const char *value = strchr(digest, ':') + 1; /* algorithm_of() saw the colon */
    const size_t len = strcspn(value, "=");
    fixity_hex(hash, n, text);
    if (len == strlen(text) && strncasecmp(text, value, len) == 0)
        return true;
    base32(hash, n, text);
    return len == strlen(text) && strncasecmp(text, value, len) == 0;
}

const char *warc_sum_fault(warc_sum *sum, const warc_head *head)
{
    const bool block = as_stated(&sum->block, head->block_digest);
    const bool payload = as_stated(&sum->payload, head->payload_digest);
    if (sum->unknown)
        return "a digest's algorithm is not known here";
    if (!block)
        return payload ? "the block digest is wrong" : "block digest and payload digest are wrong";
    return payload ? NULL : "the payload digest is wrong";
}
