/* desk_state.h - what crosses desk*.c. */
#pragma once
#include "desk.h"
#include "job.h"
#include "wire.h"

enum desk_stage {
    DESK_COMING,  /* its html comes in parts */
    DESK_WAITING, /* for its turn */
    DESK_RUNNING, /* at the worker */
    DESK_SENDING, /* its files go out */
};

typedef struct desk_entry {
    struct desk_entry *next;
    struct desk *desk;
    upp_identity from;
    char peer[UPP_PEER];
    job *job;
    enum desk_stage stage;
    bool dropped;    /* nobody wants it: it goes when the worker gives it back */
    upp_ms heard;    /* steady; the asker's last word about it */
    char *html;      /* DESK_COMING: what of it has come */
    size_t coming;   /* which: 0 the html, n the n-th picture */
    int64_t come;    /* so much of that */
    uint32_t taken;  /* parts since the last credit */
    uint32_t credit; /* DESK_SENDING: parts that may go */
    size_t file;
    int64_t offset;
    int fd; /* the file that goes out or comes in; -1: none is open */
} desk_entry;

enum { DESK_STATES = 6 }; /* of PageCaptured */

struct desk {
    desk_parts with;
    desk_entry *entries; /* in the order they came */
    size_t n_entries;
    bool working; /* something is at the worker */
    atomic_bool stop;
    browser browser;                 /* the worker's own while it works */
    enum browser_state state, found; /* as the desk knows it; as the worker last found it */
    bool looked;                     /* `state` says something */
    bool browser_up;
    upp_ms idle_since;
    int64_t done[DESK_STATES], later, refused, took_ms;
    int64_t memory; /* of the browser after the last job */
};

/* -- desk_take.c -- */
/* Asks for what belongs to the job; false: nothing, it is whole. */
bool desk_take_begin(desk_entry *e);
/* The next part. NULL; else why the job cannot be done, static words. */
const char *desk_take_part(desk_entry *e, const Uppsikt__CapturePart *part, bool *ret_whole);

/* -- desk_give.c -- */
/* PageCaptured, and the files as far as credit goes. */
void desk_give_result(desk_entry *e);
void desk_give_parts(desk_entry *e);
bool desk_say(desk *d, const upp_identity *to, const ProtobufCMessage *msg);
void desk_later(desk *d, const upp_identity *to, const char *id, const char *why, upp_ms after);
/* ServiceStatus, which every peer may ask. */
void desk_give_status(desk *d, const upp_wire *wire);
