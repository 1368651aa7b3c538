/* mail_in.h - a mail that has come in: what kind it is, about which of our mails, and what it says
 * (R17; sla.md §7). Pure; GMime reads the MIME. */
#pragma once
#include "upp/base.h"

enum mail_in_kind {
    MAIL_IN_OTHER,  /* none of ours, or a delay that may still end well */
    MAIL_IN_ANSWER, /* a person's */
    MAIL_IN_AWAY,   /* an automatic answer */
    MAIL_IN_BOUNCE  /* not delivered, for good */
};

enum { MAIL_IN_NOTICE = 64, MAIL_IN_ADDRESS = 320, MAIL_IN_TEXT = 4000 };

typedef struct mail_in {
    enum mail_in_kind kind;
    /* The key of the Message-ID (mail_id_header) that it answers or reports on; "": none, which can
     * be of every kind but an answer. Only keys of letters, digits and - are taken: what notices
     * have. */
    char notice[MAIL_IN_NOTICE];
    /* The address alone, as mail_address_ok wants it, ASCII lower case; "": there is none, or more
     * than one (two From, two addresses, a group), so that nobody can say whose it is. Anybody can
     * write any address here. */
    char from[MAIL_IN_ADDRESS];
    uint32_t reply; /* of a bounce: 500 to 599; else 0 */
    /* Of an answer: UTF-8, line ends LF, without control characters, without what it quotes and
     * without a signature below "-- "; at most MAIL_IN_TEXT bytes, cut between characters. The
     * caller frees; never NULL. Of other kinds "". */
    char *text;
} mail_in;

/* Reads one mail as it lies in the mailbox (RFC 5322, with CRLF or LF; it may be cut off). Never
 * fails: what cannot be read is MAIL_IN_OTHER. Looks at no more than its first megabyte (see
 * mail_in_bound.h), 64 parts and 8 levels of them. `domain` is that of our own Message-IDs (what
 * stands behind the @ of mail_from): a Message-ID of another domain is none of ours.
 *
 * - Bounce: multipart/report of delivery-status (RFC 6522, RFC 3464) with Action: failed for one
 *   recipient, whatever the status: it is final (RFC 3464 §2.3.3). The mail it is about: the
 *   Message-ID in its message/rfc822 or text/rfc822-headers part, or, if that is none of ours, its
 *   own In-Reply-To and References.
 *   The code: of a Diagnostic-Code `smtp; 5xx`, else 550. Any other multipart/report (a delay, a
 *   relay, a receipt: RFC 8098) is MAIL_IN_OTHER, whatever else its head says.
 * - Automatic: Auto-Submitted other than "no" (RFC 3834 §5), Precedence bulk, junk, list or
 *   auto_reply, X-Autoreply, X-Autorespond, or an empty Return-Path. X-Auto-Response-Suppress says
 *   nothing: Outlook writes it in each mail.
 * - Answer: everything else that names one of ours in In-Reply-To, or else in References (the last
 *   one that is ours). Its words: the first text/plain part that is no attachment, or, if that is
 *   not there or holds no word, the first text/html part without its tags; decoded by charset and
 *   transfer encoding, and where that gives no UTF-8, with U+FFFD. */
void mail_in_read(const uint8_t *bytes, size_t len, const char *domain, mail_in *ret_mail);
void mail_in_done(mail_in *mail);
