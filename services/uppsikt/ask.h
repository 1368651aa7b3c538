/* ask.h - talking to the services for a verb, and showing what they say. */
#pragma once
#include "call.h"
#include "home.h"
#include "message_fill.h"
#include "upp/bus.h"
#include <jansson.h>

/* Finds the deployment, once. CALL_DONE, or CALL_CONFIG: stderr has heard why. */
int ask_home(verb_call *call);
/* The client of the call's deployment, opened once. NULL: stderr has heard why (CALL_CONFIG). */
upp_client *ask_client(verb_call *call);

/* One command, for the person of the call. CALL_DONE: *ret_outcome is the caller's (message_free);
 * CALL_WRONG: refused or no answer, said to stderr in words; CALL_CONFIG. */
int ask_command(verb_call *call, const char *service, const ProtobufCMessage *command,
                const ProtobufCMessageDescriptor *outcome, ProtobufCMessage **ret_outcome);
/* One page of a query, or (pages not NULL) all of them, appended to `rows` as JSON. */
int ask_query(verb_call *call, const char *service, ProtobufCMessage *query, const char *pages,
              json_t *rows);
/* ServiceStatus of one service, within `wait_span`. CALL_WRONG and nothing said: no answer, and
 * upp_client_why(call->client) says why. The caller frees. */
int ask_status(verb_call *call, const char *service, upp_ms wait_span, json_t **ret_state);

/* The clock that times are read with; asks the register for suite time when it is needed. */
when_clock ask_clock(verb_call *call);

/* Fills `command` from the call's operands and options, and the ask's preset. CALL_USAGE: said. */
int ask_fill(verb_call *call, const verb_ask *ask, ProtobufCMessage *command);
/* The two things that most actions are. */
int ask_run(verb_call *call, const verb_ask *ask);
int ask_list(verb_call *call, const verb_list *list);

/* What a refusal's key means, in the catalogue of that service or of the runtime; the key itself
 * when nobody has words. */
const char *ask_refusal(const char *service, const char *key, char *ret_text, size_t size);
/* "sv" or "en": the operator's own language, from the environment. */
const char *ask_language(void);

/* -- print.c -- */
void json_freep(json_t **json);
/* One line of compact JSON on stdout. */
void print_json(const json_t *json);
/* Rows as a table, columns as in verb_list. */
void print_table(const verb_home *home, const json_t *rows, const char *columns);
/* What "content.facts.name" leads to; NULL: nothing. */
const json_t *print_path(const json_t *row, const char *path, size_t len);
/* One value for people: nothing that could steer a terminal. */
void print_value(const verb_home *home, const char *name, const json_t *value, char *ret_text,
                 size_t size);
/* As fputs, with control and direction marks made visible. */
void print_safe(const char *text, FILE *out);
