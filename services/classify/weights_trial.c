/* weights_trial.c - what no model may miss, tried on sentences made for it: invented persons with
 * right check digits, and plain thanks and remarks. It says nothing of how good a model is
 * (figures.h does); it keeps out one that is broken in a way that a check sum does not see. */
#include "weights.h"
#include <string.h>

static const char *const numbers[] = {
    "Mitt personnummer är 19481203-9800, var är mitt ärende?",
    "hon heter Anna och har 850714-9808 i sitt pass",
    "Pappas nummer 121212+9801",
    "0402299804",
    "ring om 990101-9803 snarast",
    "My number is 19731164-9805, please look it up",
    "5 9 0 8 2 3 9 8 0 8",
    "Eleven 20040229-9804 saknar plats",
};
static const char *const fine[] = {
    "Tack för en fin dag i parken!",
    "Vad roligt att biblioteket har fått nya böcker.",
    "Lekplatsen vid skolan blev riktigt bra.",
    "Det snöade hela natten i stan.",
    "Vi åkte skidor i spåret i morse.",
    "Grattis till er på förskolan!",
    "Bussen gick i tid i dag.",
    "The new path by the lake is lovely.",
};

static unsigned seen(const classifier *c, classifier_room *room, const char *text)
{
    struct classifier_verdict v;
    classifier_judge(c, room, text, strlen(text), NULL, NULL, &v);
    return v.labels;
}

const char *weights_flaw(const classifier *c, classifier_room *room)
{
    size_t alarms = 0;
    for (size_t i = 0; i < UPP_LEN(numbers); i++) {
        if ((seen(c, room, numbers[i]) & CLASSIFY_BIT(CLASSIFY_PERSONAL_DATA)) == 0)
            return "weights-miss-numbers";
    }
    for (size_t i = 0; i < UPP_LEN(fine); i++)
        alarms += (seen(c, room, fine[i]) & CLASSIFY_VIOLATIONS) != 0;
    return 2 * alarms > UPP_LEN(fine) ? "weights-see-all" : NULL;
}
