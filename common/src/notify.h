/* notify.h - tells systemd how we are (sd_notify(3)), without a library. */
#pragma once
#include "upp/base.h"

/* "READY=1", "RELOADING=1", "WATCHDOG=1", "STOPPING=1": one datagram to $NOTIFY_SOCKET, never
 * blocks. False: nobody asked to be told, or the datagram could not be sent. */
bool upp_notify(const char *state);
/* Is there somebody who wants to be told? */
bool upp_notify_is_wanted(void);
/* How often WATCHDOG=1 must be said: half of what sd_watchdog_enabled(3) reads from $WATCHDOG_USEC
 * and $WATCHDOG_PID; 0: never. */
upp_ms upp_notify_watchdog_span(void);
