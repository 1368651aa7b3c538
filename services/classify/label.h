/* label.h - the eleven labels of a comment, in the fixed order of the labelling rules. */
#pragma once
#include "upp/base.h"

enum classify_label {
    CLASSIFY_QUESTION,
    CLASSIFY_VIOLENCE_PORN,
    CLASSIFY_COPYRIGHT,
    CLASSIFY_PROFANITY,
    CLASSIFY_ATTACK,
    CLASSIFY_HATE,
    CLASSIFY_INCITEMENT,
    CLASSIFY_POLITICAL,
    CLASSIFY_ADVERTISING,
    CLASSIFY_PERSONAL_DATA,
    CLASSIFY_CONFIDENTIAL,
    CLASSIFY_LABELS /* how many */
};

/* The label's name in files and messages, "personal_data" say. Static. */
const char *classify_label_name(enum classify_label label);

/* 0, or UPP_E_INPUT when no label is called so. `name` is `len` bytes, not ended. */
UPP_MUST_USE int classify_label_parse(const char *name, size_t len, enum classify_label *ret_label);

#define CLASSIFY_BIT(label) (1u << (unsigned)(label))
/* All labels but question: what the rules call unsuitable. */
#define CLASSIFY_VIOLATIONS (((1u << CLASSIFY_LABELS) - 1u) & ~CLASSIFY_BIT(CLASSIFY_QUESTION))

/* Reads a corpus file's label column, "ok,question" or "profanity,attack", `len` bytes. The labels
 * come in the fixed order, none twice; "ok" stands exactly when there is no violation. 0, or
 * UPP_E_INPUT with *ret_why a static English sentence. */
UPP_MUST_USE int classify_labels_parse(const char *text, size_t len, unsigned *ret_labels,
                                       const char **ret_why);
