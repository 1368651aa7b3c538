/* late_crypto.c - libcrypto's functions under their own names, each handed on to the library. */
#include "late_crypto.h"
#include "late.h"
#include "upp/base.h"
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs7.h>
#include <openssl/ts.h>
#include <openssl/x509_vfy.h>
#include <pthread.h>

// clang-format off
/* Every function that somebody here calls: what it gives, name, parameters, arguments. */
#define CRYPTO_GIVING(X)                                                                           \
    X(TS_REQ *, d2i_TS_REQ, (TS_REQ **to, const unsigned char **in, long n), (to, in, n))          \
    X(TS_RESP *, d2i_TS_RESP, (TS_RESP **to, const unsigned char **in, long n), (to, in, n))       \
    X(TS_VERIFY_CTX *, TS_REQ_to_TS_VERIFY_CTX, (TS_REQ *req, TS_VERIFY_CTX *ctx), (req, ctx))     \
    X(int, TS_VERIFY_CTX_set_flags, (TS_VERIFY_CTX *ctx, int flags), (ctx, flags))                 \
    X(int, TS_VERIFY_CTX_add_flags, (TS_VERIFY_CTX *ctx, int flags), (ctx, flags))                 \
    X(X509_STORE *, TS_VERIFY_CTX_set_store, (TS_VERIFY_CTX *ctx, X509_STORE *store), (ctx, store))\
    X(int, TS_RESP_verify_token, (TS_VERIFY_CTX *ctx, PKCS7 *token), (ctx, token))                 \
    X(TS_STATUS_INFO *, TS_RESP_get_status_info, (TS_RESP *resp), (resp))                          \
    X(const ASN1_INTEGER *, TS_STATUS_INFO_get0_status, (const TS_STATUS_INFO *info), (info))      \
    X(PKCS7 *, TS_RESP_get_token, (TS_RESP *resp), (resp))                                         \
    X(TS_TST_INFO *, TS_RESP_get_tst_info, (TS_RESP *resp), (resp))                                \
    X(const ASN1_GENERALIZEDTIME *, TS_TST_INFO_get_time, (const TS_TST_INFO *info), (info))       \
    X(long, ASN1_INTEGER_get, (const ASN1_INTEGER *number), (number))                              \
    X(ASN1_TIME *, ASN1_TIME_set, (ASN1_TIME *to, time_t at), (to, at))                            \
    X(int, ASN1_TIME_diff, (int *days, int *seconds, const ASN1_TIME *from, const ASN1_TIME *to),  \
      (days, seconds, from, to))                                                                   \
    X(int, ASN1_STRING_to_UTF8, (unsigned char **to, const ASN1_STRING *text), (to, text))         \
    X(int, PKCS7_verify,                                                                           \
      (PKCS7 *p7, STACK_OF(X509) *certs, X509_STORE *store, BIO *in, BIO *out, int flags),         \
      (p7, certs, store, in, out, flags))                                                          \
    X(STACK_OF(X509) *, PKCS7_get0_signers, (PKCS7 *p7, STACK_OF(X509) *certs, int flags),         \
      (p7, certs, flags))                                                                          \
    X(int, OPENSSL_sk_num, (const OPENSSL_STACK *stack), (stack))                                  \
    X(void *, OPENSSL_sk_value, (const OPENSSL_STACK *stack, int i), (stack, i))                   \
    X(X509_NAME *, X509_get_subject_name, (const X509 *cert), (cert))                              \
    X(int, X509_NAME_get_index_by_NID, (const X509_NAME *name, int nid, int after),                \
      (name, nid, after))                                                                          \
    X(X509_NAME_ENTRY *, X509_NAME_get_entry, (const X509_NAME *name, int i), (name, i))           \
    X(ASN1_STRING *, X509_NAME_ENTRY_get_data, (const X509_NAME_ENTRY *entry), (entry))            \
    X(X509_STORE *, X509_STORE_new, (void), ())                                                    \
    X(int, X509_STORE_add_cert, (X509_STORE *store, X509 *cert), (store, cert))                    \
    X(X509_VERIFY_PARAM *, X509_STORE_get0_param, (const X509_STORE *store), (store))              \
    X(BIO *, BIO_new_mem_buf, (const void *bytes, int n), (bytes, n))                              \
    X(int, BIO_free, (BIO *bio), (bio))                                                            \
    X(X509 *, PEM_read_bio_X509, (BIO *bio, X509 **to, pem_password_cb *ask, void *user),          \
      (bio, to, ask, user))                                                                        \
    X(unsigned long, ERR_peek_last_error, (void), ())
#define CRYPTO_SILENT(X)                                                                           \
    X(void, TS_REQ_free, (TS_REQ *req), (req))                                                     \
    X(void, TS_RESP_free, (TS_RESP *resp), (resp))                                                 \
    X(void, TS_VERIFY_CTX_free, (TS_VERIFY_CTX *ctx), (ctx))                                       \
    X(void, ASN1_TIME_free, (ASN1_TIME *at), (at))                                                 \
    X(void, CRYPTO_free, (void *bytes, const char *file, int line), (bytes, file, line))           \
    X(void, OPENSSL_sk_free, (OPENSSL_STACK *stack), (stack))                                      \
    X(void, X509_free, (X509 *cert), (cert))                                                       \
    X(void, X509_STORE_free, (X509_STORE *store), (store))                                         \
    X(void, X509_VERIFY_PARAM_set_time, (X509_VERIFY_PARAM *param, time_t at), (param, at))        \
    X(void, ERR_clear_error, (void), ())
// clang-format on

typedef struct crypto_calls {
#define CRYPTO_FIELD(type, name, parameters, arguments) type(*name) parameters;
    CRYPTO_GIVING(CRYPTO_FIELD) CRYPTO_SILENT(CRYPTO_FIELD)
#undef CRYPTO_FIELD
} crypto_calls;

static crypto_calls real;

static const upp_late_row rows[] = {
#define CRYPTO_ROW(type, name, parameters, arguments) { #name, offsetof(crypto_calls, name) },
    CRYPTO_GIVING(CRYPTO_ROW) CRYPTO_SILENT(CRYPTO_ROW)
#undef CRYPTO_ROW
};

static const upp_late late = { .title = "libcrypto",
                               .file = UPP_CRYPTO_LIBRARY,
                               .rows = rows,
                               .n_rows = UPP_LEN(rows),
                               .table = &real };

static void load_for_good(void)
{
    upp_late_load(&late);
}

static const crypto_calls *crypto(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    upp_check(pthread_once(&once, load_for_good) == 0);
    return &real;
}

#define CRYPTO_HAND_ON(type, name, parameters, arguments)                                          \
    type name parameters                                                                           \
    {                                                                                              \
        return crypto()->name arguments;                                                           \
    }
CRYPTO_GIVING(CRYPTO_HAND_ON)
#undef CRYPTO_HAND_ON
#define CRYPTO_HAND_ON(type, name, parameters, arguments)                                          \
    void name parameters                                                                           \
    {                                                                                              \
        crypto()->name arguments;                                                                  \
    }
CRYPTO_SILENT(CRYPTO_HAND_ON)
#undef CRYPTO_HAND_ON

const char *upp_crypto_lacks(void)
{
    return upp_late_lacks(&late);
}
