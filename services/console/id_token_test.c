/* id_token_test.c - tokens that are signed right and say something wrong, and the other way round:
 * none but the right one lets anybody in (reliability.md B5; OpenID Connect Core 1.0 §3.1.3.7). */
#include "id_token.h"
#include <cjose/cjose.h>
#include <jansson.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ISSUER "https://login.kommunen.example"
#define CLIENT "uppsikt"
#define NONCE  "b7a0f1"
enum { TOKEN = 4096, SECONDS = 1764000000 };

static struct keys {
    cjose_jwk_t *rsa, *other, *weak, *ec, *curve;
    char *both; /* a JWKS of rsa and ec */
} keys;

/* -- what a directory does -- */
static cjose_jwk_t *named(cjose_jwk_t *key, const char *kid)
{
    cjose_err err;
    assert_non_null(key);
    assert_true(cjose_jwk_set_kid(key, kid, strlen(kid), &err));
    return key;
}

static cjose_jwk_t *rsa(size_t bits, const char *kid)
{
    cjose_err err;
    return named(cjose_jwk_create_RSA_random(bits, NULL, 0, &err), kid);
}

/* The caller frees. `more`: members of each key, as ,"use":"sig". */
static char *set_of(cjose_jwk_t *const *list, size_t n, const char *more)
{
    cjose_err err;
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    fputs("{\"keys\":[", out);
    for (size_t i = 0; i < n; i++) {
        char *key = cjose_jwk_to_json(list[i], false, &err);
        assert_non_null(key);
        fprintf(out, "%s%.*s%s}", i ? "," : "", (int)strlen(key) - 1, key, more);
        free(key);
    }
    fputs("]}", out);
    fclose(out);
    return text;
}

static const char *sign(const char *algorithm, const char *kid, const cjose_jwk_t *key,
                        const char *claims)
{
    static char token[TOKEN];
    cjose_err err;
    const char *text = NULL;
    cjose_header_t *head = cjose_header_new(&err);
    assert_true(cjose_header_set(head, CJOSE_HDR_ALG, algorithm, &err));
    if (kid)
        assert_true(cjose_header_set(head, CJOSE_HDR_KID, kid, &err));
    cjose_jws_t *jws = cjose_jws_sign(key, head, (const uint8_t *)claims, strlen(claims), &err);
    assert_non_null(jws);
    assert_true(cjose_jws_export(jws, &text, &err));
    assert_true(snprintf(token, sizeof token, "%s", text) < TOKEN);
    cjose_jws_release(jws);
    cjose_header_release(head);
    return token;
}

/* The right claims, but for one that is said otherwise ("" leaves it out), and with more. */
static const char *claims(const char *name, const char *value, const char *more)
{
    static const struct {
        const char *name, *value;
    } right[] = { { "iss", "\"" ISSUER "\"" },
                  { "aud", "\"" CLIENT "\"" },
                  { "sub", "\"248289\"" },
                  { "exp", "1764000300" },
                  { "iat", "1764000000" },
                  { "nonce", "\"" NONCE "\"" },
                  { "email", "\"Frida@kommunen.example\"" } };
    static char text[2048];
    size_t n = (size_t)snprintf(text, sizeof text, "{\"acr\":\"1\"");
    for (size_t i = 0; i < UPP_LEN(right); i++) {
        const char *v = strcmp(right[i].name, name) == 0 ? value : right[i].value;
        if (v[0])
            n += (size_t)snprintf(text + n, sizeof text - n, ",\"%s\":%s", right[i].name, v);
    }
    snprintf(text + n, sizeof text - n, "%s}", more);
    return text;
}

static char value[ID_TOKEN_VALUE];

static enum id_token_flaw check_for(const char *token, const char *set, const char *claim)
{
    const id_token_wanted w = { .issuer = ISSUER,
                                .client = CLIENT,
                                .nonce = NONCE,
                                .claim = claim,
                                .now = SECONDS * UPP_SECOND };
    memset(value, 'x', sizeof value);
    const enum id_token_flaw flaw = id_token_check(token, set, &w, value);
    assert_true((flaw == ID_TOKEN_FINE) == (value[0] != '\0'));
    return flaw;
}

static enum id_token_flaw check(const char *token)
{
    return check_for(token, keys.both, "email");
}

static enum id_token_flaw said(const char *name, const char *text, const char *more)
{
    return check(sign("RS256", "r1", keys.rsa, claims(name, text, more)));
}

static int open_keys(void **state)
{
    (void)state;
    cjose_err err;
    if (sodium_init() < 0)
        return -1;
    keys.rsa = rsa(2048, "r1");
    keys.other = rsa(2048, "r1");
    keys.weak = rsa(1024, "w1");
    keys.ec = named(cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_256, &err), "e1");
    keys.curve = named(cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_384, &err), "c1");
    keys.both = set_of((cjose_jwk_t *const[]){ keys.rsa, keys.ec }, 2, ",\"use\":\"sig\"");
    return 0;
}

static int close_keys(void **state)
{
    (void)state;
    cjose_jwk_release(keys.rsa);
    cjose_jwk_release(keys.other);
    cjose_jwk_release(keys.weak);
    cjose_jwk_release(keys.ec);
    cjose_jwk_release(keys.curve);
    free(keys.both);
    return 0;
}

/* -- */
static void R25_the_right_token_says_who_she_is(void **state)
{
    (void)state;
    assert_int_equal(said("", "", ""), ID_TOKEN_FINE);
    assert_string_equal(value, "Frida@kommunen.example");
    assert_int_equal(check(sign("ES256", "e1", keys.ec, claims("", "", ""))), ID_TOKEN_FINE);
    assert_int_equal(check(sign("RS256", NULL, keys.rsa, claims("", "", ""))), ID_TOKEN_FINE);
    assert_int_equal(check_for(sign("RS256", "r1", keys.rsa, claims("", "", "")), keys.both, "sub"),
                     ID_TOKEN_FINE);
    assert_string_equal(value, "248289");
}

static void R25_each_claim_is_looked_at(void **state)
{
    static const struct {
        const char *name, *text, *more;
        enum id_token_flaw flaw;
    } cases[] = {
        { "iss", "\"" ISSUER "/\"", "", ID_TOKEN_ISSUER },
        { "iss", "\"https://login.kommunen.EXAMPLE\"", "", ID_TOKEN_ISSUER },
        { "iss", "[\"" ISSUER "\"]", "", ID_TOKEN_ISSUER },
        { "iss", "", "", ID_TOKEN_ISSUER },
        { "aud", "\"another\"", "", ID_TOKEN_AUDIENCE },
        { "aud", "\"uppsikt2\"", "", ID_TOKEN_AUDIENCE },
        { "aud", "", "", ID_TOKEN_AUDIENCE },
        { "aud", "[]", "", ID_TOKEN_AUDIENCE },
        { "aud", "{\"uppsikt\":1}", "", ID_TOKEN_AUDIENCE },
        { "aud", "[\"uppsikt\"]", "", ID_TOKEN_FINE },
        { "aud", "[\"uppsikt\",7]", ",\"azp\":\"uppsikt\"", ID_TOKEN_AUDIENCE },
        { "aud", "[\"api\",\"uppsikt\"]", "", ID_TOKEN_AUDIENCE }, /* for whom was it made? */
        { "aud", "[\"api\",\"uppsikt\"]", ",\"azp\":\"api\"", ID_TOKEN_AUDIENCE },
        { "aud", "[\"api\",\"uppsikt\"]", ",\"azp\":\"uppsikt\"", ID_TOKEN_FINE },
        { "", "", ",\"azp\":\"api\"", ID_TOKEN_AUDIENCE },
        { "", "", ",\"azp\":7", ID_TOKEN_AUDIENCE },
        { "exp", "1763999941", "", ID_TOKEN_FINE }, /* 59 s ago: within the leeway */
        { "exp", "1763999940", "", ID_TOKEN_EXPIRED },
        { "exp", "1763999000.5", "", ID_TOKEN_EXPIRED },
        { "exp", "-1e300", "", ID_TOKEN_EXPIRED },
        { "exp", "\"1764000300\"", "", ID_TOKEN_MALFORMED },
        { "exp", "", "", ID_TOKEN_MALFORMED },
        { "iat", "1764000060", "", ID_TOKEN_FINE },
        { "iat", "1764000061", "", ID_TOKEN_EARLY },
        { "iat", "", "", ID_TOKEN_MALFORMED },
        { "iat", "null", "", ID_TOKEN_MALFORMED },
        { "", "", ",\"nbf\":1764000060", ID_TOKEN_FINE },
        { "", "", ",\"nbf\":1764000061", ID_TOKEN_EARLY },
        { "", "", ",\"nbf\":\"now\"", ID_TOKEN_MALFORMED },
        { "nonce", "\"b7a0f2\"", "", ID_TOKEN_NONCE },
        { "nonce", "\"\"", "", ID_TOKEN_NONCE },
        { "nonce", "", "", ID_TOKEN_NONCE },
        { "sub", "", "", ID_TOKEN_NO_CLAIM },
        { "sub", "7", "", ID_TOKEN_NO_CLAIM },
        { "email", "", "", ID_TOKEN_NO_CLAIM },
        { "email", "[\"a@b\"]", "", ID_TOKEN_NO_CLAIM },
        { "email", "\"\"", "", ID_TOKEN_NO_CLAIM },
        { "", "", ",\"email_verified\":true", ID_TOKEN_FINE },
        { "", "", ",\"email_verified\":\"true\"", ID_TOKEN_FINE },
        { "", "", ",\"email_verified\":false", ID_TOKEN_UNVERIFIED },
        { "", "", ",\"email_verified\":null", ID_TOKEN_UNVERIFIED },
        { "", "", ",\"nonce\":\"" NONCE "\"", ID_TOKEN_MALFORMED }, /* twice */
        { "email", "\"a\\u0000b\"", "", ID_TOKEN_MALFORMED },
    };
    (void)state;
    for (size_t i = 0; i < UPP_LEN(cases); i++) {
        const enum id_token_flaw flaw = said(cases[i].name, cases[i].text, cases[i].more);
        if (flaw != cases[i].flaw)
            fail_msg("%s=%s%s: %s", cases[i].name, cases[i].text, cases[i].more,
                     id_token_words(flaw));
    }
    char longest[ID_TOKEN_VALUE + 2];
    memset(longest, 'a', sizeof longest);
    longest[0] = longest[ID_TOKEN_VALUE] = '"';
    longest[ID_TOKEN_VALUE + 1] = '\0';
    assert_int_equal(said("email", longest, ""), ID_TOKEN_FINE);
    assert_int_equal(strlen(value), ID_TOKEN_VALUE - 1);
    longest[ID_TOKEN_VALUE] = 'a';
    char over[ID_TOKEN_VALUE + 4];
    snprintf(over, sizeof over, "%s\"", longest);
    assert_int_equal(said("email", over, ""), ID_TOKEN_NO_CLAIM);
    assert_int_equal(
        check_for(sign("RS256", "r1", keys.rsa, claims("", "", ",\"email_verified\":false")),
                  keys.both, "sub"),
        ID_TOKEN_FINE); /* of another claim it says nothing */
}

static const char *in_base64(const char *text, char ret_text[TOKEN])
{
    return sodium_bin2base64(ret_text, TOKEN, (const unsigned char *)text, strlen(text),
                             sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

/* RFC 8725 §2.1: a token chooses how it is looked at; here it does not. */
static void R25_none_and_a_shared_secret_are_no_signatures(void **state)
{
    (void)state;
    static const char *const heads[] = { "{\"alg\":\"none\"}", "{\"alg\":\"None\",\"kid\":\"r1\"}",
                                         "{\"kid\":\"r1\"}",   "{\"alg\":7}",
                                         "{\"alg\":\"\"}",     "{\"alg\":\"RS256 \"}" };
    char head[TOKEN], body[TOKEN], token[2 * TOKEN + 4];
    cjose_err err;
    in_base64(claims("", "", ""), body);
    for (size_t i = 0; i < UPP_LEN(heads); i++) {
        snprintf(token, sizeof token, "%s.%s.", in_base64(heads[i], head), body);
        assert_int_equal(check(token), ID_TOKEN_ALGORITHM);
        snprintf(token, sizeof token, "%s.%s.AAAA", in_base64(heads[i], head), body);
        assert_int_equal(check(token), ID_TOKEN_ALGORITHM);
    }
    /* HS256 with what everybody knows as the secret: the public key itself. */
    char *public_key = cjose_jwk_to_json(keys.rsa, false, &err);
    cjose_jwk_t *secret =
        cjose_jwk_create_oct_spec((const uint8_t *)public_key, strlen(public_key), &err);
    assert_int_equal(check(sign("HS256", "r1", secret, claims("", "", ""))), ID_TOKEN_ALGORITHM);
    cjose_jwk_release(secret);
    free(public_key);
    assert_int_equal(check(sign("PS256", "r1", keys.rsa, claims("", "", ""))), ID_TOKEN_ALGORITHM);
    assert_int_equal(check(sign("RS512", "r1", keys.rsa, claims("", "", ""))), ID_TOKEN_ALGORITHM);
}

static void R25_another_key_is_no_key(void **state)
{
    (void)state;
    const char *right = claims("", "", "");
    assert_int_equal(check(sign("RS256", "r2", keys.rsa, right)), ID_TOKEN_KEY);
    assert_int_equal(check(sign("RS256", "r1", keys.other, right)), ID_TOKEN_SIGNATURE);
    assert_int_equal(check(sign("RS256", "e1", keys.rsa, right)), ID_TOKEN_KEY);
    assert_int_equal(check(sign("ES256", "r1", keys.ec, right)), ID_TOKEN_KEY);
    char token[TOKEN];
    snprintf(token, sizeof token, "%s", sign("RS256", "r1", keys.rsa, right));
    char *mark = strchr(token, '.') + 10;
    *mark = *mark == 'A' ? 'B' : 'A';
    assert_int_equal(check(token), ID_TOKEN_SIGNATURE);

    /* Two that fit are none; nor is one for another purpose, a weak one, one of another curve. */
    char *two = set_of((cjose_jwk_t *const[]){ keys.rsa, keys.other }, 2, "");
    assert_int_equal(check_for(sign("RS256", "r1", keys.rsa, right), two, "email"), ID_TOKEN_KEY);
    assert_int_equal(check_for(sign("RS256", NULL, keys.rsa, right), two, "email"), ID_TOKEN_KEY);
    char *enc = set_of((cjose_jwk_t *const[]){ keys.rsa }, 1, ",\"use\":\"enc\"");
    assert_int_equal(check_for(sign("RS256", "r1", keys.rsa, right), enc, "email"), ID_TOKEN_KEY);
    char *alg = set_of((cjose_jwk_t *const[]){ keys.rsa }, 1, ",\"alg\":\"PS256\"");
    assert_int_equal(check_for(sign("RS256", "r1", keys.rsa, right), alg, "email"), ID_TOKEN_KEY);
    char *weak = set_of((cjose_jwk_t *const[]){ keys.weak, keys.curve }, 2, "");
    assert_int_equal(check_for(sign("RS256", "w1", keys.weak, right), weak, "email"),
                     ID_TOKEN_KEYS_BAD);
    assert_int_equal(check_for(sign("ES256", "c1", keys.ec, right), weak, "email"), ID_TOKEN_KEY);
    free(two);
    free(enc);
    free(alg);
    free(weak);
}

static void R25_what_is_no_token_or_no_key_is_said_so(void **state)
{
    static const char *const sets[] = {
        "", "null", "{}", "{\"keys\":{}}", "{\"keys\":[],\"keys\":[]}", "[]"
    };
    static const char *const rests[] = {
        "", ".", "..", "...", "a.b.c", "e30.e30.e30.e30.e30", "W10.e30.AAAA"
    };
    (void)state;
    char right[TOKEN], head[TOKEN], token[2 * TOKEN];
    snprintf(right, sizeof right, "%s", sign("RS256", "r1", keys.rsa, claims("", "", "")));
    for (size_t i = 0; i < UPP_LEN(sets); i++)
        assert_int_equal(check_for(right, sets[i], "email"), ID_TOKEN_KEYS_BAD);
    assert_int_equal(check_for(right, "{\"keys\":[]}", "email"), ID_TOKEN_KEY);
    assert_int_equal(check_for(right, "{\"keys\":[7,null,{}]}", "email"), ID_TOKEN_KEY);
    assert_int_equal(
        check_for(right, "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"r1\",\"n\":\"!\",\"e\":\"AQAB\"}]}",
                  "email"),
        ID_TOKEN_KEYS_BAD);
    for (size_t i = 0; i < UPP_LEN(rests); i++)
        assert_int_equal(check(rests[i]), ID_TOKEN_MALFORMED);
    snprintf(token, sizeof token, "%s.%s",
             in_base64("{\"alg\":\"RS256\",\"kid\":\"r1\",\"crit\":[\"x\"]}", head),
             strchr(right, '.') + 1);
    assert_int_equal(check(token), ID_TOKEN_MALFORMED); /* what it must be understood with */
    /* What libcjose 0.6.2 ends the process for. */
    static const char *const ends[] = { "",     "=",      "A",       "AAAAA", "AA=A",
                                        "AA==", "AAA=",   "A===",    "AAAA=", "AAAA====",
                                        "AA A", "AA\nAA", "AA\303A", "+/AA",  "====" };
    for (size_t i = 0; i < UPP_LEN(ends); i++) {
        snprintf(token, sizeof token, "%.*s.%s", (int)(strrchr(right, '.') - right), right,
                 ends[i]);
        assert_int_equal(check(token), ID_TOKEN_MALFORMED);
        char set[TOKEN];
        snprintf(set, sizeof set, "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"AQAB\"}]}",
                 strchr(ends[i], '\n') ? "A" : ends[i]);
        assert_int_not_equal(check_for(right, set, "email"), ID_TOKEN_FINE);
        snprintf(set, sizeof set,
                 "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"%s\",\"y\":\"%s\"}]}",
                 strchr(ends[i], '\n') ? "A" : ends[i], strchr(ends[i], '\n') ? "A" : ends[i]);
        assert_int_not_equal(
            check_for(sign("ES256", NULL, keys.ec, claims("", "", "")), set, "email"),
            ID_TOKEN_FINE);
    }
    assert_int_equal(check(sign("RS256", "r1", keys.rsa, "[]")), ID_TOKEN_MALFORMED);
    assert_int_equal(check(sign("RS256", "r1", keys.rsa, "no JSON")), ID_TOKEN_MALFORMED);
    char *large = malloc(ID_TOKEN_BYTES + 2);
    memset(large, 'a', ID_TOKEN_BYTES + 1);
    memcpy(large, "e30.e30.", 8);
    large[ID_TOKEN_BYTES + 1] = '\0';
    assert_int_equal(check(large), ID_TOKEN_MALFORMED);
    free(large);
}

/* Each byte of the right token, changed: it is never the right one any more. */
static void R25_no_bit_of_it_may_be_another(void **state)
{
    (void)state;
    char token[TOKEN];
    snprintf(token, sizeof token, "%s", sign("ES256", "e1", keys.ec, claims("", "", "")));
    size_t let_in = 0;
    for (size_t i = 0; i < strlen(token); i++) {
        token[i] ^= 1;
        let_in += check(token) == ID_TOKEN_FINE;
        token[i] ^= 1;
    }
    assert_int_equal(let_in, 0);
    assert_int_equal(check(token), ID_TOKEN_FINE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R25_the_right_token_says_who_she_is),
        cmocka_unit_test(R25_each_claim_is_looked_at),
        cmocka_unit_test(R25_none_and_a_shared_secret_are_no_signatures),
        cmocka_unit_test(R25_another_key_is_no_key),
        cmocka_unit_test(R25_what_is_no_token_or_no_key_is_said_so),
        cmocka_unit_test(R25_no_bit_of_it_may_be_another),
    };
    return cmocka_run_group_tests(tests, open_keys, close_keys);
}
