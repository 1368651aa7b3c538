/* port_mailbox_fixture.h - the port `mailbox`, a hand-turned loop and a server. */
#pragma once
#include "hand_loop.h"
#include "imap_fixture.h"
#include "mailbox.h"
#include "uppsikt/escalation.pb-c.h"
#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { BOX_PATIENCE = 60000, BOX_ASKS = 16 };
/* What must not wait for a server; sanitizers and a busy machine make it longer. */
enum { BOX_SOON = 1000 };

struct box_ended {
    bool over;
    enum upp_fate fate;
    Uppsikt__MailboxRead *read; /* NULL: no answer */
};

/* One test's world: made by box_begin, taken down by box_end. Each has an account of its own. */
typedef struct box_world {
    dovecot dovecot; /* of the whole group */
    scripted *scripted;
    upp_loop *loop;
    void *port;
    post_config config;
    char url[128], user[16];
    unsigned n_mails; /* put so far */
    struct box_ended ended[BOX_ASKS];
    size_t n_ended, n_asked;
    uint32_t attempts; /* before the one that is asked for now */
} box_world;
extern box_world box;

int box_group_begin(void **state);
int box_group_end(void **state);
int box_begin(void **state);
int box_end(void **state);

void box_reopen(void); /* with box.config */
void box_url(const char *scheme, int port, const char *path);
void box_script(const script_row *rows); /* the scripted server instead of Dovecot */

/* A file in the maildir of `folder` ("": INBOX); its name, which lives until the next call. */
const char *box_put_in(const char *folder, const char *bytes, size_t n);
const char *box_put(const char *mail);
void box_take_away(const char *name);
void box_validity(unsigned validity); /* and no UID is known any more */
bool box_is_new(const char *name);    /* it lies where it was put, without a mark */

void box_ask(uint32_t validity, uint32_t after, uint32_t limit);
/* Asks, and turns the loop until it is over. The answer lives until box_end. */
const Uppsikt__MailboxRead *box_read(uint32_t validity, uint32_t after, uint32_t limit);
void box_later(const char *words); /* the same, and it ends so */
bool box_until(bool (*met)(void *ctx), void *ctx);
/* SHA-256 in hex; lives until the next call. */
const char *box_sha256(const char *bytes, size_t n);
