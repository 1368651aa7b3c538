/* attached.c - judges names, alternative texts and addresses of what hangs on a comment. */
#include "attached.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { READ = 8, WORD_LEAST = 3, TITLE = 2048 };

static bool in_word(char c)
{
    return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

/* Copies the words of [at, end), a blank before each. */
static size_t add_words(const char *at, const char *end, char *ret, size_t used, size_t size)
{
    while (at < end) {
        const char *from = at;
        bool digit = false;
        while (at < end && in_word(*at))
            digit |= isdigit((unsigned char)*at++) != 0;
        const size_t n = (size_t)(at - from);
        if (n >= WORD_LEAST && !digit && used + n + 2 < size) {
            ret[used++] = ' ';
            memcpy(ret + used, from, n);
            used += n;
        }
        if (at < end && *at == '%' && at + 3 <= end)
            at += 3; /* an escaped byte is no letter */
        else if (at < end && !in_word(*at))
            at++;
    }
    return used;
}

void attached_words(const char *url, char ret_words[ATTACHED_WORDS])
{
    const char *scheme = strstr(url, "://");
    const char *host = scheme ? scheme + 3 : url;
    const char *end = host + strcspn(host, "?#");
    const char *path = memchr(host, '/', (size_t)(end - host));
    const char *host_end = path ? path : end;
    const char *ending = host_end;
    if (strncmp(host, "www.", 4) == 0)
        host += 4;
    while (ending > host && *ending != '.')
        ending--;
    size_t used = add_words(host, ending > host ? ending : host_end, ret_words, 0, ATTACHED_WORDS);
    if (path)
        used = add_words(path, end, ret_words, used, ATTACHED_WORDS);
    ret_words[used] = '\0';
}

/* A link that was shared, as the platforms call it; of a picture the address says nothing. */
static bool is_link(const char *type)
{
    static const char *const links[] = { "share", "link", "article", "url", "website", "card" };
    for (size_t i = 0; i < UPP_LEN(links); i++) {
        if (strcmp(type, links[i]) == 0)
            return true;
    }
    return false;
}

static void add_likely(const struct classifier_verdict *said, const char *reason,
                       struct classifier_verdict *v)
{
    for (size_t l = 0; l < CLASSIFY_LABELS; l++) {
        if (l == CLASSIFY_QUESTION || said->band[l] != CLASSIFIER_LIKELY ||
            v->band[l] == CLASSIFIER_LIKELY)
            continue;
        v->band[l] = said->band[l];
        v->score[l] = said->score[l];
        v->duty[l] = said->duty[l];
        v->bbs[l] = said->bbs[l];
        if (v->n_findings < CLASSIFIER_FINDINGS_MAX)
            v->findings[v->n_findings++] = (struct classifier_finding){ .label = (uint8_t)l,
                                                                        .band = said->band[l],
                                                                        .score = said->score[l],
                                                                        .reason = reason };
    }
}

void attached_judge(const classifier *c, classifier_room *room,
                    const struct classifier_policy *policy,
                    const Uppsikt__CommentReceivedContent *comment,
                    struct classifier_verdict *verdict)
{
    for (size_t i = 0; i < comment->n_attachments && i < READ; i++) {
        const Uppsikt__ItemAttachment *a = comment->attachments[i];
        struct classifier_verdict said;
        if (a->name[0]) {
            classifier_judge(c, room, a->name, strlen(a->name), NULL, policy, &said);
            add_likely(&said, "attachment.name", verdict);
        }
        if (!is_link(a->type) || !a->url[0])
            continue;
        char words[ATTACHED_WORDS];
        char whole[TITLE + ATTACHED_WORDS];
        attached_words(a->url, words);
        const int n = snprintf(whole, sizeof whole, "%.*s:%s", TITLE - 2, a->name, words);
        classifier_judge(c, room, whole, (size_t)n, NULL, policy, &said);
        add_likely(&said, "attachment.link", verdict);
    }
}
