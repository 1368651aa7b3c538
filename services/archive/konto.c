/* konto.c - konto.json: the account as the register had it, with the people who answered for it
 * (capture.md §6). */
#include "archive.h"
#include "civil.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void json_freep(json_t **value)
{
    json_decref(*value);
}

static bool put(json_t *object, const char *key, const char *value)
{
    return json_object_set_new(object, key, json_string(value ? value : "")) == 0;
}

static bool put_time(json_t *object, const char *key, upp_ms at)
{
    char text[CIVIL_TEXT_SIZE] = "";
    if (at > 0)
        civil_format(at, 0, text);
    return put(object, key, text);
}

/* Her id, and her name and title while they are known. */
static int put_person(upp_txn *txn, const char *person, konto_about *about, json_t *who,
                      bool *ret_good)
{
    UPP_AUTO(upp_msg_freep) ProtobufCMessage *kept = NULL;
    UPP_ROWS row = upp_query(txn, "SELECT who_ref FROM person WHERE person = ?1", BIND(V(person)));
    *ret_good = put(who, "person", person);
    if (!upp_next(&row))
        return row.rc;
    const int gone = upp_recall(txn, upp_col_int(&row, 0),
                                &uppsikt__person_registered_content__descriptor, &kept);
    if (gone || about->n == KONTO_PERSONS)
        return gone < 0 ? gone : 0;
    const Uppsikt__PersonRegisteredContent *c = (const Uppsikt__PersonRegisteredContent *)kept;
    char name[512];
    snprintf(name, sizeof name, "%s %s", c->first_name, c->last_name);
    *ret_good = *ret_good && put(who, "name", name) && put(who, "title", c->title);
    snprintf(about->person[about->n++], sizeof about->person[0], "%s", person);
    return 0;
}

static int put_one(upp_txn *txn, const char *key, const char *person, konto_about *about,
                   json_t *konto, bool *ret_good)
{
    json_t *who = json_object();
    bool good = who != NULL;
    const int rc = good && person[0] ? put_person(txn, person, about, who, &good) : 0;
    *ret_good = json_object_set_new(konto, key, who) == 0 && good && *ret_good;
    return rc;
}

static int put_people(upp_txn *txn, const run_row *r, konto_about *about, json_t *konto,
                      bool *ret_good)
{
    json_t *list = json_array();
    bool good = json_object_set_new(konto, "administrators", list) == 0;
    {
        UPP_ROWS row = upp_query(txn,
                                 "WITH RECURSIVE up(manager, head, parent, n) AS ("
                                 " SELECT u.manager, u.head, u.parent, 1 FROM account a JOIN unit u"
                                 "  ON u.unit = a.unit WHERE a.account = ?1 UNION ALL"
                                 " SELECT u.manager, u.head, u.parent, up.n + 1 FROM up"
                                 "  JOIN unit u ON u.unit = up.parent WHERE up.n < 8)"
                                 " SELECT coalesce((SELECT manager FROM up WHERE manager <> ''"
                                 "  ORDER BY n LIMIT 1), ''), coalesce((SELECT head FROM up"
                                 "  WHERE head <> '' ORDER BY n LIMIT 1), '')",
                                 BIND(V(r->account)));
        if (upp_next(&row)) {
            UPP_TRY(
                put_one(txn, "responsible_manager", upp_col_text(&row, 0), about, konto, &good));
            UPP_TRY(put_one(txn, "sector_head", upp_col_text(&row, 1), about, konto, &good));
        }
        UPP_TRY(row.rc);
    }
    UPP_ROWS row = upp_query(txn,
                             "SELECT person FROM access WHERE account = ?1 ORDER BY rank, person"
                             " LIMIT 12",
                             BIND(V(r->account)));
    while (good && upp_next(&row)) {
        json_t *who = json_object();
        const int rc = put_person(txn, upp_col_text(&row, 0), about, who, &good);
        good = json_array_append_new(list, who) == 0 && good;
        UPP_TRY(rc);
    }
    *ret_good = *ret_good && good;
    return row.rc;
}

/* The last look through the account (R10): what stands, and what is a finding. */
static int put_review(upp_txn *txn, const run_row *r, json_t *konto, bool *ret_good)
{
    static const char *const names[] = { "logo", "name", "sender", "captions", "alt_text" };
    UPP_ROWS row = upp_query(txn,
                             "SELECT at_ms, logo, name, sender, captions, alt_text FROM review"
                             " WHERE account = ?1",
                             BIND(V(r->account)));
    if (!upp_next(&row))
        return row.rc;
    json_t *seen = json_object();
    bool good = seen && put_time(seen, "at", upp_col_int(&row, 0));
    for (size_t i = 0; good && i < UPP_LEN(names); i++)
        good = json_object_set_new(seen, names[i],
                                   json_boolean(upp_col_int(&row, (int)i + 1) != 0)) == 0;
    *ret_good = json_object_set_new(konto, "review", seen) == 0 && good && *ret_good;
    return 0;
}

static int put_account(upp_txn *txn, const run_row *r, json_t *konto, bool *ret_good)
{
    UPP_AUTO(upp_msg_freep) ProtobufCMessage *kept = NULL;
    Uppsikt__AccountChangedContent none = UPPSIKT__ACCOUNT_CHANGED_CONTENT__INIT;
    UPP_ROWS row =
        upp_query(txn,
                  "SELECT a.platform, a.open_since_ms, a.facts_ref, coalesce(u.name, ''),"
                  " coalesce(n.name, ''), coalesce(n.org_number, '') FROM account a"
                  " LEFT JOIN unit u ON u.unit = a.unit LEFT JOIN authority n"
                  " ON n.authority = a.authority WHERE a.account = ?1",
                  BIND(V(r->account)));
    if (!upp_next(&row))
        return row.rc;
    const int gone =
        upp_recall(txn, upp_col_int(&row, 2), &uppsikt__account_changed_content__descriptor, &kept);
    UPP_TRY(gone);
    const Uppsikt__AccountChangedContent *c =
        kept ? (const Uppsikt__AccountChangedContent *)kept : &none;
    *ret_good = *ret_good && put(konto, "account_id", r->account) &&
                put(konto, "platform", upp_col_text(&row, 0)) && put(konto, "name", c->name) &&
                put(konto, "handle", c->handle) && put(konto, "url", c->url) &&
                put(konto, "unit", upp_col_text(&row, 3)) &&
                put(konto, "authority", upp_col_text(&row, 4)) &&
                put(konto, "org_number", upp_col_text(&row, 5)) &&
                put(konto, "purpose", c->purpose) && put(konto, "goals", c->goals) &&
                put(konto, "plan", c->plan) && put_time(konto, "opened", upp_col_int(&row, 1));
    return 0;
}

int konto_text(upp_txn *txn, const archive *self, const run_row *r, konto_about *ret_about,
               char **ret_text)
{
    UPP_AUTO(json_freep) json_t *konto = json_object();
    bool good = konto != NULL;
    (void)self;
    ret_about->n = 0;
    UPP_TRY(put_account(txn, r, konto, &good));
    UPP_TRY(put_people(txn, r, ret_about, konto, &good));
    UPP_TRY(put_review(txn, r, konto, &good));
    good = good && put(konto, "occasion", r->campaign) &&
           put_time(konto, "captured_from", r->from_ms) && put_time(konto, "captured_to", r->to_ms);
    *ret_text = good ? json_dumps(konto, JSON_INDENT(2)) : NULL;
    return *ret_text ? 0 : upp_fail(txn, UPP_E_INPUT, "konto.json of a run cannot be written");
}
