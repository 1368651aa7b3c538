/* function_word.h - the list of the words that carry grammar, for small_word_write.c. */
#pragma once
#include <stddef.h>

/* The word at a place of the list, not ended by a zero; NULL: the list ends before. */
const char *function_word_at(size_t place, size_t *ret_len);
