/* verdict.c - the signs of walls, checks and error pages. */
#include "verdict.h"
#include <ctype.h>
#include <string.h>
#include <strings.h>

/* Pages with more text than this are content, whatever words stand in them. */
enum { SHORT_CHARS = 2500, PASSWORD_CHARS = 1200 };

static const char *const login_paths[] = {
    "/login",   "/accounts/login", "/i/flow/login", "/authwall", "/signin",    "/sign-in",
    "/sign_in", "/uas/login",      "/checkpoint/",  "/logga-in", "/auth/sign", "/servicelogin",
};
static const char *const login_words[] = {
    "du m\xc3\xa5ste logga in",
    "logga in f\xc3\xb6r att",
    "logga in p\xc3\xa5 facebook",
    "logga in eller registrera dig",
    "logga in eller skapa konto",
    "you must log in",
    "you must sign in",
    "log in to continue",
    "log in to see",
    "log in to facebook",
    "log into facebook",
    "sign in to continue",
    "sign in to view",
    "sign in to see",
    "sign up to see",
    "sign up to continue",
    "join linkedin",
    "log in or sign up",
    "please log in",
    "please sign in",
};
static const char *const blocked_words[] = {
    "unusual traffic",
    "ovanlig trafik",
    "verify you are human",
    "verify that you are human",
    "verify you're human",
    "bekr\303\244fta att du \xc3\xa4r m\xc3\xa4nniska",
    "are you a robot",
    "not a robot",
    "access denied",
    "attention required",
    "checking your browser",
    "complete the security check",
    "you have been blocked",
    "temporarily blocked",
    "tillf\xc3\xa4lligt blockerad",
    "request blocked",
    "too many requests",
    "solve the captcha",
    "complete the captcha",
};
static const char *const gone_words[] = {
    "page not found",
    "this page isn't available",
    "this page isn\xe2\x80\x99t available",
    "this content isn't available",
    "this content isn\xe2\x80\x99t available",
    "this account doesn\xe2\x80\x99t exist",
    "this account doesn't exist",
    "inneh\xc3\xa5llet \xc3\xa4r inte tillg\xc3\xa4ngligt",
    "sidan \xc3\xa4r inte tillg\xc3\xa4nglig",
    "sidan kunde inte hittas",
    "sidan hittades inte",
    "sidan finns inte",
    "internal server error",
    "service unavailable",
    "bad gateway",
};

/* Case is folded for ASCII; the words above are written so that this is enough. */
static bool has(const char *text, const char *word)
{
    const size_t n = strlen(word);
    for (; *text; text++)
        if (strncasecmp(text, word, n) == 0)
            return true;
    return false;
}

static bool has_any(const char *text, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (has(text, words[i]))
            return true;
    return false;
}

/* A path of `url` that leads to a sign-in; not its query. */
static bool login_path(const char *url)
{
    const char *slashes = strstr(url, "://");
    const char *path = slashes ? strchr(slashes + 3, '/') : NULL;
    const size_t n = path ? strcspn(path, "?#") : 0;
    for (size_t i = 0; i < UPP_LEN(login_paths); i++) {
        const size_t m = strlen(login_paths[i]);
        for (size_t at = 0; at + m <= n; at++)
            if (strncasecmp(path + at, login_paths[i], m) == 0 &&
                (login_paths[i][m - 1] == '/' || !isalpha((unsigned char)path[at + m])))
                return true;
    }
    return false;
}

static enum verdict said(enum verdict verdict, const char *why, const char **ret_why)
{
    *ret_why = why;
    return verdict;
}

static enum verdict of_net_error(const char *error, const char **ret_why)
{
    if (strstr(error, "TIMED_OUT"))
        return said(VERDICT_TIMEOUT, "the server did not answer in time", ret_why);
    if (strstr(error, "BLOCKED_BY"))
        return said(VERDICT_BLOCKED, "the address may not be visited", ret_why);
    if (strstr(error, "CERT") || strstr(error, "SSL"))
        return said(VERDICT_ERROR, "the server's certificate or TLS is no good", ret_why);
    if (strstr(error, "NAME_NOT_RESOLVED"))
        return said(VERDICT_ERROR, "the server's name is not known", ret_why);
    if (strstr(error, "ERR_ABORTED")) /* Chromium tells no more of the two apart */
        return said(VERDICT_ERROR, "a download, or the page crashed as it came", ret_why);
    if (strstr(error, "TOO_MANY_REDIRECTS"))
        return said(VERDICT_ERROR, "it leads round in a circle", ret_why);
    return said(VERDICT_ERROR, "the server cannot be reached", ret_why);
}

static enum verdict of_status(int64_t status, const char **ret_why)
{
    if (status == 401 || status == 407)
        return said(VERDICT_LOGIN_WALL, "the server wants a sign-in", ret_why);
    if (status == 403 || status == 429 || status == 451 || status == 999)
        return said(VERDICT_BLOCKED, "the server refuses the browser", ret_why);
    if (status == 404 || status == 410)
        return said(VERDICT_ERROR, "the page is not there", ret_why);
    if (status == 408 || status == 504)
        return said(VERDICT_TIMEOUT, "the server gave up", ret_why);
    return said(VERDICT_ERROR, "the server answers with an error", ret_why);
}

static bool is_page(const char *mime)
{
    return mime[0] == '\0' || strcasecmp(mime, "text/html") == 0 ||
           strcasecmp(mime, "application/xhtml+xml") == 0;
}

enum verdict verdict_of(const verdict_signs *signs, const char **ret_why)
{
    const verdict_signs *s = signs;
    const bool is_short = s->text_chars < SHORT_CHARS;
    if (s->guarded)
        return said(VERDICT_BLOCKED, "the address may not be visited", ret_why);
    if (s->net_error)
        return of_net_error(s->net_error, ret_why);
    if (login_path(s->shown) && !login_path(s->asked))
        return said(VERDICT_LOGIN_WALL, "it leads to a sign-in", ret_why);
    if (s->status >= 400)
        return of_status(s->status, ret_why);
    if (s->broken)
        return said(VERDICT_ERROR, "the page broke off", ret_why);
    if (s->late)
        return said(VERDICT_TIMEOUT, "the page was not loaded in time", ret_why);
    if (strncmp(s->shown, "chrome-error:", 13) == 0)
        return said(VERDICT_ERROR, "the browser shows an error", ret_why);
    if (strncasecmp(s->shown, "http://", 7) != 0 && strncasecmp(s->shown, "https://", 8) != 0)
        return said(VERDICT_ERROR, "it leads to what is no page", ret_why);
    if (s->status == 204 || s->status == 205 || !is_page(s->mime))
        return said(VERDICT_ERROR, "it is no page", ret_why);
    if ((is_short || has_any(s->title, blocked_words, UPP_LEN(blocked_words))) &&
        (has_any(s->text, blocked_words, UPP_LEN(blocked_words)) ||
         has_any(s->title, blocked_words, UPP_LEN(blocked_words))))
        return said(VERDICT_BLOCKED, "it asks whether we are human, or refuses us", ret_why);
    if (s->dialog_over || (s->password && s->text_chars < PASSWORD_CHARS) ||
        (is_short && (s->password || has_any(s->text, login_words, UPP_LEN(login_words)) ||
                      has_any(s->title, login_words, UPP_LEN(login_words)))))
        return said(VERDICT_LOGIN_WALL, "it asks for a sign-in", ret_why);
    if (is_short && (has_any(s->text, gone_words, UPP_LEN(gone_words)) ||
                     has_any(s->title, gone_words, UPP_LEN(gone_words))))
        return said(VERDICT_ERROR, "the page says that it is not there", ret_why);
    if (s->text_chars == 0 && !s->pictures)
        return said(VERDICT_ERROR, "the page is empty", ret_why);
    return said(VERDICT_OK, "", ret_why);
}
