/* classifier.h - judges one comment: labels with bands, findings with places and reasons, the duty
 * behind them (R14, R18, R19, R24, R31). It proposes; a person decides (R25).
 *
 * Pure: no clock, no file, no thread. The same text, policy, lexicons and model give the same
 * verdict, to the bit. */
#pragma once
#include "detect.h"
#include "label.h"

typedef struct classifier classifier;
typedef struct classifier_room classifier_room;

enum classifier_band { CLASSIFIER_NONE, CLASSIFIER_REVIEW, CLASSIFIER_LIKELY };

/* What binds us to act (law.md L2). BBS: Lag (1998:112) 5 §. */
enum classifier_duty {
    CLASSIFIER_DUTY_NONE,
    CLASSIFIER_DUTY_HOUSE_RULE,
    CLASSIFIER_DUTY_GDPR,
    CLASSIFIER_DUTY_SECRECY,
    CLASSIFIER_DUTY_BBS
};

enum classifier_signal {
    CLASSIFIER_SIGNAL_DANGER = 1, /* to a life or a child: say which number to call, at once */
    CLASSIFIER_SIGNAL_RECORDS = 2 /* somebody asks for public records: to the registrar at once */
};

struct classifier_finding {
    uint8_t label, band; /* enum classify_label, enum classifier_band */
    float score;         /* 0-1 */
    uint32_t start, end; /* bytes of the original text, [start, end) */
    const char *reason;  /* a key of the reason catalogue; static */
};

struct classifier_part {
    float weight; /* in the model's sum; positive speaks for the label */
    uint32_t start, end;
    const char *reason; /* a key of the reason catalogue; static */
};

#define CLASSIFIER_FINDINGS_MAX 48
#define CLASSIFIER_PARTS        5

struct classifier_verdict {
    unsigned labels;               /* CLASSIFY_BIT of each label that is decided */
    float score[CLASSIFY_LABELS];  /* probability, 0-1 */
    uint8_t band[CLASSIFY_LABELS]; /* enum classifier_band */
    uint8_t duty[CLASSIFY_LABELS]; /* enum classifier_duty; of labels with a band */
    char bbs[CLASSIFY_LABELS];     /* 'a'-'g' of 5 § 1, '2' for 5 § 2; 0: none */
    bool urgent;                   /* akut, sla.md 3.3: only ever from the band likely */
    unsigned signals;              /* enum classifier_signal */
    bool english, cut;             /* cut: the text went on after what was read */
    size_t n_findings;
    struct classifier_finding findings[CLASSIFIER_FINDINGS_MAX];
    /* What weighed most, by label; weight 0: no more. Only filled where asked for. */
    struct classifier_part parts[CLASSIFY_LABELS][CLASSIFIER_PARTS];
};

struct classifier_policy {
    struct classify_own own; /* our own numbers and domains */
    /* Thresholds of the organisation's own; 0: the model's. */
    float review[CLASSIFY_LABELS], likely[CLASSIFY_LABELS];
    bool explain; /* fill `parts` */
};

/* One lexicon file, lent. `name` is the class's, "profanity"; `text` ends with a zero. */
struct classifier_file {
    const char *name;
    const char *text;
};

/* Builds a classifier from a model file's bytes and lexicon files. The model is lent for the
 * classifier's life, the files may go afterwards. Every class needs its file. NULL and a sentence
 * through `say` for each complaint ("profanity.txt:12: weight is 1 to 3"). `model` NULL: a
 * classifier without weights, for training. */
classifier *classifier_new(const uint8_t *model, size_t model_len,
                           const struct classifier_file *files, size_t n_files,
                           void (*say)(void *ctx, const char *line), void *ctx);
/* The same from a sealed lexicon and a model that are part of the program and outlive the
 * classifier: nothing is copied, and the model's check sum is not summed. */
classifier *classifier_new_lent(const uint8_t *model, size_t model_len,
                                const classify_lexicon *lexicon,
                                void (*say)(void *ctx, const char *line), void *ctx);
/* That from the model and lexicons that were built in. */
classifier *classifier_new_embedded(void (*say)(void *ctx, const char *line), void *ctx);
void classifier_free(classifier *c); /* NULL is fine */
void classifier_freep(classifier **c);

/* The built-in lexicons and model, static. *ret_n files. */
const struct classifier_file *classifier_embedded_files(size_t *ret_n);
const uint8_t *classifier_embedded_model(size_t *ret_len);

uint32_t classifier_model_version(const classifier *c);
uint64_t classifier_lexicon_version(const classifier *c);

/* Working space for one judgement at a time, about 1 MB, used again and again. NULL: no memory. */
classifier_room *classifier_room_new(void);
void classifier_room_free(classifier_room *room); /* NULL is fine */
void classifier_room_freep(classifier_room **room);

/* Judges `len` bytes of any kind. `hint` is the platform's word for the language, "sv", "en" or
 * NULL. `policy` may be NULL. The verdict is the caller's; nothing in it points into `text` or
 * `room`. */
void classifier_judge(const classifier *c, classifier_room *room, const char *text, size_t len,
                      const char *hint, const struct classifier_policy *policy,
                      struct classifier_verdict *ret);

/* The words for a reason, "träff: personnummer"; `language` "sv" or "en". Static; the key itself
 * when the catalogue lacks it. *ret_len bytes. */
const char *classifier_reason(const char *key, const char *language, size_t *ret_len);

const char *classifier_band_name(enum classifier_band band);
const char *classifier_duty_name(enum classifier_duty duty);
