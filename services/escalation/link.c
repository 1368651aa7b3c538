/* link.c - the links in mails. To open one changes nothing: mail scanners open them all. */
#include "link.h"
#include <sodium.h>
#include <stdio.h>
#include <string.h>

/* How long a dead link can still say what it was for. */
#define LINK_REMEMBERED (30 * UPP_DAY)

static const char sweep[] = "links/sweep";

static void hash_of(const upp_txn *txn, const char *token, char ret_hash[UPP_HEX])
{
    upp_keyed(txn, (const char *const[]){ "mail link", token, NULL }, ret_hash);
}

int link_make(upp_txn *txn, const rules *r, const char *id, const char *person,
              char ret_token[LINK_TOKEN])
{
    uint8_t secret[32];
    char hash[UPP_HEX];
    upp_random(txn, secret, sizeof secret);
    sodium_bin2base64(ret_token, LINK_TOKEN, secret, sizeof secret,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    hash_of(txn, ret_token, hash);
    const upp_ms expires = upp_now(txn) + r->config->link_life_span;
    UPP_TRY(upp_exec(txn,
                     "INSERT INTO link(link, matter, person, expires_ms) VALUES(?1, ?2, ?3, ?4)",
                     BIND(V(hash), V(id), V(person), V(expires))));
    UPP_ROWS row = upp_query(txn, "SELECT 1 FROM upp_alarm WHERE key = ?1", BIND(V(sweep)));
    const bool swept = upp_next(&row);
    UPP_TRY(row.rc);
    return swept ? 0 : upp_alarm(txn, sweep, expires + LINK_REMEMBERED);
}

int link_read(upp_txn *txn, const char *token, link_row *ret_row)
{
    char hash[UPP_HEX];
    hash_of(txn, token, hash);
    UPP_ROWS row = upp_query(txn, "SELECT matter, person, expires_ms FROM link WHERE link = ?1",
                             BIND(V(hash)));
    if (!upp_next(&row))
        return row.rc < 0 ? row.rc : 1;
    snprintf(ret_row->matter, sizeof ret_row->matter, "%s", upp_col_text(&row, 0));
    snprintf(ret_row->person, sizeof ret_row->person, "%s", upp_col_text(&row, 1));
    ret_row->expires_ms = upp_col_int(&row, 2);
    return 0;
}

int link_alarm(upp_txn *txn, const rules *r, const char *about)
{
    (void)r;
    (void)about;
    UPP_TRY(upp_exec(txn, "DELETE FROM link WHERE expires_ms <= ?1",
                     BIND(V(upp_now(txn) - LINK_REMEMBERED))));
    UPP_ROWS row = upp_query(txn, "SELECT min(expires_ms) FROM link", NO_BIND);
    const upp_ms first = upp_next(&row) ? upp_col_int(&row, 0) : 0;
    UPP_TRY(row.rc);
    return first == 0 ? 0 : upp_alarm(txn, sweep, first + LINK_REMEMBERED);
}

/* -- what the page behind a link shows -- */
typedef struct colleagues {
    char ids[16][48];
    char *list[16];
    size_t n;
} colleagues;

/* Who else may take it: those with access, by rank, then the manager. */
static int read_colleagues(upp_txn *txn, const char *account, const char *but, colleagues *c)
{
    UPP_ROWS row =
        upp_query(txn,
                  "SELECT p.person FROM person p JOIN"
                  " (SELECT person, rank FROM access WHERE account = ?1"
                  "  UNION SELECT u.manager, 1000 FROM account a JOIN unit u ON u.unit = a.unit"
                  "  WHERE a.account = ?1) x ON x.person = p.person"
                  " WHERE p.gone = 0 AND p.person <> ?2 GROUP BY p.person"
                  " ORDER BY min(x.rank), p.person LIMIT 16",
                  BIND(V(account), V(but)));
    while (c->n < UPP_LEN(c->ids) && upp_next(&row)) {
        snprintf(c->ids[c->n], sizeof c->ids[0], "%s", upp_col_text(&row, 0));
        c->list[c->n] = c->ids[c->n];
        c->n++;
    }
    return row.rc;
}

static int state_of(upp_txn *txn, const rules *r, const link_row *link, const matter *m,
                    const char **ret_state)
{
    *ret_state = matter_state_name(m->state);
    if (link->expires_ms < upp_now(txn)) {
        *ret_state = "expired";
        return 0;
    }
    if (act_mailbox(link->person))
        return 0;
    const int stranger = act_may(txn, r, link->person, m);
    UPP_TRY(stranger);
    if (stranger)
        *ret_state = "denied";
    return 0;
}

int on_link_target(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__LinkTarget *q = msg;
    const char *state = "";
    link_row link;
    matter m;
    colleagues others = { .n = 0 };
    (void)in;
    const int unknown = link_read(txn, q->token, &link);
    UPP_TRY(unknown);
    if (unknown)
        return 0;
    const int missing = matter_read(txn, link.matter, &m);
    UPP_TRY(missing);
    if (missing)
        return 0;
    UPP_TRY(state_of(txn, self, &link, &m, &state));
    UPP_TRY(read_colleagues(txn, m.account, link.person, &others));
    Uppsikt__LinkTargetRow out = UPPSIKT__LINK_TARGET_ROW__INIT;
    out.matter = m.id;
    out.person = link.person;
    out.kind = m.kind;
    out.due_ms = m.due_ms;
    out.expires_ms = link.expires_ms;
    out.state = upp_lend(state);
    out.account = m.account;
    out.akut = m.akut;
    out.owner = m.owner;
    out.errand = upp_lend(errand_rule_of(m.errand)->name);
    out.danger = m.danger;
    out.offered = strcmp(m.handed_to, link.person) == 0 && !m.asked;
    out.asked = strcmp(m.handed_to, link.person) == 0 && m.asked;
    out.colleagues = others.list;
    out.n_colleagues = others.n;
    return upp_reply(txn, &out.base);
}
