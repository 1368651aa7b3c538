/* login_directory.c - who is signed in by the organisation's own directory: that knows who somebody
 * is, the register who she is here and what she may do (R25). */
#include "guard.h"
#include "login.h"
#include <stdio.h>
#include <string.h>

enum { NAME_MAX_BYTES = 200 };

/* A to Z count as a to z, and every other byte as it stands, so that nobody is let in for a name
 * that only looks the same. Of `sub` every byte counts (OpenID Connect Core 1.0 §2). */
static void key_of(const upp_txn *txn, const console_config *config, const char *name,
                   char ret_key[UPP_HEX])
{
    char folded[NAME_MAX_BYTES + 1];
    const bool exact = config->oidc_claim && strcmp(config->oidc_claim, "sub") == 0;
    snprintf(folded, sizeof folded, "%s", name);
    for (char *at = folded; *at && !exact; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at - 'A' + 'a');
    login_key(txn, "directory", folded, ret_key);
}

int console_drop_directory_name(upp_txn *txn, const char *person)
{
    return upp_exec(txn, "DELETE FROM directory_name WHERE person = ?1", BIND(V(person)));
}

/* Whose name that is, of those who have not left; "" nobody's. */
static int person_of(upp_txn *txn, const char *key, char ret_person[CONSOLE_ID])
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT d.person FROM directory_name d JOIN person p USING (person)"
                             " WHERE d.name_key = ?1 AND p.gone = 0",
                             BIND(V(key)));
    ret_person[0] = '\0';
    if (upp_next(&row))
        snprintf(ret_person, CONSOLE_ID, "%s", upp_col_text(&row, 0));
    return row.rc;
}

int console_set_directory_name(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__SetDirectoryName *c = msg;
    char key[UPP_HEX], other[CONSOLE_ID];
    if (strcmp(in->source, "console") == 0)
        return upp_refuse(txn, "not-allowed");
    UPP_TRY(login_check_person(txn, c->person));
    if (strlen(c->name) > NAME_MAX_BYTES)
        return upp_refuse(txn, "login-malformed");
    if (c->name[0]) {
        key_of(txn, self, c->name, key);
        UPP_TRY(person_of(txn, key, other));
        if (other[0] && strcmp(other, c->person) != 0)
            return upp_refuse(txn, "name-taken");
    }
    UPP_TRY(console_end_sessions(txn, c->person, false));
    UPP_TRY(console_drop_directory_name(txn, c->person));
    if (c->name[0])
        UPP_TRY(upp_exec(txn, "INSERT INTO directory_name(person, name_key) VALUES(?1, ?2)",
                         BIND(V(c->person), V(key))));
    return login_was_set(txn, c->person, c->name[0] ? "directory-set" : "directory-removed");
}

/* Nobody is slowed down here: who comes has signed in at the directory, and there is nothing to
 * guess. */
int console_sign_in_by_directory(upp_txn *txn, const void *self, const upp_input *in,
                                 const void *msg)
{
    const Uppsikt__SignInByDirectory *c = msg;
    Uppsikt__SignedIn out = UPPSIKT__SIGNED_IN__INIT;
    char key[UPP_HEX], person[CONSOLE_ID] = "";
    UPP_TRY(login_from_ourselves(txn, in));
    if (c->name[0] && strlen(c->name) <= NAME_MAX_BYTES) {
        key_of(txn, self, c->name, key);
        UPP_TRY(person_of(txn, key, person));
    }
    if (!person[0] || strlen(c->token_sha256) != 2 * GUARD_TOKEN) {
        UPP_TRY(login_say(txn, "refused", "directory", "", person, c->address));
        return upp_reply(txn, &out.base);
    }
    return login_begin(txn, self,
                       &(login_begun){ .token = c->token_sha256,
                                       .person = person,
                                       .address = c->address,
                                       .how = "directory" });
}
