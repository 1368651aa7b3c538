/* classify - says what the machine thinks of each comment: findings with bands and reasons, a
 * question or not, the duty behind it. It proposes; a person decides (R14, R18, R19, R24, R25). */
#include "classify.h"
#include "attached.h"
#include "label_wire.h"
#include "opinion.h"
#include "rules.h"
#include "upp/service.h"
#include "uppsikt/classify.pb-c.h"
#include "uppsikt/comment.pb-c.h"
#include "uppsikt/held.pb-c.h"
#include "weights.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const char upp_classify_schema_sql[];
extern const upp_service upp_classify_service;

/* Lists of the organisation's own, as the options give them: "a.se b.se". */
enum { OWN = 16 };

typedef struct judge {
    rules *rules;
    classifier_room *room;
    struct classifier_policy policy;
    const classify_config *config;
    struct classify_reading *opinion; /* room for looking; NULL: nobody outside is asked */
    const char *domains[OWN], *numbers[OWN];
    char *lists; /* what the two point into */
} judge;

static const upp_option options[] = {
    { "own_domains", UPP_OPT_TEXT, offsetof(classify_config, own_domains), "",
      "Our own mail and web domains, with spaces between: addresses there are nobody's private "
      "ones." },
    { "own_numbers", UPP_OPT_TEXT, offsetof(classify_config, own_numbers), "",
      "How our own telephone numbers begin, digits only, with spaces between." },
    { "opinion_url", UPP_OPT_TEXT, offsetof(classify_config, opinion_url), "",
      "A server with the chat completions API that is asked for a second opinion, as "
      "https://ai.kommun.example/v1; empty: nobody outside is ever asked." },
    { "opinion_model", UPP_OPT_TEXT, offsetof(classify_config, opinion_model), "",
      "Which of its models." },
    { "opinion_key", UPP_OPT_SECRET, offsetof(classify_config, opinion_key), "",
      "The key that it wants, if any." },
    { "opinion_bands", UPP_OPT_TEXT, offsetof(classify_config, opinion_bands), "review",
      "Which comments, by the highest band of our own verdict: none, review, likely, with spaces "
      "between." },
    { "opinion_timeout", UPP_OPT_SPAN, offsetof(classify_config, opinion_timeout), "20s",
      "How long one answer is waited for." },
    { "opinion_per_day", UPP_OPT_COUNT, offsetof(classify_config, opinion_per_day), "200",
      "How many comments a day (UTC) at most." },
    { "opinion_personal", UPP_OPT_FLAG, offsetof(classify_config, opinion_personal), "no",
      "Whether words may be sent in which something personal was found; decide that with your data "
      "protection officer. What was written to us alone is never sent." },
};

/* Splits a copy of the words at the spaces, in place. */
static size_t split(char *words, const char **ret_list)
{
    size_t n = 0;
    for (char *at = words; *at && n < OWN;) {
        while (*at == ' ')
            *at++ = '\0';
        if (*at)
            ret_list[n++] = at;
        while (*at && *at != ' ')
            at++;
    }
    return n;
}

static void judge_close(void *self)
{
    judge *j = self;
    if (!j)
        return;
    rules_free(j->rules);
    classifier_room_free(j->room);
    free(j->opinion);
    free(j->lists);
    free(j);
}

static void *judge_open(const void *cfg, void (*say)(const char *line))
{
    const classify_config *c = cfg;
    if (!opinion_check(c, say))
        return NULL;
    judge *j = calloc(1, sizeof *j);
    upp_check(j);
    j->config = c;
    j->opinion = opinion_room(c);
    const size_t domains = c->own_domains ? strlen(c->own_domains) : 0;
    const size_t numbers = c->own_numbers ? strlen(c->own_numbers) : 0;
    j->lists = calloc(1, domains + numbers + 2);
    upp_check(j->lists);
    if (domains)
        memcpy(j->lists, c->own_domains, domains);
    if (numbers)
        memcpy(j->lists + domains + 1, c->own_numbers, numbers);
    j->policy.own = (struct classify_own){ .domains = j->domains,
                                           .n_domains = split(j->lists, j->domains),
                                           .numbers = j->numbers,
                                           .n_numbers = split(j->lists + domains + 1, j->numbers) };
    j->rules = rules_new(say);
    j->room = classifier_room_new();
    if (!j->rules || !j->room) {
        say("classify: the built-in rule set cannot be used");
        judge_close(j);
        return NULL;
    }
    return j;
}

/* -- our words and the wire's, by tables -- */
// clang-format off
static const Uppsikt__Band bands[] = {
    [CLASSIFIER_NONE]   = UPPSIKT__BAND__BAND_NONE,
    [CLASSIFIER_REVIEW] = UPPSIKT__BAND__BAND_REVIEW,
    [CLASSIFIER_LIKELY] = UPPSIKT__BAND__BAND_LIKELY,
};
/* In the order of how much they bind us (law.md L2). */
static const Uppsikt__Duty duties[] = {
    [CLASSIFIER_DUTY_NONE]       = UPPSIKT__DUTY__DUTY_NONE,
    [CLASSIFIER_DUTY_HOUSE_RULE] = UPPSIKT__DUTY__DUTY_HOUSE_RULE,
    [CLASSIFIER_DUTY_GDPR]       = UPPSIKT__DUTY__DUTY_DATA_PROTECTION,
    [CLASSIFIER_DUTY_SECRECY]    = UPPSIKT__DUTY__DUTY_SECRECY,
    [CLASSIFIER_DUTY_BBS]        = UPPSIKT__DUTY__DUTY_BBS5,
};
// clang-format on

typedef struct said {
    Uppsikt__CommentClassified fact;
    Uppsikt__Finding findings[CLASSIFY_LABELS];
    Uppsikt__Finding *list[CLASSIFY_LABELS];
    char letter[2];
    int worst;
} said;

static void fill_fact(const struct classifier_verdict *v, said *ret_said)
{
    said *s = ret_said;
    enum classifier_duty duty = CLASSIFIER_DUTY_NONE;
    memset(s, 0, sizeof *s);
    uppsikt__comment_classified__init(&s->fact);
    for (size_t i = 0; i < CLASSIFY_LABELS; i++) {
        if (v->band[i] == CLASSIFIER_NONE)
            continue;
        Uppsikt__Finding *f = &s->findings[s->fact.n_findings];
        uppsikt__finding__init(f);
        f->label = label_on_wire((enum classify_label)i);
        f->band = bands[v->band[i]];
        f->score_permille = (uint32_t)(v->score[i] * 1000.0F + 0.5F);
        s->list[s->fact.n_findings++] = f;
        if (i != CLASSIFY_QUESTION && v->band[i] > s->worst)
            s->worst = v->band[i];
        if (v->duty[i] > duty) {
            duty = (enum classifier_duty)v->duty[i];
            s->letter[0] = v->bbs[i];
        }
    }
    s->fact.findings = s->list;
    s->fact.duty = duties[duty];
    if (duty == CLASSIFIER_DUTY_BBS)
        s->fact.bbs_letter = s->letter;
    s->fact.danger = (v->signals & CLASSIFIER_SIGNAL_DANGER) != 0;
    s->fact.records_request = (v->signals & CLASSIFIER_SIGNAL_RECORDS) != 0;
    s->fact.lang = upp_lend(v->english ? "en" : "sv");
}

/* The places that were hit are personal (they quote the text): they are content. */
static int keep_reasons(upp_txn *txn, const char *item, const struct classifier_verdict *v,
                        upp_content *ret_content)
{
    Uppsikt__Reason reasons[CLASSIFIER_FINDINGS_MAX];
    Uppsikt__Reason *list[CLASSIFIER_FINDINGS_MAX];
    Uppsikt__CommentClassifiedContent content = UPPSIKT__COMMENT_CLASSIFIED_CONTENT__INIT;
    for (size_t i = 0; i < v->n_findings; i++) {
        uppsikt__reason__init(&reasons[i]);
        reasons[i].label = label_on_wire(v->findings[i].label);
        reasons[i].start = v->findings[i].start;
        reasons[i].end = v->findings[i].end;
        reasons[i].why = upp_lend(v->findings[i].reason);
        list[i] = &reasons[i];
    }
    content.reasons = list;
    content.n_reasons = v->n_findings;
    return upp_keep(txn, UPP_ABOUT(item), &content.base, ret_content);
}

/* Of our own words only what R24 asks for: there is nothing to answer, and nothing to insult. */
static void keep_own_labels(struct classifier_verdict *v)
{
    size_t n = 0;
    for (size_t i = 0; i < CLASSIFY_LABELS; i++)
        if (i != CLASSIFY_PERSONAL_DATA && i != CLASSIFY_CONFIDENTIAL)
            v->band[i] = CLASSIFIER_NONE;
    for (size_t i = 0; i < v->n_findings; i++)
        if (v->band[v->findings[i].label] != CLASSIFIER_NONE)
            v->findings[n++] = v->findings[i];
    v->n_findings = n;
    v->signals = 0;
}

typedef struct subject {
    const char *item, *account, *lang;
    uint32_t version;
    upp_ms received_ms;
    const Uppsikt__CommentReceivedContent *text;
    bool alone;  /* written to us alone */
    bool asking; /* worth a second opinion */
    bool ours;
} subject;

static int judge_it(upp_txn *txn, const judge *j, const subject *s)
{
    struct classifier_verdict v;
    said out;
    upp_content kept;
    const classifier *in_force = NULL;
    UPP_TRY(rules_in_force(txn, j->rules, &in_force));
    classifier_judge(in_force, j->room, s->text->text, strlen(s->text->text),
                     s->lang[0] ? s->lang : NULL, &j->policy, &v);
    attached_judge(in_force, j->room, &j->policy, s->text, &v);
    if (s->ours)
        keep_own_labels(&v);
    fill_fact(&v, &out);
    const int gone = keep_reasons(txn, s->item, &v, &kept);
    UPP_TRY(gone);
    UPP_TRY(upp_exec(
        txn,
        "INSERT INTO judged(item, version, at_ms, worst, alone) VALUES(?1, ?2, ?3,"
        " ?4, ?5) ON CONFLICT DO UPDATE SET at_ms = ?3, worst = ?4",
        BIND(V(s->item), V(s->version), V(upp_now(txn)), V(out.worst), V(s->alone ? 1 : 0))));
    out.fact.item = upp_lend(s->item);
    out.fact.account = upp_lend(s->account);
    out.fact.version = s->version;
    out.fact.received_ms = s->received_ms;
    out.fact.lexicons = upp_lend(rules_lexicons(j->rules));
    out.fact.model = upp_lend(rules_model(j->rules));
    out.fact.attachments_unseen = s->text->n_attachments > 0;
    out.fact.commitment = upp_commitment(&kept);
    UPP_TRY(upp_emit(txn, s->item, &out.fact.base, &kept));
    const opinion_about about = { s->item, s->account, s->text->text, s->version, s->alone };
    return gone || !s->asking
               ? 0
               : opinion_consider(txn, j->config, in_force, &j->policy.own, j->opinion, &about, &v);
}

/* As its first version was; what we do not know is treated as if it had been. */
static int is_alone(upp_txn *txn, const char *item, bool *ret_alone)
{
    UPP_ROWS row = upp_query(
        txn, "SELECT alone FROM judged WHERE item = ?1 ORDER BY version LIMIT 1", BIND(V(item)));
    *ret_alone = !upp_next(&row) || upp_col_int(&row, 0) != 0;
    return row.rc;
}

static int on_received(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__CommentReceived *c = msg;
    if (!in->content) /* forgotten before we came to read it: nothing to judge */
        return 0;
    const subject s = { .item = c->item,
                        .account = c->account,
                        .lang = c->lang,
                        .version = c->version,
                        .received_ms = c->received_ms,
                        .text = in->content,
                        .alone = c->kind == UPPSIKT__ITEM_KIND__ITEM_KIND_MESSAGE,
                        .asking = !c->backfill };
    return judge_it(txn, self, &s);
}

static int on_edited(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__CommentEdited *c = msg;
    const Uppsikt__CommentEditedContent *content = in->content;
    if (!content || !content->now)
        return 0;
    subject s = { .item = c->item,
                  .account = c->account,
                  .lang = "",
                  .version = c->version,
                  .received_ms = c->seen_ms,
                  .text = content->now,
                  .asking = !c->same_words && !c->ours,
                  .ours = c->ours };
    UPP_TRY(is_alone(txn, c->item, &s.alone));
    return judge_it(txn, self, &s);
}

/* -- our own words (R24); never sent outside: they are judged for what is personal alone -- */
static int judge_own(upp_txn *txn, const judge *j, subject s,
                     Uppsikt__CommentReceivedContent *words)
{
    s.lang = "";
    s.text = words;
    s.ours = true;
    return judge_it(txn, j, &s);
}

static int on_own_post(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__OwnPostSeen *c = msg;
    const Uppsikt__OwnPostSeenContent *content = in->content;
    Uppsikt__CommentReceivedContent words = UPPSIKT__COMMENT_RECEIVED_CONTENT__INIT;
    if (!content)
        return 0;
    words.text = content->text;
    words.attachments = content->attachments;
    words.n_attachments = content->n_attachments;
    const subject s = {
        .item = c->item, .account = c->account, .version = c->version, .received_ms = c->at_ms
    };
    return judge_own(txn, self, s, &words);
}

static int on_reply(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__ReplySeen *c = msg;
    const Uppsikt__ReplySeenContent *content = in->content;
    Uppsikt__CommentReceivedContent words = UPPSIKT__COMMENT_RECEIVED_CONTENT__INIT;
    if (!content)
        return 0;
    words.text = content->text;
    const subject s = {
        .item = c->reply, .account = c->account, .version = 1, .received_ms = c->at_ms
    };
    return judge_own(txn, self, s, &words);
}

static int on_adopt(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    return rules_adopt(txn, in, msg);
}

static int on_alarm(upp_txn *txn, const void *self, const char *key)
{
    (void)self;
    return rules_alarm(txn, key);
}

static const upp_gauge gauges[] = {
    { "uppsikt_judged", "Versions judged.", NULL, "SELECT count(*) FROM judged" },
    { "uppsikt_opinions", "Second opinions of a model outside: what became of each comment.",
      "outcome",
      "SELECT 'asked', coalesce(sum(asked), 0) FROM opinion_day"
      " UNION ALL SELECT 'withheld', coalesce(sum(withheld), 0) FROM opinion_day"
      " UNION ALL SELECT 'over', coalesce(sum(over), 0) FROM opinion_day"
      " UNION ALL SELECT 'given', coalesce(sum(given), 0) FROM opinion_day"
      " UNION ALL SELECT 'failed', coalesce(sum(failed), 0) FROM opinion_day" },
};

static const upp_ms retries[] = { 30 * UPP_SECOND, 5 * UPP_MINUTE };
static const upp_outside outside[] = {
    { "opinion", &uppsikt__ask_opinion__descriptor, &uppsikt__opinion_answered__descriptor, retries,
      UPP_LEN(retries), UPP_DAY },
};

// clang-format off
static const upp_route routes[] = {
    { UPP_EVENT, "ingest", &uppsikt__comment_received__descriptor, on_received,
      &uppsikt__comment_received_content__descriptor },
    { UPP_EVENT, "ingest", &uppsikt__comment_edited__descriptor,   on_edited,
      &uppsikt__comment_edited_content__descriptor },
    { UPP_EVENT, "ingest", &uppsikt__own_post_seen__descriptor,    on_own_post,
      &uppsikt__own_post_seen_content__descriptor },
    { UPP_EVENT, "ingest", &uppsikt__reply_seen__descriptor,       on_reply,
      &uppsikt__reply_seen_content__descriptor },
    { UPP_COMMAND, NULL,   &uppsikt__adopt_rule_set__descriptor,   on_adopt,    NULL },
    { UPP_COMMAND, NULL,   &uppsikt__put_model_part__descriptor,   weights_put, NULL },
    { UPP_QUERY, NULL,     &uppsikt__model_parts__descriptor,      weights_parts, NULL },
    { UPP_QUERY,   NULL,         &uppsikt__held__descriptor,                 classify_held, NULL },
    { UPP_ANSWER, "opinion", &uppsikt__opinion_answered__descriptor, opinion_answered, NULL },
};
// clang-format on

const upp_service upp_classify_service = {
    .name = "classify",
    .schema = upp_classify_schema_sql,
    .config_size = sizeof(classify_config),
    .options = options,
    .n_options = UPP_LEN(options),
    .routes = routes,
    .n_routes = UPP_LEN(routes),
    .outside = outside,
    .n_outside = UPP_LEN(outside),
    .gauges = gauges,
    .n_gauges = UPP_LEN(gauges),
    .open = judge_open,
    .close = judge_close,
    .on_alarm = on_alarm,
    .divides = true,
};
