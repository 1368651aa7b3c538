/* port_senders.h - who may push to which account: their secrets, opened, in this process's memory
 * alone. Part of port_webhook.c. */
#pragma once
#include "upp/port.h"
#include "uppsikt/ingest.pb-c.h"

typedef struct senders senders;

/* Asks the service for the list, again each second until it is told. `token_key` opens what is
 * sealed; NULL: nothing can be opened. */
senders *senders_new(upp_loop *loop, const char *token_key);
void senders_free(senders *s); /* wipes; NULL is fine */

/* Whoever was let in before and is not there any more is not let in any more. */
void senders_admit(senders *s, const Uppsikt__AdmitSenders *list);
/* Has there been a list? Before nobody knows who may. */
bool senders_known(const senders *s);
/* Is this from who may push to `account`, signed within the last five minutes? Over the raw bytes,
 * in a time that depends on their number alone: neither how many secrets an account has nor whether
 * there is such an account can be told from how long it takes, or from the answer. The headers may
 * be NULL. */
bool senders_signed(const senders *s, const char *account, const char *timestamp,
                    const char *signature, upp_bytes body);
