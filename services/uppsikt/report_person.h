/* report_person.h - `uppsikt report person`: all that is held of one person. */
#pragma once
#include "call.h"

int report_person(verb_call *call);
