/* late_curl.h - libcurl at its first use. It and what it brings (OpenSSL, LDAP, SSH ...) cost each
 * process 2 MB, also one that has nothing to send for months. A program that links upp_curl calls
 * libcurl as its manual says; the first call loads it, for good and with its global init done. So
 * curl_global_init and curl_global_cleanup are not there. From any thread. */
#pragma once
#include <curl/curl.h>

/* The library was there at the start (below): when it cannot be loaded at its first use the process
 * ends, and the supervisor's next start says why. */

/* For a port's `lacks`: NULL when libcurl can be loaded and has all that we call; else a static
 * sentence. It is tried in a process of its own, for 20 ms, since what OpenSSL once loaded never
 * goes again: only where this process has no other thread yet. */
const char *upp_curl_lacks(void);
