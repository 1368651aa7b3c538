/* linkedin.h - LinkedIn's Community Management API for one organisation (platforms.md §10):
 * connector "linkedin". */
#pragma once
#include "connector.h"

extern const connector linkedin_connector;

/* How long from then until midnight in UTC, when LinkedIn counts its calls anew. */
upp_ms linkedin_quota_wait(upp_ms at);
