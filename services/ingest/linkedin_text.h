/* linkedin_text.h - LinkedIn's names of things, and the words of its posts. Pure. */
#pragma once
#include "upp/base.h"

/* Where people see a post, by its URN and a slash. */
extern const char linkedin_feed[];

/* "urn:li:..." of the signs that URNs have, not too long; NULL is none. */
bool linkedin_is_urn(const char *text);

enum { LINKEDIN_NAME = 128 };
/* The two parts of a comment's name, "urn:li:comment:(POST,ID)". */
typedef struct linkedin_name {
    char post[LINKEDIN_NAME], id[LINKEDIN_NAME];
} linkedin_name;
/* False: it is no comment's name; NULL is none. */
bool linkedin_name_of(const char *urn, linkedin_name *ret_name);

/* A post's words as people see them: LinkedIn's "little text" puts a backslash before some signs,
 * and who or what is called on in brackets with its URN. From malloc, the caller frees it. */
char *linkedin_plain(const char *text);
