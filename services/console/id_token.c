/* id_token.c - a token is read from the outside in: head, key, signature, what it says. */
#include "id_token.h"
#include "guard.h"
#include <cjose/cjose.h>
#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { HEAD_BYTES = 2048, RSA_BITS_MIN = 2048, AUDIENCES = 16, SUBJECT_BYTES = 255 };

static void json_done(json_t **json)
{
    json_decref(*json);
}

static void jws_done(cjose_jws_t **jws)
{
    if (*jws)
        cjose_jws_release(*jws);
}

static void key_done(cjose_jwk_t **key)
{
    if (*key)
        cjose_jwk_release(*key);
}

/* NULL: no object, or a name in it twice, of which two readers could take each another. */
static json_t *object_of(const char *text, size_t len)
{
    json_t *json = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(json))
        return json;
    json_decref(json);
    return NULL;
}

/* "" when it is not there or no text. */
static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

/* `n` characters of base64url, as RFC 7515 §2 has it: without padding, none that is left over.
 * libcjose 0.6.2 ends the process when it is given others. */
static bool is_base64url(const char *text, size_t n)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    return n > 0 && n % 4 != 1 && strspn(text, alphabet) >= n;
}

/* -- the head -- */
/* All three parts of a token that has three. */
static bool is_encoded(const char *token)
{
    const char *at = token;
    for (int i = 0; i < 3; i++) {
        const size_t n = strcspn(at, ".");
        if (!is_base64url(at, n))
            return false;
        at += n + 1;
    }
    return true;
}

/* Of a token without a signature, too: that says what it is. */
static json_t *head_of(const char *token)
{
    unsigned char bytes[HEAD_BYTES];
    size_t len = 0;
    const char *dot = strchr(token, '.');
    const char *second = dot ? strchr(dot + 1, '.') : NULL;
    if (!second || strchr(second + 1, '.') || strlen(token) > ID_TOKEN_BYTES)
        return NULL;
    if (sodium_base642bin(bytes, sizeof bytes, token, (size_t)(dot - token), NULL, &len, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
        return NULL;
    return object_of((const char *)bytes, len);
}

/* "RSA" or "EC"; NULL: an algorithm that nobody here takes (RFC 8725 §3.1: the list is ours, not
 * the token's). */
static const char *kind_of(const char *algorithm)
{
    return strcmp(algorithm, "RS256") == 0 ? "RSA" : strcmp(algorithm, "ES256") == 0 ? "EC" : NULL;
}

/* -- the key -- */
static bool fits(const json_t *key, const json_t *head, const char *algorithm)
{
    const json_t *use = json_object_get(key, "use"), *alg = json_object_get(key, "alg");
    const json_t *kid = json_object_get(head, "kid");
    if (strcmp(text_of(key, "kty"), kind_of(algorithm)) != 0)
        return false;
    if (strcmp(algorithm, "ES256") == 0 && strcmp(text_of(key, "crv"), "P-256") != 0)
        return false;
    if ((use && strcmp(text_of(key, "use"), "sig") != 0) ||
        (alg && strcmp(text_of(key, "alg"), algorithm) != 0))
        return false;
    return !kid ||
           (json_is_string(kid) && strcmp(json_string_value(kid), text_of(key, "kid")) == 0);
}

/* The only one that fits. NULL: there is none, or more than one. Lent from `list`. */
static json_t *only_key(const json_t *list, const json_t *head, const char *algorithm)
{
    json_t *found = NULL;
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *key = json_array_get(list, i);
        if (!fits(key, head, algorithm))
            continue;
        if (found)
            return NULL;
        found = key;
    }
    return found;
}

/* Of the key what the algorithm needs, and nothing else (RFC 7518 §6.2.1, §6.3.1). NULL: it is not
 * there, or not written as it should be. */
static json_t *public_part(const json_t *key, const char *algorithm)
{
    const bool is_rsa = strcmp(algorithm, "RS256") == 0;
    const char *const names[] = { is_rsa ? "n" : "x", is_rsa ? "e" : "y" };
    json_t *part = json_pack("{s:s}", "kty", kind_of(algorithm));
    if (!is_rsa)
        json_object_set_new(part, "crv", json_string("P-256"));
    for (size_t i = 0; i < UPP_LEN(names); i++) {
        const char *text = text_of(key, names[i]);
        if (!is_base64url(text, strlen(text))) {
            json_decref(part);
            return NULL;
        }
        json_object_set_new(part, names[i], json_string(text));
    }
    return part;
}

static enum id_token_flaw signed_by(cjose_jws_t *jws, const json_t *key, const char *algorithm)
{
    cjose_err err;
    UPP_AUTO(json_done) json_t *part = public_part(key, algorithm);
    UPP_AUTO(key_done) cjose_jwk_t *own = part ? cjose_jwk_import_json(part, &err) : NULL;
    if (!own ||
        (strcmp(algorithm, "RS256") == 0 && cjose_jwk_get_keysize(own, &err) < RSA_BITS_MIN))
        return ID_TOKEN_KEYS_BAD;
    return cjose_jws_verify(jws, own, &err) ? ID_TOKEN_FINE : ID_TOKEN_SIGNATURE;
}

/* What was signed, when it was signed so: *ret_claims is the caller's. */
static enum id_token_flaw open_token(const char *token, const char *keys, json_t **ret_claims)
{
    cjose_err err;
    uint8_t *bytes = NULL;
    size_t len = 0;
    UPP_AUTO(json_done) json_t *head = head_of(token);
    if (!head || json_object_get(head, "crit"))
        return ID_TOKEN_MALFORMED;
    const char *algorithm = text_of(head, "alg");
    if (!kind_of(algorithm))
        return ID_TOKEN_ALGORITHM;
    if (!is_encoded(token))
        return ID_TOKEN_MALFORMED;
    UPP_AUTO(json_done) json_t *set = object_of(keys, strlen(keys));
    const json_t *list = json_object_get(set, "keys");
    if (!json_is_array(list) || json_array_size(list) > ID_TOKEN_KEYS)
        return ID_TOKEN_KEYS_BAD;
    json_t *key = only_key(list, head, algorithm);
    if (!key)
        return ID_TOKEN_KEY;
    UPP_AUTO(jws_done) cjose_jws_t *jws = cjose_jws_import(token, strlen(token), &err);
    if (!jws)
        return ID_TOKEN_MALFORMED;
    const enum id_token_flaw flaw = signed_by(jws, key, algorithm);
    if (flaw != ID_TOKEN_FINE)
        return flaw;
    if (!cjose_jws_get_plaintext(jws, &bytes, &len, &err))
        return ID_TOKEN_MALFORMED;
    *ret_claims = object_of((const char *)bytes, len);
    return *ret_claims ? ID_TOKEN_FINE : ID_TOKEN_MALFORMED;
}

/* -- what it says -- */
/* Ours is among them; where there are others, or it says who it was made for, that is us too. */
static bool is_for(const json_t *claims, const char *client)
{
    const json_t *aud = json_object_get(claims, "aud"), *azp = json_object_get(claims, "azp");
    const size_t n = json_is_array(aud) ? json_array_size(aud) : 1;
    bool ours = false;
    if (n > AUDIENCES)
        return false;
    for (size_t i = 0; i < n; i++) {
        const json_t *one = json_is_array(aud) ? json_array_get(aud, i) : aud;
        if (!json_is_string(one))
            return false;
        ours = ours || strcmp(json_string_value(one), client) == 0;
    }
    if (n > 1 || azp)
        ours = ours && strcmp(text_of(claims, "azp"), client) == 0;
    return ours;
}

static enum id_token_flaw in_time(const json_t *claims, upp_ms now)
{
    const json_t *exp = json_object_get(claims, "exp"), *iat = json_object_get(claims, "iat");
    const json_t *nbf = json_object_get(claims, "nbf");
    const double seconds = (double)now / UPP_SECOND, leeway = (double)ID_TOKEN_LEEWAY / UPP_SECOND;
    if (!json_is_number(exp) || !json_is_number(iat) || (nbf && !json_is_number(nbf)))
        return ID_TOKEN_MALFORMED;
    if (json_number_value(exp) + leeway <= seconds)
        return ID_TOKEN_EXPIRED;
    if (json_number_value(iat) - leeway > seconds ||
        (nbf && json_number_value(nbf) - leeway > seconds))
        return ID_TOKEN_EARLY;
    return ID_TOKEN_FINE;
}

/* An address that somebody has typed in for herself is not who she is. */
static bool is_unverified(const json_t *claims, const char *claim)
{
    const json_t *verified = json_object_get(claims, "email_verified");
    return strcmp(claim, "email") == 0 && verified && !json_is_true(verified) &&
           strcmp(text_of(claims, "email_verified"), "true") != 0;
}

static enum id_token_flaw check_claims(const json_t *claims, const id_token_wanted *w,
                                       const char **ret_value)
{
    const char *value = text_of(claims, w->claim), *subject = text_of(claims, "sub");
    if (strcmp(text_of(claims, "iss"), w->issuer) != 0)
        return ID_TOKEN_ISSUER;
    if (!is_for(claims, w->client))
        return ID_TOKEN_AUDIENCE;
    const enum id_token_flaw time = in_time(claims, w->now);
    if (time != ID_TOKEN_FINE)
        return time;
    if (!w->nonce[0] || !guard_same(w->nonce, text_of(claims, "nonce")))
        return ID_TOKEN_NONCE;
    if (!subject[0] || strlen(subject) > SUBJECT_BYTES || !value[0] ||
        strlen(value) >= ID_TOKEN_VALUE)
        return ID_TOKEN_NO_CLAIM;
    *ret_value = value;
    return is_unverified(claims, w->claim) ? ID_TOKEN_UNVERIFIED : ID_TOKEN_FINE;
}

enum id_token_flaw id_token_check(const char *token, const char *keys,
                                  const id_token_wanted *wanted, char ret_value[ID_TOKEN_VALUE])
{
    UPP_AUTO(json_done) json_t *claims = NULL;
    const char *value = "";
    ret_value[0] = '\0';
    enum id_token_flaw flaw = open_token(token, keys, &claims);
    if (flaw == ID_TOKEN_FINE)
        flaw = check_claims(claims, wanted, &value);
    if (flaw == ID_TOKEN_FINE)
        memcpy(ret_value, value, strlen(value) + 1);
    return flaw;
}

const char *id_token_words(enum id_token_flaw flaw)
{
    switch (flaw) {
    case ID_TOKEN_MALFORMED:
        return "what it gave is no signed token";
    case ID_TOKEN_ALGORITHM:
        return "its token is not signed with RS256 or ES256; set that for this client there";
    case ID_TOKEN_KEYS_BAD:
        return "its keys (jwks_uri) cannot be read, or are RSA of fewer than 2048 bits";
    case ID_TOKEN_KEY:
        return "its token is signed with a key that is not among those at jwks_uri";
    case ID_TOKEN_SIGNATURE:
        return "its token's signature is wrong";
    case ID_TOKEN_ISSUER:
        return "its token is another issuer's than oidc_issuer";
    case ID_TOKEN_AUDIENCE:
        return "its token is for another client than oidc_client_id";
    case ID_TOKEN_EXPIRED:
        return "its token had expired when it came; are both clocks right?";
    case ID_TOKEN_EARLY:
        return "its token is of a time to come; are both clocks right?";
    case ID_TOKEN_NONCE:
        return "its token belongs to another sign-in (nonce)";
    case ID_TOKEN_NO_CLAIM:
        return "its token has no sub, or not the claim of oidc_claim; the ID token itself must say "
               "it";
    case ID_TOKEN_UNVERIFIED:
        return "its token says that the address is not verified (email_verified)";
    case ID_TOKEN_FINE:
    case ID_TOKEN_FLAWS:
        break;
    }
    return "";
}
