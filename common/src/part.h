/* part.h - one service's work divided by account among several processes (ARCHITECTURE §7, R42).
 *
 * Part 1 of `classify` keeps its name; the others are classify-2, classify-3 ... Each has a store,
 * a log, a key and a socket of its own, and says what it says under its own name. All hear every
 * event; each handles those of its own accounts, and passes the others with its cursor. Who hears
 * the service hears all of its parts. */
#pragma once
#include "upp/service.h"

enum { UPP_PARTS = 8, UPP_PART_NAME = 33, UPP_MANY = 320 };

/* "2/4": part 2 of 4; empty or NULL: the whole, 1 of 1. False: it is neither. */
bool upp_part_read(const char *text, unsigned *ret_part, unsigned *ret_of);
/* The name of a part: "classify", "classify-2". */
void upp_part_name(const char *whole, unsigned part, char ret_name[UPP_PART_NAME]);
/* Is `name` that of `whole`, or of one of its parts? */
bool upp_part_of(const char *whole, const char *name);
/* Which part of `of`, from 1, has this account. A multiple of `of` divides each part further, and
 * moves nothing between those that there are. */
unsigned upp_part_for(const char *account, unsigned of);

/* Is `many` rows "<service>=<2 to UPP_PARTS>" with spaces between, no service twice? NULL: yes. */
bool upp_parts_fit(const char *many);
/* How many processes share the work of `service`, by `many`; 1: it is not named. */
unsigned upp_parts_of(const char *many, const char *service);
/* The service whose part `name` is by `many`, into *ret_whole; `name` itself when it is none. */
void upp_parts_whole(const char *many, const char *name, char ret_whole[UPP_PART_NAME]);

/* The service as the part that `text` says, beside those of `many`. `text` and `many` come from the
 * configuration (may be NULL) and are copied. It points into itself: it is not to be moved. False:
 * `say` has heard why not. */
typedef struct upp_part {
    upp_service service;
    char name[UPP_PART_NAME]; /* what service.name points to */
    char many[UPP_MANY];      /* likewise */
} upp_part;
bool upp_part_take(const upp_service *whole, const char *text, const char *many,
                   void (*say)(const char *line), upp_part *ret_part);
