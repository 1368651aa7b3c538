/* mail_header.h - header lines of a mail, each refused rather than bent. Pure. */
#pragma once
#include "upp/base.h"

enum { MAIL_LINE = 4096 };

/* An address as it may stand between < and >: ASCII, one @, no quoted local part, no address
 * literal, nothing that could end a command or a header line (RFC 5321 §4.1.2, §4.5.3.1). */
bool mail_address_ok(const char *address);
/* UTF-8 without control characters: fit for a header line. */
bool mail_words_ok(const char *words);
/* UTF-8 without control characters but line ends and tabs: fit for a body. */
bool mail_body_ok(const char *text);

/* Each writes one header line, folded with CRLF, without CRLF at its end. False: refused (the value
 * is not ok as above) or longer than MAIL_LINE; ret_line is then undefined. */
bool mail_words_header(const char *name, const char *words, char ret_line[MAIL_LINE]);
/* `words` NULL or empty: the address alone. */
bool mail_address_header(const char *name, const char *words, const char *address,
                         char ret_line[MAIL_LINE]);
/* Message-ID of an ask: its key and the sender's domain. The same for the same key, different for
 * different keys (characters that an atom may not have become =XX), so that a repeated attempt is
 * one mail to whoever counts (reliability.md P5) and a reply's In-Reply-To gives the key back. */
bool mail_id_header(const char *key, const char *from, char ret_line[MAIL_LINE]);
/* RFC 5322 §3.3, in UTC. */
void mail_date_header(upp_ms real, char ret_line[MAIL_LINE]);

/* `text` with CRLF for each line end (CRLF, CR or LF) and one at the end; the caller frees. */
char *mail_body_lines(const char *text);
