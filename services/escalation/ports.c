/* ports.c - what this service does outside: mail. */
#include "mail.h"
#include "upp/port.h"

extern const upp_port *const upp_escalation_ports[];
const upp_port *const upp_escalation_ports[] = { &upp_mail_port, NULL };
