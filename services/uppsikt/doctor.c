/* doctor.c - `uppsikt doctor`: what is not as it should be, each with its cure. */
#include "doctor.h"
#include "ask.h"
#include "capture_program.h"
#include "status.h"
#include "suite_clock.h"
#include "uppsikt/ingest.pb-c.h"
#include "verbs.h"
#include <stdarg.h>
#include <string.h>

void doctor_say(doctor *d, const char *check, const char *what, const char *cure)
{
    json_array_append_new(d->rows, json_pack("{s:s, s:b, s:s, s:s}", "check", check, "good",
                                             cure == NULL, "what", what, "cure", cure ? cure : ""));
}

void doctor_sayf(doctor *d, const char *check, const char *cure, const char *fmt, ...)
{
    char what[PATH_MAX + 300];
    va_list args;
    va_start(args, fmt);
    vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    doctor_say(d, check, what, cure);
}

/* -- what the services say of themselves -- */
static void check_sources(doctor *d, const char *service, const json_t *state)
{
    size_t i = 0;
    json_t *source = NULL;
    json_array_foreach(json_object_get(state, "sources"), i, source)
    {
        const char *name = json_string_value(json_object_get(source, "source"));
        const json_int_t head = json_integer_value(json_object_get(source, "head"));
        const json_int_t cursor = json_integer_value(json_object_get(source, "cursor"));
        if (json_is_true(json_object_get(source, "forked")))
            doctor_sayf(d, "sources",
                        "its past was changed, as by a restore: people decide what "
                        "holds; uppsikt verify tells which log is whole",
                        "%s stands still: the log of %s has forked", service, name);
        else if (status_unheard(d->call->home, source))
            doctor_sayf(d, "sources", "start it, or give its events in rights.yaml",
                        "%s does not hear %s", service, name);
        else if (head > cursor)
            doctor_sayf(d, "sources", "wait; when it does not shrink, see the service's log",
                        "%s is %lld events behind %s", service, (long long)(head - cursor), name);
    }
}

static void check_state(doctor *d, const char *service, const json_t *state)
{
    const json_int_t parked = json_integer_value(json_object_get(state, "parked"));
    const json_int_t dead = json_integer_value(json_object_get(state, "dead_letters"));
    const upp_ms now = json_integer_value(json_object_get(state, "now_ms"));
    if (parked > 0)
        doctor_sayf(d, "parked", "uppsikt park list, then uppsikt park again",
                    "%s has set %lld inputs aside", service, (long long)parked);
    if (dead > 0)
        doctor_sayf(d, "parked", "uppsikt park list tells why, uppsikt park again tries it",
                    "%s has given up %lld asks", service, (long long)dead);
    if (json_is_true(json_object_get(state, "disk_low")))
        doctor_sayf(d, "disk", "make room: it accepts nothing until then", "%s has too little disk",
                    service);
    if (d->speed == 1 && (now - upp_real_now() > 2 * UPP_SECOND ||
                          upp_real_now() - now > 2 * UPP_SECOND + d->call->wait_span))
        doctor_sayf(d, "clock", "set the machine's clock (NTP)",
                    "%s has another time than this machine", service);
    check_sources(d, service, state);
}

static void check_services(doctor *d)
{
    size_t reached = 0;
    size_t configured = 0;
    for (size_t i = 0; i < d->call->home->n_services; i++) {
        if (!home_has(d->call->home, d->call->home->services[i]))
            continue;
        configured++;
        UPP_AUTO(json_freep)
        json_t *state = status_of(d->call, d->call->home->services[i], 2 * UPP_SECOND);
        const json_t *down = json_object_get(state, "down");
        if (down) {
            doctor_sayf(d, "services", "start it: uppsikt up, or systemctl start",
                        "%s does not answer: %s", d->call->home->services[i],
                        json_string_value(down));
            continue;
        }
        reached++;
        check_state(d, d->call->home->services[i], state);
    }
    if (configured == 0)
        doctor_sayf(d, "services", "uppsikt up makes configurations",
                    "no service is configured in %s", d->call->home->config);
    else if (reached == configured)
        doctor_sayf(d, "services", NULL, "%zu services answer", reached);
}

static void check_browser(doctor *d)
{
    size_t i = 0;
    json_t *row = NULL;
    UPP_AUTO(json_freep) json_t *state = capture_program_state(d->call, 2 * UPP_SECOND);
    const char *down = json_string_value(json_object_get(state, "down"));
    if (!state)
        return;
    if (down) {
        doctor_sayf(d, "browser", "start it: uppsikt up, or systemctl start",
                    "uppsikt-capture does not answer: %s", down);
        return;
    }
    json_array_foreach(json_object_get(state, "reasons"), i, row)
    {
        const char *what = json_string_value(json_object_get(row, "what"));
        doctor_sayf(d, "browser", capture_program_cure(what ? what : ""),
                    "no page can be captured: %s", what ? what : "it does not say why");
    }
    if (i == 0)
        doctor_sayf(d, "browser", NULL, "uppsikt-capture answers, and its browser can be started");
    json_array_foreach(json_object_get(state, "notes"), i, row)
    {
        const char *what = json_string_value(json_object_get(row, "what"));
        if (what && strcmp(what, "without_sandbox") == 0)
            doctor_say(d, "browser", "the browser runs without its sandbox",
                       "allow user namespaces or install chromium-sandbox, then take `sandbox: no` "
                       "out of its configuration");
    }
}

static void check_account(doctor *d, const json_t *row)
{
    const char *account = json_string_value(json_object_get(row, "account"));
    const json_t *health = json_object_get(row, "health");
    const char *state = json_string_value(json_object_get(health, "state"));
    const upp_ms expires = json_integer_value(json_object_get(health, "token_expires_ms"));
    if (json_integer_value(json_object_get(health, "blind_since_ms")) > 0)
        doctor_sayf(d, "accounts",
                    state && strcmp(state, "STATE_AUTH_REQUIRED") == 0
                        ? "connect it anew with a fresh token: uppsikt account connect"
                        : "see uppsikt account connections and the log of ingest",
                    "%s is blind: nothing is seen there", account);
    if (expires > 0 && expires - upp_real_now() < 14 * UPP_DAY)
        doctor_sayf(d, "accounts", "fetch a new token and connect it anew",
                    "the token of %s ends within 14 days", account);
}

static void check_accounts(doctor *d)
{
    size_t i = 0;
    json_t *row = NULL;
    UPP_AUTO(json_freep) json_t *rows = json_array();
    ProtobufCMessage *query = message_new(&uppsikt__connections__descriptor);
    const int rc = ask_query(d->call, "ingest", query, "after=account", rows);
    message_free(query);
    if (rc != CALL_DONE) {
        doctor_say(d, "accounts", "ingest cannot be asked which accounts it sees",
                   "see the services above");
        return;
    }
    json_array_foreach(rows, i, row)
    {
        check_account(d, row);
    }
    doctor_sayf(d, "accounts", NULL, "%zu connected accounts looked at", json_array_size(rows));
}

/* -- the report -- */
static int report(const doctor *d)
{
    size_t i = 0;
    size_t bad = 0;
    json_t *row = NULL;
    json_array_foreach(d->rows, i, row)
    {
        bad += json_is_false(json_object_get(row, "good"));
    }
    if (d->call->json) {
        print_json(d->rows);
        return bad ? CALL_WRONG : CALL_DONE;
    }
    json_array_foreach(d->rows, i, row)
    {
        const bool good = json_is_true(json_object_get(row, "good"));
        printf("%-4s %-9s ", good ? "ok" : "BAD", json_string_value(json_object_get(row, "check")));
        print_safe(json_string_value(json_object_get(row, "what")), stdout);
        putchar('\n');
        if (!good)
            printf("               cure: %s\n", json_string_value(json_object_get(row, "cure")));
    }
    if (bad)
        printf("%zu problems\n", bad);
    else
        puts("all is well");
    return bad ? CALL_WRONG : CALL_DONE;
}

static int run(verb_call *call)
{
    doctor d = { .call = call, .rows = json_array(), .speed = 1 };
    const int rc = ask_home(call);
    if (rc == CALL_DONE) {
        doctor_files(&d);
        if (ask_client(call)) {
            check_services(&d);
            check_browser(&d);
            if (home_has(call->home, "ingest"))
                check_accounts(&d);
        } else {
            doctor_say(&d, "services", "no service can be asked without our own key",
                       "uppsikt keys init, or run this as the user that has the key");
        }
    }
    const int code = rc == CALL_DONE ? report(&d) : rc;
    json_decref(d.rows);
    return code;
}

static const verb_action actions[] = {
    RUN("", "", "", NO_OPTIONS, run),
};

const verb_row verb_doctor = {
    .name = "doctor",
    .help = "what is not as it should be, each with its cure",
    .actions = actions,
    .n_actions = UPP_LEN(actions),
    .more =
        "Looks at folders, keys, rights, configurations, disk, services, sources, what was set\n"
        "aside, connected accounts and clocks. exit 1 when there is a problem.\n",
};
