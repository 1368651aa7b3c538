/* detect_number.c - personal numbers, organisation numbers and telephone numbers. */
#include "detect.h"
#include "number.h"
#include <string.h>

#define DIGITS_MAX 24
#define CUE_REACH  30 /* bytes between a number and the word that says what it is */

/* Digits with at most two separators between them, or " - ", read from one place on. */
struct run {
    size_t n;
    uint8_t digit[DIGITS_MAX];
    uint16_t end[DIGITS_MAX];   /* the byte after the digit */
    bool group_end[DIGITS_MAX]; /* no digit follows at once */
    uint8_t groups;             /* up to and with the last digit */
    bool plus;                  /* began with "+" or "00" */
};

static bool is_separator(uint8_t c)
{
    return c == ' ' || c == '-' || c == '+' || c == '.' || c == '/' || c == '(' || c == ')';
}

static void read_run(const struct classify_fold *f, size_t at, struct run *ret)
{
    *ret = (struct run){ .groups = 1 };
    while (ret->n < DIGITS_MAX && at < f->len && fold_is_digit(f->ch[at])) {
        ret->digit[ret->n] = (uint8_t)(f->ch[at] - '0');
        ret->end[ret->n] = (uint16_t)++at;
        size_t skip = 0;
        while (skip < 2 && at + skip < f->len && is_separator(f->ch[at + skip]))
            skip++;
        if (skip == 2 && at + 3 < f->len && f->ch[at] == ' ' && f->ch[at + 1] == '-' &&
            f->ch[at + 2] == ' ')
            skip = 3; /* "811231 - 9952" */
        const bool more = at + skip < f->len && fold_is_digit(f->ch[at + skip]);
        ret->group_end[ret->n++] = skip > 0 || !more;
        if (!more || (skip == 2 && f->ch[at] == ' ' && f->ch[at + 1] == ' '))
            return;
        at += skip;
        ret->groups = (uint8_t)(ret->groups + (skip > 0));
    }
}

/* How many groups the first `n` digits stand in; 0 when a group goes on after them. */
static size_t groups_of(const struct run *run, size_t n)
{
    size_t groups = 0;
    for (size_t i = 0; i < n; i++)
        groups += run->group_end[i];
    return run->group_end[n - 1] ? groups : 0;
}

/* The ways in which people write one: in one, at the hyphen, date in parts, digit by digit. */
static bool is_usual_shape(const struct run *run, size_t n)
{
    const size_t groups = groups_of(run, n);
    if (groups == 1 || groups == n)
        return true;
    if (!run->group_end[n - 5])
        return false;
    const size_t year = n - 8;
    const bool date_parts = run->group_end[year - 1] && run->group_end[year + 1];
    return groups == 2 || (groups == 4 && date_parts) ||
           (groups == 3 && ((n == 12 && run->group_end[1]) || run->group_end[year + 1]));
}

static bool try_personal(const struct detect_view *v, size_t at, const struct run *run, size_t n,
                         struct detect_hits *hits)
{
    if (run->n < n || !run->group_end[n - 1])
        return false;
    const enum number_kind kind = number_personal(run->digit, n);
    const size_t end = run->end[n - 1];
    if (kind == NUMBER_OTHER)
        return false;
    if (kind == NUMBER_ORGANISATION) {
        if (groups_of(run, n) <= 2 && is_usual_shape(run, n))
            detect_add(hits, DETECT_organisation_number, at, end);
        return false;
    }
    const bool cue = detect_near(v, LEXICON_BIT(number_cue), at, end, CUE_REACH);
    /* Ten digits in one that begin as a mobile number does are one, unless called otherwise. */
    const bool mobile =
        n == 10 && groups_of(run, n) == 1 && run->digit[0] == 0 && run->digit[1] == 7;
    if (kind == NUMBER_WRONG_CHECK ? !cue : (!cue && (mobile || !is_usual_shape(run, n))))
        return false;
    detect_add(hits,
               kind == NUMBER_WRONG_CHECK    ? DETECT_personal_number_cued
               : kind == NUMBER_COORDINATION ? DETECT_coordination_number
                                             : DETECT_personal_number,
               at, end);
    return true;
}

/* Interim numbers, YYMMDD-T123, of patients and pupils without a number: only where they are called
 * so. */
static bool try_interim(const struct detect_view *v, size_t at, const struct run *run,
                        struct detect_hits *hits)
{
    const struct classify_fold *f = v->fold;
    for (size_t n = 6; n <= 8; n += 2) {
        if (run->n < n || !run->group_end[n - 1])
            continue;
        size_t here = run->end[n - 1];
        here += here < f->len && (f->ch[here] == '-' || f->ch[here] == ' ');
        const bool letter =
            here < f->len && f->ch[here] != 0 && strchr("trsuwxjklmn", f->ch[here]) != NULL;
        size_t digits = 0;
        while (letter && digits < 4 && here + 1 + digits < f->len &&
               fold_is_digit(f->ch[here + 1 + digits]))
            digits++;
        if (digits == 3 && detect_near(v, LEXICON_BIT(number_cue), at, here + 4, CUE_REACH)) {
            detect_add(hits, DETECT_personal_number_cued, at, here + 4);
            return true;
        }
    }
    return false;
}

static bool is_own(const struct classify_own *own, const char *number, size_t n)
{
    for (size_t i = 0; own && i < own->n_numbers; i++) {
        const size_t len = strlen(own->numbers[i]);
        if (len <= n && memcmp(own->numbers[i], number, len) == 0)
            return true;
    }
    return false;
}

/* The number as it is dialled in Sweden, "0701740605". 0: it does not begin as one. */
static size_t dialled(const struct classify_fold *f, size_t at, const struct run *run,
                      char ret[DIGITS_MAX + 2])
{
    const bool plus = at > 0 && f->ch[at - 1] == '+';
    size_t skip = 0;
    if (run->n > 4 && plus && run->digit[0] == 4 && run->digit[1] == 6)
        skip = 2;
    else if (run->n > 6 && run->digit[0] == 0 && run->digit[1] == 0 && run->digit[2] == 4 &&
             run->digit[3] == 6)
        skip = 4;
    else if (run->n < 3 || run->digit[0] != 0 || run->digit[1] == 0 || plus)
        return 0;
    size_t n = 0;
    ret[n++] = '0';
    for (size_t i = skip; i < run->n; i++) {
        if (i <= skip && run->digit[i] == 0)
            continue; /* +46 (0)70 */
        ret[n++] = (char)('0' + run->digit[i]);
    }
    return n;
}

/* After how many digits of the run the number is at an end; 0: never. */
static size_t phone_end(const struct run *run, size_t dialled_n, size_t length)
{
    if (dialled_n < length)
        return 0;
    const size_t used = run->n - (dialled_n - length);
    return used > 0 && run->group_end[used - 1] ? used : 0;
}

/* Area codes, mobile numbers and number lengths: PTS, Svensk nummerplan. 010 belongs to no area:
 * authorities and firms have it, persons hardly ever. */
static size_t try_phone(const struct detect_view *v, size_t at, const struct run *run,
                        struct detect_hits *hits)
{
    char number[DIGITS_MAX + 2];
    const size_t n = dialled(v->fold, at, run, number);
    if (n < 8)
        return 0;
    const bool prefixed = at > 0 && v->fold->ch[at - 1] == '+';
    const size_t from = prefixed ? at - 1 : at;
    if (is_own(v->own, number, n)) {
        const size_t used = phone_end(run, n, n < 10 ? n : 10);
        detect_add(hits, DETECT_own_phone, from, used ? run->end[used - 1] : run->end[run->n - 1]);
        return used ? used : run->n;
    }
    if (number[1] == '7' && strchr("02369", number[2])) {
        const size_t used = phone_end(run, n, 10);
        if (used > 0)
            detect_add(hits, DETECT_mobile, from, run->end[used - 1]);
        return used;
    }
    if (memcmp(number, "010", 3) == 0 || memcmp(number, "020", 3) == 0 ||
        memcmp(number, "077", 3) == 0 || memcmp(number, "0200", 4) == 0 ||
        memcmp(number, "0900", 4) == 0) {
        detect_add(hits, DETECT_service_phone, from, run->end[run->n - 1]);
        return run->n;
    }
    /* Landlines: the area code stands apart, or there is a cue. */
    const bool apart = run->group_end[1] || (run->n > 2 && run->group_end[2]) ||
                       (run->n > 3 && run->group_end[3]) || number[0] != '0' || prefixed;
    if (n <= 11 && run->groups > 1 && apart) {
        detect_add(hits, DETECT_phone, from, run->end[run->n - 1]);
        return run->n;
    }
    return 0;
}

void detect_numbers(const struct detect_view *v, struct detect_hits *hits)
{
    const struct classify_fold *f = v->fold;
    for (size_t at = 0; at < f->len; at++) {
        if (!fold_is_digit(f->ch[at]) || (at > 0 && fold_is_word(f->ch[at - 1])))
            continue;
        struct run run;
        read_run(f, at, &run);
        size_t used = 0;
        if (try_personal(v, at, &run, 12, hits))
            used = 12;
        else if (try_personal(v, at, &run, 10, hits))
            used = 10;
        else if (try_interim(v, at, &run, hits))
            used = 6;
        else
            used = try_phone(v, at, &run, hits);
        if (used > 0)
            at = run.end[used - 1] - 1u;
    }
}
