/* ports.c - what feed has of the world: those who ask, and those who are told. */
#include "upp/port.h"

extern const upp_port upp_feed_pull_port, upp_feed_webhook_port;
extern const upp_port *const upp_feed_ports[];

const upp_port *const upp_feed_ports[] = { &upp_feed_pull_port, &upp_feed_webhook_port, NULL };
