/* law.c - the laws that can demand a removal: what binds the provider of a message board, what is
 * secret, what protects a person. Insult, party politics and advertising are not among them: those
 * rest on house rules (law.md L5). */
#include "law.h"
#include <stddef.h>
#include <string.h>

static const law laws[] = {
    { "BBS 5 §", true },     /* the act on electronic message boards, 1998:112 */
    { "BBS 5 § 1 a", true }, /* olaga hot */
    { "BBS 5 § 1 b", true }, /* olaga integritetsintrång */
    { "BBS 5 § 1 c", true }, /* uppvigling */
    { "BBS 5 § 1 d", true }, /* hets mot folkgrupp */
    { "BBS 5 § 1 e", true }, /* barnpornografi */
    { "BBS 5 § 1 f", true }, /* olaga våldsskildring */
    { "BBS 5 § 1 g", true }, /* offentlig uppmaning */
    { "BBS 5 § 2", true },   /* obvious copyright infringement */
    { "OSL", true },         /* secrecy */
    { "skyddade personuppgifter", true },
    { "EU 2021/784", true }, /* an order to remove terrorist content */
    { "GDPR", false },       /* other personal data: demanded, but by two */
};

const law *law_of(const char *name)
{
    for (size_t i = 0; i < sizeof laws / sizeof laws[0]; i++)
        if (strcmp(laws[i].name, name) == 0)
            return &laws[i];
    return NULL;
}
