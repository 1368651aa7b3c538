/* diary_webhook.c - a package by POST, signed, to the diary's own system; its answer may hold the
 * number. */
#include "diary_deliver.h"
#include "late_curl.h"
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ANSWER = 64 * 1024, LONGEST_WAIT = 86400 };

size_t diary_secret_read(const char *text, uint8_t ret_secret[DIARY_SECRET])
{
    static const char prefix[] = "whsec_";
    size_t n = 0;
    if (!text || strncmp(text, prefix, sizeof prefix - 1) != 0)
        return 0;
    text += sizeof prefix - 1;
    if (sodium_base642bin(ret_secret, DIARY_SECRET, text, strlen(text), "\n", &n, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0)
        return 0;
    return n >= 24 ? n : 0;
}

bool diary_sign(const char *secret, const char *id, int64_t timestamp, upp_bytes body,
                char ret_signature[DIARY_SIGNATURE])
{
    uint8_t key[DIARY_SECRET], sum[crypto_auth_hmacsha256_BYTES];
    char head[160], base64[DIARY_SIGNATURE];
    const size_t n = diary_secret_read(secret, key);
    if (n == 0)
        return false;
    const int len = snprintf(head, sizeof head, "%s.%lld.", id, (long long)timestamp);
    upp_check(len > 0 && (size_t)len < sizeof head);
    crypto_auth_hmacsha256_state st;
    crypto_auth_hmacsha256_init(&st, key, n);
    crypto_auth_hmacsha256_update(&st, (const uint8_t *)head, (unsigned long long)len);
    crypto_auth_hmacsha256_update(&st, body.at, body.len);
    crypto_auth_hmacsha256_final(&st, sum);
    sodium_bin2base64(base64, sizeof base64, sum, sizeof sum, sodium_base64_VARIANT_ORIGINAL);
    snprintf(ret_signature, DIARY_SIGNATURE, "v1,%.50s", base64);
    sodium_memzero(key, sizeof key);
    sodium_memzero(&st, sizeof st);
    return true;
}

/* Called while libcurl works: other than 0 breaks off. */
static int go_on(void *self, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    const diary_parcel *p = self;
    (void)a;
    (void)b;
    (void)c;
    (void)d;
    return atomic_load(p->stop) ? 1 : 0;
}

void diary_curl_set_up(void *easy, const diary_parcel *p)
{
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)p->config->patience_span);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, go_on);
    curl_easy_setopt(easy, CURLOPT_XFERINFODATA, p);
}

typedef struct answer {
    char at[ANSWER];
    size_t len;
} answer;

/* What is longer than an answer with a number may be is of no interest. */
static size_t take(char *at, size_t size, size_t n, void *self)
{
    answer *a = self;
    const size_t len = size * n;
    if (len > sizeof a->at - a->len)
        return 0;
    memcpy(a->at + a->len, at, len);
    a->len += len;
    return len;
}

static struct curl_slist *headers_of(const diary_parcel *p)
{
    char line[256], signature[DIARY_SIGNATURE];
    const int64_t now = p->now / UPP_SECOND;
    struct curl_slist *list = curl_slist_append(NULL, "Content-Type: application/zip");
    upp_check(list && diary_sign(p->config->secret, p->name, now, p->zip, signature));
    const char *const rows[][2] = { { "webhook-id", p->name },
                                    { "webhook-signature", signature },
                                    { "Expect", "" } };
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        snprintf(line, sizeof line, "%s:%s%s", rows[i][0], rows[i][1][0] ? " " : "", rows[i][1]);
        upp_check(curl_slist_append(list, line));
    }
    snprintf(line, sizeof line, "webhook-timestamp: %lld", (long long)now);
    upp_check(curl_slist_append(list, line));
    snprintf(line, sizeof line, "Content-Disposition: attachment; filename=\"%s.zip\"", p->name);
    upp_check(curl_slist_append(list, line));
    return list;
}

/* 4xx says that this will never be taken, but for those that speak of time or load. */
static bool for_good(long status)
{
    return status >= 400 && status <= 499 && status != 408 && status != 425 && status != 429;
}

static void judge(CURL *easy, CURLcode code, const answer *a, diary_result *r)
{
    long status = 0;
    curl_off_t after = 0;
    (void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    (void)curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &after);
    if (status >= 200 && status <= 299 && (code == CURLE_OK || code == CURLE_WRITE_ERROR)) {
        r->fate = DIARY_DELIVERED;
        if (code != CURLE_OK || !diary_answer_read(a->at, a->len, r->number))
            r->number[0] = '\0';
        return;
    }
    if (code == CURLE_OK || code == CURLE_WRITE_ERROR)
        snprintf(r->room, sizeof r->room, "webhook: status %ld", status);
    else
        snprintf(r->room, sizeof r->room, "webhook: %s", curl_easy_strerror(code));
    r->words = r->room;
    r->fate = for_good(status) ? DIARY_NEVER : DIARY_LATER;
    r->key = "diary-refused";
    if (after > 0 && after < LONGEST_WAIT)
        r->after_span = (upp_ms)after * UPP_SECOND;
}

void diary_to_webhook(const diary_parcel *p, diary_result *ret_result)
{
    *ret_result = (diary_result){ .fate = DIARY_LATER, .words = "" };
    answer *a = calloc(1, sizeof *a);
    CURL *easy = curl_easy_init();
    struct curl_slist *headers = headers_of(p);
    upp_check(a && easy);
    diary_curl_set_up(easy, p);
    curl_easy_setopt(easy, CURLOPT_URL, p->config->deliver);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, p->zip.at);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)p->zip.len);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "uppsikt-escalation");
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, a);
    if (p->config->ca && p->config->ca[0])
        curl_easy_setopt(easy, CURLOPT_CAINFO, p->config->ca);
    const CURLcode code = curl_easy_perform(easy);
    judge(easy, code, a, ret_result);
    curl_easy_cleanup(easy);
    curl_slist_free_all(headers);
    free(a);
}
