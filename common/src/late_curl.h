/* late_curl.h - libcurl at its first use. It and what it brings (OpenSSL, LDAP, SSH ...) cost each
 * process 2 MB, also one that has nothing to send for months. A program that links upp_curl calls
 * libcurl as its manual says; the first call loads it, for good and with its global init done. So
 * curl_global_init and curl_global_cleanup are not there. From any thread. */
#pragma once
#include <curl/curl.h>

/* For a port's `lacks` (late.h). */
const char *upp_curl_lacks(void);
