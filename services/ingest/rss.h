/* rss.h - feeds of comments, RSS 2.0 and Atom (platforms.md §14; RFC 4287, RFC 4685). Pure. */
#pragma once
#include "connector.h"

extern const connector rss_connector;
