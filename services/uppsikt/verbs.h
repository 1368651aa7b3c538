/* verbs.h - every verb's row, and the table of them: a new verb is a file and a row here and in
 * verbs.c. */
#pragma once
#include "call.h"

extern const verb_row verb_up, verb_status, verb_tail, verb_import, verb_account, verb_person,
    verb_absence, verb_policy, verb_matter, verb_action_row, verb_hold_actions, verb_park,
    verb_keys, verb_verify, verb_doctor, verb_request, verb_archive, verb_feed, verb_evidence,
    verb_hold, verb_dispose, verb_backup, verb_restore, verb_replay, verb_clock_row, verb_report,
    verb_partition, verb_classify_row;

extern const verb_row verb_rules; /* of `uppsikt classify`, too */

/* Reads and carries out a verb with actions; argv[0] is the first word after the verb's own. Gives
 * the exit code. */
int verb_run(const verb_row *verb, int argc, char **argv);

extern const verb_row *const verbs[];
extern const size_t n_verbs;
