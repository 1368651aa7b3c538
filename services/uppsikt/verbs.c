/* verbs.c - the table of verbs, in the order of --help. */
#include "verbs.h"

const verb_row verb_clock_row = {
    .name = "clock",
    .help = "when something is due, as the services count it",
    .own = verb_clock,
};
const verb_row verb_classify_row = {
    .name = "classify",
    .help = "what the classifier says about a text",
    .own = verb_classify,
};

const verb_row *const verbs[] = {
    &verb_up,        &verb_status,     &verb_doctor,       &verb_tail,    &verb_import,
    &verb_matter,    &verb_action_row, &verb_hold_actions, &verb_account, &verb_person,
    &verb_absence,   &verb_policy,     &verb_request,      &verb_archive, &verb_feed,
    &verb_evidence,  &verb_hold,       &verb_dispose,      &verb_park,    &verb_verify,
    &verb_keys,      &verb_backup,     &verb_restore,      &verb_replay,  &verb_report,
    &verb_partition, &verb_clock_row,  &verb_classify_row, &verb_rules,
};
const size_t n_verbs = UPP_LEN(verbs);
