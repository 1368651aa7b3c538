/* detect.h - structured data in a comment, found by hand-written scanners in one pass each. */
#pragma once
#include "lexicon.h"

// clang-format off
/* Every kind is a feature of the model and, where it is a finding, a row of the catalogue. */
#define DETECT_KINDS(X)                                                                            \
    X(personal_number) X(coordination_number) X(personal_number_cued) X(organisation_number)       \
    X(mobile) X(phone) X(own_phone) X(service_phone) X(email) X(own_email) X(role_email) X(iban)   \
    X(bankgiro) X(plusgiro) X(account) X(swish) X(plate) X(plate_bare) X(street) X(street_person)  \
    X(full_name) X(name) X(name_sensitive) X(kin_sensitive) X(link) X(own_link) X(mention)         \
    X(hashtag) X(code) X(price) X(clock) X(name_guess)
// clang-format on

enum detect_kind {
#define DETECT_ENUM(name) DETECT_##name,
    DETECT_KINDS(DETECT_ENUM)
#undef DETECT_ENUM
        DETECT_KIND_COUNT
};

const char *detect_kind_name(enum detect_kind kind); /* static */

/* Whether a hit of this kind is personal data by itself, whatever stands around it. */
bool detect_is_sure(enum detect_kind kind);

/* The organisation's own numbers and domains: policy data, lent by the caller. */
struct classify_own {
    const char *const *domains; /* "kungalv.se": and all below it */
    size_t n_domains;
    const char *const
        *numbers; /* digits only, beginnings: "0303238" is all numbers that begin so */
    size_t n_numbers;
};

struct detect_hit {
    uint16_t from, to; /* bytes of the fold */
    uint8_t kind;
};

#define DETECT_HITS_MAX 128
struct detect_hits {
    size_t n;
    struct detect_hit at[DETECT_HITS_MAX];
    uint32_t seen; /* bit of each kind */
};
_Static_assert(DETECT_KIND_COUNT <= 32, "seen is 32 bits");

struct detect_view {
    const struct classify_fold *fold;
    const struct classify_tokens *tokens;
    const struct lexicon_hits *words;
    const struct classify_own *own;
};

/* Everything below adds to *hits; more than DETECT_HITS_MAX are only noted in `seen`. */
void detect_all(const struct detect_view *view, struct detect_hits *ret_hits);

void detect_numbers(const struct detect_view *view, struct detect_hits *hits);
void detect_spelled(const struct detect_view *view, struct detect_hits *hits);
void detect_accounts(const struct detect_view *view, struct detect_hits *hits);
void detect_mail_and_links(const struct detect_view *view, struct detect_hits *hits);
void detect_people(const struct detect_view *view, struct detect_hits *hits);

void detect_add(struct detect_hits *hits, enum detect_kind kind, size_t from, size_t to);

/* The first token that ends after the byte; their number when there is none. */
size_t detect_token_after(const struct classify_tokens *tokens, size_t byte);

/* Whether a token of one of these classes begins or ends within `reach` bytes of [from, to). */
bool detect_near(const struct detect_view *view, uint64_t classes, size_t from, size_t to,
                 size_t reach);
