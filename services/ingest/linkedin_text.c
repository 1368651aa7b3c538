/* linkedin_text.c - LinkedIn's names of things, and the words of its posts. */
#include "linkedin_text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { URN_MAX = 2 * LINKEDIN_NAME };

const char linkedin_feed[] = "https://www.linkedin.com/feed/update/";

static const char head[] = "urn:li:", comment_head[] = "urn:li:comment:(";
#define PLAIN "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"

bool linkedin_is_urn(const char *text)
{
    return text && strncmp(text, head, sizeof head - 1) == 0 && strlen(text) < URN_MAX &&
           text[strspn(text, PLAIN ":(),")] == '\0';
}

bool linkedin_name_of(const char *urn, linkedin_name *ret_name)
{
    *ret_name = (linkedin_name){ "", "" };
    if (!linkedin_is_urn(urn) || strncmp(urn, comment_head, sizeof comment_head - 1) != 0)
        return false;
    const char *post = urn + sizeof comment_head - 1, *comma = strchr(post, ',');
    const size_t n = comma ? (size_t)(comma - post) : 0;
    const size_t id = comma ? strspn(comma + 1, PLAIN) : 0;
    if (n == 0 || n >= LINKEDIN_NAME || strspn(post, PLAIN ":") != n || id == 0 ||
        id >= LINKEDIN_NAME || strcmp(comma + 1 + id, ")") != 0)
        return false;
    snprintf(ret_name->post, LINKEDIN_NAME, "%.*s", (int)n, post);
    snprintf(ret_name->id, LINKEDIN_NAME, "%.*s", (int)id, comma + 1);
    return true;
}

/* Of "OPENING shown CLOSING ... END": how long it is; *ret_shown: what is shown of it, *ret_n
 * bytes. 0: it is something else. */
static size_t bracket(const char *text, const char *opening, const char *closing, char end,
                      const char **ret_shown, size_t *ret_n)
{
    if (strncmp(text, opening, strlen(opening)) != 0)
        return 0;
    *ret_shown = text + strlen(opening);
    const char *closed = strstr(*ret_shown, closing);
    const char *ended = closed ? strchr(closed + strlen(closing) - 1, end) : NULL;
    if (!ended)
        return 0;
    *ret_n = (size_t)(closed - *ret_shown);
    return (size_t)(ended - text) + 1;
}

char *linkedin_plain(const char *text)
{
    char *out = malloc(strlen(text) + 1), *to = out;
    upp_check(out);
    while (*text) {
        const char *shown = text;
        size_t n = 1, all = bracket(text, "@[", "](", ')', &shown, &n);
        if (all == 0 && (all = bracket(text, "{hashtag|\\#|", "}", '}', &shown, &n)) > 0)
            *to++ = '#';
        if (all == 0) {
            n = 1;
            all = text[0] == '\\' && text[1] ? 2 : 1;
            shown = text + all - 1;
        }
        for (size_t i = 0; i < n; i++)
            if (shown[i] != '\\' || n == 1)
                *to++ = shown[i];
        text += all;
    }
    *to = '\0';
    return out;
}
