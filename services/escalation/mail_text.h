/* mail_text.h - a notice in words. */
#pragma once
#include "escalation.h"

typedef struct mail_text {
    char *text; /* owned; mail_text_done */
    size_t len, size;
    char subject[240];
} mail_text;

/* The mail to `person` that names these matters, the most urgent first, each with a link of her
 * own; `in_all`: how many there are, when the list holds fewer. */
UPP_MUST_USE int mail_text_write(upp_txn *txn, const rules *r, const char *person,
                                 const matter *list, size_t n, int64_t in_all, mail_text *ret_text);
void mail_text_done(mail_text *ma);
