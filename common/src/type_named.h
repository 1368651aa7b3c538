/* type_named.h - the messages of proto/uppsikt by their names, for what comes without a route: an
 * outcome, an event that is shown. */
#pragma once
#include "upp/base.h"
#include <protobuf-c/protobuf-c.h>

/* NULL: no such message in proto/uppsikt. */
const ProtobufCMessageDescriptor *upp_type_named(upp_bytes name);
