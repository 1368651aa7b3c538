/* mail_in_text.h - the words of a mail that has come in: clean, without tags, without what they
 * quote. Pure; in time linear in what comes in, whatever that is. The caller frees what each
 * gives. */
#pragma once
#include "upp/base.h"

/* Any bytes as UTF-8: what is none becomes U+FFFD, each line end (CRLF, CR, U+2028) LF, a tab a
 * blank; other control characters and byte order marks are dropped. */
char *mail_in_clean(const uint8_t *bytes, size_t len);
/* Clean HTML as a reader sees it, and clean as well: without tags, comments, <head>, <style> and
 * <script>; each <blockquote> is a line of ">" alone. */
char *mail_in_plain(const char *html);
/* What the writer of a clean text wrote: without lines that begin with ">", without the line that
 * says who wrote them, without what stands below the head of a mail that is quoted without such
 * marks, and without a signature. At most `most` bytes, whole characters; no blanks at the end of a
 * line, no two empty lines together. */
char *mail_in_own(const char *text, size_t most);
