/* ports.c - what this service does outside: mail goes out and comes in, packages
 * go to the diary, and their numbers come back. */
#include "mailbox.h"
#include "upp/port.h"

extern const upp_port *const upp_escalation_ports[];
const upp_port *const upp_escalation_ports[] = { &upp_mail_port, &upp_mailbox_port, &upp_diary_port,
                                                 &upp_numbers_port, NULL };
