/* x_api.h - X API v2 with a user's bearer token (platforms.md §11). Pure. */
#pragma once
#include "connector.h"

extern const connector x_connector;

/* A page's most; the platform takes no more. */
enum { X_PAGE = 100 };
