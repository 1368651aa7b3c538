/* letter.c - what one code point is in the folded alphabet: letters, look-alikes, pictures. */
#include "fold.h"
#include <string.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>

// clang-format off
#define OF(kind, c) [(uint8_t)(c)] = (kind)
#define LETTER(c) OF(FOLD_LETTER, c)
#define DIGIT(c)  OF(FOLD_DIGIT, c)
#define SIGN(c)   OF(FOLD_SIGN, c)
const uint8_t fold_kinds[256] = {
    LETTER('a'), LETTER('b'), LETTER('c'), LETTER('d'), LETTER('e'), LETTER('f'), LETTER('g'),
    LETTER('h'), LETTER('i'), LETTER('j'), LETTER('k'), LETTER('l'), LETTER('m'), LETTER('n'),
    LETTER('o'), LETTER('p'), LETTER('q'), LETTER('r'), LETTER('s'), LETTER('t'), LETTER('u'),
    LETTER('v'), LETTER('w'), LETTER('x'), LETTER('y'), LETTER('z'),
    LETTER(FOLD_AA), LETTER(FOLD_AE), LETTER(FOLD_OE),
    DIGIT('0'), DIGIT('1'), DIGIT('2'), DIGIT('3'), DIGIT('4'), DIGIT('5'), DIGIT('6'), DIGIT('7'),
    DIGIT('8'), DIGIT('9'),
    OF(FOLD_STRANGE, FOLD_FOREIGN), OF(FOLD_SPACE, ' '), OF(FOLD_SPACE, '\n'),
    SIGN('?'), SIGN('!'), SIGN('"'), SIGN('\''), SIGN(','), SIGN('.'), SIGN(':'), SIGN(';'),
    SIGN('('), SIGN(')'), SIGN('-'), SIGN('/'), SIGN('='), SIGN('%'), SIGN('$'), SIGN('#'),
    SIGN('@'), SIGN('&'), SIGN('*'), SIGN('+'),
};
#undef OF
#undef LETTER
#undef DIGIT
#undef SIGN
// clang-format on

/* Look-alikes of Latin letters (Unicode TR39 confusables, the ones that make words): sorted. */
struct look_alike {
    uint16_t code;
    char letter;
};
// clang-format off
static const struct look_alike look_alikes[] = {
    { 0x0131, 'i' }, { 0x018F, 'e' }, { 0x0251, 'a' }, { 0x0259, 'e' }, { 0x0261, 'g' },
    { 0x0262, 'g' }, { 0x026A, 'i' }, { 0x0274, 'n' }, { 0x0280, 'r' }, { 0x028F, 'y' },
    { 0x0299, 'b' }, { 0x029C, 'h' }, { 0x029F, 'l' },
    { 0x03B1, 'a' }, { 0x03B5, 'e' }, { 0x03B7, 'n' }, { 0x03B9, 'i' }, { 0x03BA, 'k' },
    { 0x03BD, 'v' }, { 0x03BF, 'o' }, { 0x03C1, 'p' }, { 0x03C4, 't' }, { 0x03C5, 'u' },
    { 0x03C7, 'x' }, { 0x03C9, 'w' },
    { 0x0430, 'a' }, { 0x0432, 'b' }, { 0x0433, 'r' }, { 0x0435, 'e' }, { 0x0438, 'n' },
    { 0x043A, 'k' }, { 0x043C, 'm' }, { 0x043D, 'h' }, { 0x043E, 'o' }, { 0x0440, 'p' },
    { 0x0441, 'c' }, { 0x0442, 't' }, { 0x0443, 'y' }, { 0x0445, 'x' }, { 0x0455, 's' },
    { 0x0456, 'i' }, { 0x0458, 'j' }, { 0x04BB, 'h' }, { 0x04CF, 'l' }, { 0x0501, 'd' },
    { 0x051B, 'q' }, { 0x051D, 'w' },
    { 0x1D00, 'a' }, { 0x1D04, 'c' }, { 0x1D05, 'd' }, { 0x1D07, 'e' }, { 0x1D0A, 'j' },
    { 0x1D0B, 'k' }, { 0x1D0D, 'm' }, { 0x1D0F, 'o' }, { 0x1D18, 'p' }, { 0x1D1B, 't' },
    { 0x1D1C, 'u' }, { 0x1D20, 'v' }, { 0x1D21, 'w' }, { 0x1D22, 'z' },
    { 0xA730, 'f' }, { 0xA731, 's' },
};

struct picture {
    uint32_t first, last;
    uint8_t symbol;
};
/* Unicode emoji that say something about tone; first match wins, the wide rows come last. */
static const struct picture pictures[] = {
    { 0x1F600, 0x1F606, FOLD_JOY }, { 0x1F609, 0x1F60B, FOLD_JOY }, { 0x1F60A, 0x1F60A, FOLD_JOY },
    { 0x1F60F, 0x1F60F, FOLD_RIBALD }, { 0x1F618, 0x1F61A, FOLD_RIBALD },
    { 0x1F60D, 0x1F60D, FOLD_PRAISE },
    { 0x1F970, 0x1F970, FOLD_PRAISE }, { 0x1F929, 0x1F929, FOLD_PRAISE },
    { 0x1F642, 0x1F643, FOLD_JOY },
    { 0x1F607, 0x1F607, FOLD_JOY }, { 0x1F923, 0x1F923, FOLD_JOY }, { 0x1F61B, 0x1F61D, FOLD_JOY },
    { 0x1F602, 0x1F602, FOLD_JOY }, { 0x1F605, 0x1F605, FOLD_JOY },
    { 0x1F621, 0x1F621, FOLD_ANGRY }, { 0x1F620, 0x1F620, FOLD_ANGRY },
    { 0x1F624, 0x1F624, FOLD_ANGRY },
    { 0x1F92C, 0x1F92C, FOLD_ANGRY }, { 0x1F608, 0x1F608, FOLD_ANGRY },
    { 0x1F47F, 0x1F47F, FOLD_ANGRY },
    { 0x1F61E, 0x1F61F, FOLD_SAD }, { 0x1F622, 0x1F623, FOLD_SAD }, { 0x1F625, 0x1F62D, FOLD_SAD },
    { 0x1F614, 0x1F616, FOLD_SAD }, { 0x1F494, 0x1F494, FOLD_SAD }, { 0x1F641, 0x1F641, FOLD_SAD },
    { 0x1F921, 0x1F922, FOLD_MOCK }, { 0x1F92E, 0x1F92E, FOLD_MOCK },
    { 0x1F4A9, 0x1F4A9, FOLD_MOCK },
    { 0x1F644, 0x1F644, FOLD_MOCK }, { 0x1F595, 0x1F595, FOLD_FINGER },
    { 0x1F412, 0x1F412, FOLD_BEAST }, { 0x1F435, 0x1F435, FOLD_BEAST },
    { 0x1F98D, 0x1F98D, FOLD_BEAST },
    { 0x1F416, 0x1F416, FOLD_BEAST }, { 0x1F437, 0x1F437, FOLD_BEAST },
    { 0x1F400, 0x1F401, FOLD_BEAST },
    { 0x1F40D, 0x1F40D, FOLD_BEAST }, { 0x1F42A, 0x1F42B, FOLD_BEAST },
    { 0x1F410, 0x1F410, FOLD_BEAST },
    { 0x1F52A, 0x1F52B, FOLD_WEAPON }, { 0x1F4A3, 0x1F4A3, FOLD_WEAPON },
    { 0x1F5E1, 0x1F5E1, FOLD_WEAPON },
    { 0x1F525, 0x1F525, FOLD_WEAPON }, { 0x26B0, 0x26B0, FOLD_WEAPON },
    { 0x1F480, 0x1F480, FOLD_WEAPON },
    { 0x2620, 0x2620, FOLD_WEAPON }, { 0x2694, 0x2694, FOLD_WEAPON },
    { 0x1FA78, 0x1FA78, FOLD_WEAPON },
    { 0x1F346, 0x1F346, FOLD_SEX }, { 0x1F351, 0x1F351, FOLD_SEX }, { 0x1F4A6, 0x1F4A6, FOLD_SEX },
    { 0x1F445, 0x1F445, FOLD_SEX }, { 0x1F51E, 0x1F51E, FOLD_SEX }, { 0x1F4A7, 0x1F4A7, FOLD_SEX },
    { 0x1F4B0, 0x1F4B8, FOLD_MONEY }, { 0x1F911, 0x1F911, FOLD_MONEY },
    { 0x1F6D2, 0x1F6D2, FOLD_MONEY },
    { 0x1F448, 0x1F449, FOLD_POINT }, { 0x1F446, 0x1F447, FOLD_POINT },
    { 0x27A1, 0x27A1, FOLD_POINT },
    { 0x2B05, 0x2B07, FOLD_POINT }, { 0x1F4DE, 0x1F4DE, FOLD_POINT },
    { 0x1F4F2, 0x1F4F2, FOLD_POINT },
    { 0x1F517, 0x1F517, FOLD_POINT }, { 0x1F4E9, 0x1F4E9, FOLD_POINT },
    { 0x1F44D, 0x1F44D, FOLD_PRAISE }, { 0x1F44F, 0x1F44F, FOLD_PRAISE },
    { 0x2764, 0x2764, FOLD_PRAISE },
    { 0x1F493, 0x1F49F, FOLD_PRAISE }, { 0x1F64C, 0x1F64F, FOLD_PRAISE },
    { 0x1F31F, 0x1F31F, FOLD_PRAISE },
    { 0x2B50, 0x2B50, FOLD_PRAISE }, { 0x2728, 0x2728, FOLD_PRAISE },
    { 0x1F90D, 0x1F90E, FOLD_PRAISE },
    { 0x1F5A4, 0x1F5A4, FOLD_PRAISE }, { 0x1F44C, 0x1F44C, FOLD_PRAISE },
    { 0x1F4AA, 0x1F4AA, FOLD_PRAISE },
    { 0x1F389, 0x1F38A, FOLD_FESTIVE }, { 0x1F384, 0x1F384, FOLD_FESTIVE },
    { 0x1F381, 0x1F382, FOLD_FESTIVE },
    { 0x1F3F3, 0x1F3F4, FOLD_FLAG }, { 0x1F1E6, 0x1F1FF, FOLD_FLAG },
    { 0x1F000, 0x1FAFF, FOLD_OTHER }, { 0x2600, 0x27BF, FOLD_OTHER },
    { 0x2B00, 0x2BFF, FOLD_OTHER },
};
// clang-format on

static uint8_t look_alike(uint32_t code)
{
    size_t low = 0;
    size_t high = UPP_LEN(look_alikes);
    while (low < high) {
        const size_t mid = (low + high) / 2;
        if (look_alikes[mid].code == code)
            return (uint8_t)look_alikes[mid].letter;
        if (look_alikes[mid].code < code)
            low = mid + 1;
        else
            high = mid;
    }
    return 0;
}

static uint8_t picture(uint32_t code)
{
    for (size_t i = 0; i < UPP_LEN(pictures); i++) {
        if (code >= pictures[i].first && code <= pictures[i].last)
            return pictures[i].symbol;
    }
    return 0;
}

static uint8_t punctuation(uint32_t code)
{
    if (code >= 0x2010 && code <= 0x2015)
        return '-';
    switch (code) {
    case 0x2018:
    case 0x2019:
    case 0x201A:
    case 0x201B:
    case 0x2032:
    case 0xB4:
        return '\'';
    case 0x201C:
    case 0x201D:
    case 0x201E:
    case 0x201F:
    case 0xAB:
    case 0xBB:
    case 0x2033:
        return '"';
    case 0x2212:
    case 0xAF:
        return '-';
    case 0x2022:
    case 0xB7:
        return '.';
    case 0x20AC:
    case 0xA3:
        return '$';
    case 0x2028:
    case 0x2029:
    case 0x85:
        return '\n';
    default:
        return ' ';
    }
}

/* The letter under its accents: é is e, ü is u; ø and æ are the Swedish ö and ä. */
static uint8_t bare_letter(uint32_t code)
{
    if (code == 0xE5 || code == 0xE4 || code == 0xF6)
        return (uint8_t)code;
    if (code == 0xF8)
        return FOLD_OE;
    if (code == 0xE6)
        return FOLD_AE;
    if (code == 0xDF)
        return 's';
    if (code == 0xF0 || code == 0x111)
        return 'd';
    if (code == 0x142)
        return 'l';
    ucs4_t parts[UC_DECOMPOSITION_MAX_LENGTH];
    uint32_t base = code;
    for (int depth = 0; depth < 3 && base >= 0x80; depth++) {
        if (uc_canonical_decomposition(base, parts) <= 0)
            break;
        base = parts[0];
    }
    return base >= 'a' && base <= 'z' ? (uint8_t)base : 0;
}

static uint8_t fold_ascii(uint32_t code, uint8_t *ret_mark)
{
    if (code >= 'A' && code <= 'Z') {
        *ret_mark = FOLD_UPPER;
        return (uint8_t)(code + 32);
    }
    if (code < 32)
        return code == '\n' || code == '\r' || code == '\f' || code == '\v' ? '\n' : ' ';
    return code == 127 ? ' ' : (uint8_t)code;
}

/* Negative circled and squared letters are pictures to Unicode and letters to people. */
static uint8_t enclosed_letter(uint32_t code)
{
    if (code >= 0x1F150 && code <= 0x1F169)
        return (uint8_t)('a' + (code - 0x1F150));
    if (code >= 0x1F170 && code <= 0x1F189)
        return (uint8_t)('a' + (code - 0x1F170));
    return 0;
}

static uint8_t fold_letter(uint32_t code, uint8_t *ret_mark)
{
    const uint32_t lower = uc_tolower(code);
    *ret_mark = lower != code ? FOLD_UPPER : 0;
    const uint8_t bare = bare_letter(lower);
    if (bare != 0)
        return bare;
    const uint8_t alike = look_alike(lower);
    if (alike == 0)
        return FOLD_FOREIGN;
    *ret_mark |= FOLD_DISGUISE;
    return alike;
}

uint8_t fold_code_point(uint32_t code, uint8_t *ret_mark)
{
    *ret_mark = 0;
    if (code < 0x80)
        return fold_ascii(code, ret_mark);
    if (code == 0xE5 || code == 0xE4 || code == 0xF6)
        return (uint8_t)code;
    if (code == 0xC5 || code == 0xC4 || code == 0xD6) {
        *ret_mark = FOLD_UPPER;
        return (uint8_t)(code + 32);
    }
    const uint8_t enclosed = enclosed_letter(code);
    if (enclosed != 0) {
        *ret_mark = FOLD_DISGUISE;
        return enclosed;
    }
    const uint8_t symbol = picture(code);
    if (symbol != 0)
        return symbol;
    if (uc_is_general_category(code, UC_LETTER))
        return fold_letter(code, ret_mark);
    const int digit = uc_decimal_value(code);
    return digit >= 0 && digit <= 9 ? (uint8_t)('0' + digit) : punctuation(code);
}
