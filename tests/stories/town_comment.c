/* town_comment.c - what people write, as a file brings it, and what the world says of it. */
#include "town.h"
#include "town_part.h"
#include "uppsikt/ingest.pb-c.h"
#include <jansson.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put(json_t *line, const char *name, const char *value)
{
    if (value)
        upp_check(json_object_set_new(line, name, json_string(value)) == 0);
}

void town_import_to(town *t, const char *account, const town_line *lines, size_t n)
{
    Uppsikt__ImportLines c = UPPSIKT__IMPORT_LINES__INIT;
    ProtobufCBinaryData *list = calloc(n, sizeof *list);
    char name[32];
    upp_check(list);
    for (size_t i = 0; i < n; i++) {
        json_t *line = json_object();
        put(line, "external_id", lines[i].id);
        put(line, "kind", lines[i].kind ? lines[i].kind : "comment");
        put(line, "external_parent_id", lines[i].parent);
        put(line, "created_at", lines[i].created);
        put(line, "edited_at", lines[i].edited);
        put(line, "text", lines[i].text);
        put(line, "state", lines[i].state);
        put(line, "thread_id", lines[i].thread);
        if (lines[i].author)
            upp_check(json_object_set_new(line, "author",
                                          json_pack("{s:s}", "id", lines[i].author)) == 0);
        char *text = json_dumps(line, JSON_COMPACT);
        upp_check(text);
        list[i] = (ProtobufCBinaryData){ strlen(text), (uint8_t *)text };
        json_decref(line);
    }
    snprintf(name, sizeof name, "fil-%d", ++t->lines);
    c.import = name;
    c.first_line = 1;
    c.n_lines = n;
    c.lines = list;
    c.last = true;
    c.account = upp_lend(account);
    (void)sim_command(t->s, "ingest", NULL, &c.base);
    for (size_t i = 0; i < n; i++)
        free(list[i].data);
    free(list);
}

void town_import(town *t, const town_line *lines, size_t n)
{
    town_import_to(t, "acc", lines, n);
}

void town_item(town *t, const char *received, char ret_item[UPP_ID])
{
    ret_item[0] = '\0';
    for (int i = 0; i < 7200 && !ret_item[0]; i++) {
        sqlite3_stmt *stmt = NULL;
        upp_check(sqlite3_prepare_v2(town_store(t, "escalation"),
                                     "SELECT item FROM item WHERE received_ms = ?1", -1, &stmt,
                                     NULL) == SQLITE_OK);
        upp_check(sqlite3_bind_int64(stmt, 1, town_at(received)) == SQLITE_OK);
        if (sqlite3_step(stmt) == SQLITE_ROW)
            snprintf(ret_item, UPP_ID, "%s", (const char *)sqlite3_column_text(stmt, 0));
        sqlite3_finalize(stmt);
        if (!ret_item[0])
            sim_run(t->s, UPP_SECOND);
    }
    if (!ret_item[0])
        town_wrong(t, "the comment of %s did not come within two hours", received);
}

void town_judged(town *t, const char *item, uint32_t version, Uppsikt__Label label)
{
    Uppsikt__CommentClassified c = UPPSIKT__COMMENT_CLASSIFIED__INIT;
    Uppsikt__CommentClassifiedContent reasons = UPPSIKT__COMMENT_CLASSIFIED_CONTENT__INIT;
    Uppsikt__Finding f = UPPSIKT__FINDING__INIT;
    Uppsikt__Finding *list[] = { &f };
    f.label = label;
    f.band = UPPSIKT__BAND__BAND_LIKELY;
    c.item = upp_lend(item);
    c.account = upp_lend("acc");
    c.version = version;
    c.duty = UPPSIKT__DUTY__DUTY_HOUSE_RULE;
    c.n_findings = label ? 1 : 0;
    c.findings = list;
    sim_say(t->s, "classify", item, &c.base, &reasons.base);
}
