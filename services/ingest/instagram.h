/* instagram.h - one professional account on Instagram through Meta's Graph API, by the Facebook
 * login (platforms.md §8). Pure. */
#pragma once
#include "connector.h"

extern const connector instagram_connector;
