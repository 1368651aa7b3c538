/* mastodon.h - the Mastodon client API (platforms.md §12, §17). Pure. */
#pragma once
#include "connector.h"

extern const connector mastodon_connector;

/* How many a full page has: then there is more, and the next call follows at once. */
enum { MASTODON_PAGE = 80, MASTODON_OWN_PAGE = 40 };
