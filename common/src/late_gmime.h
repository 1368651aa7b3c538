/* late_gmime.h - GMime at its first use. It brings GLib, GIO and GPGME, which cost each process
 * some 2 MB, also one whose mailbox stays empty. A program that links upp_gmime calls GMime, and of
 * GLib what late_gmime.c names, as their manuals say; the first call loads it, for good and with
 * g_mime_init done, so g_mime_init and g_mime_shutdown are not there. From any thread, each object
 * by one at a time. */
#pragma once

/* For a port's `lacks` (late.h). */
const char *upp_gmime_lacks(void);
