/* mailbox.h - the options of the port `mailbox`; the service's config begins with a post_config. */
#pragma once
#include "diary.h"
#include "mail.h"

typedef struct mailbox_config {
    const char *url;
    const char *user, *password;
    const char *ca;
    upp_ms look_span;
} mailbox_config;

/* What the ports read of the service's config. */
typedef struct post_config {
    mail_config mail; /* first: the port `mail` reads it there */
    mailbox_config mailbox;
    diary_config diary;
} post_config;

/* Rows for the service's options table: `options[] = { MAIL_OPTIONS, MAILBOX_OPTIONS, ... }`. */
// clang-format off
#define MAILBOX_OPTIONS                                                                        \
    { "mailbox_url", UPP_OPT_TEXT, offsetof(post_config, mailbox.url), "",                       \
      "Mailbox of mail_from, where bounces and answers come: imaps://host:port/INBOX, or imap:// " \
      "(STARTTLS is demanded, but not on this machine); empty: nobody reads it." },                \
    { "mailbox_user", UPP_OPT_TEXT, offsetof(post_config, mailbox.user), "",                     \
      "Name to sign in with at the mailbox." },                                                    \
    { "mailbox_password", UPP_OPT_SECRET, offsetof(post_config, mailbox.password), "",           \
      "Password to sign in with at the mailbox." },                                                \
    { "mailbox_ca", UPP_OPT_TEXT, offsetof(post_config, mailbox.ca), "",                         \
      "File of the authorities (PEM) that its server's certificate is checked against; empty: the " \
      "system's. Given, STARTTLS is demanded on this machine too." },                              \
    { "mailbox_look", UPP_OPT_SPAN, offsetof(post_config, mailbox.look_span), "1min",              \
      "How long after each look the mailbox is looked at again." }
// clang-format on

extern const struct upp_port upp_mailbox_port; /* port_mailbox.c; ReadMailbox -> MailboxRead */
