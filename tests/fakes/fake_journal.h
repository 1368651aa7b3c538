/* fake_journal.h - what changed the fake page, kept in a file, and the page as a visitor sees it.
 * The page is a pure function of what was asked: asked again from the journal it is the same. */
#pragma once
#include "facebook_fake.h"
#include <stdio.h>

typedef void fake_journal_again(void *ctx, const fakebook_request *q);

/* Gives every request that is kept in `path` to `again`, oldest first, and opens it to be added to;
 * the caller closes it. NULL: it cannot be read or written, or a line in it is damaged. */
FILE *fake_journal_open(const char *path, fake_journal_again *again, void *ctx);
/* On disk before the answer goes out. */
void fake_journal_add(FILE *journal, const fakebook_request *q);

/* Posts and comments in the order of their writing, HTML from malloc: the caller frees. What is
 * hidden is marked so, what was removed is not there. */
char *fake_page_html(const fakebook *f);
