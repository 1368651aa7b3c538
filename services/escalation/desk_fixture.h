/* desk_fixture.h - for this service's tests: escalation alone under the simulator's clock, a small
 * organisation, everybody else as the world, and a mail server that keeps what it is given. */
#pragma once
#include "escalation.h"
#include "sim.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* Account "acc" of unit "skola" under "sektor": administrators anna and bo (by rank), manager chef,
 * sector head head; "komm" is the communications unit with a mailbox. carl may stand in; dora has
 * nothing to do with it. */
typedef struct desk_mail {
    char to[64], subject[240], *text, key[40];
    upp_ms at;
} desk_mail;

enum { DESK_MAILS = 512 };
typedef struct desk {
    sim *s;
    escalation_config config;
    uint8_t *zone;
    desk_mail mails[DESK_MAILS];
    size_t n_mails;
    const char *bounces; /* this address is refused with 550 */
    upp_ms takes_span;   /* so long each mail's answer is on its way */
    Uppsikt__MailDone done;
    Uppsikt__HeardMail heard[DESK_MAILS], *hears[DESK_MAILS]; /* in the mailbox */
    char sums[DESK_MAILS][65];
    size_t n_heard, n_looks;
    uint32_t validity;
    Uppsikt__MailboxRead read;
    char refused[96], text[200];
    Uppsikt__DiarySent diary; /* what the diary answers; delivered: false: never */
    bool diary_later;         /* it does not answer */
    char package[96];         /* the last that came */
    size_t n_packages, n_diary_items;
    Uppsikt__DiaryNumber laid, *laid_list[1]; /* beside a package; "": nothing */
    Uppsikt__NumbersRead numbers;
    size_t n_number_looks;
} desk;

int desk_set_up(void **state);
int desk_tear_down(void **state); /* settles, and checks the invariants */
/* For a test that changed what a replay would need: nothing is checked. */
int desk_leave(void **state);
#define DESK(test) cmocka_unit_test_setup_teardown(test, desk_set_up, desk_tear_down)
/* The same with a mailbox that is looked at each second hour. */
int desk_set_up_mailbox(void **state);
/* The same with a folder for the diary. */
int desk_set_up_diary(void **state);
#define DESK_DIARY(test) cmocka_unit_test_setup_teardown(test, desk_set_up_diary, desk_tear_down)
#define DESK_MAILBOX(test)                                                                         \
    cmocka_unit_test_setup_teardown(test, desk_set_up_mailbox, desk_tear_down)

upp_ms desk_at(const char *text);           /* an instant, RFC 3339 */
void desk_until(desk *d, const char *text); /* lets time pass until then, to the millisecond */
void desk_run(desk *d, upp_ms span);

/* -- the world -- */
void desk_received(desk *d, const char *item, const char *received); /* version 1, a comment */
void desk_received_as(desk *d, const Uppsikt__CommentReceived *c);
void desk_edited(desk *d, const char *item, uint32_t version, const char *when, bool same);
void desk_gone(desk *d, const char *item, Uppsikt__GoneBy who, const char *when);
void desk_reply(desk *d, const char *item, const char *reply, const char *when);
void desk_removed(desk *d, const char *item, Uppsikt__ItemAction what, const char *when);
typedef struct desk_verdict {
    Uppsikt__Label label; /* 0: nothing found */
    Uppsikt__Band band;
    Uppsikt__Duty duty;
    bool danger;
} desk_verdict;
void desk_judged(desk *d, const char *item, uint32_t version, desk_verdict v);
#define DESK_QUESTION                                                                              \
    ((desk_verdict){ UPPSIKT__LABEL__LABEL_QUESTION, UPPSIKT__BAND__BAND_LIKELY, 0, false })
#define DESK_ATTACK                                                                                \
    ((desk_verdict){ UPPSIKT__LABEL__LABEL_ATTACK, UPPSIKT__BAND__BAND_LIKELY,                     \
                     UPPSIKT__DUTY__DUTY_HOUSE_RULE, false })
#define DESK_CLEAN ((desk_verdict){ 0, 0, 0, false })
void desk_away(desk *d, const char *absence, const char *person, const char *from, const char *to,
               const char *substitute); /* NULL: nobody stands in */

/* -- the mailbox -- */
/* A mail comes in about a mail of ours (its notice; "" for none). All of it is lent. */
void desk_comes(desk *d, Uppsikt__HeardMail__Kind kind, const char *about, const char *from,
                const char *text);

/* -- people -- */
/* "": done; else the refusal's key. */
const char *desk_do(desk *d, const char *by, const ProtobufCMessage *command);
const char *desk_decide(desk *d, const char *by, const char *matter, uint32_t version,
                        Uppsikt__ItemAction action, const char *law);

/* -- what came of it -- */
int64_t desk_number(desk *d, const char *sql); /* -1: no row */
/* "due" or the like of a matter; -1: no such matter. */
int64_t desk_matter(desk *d, const char *matter, const char *column);
size_t desk_mailed(const desk *d, const char *to); /* how many mails to that address */
size_t desk_said(desk *d, const char *type);       /* how many events of that type in the log */

/* The rows of that type that a query gives; each is freed with upp_msg_freep. */
size_t desk_ask(desk *d, const ProtobufCMessage *query, const ProtobufCMessageDescriptor *row,
                ProtobufCMessage **ret_rows, size_t size);

/* The token of the first link in the newest mail to that address. */
enum { DESK_TOKEN = 64 };
const char *desk_token(const desk *d, const char *to, char ret_token[DESK_TOKEN]);

/* -- answers, kin, what fails -- */
void desk_answered(desk *d, const char *item, const char *action, const char *when,
                   Uppsikt__ReplyKind kind); /* sent through uppsikt, confirmed */
void desk_aside(desk *d, const char *thread, const char *reply, const char *when);
/* An event of the world's, about `subject`. */
void desk_say(desk *d, const char *source, const char *subject, const ProtobufCMessage *m);
/* A comment with all that ingest says of its kin; "": none. */
typedef struct desk_kin {
    const char *thread, *continues, *repeats, *echoes, *twin, *account;
} desk_kin;
void desk_received_kin(desk *d, const char *item, const char *received, desk_kin kin);
/* Text of a column; NULL: no row. Lives until the next call. */
const char *desk_text(desk *d, const char *sql);
/* Did a mail to that address hold this text, since then? */
bool desk_mail_says(const desk *d, const char *to, const char *text, upp_ms since);
