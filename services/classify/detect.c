/* detect.c - runs the scanners and keeps what they found. */
#include "detect.h"

static const char *const kind_names[] = {
#define DETECT_NAME(name) #name,
    DETECT_KINDS(DETECT_NAME)
#undef DETECT_NAME
};

const char *detect_kind_name(enum detect_kind kind)
{
    upp_check((unsigned)kind < DETECT_KIND_COUNT);
    return kind_names[kind];
}

bool detect_is_sure(enum detect_kind kind)
{
    return kind == DETECT_personal_number || kind == DETECT_coordination_number ||
           kind == DETECT_personal_number_cued || kind == DETECT_mobile || kind == DETECT_email ||
           kind == DETECT_iban || kind == DETECT_bankgiro || kind == DETECT_plusgiro ||
           kind == DETECT_account || kind == DETECT_swish || kind == DETECT_plate;
}

void detect_add(struct detect_hits *hits, enum detect_kind kind, size_t from, size_t to)
{
    hits->seen |= 1u << kind;
    if (hits->n == DETECT_HITS_MAX)
        return;
    hits->at[hits->n++] =
        (struct detect_hit){ .from = (uint16_t)from, .to = (uint16_t)to, .kind = (uint8_t)kind };
}

size_t detect_token_after(const struct classify_tokens *tokens, size_t byte)
{
    size_t low = 0;
    size_t high = tokens->n;
    while (low < high) {
        const size_t mid = (low + high) / 2;
        if (tokens->at[mid].to <= byte)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

bool detect_near(const struct detect_view *view, uint64_t classes, size_t from, size_t to,
                 size_t reach)
{
    const size_t first = from > reach ? from - reach : 0;
    for (size_t i = detect_token_after(view->tokens, first); i < view->tokens->n; i++) {
        if (view->tokens->at[i].from > to + reach)
            break;
        if (view->words->classes[i] & classes)
            return true;
    }
    return false;
}

static bool has_digit(const struct classify_fold *f)
{
    uint8_t any = 0;
    for (size_t i = 0; i < f->len; i++)
        any |= (uint8_t)(f->ch[i] - '0') < 10;
    return any;
}

void detect_all(const struct detect_view *view, struct detect_hits *ret_hits)
{
    const bool digits = has_digit(view->fold); /* most comments have none */
    ret_hits->n = 0;
    ret_hits->seen = 0;
    if (digits)
        detect_numbers(view, ret_hits);
    detect_spelled(view, ret_hits);
    if (digits)
        detect_accounts(view, ret_hits);
    detect_mail_and_links(view, ret_hits);
    detect_people(view, ret_hits);
}
