/* disguise.h - words that were written so that a filter would not see them. */
#pragma once
#include "token.h"

/* Letters set apart ("m u p p a r", "i.d.i.o.t"): where the run that begins at `at` ends, with its
 * letters in `ret` and their number in *ret_n; or `at` when there is no such run. */
size_t disguise_spread(const struct classify_fold *fold, size_t at, uint8_t ret[TOKEN_TEXT_MAX],
                       size_t *ret_n);

/* A chunk with digits, signs or wild cards among its letters ("f@n", "helv3te", "j-vla"): the
 * length of the word meant, in `ret`, when `known` knows it; else 0. */
size_t disguise_chunk(const struct classify_fold *fold, size_t from, size_t to, token_known *known,
                      const void *ctx, uint8_t ret[TOKEN_TEXT_MAX]);
