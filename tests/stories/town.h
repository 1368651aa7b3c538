/* town.h - a small municipality for the stories: the real services, each on a machine of its own,
 * and the people around one account. Everything that goes wrong is drawn from the seed. */
#pragma once
#include "escalation.h"
#include "evidence.h"
#include "sim.h"
#include "sim_rand.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

typedef struct town_mail {
    char to[48], *text, key[40];
    upp_ms at;
} town_mail;

/* A row of the report: how often something was checked, over all seeds. */
typedef struct town_count {
    const char *what;
    uint64_t n;
} town_count;

enum { TOWN_MAILS = 2048, TOWN_COUNTS = 32 };
struct sim_play;
struct archive_disk;
struct mailbox_world;
typedef struct town {
    sim *s;
    uint64_t seed;
    unsigned services;            /* which are real */
    const struct sim_play *play;  /* what whoever looks for a fault chose; NULL: nothing */
    void (*rest)(struct town *t); /* called when all has come to rest; NULL: nothing */
    void *own;                    /* the story's */
    sim_rand rand;
    escalation_config config;
    town_mail *mails;
    size_t n_mails;
    int lines; /* of the files that were imported */
    Uppsikt__MailDone done;
    evidence_config evidence;
    bool no_browser;                   /* the browser's program does not answer ... */
    upp_ms patience_span;              /* ... and is not to be asked again before this has passed */
    int media_status;                  /* what the servers of attachments answer; 0: 200 */
    struct disk_world *disk;           /* town_evidence.c */
    struct archive_disk *archive_disk; /* town_archive.c */
    struct page_world *page;           /* town_ingest.c */
    struct mailbox_world *mailbox;     /* town_mailbox.c */
    bool answers_mail;                 /* something comes back to it */
    upp_ms poll_span;                  /* of the page; 0: the connector's preset */
    bool by_others;     /* what is done on the page may be done there by its people, too */
    town_count *counts; /* TOWN_COUNTS of them, all runs' */
    char why[400];      /* what was wrong first */
} town;

/* Which services are real; the world speaks for the others. Each is a part (town_part.h). */
enum {
    TOWN_INGEST = 1,
    TOWN_CLASSIFY = 2,
    TOWN_EVIDENCE = 4,
    TOWN_ARCHIVE = 64,
    TOWN_FEED = 128,
    TOWN_CONSOLE = 256,
    TOWN_PARTS = 512, /* classify's work is divided between two; needs TOWN_CLASSIFY */
    /* Those repeat what all say, or do what is done, and have stories of their own. */
    TOWN_ALL = 0xffff & ~(TOWN_FEED | TOWN_CONSOLE | TOWN_PARTS)
};

/* One run of one story. It says what is wrong with town_wrong. */
typedef void town_story(town *t);
/* Tells the story for `seeds` seeds (times UPP_SEEDS, when that is set), each seed below 5 twice,
 * and counts what the invariants checked; fails the test when anything was broken. */
void town_tell(const char *name, town_story *story, unsigned services, uint64_t seeds);

UPP_PRINTF(2, 3) void town_wrong(town *t, const char *fmt, ...);
#define town_expect(t, fact) ((fact) ? (void)0 : town_wrong((t), "%d: %s", __LINE__, #fact))

upp_ms town_at(const char *text);
void town_until(town *t, const char *text);
/* Switches faults on, some of them in each seed: crashes before and after COMMIT, doubled, late and
 * reordered deliveries, a mail server that fails or whose answer is lost. */
void town_weather(town *t);
void town_clear(town *t); /* and off */

/* -- the world -- */
typedef struct town_line {
    const char *id, *kind, *parent, *created, *edited, *text, *state; /* NULL: not said */
    const char *author, *thread;
} town_line;
void town_import(town *t, const town_line *lines, size_t n); /* needs TOWN_INGEST */
void town_import_to(town *t, const char *account, const town_line *lines, size_t n);
void town_account(town *t, const char *id); /* one more of the same unit; anna and bo have access */
/* The page that town_connect joins the account to; needs TOWN_INGEST. */
struct fakebook *town_page(town *t);
void town_connect(town *t);
/* The words that this action hid or deleted, and when; NULL: it did not. Lent. */
const char *town_removed(const town *t, const char *action, upp_ms *ret_at);
/* Our id of the comment with this received time; waits until escalation has heard of it. */
void town_item(town *t, const char *received, char ret_item[UPP_ID]);
/* What classify says, when the world speaks for it. */
void town_judged(town *t, const char *item, uint32_t version, Uppsikt__Label label);
void town_away(town *t, const char *person, const char *from, const char *to,
               const char *substitute);
/* Sends it; town_answer waits: "" or the refusal. */
size_t town_send(town *t, const char *by, const ProtobufCMessage *command); /* to escalation */
size_t town_send_to(town *t, const char *service, const char *by, const ProtobufCMessage *command);
const char *town_answer(town *t, size_t command, char ret_refused[96]);

/* -- what came of it -- */
int64_t town_number(town *t, const char *service, const char *sql);               /* -1: no row */
void town_text(town *t, const char *service, const char *sql, char ret_text[48]); /* "": no row */
/* How many sealed packages hold these words in their lists. */
size_t town_packed(town *t, const char *words);
size_t town_mailed(const town *t, const char *to, upp_ms from, upp_ms until); /* by identity */
