/* port_webhook.h - the port through which platforms push. */
#pragma once
#include "upp/port.h"

extern const upp_port ingest_port_webhook;
