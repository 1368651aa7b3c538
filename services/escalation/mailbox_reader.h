/* mailbox_reader.h - one reading of the mailbox, on a thread of its own: it may wait as long as the
 * server likes, up to mail_patience, and neither the loop nor what the loop's worker has to do (the
 * end of a backup) waits with it.
 *
 * The mailbox is opened by EXAMINE and read by BODY.PEEK: nothing in it is changed, no mail becomes
 * seen or loses its mark of a new one. Of a mail the first MAILBOX_MAIL bytes are read. */
#pragma once
#include "mail_in.h"
#include "mailbox.h"

enum {
    MAILBOX_LIMIT = 32,      /* mails in one reading at most */
    MAILBOX_USUAL = 16,      /* where nobody says how many */
    MAILBOX_MAIL = 1u << 20, /* bytes of one mail */
};

/* What has been read before, and how much is wanted now. */
typedef struct mailbox_place {
    uint32_t validity, after, limit;
    bool pass_by; /* a mail that the server refuses to give: it was asked for often enough */
} mailbox_place;

typedef struct mailbox_mail {
    char sha256[65]; /* of what was read of it, in hex */
    mail_in in;
} mailbox_mail;

typedef struct mailbox_result {
    const char *words; /* NULL: it was read. Static, without names and addresses */
    uint32_t validity, last;
    bool more;
    uint32_t passed; /* the UID of the last one that was passed by; 0: none was */
    mailbox_mail mails[MAILBOX_LIMIT];
    size_t n_mails;
} mailbox_result;

typedef struct mailbox_reader mailbox_reader;

/* NULL: these options will do. */
const char *mailbox_wrong_with(const post_config *config);

/* Starts at once; the config is lent for its life. */
mailbox_reader *mailbox_reader_new(const post_config *config, const mailbox_place *from);
/* Readable when the result is there. */
int mailbox_reader_fd(const mailbox_reader *reader);
/* Waits for the end of the thread; lent until mailbox_reader_free. */
const mailbox_result *mailbox_reader_result(mailbox_reader *reader);
/* Hangs up at once, whatever is under way, and waits for the thread's end, which needs nobody
 * outside any more. NULL is fine. */
void mailbox_reader_free(mailbox_reader *reader);
