/* policy_show.c - `uppsikt policy show` and `list`: the policy in force, the body's or an
 * authority's own; which one holds where. */
#include "policy_log.h"
#include "when.h"
#include <string.h>

extern const char uppsikt_policy_yaml[];

/* That it was adopted is the register's word; that it counts is escalation's. */
static void say_counted(int64_t version, const json_t *counted, const char *authority)
{
    const int64_t clocks = policy_log_clocks(counted, authority);
    if (!counted)
        puts("# whether the clocks run on it escalation does not say now");
    else if (clocks == version)
        puts("# the clocks run on it");
    else
        printf(
            "# the clocks run on version %lld still: escalation has not heard of it yet, or has\n"
            "# set it aside (uppsikt park list), or did not listen then: adopt it once more\n",
            (long long)clocks);
}

static void say_coming(verb_call *call, const json_t *one)
{
    char when[WHEN_TEXT];
    const long long version = (long long)policy_log_number(one, "version");
    when_text(call->home->tz, policy_log_number(one, "valid_from_ms"), when);
    if (policy_log_text(one, "yaml")[0])
        printf("# version %lld is adopted from %s\n", version, when);
    else
        printf("# by version %lld it goes by the body's again from %s\n", version, when);
}

static void say_policy(verb_call *call, const policy_log *log, const json_t *one,
                       const char *authority)
{
    char when[WHEN_TEXT];
    const char *whose = policy_log_text(one, "authority");
    if (!one) {
        puts("# nothing is adopted: these are the numbers of the rules, built in; a file that\n"
             "# escalation's option `policy` names counts in their place until something is");
        return;
    }
    when_text(call->home->tz, policy_log_number(one, "valid_from_ms"), when);
    printf("# version %lld, decision ", (long long)policy_log_number(one, "version"));
    print_safe(policy_log_text(one, "decision"), stdout);
    printf(", from %s\n", when);
    if (whose[0])
        printf("# of %s alone\n", whose);
    if (log->asked) {
        if (!policy_log_text(one, "yaml")[0])
            puts("# it goes by the body's again");
        return;
    }
    UPP_AUTO(json_freep) json_t *counted = policy_log_counted(call);
    say_counted(policy_log_number(one, "version"), counted, authority);
}

int policy_show(verb_call *call)
{
    UPP_AUTO(policy_log_done) policy_log log = { 0 };
    const char *authority = call_text(call, "authority");
    const int rc = policy_log_read(call, call_count(call, "version", 0), &log);
    if (rc != CALL_DONE)
        return rc;
    authority = authority ? authority : "";
    const json_t *one = log.asked ? log.asked : policy_log_of(&log, authority);
    if (call->json) {
        UPP_AUTO(json_freep)
        json_t *built_in = json_pack("{s:i, s:s}", "version", 0, "yaml", uppsikt_policy_yaml);
        print_json(one ? one : built_in);
        return CALL_DONE;
    }
    if (!log.asked && authority[0] && !json_object_get(log.in_force, authority)) {
        fputs("# ", stdout);
        print_safe(authority, stdout);
        puts(" has none of its own: it goes by the body's");
    }
    say_policy(call, &log, one, authority);
    if (!log.asked && json_object_get(log.coming, authority))
        say_coming(call, json_object_get(log.coming, authority));
    print_safe(one ? policy_log_text(one, "yaml") : uppsikt_policy_yaml, stdout);
    return CALL_DONE;
}

/* -- which one holds where -- */
static void add_row(json_t *rows, const json_t *one, const json_t *counted, bool coming)
{
    const char *authority = policy_log_text(one, "authority");
    const char *state = coming     ? "coming"
                        : !counted ? "unknown"
                        : policy_log_clocks(counted, authority) == policy_log_number(one, "version")
                            ? "counts"
                            : "not yet";
    json_array_append_new(rows,
                          json_pack("{s:s, s:I, s:s, s:I, s:b, s:s}", "authority", authority,
                                    "version", (json_int_t)policy_log_number(one, "version"),
                                    "decision", policy_log_text(one, "decision"), "valid_from_ms",
                                    (json_int_t)policy_log_number(one, "valid_from_ms"), "as_body",
                                    policy_log_text(one, "yaml")[0] == '\0', "state", state));
}

static void add_rows(json_t *rows, json_t *log, const json_t *counted, bool coming)
{
    const char *authority = NULL;
    json_t *one = NULL;
    json_object_foreach(log, authority, one) add_row(rows, one, counted, coming);
}

int policy_list(verb_call *call)
{
    UPP_AUTO(policy_log_done) policy_log log = { 0 };
    UPP_AUTO(json_freep) json_t *rows = json_array();
    const int rc = policy_log_read(call, 0, &log);
    if (rc != CALL_DONE)
        return rc;
    UPP_AUTO(json_freep) json_t *counted = policy_log_counted(call);
    add_rows(rows, log.in_force, counted, false);
    add_rows(rows, log.coming, counted, true);
    if (call->json) {
        for (size_t i = 0; i < json_array_size(rows); i++)
            print_json(json_array_get(rows, i));
        return CALL_DONE;
    }
    if (json_array_size(rows) == 0)
        puts("nothing is adopted: the numbers of the rules hold, built in, or those of a file");
    else
        print_table(call->home, rows,
                    "AUTHORITY=authority VERSION=version DECISION=decision FROM=valid_from_ms "
                    "CLOCKS=state AS-BODY=as_body");
    return CALL_DONE;
}
