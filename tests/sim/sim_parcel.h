/* sim_parcel.h - four frames that are on their way, shared by all who will get them. */
#pragma once
#include "upp/node.h"

typedef struct sim_parcel sim_parcel;

sim_parcel *sim_parcel_new(const upp_frames *frames); /* copies */
sim_parcel *sim_parcel_keep(sim_parcel *p);
void sim_parcel_drop(sim_parcel *p); /* NULL is fine */
/* An empty frame is one that is not there. */
upp_frames sim_parcel_frames(const sim_parcel *p);
/* [type] [head] [] [the message]: as a peer sends a command (bus.proto). */
sim_parcel *sim_parcel_command(const uint8_t id[16], const char *by, upp_ms now,
                               const ProtobufCMessage *m);
