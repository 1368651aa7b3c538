/* opinion.c - asks a model outside about some comments, and says what it said. */
#include "opinion.h"
#include "finding.h"
#include "upp/host.h"
#include "uppsikt/classify.pb-c.h"
#include "withhold.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* -- the options -- */
static const struct {
    const char *name;
    enum classifier_band band;
} bands[] = {
    { "none", CLASSIFIER_NONE },
    { "review", CLASSIFIER_REVIEW },
    { "likely", CLASSIFIER_LIKELY },
};

/* Bits of the bands that are named, with blanks between; -1: a word is none. */
static int bands_of(const char *words)
{
    int named = 0;
    for (const char *at = words ? words : ""; *at;) {
        const size_t n = strcspn(at, " ");
        bool known = n == 0;
        for (size_t i = 0; i < UPP_LEN(bands); i++) {
            if (strlen(bands[i].name) == n && strncmp(bands[i].name, at, n) == 0) {
                named |= 1 << bands[i].band;
                known = true;
            }
        }
        if (!known)
            return -1;
        at += n + (at[n] == ' ');
    }
    return named;
}

/* A user and a password would lie in the configuration's plain text. */
static bool names_user(const char *url)
{
    const char *host = strstr(url, "://");
    return host && memchr(host + 3, '@', strcspn(host + 3, "/?#"));
}

bool opinion_check(const classify_config *c, void (*say)(const char *line))
{
    if (!c->opinion_url)
        return true;
    const bool secure = strncmp(c->opinion_url, "https://", 8) == 0;
    const bool here = strncmp(c->opinion_url, "http://", 7) == 0 && upp_url_is_here(c->opinion_url);
    const char *why = NULL;
    if (!secure && !here)
        why = "classify: opinion_url: https:// is wanted, or http:// to this very machine";
    else if (names_user(c->opinion_url))
        why = "classify: opinion_url: no user or password in it; a key lies in opinion_key_file";
    else if (!c->opinion_model)
        why = "classify: opinion_model: say which model is asked";
    else if (bands_of(c->opinion_bands) <= 0)
        why = "classify: opinion_bands: one or more of none, review, likely";
    else if (c->opinion_timeout <= 0 || c->opinion_timeout > 10 * UPP_MINUTE)
        why = "classify: opinion_timeout: above 0, at most 10min";
    if (why)
        say(why);
    return !why;
}

struct classify_reading *opinion_room(const classify_config *c)
{
    if (!c->opinion_url)
        return NULL;
    struct classify_reading *room = calloc(1, sizeof *room);
    upp_check(room);
    return room;
}

/* -- asking -- */
static int64_t today(const upp_txn *txn)
{
    return upp_now(txn) / UPP_DAY;
}

static int read_asked(upp_txn *txn, int64_t *ret_n)
{
    UPP_ROWS row =
        upp_query(txn, "SELECT asked FROM opinion_day WHERE day = ?1", BIND(V(today(txn))));
    *ret_n = upp_next(&row) ? upp_col_int(&row, 0) : 0;
    return row.rc;
}

typedef struct counted {
    int asked, withheld, over, given, failed;
} counted;

static int count(upp_txn *txn, const counted *n)
{
    return upp_exec(
        txn,
        "INSERT INTO opinion_day(day, asked, withheld, over, given, failed)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE SET asked = asked + ?2,"
        " withheld = withheld + ?3, over = over + ?4, given = given + ?5,"
        " failed = failed + ?6",
        BIND(V(today(txn)), V(n->asked), V(n->withheld), V(n->over), V(n->given), V(n->failed)));
}

static enum classifier_band worst_of(const struct classifier_verdict *v)
{
    enum classifier_band worst = CLASSIFIER_NONE;
    for (size_t l = 0; l < CLASSIFY_LABELS; l++) {
        if (l != CLASSIFY_QUESTION && v->band[l] > worst)
            worst = (enum classifier_band)v->band[l];
    }
    return worst;
}

static int ask(upp_txn *txn, const opinion_about *about)
{
    char key[160];
    Uppsikt__AskOpinion request = UPPSIKT__ASK_OPINION__INIT;
    request.account = upp_lend(about->account);
    request.version = about->version;
    request.text = upp_lend(about->text);
    snprintf(key, sizeof key, "%s/%u", about->item, about->version);
    const int there = upp_ask(txn, "opinion", UPP_ABOUT(about->item), key, &request.base);
    UPP_TRY(there);
    return there ? 0 : count(txn, &(counted){ .asked = 1 });
}

int opinion_consider(upp_txn *txn, const classify_config *c, const classifier *judge,
                     const struct classify_own *own, struct classify_reading *room,
                     const opinion_about *about, const struct classifier_verdict *v)
{
    int64_t asked = 0;
    if (!room || !about->text[0] || (bands_of(c->opinion_bands) & 1 << worst_of(v)) == 0)
        return 0;
    if (about->alone) /* what was written to us alone never leaves */
        return count(txn, &(counted){ .withheld = 1 });
    if (!c->opinion_personal) {
        context_read(classifier_lexicon(judge), own, about->text, strlen(about->text),
                     v->english ? "en" : "sv", room);
        if (withhold(room, v))
            return count(txn, &(counted){ .withheld = 1 });
    }
    UPP_TRY(read_asked(txn, &asked));
    return asked < c->opinion_per_day ? ask(txn, about) : count(txn, &(counted){ .over = 1 });
}

/* -- the answer -- */
int opinion_answered(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__OpinionAnswered *a = msg;
    upp_content kept;
    Uppsikt__OpinionGivenContent content = UPPSIKT__OPINION_GIVEN_CONTENT__INIT;
    Uppsikt__OpinionGiven out = UPPSIKT__OPINION_GIVEN__INIT;
    (void)self;
    if (in->dead || !a || strcmp(a->outcome, "given") != 0)
        return count(txn, &(counted){ .failed = 1 });
    content.why = a->why;
    const int gone = upp_keep(txn, UPP_ABOUT(in->subject), &content.base, &kept);
    UPP_TRY(gone);
    if (gone) /* forgotten while it was asked about */
        return 0;
    UPP_TRY(count(txn, &(counted){ .given = 1 }));
    out.item = upp_lend(in->subject);
    out.account = a->account;
    out.version = a->version;
    out.labels = a->labels;
    out.n_labels = a->n_labels;
    out.model = a->model;
    out.at_ms = upp_now(txn);
    out.commitment = upp_commitment(&kept);
    return upp_emit(txn, in->subject, &out.base, &kept);
}
