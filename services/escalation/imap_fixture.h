/* imap_fixture.h - servers for tests of the port `mailbox`: a real one (Dovecot, without
 * privileges, in a folder of its own), and one that says what it is told to. */
#pragma once
#include "upp/base.h"

/* -- Dovecot: any user may sign in with this password and has mailboxes of his own -- */
#define DOVECOT_PASSWORD "l\xc3\xb6sen \"ord\" \\1"

typedef struct dovecot {
    char folder[64];
    int port, port_tls; /* STARTTLS at the first, TLS from the start at the second */
    int pid;
    unsigned uid, gid; /* whose the mailboxes are: the test's own, where it is not root's */
} dovecot;

void dovecot_make(dovecot *d); /* its folder, certificates (ca.pem, other.pem) and configuration */
void dovecot_start(dovecot *d);
void dovecot_stop(dovecot *d);
void dovecot_remove(dovecot *d);
void dovecot_give(const dovecot *d, const char *path); /* the file becomes its user's */

/* -- a server that has a script -- */
typedef struct script_row {
    const char *verb;   /* the command that is answered so: "EXAMINE"; "" is the greeting */
    const char *answer; /* %T becomes the tag; NULL: silence; "": it hangs up */
} script_row;

typedef struct scripted scripted;

/* What `rows` (until a row without verb) do not answer is answered as of a mailbox that holds one
 * mail. */
scripted *scripted_start(const script_row *rows);
int scripted_port(const scripted *s);
bool scripted_heard(scripted *s, const char *verb);
void scripted_end(scripted *s);

void remove_folder(const char *path);
