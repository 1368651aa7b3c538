/* report.c - `uppsikt report`: how it went, as an auditor asks (R32); what is held of one person
 * (R29). */
#include "ask.h"
#include "report_person.h"
#include "uppsikt/escalation.pb-c.h"
#include "verbs.h"

static const verb_option report_options[] = {
    TEXT("from", "TIME", "from", "the first day, by when things came in"),
    TEXT("to", "TIME", "to", "the last day; else today"),
    TEXT("account", "ACCOUNT", "account", "only this one's"),
};

static const verb_option person_options[] = {
    TEXT("author", "ID", NULL, "who wrote to us: her platform's id of her; -: read from stdin"),
    TEXT("platform", "PLATFORM", NULL, "of --author: facebook, mastodon ..."),
    TEXT("item", "ITEM", NULL, "whoever wrote this"),
    FLAG("content", NULL, "what it says, too; that you looked is noted (--as)"),
};

static const verb_list report = {
    .service = "escalation",
    .query = &uppsikt__report__descriptor,
    .columns =
        "ACCOUNT=account CLOCK=clock IN=n_in MET=met PERCENT=percent 24H=within_24h "
        "ATTENDED=within_attended LATE=late OPEN=open OPEN-LATE=open_late "
        "WITHDRAWN=withdrawn CHANGED=changed MEDIAN=median_minutes P90=p90_minutes NO-DUTY=no_duty "
        "GAP=ingest_gap PLATFORM=platform_unavailable STAFF=staff STEPS=step_reached",
    .none = "nothing came in",
};

static const verb_action actions[] = {
    LIST("", "", "", OPTIONS(report_options), &report),
    RUN("person", "[PERSON]", "all that is held of one person: how much, where, until when",
        OPTIONS(person_options), report_person),
};

const verb_row verb_report = {
    .name = "report",
    .help = "how it went: met in time, late, unanswered, why; and all that is held of one person",
    .actions = actions,
    .n_actions = UPP_LEN(actions),
    .more =
        "The rows without an account are the sum. MEDIAN and P90 are office minutes. STEPS: how\n"
        "many reached step 0, 1, 2, 3, 4 and a repetition at most. CHANGED: decisions that were\n"
        "objected to and decided otherwise. Never by person.\n"
        "report person is about one of staff (PERSON) or about who wrote to us (--author, "
        "--item).\n",
};
