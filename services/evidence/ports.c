/* ports.c - the ports of this service's program. */
#include "ports.h"
#include "capture_port.h"

extern const upp_port *const upp_evidence_ports[];
const upp_port *const upp_evidence_ports[] = { &upp_evidence_records, &upp_evidence_removals,
                                               &upp_evidence_media,   &upp_evidence_stamp,
                                               &upp_capture_port,     NULL };
