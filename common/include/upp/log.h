/* upp/log.h - one JSON line an event on stdout, for the runtime and the programs; services return
 * their failures and never log. Ids only: no text, no names, no addresses (R24, I25). */
#pragma once
#include "upp/base.h"

enum upp_level { UPP_DEBUG, UPP_INFO, UPP_WARN, UPP_ERROR };

/* `service` is lent for the process's life. UPPSIKT_LOG=text is read here once: plain lines for
 * people instead of JSON. */
void upp_log_open(const char *service);
/* `about` is an event id, an ask's number, a matter ... or NULL. Control characters, U+2028/9 and
 * bidi marks in the message are escaped. */
UPP_PRINTF(3, 4) void upp_log(enum upp_level level, const char *about, const char *fmt, ...);
/* For upp_node_new's `say` and the like: one line of level error. */
void upp_log_say(const char *line);
