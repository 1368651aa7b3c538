/* doctor.h - what crosses the files of `uppsikt doctor`. */
#pragma once
#include "call.h"
#include <jansson.h>

typedef struct doctor {
    verb_call *call;
    json_t *rows;  /* {check, good, what, cure} */
    int64_t speed; /* of the data */
} doctor;

/* One finding; `cure` NULL: it is good. */
void doctor_say(doctor *d, const char *check, const char *what, const char *cure);
UPP_PRINTF(4, 5)
void doctor_sayf(doctor *d, const char *check, const char *cure, const char *fmt, ...);

/* -- doctor_files.c: what can be seen without asking anybody -- */
void doctor_files(doctor *d);
