/* afterwards_test.c - what a page lets a person do when it is decided: decide anew, write down that
 * somebody objects, try it (R25, R30). */
#include "view.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MODERATION UPPSIKT__MATTER_KIND__MATTER_KIND_MODERATION
#define QUESTION   UPPSIKT__MATTER_KIND__MATTER_KIND_QUESTION

typedef struct scene {
    const char *state, *errand, *happened; /* happened NULL: nothing */
    Uppsikt__MatterKind kind;
    bool gone, looks_only;
    bool anew, lodge, tries; /* which forms the page has */
} scene;

static zone *stockholm(void)
{
    static uint8_t bytes[64 * 1024];
    const char *why = "";
    zone *tz = NULL;
    FILE *file = fopen("/usr/share/zoneinfo/Europe/Stockholm", "rb");
    assert_non_null(file);
    const size_t n = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    assert_int_equal(zone_parse((upp_bytes){ bytes, n }, &tz, &why), 0);
    return tz;
}

/* The acts of a matter's page. The caller frees. */
static char *page_of(const scene *s, const char *complaint)
{
    static const uint8_t token[GUARD_TOKEN], seed[16];
    phrases *sv = phrases_new("sv");
    zone *tz = stockholm();
    Uppsikt__VisitorRow who = UPPSIKT__VISITOR_ROW__INIT;
    Uppsikt__SheetRow row = UPPSIKT__SHEET_ROW__INIT;
    Uppsikt__SheetRowContent content = UPPSIKT__SHEET_ROW_CONTENT__INIT;
    Uppsikt__DeskRow desk = UPPSIKT__DESK_ROW__INIT;
    Uppsikt__DeskRowContent desk_content = UPPSIKT__DESK_ROW_CONTENT__INIT;
    Uppsikt__MatterOpened opened = UPPSIKT__MATTER_OPENED__INIT;
    Uppsikt__SheetVersion version = UPPSIKT__SHEET_VERSION__INIT, *versions[] = { &version };
    Uppsikt__Happening last = UPPSIKT__HAPPENING__INIT, *happened[] = { &last };
    opened.matter = upp_lend("i1.m1");
    opened.item = upp_lend("i1");
    opened.kind = s->kind;
    opened.errand = upp_lend(s->errand);
    desk.opened = &opened;
    desk.platform = upp_lend("facebook");
    row.desk = &desk;
    row.state = upp_lend(s->state);
    row.newest = 3;
    row.may_act = !s->looks_only;
    row.is_gone = s->gone;
    row.versions = versions;
    row.n_versions = 1;
    last.what = upp_lend(s->happened ? s->happened : "");
    row.happened = happened;
    row.n_happened = s->happened ? 1 : 0;
    content.desk = &desk_content;
    view v = { .h = { .phrases = sv },
               .who = &who,
               .token = token,
               .seed = seed,
               .complaints = { complaint },
               .n_complaints = complaint ? 1 : 0,
               .clock = { tz, sv, 1790000000000 } };
    view_acts(&v, &(view_matter){ .row = &row, .content = &content, .signature = "" });
    char *text = strdup(v.h.at);
    html_done(&v.h);
    phrases_free(sv);
    zone_free(tz);
    return text;
}

/* What is done with can be decided anew where there is something to decide, and objected to where
 * something was; only by whoever may act there. */
static void R25_a_closed_page_lets_decide_anew(void **state)
{
    static const scene scenes[] = {
        { "met", "", "log.decided-1", MODERATION, false, false, true, true, false },
        { "met", "", "log.decided-2", MODERATION, true, false, false, true, false },
        { "met", "", NULL, MODERATION, false, false, true, false, false },
        { "met", "", NULL, QUESTION, false, false, false, false, false },
        { "met", "", "log.decided-1", MODERATION, false, true, false, false, false },
        { "open", "", "log.decided-2", MODERATION, false, false, false, true, false },
        { "open", "", NULL, MODERATION, false, false, false, false, false },
        { "met", "danger", "log.decided-2", MODERATION, false, false, false, false, false },
        { "open", "appeal", "log.decided-2", MODERATION, false, false, false, false, true },
        { "met", "appeal", "log.decided-2", MODERATION, false, false, false, false, false },
    };
    (void)state;
    for (size_t i = 0; i < UPP_LEN(scenes); i++) {
        const scene *s = &scenes[i];
        char *page = page_of(s, NULL);
        const bool closed = strcmp(s->state, "open") != 0;
        if ((strstr(page, "id=\"pa-nytt\"") != NULL) != s->anew ||
            (closed && (strstr(page, "/beslut\"") != NULL) != s->anew) ||
            (strstr(page, "/sak/i1.m1/invandning\"") != NULL) != s->lodge ||
            (strstr(page, "/sak/i1.m1/provning\"") != NULL) != s->tries)
            fail_msg("scene %zu has other forms: %s", i, page);
        if (s->tries || (closed && s->anew)) /* on the version that she saw */
            assert_non_null(strstr(page, "name=\"version\" value=\"3\""));
        free(page);
    }
}

/* A form that comes back with a complaint is in sight, and its field says so. */
static void R30_what_is_wrong_is_in_sight(void **state)
{
    static const struct {
        scene s;
        const char *complaint, *says;
    } rows[] = {
        { { "met", "", "log.decided-1", MODERATION, .anew = true },
          "objection:appeal.need-words",
          "<details open><summary>Skriv in en invändning" },
        { { "met", "", "log.decided-1", MODERATION, .anew = true },
          "reason:decide.need-breach",
          "<details open><summary>Besluta på nytt" },
        { { "met", "", "log.decided-1", MODERATION, .anew = true },
          "anew-note-missing",
          "<details open><summary>Besluta på nytt" },
        { { "open", "appeal", "log.decided-1", MODERATION, .tries = true },
          "why:appeal.need-why",
          "Skriv varför beslutet står fast eller ändras." },
        { { "open", "appeal", "log.decided-1", MODERATION, .tries = true },
          "reason:appeal.need-reason",
          "<details open><summary>Skäl, om beslutet ändras" },
    };
    (void)state;
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        char *page = page_of(&rows[i].s, rows[i].complaint);
        if (!strstr(page, rows[i].says))
            fail_msg("row %zu does not say %s: %s", i, rows[i].says, page);
        free(page);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R25_a_closed_page_lets_decide_anew),
        cmocka_unit_test(R30_what_is_wrong_is_in_sight),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
