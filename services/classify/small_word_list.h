/* small_word_list.h - the lists of the scanners, in the folded alphabet (å E5, ä E4, ö F6).
 * X(role, number, word); only digits and tens have a number. */
#pragma once

// clang-format off
#define SMALL_WORDS(X)                                                                             \
    X(ABBREVIATION, 0, "kl") X(ABBREVIATION, 0, "ca") X(ABBREVIATION, 0, "tel")                    \
    X(ABBREVIATION, 0, "nr") X(ABBREVIATION, 0, "st") X(ABBREVIATION, 0, "bl")                     \
    X(ABBREVIATION, 0, "ev") X(ABBREVIATION, 0, "resp") X(ABBREVIATION, 0, "tex")                  \
    X(ABBREVIATION, 0, "dr") X(ABBREVIATION, 0, "obs") X(ABBREVIATION, 0, "mobil")                 \
    X(ABBREVIATION, 0, "pers")                                                                     \
    X(HOME, 0, "bor") X(HOME, 0, "bodde") X(HOME, 0, "adress") X(HOME, 0, "adressen")              \
    X(HOME, 0, "familjen") X(HOME, 0, "hemma") X(HOME, 0, "lives") X(HOME, 0, "live")              \
    X(HOME, 0, "heter") X(HOME, 0, "hemadress") X(HOME, 0, "hemadressen") X(HOME, 0, "lgh")        \
    X(HOME, 0, "l\xE4genhet") X(HOME, 0, "l\xE4genheten") X(HOME, 0, "ringklocka")                 \
    X(HOME, 0, "ringklockan") X(HOME, 0, "d\xF6rrklocka") X(HOME, 0, "bosatt")                     \
    X(HOME, 0, "flat") X(HOME, 0, "bell")                                                          \
    X(OPENER, 0, "hej") X(OPENER, 0, "hejsan") X(OPENER, 0, "hall\xE5") X(OPENER, 0, "och")         \
    X(OPENER, 0, "men") X(OPENER, 0, "tack") X(OPENER, 0, "s\xE5") X(OPENER, 0, "ja")              \
    X(OPENER, 0, "d\xE5") X(OPENER, 0, "fr\xE5ga") X(OPENER, 0, "hi") X(OPENER, 0, "hello")        \
    X(OPENER, 0, "and") X(OPENER, 0, "but") X(OPENER, 0, "so") X(OPENER, 0, "tjena")               \
    X(OPENER, 0, "okej") X(OPENER, 0, "ok") X(OPENER, 0, "urs\xE4kta") X(OPENER, 0, "sorry")       \
    X(OPENER, 0, "hall\xE5\xE5") X(OPENER, 0, "a") X(OPENER, 0, "eller") X(OPENER, 0, "or")        \
    X(AT, 0, "at") X(ELEPHANT, 0, "snabela") X(ELEPHANT, 0, "alfakrull") X(SNABEL, 0, "snabel")    \
    X(A, 0, "a") X(DOT, 0, "punkt") X(DOT, 0, "dot")                                               \
    X(TOP_DOMAIN, 0, "se") X(TOP_DOMAIN, 0, "com") X(TOP_DOMAIN, 0, "nu") X(TOP_DOMAIN, 0, "net")  \
    X(TOP_DOMAIN, 0, "org") X(TOP_DOMAIN, 0, "eu") X(TOP_DOMAIN, 0, "no") X(TOP_DOMAIN, 0, "dk")   \
    X(TOP_DOMAIN, 0, "fi") X(TOP_DOMAIN, 0, "info")                                                \
    X(MAIL_HOUSE, 0, "gmail") X(MAIL_HOUSE, 0, "hotmail") X(MAIL_HOUSE, 0, "outlook")              \
    X(MAIL_HOUSE, 0, "telia") X(MAIL_HOUSE, 0, "icloud") X(MAIL_HOUSE, 0, "yahoo")                 \
    X(MAIL_HOUSE, 0, "live") X(MAIL_HOUSE, 0, "proton") X(MAIL_HOUSE, 0, "protonmail")             \
    X(DIGIT, 0, "noll") X(DIGIT, 0, "zero") X(DIGIT, 0, "nolla")                                   \
    X(DIGIT, 1, "ett") X(DIGIT, 1, "one") X(DIGIT, 1, "en")                                        \
    X(DIGIT, 2, "tv\xE5") X(DIGIT, 2, "two") X(DIGIT, 2, "tv\xE5" "a")                             \
    X(DIGIT, 3, "tre") X(DIGIT, 3, "three") X(DIGIT, 3, "trea")                                    \
    X(DIGIT, 4, "fyra") X(DIGIT, 4, "four") X(DIGIT, 4, "fyran")                                   \
    X(DIGIT, 5, "fem") X(DIGIT, 5, "five") X(DIGIT, 5, "femma")                                    \
    X(DIGIT, 6, "sex") X(DIGIT, 6, "six") X(DIGIT, 6, "sexa")                                      \
    X(DIGIT, 7, "sju") X(DIGIT, 7, "seven") X(DIGIT, 7, "sjua")                                    \
    X(DIGIT, 8, "\xE5tta") X(DIGIT, 8, "eight") X(DIGIT, 8, "\xE5tt")                              \
    X(DIGIT, 9, "nio") X(DIGIT, 9, "nine") X(DIGIT, 9, "nia")                                      \
    X(TENS, 10, "tio") X(TENS, 10, "ten") X(TENS, 20, "twenty") X(TENS, 30, "thirty")              \
    X(TENS, 40, "forty") X(TENS, 50, "fifty") X(TENS, 60, "sixty") X(TENS, 70, "seventy")          \
    X(TENS, 80, "eighty") X(TENS, 90, "ninety")                                                    \
    X(TEENS, 11, "elva") X(TEENS, 11, "eleven") X(TEENS, 12, "tolv") X(TEENS, 12, "twelve")        \
    X(TEENS, 13, "tretton") X(TEENS, 13, "thirteen") X(TEENS, 14, "fjorton")                       \
    X(TEENS, 14, "fourteen") X(TEENS, 15, "femton") X(TEENS, 15, "fifteen")                        \
    X(TEENS, 16, "sexton") X(TEENS, 16, "sixteen") X(TEENS, 17, "sjutton")                         \
    X(TEENS, 17, "seventeen") X(TEENS, 18, "arton") X(TEENS, 18, "eighteen")                       \
    X(TEENS, 19, "nitton") X(TEENS, 19, "nineteen")

/* Each of the first also with each of the second after it: "tjugoett". X(number, word). */
#define SMALL_WORD_TENS(X)                                                                         \
    X(20, "tjugo") X(30, "trettio") X(40, "fyrtio") X(50, "femtio") X(60, "sextio")                \
    X(70, "sjuttio") X(80, "\xE5ttio") X(90, "nittio")
#define SMALL_WORD_UNITS(X)                                                                        \
    X(1, "ett") X(2, "tv\xE5") X(3, "tre") X(4, "fyra") X(5, "fem") X(6, "sex") X(7, "sju")        \
    X(8, "\xE5tta") X(9, "nio")
// clang-format on
