/* diary.h - where packages for the diary go (R16; law.md L9): the options, the ways, the ports, and
 * what may stand as a diary's number. */
#pragma once
#include "upp/service.h"

typedef struct diary_config {
    const char *deliver;
    const char *key, *known_hosts;
    const char *secret;
    const char *ca;
    bool group;
    upp_ms patience_span, look_span;
} diary_config;

/* Rows for the service's options table; its config begins with a post_config (mailbox.h). */
// clang-format off
#define DIARY_OPTIONS                                                                              \
    { "diary_deliver", UPP_OPT_TEXT, offsetof(post_config, diary.deliver), "",                     \
      "Where a package for the diary goes: a folder (/srv/diarium/in), sftp://user@host/path or "  \
      "https://host/path (http:// on this machine alone); empty: the registrar is only asked." },  \
    { "diary_key", UPP_OPT_TEXT, offsetof(post_config, diary.key), "",                             \
      "sftp: file of the private key to sign in with, which not everybody may read." },            \
    { "diary_known_hosts", UPP_OPT_TEXT, offsetof(post_config, diary.known_hosts), "",             \
      "sftp: file that knows the server's key, as ssh-keyscan writes it." },                       \
    { "diary_secret", UPP_OPT_SECRET, offsetof(post_config, diary.secret), "",                     \
      "https: what packages are signed with (Standard Webhooks): whsec_ and base64." },            \
    { "diary_ca", UPP_OPT_TEXT, offsetof(post_config, diary.ca), "",                               \
      "https: file of the authorities (PEM) that the certificate is checked against; empty: the "  \
      "system's." },                                                                               \
    { "diary_group", UPP_OPT_FLAG, offsetof(post_config, diary.group), "no",                       \
      "A folder, sftp: yes: a package's file may be read by its group (0640); no: by its owner "   \
      "alone (0600)." },                                                                           \
    { "diary_patience", UPP_OPT_SPAN, offsetof(post_config, diary.patience_span), "2min",          \
      "How long one attempt to deliver a package may take." },                                     \
    { "diary_look", UPP_OPT_SPAN, offsetof(post_config, diary.look_span), "1min",                  \
      "A folder: how long after each look one looks again for numbers (<package>.nummer)." }
// clang-format on

enum diary_way { DIARY_NONE, DIARY_FOLDER, DIARY_SFTP, DIARY_WEBHOOK, DIARY_WRONG };
/* By which way `deliver` goes (NULL is fine); DIARY_WRONG: by none that there is. */
enum diary_way diary_way_of(const char *deliver);
const char *diary_way_name(enum diary_way way); /* folder sftp webhook; "" */

/* A diary's number: one line, UTF-8, of at most 64 bytes, without control characters; blanks and
 * line ends around it do not count. False: `text` is none. */
enum { DIARY_NUMBER = 65 };
bool diary_number_read(const char *text, size_t n, char ret_number[DIARY_NUMBER]);

enum { DIARY_NAME = 96 };
/* The package's name from its errand and number: letters, digits, '.', '_' and '-' alone, since it
 * becomes the name of a file elsewhere. */
void diary_package_name(const char *errand, unsigned number, char ret_name[DIARY_NAME]);

extern const struct upp_port upp_diary_port;   /* port_diary.c; SendDiary -> DiarySent */
extern const struct upp_port upp_numbers_port; /* port_numbers.c; ReadNumbers -> NumbersRead */
