/* mailbox.h - the options of the port `mailbox`; it stands behind the mail_config (mail.h) in the
 * service's config. */
#pragma once
#include "upp/service.h"

typedef struct mailbox_config {
    const char *url;
    const char *user, *password;
    const char *ca;
} mailbox_config;

/* Rows for the service's options table; `at` is where the mailbox_config lies in its config. */
// clang-format off
#define MAILBOX_OPTIONS(at)                                                                        \
    { "mailbox_url", UPP_OPT_TEXT, (at) + offsetof(mailbox_config, url), "",                       \
      "Mailbox of mail_from, where bounces and answers come: imaps://host:port/INBOX, or imap:// " \
      "(STARTTLS is demanded, but not on this machine); empty: nobody reads it." },                \
    { "mailbox_user", UPP_OPT_TEXT, (at) + offsetof(mailbox_config, user), "",                     \
      "Name to sign in with at the mailbox." },                                                    \
    { "mailbox_password", UPP_OPT_SECRET, (at) + offsetof(mailbox_config, password), "",           \
      "Password to sign in with at the mailbox." },                                                \
    { "mailbox_ca", UPP_OPT_TEXT, (at) + offsetof(mailbox_config, ca), "",                         \
      "File of the authorities (PEM) that its server's certificate is checked against; empty: the " \
      "system's. Given, STARTTLS is demanded on this machine too." }
// clang-format on

extern const struct upp_port upp_mailbox_port; /* port_mailbox.c; ReadMailbox -> MailboxRead */
