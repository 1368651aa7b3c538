/* fold.c - reads UTF-8, composes it, and keeps the map back to the original's bytes. */
#include "fold.h"
#include <string.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

/* A letter with more marks than this has been defaced; the marks beyond are skipped. */
#define MARKS_MAX 8

static bool put(struct classify_fold *fold, uint32_t code, size_t from, size_t to, uint8_t extra)
{
    if (fold->len == CLASSIFY_TEXT_MAX)
        return false;
    uint8_t mark = 0;
    const uint8_t c = fold_code_point(code, &mark);
    const size_t at = fold->len++;
    fold->ch[at] = c;
    fold->mark[at] = (uint8_t)(mark | extra);
    fold->n_disguised += ((mark | extra) & FOLD_DISGUISE) != 0;
    fold->from[at] = (uint16_t)from;
    fold->to[at] = (uint16_t)to;
    if (fold_is_letter(c)) {
        fold->n_letters++;
        fold->n_upper += (mark & FOLD_UPPER) != 0;
    } else if (c == FOLD_FOREIGN) {
        fold->n_foreign++;
    } else if (fold_is_picture(c)) {
        fold->n_pictures++;
    }
    return true;
}

/* U+00AD, U+034F, U+061C, U+115F-1160, U+17B4-17B5, U+180B-180E, U+200B-200F, U+202A-202E,
 * U+2060-206F, variation selectors, U+FEFF, U+FFF9-FFFB, tags. */
static bool is_invisible(uint32_t c)
{
    if (c < 0x300)
        return c == 0xAD;
    return c == 0x34F || c == 0x61C || c == 0x115F || c == 0x1160 || c == 0x3164 || c == 0xFFA0 ||
           (c >= 0x17B4 && c <= 0x17B5) || (c >= 0x180B && c <= 0x180E) ||
           (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
           (c >= 0x2060 && c <= 0x206F) || (c >= 0xFE00 && c <= 0xFE0F) || c == 0xFEFF ||
           (c >= 0xFFF9 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE0FFF);
}

/* Reads one code point; bytes that are none give U+FFFD and one byte. */
static size_t next_code(const uint8_t *text, size_t at, size_t len, uint32_t *ret_code)
{
    ucs4_t code = 0;
    const int n = u8_mbtoucr(&code, text + at, len - at);
    if (n <= 0) {
        *ret_code = 0xFFFD;
        return 1;
    }
    *ret_code = code;
    return (size_t)n;
}

/* A letter and the marks that follow it, composed together: the marks that do not compose into one
 * letter are strewn ones and go. */
static bool put_cluster(struct classify_fold *fold, const uint32_t *codes, size_t n, size_t from,
                        size_t to)
{
    uint32_t room[72];
    size_t out = UPP_LEN(room);
    if (u32_normalize(UNINORM_NFKC, codes, n, room, &out) == NULL)
        return put(fold, 0xFFFD, from, to, 0);
    uint8_t extra = 0;
    for (size_t i = 0; i < out; i++) {
        if (uc_combining_class(room[i]) != UC_CCC_NR || uc_is_general_category(room[i], UC_MARK))
            extra = FOLD_DISGUISE;
    }
    size_t kept = 0;
    for (size_t i = 0; i < out && kept < 4; i++) {
        if (uc_is_general_category(room[i], UC_MARK) || is_invisible(room[i]))
            continue;
        kept++;
        if (!put(fold, room[i], from, to, extra))
            return false;
    }
    return true;
}

/* What needs no composing when no mark follows: almost all text, quotes, dashes, pictures. */
static bool is_plain(uint32_t code)
{
    return code < 0x80 || (code >= 0xC0 && code <= 0xFF) || (code >= 0x2010 && code <= 0x201F) ||
           (code >= 0x1F300 && code <= 0x1FAFF);
}

static size_t put_next(struct classify_fold *fold, const uint8_t *text, size_t at, size_t len,
                       bool *ret_room)
{
    uint32_t codes[1 + MARKS_MAX];
    size_t n = 1;
    size_t end = at + next_code(text, at, len, &codes[0]);
    /* Combining marks begin at U+0300, whose first byte is 0xCC; nothing below can be one. */
    while (end < len && text[end] >= 0xCC) {
        uint32_t mark;
        const size_t step = next_code(text, end, len, &mark);
        if (is_invisible(mark)) {
            fold->n_hidden++;
        } else if (!uc_is_general_category(mark, UC_MARK)) {
            break;
        } else if (n < UPP_LEN(codes)) {
            codes[n++] = mark;
        }
        end += step;
    }
    if (is_invisible(codes[0])) {
        fold->n_hidden++;
        *ret_room = true;
    } else if (n == 1 && is_plain(codes[0])) {
        *ret_room = put(fold, codes[0], at, end, 0);
    } else {
        *ret_room = put_cluster(fold, codes, n, at, end);
    }
    return end;
}

/* å, ä, ö and their capitals by the second byte of their UTF-8; 0: another letter. */
static uint8_t swedish(uint8_t second)
{
    const uint8_t code = (uint8_t)(0xC0 | (second & 0x3F));
    const uint8_t lower = (uint8_t)(code | 0x20);
    const bool follows = (second & 0xC0) == 0x80;
    return follows && (lower == FOLD_AA || lower == FOLD_AE || lower == FOLD_OE) ? code : 0;
}

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
enum { BLOCK = 8 };
#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* The upper bit of each byte below 0x80 that is `low` or above. */
static uint64_t at_least(uint64_t bytes, unsigned low)
{
    return (bytes + EACH(0x80u - low)) & EACH(0x80);
}

static unsigned count_bits(uint64_t upper_bits)
{
    return (unsigned)((upper_bits >> 7) * EACH(1) >> 56);
}

/* Puts the printable ASCII that begins at `at`; BLOCK bytes can be read and put. Gives back how
 * many were; a byte that what follows may compose with is left. */
static size_t put_block(struct classify_fold *fold, const uint8_t *text, size_t at, size_t len)
{
    const size_t n = fold->len;
    uint64_t bytes;
    memcpy(&bytes, text + at, BLOCK);
    const uint64_t high = bytes & EACH(0x80);
    const uint64_t low = bytes & ~EACH(0x80);
    const uint64_t other = high | (~at_least(low, ' ') & EACH(0x80)) | at_least(low, 0x7F);
    size_t plain = other ? (size_t)__builtin_ctzll(other) / 8 : BLOCK;
    if (plain > 0 && at + plain < len && text[at + plain] >= 0xCC)
        plain--;
    const uint64_t upper = at_least(low, 'A') & ~at_least(low, 'Z' + 1);
    const uint64_t folded = low | upper >> 2; /* 0x20 */
    const uint64_t letter = at_least(folded, 'a') & ~at_least(folded, 'z' + 1);
    const uint64_t mark = upper >> 7; /* FOLD_UPPER */
    memcpy(fold->ch + n, &folded, BLOCK);
    memcpy(fold->mark + n, &mark, BLOCK);
    for (size_t i = 0; i < BLOCK; i++) {
        fold->from[n + i] = (uint16_t)(at + i);
        fold->to[n + i] = (uint16_t)(at + i + 1);
    }
    const uint64_t kept = plain == BLOCK ? ~UINT64_C(0) : (UINT64_C(1) << 8 * plain) - 1;
    fold->n_upper += count_bits(upper & kept);
    fold->n_letters += count_bits(letter & kept);
    fold->len += plain;
    return plain;
}
#endif

/* One character of printable ASCII or one of the Swedish letters, without marks after it: what
 * put_next() would do, without its questions. Gives back where the next begins; `at`: it is no
 * such. */
static size_t put_simple(struct classify_fold *fold, const uint8_t *text, size_t at, size_t len)
{
    size_t end = at + 1;
    uint8_t c = text[at];
    bool upper = false;
    bool letter = true;
    if (c >= ' ' && c < 0x7F) {
        upper = c >= 'A' && c <= 'Z';
        c = (uint8_t)(c + (upper ? 0x20 : 0));
        letter = c >= 'a' && c <= 'z';
    } else if (c == 0xC3 && end < len && (c = swedish(text[end])) != 0) {
        end++;
        upper = c < 0xE0;
        c |= 0x20;
    } else {
        return at;
    }
    if (end < len && text[end] >= 0xCC)
        return at;
    const size_t n = fold->len++;
    fold->n_upper += upper;
    fold->n_letters += letter;
    fold->ch[n] = c;
    fold->mark[n] = upper; /* FOLD_UPPER is 1 */
    fold->from[n] = (uint16_t)at;
    fold->to[n] = (uint16_t)end;
    return end;
}

/* As much as is simple, which nearly all text is. Gives back where something else begins. */
static size_t put_plain(struct classify_fold *fold, const uint8_t *text, size_t at, size_t len)
{
    while (at < len && fold->len < CLASSIFY_TEXT_MAX) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        if (at + BLOCK <= len && fold->len + BLOCK <= CLASSIFY_TEXT_MAX) {
            const size_t n = put_block(fold, text, at, len);
            at += n;
            if (n == BLOCK)
                continue;
            if (at == len)
                break;
        }
#endif
        const size_t end = put_simple(fold, text, at, len);
        if (end == at)
            break;
        at = end;
    }
    return at;
}

void classify_fold_text(const char *text, size_t len, struct classify_fold *ret_fold)
{
    const uint8_t *bytes = (const uint8_t *)text;
    ret_fold->len = 0;
    ret_fold->n_upper = ret_fold->n_letters = ret_fold->n_pictures = 0;
    ret_fold->n_foreign = ret_fold->n_hidden = ret_fold->n_disguised = 0;
    if (len > CLASSIFY_TEXT_MAX)
        len = CLASSIFY_TEXT_MAX;
    size_t at = 0;
    bool room = true;
    while (at < len) {
        at = put_plain(ret_fold, bytes, at, len);
        if (at == len)
            break;
        const size_t next = put_next(ret_fold, bytes, at, len, &room);
        if (!room)
            break;
        at = next;
    }
    ret_fold->read = at;
    ret_fold->ch[ret_fold->len] = 0;
    ret_fold->mark[ret_fold->len] = 0;
    ret_fold->from[ret_fold->len] = ret_fold->to[ret_fold->len] = (uint16_t)at;
}
