/* fold.h - a comment made comparable: one byte a letter, each knowing where it came from. */
#pragma once
#include "upp/base.h"

/* What is read of one comment; the rest is not judged (the verdict says so). */
#define CLASSIFY_TEXT_MAX 8192

/* The folded alphabet: ASCII, the three Swedish letters at their places in Latin-1, and the classes
 * below for what has no letter. */
#define FOLD_AA 0xE5 /* å */
#define FOLD_AE 0xE4 /* ä, the first letter above z */
#define FOLD_OE 0xF6 /* ö */

enum fold_symbol {
    FOLD_JOY = 0x80, /* laughing, glad */
    FOLD_PRAISE,     /* hearts, thumbs up, clapping */
    FOLD_SAD,
    FOLD_ANGRY,
    FOLD_MOCK,   /* clown, vomit, dung */
    FOLD_BEAST,  /* monkey, pig, rat, snake */
    FOLD_WEAPON, /* knife, gun, bomb, fire, coffin */
    FOLD_SEX,    /* aubergine, peach, drops, tongue, eighteen */
    FOLD_MONEY,
    FOLD_POINT,  /* hands and arrows that point at a link */
    FOLD_FINGER, /* the middle finger */
    FOLD_RIBALD, /* kiss, smirk */
    FOLD_FESTIVE,
    FOLD_FLAG,
    FOLD_OTHER,   /* any other picture */
    FOLD_FOREIGN, /* a letter of a script that we do not read */
    FOLD_SYMBOL_END
};

enum fold_mark {
    FOLD_UPPER = 1,   /* was a capital letter */
    FOLD_DISGUISE = 2 /* came from a look-alike of another script, or had marks strewn over it */
};

struct classify_fold {
    size_t len;                           /* bytes in `ch` */
    size_t read;                          /* bytes of the original that were read */
    uint8_t ch[CLASSIFY_TEXT_MAX + 1];    /* ended by a zero */
    uint8_t mark[CLASSIFY_TEXT_MAX + 1];  /* enum fold_mark */
    uint16_t from[CLASSIFY_TEXT_MAX + 1]; /* the original's bytes [from, to) */
    uint16_t to[CLASSIFY_TEXT_MAX + 1];
    size_t n_upper, n_letters, n_pictures, n_foreign, n_hidden;
    size_t n_disguised; /* with FOLD_DISGUISE */
};

/* Folds at most CLASSIFY_TEXT_MAX bytes of any bytes at all: NFKC (Unicode 15, libunistring), lower
 * case, look-alikes to Latin, invisible characters and strewn marks dropped, bytes that are not
 * UTF-8 as spaces. Linear in `len`. */
void classify_fold_text(const char *text, size_t len, struct classify_fold *ret_fold);

/* One code point, already composed, in the folded alphabet; *ret_mark is an enum fold_mark set. */
uint8_t fold_code_point(uint32_t code, uint8_t *ret_mark);

enum fold_kind {
    FOLD_LETTER = 1,
    FOLD_DIGIT = 2,
    FOLD_STRANGE = 4,
    FOLD_SPACE = 8,
    FOLD_SIGN = 16
};

/* By byte of the folded alphabet: enum fold_kind; FOLD_STRANGE is FOLD_FOREIGN, FOLD_SIGN a mark
 * that says something. */
extern const uint8_t fold_kinds[256];

static inline bool fold_is_letter(uint8_t c)
{
    return (fold_kinds[c] & FOLD_LETTER) != 0;
}

static inline bool fold_is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static inline bool fold_is_word(uint8_t c)
{
    return (fold_kinds[c] & (FOLD_LETTER | FOLD_DIGIT | FOLD_STRANGE)) != 0;
}

static inline bool fold_is_picture(uint8_t c)
{
    return c >= FOLD_JOY && c < FOLD_FOREIGN;
}
