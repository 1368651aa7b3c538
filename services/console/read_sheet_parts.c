/* read_sheet_parts.c - a matter's versions, history, copies, actions, plan rows and replies. */
#include "sheet_row.h"
#include <string.h>

/* The newest first; each text that is not forgotten. */
int sheet_add_versions(upp_txn *txn, sheet_row *s)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT version, at_ms, what_ref FROM version WHERE item = ?1"
                             " ORDER BY version DESC LIMIT ?2",
                             BIND(V(s->desk.item), V(SHEET_VERSIONS)));
    s->row.versions = s->versions;
    s->content.texts = s->version_texts;
    while (upp_next(&row)) {
        const ProtobufCMessage *kept = NULL;
        const size_t n = s->row.n_versions++;
        uppsikt__sheet_version__init(&s->version[n]);
        s->version[n].version = (uint32_t)upp_col_int(&row, 0);
        s->version[n].at_ms = upp_col_int(&row, 1);
        s->versions[n] = &s->version[n];
        UPP_TRY(sheet_recall(txn, s, upp_col_int(&row, 2),
                             &uppsikt__comment_received_content__descriptor, &kept));
        s->version_texts[s->content.n_texts++] =
            kept ? ((const Uppsikt__CommentReceivedContent *)kept)->text : sheet_copy(s, "");
    }
    return row.rc;
}

/* The words of the line that was read last; by what happened they are of another type. */
static int add_note(upp_txn *txn, sheet_row *s, const char *what, int64_t ref)
{
    const ProtobufCMessage *kept = NULL;
    const bool mailed = strcmp(what, "log.mailed") == 0;
    const bool number = strcmp(what, "log.diary-number") == 0;
    const bool appeal = strncmp(what, "log.appeal-", strlen("log.appeal-")) == 0;
    const bool tried = strncmp(what, "log.appealed-", strlen("log.appealed-")) == 0;
    UPP_TRY(sheet_recall(txn, s, ref,
                         mailed   ? &uppsikt__matter_noted_content__descriptor
                         : number ? &uppsikt__diary_number_given_content__descriptor
                         : appeal ? &uppsikt__appeal_lodged_content__descriptor
                         : tried  ? &uppsikt__appeal_decided_content__descriptor
                                  : &uppsikt__decision_made_content__descriptor,
                         &kept));
    if (!kept)
        return 0;
    s->notes[s->content.n_notes - 1] =
        mailed   ? ((const Uppsikt__MatterNotedContent *)kept)->note
        : number ? ((const Uppsikt__DiaryNumberGivenContent *)kept)->number
        : appeal ? ((const Uppsikt__AppealLodgedContent *)kept)->text
        : tried  ? ((const Uppsikt__AppealDecidedContent *)kept)->note
                 : ((const Uppsikt__DecisionMadeContent *)kept)->note;
    return 0;
}

/* In the order in which it happened; the last lines when there are many. */
int sheet_add_history(upp_txn *txn, sheet_row *s)
{
    UPP_ROWS row =
        upp_query(txn,
                  "SELECT at_ms, what, person, detail, note_ref FROM (SELECT * FROM happening"
                  " WHERE item = ?1 AND item <> '' AND (matter = '' OR matter = ?2 OR what LIKE "
                  "'log.decided%' OR (?4 AND what LIKE 'log.diary%'))"
                  " ORDER BY at_ms DESC, n DESC LIMIT ?3) ORDER BY at_ms, n",
                  BIND(V(s->desk.item), V(s->desk.matter), V(SHEET_LINES),
                       V((int64_t)(s->desk.errand[0] == '\0'))));
    s->row.happened = s->happened;
    s->content.notes = s->notes;
    while (upp_next(&row)) {
        const size_t n = s->row.n_happened++;
        Uppsikt__Happening *h = &s->happening[n];
        uppsikt__happening__init(h);
        h->at_ms = upp_col_int(&row, 0);
        h->what = sheet_copy(s, upp_col_text(&row, 1));
        h->person = sheet_copy(s, upp_col_text(&row, 2));
        h->detail = sheet_copy(s, upp_col_text(&row, 3));
        s->happened[n] = h;
        s->notes[s->content.n_notes++] = sheet_copy(s, "");
        UPP_TRY(add_note(txn, s, h->what, upp_col_int(&row, 4)));
    }
    return row.rc;
}

int sheet_add_seals(upp_txn *txn, sheet_row *s)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT version, level, at_ms, record, media_gone FROM seal"
                             " WHERE item = ?1 ORDER BY version DESC, level DESC LIMIT ?2",
                             BIND(V(s->desk.item), V(SHEET_SEALS)));
    s->row.seals = s->seals;
    while (upp_next(&row)) {
        const size_t n = s->row.n_seals++;
        Uppsikt__SheetSeal *seal = &s->seal[n];
        uppsikt__sheet_seal__init(seal);
        seal->version = (uint32_t)upp_col_int(&row, 0);
        seal->level = (Uppsikt__SealLevel)upp_col_int(&row, 1);
        seal->at_ms = upp_col_int(&row, 2);
        seal->record = sheet_copy(s, upp_col_text(&row, 3));
        seal->media_gone = (uint32_t)upp_col_int(&row, 4);
        s->seals[n] = seal;
    }
    return row.rc;
}

static int add_action(sheet_row *s, const upp_rows *row)
{
    const size_t n = s->row.n_actions++;
    Uppsikt__SheetAction *a = &s->action[n];
    uppsikt__sheet_action__init(a);
    a->action = sheet_copy(s, upp_col_text(row, 0));
    a->what = (Uppsikt__ItemAction)upp_col_int(row, 1);
    a->state = sheet_copy(s, upp_col_text(row, 2));
    a->reason = sheet_copy(s, upp_col_text(row, 3));
    a->at_ms = upp_col_int(row, 4);
    a->missing = sheet_copy(s, upp_col_text(row, 5));
    s->actions[n] = a;
    return 0;
}

/* What was decided and has no outcome yet waits: for a copy of that version, or its turn. */
int sheet_add_actions(upp_txn *txn, sheet_row *s)
{
    s->row.actions = s->actions;
    {
        UPP_ROWS row = upp_query(txn,
                                 "SELECT action, what, state, reason, at_ms, '' FROM action"
                                 " WHERE item = ?1 ORDER BY at_ms DESC LIMIT ?2",
                                 BIND(V(s->desk.item), V(SHEET_ACTIONS / 2)));
        while (upp_next(&row))
            add_action(s, &row);
        UPP_TRY(row.rc);
    }
    UPP_ROWS row = upp_query(
        txn,
        "SELECT d.decision, d.action, 'waiting', d.reason, d.at_ms,"
        " CASE WHEN d.action = 4 OR EXISTS (SELECT 1 FROM seal e WHERE e.item = d.item"
        " AND e.version = d.version AND e.level >= d.action - 1)"
        " THEN '' WHEN d.action = 3 THEN 'WHOLE' ELSE 'RAW' END FROM decision d"
        " WHERE d.item = ?1 AND d.action IN (2, 3, 4) AND NOT EXISTS (SELECT 1 FROM action x"
        " WHERE x.action = d.decision)"
        " ORDER BY d.at_ms DESC LIMIT ?2",
        BIND(V(s->desk.item), V(SHEET_ACTIONS / 2)));
    while (upp_next(&row))
        add_action(s, &row);
    return row.rc;
}

/* Rows in force that let something go, of the account's authority. */
int sheet_add_plan(upp_txn *txn, sheet_row *s)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT plan_row, process, kind, decision FROM plan"
                             " WHERE authority = ?1 AND decision <> '' AND action = 2"
                             " ORDER BY kind LIMIT ?2",
                             BIND(V(s->authority), V(SHEET_PLAN)));
    s->row.rows = s->plans;
    while (upp_next(&row)) {
        const size_t n = s->row.n_rows++;
        uppsikt__plan_row__init(&s->plan[n]);
        s->plan[n].row = sheet_copy(s, upp_col_text(&row, 0));
        s->plan[n].process = sheet_copy(s, upp_col_text(&row, 1));
        s->plan[n].kind = sheet_copy(s, upp_col_text(&row, 2));
        s->plan[n].decision = sheet_copy(s, upp_col_text(&row, 3));
        s->plans[n] = &s->plan[n];
    }
    return row.rc;
}

int sheet_add_replies(upp_txn *txn, sheet_row *s)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT at_ms, signed, text_ref FROM reply WHERE item = ?1"
                             " ORDER BY at_ms LIMIT ?2",
                             BIND(V(s->desk.item), V(SHEET_REPLIES)));
    s->row.replies = s->replies;
    s->content.replies = s->reply_texts;
    while (upp_next(&row)) {
        const ProtobufCMessage *kept = NULL;
        const size_t n = s->row.n_replies++;
        uppsikt__sheet_reply__init(&s->reply[n]);
        s->reply[n].at_ms = upp_col_int(&row, 0);
        s->reply[n].signed_ = upp_col_int(&row, 1) != 0;
        s->replies[n] = &s->reply[n];
        UPP_TRY(sheet_recall(txn, s, upp_col_int(&row, 2), &uppsikt__reply_seen_content__descriptor,
                             &kept));
        s->reply_texts[s->content.n_replies++] =
            kept ? ((const Uppsikt__ReplySeenContent *)kept)->text : sheet_copy(s, "");
    }
    return row.rc;
}
