/* classify.h - what the service and its port are told by the configuration. */
#pragma once
#include "upp/service.h"

typedef struct classify_config {
    const char *own_domains;
    const char *own_numbers;
    const char *opinion_url; /* NULL: no model outside is asked */
    const char *opinion_model;
    const char *opinion_key; /* NULL: it wants none */
    const char *opinion_bands;
    upp_ms opinion_timeout;
    int64_t opinion_per_day;
    bool opinion_personal;
} classify_config;

/* -- holding.c: what is held of one person (R29) -- */
upp_handle classify_held;
