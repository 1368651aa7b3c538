/* duty.c - the duty class of each label (law.md L2, L5; sla.md 3.3), from what was read. */
#include "duty.h"

#define PROTECTED (LEXICON_BIT(group_people) | LEXICON_BIT(hate) | LEXICON_BIT(exile))

static uint64_t classes_of(const struct classify_reading *r)
{
    uint64_t classes = 0;
    for (size_t i = 0; i < r->tokens.n; i++)
        classes |= r->words.classes[i];
    return classes;
}

static bool sees(uint64_t classes, uint64_t wanted)
{
    return (classes & wanted) != 0;
}

/* BBS 5 § 1: a olaga hot, b olaga integritetsintrång, c uppvigling, d hets mot folkgrupp,
 * e barnpornografi, f olaga våldsskildring, g offentlig uppmaning; 5 § 2 copyright. */
static char bbs_letter(enum classify_label label, uint64_t classes)
{
    switch (label) {
    case CLASSIFY_INCITEMENT:
        return sees(classes, LEXICON_BIT(you) | LEXICON_BIT(given_name) | LEXICON_BIT(role)) ? 'a'
                                                                                             : 'c';
    case CLASSIFY_HATE:
        return sees(classes, PROTECTED) ? 'd' : 0;
    case CLASSIFY_VIOLENCE_PORN:
        if (sees(classes, LEXICON_BIT(sex)) && sees(classes, LEXICON_BIT(child_harm)))
            return 'e';
        return sees(classes, LEXICON_BIT(gore)) ? 'f' : 0;
    case CLASSIFY_COPYRIGHT:
        return '2';
    case CLASSIFY_PERSONAL_DATA:
        return sees(classes, LEXICON_BIT(sex)) ? 'b' : 0;
    case CLASSIFY_QUESTION:
    case CLASSIFY_PROFANITY:
    case CLASSIFY_ATTACK:
    case CLASSIFY_POLITICAL:
    case CLASSIFY_ADVERTISING:
    case CLASSIFY_CONFIDENTIAL:
    case CLASSIFY_LABELS:
        break;
    }
    return 0;
}

static enum classifier_duty duty_of(enum classify_label label, char bbs)
{
    if (bbs != 0)
        return CLASSIFIER_DUTY_BBS;
    switch (label) {
    case CLASSIFY_QUESTION:
        return CLASSIFIER_DUTY_NONE;
    case CLASSIFY_PERSONAL_DATA:
        return CLASSIFIER_DUTY_GDPR;
    case CLASSIFY_CONFIDENTIAL:
        return CLASSIFIER_DUTY_SECRECY;
    case CLASSIFY_VIOLENCE_PORN:
    case CLASSIFY_COPYRIGHT:
    case CLASSIFY_PROFANITY:
    case CLASSIFY_ATTACK:
    case CLASSIFY_HATE:
    case CLASSIFY_INCITEMENT:
    case CLASSIFY_POLITICAL:
    case CLASSIFY_ADVERTISING:
    case CLASSIFY_LABELS:
        break;
    }
    return CLASSIFIER_DUTY_HOUSE_RULE;
}

void duty_decide(const struct classify_reading *reading, struct classifier_verdict *verdict)
{
    const uint64_t classes = classes_of(reading);
    verdict->urgent = false;
    for (unsigned l = 0; l < CLASSIFY_LABELS; l++) {
        const enum classify_label label = (enum classify_label)l;
        verdict->duty[l] = CLASSIFIER_DUTY_NONE;
        verdict->bbs[l] = 0;
        if (verdict->band[l] == CLASSIFIER_NONE)
            continue;
        verdict->bbs[l] = bbs_letter(label, classes);
        verdict->duty[l] = (uint8_t)duty_of(label, verdict->bbs[l]);
        if (verdict->band[l] == CLASSIFIER_LIKELY && (verdict->duty[l] == CLASSIFIER_DUTY_BBS ||
                                                      verdict->duty[l] == CLASSIFIER_DUTY_SECRECY))
            verdict->urgent = true;
    }
    verdict->signals = 0;
    if (sees(classes, LEXICON_BIT(suicide) | LEXICON_BIT(child_harm)) &&
        !(reading->cues & CONTEXT_BIT(hit_quoted)))
        verdict->signals |= CLASSIFIER_SIGNAL_DANGER;
    if (sees(classes, LEXICON_BIT(records)) && verdict->band[CLASSIFY_QUESTION] != CLASSIFIER_NONE)
        verdict->signals |= CLASSIFIER_SIGNAL_RECORDS;
}
