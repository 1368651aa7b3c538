/* dossier.h - all that a record says, and the files that say it (capture.md §2). Pure: the same
 * dossier gives the same bytes, at each attempt and in each life of the process. */
#pragma once
#include "upp/base.h"
#include "uppsikt/comment.pb-c.h"
#include "uppsikt/evidence.pb-c.h"
#include "zone.h"

#define DOSSIER_MANIFEST "manifest-sha256.txt"
enum { DOSSIER_HEX = 65, DOSSIER_CONTEXT = 12 };

/* Somebody's words around the comment: the thread's top, what it answers, our answer. */
typedef struct dossier_words {
    const char *item, *role; /* post, ancestor, answer */
    upp_ms at;
    const Uppsikt__CommentReceivedContent *said; /* NULL: disposed of since, or never heard */
} dossier_words;

typedef struct dossier_attempt {
    upp_ms at;
    const char *answer;
} dossier_attempt;
typedef struct dossier_media {
    uint32_t number;   /* its place among the attachments, from 1 */
    const char *state; /* waits kept gone refused withheld */
    const dossier_attempt *attempts;
    size_t n_attempts;
} dossier_media;

/* A decision, as far as one had been made when the record was written. */
typedef struct dossier_decision {
    const char *decision, *action, *reason, *plan_row, *law, *by, *name, *title, *second;
    upp_ms at;
} dossier_decision;

typedef struct dossier {
    const char *record, *item, *account, *account_name, *platform, *lang;
    const char *status; /* api-only ok withheld */
    uint32_t version;
    Uppsikt__SealLevel level;
    upp_ms received, seen, captured, due; /* 0: none */
    const Uppsikt__CommentReceivedContent *said;
    const dossier_words *context;
    size_t n_context;
    const dossier_media *media;
    size_t n_media;
    const Uppsikt__GatheredFile *const *gathered; /* lie in the folder already */
    size_t n_gathered;
    const char *pictures; /* for the page: what stands before a picture's number; NULL: "media/" */
    const dossier_decision *decision;         /* NULL: none yet */
    const char *row, *row_decision, *mandate; /* retention; "": no row is known */
    const zone *tz;                           /* of people; NULL: UTC */
} dossier;

typedef struct dossier_file {
    char path[64];
    uint8_t *bytes; /* NULL: it lies in the folder already */
    size_t len;
    char sha256[DOSSIER_HEX];
} dossier_file;
typedef struct dossier_files {
    dossier_file *rows; /* in byte order of path; record.json among them */
    size_t n;
} dossier_files;

/* All files but the manifest; the caller ends it with dossier_files_done. */
void dossier_make(const dossier *d, dossier_files *ret_files);
void dossier_files_done(dossier_files *files);
/* The manifest's bytes, in sha256sum's form; from malloc. */
char *dossier_manifest(const dossier_files *files);

/* -- writing in parts: an ask holds at most so many bytes -- */
enum { DOSSIER_PART = 44 * 1024, DOSSIER_PIECES = 64 };
typedef struct dossier_piece {
    const dossier_file *file;
    size_t offset, len;
} dossier_piece;
/* The pieces of part `part` (from 0) and whether it is the last; 0: there is no such part. */
size_t dossier_part(const dossier_files *files, size_t part,
                    dossier_piece ret_pieces[DOSSIER_PIECES], bool *ret_last);
