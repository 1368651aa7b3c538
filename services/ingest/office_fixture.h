/* office_fixture.h - for this service's tests: ingest alone under the simulator's clock, joined
 * to a page of the fake Facebook; register, people's decisions and evidence are the world's. */
#pragma once
#include "facebook_fake.h"
#include "ingest.h"
#include "sim.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

typedef struct office {
    sim *s;
    ingest_config config;
    fakebook *page;
    const char *post;  /* on the page */
    const char *token; /* that the connector has */
    Uppsikt__PlatformAnswered answer;
    Uppsikt__HttpHeader usage, *headers[1];
    char *body, usage_text[200], id[UPP_ID];
    int decisions;
} office;

/* Account "acc" on Facebook is connected; "anna" (Anna Ek, kommunikatör) is registered, "bo" has
 * left. */
int office_set_up(void **state);
int office_tear_down(void **state); /* settles, and checks the invariants */
#define OFFICE(test) cmocka_unit_test_setup_teardown(test, office_set_up, office_tear_down)
/* What the port `platform` does, against the fake: for sim_port, `ctx` an office. */
void office_call(void *ctx, sim *s, const sim_attempt *attempt, sim_reply *reply);

/* A citizen's comment, and our item of it, when it has been seen. */
const char *office_comment(office *o, const char *text, char ret_item[UPP_ID]);
/* The subject of the last event of that type. */
void office_item(office *o, const char *type, char ret_item[UPP_ID]);
/* Says the decision; its id. */
const char *office_decide(office *o, const char *item, uint32_t version, Uppsikt__ItemAction what,
                          const char *plan_row);
/* `level` 1 RAW, 2 WHOLE. */
void office_seal(office *o, const char *item, uint32_t version, int level);
/* "": done; else the refusal's key. */
const char *office_do(office *o, const char *by, const ProtobufCMessage *command);
const char *office_reply(office *o, const char *item, const char *text);
void office_hold(office *o, bool hold);

size_t office_said(office *o, const char *type); /* how many events of that type */
int64_t office_number(office *o, const char *sql);
/* The columns of WaitingActions' first row: "state missing why"; "" when none waits. */
const char *office_waits(office *o);
/* How often that was done on the page, with effect. */
size_t office_effects(const office *o, const char *what);
