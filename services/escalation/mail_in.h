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
    /* The key of the Message-ID (mail_id_header) that it answers or reports on; "": none. Only keys
     * of letters, digits and - are taken: what notices have. */
    char notice[MAIL_IN_NOTICE];
    char from[MAIL_IN_ADDRESS]; /* the address alone, as mail_address_ok wants it, ASCII lower case;
                                 * "": none that is one */
    uint32_t reply;             /* of a bounce: 500 to 599 */
    /* Of an answer: UTF-8, line ends LF, without control characters, without what it quotes and
     * without a signature below "-- "; at most MAIL_IN_TEXT bytes, cut between characters. The
     * caller frees; never NULL. */
    char *text;
} mail_in;

/* Reads one mail as it lies in the mailbox (RFC 5322, with CRLF or LF; it may be cut off). Never
 * fails: what cannot be read is MAIL_IN_OTHER. `domain` is that of our own Message-IDs (what stands
 * behind the @ of mail_from): a Message-ID of another domain is none of ours.
 *
 * - Bounce: multipart/report of delivery-status (RFC 6522, RFC 3464) with Action: failed and a
 *   Status of class 5. The mail it is about: the Message-ID in its message/rfc822 or
 *   text/rfc822-headers part, else its own In-Reply-To and References. The code: of a
 *   Diagnostic-Code `smtp; 5xx`, else 550.
 * - Automatic: Auto-Submitted other than "no" (RFC 3834 §5), Precedence bulk, junk, list or
 *   auto_reply, X-Autoreply, X-Autorespond, or an empty Return-Path.
 * - Answer: everything else that names one of ours in In-Reply-To or References (the last one
 *   that is ours). Its words: the first text/plain part that is no attachment, else a text/html
 *   part without its tags; decoded by charset and transfer encoding. */
void mail_in_read(const uint8_t *bytes, size_t len, const char *domain, mail_in *ret_mail);
void mail_in_done(mail_in *mail);
