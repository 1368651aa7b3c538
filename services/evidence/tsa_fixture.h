/* tsa_fixture.h - for tests: timestamp authorities of our own making, good and bad, without a
 * process. libcrypto alone makes what is checked. Included by one test file each. */
#pragma once
#include "tsa.h"
#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct authority {
    EVP_PKEY *root_key, *middle_key, *key;
    X509 *root, *middle, *cert; /* `middle` NULL: the root signs it */
    char *roots;                /* PEM */
    time_t at;                  /* what its clock says; 0: what ours does */
} authority;

typedef struct authority_kind {
    const char *name, *usage; /* extendedKeyUsage; NULL: none */
    time_t from, to;          /* of its certificate; 0: an hour ago, in an hour */
    bool middle;              /* another lies between it and the root, and does not come along */
} authority_kind;

/* `kind` NULL: of one who signs certificates; `issuer` NULL: the root. */
static inline X509 *authority_cert(const char *name, EVP_PKEY *key, X509 *issuer, EVP_PKEY *signs,
                                   const authority_kind *kind)
{
    const bool ca = kind == NULL;
    const time_t now = time(NULL);
    const time_t from = ca ? 1000000000 : kind->from ? kind->from : now - 3600;
    const time_t to = ca ? 4000000000 : kind->to ? kind->to : now + 3600;
    const char *const rows[][2] = {
        { "basicConstraints", ca ? "critical,CA:TRUE" : "critical,CA:FALSE" },
        { "keyUsage", ca ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature" },
        { "extendedKeyUsage", ca ? NULL : kind->usage },
    };
    X509 *cert = X509_new();
    X509V3_CTX ctx;
    upp_check(cert && X509_set_version(cert, 2) == 1);
    upp_check(ASN1_INTEGER_set(X509_get_serialNumber(cert), issuer ? 2 : 1) == 1);
    upp_check(X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_UTF8,
                                         (const unsigned char *)name, -1, -1, 0) == 1);
    upp_check(X509_set_issuer_name(cert, X509_get_subject_name(issuer ? issuer : cert)) == 1);
    upp_check(X509_set_pubkey(cert, key) == 1);
    upp_check(ASN1_TIME_set(X509_getm_notBefore(cert), from) != NULL);
    upp_check(ASN1_TIME_set(X509_getm_notAfter(cert), to) != NULL);
    X509V3_set_ctx(&ctx, issuer ? issuer : cert, cert, NULL, NULL, 0);
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        X509_EXTENSION *one =
            rows[i][1] ? X509V3_EXT_conf(NULL, &ctx, rows[i][0], rows[i][1]) : NULL;
        upp_check(!rows[i][1] || (one && X509_add_ext(cert, one, -1) == 1));
        X509_EXTENSION_free(one);
    }
    upp_check(X509_sign(cert, signs, EVP_sha256()) > 0);
    return cert;
}

/* PEM; the caller frees it. */
static inline char *authority_pem(const X509 *cert)
{
    BIO *text = BIO_new(BIO_s_mem());
    char *at = NULL;
    upp_check(text && PEM_write_bio_X509(text, cert) == 1);
    const long n = BIO_get_mem_data(text, &at);
    char *pem = calloc(1, (size_t)n + 1);
    upp_check(pem);
    memcpy(pem, at, (size_t)n);
    BIO_free(text);
    return pem;
}

static inline void authority_open(authority *a, const authority_kind *kind)
{
    *a = (authority){ .root_key = EVP_EC_gen("P-256"),
                      .middle_key = EVP_EC_gen("P-256"),
                      .key = EVP_EC_gen("P-256") };
    upp_check(a->root_key && a->middle_key && a->key);
    a->root = authority_cert("Provrot", a->root_key, NULL, a->root_key, NULL);
    if (kind->middle)
        a->middle = authority_cert("Provmellan", a->middle_key, a->root, a->root_key, NULL);
    a->cert = authority_cert(kind->name, a->key, kind->middle ? a->middle : a->root,
                             kind->middle ? a->middle_key : a->root_key, kind);
    a->roots = authority_pem(a->root);
}

static inline void authority_close(authority *a)
{
    X509_free(a->cert);
    X509_free(a->middle);
    X509_free(a->root);
    EVP_PKEY_free(a->key);
    EVP_PKEY_free(a->middle_key);
    EVP_PKEY_free(a->root_key);
    free(a->roots);
}

static inline upp_bytes authority_roots(const authority *a)
{
    return (upp_bytes){ (const uint8_t *)a->roots, strlen(a->roots) };
}

static inline ASN1_INTEGER *authority_serial(TS_RESP_CTX *ctx, void *self)
{
    ASN1_INTEGER *one = ASN1_INTEGER_new();
    (void)ctx, (void)self;
    upp_check(one && ASN1_INTEGER_set(one, 7) == 1);
    return one;
}

static inline int authority_time(TS_RESP_CTX *ctx, void *self, long *ret_s, long *ret_us)
{
    const authority *a = self;
    (void)ctx;
    *ret_s = a->at ? (long)a->at : (long)time(NULL);
    *ret_us = 250000;
    return 1;
}

/* What libcrypto's own authority answers to the request; only one that is for time stamps can. */
static inline TS_RESP *authority_answer(authority *a, const uint8_t *request, size_t n)
{
    TS_RESP_CTX *ctx = TS_RESP_CTX_new();
    STACK_OF(X509) *chain = sk_X509_new_null();
    ASN1_OBJECT *policy = OBJ_txt2obj("1.3.6.1.4.1.99999.1", 1);
    BIO *in = BIO_new_mem_buf(request, (int)n);
    upp_check(ctx && chain && policy && in && sk_X509_push(chain, a->root) > 0);
    upp_check(TS_RESP_CTX_set_signer_cert(ctx, a->cert) == 1);
    upp_check(TS_RESP_CTX_set_signer_key(ctx, a->key) == 1);
    upp_check(TS_RESP_CTX_set_signer_digest(ctx, EVP_sha256()) == 1);
    upp_check(TS_RESP_CTX_set_ess_cert_id_digest(ctx, EVP_sha256()) == 1);
    upp_check(TS_RESP_CTX_set_def_policy(ctx, policy) == 1);
    upp_check(TS_RESP_CTX_add_md(ctx, EVP_sha256()) == 1);
    upp_check(TS_RESP_CTX_set_certs(ctx, chain) == 1);
    TS_RESP_CTX_add_flags(ctx, TS_TSA_NAME);
    TS_RESP_CTX_set_serial_cb(ctx, authority_serial, NULL);
    TS_RESP_CTX_set_time_cb(ctx, authority_time, a);
    TS_RESP *answer = TS_RESP_create_response(ctx, in);
    upp_check(answer);
    BIO_free(in);
    ASN1_OBJECT_free(policy);
    sk_X509_free(chain);
    TS_RESP_CTX_free(ctx);
    return answer;
}

/* Its reply to such a request; gives the length. */
static inline size_t authority_reply(authority *a, const uint8_t imprint[TSA_IMPRINT],
                                     const uint64_t *nonce, uint8_t ret_reply[TSA_REPLY])
{
    uint8_t request[TSA_REQUEST], *at = ret_reply;
    const size_t n = tsa_request(imprint, nonce, request);
    TS_RESP *answer = authority_answer(a, request, n);
    upp_check(i2d_TS_RESP(answer, NULL) <= TSA_REPLY);
    const int len = i2d_TS_RESP(answer, &at);
    TS_RESP_free(answer);
    return (size_t)len;
}

/* What `honest` said, signed anew by `a`, whatever its certificate is for: libcrypto's own
 * authority would not do that. */
static inline size_t authority_forge(authority *a, authority *honest,
                                     const uint8_t imprint[TSA_IMPRINT], const uint64_t *nonce,
                                     uint8_t ret_reply[TSA_REPLY])
{
    static const unsigned flags = CMS_BINARY | CMS_PARTIAL | CMS_CADES | CMS_NOSMIMECAP;
    uint8_t request[TSA_REQUEST];
    unsigned char *info = NULL, *token = NULL;
    const size_t n = tsa_request(imprint, nonce, request);
    TS_RESP *answer = authority_answer(honest, request, n);
    const int info_len = i2d_TS_TST_INFO(TS_RESP_get_tst_info(answer), &info);
    BIO *in = BIO_new_mem_buf(info, info_len);
    CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, flags);
    ASN1_OBJECT *type = OBJ_nid2obj(NID_id_smime_ct_TSTInfo);
    upp_check(in && cms && CMS_set1_eContentType(cms, type) == 1);
    upp_check(CMS_add1_signer(cms, a->cert, a->key, EVP_sha256(), flags) != NULL);
    upp_check(CMS_final(cms, in, NULL, flags) == 1);
    const int len = i2d_CMS_ContentInfo(cms, &token);
    upp_check(len > 255 && len + 9 < 65536);
    const uint8_t head[] = {
        0x30, 0x82, (uint8_t)((len + 5) >> 8), (uint8_t)(len + 5), 0x30, 0x03, 0x02, 0x01, 0x00
    }; /* granted */
    memcpy(ret_reply, head, sizeof head);
    memcpy(ret_reply + sizeof head, token, (size_t)len);
    OPENSSL_free(token);
    OPENSSL_free(info);
    CMS_ContentInfo_free(cms);
    BIO_free(in);
    TS_RESP_free(answer);
    return sizeof head + (size_t)len;
}
