/* port_mail_fixture.h - the port `mail`, a hand-turned loop and tests/fakes/smtpd.c. */
#pragma once
#include "hand_loop.h"
#include "mail.h"
#include "uppsikt/escalation.pb-c.h"
#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { PATIENCE = 10000, ASKS = 64 };

/* How each ask ended, by its id: 0, 1, 2 ... in the order of mail_ask. */
struct ended {
    bool over;
    enum upp_fate fate;
    bool has_answer, accepted;
    uint32_t reply;
};

/* One test's world: made by mail_begin, taken down by mail_end. */
typedef struct mail_world {
    upp_loop *loop;
    void *port;
    mail_config config;
    char folder[64], url[64];
    struct ended ended[ASKS];
    size_t n_ended, n_asked;
} mail_world;
extern mail_world world;

int mail_begin(void **state);
int mail_end(void **state);
void reopen_port(void); /* closes it, if it is open, and opens it with world.config */

void start_server(void); /* sets world.url */
void stop_server(void);
void empty_folder(void);
void control(const char *rules); /* what the server is to do instead */
size_t n_mails(void);
const char *mail_number(unsigned number); /* from 1; lives until the next call */
bool talked(const char *verb);            /* has the server heard this command? */

Uppsikt__SendMail mail_to(const char *to);
void mail_ask(const char *key, const Uppsikt__SendMail *m);
bool all_over(void *ctx);
/* Asks, and turns the loop until all asks are over. */
const struct ended *outcome(const char *key, const Uppsikt__SendMail *m);
const struct ended *outcome_under(const char *rules); /* for "key", to anna@kommun.example */

void sent(const struct ended *e);
void later(const struct ended *e);
void never(const struct ended *e, uint32_t reply);
void has(const char *mail, const char *line);
