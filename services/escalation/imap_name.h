/* imap_name.h - a mailbox's name, from a URL's path to what an IMAP server wants to hear. Pure. */
#pragma once
#include "upp/base.h"

enum { IMAP_NAME = 1024 };

/* `path`: what stands behind the host of an IMAP URL (RFC 5092), from its '/' or "". ret_name: the
 * name in modified UTF-7 (RFC 3501 §5.1.3) and in quotes, ready for a command; INBOX where the path
 * names none. False: no name, or one that is too long or holds what no mailbox's name may hold. */
bool imap_name(const char *path, char ret_name[IMAP_NAME]);
