/* bluesky.h - Bluesky, that is the AT Protocol's own social network (platforms.md §13). Pure. */
#pragma once
#include "connector.h"

extern const connector bluesky_connector;

/* A page's most of what happened to us, and how many of our own are looked at. */
enum { BLUESKY_PAGE = 100, BLUESKY_OWN_PAGE = 50 };
