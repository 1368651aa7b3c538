/* late_cjose.c - libcjose's functions under their own names, each handed on to the library. */
#include "late_cjose.h"
#include "late.h"
#include "upp/base.h"
#include <cjose/cjose.h>
#include <pthread.h>

// clang-format off
/* Every function that somebody here calls: what it gives, name, parameters, arguments. */
#define CJOSE_GIVING(X)                                                                            \
    X(cjose_jws_t *, jws_import, (const char *text, size_t n, cjose_err *err), (text, n, err))     \
    X(bool, jws_verify, (cjose_jws_t *jws, const cjose_jwk_t *key, cjose_err *err),                \
      (jws, key, err))                                                                             \
    X(bool, jws_get_plaintext,                                                                     \
      (const cjose_jws_t *jws, uint8_t **bytes, size_t *n, cjose_err *err), (jws, bytes, n, err))  \
    X(cjose_jwk_t *, jwk_import_json, (cjose_header_t *json, cjose_err *err), (json, err))         \
    X(size_t, jwk_get_keysize, (const cjose_jwk_t *key, cjose_err *err), (key, err))               \
    X(bool, jwk_release, (cjose_jwk_t *key), (key))
#define CJOSE_SILENT(X)                                                                            \
    X(void, jws_release, (cjose_jws_t *jws), (jws))
// clang-format on

typedef struct cjose_calls {
#define CJOSE_FIELD(type, name, parameters, arguments) type(*name) parameters;
    CJOSE_GIVING(CJOSE_FIELD) CJOSE_SILENT(CJOSE_FIELD)
#undef CJOSE_FIELD
} cjose_calls;

static cjose_calls real;

static const upp_late_row rows[] = {
#define CJOSE_ROW(type, name, parameters, arguments)                                               \
    { "cjose_" #name, offsetof(cjose_calls, name) },
    CJOSE_GIVING(CJOSE_ROW) CJOSE_SILENT(CJOSE_ROW)
#undef CJOSE_ROW
};

static const upp_late late = { .title = "libcjose",
                               .file = UPP_CJOSE_LIBRARY,
                               .rows = rows,
                               .n_rows = UPP_LEN(rows),
                               .table = &real };

static void load_for_good(void)
{
    upp_late_load(&late);
}

static const cjose_calls *cjose(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    upp_check(pthread_once(&once, load_for_good) == 0);
    return &real;
}

#define CJOSE_HAND_ON(type, name, parameters, arguments)                                           \
    type cjose_##name parameters                                                                   \
    {                                                                                              \
        return cjose()->name arguments;                                                            \
    }
CJOSE_GIVING(CJOSE_HAND_ON)
#undef CJOSE_HAND_ON
#define CJOSE_HAND_ON(type, name, parameters, arguments)                                           \
    type cjose_##name parameters                                                                   \
    {                                                                                              \
        cjose()->name arguments;                                                                   \
    }
CJOSE_SILENT(CJOSE_HAND_ON)
#undef CJOSE_HAND_ON

const char *upp_cjose_lacks(void)
{
    return upp_late_lacks(&late);
}
