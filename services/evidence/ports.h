/* ports.h - this service's ports, for its program and their tests. */
#pragma once
#include "upp/port.h"

extern const upp_port upp_evidence_records, upp_evidence_removals, upp_evidence_media,
    upp_evidence_stamp;
