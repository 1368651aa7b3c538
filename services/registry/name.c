/* name.c - what people and accounts are called, for who reads a list: content. */
#include "registry.h"
#include <stdio.h>

int name_of_person(upp_txn *txn, const char *person, char ret_name[REGISTRY_NAME])
{
    UPP_AUTO(upp_msg_freep) ProtobufCMessage *kept = NULL;
    int64_t ref = 0;
    ret_name[0] = '\0';
    {
        UPP_ROWS row =
            upp_query(txn, "SELECT who_ref FROM person WHERE person = ?1", BIND(V(person)));
        if (!upp_next(&row))
            return row.rc;
        ref = upp_col_int(&row, 0);
    }
    const int forgotten =
        upp_recall(txn, ref, &uppsikt__person_registered_content__descriptor, &kept);
    UPP_TRY(forgotten);
    if (forgotten)
        return 0;
    const Uppsikt__PersonRegisteredContent *who = (const Uppsikt__PersonRegisteredContent *)kept;
    snprintf(ret_name, REGISTRY_NAME, "%s%s%s", who->first_name, who->last_name[0] ? " " : "",
             who->last_name);
    return 0;
}

int name_of_account(upp_txn *txn, const char *account, char ret_name[REGISTRY_LABEL],
                    char ret_vault[REGISTRY_LABEL])
{
    UPP_AUTO(upp_msg_freep) ProtobufCMessage *kept = NULL;
    int64_t ref = 0;
    ret_name[0] = ret_vault[0] = '\0';
    {
        UPP_ROWS row =
            upp_query(txn, "SELECT facts_ref FROM account WHERE account = ?1", BIND(V(account)));
        if (!upp_next(&row))
            return row.rc;
        ref = upp_col_int(&row, 0);
    }
    const int forgotten =
        upp_recall(txn, ref, &uppsikt__account_changed_content__descriptor, &kept);
    UPP_TRY(forgotten);
    if (forgotten)
        return 0;
    const Uppsikt__AccountChangedContent *facts = (const Uppsikt__AccountChangedContent *)kept;
    text_copy(ret_name, REGISTRY_LABEL, facts->name);
    text_copy(ret_vault, REGISTRY_LABEL, facts->vault);
    return 0;
}
