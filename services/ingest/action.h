/* action.h - one decided action as it stands in the store. */
#pragma once
#include "ingest.h"

/* In the store: never renumber. */
enum action_state {
    ACTION_WAITING, /* for the gate, the account, its turn, or the next attempt */
    ACTION_LOOKING, /* reading the platform, before acting or after an outcome nobody knows */
    ACTION_SENDING,
    ACTION_MANUAL, /* a person does it by hand */
    ACTION_DONE,
    ACTION_REFUSED,
};

typedef struct action {
    char id[UPP_ID], matter[64], item[UPP_ID], account[64];
    uint32_t version;
    enum gate_what what;
    enum action_state state;
    bool plan;
    bool recalled;   /* a newer decision takes it back; it may be on its way all the same */
    upp_ms tried_ms; /* an attempt may have had its effect since then; 0: none can have */
    upp_ms since_ms;
    int64_t asks, failures, misses, text_ref;
    Uppsikt__ReplyKind reply; /* of an answer */
} action;

/* 1: there is none of that id. */
int action_read(upp_txn *txn, const char *id, action *ret_action);
/* Judges it anew, and does what follows: waits, refuses, hands it to a person, or calls. */
int action_consider(upp_txn *txn, const char *id);
/* What is kept of it while it waits: why (a key), and when it is looked at next (0: when woken). */
int action_wait(upp_txn *txn, const action *a, const char *why, upp_ms due);
/* -- its ends, each said once -- */
int action_done(upp_txn *txn, const action *a, bool by_hand);
/* With a call whose outcome nobody knows, the reason said is REASON_OUTCOME_UNKNOWN instead. */
int action_refuse(upp_txn *txn, const action *a, Uppsikt__ActionRefused__Reason reason);
/* What was taken back meanwhile nobody does by hand: it is refused. */
int action_manual(upp_txn *txn, const action *a, const char *reason);
/* The facts of it now. */
int action_facts(upp_txn *txn, const action *a, gate_facts *ret_facts);

/* -- outgoing.c -- */
/* The gate is open: read first, then act. */
int outgoing_start(upp_txn *txn, const action *a);
