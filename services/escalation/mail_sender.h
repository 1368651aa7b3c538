/* mail_sender.h - one connection to the mail server, on a thread of its own.
 *
 * libcurl's multi interface does not keep SMTP out of the way of a loop: it waits in place for the
 * answer to a mail's last dot and to QUIT (measured with 7.88.1: as long as the server likes, up to
 * the time limit). So each connection has a thread, and the loop only hands over and collects. */
#pragma once
#include "late_curl.h"
#include "mail.h"

/* A mail that is ready to go; nothing in it is lent. */
typedef struct mail_letter {
    char *to; /* in < and > */
    struct curl_slist *headers, *recipients;
    char *body; /* lines end with CRLF */
} mail_letter;

mail_letter *mail_letter_new(const char *to); /* never NULL; headers and body are to be added */
void mail_letter_free(mail_letter *letter);   /* NULL is fine */

typedef struct mail_result {
    const char *words; /* NULL: the server took it. Static, without addresses */
    long reply;        /* the last SMTP reply code; 0: there was none */
    bool refused;      /* for good: this mail, not us */
} mail_result;

typedef struct mail_sender mail_sender;

mail_sender *mail_sender_new(const mail_config *config); /* the config is lent for its life */
/* Takes the letter over. One at a time: only when the last one's result has been collected. */
void mail_sender_send(mail_sender *sender, mail_letter *letter);
/* Readable when a result is there. */
int mail_sender_fd(const mail_sender *sender);
/* False: none is there yet. */
bool mail_sender_result(mail_sender *sender, mail_result *ret_result);
/* Hangs up at once, whatever is under way. Then mail_sender_free waits for the thread's end, which
 * needs nobody outside any more. */
void mail_sender_stop(mail_sender *sender);
void mail_sender_free(mail_sender *sender);
