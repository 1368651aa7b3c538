/* config.h - the options of uppsikt-capture, beside those of every program. */
#pragma once
#include "upp/service.h"

typedef struct capture_config {
    const char *user;
    const char *browser;
    bool sandbox;
    const char *work;
    const char *askers;
    bool private_addresses;
    const char *proxy;
    upp_ms timeout_span, idle_span;
    int64_t jobs_per_browser;
    int64_t memory_bytes;
    int64_t response_bytes;
    int64_t height_max;
    int64_t waiting_max;
    const char *zone, *language, *agent;
} capture_config;

/* The name and options of the program for upp/service.h's readers; it is no service: no store, no
 * handlers. */
extern const upp_service capture_program;

/* What the table cannot say. False: `say` has heard each complaint. */
bool capture_config_good(const capture_config *config, void (*say)(const char *line));
/* Is `peer` one of the words of `askers`? */
bool capture_asker(const capture_config *config, const char *peer);
