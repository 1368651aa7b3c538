/* detect_link.c - mail addresses, plain and spelled out, links, mentions and hashtags. */
#include "detect.h"
#include <string.h>

static bool is_mail_letter(uint8_t c)
{
    return (fold_is_word(c) && c != FOLD_FOREIGN) || c == '.' || c == '_' || c == '-' || c == '+';
}

/* Whether the host is one of ours or below it. */
static bool is_own_host(const struct classify_own *own, const uint8_t *host, size_t len)
{
    for (size_t i = 0; own && i < own->n_domains; i++) {
        const size_t n = strlen(own->domains[i]);
        if (n <= len && memcmp(host + len - n, own->domains[i], n) == 0 &&
            (n == len || host[len - n - 1] == '.'))
            return true;
    }
    return false;
}

/* Mailboxes that are an office's, not a person's, wherever they are. */
static bool is_role(const uint8_t *local, size_t len)
{
    static const char *const roles[] = {
        "info",          "kommun",    "registrator", "kontakt",
        "support",       "bibliotek", "kundtjanst",  "kundservice",
        "kansli",        "post",      "noreply",     "press",
        "expedition",    "skola",     "skolskjuts",  "medborgarservice",
        "kontaktcenter", "boka",      "bokning",     "order",
        "hej",           "contact",   "office",      "socialtjanst",
        "bygglov"
    };
    for (size_t i = 0; i < UPP_LEN(roles); i++) {
        const size_t n = strlen(roles[i]);
        if (len >= n && memcmp(local, roles[i], n) == 0)
            return memchr(local, '.', len) == NULL;
    }
    return false;
}

/* A host from `at` on: letters, digits, hyphens and at least one full stop, ending in letters. Its
 * end, or `at`. */
static size_t host_end(const struct classify_fold *f, size_t at)
{
    size_t end = at;
    size_t last_dot = at;
    while (end < f->len && (fold_is_word(f->ch[end]) || f->ch[end] == '-' || f->ch[end] == '.')) {
        if (f->ch[end] == '.')
            last_dot = end;
        end++;
    }
    while (end > at && (f->ch[end - 1] == '.' || f->ch[end - 1] == '-')) {
        end--;
        while (last_dot > at && last_dot >= end)
            last_dot--;
    }
    while (last_dot > at && f->ch[last_dot] != '.')
        last_dot--;
    if (last_dot == at || end < last_dot + 3)
        return at;
    for (size_t i = last_dot + 1; i < end; i++) {
        if (!fold_is_letter(f->ch[i]))
            return at;
    }
    return end;
}

static void try_mail(const struct detect_view *v, size_t sign, struct detect_hits *hits)
{
    const struct classify_fold *f = v->fold;
    size_t from = sign;
    while (from > 0 && is_mail_letter(f->ch[from - 1]) && sign - from < 64)
        from--;
    const size_t end = host_end(f, sign + 1);
    if (from == sign) {
        if (sign + 1 < f->len && fold_is_letter(f->ch[sign + 1]))
            detect_add(hits, DETECT_mention, sign, sign + 1);
        return;
    }
    if (end == sign + 1)
        return;
    enum detect_kind kind = DETECT_email;
    if (is_own_host(v->own, f->ch + sign + 1, end - sign - 1))
        kind = DETECT_own_email;
    else if (is_role(f->ch + from, sign - from))
        kind = DETECT_role_email;
    detect_add(hits, kind, from, end);
}

/* "lisa punkt ek snabela example punkt com", "lisa (at) example (dot) se", "lisa.ek at gmail". */
static void try_spelled(const struct detect_view *v, size_t i, struct detect_hits *hits)
{
    const struct classify_tokens *t = v->tokens;
    const bool plain_at = token_has(&t->at[i], SMALL_AT);
    const bool elephant = token_has(&t->at[i], SMALL_ELEPHANT);
    const bool split = token_has(&t->at[i], SMALL_SNABEL) && i + 2 < t->n;
    if (!(plain_at || elephant || split) || i == 0)
        return;
    size_t house = i + 1;
    if (split) {
        while (house < t->n && house < i + 4 && !token_has(&t->at[house], SMALL_A))
            house++;
        house++;
    }
    while (house < t->n && t->at[house].kind == TOKEN_MARK)
        house++;
    size_t top = house;
    bool dotted = false;
    while (++top < t->n && top < house + 5) {
        dotted |= t->at[top].kind == TOKEN_MARK || token_has(&t->at[top], SMALL_DOT);
        if (dotted && token_has(&t->at[top], SMALL_TOP_DOMAIN))
            break;
    }
    const bool domain = top < t->n && top < house + 5;
    const bool bracket = v->fold->ch[t->at[i].to] == ')' || v->fold->ch[t->at[i].to] == ']';
    const bool known = house < t->n && token_has(&t->at[house], SMALL_MAIL_HOUSE);
    if (house >= t->n || !(domain || known) || (plain_at && !bracket && !domain && !known))
        return;
    size_t from = i - 1;
    while (from > 0 && t->at[from].kind == TOKEN_MARK)
        from--;
    detect_add(hits, DETECT_email, t->at[from].from, t->at[domain ? top : house].to);
}

static void try_link(const struct detect_view *v, size_t at, struct detect_hits *hits)
{
    const struct classify_fold *f = v->fold;
    size_t host = at;
    if (at + 8 < f->len && memcmp(f->ch + at, "https://", 8) == 0)
        host = at + 8;
    else if (at + 7 < f->len && memcmp(f->ch + at, "http://", 7) == 0)
        host = at + 7;
    const size_t end = host_end(f, host);
    if (end == host || (end < f->len && f->ch[end] == '@'))
        return;
    size_t top = end;
    while (top > host && f->ch[top - 1] != '.')
        top--;
    const bool www = end - host > 4 && memcmp(f->ch + host, "www.", 4) == 0;
    static const char *const tops[] = { "se", "com",  "nu",      "net",  "org", "eu",
                                        "io", "shop", "example", "info", "biz", "ly",
                                        "me", "xyz",  "online",  "app" };
    bool known = www || host > at;
    for (size_t i = 0; i < UPP_LEN(tops) && !known; i++)
        known = strlen(tops[i]) == end - top && memcmp(tops[i], f->ch + top, end - top) == 0;
    if (known)
        detect_add(hits,
                   is_own_host(v->own, f->ch + host, end - host) ? DETECT_own_link : DETECT_link,
                   at, end);
}

/* Signs of addresses: "@", "#", a full stop that ends no word. */
static bool has_sign(const struct classify_fold *f)
{
    uint8_t any = 0;
    for (size_t i = 0; i < f->len; i++) {
        const uint8_t c = f->ch[i];
        const uint8_t after = f->ch[i + 1]; /* the text is ended by a zero */
        const bool ends = after == ' ' || after == '\n' || after == 0;
        any |= (c == '@') | (c == '#') | ((c == '.') & !ends);
    }
    return any;
}

static void scan_chunks(const struct detect_view *v, struct detect_hits *hits)
{
    const struct classify_fold *f = v->fold;
    size_t chunk = 0; /* where the run without spaces began */
    bool dot = false;
    for (size_t i = 0; i <= f->len; i++) {
        const uint8_t c = i < f->len ? f->ch[i] : ' ';
        if (c == '@')
            try_mail(v, i, hits);
        else if (c == '#' && i + 1 < f->len && fold_is_letter(f->ch[i + 1]) && i == chunk)
            detect_add(hits, DETECT_hashtag, i, i + 1);
        if (c == ' ' || c == '\n') {
            while (chunk < i && !fold_is_word(f->ch[chunk]))
                chunk++;
            if (dot && i - chunk > 3 && !memchr(f->ch + chunk, '@', i - chunk))
                try_link(v, chunk, hits);
            chunk = i + 1;
            dot = false;
        } else {
            dot |= c == '.' && i > chunk;
        }
    }
}

void detect_mail_and_links(const struct detect_view *v, struct detect_hits *hits)
{
    if (has_sign(v->fold))
        scan_chunks(v, hits);
    for (size_t i = 0; i < v->tokens->n; i++) {
        if (token_has(&v->tokens->at[i], SMALL_AT | SMALL_ELEPHANT | SMALL_SNABEL))
            try_spelled(v, i, hits);
    }
}
