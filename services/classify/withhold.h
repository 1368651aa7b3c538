/* withhold.h - may a comment's words leave the house? Pure. */
#pragma once
#include "classifier.h"
#include "context.h"

/* NULL: nothing in it looks personal. Else what does, in a word: "finding" (personal data, secrecy
 * or danger in any band), "detector", "name", "capital" (inside a sentence: most are names),
 * "digits" (five or more), "foreign" (letters that we do not read), "long" (not all of it was
 * read). It leans to withholding: names that no list has, in small letters or first in a sentence,
 * are what it cannot see. */
const char *withhold(const struct classify_reading *reading,
                     const struct classifier_verdict *verdict);
