/* place.h - a deployment in a short temporary folder: keys, rights, the toys as real processes. */
#pragma once
#include "upp/bus.h"
#include <sys/types.h>

typedef struct place {
    char folder[64];
    char keys[80], run[80];
    upp_client *client; /* the console's */
    pid_t ingest, escalation;
} place;

/* How long anything may take before the test fails. */
enum { PATIENCE = 20 * 1000 };

void place_make(place *p);
void place_clear(place *p); /* ends what runs, takes the folder away */
void place_rights(const place *p, const char *rows);
void place_key(const place *p, const char *peer);
void place_path(const place *p, const char *file, char ret_path[200]);

/* Starts "ingest" or "escalation" and waits until it answers. */
void place_start(place *p, const char *toy);
/* Starts it with one more word on its command line and gives its exit code. */
int place_run(const place *p, const char *toy, const char *word);
/* Sends the signal and waits for the end; gives the exit code, or 128 + the signal. */
int place_end(place *p, const char *toy, int signal);
void place_signal(const place *p, const char *toy, int signal);

/* Says `n` comments named after `words`, each text `length` letters; gives the outcome's code. */
int place_say(place *p, const char *words, int64_t n, size_t length);
/* The head of a service's log, and how many inputs it has set aside. */
int64_t place_head(place *p, const char *service, int64_t *ret_parked);
