/* mail_in_fuzz.c - R17: any bytes as a mail that came in: what is read of it is always of the form
 * that mail_in.h promises. */
#include "fuzz.h"
#include "mail_header.h"
#include "mail_in.h"
#include "mail_in_text.h"
#include <unistr.h>

static void check_text(const char *text, size_t most)
{
    const size_t n = strlen(text);
    upp_check(n <= most && u8_check((const uint8_t *)text, n) == NULL);
    for (size_t i = 0; i < n; i++) {
        const unsigned char c = (unsigned char)text[i];
        upp_check((c >= 0x20 || c == '\n') && c != 0x7f);
        upp_check(c != 0xc2 || (unsigned char)text[i + 1] >= 0xa0);
    }
}

static void check_notice(const char *notice)
{
    const size_t n = strlen(notice);
    upp_check(n < MAIL_IN_NOTICE);
    upp_check(strspn(notice, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") ==
              n);
}

static void check_from(const char *from)
{
    upp_check(strlen(from) < MAIL_IN_ADDRESS && (!from[0] || mail_address_ok(from)));
    upp_check(strpbrk(from, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == NULL);
}

static void check_mail(const uint8_t *data, size_t size)
{
    mail_in mail;
    mail_in_read(data, size, "sjoberga.example", &mail);
    upp_check(mail.kind >= MAIL_IN_OTHER && mail.kind <= MAIL_IN_BOUNCE);
    upp_check(mail.text);
    check_text(mail.text, MAIL_IN_TEXT);
    check_notice(mail.notice);
    check_from(mail.from);
    const bool bounce = mail.kind == MAIL_IN_BOUNCE;
    upp_check(bounce ? mail.reply >= 500 && mail.reply <= 599 : mail.reply == 0);
    if (mail.kind == MAIL_IN_ANSWER)
        upp_check(mail.notice[0]);
    else
        upp_check(!mail.text[0]);
    mail_in_done(&mail);
}

/* The words alone, which few bytes reach through a whole mail. */
static void check_words(const uint8_t *data, size_t size)
{
    char *text = mail_in_clean(data, size);
    check_text(text, 3 * size);
    char *plain = mail_in_plain(text);
    check_text(plain, 20 * size);
    char *own = mail_in_own(plain, 100);
    check_text(own, 100);
    free(own);
    free(plain);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_mail(data, size);
    check_words(data, size);
    return 0;
}
