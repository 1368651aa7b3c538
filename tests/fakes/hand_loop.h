/* hand_loop.h - upp/port.h's loop without bus, store or worker: what a test of one port turns by
 * hand, waiting for events with a deadline. */
#pragma once
#include "upp/port.h"

/* What upp_loop_objects and upp_loop_place answer; both lent. */
void hand_loop_place(upp_loop *loop, const char *objects, const struct upp_place *place);
/* What upp_done said. `answer` dies with the call. */
typedef void hand_done(void *self, int64_t id, enum upp_fate fate, const ProtobufCMessage *answer,
                       upp_ms after_span);

/* `done` hears each upp_done; NULL when the test starts no asks. */
upp_loop *hand_loop_new(hand_done *done, void *self);
void hand_loop_free(upp_loop *loop); /* every descriptor and timer must have been given back */
/* Turns until `met` says so; false: `patience_span` of real time has passed first. */
bool hand_loop_until(upp_loop *loop, upp_ms patience_span, bool (*met)(void *ctx), void *ctx);
/* Turns for as long as anything happens at once, without waiting. */
void hand_loop_turn(upp_loop *loop);
size_t hand_loop_watched(const upp_loop *loop);   /* descriptors that are waited for now */
const char *hand_loop_said(const upp_loop *loop); /* the last upp_loop_say; "" */
upp_ms hand_loop_longest(const upp_loop *loop);   /* the longest that one call from here took */
