/* ports.c - what archive has of the world: the browser, the run's folder, the package. */
#include "upp/port.h"

extern const upp_port upp_archive_intake_port, upp_archive_package_port, upp_capture_port;
extern const upp_port *const upp_archive_ports[];

const upp_port *const upp_archive_ports[] = { &upp_capture_port, &upp_archive_intake_port,
                                              &upp_archive_package_port, NULL };
