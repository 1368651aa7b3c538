/* diary_sftp.c - a package to an SFTP server, by libcurl: under a temporary name, then renamed,
 * which OpenSSH's server does not do over another file. */
#include "diary_deliver.h"
#include "late_curl.h"
#include "stream.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { URL = 512 };

static void later(diary_result *r, const char *what, CURLcode code)
{
    r->fate = DIARY_LATER;
    snprintf(r->room, sizeof r->room, "%s: %s", what, curl_easy_strerror(code));
    r->words = r->room;
}

static void set_up(CURL *easy, const diary_parcel *p, const char *url)
{
    diary_curl_set_up(easy, p);
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "sftp");
    curl_easy_setopt(easy, CURLOPT_SSH_AUTH_TYPES, (long)CURLSSH_AUTH_PUBLICKEY);
    curl_easy_setopt(easy, CURLOPT_SSH_PRIVATE_KEYFILE, p->config->key);
    curl_easy_setopt(easy, CURLOPT_SSH_KNOWNHOSTS, p->config->known_hosts);
}

/* -- what lies there already -- */
static size_t take(char *at, size_t size, size_t n, void *self)
{
    buf *found = self;
    const size_t len = size * n;
    if (found->len + len > DIARY_FOUND_MOST)
        return 0;
    upp_check(buf_put(found, at, len) == 0);
    return len;
}

/* True: something of that name is there, or one cannot tell; *r says what follows. */
static bool there(const diary_parcel *p, const char *url, diary_result *r)
{
    UPP_AUTO(buf_done) buf found = { 0 };
    CURL *easy = curl_easy_init();
    upp_check(easy);
    set_up(easy, p, url);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &found);
    const CURLcode code = curl_easy_perform(easy);
    curl_easy_cleanup(easy);
    if (code == CURLE_REMOTE_FILE_NOT_FOUND)
        return false;
    if (code == CURLE_OK || code == CURLE_WRITE_ERROR)
        diary_found(p, code == CURLE_OK ? buf_bytes(&found) : (upp_bytes){ 0 }, r);
    else
        later(r, "sftp", code);
    return true;
}

/* -- sending -- */
static size_t give(char *to, size_t size, size_t n, void *self)
{
    upp_bytes *left = self;
    const size_t len = size * n < left->len ? size * n : left->len;
    memcpy(to, left->at, len);
    left->at += len;
    left->len -= len;
    return len;
}

static void send_it(const diary_parcel *p, const char *url, const char *line, diary_result *r)
{
    upp_bytes left = p->zip;
    struct curl_slist *after = curl_slist_append(NULL, line);
    CURL *easy = curl_easy_init();
    upp_check(easy && after);
    set_up(easy, p, url);
    curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, give);
    curl_easy_setopt(easy, CURLOPT_READDATA, &left);
    curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)p->zip.len);
    curl_easy_setopt(easy, CURLOPT_NEW_FILE_PERMS, (long)diary_mode(p->config));
    curl_easy_setopt(easy, CURLOPT_POSTQUOTE, after);
    const CURLcode code = curl_easy_perform(easy);
    curl_easy_cleanup(easy);
    curl_slist_free_all(after);
    if (code == CURLE_OK)
        r->fate = DIARY_DELIVERED;
    else
        later(r, "sftp", code);
}

void diary_to_sftp(const diary_parcel *p, diary_result *ret_result)
{
    char base[URL], url[URL + 160], line[2 * URL + 320];
    *ret_result = (diary_result){ .fate = DIARY_LATER, .words = "" };
    snprintf(base, sizeof base, "%s", p->config->deliver);
    for (size_t n = strlen(base); n > 0 && base[n - 1] == '/'; n--)
        base[n - 1] = '\0';
    const char *host = base + strlen("sftp://");
    const char *path = host + strcspn(host, "/"); /* "": the root */
    snprintf(url, sizeof url, "%s/%s.zip", base, p->name);
    if (there(p, url, ret_result))
        return;
    snprintf(url, sizeof url, "%s/.%s.zip.part", base, p->name);
    snprintf(line, sizeof line, "rename \"%s/.%s.zip.part\" \"%s/%s.zip\"", path, p->name, path,
             p->name);
    send_it(p, url, line, ret_result);
}
