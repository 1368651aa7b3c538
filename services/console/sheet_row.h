/* sheet_row.h - a matter's whole row while it is read: it owns what it shows. Private to
 * read_sheet*.c. */
#pragma once
#include "console.h"

enum {
    SHEET_VERSIONS = 8,
    SHEET_LINES = 60,
    SHEET_SEALS = 24,
    SHEET_ACTIONS = 16,
    SHEET_PLAN = 40,
    SHEET_PERSONS = 40,
    SHEET_COLLEAGUES = 150,
    SHEET_REPLIES = 8,
    SHEET_MATTERS = 8,
    SHEET_KEPT = 330,
};

typedef struct sheet_row {
    Uppsikt__SheetRow row;
    Uppsikt__SheetRowContent content;
    desk_shown desk;
    char state[16], authority[CONSOLE_ID], hold[CONSOLE_ID];
    ProtobufCMessage *kept[SHEET_KEPT]; /* what was recalled, until sheet_row_free */
    size_t n_kept;
    char *texts[SHEET_KEPT + 10 * SHEET_LINES + 6 * SHEET_ACTIONS + 8 * SHEET_PLAN]; /* copies */
    size_t n_texts;

    Uppsikt__SheetVersion version[SHEET_VERSIONS], *versions[SHEET_VERSIONS];
    char *version_texts[SHEET_VERSIONS];
    Uppsikt__Happening happening[SHEET_LINES], *happened[SHEET_LINES];
    char *notes[SHEET_LINES];
    Uppsikt__SheetSeal seal[SHEET_SEALS], *seals[SHEET_SEALS];
    Uppsikt__SheetAction action[SHEET_ACTIONS], *actions[SHEET_ACTIONS];
    Uppsikt__PlanRow plan[SHEET_PLAN], *plans[SHEET_PLAN];
    Uppsikt__NamedPerson person[SHEET_PERSONS], *persons[SHEET_PERSONS];
    Uppsikt__NamedPerson colleague[SHEET_COLLEAGUES], *colleagues[SHEET_COLLEAGUES];
    Uppsikt__SheetReply reply[SHEET_REPLIES], *replies[SHEET_REPLIES];
    char *reply_texts[SHEET_REPLIES];
    Uppsikt__NamedPerson drafter;
    char *matters[SHEET_MATTERS];
} sheet_row;

/* A copy that lives as long as the row. */
char *sheet_copy(sheet_row *s, const char *text);
/* Recalls content into the row; NULL in *ret_body: none, or forgotten. */
int sheet_recall(upp_txn *txn, sheet_row *s, int64_t ref, const ProtobufCMessageDescriptor *type,
                 const ProtobufCMessage **ret_body);
/* -- read_sheet_parts.c -- */
int sheet_add_versions(upp_txn *txn, sheet_row *s);
int sheet_add_history(upp_txn *txn, sheet_row *s);
int sheet_add_seals(upp_txn *txn, sheet_row *s);
int sheet_add_actions(upp_txn *txn, sheet_row *s);
int sheet_add_plan(upp_txn *txn, sheet_row *s);
int sheet_add_replies(upp_txn *txn, sheet_row *s);
