/* organisation.h - an organisation as one YAML file: lists `authorities`, `units`, `persons`,
 * `accounts`, `absences`, `retention`, whose rows have the fields of the commands that register
 * them (proto/uppsikt/registry.proto); `id` is the row's own, `access` an account's persons, first
 * asked first, `leaves` when a person does. */
#pragma once
#include "call.h"
#include "when.h"

/* One command of the file, in the order in which they must be sent. */
typedef struct organisation_step {
    const char *what; /* "unit", for people; static */
    const ProtobufCMessageDescriptor *outcome;
    ProtobufCMessage *command; /* owned */
    size_t line, column;       /* from 1 */
} organisation_step;

typedef struct organisation {
    organisation_step *steps;
    size_t n;
    char operations[64]; /* the first person with that role: in her name the rest is done, when
                            nobody else is named; empty: there is none */
    size_t founded;      /* the step after which she is registered */
} organisation;

/* Reads `path`. False: `say` has heard every complaint as <file>:<line>:<column>. The caller ends a
 * good one with organisation_done. */
bool organisation_read(const char *path, const when_clock *clock, void (*say)(const char *line),
                       organisation *ret_organisation);
void organisation_done(organisation *o);
