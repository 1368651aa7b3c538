/* push.c - what another system pushes: cut, counted, reported. */
#include "push.h"
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const connector push_connector = { .name = "webhook", .pushes = true };

/* -- secrets -- */
static bool good_secret(upp_bytes secret)
{
    enum { SHORTEST = 16, LONGEST = 128 };
    bool good = secret.len >= SHORTEST && secret.len <= LONGEST;
    for (size_t i = 0; good && i < secret.len; i++)
        good = secret.at[i] > ' ' && secret.at[i] < 0x7f;
    return good;
}

int push_secrets(const char *text, upp_bytes ret_secrets[PUSH_SECRETS])
{
    static const char ends[] = "\r\n";
    int n = 0;
    for (const char *at = text + strspn(text, ends); *at; at += strspn(at, ends)) {
        const upp_bytes line = { (const uint8_t *)at, strcspn(at, ends) };
        if (n == PUSH_SECRETS || !good_secret(line))
            return UPP_E_INPUT;
        ret_secrets[n++] = line;
        at += line.len;
    }
    return n > 0 ? n : UPP_E_INPUT;
}

/* -- the body -- */
/* Takes one line off, without its end. False: there is none. */
static bool next_line(push_cut *cut, upp_bytes *ret_line)
{
    if (cut->rest.len == 0)
        return false;
    const uint8_t *end = memchr(cut->rest.at, '\n', cut->rest.len);
    const size_t n = end ? (size_t)(end - cut->rest.at) : cut->rest.len;
    *ret_line = (upp_bytes){ cut->rest.at, n };
    cut->rest.at += n + (end != NULL);
    cut->rest.len -= n + (end != NULL);
    cut->number++;
    while (ret_line->len > 0 && ret_line->at[ret_line->len - 1] == '\r')
        ret_line->len--;
    return true;
}

static bool is_blank(upp_bytes line)
{
    size_t i = 0;
    while (i < line.len && (line.at[i] == ' ' || line.at[i] == '\t'))
        i++;
    return i == line.len;
}

bool push_next(push_cut *cut, push_part *ret_part)
{
    enum { LINE = 48 * 1024 + 1 }; /* one more than lines_take takes */
    size_t bytes = 0;
    upp_bytes line;
    ret_part->n = 0;
    while (ret_part->n < PUSH_PART_LINES) {
        const push_cut before = *cut;
        if (!next_line(cut, &line))
            break;
        if (is_blank(line))
            continue;
        const size_t n = line.len < LINE ? line.len : LINE;
        if (bytes + n > PUSH_PART_BYTES) { /* it begins the next one */
            *cut = before;
            break;
        }
        bytes += n;
        Uppsikt__PushedLine *to = &ret_part->lines[ret_part->n];
        uppsikt__pushed_line__init(to);
        to->number = cut->number;
        to->line = (ProtobufCBinaryData){ n, (uint8_t *)upp_lend((const char *)line.at) };
        ret_part->list[ret_part->n++] = to;
    }
    cut->parts += ret_part->n > 0;
    return ret_part->n > 0;
}

int push_parts(upp_bytes body)
{
    push_cut cut = { .rest = body };
    push_part *part = malloc(sizeof *part);
    size_t lines = 0;
    upp_check(part);
    while (lines <= PUSH_LINES && push_next(&cut, part))
        lines += part->n;
    free(part);
    return lines > PUSH_LINES ? UPP_E_INPUT : (int)cut.parts;
}

bool push_type_good(const char *content_type)
{
    static const char *const good[] = { "application/x-ndjson", "application/ndjson",
                                        "application/jsonl", "application/json" };
    const size_t n = content_type ? strcspn(content_type, "; \t") : 0;
    if (n == 0)
        return true;
    for (size_t i = 0; i < UPP_LEN(good); i++)
        if (n == strlen(good[i]) && strncasecmp(content_type, good[i], n) == 0)
            return true;
    return false;
}

/* -- ids -- */
static void hash_text(crypto_hash_sha256_state *hash, const char *text)
{
    crypto_hash_sha256_update(hash, (const uint8_t *)text, strlen(text) + 1);
}

void push_hash(const char *account, const char *timestamp, upp_bytes body,
               uint8_t ret_hash[PUSH_HASH])
{
    crypto_hash_sha256_state hash;
    crypto_hash_sha256_init(&hash);
    hash_text(&hash, "uppsikt push");
    hash_text(&hash, account);
    hash_text(&hash, timestamp);
    if (body.len)
        crypto_hash_sha256_update(&hash, body.at, body.len);
    crypto_hash_sha256_final(&hash, ret_hash);
}

void push_command_id(const uint8_t hash[PUSH_HASH], size_t part, uint8_t ret_id[PUSH_ID])
{
    uint8_t of[PUSH_HASH + 4], whole[crypto_hash_sha256_BYTES];
    memcpy(of, hash, PUSH_HASH);
    for (size_t i = 0; i < 4; i++)
        of[PUSH_HASH + i] = (uint8_t)(part >> (8 * (3 - i)));
    crypto_hash_sha256(whole, of, sizeof of);
    memcpy(ret_id, whole, PUSH_ID);
}

/* -- what it is told -- */
void push_sum_add(push_sum *sum, const Uppsikt__LinesImported *part)
{
    sum->fresh += part->accepted;
    sum->known += part->known;
    sum->edited += part->edited;
    sum->bad += part->quarantined;
    if (!sum->lines)
        sum->lines = json_array();
    for (size_t i = 0; i < part->n_bad; i++)
        json_array_append_new(sum->lines,
                              json_pack("{s:I, s:s}", "line", (json_int_t)part->bad[i]->line, "why",
                                        part->bad[i]->why));
}

char *push_report(const push_sum *sum)
{
    json_t *lines = sum->lines ? json_incref(sum->lines) : json_array();
    json_t *json = json_pack("{s:I, s:I, s:I, s:I, s:o}", "new", (json_int_t)sum->fresh, "known",
                             (json_int_t)sum->known, "edited", (json_int_t)sum->edited, "bad",
                             (json_int_t)sum->bad, "lines", lines);
    char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
    upp_check(text);
    json_decref(json);
    return text;
}

void push_sum_done(push_sum *sum)
{
    json_decref(sum->lines);
    *sum = (push_sum){ 0 };
}
