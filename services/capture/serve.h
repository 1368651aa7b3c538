/* serve.h - uppsikt-capture's process: from its configuration to its end. */
#pragma once

enum { SERVE_STOPPED = 0, SERVE_BROKEN = 70, SERVE_CONFIG = 78 };

/* Runs until SIGTERM or SIGINT; `path` is the YAML file, NULL: none. Gives the exit code. */
int serve(const char *path);
