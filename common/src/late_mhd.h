/* late_mhd.h - libmicrohttpd at its first use. It brings GnuTLS, with its table of ASN.1 and
 * p11-kit, 0.4 MB of every process, also of one that nobody asks over HTTP. A program that links
 * upp_mhd calls libmicrohttpd as its manual says; the first call loads it. What has dots takes
 * less: MHD_start_daemon only MHD_OPTION_ARRAY and MHD_OPTION_END, and what MHD_get_daemon_info and
 * MHD_get_connection_info are asked for needs no more. From any thread. */
#pragma once
#include <microhttpd.h>

/* For a port's `lacks` (late.h). */
const char *upp_mhd_lacks(void);
