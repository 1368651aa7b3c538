/* leaver_list.c - leavers' lists and their rows, as whoever asks may see them (R06). */
#include "registry.h"

enum { STEPS = UPPSIKT__LEAVER_STEP__LEAVER_STEP_SECOND_FACTOR, NOTE = 512 };

/* Who asks; nobody named: all is shown, and nothing may be done. */
static int begin(upp_txn *txn, const upp_input *in, right_asker *ret_asker)
{
    *ret_asker = (right_asker){ .person = NULL };
    return in->by ? right_ask(txn, in, ret_asker) : 0;
}

/* 1: she may tick a row of it, or confirm it, or it is her own. */
static int may_see(upp_txn *txn, const right_asker *asker, const char *person)
{
    const int leads = asker->person ? leaver_leads(txn, asker, person) : 1;
    if (leads)
        return leads;
    UPP_ROWS row = upp_query(txn,
                             "SELECT DISTINCT r.account, c.unit FROM leaver_row r"
                             " JOIN account c USING (account) WHERE r.person = ?1",
                             BIND(V(person)));
    while (upp_next(&row)) {
        const int may = leaver_may_tick(txn, asker, upp_col_text(&row, 0), upp_col_text(&row, 1));
        if (may)
            return may;
    }
    return row.rc;
}

static int reply_list(upp_txn *txn, const right_asker *asker, const upp_rows *row)
{
    char name[REGISTRY_NAME], confirmed_name[REGISTRY_NAME];
    const char *lacks = NULL;
    Uppsikt__LeaverListRow out = UPPSIKT__LEAVER_LIST_ROW__INIT;
    Uppsikt__LeaverListRowContent content = UPPSIKT__LEAVER_LIST_ROW_CONTENT__INIT;
    out.person = upp_lend(upp_col_text(row, 0));
    out.opened_ms = upp_col_int(row, 1);
    out.confirmed_ms = upp_col_int(row, 2);
    out.confirmed_by = upp_lend(upp_col_text(row, 3));
    out.leaves_ms = upp_col_int(row, 4);
    out.accounts = (uint32_t)upp_col_int(row, 5);
    out.open_rows = (uint32_t)upp_col_int(row, 6);
    out.due_ms = upp_col_int(row, 7);
    const int leads = asker->person ? leaver_leads(txn, asker, out.person) : 1;
    UPP_TRY(leads);
    UPP_TRY(leaver_lacks(txn, out.person, asker->person ? asker->person : "", &lacks));
    if (!lacks && !leads)
        lacks = "not-allowed";
    if (lacks && !out.confirmed_ms)
        out.lacks = upp_lend(lacks);
    UPP_TRY(name_of_person(txn, out.person, name));
    UPP_TRY(name_of_person(txn, out.confirmed_by, confirmed_name));
    content.name = name;
    content.confirmed_name = confirmed_name;
    return upp_reply_content(txn, &out.base, &content.base);
}

int leaver_lists(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    const Uppsikt__LeaverLists *q = msg;
    right_asker asker;
    int64_t room = text_page(q->limit);
    UPP_TRY(begin(txn, in, &asker));
    UPP_ROWS row = upp_query(
        txn,
        "SELECT l.person, l.opened_ms, l.confirmed_ms, l.confirmed_by, p.leaves_ms,"
        " (SELECT count(DISTINCT r.account) FROM leaver_row r JOIN account c USING (account)"
        "  WHERE r.person = l.person AND c.state <> ?4),"
        " (SELECT count(*) FROM leaver_row r JOIN account c USING (account)"
        "  WHERE r.person = l.person AND c.state <> ?4 AND r.tick = ?5),"
        " (SELECT coalesce(min(f.due_ms), 0) FROM finding f WHERE f.person = l.person"
        "  AND f.kind = 'leaver' AND f.cleared_ms = 0)"
        " FROM leaver l JOIN person p USING (person) WHERE l.person > ?1"
        " AND (?2 = '' OR l.person = ?2) AND (?3 OR l.confirmed_ms = 0) ORDER BY l.person",
        BIND(V(q->after), V(q->person), V((int64_t)q->confirmed), V((int64_t)LIFE_CLOSED),
             V((int64_t)UPPSIKT__LEAVER_TICK__LEAVER_TICK_OPEN)));
    while (room > 0 && upp_next(&row)) {
        const int may = may_see(txn, &asker, upp_col_text(&row, 0));
        UPP_TRY(may);
        if (!may)
            continue;
        UPP_TRY(reply_list(txn, &asker, &row));
        room--;
    }
    return row.rc;
}

/* -- one list's accounts -- */
typedef struct steps {
    Uppsikt__LeaverRow row[STEPS], *list[STEPS];
    char by[STEPS][REGISTRY_ID], successor[STEPS][REGISTRY_ID], appointed[STEPS][REGISTRY_ID];
    char note[STEPS][NOTE], by_name[STEPS][REGISTRY_NAME], successor_name[STEPS][REGISTRY_NAME];
    char *notes[STEPS], *by_names[STEPS], *successors[STEPS];
    size_t n;
} steps;

static int read_note(upp_txn *txn, int64_t ref, char ret_note[NOTE])
{
    UPP_AUTO(upp_msg_freep) ProtobufCMessage *kept = NULL;
    ret_note[0] = '\0';
    const int forgotten =
        upp_recall(txn, ref, &uppsikt__leaver_row_ticked_content__descriptor, &kept);
    UPP_TRY(forgotten);
    if (!forgotten)
        text_copy(ret_note, NOTE, ((const Uppsikt__LeaverRowTickedContent *)kept)->note);
    return 0;
}

static int read_step(upp_txn *txn, const upp_rows *from, steps *s)
{
    const size_t n = s->n++;
    Uppsikt__LeaverRow *r = &s->row[n];
    uppsikt__leaver_row__init(r);
    text_copy(s->by[n], REGISTRY_ID, upp_col_text(from, 2));
    text_copy(s->successor[n], REGISTRY_ID, upp_col_text(from, 4));
    text_copy(s->appointed[n], REGISTRY_ID, upp_col_text(from, 5));
    r->step = (Uppsikt__LeaverStep)upp_col_int(from, 0);
    r->tick = (Uppsikt__LeaverTick)upp_col_int(from, 1);
    r->by = s->by[n];
    r->at_ms = upp_col_int(from, 3);
    r->successor = s->successor[n];
    r->appointed_by = s->appointed[n];
    r->appointed_ms = upp_col_int(from, 6);
    s->list[n] = r;
    s->notes[n] = s->note[n];
    s->by_names[n] = s->by_name[n];
    s->successors[n] = s->successor_name[n];
    UPP_TRY(read_note(txn, upp_col_int(from, 7), s->note[n]));
    UPP_TRY(name_of_person(txn, r->by, s->by_name[n]));
    return name_of_person(txn, r->successor, s->successor_name[n]);
}

static int read_steps(upp_txn *txn, const char *person, const char *account, steps *s)
{
    s->n = 0;
    UPP_ROWS row =
        upp_query(txn,
                  "SELECT step, tick, done_by, done_ms, successor, appointed_by, appointed_ms,"
                  " note_ref FROM leaver_row WHERE person = ?1 AND account = ?2 ORDER BY step",
                  BIND(V(person), V(account)));
    while (s->n < STEPS && upp_next(&row))
        UPP_TRY(read_step(txn, &row, s));
    return row.rc;
}

static int reply_account(upp_txn *txn, const right_asker *asker, const char *person,
                         const upp_rows *row)
{
    char name[REGISTRY_LABEL], vault[REGISTRY_LABEL], head[REGISTRY_ID], head_name[REGISTRY_NAME];
    steps s;
    account_row a;
    Uppsikt__LeaverAccountRow out = UPPSIKT__LEAVER_ACCOUNT_ROW__INIT;
    Uppsikt__LeaverAccountRowContent content = UPPSIKT__LEAVER_ACCOUNT_ROW_CONTENT__INIT;
    const int missing = account_read(txn, upp_col_text(row, 0), &a);
    UPP_TRY(missing);
    UPP_TRY(authority_head(txn, a.unit, head));
    UPP_TRY(name_of_person(txn, head, head_name));
    UPP_TRY(name_of_account(txn, a.account, name, vault));
    UPP_TRY(read_steps(txn, person, a.account, &s));
    out.account = a.account;
    out.unit = a.unit;
    out.platform = a.platform;
    out.head = head;
    out.state = (Uppsikt__AccountChanged__State)a.state;
    out.others = (uint32_t)upp_col_int(row, 1);
    out.access = upp_col_int(row, 2) != 0;
    out.successor_access = upp_col_int(row, 3) != 0;
    const int tick = asker->person ? leaver_may_tick(txn, asker, a.account, a.unit) : 0;
    UPP_TRY(tick);
    const int leads = right_leads(txn, asker, a.unit);
    UPP_TRY(leads);
    out.may_tick = tick != 0;
    out.may_give = leads || right_has(asker, ROLE_OPERATIONS | ROLE_COMMUNICATIONS);
    out.rows = s.list;
    out.n_rows = content.n_notes = content.n_by = content.n_successors = s.n;
    content.name = name;
    content.vault = vault;
    content.head = head_name;
    content.notes = s.notes;
    content.by = s.by_names;
    content.successors = s.successors;
    return upp_reply_content(txn, &out.base, &content.base);
}

int leaver_accounts(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    const Uppsikt__LeaverAccounts *q = msg;
    right_asker asker;
    UPP_TRY(begin(txn, in, &asker));
    const int may = may_see(txn, &asker, q->person);
    UPP_TRY(may);
    if (!may)
        return upp_refuse(txn, "not-allowed");
    UPP_ROWS row =
        upp_query(txn,
                  "SELECT DISTINCT r.account, (SELECT count(*) FROM access x JOIN person p"
                  " USING (person) WHERE x.account = r.account AND p.gone = 0 AND x.person <> ?1),"
                  " EXISTS (SELECT 1 FROM access x WHERE x.account = r.account AND x.person = ?1),"
                  " EXISTS (SELECT 1 FROM leaver_row s JOIN access x ON x.account = s.account"
                  "  AND x.person = s.successor WHERE s.person = ?1 AND s.account = r.account)"
                  " FROM leaver_row r WHERE r.person = ?1 AND r.account > ?2"
                  " ORDER BY r.account LIMIT ?3",
                  BIND(V(q->person), V(q->after), V(text_page(q->limit))));
    while (upp_next(&row))
        UPP_TRY(reply_account(txn, &asker, q->person, &row));
    return row.rc;
}
