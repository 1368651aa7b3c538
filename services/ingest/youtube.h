/* youtube.h - YouTube's Data API v3 for one channel (platforms.md §9). Pure. */
#pragma once
#include "connector.h"

extern const connector youtube_connector;

/* From that instant to the next midnight in California, when the day's quota begins anew. */
upp_ms youtube_quota_wait(upp_ms at);
