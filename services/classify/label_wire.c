/* label_wire.c - our labels and the wire's, by a table. */
#include "label_wire.h"

Uppsikt__Label label_on_wire(enum classify_label label)
{
    // clang-format off
    static const Uppsikt__Label wire[CLASSIFY_LABELS] = {
        [CLASSIFY_QUESTION]      = UPPSIKT__LABEL__LABEL_QUESTION,
        [CLASSIFY_VIOLENCE_PORN] = UPPSIKT__LABEL__LABEL_VIOLENCE_PORN,
        [CLASSIFY_COPYRIGHT]     = UPPSIKT__LABEL__LABEL_COPYRIGHT,
        [CLASSIFY_PROFANITY]     = UPPSIKT__LABEL__LABEL_PROFANITY,
        [CLASSIFY_ATTACK]        = UPPSIKT__LABEL__LABEL_ATTACK,
        [CLASSIFY_HATE]          = UPPSIKT__LABEL__LABEL_HATE,
        [CLASSIFY_INCITEMENT]    = UPPSIKT__LABEL__LABEL_INCITEMENT,
        [CLASSIFY_POLITICAL]     = UPPSIKT__LABEL__LABEL_POLITICAL,
        [CLASSIFY_ADVERTISING]   = UPPSIKT__LABEL__LABEL_ADVERTISING,
        [CLASSIFY_PERSONAL_DATA] = UPPSIKT__LABEL__LABEL_PERSONAL_DATA,
        [CLASSIFY_CONFIDENTIAL]  = UPPSIKT__LABEL__LABEL_CONFIDENTIAL,
    };
    // clang-format on
    upp_check(label < CLASSIFY_LABELS);
    return wire[label];
}
