/* town_mailbox.h - the mailbox of the town's mail server; nothing comes until `answers_mail`. */
#pragma once
#include "town.h"

typedef struct mailbox_world mailbox_world;

void town_mailbox_open(town *t); /* fills in the service's options, too */
void town_mailbox_close(town *t);
/* A mail left: something may come back. */
void town_mailbox_sent(town *t, const char *to, const char *notice);
/* Nothing was lost, nothing counted twice. */
void town_mailbox_check(town *t);
