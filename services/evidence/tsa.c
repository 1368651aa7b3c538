/* tsa.c - a time stamp of an authority: asked for in DER, checked by libcrypto. */
#include "tsa.h"
#include "late_crypto.h"
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ts.h>
#include <openssl/x509.h>
#include <string.h>

enum { ROOTS_MAX = 512 };

/* -- asking -- */
size_t tsa_request(const uint8_t imprint[TSA_IMPRINT], const uint64_t *nonce,
                   uint8_t ret_request[TSA_REQUEST])
{
    /* SEQUENCE { version 1, SEQUENCE { SEQUENCE { OID id-sha256, NULL }, OCTET STRING of 32 } */
    static const uint8_t head[] = { 0x30, 0,    0x02, 0x01, 0x01, 0x30, 0x31, 0x30,
                                    0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65,
                                    0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20 };
    static const uint8_t certificates[] = { 0x01, 0x01, 0xff }; /* certReq TRUE */
    uint8_t *at = ret_request;
    memcpy(at, head, sizeof head);
    at += sizeof head;
    memcpy(at, imprint, TSA_IMPRINT);
    at += TSA_IMPRINT;
    if (nonce) { /* INTEGER, not negative, without needless zero bytes (X.690 §8.3.2) */
        uint8_t bytes[9] = { 0 };
        size_t from = 0;
        for (size_t i = 0; i < 8; i++)
            bytes[8 - i] = (uint8_t)(*nonce >> 8 * i);
        while (from < 8 && bytes[from] == 0 && bytes[from + 1] < 0x80)
            from++;
        *at++ = 0x02;
        *at++ = (uint8_t)(sizeof bytes - from);
        memcpy(at, bytes + from, sizeof bytes - from);
        at += sizeof bytes - from;
    }
    memcpy(at, certificates, sizeof certificates);
    at += sizeof certificates;
    const size_t n = (size_t)(at - ret_request);
    ret_request[1] = (uint8_t)(n - 2);
    return n;
}

/* -- releasing, on every way out -- */
static void free_reply(TS_RESP **reply)
{
    if (*reply)
        TS_RESP_free(*reply);
}

static void free_request(TS_REQ **request)
{
    if (*request)
        TS_REQ_free(*request);
}

static void free_check(TS_VERIFY_CTX **check)
{
    if (*check)
        TS_VERIFY_CTX_free(*check);
}

static void free_store(X509_STORE **store)
{
    if (*store)
        X509_STORE_free(*store);
}

static void free_bio(BIO **bio)
{
    if (*bio)
        BIO_free(*bio);
}

static void free_time(ASN1_TIME **at)
{
    if (*at)
        ASN1_TIME_free(*at);
}

/* -- roots -- */
/* NULL: there are none, or something that is none lies between. The caller frees it. */
static X509_STORE *store_of(upp_bytes roots)
{
    UPP_AUTO(free_store) X509_STORE *store = X509_STORE_new();
    UPP_AUTO(free_bio) BIO *text = BIO_new_mem_buf(roots.at, (int)roots.len);
    size_t n = 0;
    upp_check(store && text);
    ERR_clear_error();
    for (X509 *one; n <= ROOTS_MAX && (one = PEM_read_bio_X509(text, NULL, NULL, NULL)); n++) {
        const int put = X509_STORE_add_cert(store, one);
        X509_free(one);
        if (put != 1)
            return NULL;
    }
    const unsigned long why = ERR_peek_last_error();
    const bool ended =
        ERR_GET_LIB(why) == ERR_LIB_PEM && ERR_GET_REASON(why) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    if (n == 0 || n > ROOTS_MAX || !ended)
        return NULL;
    X509_STORE *out = store;
    store = NULL;
    return out;
}

bool tsa_roots_good(upp_bytes roots)
{
    UPP_AUTO(free_store)
    X509_STORE *store = roots.len > 0 && roots.len <= INT32_MAX ? store_of(roots) : NULL;
    return store != NULL;
}

/* -- what a token says -- */
static bool time_of(TS_RESP *reply, time_t *ret_at)
{
    const ASN1_GENERALIZEDTIME *said = TS_TST_INFO_get_time(TS_RESP_get_tst_info(reply));
    UPP_AUTO(free_time) ASN1_TIME *zero = ASN1_TIME_set(NULL, 0);
    int days = 0, seconds = 0;
    upp_check(zero);
    if (!said || ASN1_TIME_diff(&days, &seconds, zero, said) != 1)
        return false;
    *ret_at = (time_t)days * 86400 + seconds;
    return true;
}

/* In UTF-8, cut where a character ends. */
static void name_of(const X509 *signer, char ret_name[TSA_SIGNER])
{
    const X509_NAME *name = X509_get_subject_name(signer);
    const int i = name ? X509_NAME_get_index_by_NID(name, NID_commonName, -1) : -1;
    unsigned char *text = NULL;
    const int n =
        i >= 0 ? ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, i)))
               : 0;
    size_t len = n > 0 ? (size_t)n : 0;
    if (len >= TSA_SIGNER) {
        len = TSA_SIGNER - 1;
        while (len > 0 && (text[len] & 0xC0) == 0x80)
            len--;
    }
    for (size_t k = 0; k < len; k++)
        ret_name[k] = text[k] < 0x20 || text[k] == 0x7F ? '?' : (char)text[k];
    ret_name[len] = '\0';
    if (text)
        OPENSSL_free(text);
}

static bool signer_of(PKCS7 *token, char ret_name[TSA_SIGNER])
{
    STACK_OF(X509) *signers = PKCS7_get0_signers(token, NULL, 0);
    const bool one = signers && sk_X509_num(signers) == 1;
    if (one)
        name_of(sk_X509_value(signers, 0), ret_name);
    if (signers)
        sk_X509_free(signers);
    return one;
}

/* -- checking -- */
static TS_RESP *reply_of(upp_bytes bytes)
{
    const unsigned char *at = bytes.at;
    if (bytes.len == 0 || bytes.len > TSA_REPLY)
        return NULL;
    TS_RESP *reply = d2i_TS_RESP(NULL, &at, (long)bytes.len);
    if (reply && at != bytes.at + bytes.len) { /* something behind it */
        TS_RESP_free(reply);
        return NULL;
    }
    return reply;
}

static bool granted(TS_RESP *reply)
{
    const long status =
        ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(TS_RESP_get_status_info(reply)));
    return status == TS_STATUS_GRANTED || status == TS_STATUS_GRANTED_WITH_MODS;
}

static const char *why_not(void)
{
    const unsigned long why = ERR_peek_last_error();
    if (ERR_GET_LIB(why) != ERR_LIB_TS)
        return "token-signature";
    switch (ERR_GET_REASON(why)) {
    case TS_R_MESSAGE_IMPRINT_MISMATCH:
        return "token-imprint";
    case TS_R_NONCE_MISMATCH:
    case TS_R_NONCE_NOT_RETURNED:
        return "token-nonce";
    case TS_R_CERTIFICATE_VERIFY_ERROR:
        return "token-chain";
    default:
        return "token-signature";
    }
}

/* The chain as it was at the time that the token says: a certificate runs out, a stamp does not. */
static bool lead_to(TS_VERIFY_CTX *check, upp_bytes roots, time_t at)
{
    X509_STORE *store = roots.len <= INT32_MAX ? store_of(roots) : NULL;
    if (!store)
        return false;
    X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store), at);
    (void)TS_VERIFY_CTX_set_store(check, store); /* takes it */
    (void)TS_VERIFY_CTX_add_flags(check, TS_VFY_SIGNATURE);
    return true;
}

static const char *check_token(TS_RESP *reply, const uint8_t imprint[TSA_IMPRINT],
                               const uint64_t *nonce, upp_bytes roots, time_t at)
{
    uint8_t bytes[TSA_REQUEST];
    const unsigned char *in = bytes;
    const size_t n = tsa_request(imprint, nonce, bytes);
    PKCS7 *token = TS_RESP_get_token(reply);
    UPP_AUTO(free_request) TS_REQ *request = d2i_TS_REQ(NULL, &in, (long)n);
    UPP_AUTO(free_check)
    TS_VERIFY_CTX *check = request ? TS_REQ_to_TS_VERIFY_CTX(request, NULL) : NULL;
    upp_check(check);
    if (roots.at && !lead_to(check, roots, at))
        return "token-roots";
    if (!roots.at)
        (void)TS_VERIFY_CTX_set_flags(check,
                                      TS_VFY_VERSION | TS_VFY_IMPRINT | (nonce ? TS_VFY_NONCE : 0));
    ERR_clear_error();
    if (TS_RESP_verify_token(check, token) != 1)
        return why_not();
    if (!roots.at && PKCS7_verify(token, NULL, NULL, NULL, NULL, PKCS7_NOVERIFY) != 1)
        return "token-signature";
    return NULL;
}

const char *tsa_check(upp_bytes bytes, const uint8_t imprint[TSA_IMPRINT], const uint64_t *nonce,
                      upp_bytes roots, tsa_found *ret_found)
{
    time_t at = 0;
    *ret_found = (tsa_found){ .at = 0 };
    UPP_AUTO(free_reply) TS_RESP *reply = reply_of(bytes);
    const char *why = "token-malformed";
    if (reply && !granted(reply))
        why = "token-refused";
    else if (reply && TS_RESP_get_token(reply) && TS_RESP_get_tst_info(reply) &&
             time_of(reply, &at) && signer_of(TS_RESP_get_token(reply), ret_found->signer)) {
        ret_found->at = (upp_ms)at * UPP_SECOND;
        why = check_token(reply, imprint, nonce, roots, at);
    }
    ERR_clear_error(); /* what is left there would be taken for a later call's */
    return why;
}
