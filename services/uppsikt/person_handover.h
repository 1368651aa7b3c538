/* person_handover.h - `uppsikt person handover`: what a leaver hands over (R06). */
#pragma once
#include "call.h"

int person_handover(verb_call *call);
