/* late_curl.c - libcurl's functions under their own names, each handed on to the library. */
#include "late_curl.h"
#include "late.h"
#include "upp/base.h"
#include <pthread.h>
#include <stdarg.h>

// clang-format off
/* Every function that somebody here calls: what it gives, name, parameters, arguments. */
#define CURL_GIVING(X)                                                                             \
    X(CURL *, easy_init, (void), ())                                                               \
    X(CURLcode, easy_perform, (CURL *easy), (easy))                                                \
    X(CURLcode, easy_recv, (CURL *easy, void *to, size_t size, size_t *n), (easy, to, size, n))    \
    X(CURLcode, easy_send, (CURL *easy, const void *from, size_t len, size_t *n),                  \
      (easy, from, len, n))                                                                        \
    X(const char *, easy_strerror, (CURLcode code), (code))                                        \
    X(struct curl_slist *, slist_append, (struct curl_slist *list, const char *text), (list, text))\
    X(curl_mime *, mime_init, (CURL *easy), (easy))                                                \
    X(curl_mimepart *, mime_addpart, (curl_mime *mime), (mime))                                    \
    X(CURLcode, mime_data, (curl_mimepart *part, const char *data, size_t n), (part, data, n))     \
    X(CURLcode, mime_type, (curl_mimepart *part, const char *type), (part, type))                  \
    X(CURLcode, mime_encoder, (curl_mimepart *part, const char *encoding), (part, encoding))       \
    X(CURLM *, multi_init, (void), ())                                                             \
    X(CURLMcode, multi_cleanup, (CURLM *multi), (multi))                                           \
    X(CURLMcode, multi_add_handle, (CURLM *multi, CURL *easy), (multi, easy))                      \
    X(CURLMcode, multi_remove_handle, (CURLM *multi, CURL *easy), (multi, easy))                   \
    X(CURLMcode, multi_socket_action,                                                              \
      (CURLM *multi, curl_socket_t fd, int mask, int *running), (multi, fd, mask, running))        \
    X(CURLMsg *, multi_info_read, (CURLM *multi, int *left), (multi, left))
#define CURL_SILENT(X)                                                                             \
    X(void, easy_cleanup, (CURL *easy), (easy))                                                    \
    X(void, slist_free_all, (struct curl_slist *list), (list))                                     \
    X(void, mime_free, (curl_mime *mime), (mime))
#define CURL_OTHER(X) /* for us alone, and those that take anything */                             \
    X(CURLcode, global_init, (long flags), (flags))                                                \
    X(CURLcode, easy_setopt, (CURL *easy, CURLoption option, ...), )                               \
    X(CURLcode, easy_getinfo, (CURL *easy, CURLINFO info, ...), )                                  \
    X(CURLMcode, multi_setopt, (CURLM *multi, CURLMoption option, ...), )
// clang-format on

typedef struct curl_calls {
#define CURL_FIELD(type, name, parameters, arguments) type(*name) parameters;
    CURL_GIVING(CURL_FIELD) CURL_SILENT(CURL_FIELD) CURL_OTHER(CURL_FIELD)
#undef CURL_FIELD
} curl_calls;

static curl_calls real;

static const upp_late_row rows[] = {
#define CURL_ROW(type, name, parameters, arguments) { "curl_" #name, offsetof(curl_calls, name) },
    CURL_GIVING(CURL_ROW) CURL_SILENT(CURL_ROW) CURL_OTHER(CURL_ROW)
#undef CURL_ROW
};

static const upp_late late = { .title = "libcurl",
                               .file = UPP_CURL_LIBRARY,
                               .rows = rows,
                               .n_rows = UPP_LEN(rows),
                               .table = &real };

static void load_for_good(void)
{
    upp_late_load(&late);
    upp_check(real.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
}

static const curl_calls *curl(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    upp_check(pthread_once(&once, load_for_good) == 0);
    return &real;
}

#define CURL_HAND_ON(type, name, parameters, arguments)                                            \
    type curl_##name parameters                                                                    \
    {                                                                                              \
        return curl()->name arguments;                                                             \
    }
CURL_GIVING(CURL_HAND_ON)
#undef CURL_HAND_ON
#define CURL_HAND_ON(type, name, parameters, arguments)                                            \
    type curl_##name parameters                                                                    \
    {                                                                                              \
        curl()->name arguments;                                                                    \
    }
CURL_SILENT(CURL_HAND_ON)
#undef CURL_HAND_ON

/* An option's number tells what stands in the place of the dots (curl.h, CURLOPTTYPE_*). The
 * branches differ in that type alone, which clang-tidy does not see; its analyser (14) takes the
 * list for one that was never started. */
/* NOLINTBEGIN(clang-analyzer-valist.Uninitialized) */
CURLcode(curl_easy_setopt)(CURL *easy, CURLoption option, ...)
{
    CURLcode code;
    va_list args;
    va_start(args, option);
    if ((int)option < CURLOPTTYPE_OBJECTPOINT) /* NOLINTNEXTLINE(bugprone-branch-clone) */
        code = curl()->easy_setopt(easy, option, va_arg(args, long));
    else if ((int)option >= CURLOPTTYPE_OFF_T && (int)option < CURLOPTTYPE_BLOB)
        code = curl()->easy_setopt(easy, option, va_arg(args, curl_off_t));
    else if ((int)option >= CURLOPTTYPE_FUNCTIONPOINT && (int)option < CURLOPTTYPE_OFF_T)
        code = curl()->easy_setopt(easy, option, va_arg(args, void (*)(void)));
    else
        code = curl()->easy_setopt(easy, option, va_arg(args, void *));
    va_end(args);
    return code;
}

CURLMcode(curl_multi_setopt)(CURLM *multi, CURLMoption option, ...)
{
    CURLMcode code;
    va_list args;
    va_start(args, option);
    if ((int)option < CURLOPTTYPE_OBJECTPOINT) /* NOLINTNEXTLINE(bugprone-branch-clone) */
        code = curl()->multi_setopt(multi, option, va_arg(args, long));
    else if ((int)option >= CURLOPTTYPE_OFF_T)
        code = curl()->multi_setopt(multi, option, va_arg(args, curl_off_t));
    else if ((int)option >= CURLOPTTYPE_FUNCTIONPOINT)
        code = curl()->multi_setopt(multi, option, va_arg(args, void (*)(void)));
    else
        code = curl()->multi_setopt(multi, option, va_arg(args, void *));
    va_end(args);
    return code;
}
/* NOLINTEND(clang-analyzer-valist.Uninitialized) */

/* Always a place for the answer. */
CURLcode(curl_easy_getinfo)(CURL *easy, CURLINFO info, ...)
{
    va_list args;
    va_start(args, info);
    const CURLcode code = curl()->easy_getinfo(easy, info, va_arg(args, void *));
    va_end(args);
    return code;
}

const char *upp_curl_lacks(void)
{
    return upp_late_lacks(&late);
}
