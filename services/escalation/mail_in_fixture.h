/* mail_in_fixture.h - a mail as text, read with either line end. After cmocka.h. */
#pragma once
#include "mail_in.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OUR_DOMAIN "sjoberga.example"
#define OUR_KEY    "01J7Q2-notice-3"
#define OUR_ID     "<" OUR_KEY "@" OUR_DOMAIN ">"

static inline mail_in read_bytes(const char *bytes, size_t len)
{
    /* of exactly this size, so that a sanitizer sees who reads past it */
    uint8_t *copy = malloc(len > 0 ? len : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, len);
    mail_in mail;
    mail_in_read(copy, len, OUR_DOMAIN, &mail);
    free(copy);
    assert_non_null(mail.text);
    return mail;
}

/* With CRLF, as it comes by IMAP; the same with LF. */
static inline mail_in read_mail(const char *text)
{
    char *wire = malloc(2 * strlen(text) + 1);
    size_t n = 0;
    assert_non_null(wire);
    for (const char *at = text; *at; at++) {
        if (*at == '\n')
            wire[n++] = '\r';
        wire[n++] = *at;
    }
    mail_in mail = read_bytes(wire, n), other = read_bytes(text, strlen(text));
    free(wire);
    assert_int_equal(mail.kind, other.kind);
    assert_int_equal(mail.reply, other.reply);
    assert_string_equal(mail.notice, other.notice);
    assert_string_equal(mail.from, other.from);
    assert_string_equal(mail.text, other.text);
    mail_in_done(&other);
    return mail;
}

static inline void expect_kind(const char *text, enum mail_in_kind kind, const char *notice)
{
    mail_in mail = read_mail(text);
    assert_int_equal(mail.kind, kind);
    assert_string_equal(mail.notice, notice);
    if (kind != MAIL_IN_ANSWER)
        assert_string_equal(mail.text, "");
    mail_in_done(&mail);
}

static inline void expect_answer(const char *text, const char *from, const char *words)
{
    mail_in mail = read_mail(text);
    assert_int_equal(mail.kind, MAIL_IN_ANSWER);
    assert_string_equal(mail.notice, OUR_KEY);
    assert_string_equal(mail.from, from);
    assert_string_equal(mail.text, words);
    assert_int_equal(mail.reply, 0);
    mail_in_done(&mail);
}

/* Each beginning of a mail is read, whatever it comes to. */
static inline void cut_everywhere(const char *text)
{
    for (size_t n = 0; n <= strlen(text); n++) {
        mail_in mail = read_bytes(text, n);
        assert_in_range(mail.kind, MAIL_IN_OTHER, MAIL_IN_BOUNCE);
        mail_in_done(&mail);
    }
}
