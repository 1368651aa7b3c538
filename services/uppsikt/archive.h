/* archive.h - what the files of `uppsikt archive` share. */
#pragma once
#include "ask.h"
#include "uppsikt/archive.pb-c.h"

/* The row of one run. CALL_WRONG: there is none, said. The caller frees *ret_row. */
int archive_row(verb_call *call, const char *run, json_t **ret_row);
/* A field of a row as text; "" when it is not there. */
const char *archive_text(const json_t *row, const char *name);
/* Shows how a run goes on, on stderr, until it waits for nobody but people: sealed, manual,
 * failed. CALL_DONE: sealed. */
int archive_follow(verb_call *call, const char *run, json_t **ret_row);

int archive_check(verb_call *call);
int archive_export(verb_call *call);
int archive_hand_in(verb_call *call);
/* Checks the package at `folder`, all complaints to stderr. False: something is wrong. */
bool archive_sound(const char *folder, const char *schemas, json_t *result);
