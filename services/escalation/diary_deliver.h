/* diary_deliver.h - one attempt to lay a package where the diary takes in, by each way. All block:
 * for the port's worker. A second attempt with the same name and salt has no further effect. */
#pragma once
#include "diary.h"
#include <stdatomic.h>

typedef struct diary_parcel {
    const diary_config *config;
    const char *name; /* the package's; the file is <name>.zip */
    upp_bytes zip;
    upp_bytes salt;          /* which is in no other package */
    upp_ms now;              /* real time, of a signature */
    const atomic_bool *stop; /* true: the process wants to end; the attempt breaks off */
} diary_parcel;

/* `words`: for the log, static or in `room`; "" when it went well. `key`: of the catalogue, of what
 * no further attempt can mend. */
typedef struct diary_result {
    enum { DIARY_DELIVERED, DIARY_LATER, DIARY_NEVER } fate;
    const char *key, *words;
    char room[160];
    upp_ms after_span;         /* of DIARY_LATER: the receiver has asked for so much time */
    char number[DIARY_NUMBER]; /* "": none came back */
    bool found;                /* DIARY_DELIVERED, by an attempt before: what lies there is */
    uint8_t sha256[32];        /* this */
    size_t bytes;
} diary_result;

/* Under a temporary name, synced, then renamed; a file of that name that is another's stays. A
 * folder that others may enter gets nothing. */
void diary_to_folder(const diary_parcel *p, diary_result *ret_result);
/* The same over SFTP. */
void diary_to_sftp(const diary_parcel *p, diary_result *ret_result);
/* A file of the package's name lies there already, with these bytes: is it an earlier attempt's? It
 * is when it is whole and holds our salt, even if the register or a text has changed since. */
void diary_found(const diary_parcel *p, upp_bytes file, diary_result *ret_result);
enum {
    DIARY_FOUND_MOST = 64 * 1024 * 1024
}; /* so much of it is read; what is longer is another's */
/* The mode of its file: its owner's alone, or its group's too (diary_group). */
unsigned diary_mode(const diary_config *config);
/* POST, signed; webhook-id is the package's name (standardwebhooks.com, 1.0). */
void diary_to_webhook(const diary_parcel *p, diary_result *ret_result);

/* The number in a webhook's answer, {"diary_number": "KS 2026/00123"}; false: there is none. */
bool diary_answer_read(const char *json, size_t n, char ret_number[DIARY_NUMBER]);

/* What is wrong with the options, NULL: they will do. */
const char *diary_wrong_with(const diary_config *config);
/* The signing secret: "whsec_" and base64 of 24 to 64 bytes. 0: it is none. */
enum { DIARY_SECRET = 64 };
size_t diary_secret_read(const char *text, uint8_t ret_secret[DIARY_SECRET]);
/* "v1," and base64 of HMAC-SHA256("<id>.<timestamp>.<body>"). */
enum { DIARY_SIGNATURE = 64 };
bool diary_sign(const char *secret, const char *id, int64_t timestamp, upp_bytes body,
                char ret_signature[DIARY_SIGNATURE]);
/* What they set of libcurl's in common: patience, breaking off, no proxy, no redirect. */
void diary_curl_set_up(void *easy, const diary_parcel *p);
