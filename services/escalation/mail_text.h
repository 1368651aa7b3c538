/* mail_text.h - a notice in words. */
#pragma once
#include "escalation.h"

typedef struct mail_text {
    char *text; /* owned; mail_text_done */
    size_t len, size;
    char subject[240];
} mail_text;

enum { MAIL_LINES = 30 };
typedef struct mail_line {
    matter m;
    uint32_t number; /* of the newest step or notice_number about it */
    int64_t alike;   /* how many say the same, itself included */
    bool ours;       /* it is about a post or an answer of our own */
} mail_line;

/* The mail to `person` that has these lines, the most urgent first, each with a link of her own;
 * `in_all`: how many matters wait, when the lines name fewer. */
UPP_MUST_USE int mail_text_write(upp_txn *txn, const rules *r, const char *person,
                                 const mail_line *list, size_t n, int64_t in_all,
                                 mail_text *ret_text);
void mail_text_done(mail_text *ma);
