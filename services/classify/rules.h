/* rules.h - the rule set in force: the built-in lists and model, and the lists and weights that a
 * person has adopted in their place (R18, R25). */
#pragma once
#include "classifier.h"
#include "upp/service.h"

typedef struct rules rules;

enum { RULES_VERSION = 24 };

/* The built-in set. NULL: it cannot be used, `say` has heard why. */
rules *rules_new(void (*say)(const char *line));
void rules_free(rules *r); /* NULL is fine */

/* The classifier of the set that this database says is in force, lent until the next call. It is
 * built anew when another set was adopted since; so no restart is needed. UPP_E_BUSY: out of
 * memory; UPP_E_INPUT: adopted lists or weights that this version of the program cannot read. */
UPP_MUST_USE int rules_in_force(upp_txn *txn, rules *r, const classifier **ret_classifier);
/* The versions of the set last asked for. */
const char *rules_lexicons(const rules *r);
const char *rules_model(const rules *r);

/* AdoptRuleSet: refuses lists or weights that cannot be read, and weights that are worse; those who
 * ask have the line of each mistake from `uppsikt classify --adopt`, which tries them first. The
 * set in force notices by itself, when it judges next. */
UPP_MUST_USE int rules_adopt(upp_txn *txn, const upp_input *in, const void *msg);
/* A model file that nobody has adopted goes. */
UPP_MUST_USE int rules_alarm(upp_txn *txn, const char *key);
