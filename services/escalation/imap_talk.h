/* imap_talk.h - commands and answers (RFC 3501) over a connection of libcurl's that has signed in.
 *
 * libcurl's own IMAP reads a mailbox by SELECT and BODY[], which marks what it reads as seen; what
 * is answered to a command of one's own it reads line by line, so that a mail with the line of an
 * answer in it is taken for one. Here a literal is as many bytes as the server says. */
#pragma once
#include "late_curl.h"
#include "upp/base.h"

/* One untagged response. Lent. */
typedef struct imap_response {
    const char *text;  /* without "* ", without its literals and without CRLF; no zero byte */
    upp_bytes literal; /* the last one of at most `keep` bytes, or its beginning; at NULL: none */
} imap_response;

typedef void imap_hear(void *self, const imap_response *response);

enum imap_end { IMAP_OK, IMAP_NO, IMAP_BROKEN };

typedef struct imap_talk imap_talk;

/* Until `until` (steady); `keep`: so many bytes of a literal are kept. */
imap_talk *imap_talk_new(CURL *easy, upp_ms until, size_t keep);
void imap_talk_free(imap_talk *talk); /* NULL is fine */
/* Says the command and hears what comes until it is answered. IMAP_BROKEN: nothing more can be said
 * here, imap_talk_words has why. */
enum imap_end imap_talk_do(imap_talk *talk, const char *command, imap_hear *hear, void *self);
/* Does not wait for the answer. */
void imap_talk_bye(imap_talk *talk);
const char *imap_talk_words(const imap_talk *talk); /* static, holds nothing of what was said */

/* Where `text` goes on behind `head` (ASCII, any case); NULL: it begins otherwise. */
const char *imap_behind(const char *text, const char *head);
/* The same, wherever `part` stands. */
const char *imap_behind_part(const char *text, const char *part);
/* A number from 1 to 2^32 - 1 at the beginning of `text`, 0: none; ret_end where it ends. */
uint32_t imap_number(const char *text, const char **ret_end);
