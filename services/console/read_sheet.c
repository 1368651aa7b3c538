/* read_sheet.c - all that is known of one matter, in one row. */
#include "sheet_row.h"
#include "uppsikt/registry.pb-c.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void sheet_row_freep(sheet_row **row)
{
    sheet_row *s = *row;
    for (size_t i = 0; i < s->n_kept; i++)
        upp_msg_freep(&s->kept[i]);
    for (size_t i = 0; i < s->n_texts; i++)
        free(s->texts[i]);
    desk_done(&s->desk);
    free(s);
}

char *sheet_copy(sheet_row *s, const char *text)
{
    upp_check(s->n_texts < UPP_LEN(s->texts));
    char *copy = strdup(text);
    upp_check(copy);
    return s->texts[s->n_texts++] = copy;
}

int sheet_recall(upp_txn *txn, sheet_row *s, int64_t ref, const ProtobufCMessageDescriptor *type,
                 const ProtobufCMessage **ret_body)
{
    *ret_body = NULL;
    upp_check(s->n_kept < UPP_LEN(s->kept));
    const int forgotten = upp_recall(txn, ref, type, &s->kept[s->n_kept]);
    UPP_TRY(forgotten);
    if (!forgotten)
        *ret_body = s->kept[s->n_kept++];
    return 0;
}

/* May she see it? Nobody else's matter is there at all. */
static int read_matter(upp_txn *txn, const Uppsikt__Sheet *q, sheet_row *s)
{
    static const char *const states[] = { "open", "met", "withdrawn" };
    {
        UPP_ROWS row = upp_query(txn,
                                 "SELECT 1 FROM matter m WHERE m.matter = ?1 AND m.account IN"
                                 " (SELECT account FROM may_see WHERE person = ?2)",
                                 BIND(V(q->matter), V(q->person)));
        if (!upp_next(&row))
            return row.rc < 0 ? row.rc : 1;
    }
    UPP_TRY(desk_fill(txn, q->matter, &s->desk));
    const size_t state = (size_t)s->desk.state % UPP_LEN(states);
    snprintf(s->state, sizeof s->state, "%s", states[state]);
    s->row.met_how = state == 1 ? (Uppsikt__MetHow)s->desk.how : 0;
    s->row.withdrawn_how = state == 2 ? (Uppsikt__WithdrawnHow)s->desk.how : 0;
    s->row.ended_ms = s->desk.ended_ms;
    return 0;
}

static int read_item(upp_txn *txn, sheet_row *s)
{
    {
        UPP_ROWS row =
            upp_query(txn, "SELECT gone FROM item WHERE item = ?1", BIND(V(s->desk.item)));
        if (upp_next(&row) && upp_col_int(&row, 0) > 0) {
            s->row.is_gone = true;
            s->row.gone = (Uppsikt__GoneBy)(upp_col_int(&row, 0) - 1);
        }
        UPP_TRY(row.rc);
    }
    UPP_ROWS row = upp_query(txn,
                             "SELECT danger, reasons_ref FROM judged WHERE item = ?1"
                             " ORDER BY version DESC LIMIT 1",
                             BIND(V(s->desk.item)));
    const ProtobufCMessage *kept = NULL;
    if (upp_next(&row)) {
        s->row.danger = upp_col_int(&row, 0) != 0;
        UPP_TRY(sheet_recall(txn, s, upp_col_int(&row, 1),
                             &uppsikt__comment_classified_content__descriptor, &kept));
    }
    UPP_TRY(row.rc);
    const Uppsikt__CommentClassifiedContent *judged =
        (const Uppsikt__CommentClassifiedContent *)kept;
    if (judged) {
        s->content.reasons = judged->reasons;
        s->content.n_reasons = judged->n_reasons;
    }
    const Uppsikt__CommentReceivedContent *what =
        (const Uppsikt__CommentReceivedContent *)s->desk.what;
    if (what) {
        s->content.permalink = what->permalink;
        s->content.author_url = what->author ? what->author->url : s->content.author_url;
        s->content.attachments = what->attachments;
        s->content.n_attachments = what->n_attachments;
    }
    return 0;
}

static int read_account(upp_txn *txn, const char *person, sheet_row *s)
{
    {
        UPP_ROWS row = upp_query(txn,
                                 "SELECT authority, (SELECT count(*) FROM may_act x"
                                 " WHERE x.account = a.account AND x.person = ?2)"
                                 " FROM account a WHERE a.account = ?1",
                                 BIND(V(s->desk.account), V(person)));
        if (upp_next(&row)) {
            snprintf(s->authority, sizeof s->authority, "%s", upp_col_text(&row, 0));
            s->row.may_act = upp_col_int(&row, 1) > 0;
        }
        UPP_TRY(row.rc);
    }
    UPP_ROWS row = upp_query(txn,
                             "SELECT hold FROM hold WHERE released = 0"
                             " AND (account = ?1 OR matter = ?2) LIMIT 1",
                             BIND(V(s->desk.account), V(s->desk.matter)));
    if (upp_next(&row)) {
        s->row.held = true;
        snprintf(s->hold, sizeof s->hold, "%s", upp_col_text(&row, 0));
    }
    return row.rc;
}

static int read_person(upp_txn *txn, sheet_row *s, const char *person, int64_t ref,
                       Uppsikt__NamedPerson *ret_person)
{
    const ProtobufCMessage *kept = NULL;
    uppsikt__named_person__init(ret_person);
    ret_person->person = sheet_copy(s, person);
    UPP_TRY(sheet_recall(txn, s, ref, &uppsikt__person_registered_content__descriptor, &kept));
    const Uppsikt__PersonRegisteredContent *who = (const Uppsikt__PersonRegisteredContent *)kept;
    if (who) {
        ret_person->first_name = who->first_name;
        ret_person->last_name = who->last_name;
        ret_person->title = who->title;
    }
    return 0;
}

/* Whom it can be handed to: those with access first, by rank; then everybody else (R14: the right
 * officer may have nothing to do with the account). */
static int read_colleagues(upp_txn *txn, const char *self, sheet_row *s)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT p.person, p.who_ref, x.rank IS NOT NULL FROM person p"
                             " LEFT JOIN access x ON x.person = p.person AND x.account = ?1"
                             " WHERE p.gone = 0 AND p.person <> ?2"
                             " ORDER BY x.rank IS NULL, x.rank, p.unit, p.person LIMIT ?3",
                             BIND(V(s->desk.account), V(self), V(SHEET_COLLEAGUES)));
    s->content.colleagues = s->colleagues;
    while (upp_next(&row)) {
        const size_t n = s->content.n_colleagues++;
        UPP_TRY(read_person(txn, s, upp_col_text(&row, 0), upp_col_int(&row, 1), &s->colleague[n]));
        s->colleague[n].has_access = upp_col_int(&row, 2) != 0;
        s->colleagues[n] = &s->colleague[n];
    }
    return row.rc;
}

/* Everybody in its history, each once. */
static int read_persons(upp_txn *txn, sheet_row *s)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT person, who_ref FROM person WHERE person IN"
                             " (SELECT person FROM happening WHERE item = ?1) LIMIT ?2",
                             BIND(V(s->desk.item), V(SHEET_PERSONS)));
    s->content.persons = s->persons;
    while (upp_next(&row)) {
        const size_t n = s->content.n_persons++;
        UPP_TRY(read_person(txn, s, upp_col_text(&row, 0), upp_col_int(&row, 1), &s->person[n]));
        s->persons[n] = &s->person[n];
    }
    return row.rc;
}

static int read_others(upp_txn *txn, sheet_row *s)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT matter FROM matter WHERE item = ?1 AND matter <> ?2"
                             " AND state = 0 AND item <> '' ORDER BY matter LIMIT ?3",
                             BIND(V(s->desk.item), V(s->desk.matter), V(SHEET_MATTERS)));
    s->row.matters = s->matters;
    while (upp_next(&row))
        s->matters[s->row.n_matters++] = sheet_copy(s, upp_col_text(&row, 0));
    return row.rc;
}

/* The newest words of an officer who was asked. */
static int read_draft(upp_txn *txn, sheet_row *s)
{
    const ProtobufCMessage *kept = NULL;
    UPP_ROWS row = upp_query(txn,
                             "SELECT d.text_ref, d.person, p.who_ref FROM draft d JOIN person p"
                             " USING (person) WHERE d.matter = ?1 ORDER BY d.at_ms DESC LIMIT 1",
                             BIND(V(s->desk.matter)));
    if (!upp_next(&row))
        return row.rc;
    UPP_TRY(sheet_recall(txn, s, upp_col_int(&row, 0), &uppsikt__reply_drafted_content__descriptor,
                         &kept));
    if (!kept)
        return 0;
    s->content.draft = ((const Uppsikt__ReplyDraftedContent *)kept)->text;
    UPP_TRY(read_person(txn, s, upp_col_text(&row, 1), upp_col_int(&row, 2), &s->drafter));
    s->content.drafter = &s->drafter;
    return 0;
}

int console_sheet(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    (void)in;
    const Uppsikt__Sheet *q = msg;
    UPP_AUTO(sheet_row_freep) sheet_row *s = calloc(1, sizeof *s);
    upp_check(s);
    uppsikt__sheet_row__init(&s->row);
    uppsikt__sheet_row_content__init(&s->content);
    uppsikt__desk_row_content__init(&s->desk.content);
    const int missing = read_matter(txn, q, s);
    if (missing)
        return missing < 0 ? missing : 0;
    s->row.desk = &s->desk.row;
    s->row.state = s->state;
    s->row.newest = s->desk.row.versions;
    s->row.authority = s->authority;
    s->row.hold = s->hold;
    s->content.desk = &s->desk.content;
    UPP_TRY(read_item(txn, s));
    UPP_TRY(read_account(txn, q->person, s));
    UPP_TRY(read_colleagues(txn, q->person, s));
    UPP_TRY(read_persons(txn, s));
    UPP_TRY(read_others(txn, s));
    UPP_TRY(sheet_add_versions(txn, s));
    UPP_TRY(sheet_add_history(txn, s));
    UPP_TRY(sheet_add_seals(txn, s));
    UPP_TRY(sheet_add_actions(txn, s));
    UPP_TRY(sheet_add_plan(txn, s));
    UPP_TRY(sheet_add_replies(txn, s));
    UPP_TRY(read_draft(txn, s));
    return upp_reply_content(txn, &s->row.base, &s->content.base);
}
