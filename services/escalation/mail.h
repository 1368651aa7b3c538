/* mail.h - the options of the port `mail`; the service's config begins with a mail_config. */
#pragma once
#include "upp/service.h"

typedef struct mail_config {
    const char *url;
    const char *from, *name;
    const char *user, *password;
    const char *ca;
    int64_t parallel;
    upp_ms patience_span;
} mail_config;

/* Rows for the service's options table: `options[] = { MAIL_OPTIONS, ... }`. */
// clang-format off
#define MAIL_OPTIONS                                                                               \
    { "mail_url", UPP_OPT_TEXT, offsetof(mail_config, url), "",                                    \
      "Mail server: smtp://host:port (STARTTLS is demanded, but not on this machine) or "          \
      "smtps://host:port; a path is the name in EHLO." },                                          \
    { "mail_from", UPP_OPT_TEXT, offsetof(mail_config, from), "",                                  \
      "Sender's address; bounces and answers come there." },                                       \
    { "mail_name", UPP_OPT_TEXT, offsetof(mail_config, name), "Uppsikt", "Sender's name." },       \
    { "mail_user", UPP_OPT_TEXT, offsetof(mail_config, user), "",                                  \
      "Name to sign in with at the mail server; empty: without." },                                \
    { "mail_password", UPP_OPT_SECRET, offsetof(mail_config, password), "",                        \
      "Password to sign in with at the mail server." },                                            \
    { "mail_ca", UPP_OPT_TEXT, offsetof(mail_config, ca), "",                                      \
      "File of the authorities (PEM) that the mail server's certificate is checked against; "      \
      "empty: the system's. Given, STARTTLS is demanded on this machine too." },                   \
    { "mail_parallel", UPP_OPT_COUNT, offsetof(mail_config, parallel), "4",                        \
      "How many mails are sent at once, each over a connection of its own (1 to 16)." },           \
    { "mail_patience", UPP_OPT_SPAN, offsetof(mail_config, patience_span), "2min",                 \
      "How long one attempt to send a mail, or to read what has come, may take." }
// clang-format on

extern const struct upp_port upp_mail_port; /* port_mail.c; SendMail -> MailDone */
