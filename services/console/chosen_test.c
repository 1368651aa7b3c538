/* chosen_test.c - one decision on many matters: what is ticked is shown before anything happens,
 * each is decided by itself and once, and what became of each is told (R22, R25; con.8). */
#include "acts_fixture.h"
#include "chosen.h"
#include "uppsikt/classify.pb-c.h"

#define HIDE   UPPSIKT__ITEM_ACTION__ITEM_ACTION_HIDE
#define DELETE UPPSIKT__ITEM_ACTION__ITEM_ACTION_DELETE

/* What the console knows; the ids say what is special: "i1.m1" is as any. */
typedef struct known {
    const char *matter, *item, *account, *errand, *state;
    Uppsikt__MatterKind kind;
    Uppsikt__ItemKind what;
    uint32_t versions;
    Uppsikt__ItemAction decided;
    Uppsikt__Label label;
    bool looks_only, gone;
    const char *authority;
} known;

static const known town[] = {
    { .matter = "i1.m1", .item = "i1", .label = UPPSIKT__LABEL__LABEL_ADVERTISING },
    { .matter = "i2.m1", .item = "i2", .label = UPPSIKT__LABEL__LABEL_ADVERTISING },
    { .matter = "i3.l1", .item = "i3", .account = "bibl" },
    { .matter = "i4.m1", .item = "i4", .versions = 2 },
    { .matter = "i5.q1", .item = "i5", .kind = UPPSIKT__MATTER_KIND__MATTER_KIND_QUESTION },
    { .matter = "i6.m1", .item = "i6", .what = UPPSIKT__ITEM_KIND__ITEM_KIND_MESSAGE },
    { .matter = "i7.m1", .item = "i7", .looks_only = true },
    { .matter = "i8.m1", .item = "i8", .state = "met" },
    { .matter = "i9.m1", .item = "i9", .gone = true },
    { .matter = "i10.e1", .item = "i10", .errand = "danger" },
    { .matter = "i11.m1", .item = "i11", .decided = HIDE },
    { .matter = "i1.l1", .item = "i1" },
    { .matter = "i12.m1", .item = "i12", .authority = "bun", .account = "skolan" },
};

static int give_one(upp_each *each, void *ctx, const known *k, bool with_plan)
{
    Uppsikt__ChosenRow row = UPPSIKT__CHOSEN_ROW__INIT;
    Uppsikt__ChosenRowContent content = UPPSIKT__CHOSEN_ROW_CONTENT__INIT;
    Uppsikt__DeskRow desk = UPPSIKT__DESK_ROW__INIT;
    Uppsikt__DeskRowContent shown = UPPSIKT__DESK_ROW_CONTENT__INIT;
    Uppsikt__MatterOpened opened = UPPSIKT__MATTER_OPENED__INIT;
    Uppsikt__Finding finding = UPPSIKT__FINDING__INIT, *findings[] = { &finding };
    Uppsikt__PlanRow plan = UPPSIKT__PLAN_ROW__INIT, *rows[] = { &plan };
    char text[40];
    snprintf(text, sizeof text, "ord av %.20s", k->item);
    opened.matter = upp_lend(k->matter);
    opened.item = upp_lend(k->item);
    opened.account = upp_lend(k->account ? k->account : "acc");
    opened.errand = upp_lend(k->errand ? k->errand : "");
    opened.kind = k->kind ? k->kind : UPPSIKT__MATTER_KIND__MATTER_KIND_MODERATION;
    opened.received_ms = now - UPP_HOUR;
    desk.opened = &opened;
    desk.item_kind = k->what ? k->what : UPPSIKT__ITEM_KIND__ITEM_KIND_COMMENT;
    desk.versions = k->versions ? k->versions : 1;
    desk.decided = k->decided;
    desk.platform = upp_lend("facebook");
    finding.label = k->label;
    desk.findings = findings;
    desk.n_findings = k->label ? 1 : 0;
    plan.row = upp_lend("rad-1");
    plan.kind = upp_lend("Borttagna kommentarer");
    plan.decision = upp_lend("KS 7");
    row.desk = &desk;
    row.state = upp_lend(k->state ? k->state : "open");
    row.may_act = !k->looks_only;
    row.is_gone = k->gone;
    row.authority = upp_lend(k->authority ? k->authority : "ks");
    row.rows = rows;
    row.n_rows = with_plan && !k->authority ? 1 : 0;
    shown.account = opened.account;
    shown.text = text;
    content.desk = &shown;
    return give(each, ctx, &row.base, &content.base);
}

static int town_rows(upp_each *each, void *ctx, const ProtobufCMessage *query)
{
    if (query->descriptor != &uppsikt__chosen__descriptor)
        return 1;
    const Uppsikt__Chosen *q = (const Uppsikt__Chosen *)query;
    assert_string_equal(q->person, "anna");
    for (size_t i = 0; i < q->n_matters; i++)
        for (size_t k = 0; k < UPP_LEN(town); k++)
            if (strcmp(town[k].matter, q->matters[i]) == 0)
                give_one(each, ctx, &town[k], i == 0);
    return 0;
}

/* As escalation: i4 has another version than was seen; to delete takes a second person. */
static int escalation(const sent *s, const ProtobufCMessage *command,
                      ProtobufCMessage **ret_outcome)
{
    const Uppsikt__Decide *d = (const Uppsikt__Decide *)command;
    Uppsikt__Decided out = UPPSIKT__DECIDED__INIT;
    assert_string_equal(s->type, "Decide");
    if (strcmp(d->matter, "i4.m1") == 0 && d->version != 2)
        return 1;
    out.matter = d->matter;
    out.approval = upp_lend(d->action == DELETE ? "a1" : "");
    uint8_t bytes[200];
    const size_t n = uppsikt__decided__pack(&out, bytes);
    *ret_outcome = (ProtobufCMessage *)uppsikt__decided__unpack(NULL, n, bytes);
    return 0;
}

static void open_town(void)
{
    bus = (struct bus){ .rows = town_rows, .outcome = escalation, .why = "stale-version" };
}

#define ALL                                                                                        \
    "m=i1.m1~1&m=i2.m1~1&m=i3.l1~1&m=i4.m1~1&m=i5.q1~1&m=i6.m1~1&m=i7.m1~1&m=i8.m1~1&m=i9.m1~1"    \
    "&m=i10.e1~1&m=i11.m1~1&m=i1.l1~1&m=finns.inte~1"

static const char *after(const char *page, const char *words)
{
    const char *at = strstr(page, words);
    if (!at)
        fail_msg("the page does not say %s", words);
    return at;
}

static size_t count(const char *page, const char *words)
{
    size_t n = 0;
    for (const char *at = strstr(page, words); at; at = strstr(at + 1, words))
        n++;
    return n;
}

/* First it is listed, and nothing is sent: what can be decided, and what cannot and why. */
static void R25_what_is_chosen_is_listed_before_anything_happens(void **state)
{
    static const char *const whys[] = { "har ändrats sedan", "är en fråga",    "ett och ett",
                                        "bara den som har",  "redan klar",     "inte kvar på",
                                        "något att göra",    "redan beslutad", "redan vald" };
    (void)state;
    open_town();
    assert_int_equal(post("/flera", ALL), 200);
    assert_int_equal(bus.n, 0);
    after(got.page, "Valda: 3<");
    const char *not = after(got.page, "Kan inte beslutas tillsammans: 9<");
    for (size_t i = 0; i < UPP_LEN(whys); i++)
        after(not, whys[i]);
    after(got.page, "1 av dem som valdes finns inte");
    after(got.page, "ord av i1");
    assert_null(strstr(got.page, "ord av i6")); /* a message is read on its own page alone (R29) */
    after(got.page, "action=\"/flera/granska\"");
    assert_int_equal(count(got.page, "name=\"m\""), 3);
    after(got.page, "Borttagna kommentarer (KS 7)");
    assert_null(strstr(got.page, "name=\"alone\"")); /* one alone deletes one at a time */
}

static void R25_the_decision_is_confirmed_with_how_many_of_what(void **state)
{
    (void)state;
    open_town();
    assert_int_equal(post("/flera/granska", ALL "&action=hide&reason=advertising&note=samma+dag"),
                     200);
    assert_int_equal(bus.n, 0);
    after(got.page, "Besluta om 3<");
    after(got.page, "samma dag");
    const char *accounts = after(got.page, "id=\"per-konto\"");
    after(accounts, "<dt>acc</dt><dd>2</dd>");
    after(accounts, "<dt>bibl</dt><dd>1</dd>");
    const char *labels = after(got.page, "id=\"per-kategori\"");
    after(labels, "<dt>reklam</dt><dd>2</dd>");
    after(labels, "<dt>utan träff</dt><dd>1</dd>");
    after(got.page, "Kan inte beslutas tillsammans: 9<");
    after(got.page, "action=\"/flera/beslut\"");
    assert_int_equal(count(got.page, "value=\"i3.l1~1\""), 2); /* to decide, and to change it */
}

static void R25_a_flaw_of_the_form_is_said_and_all_that_was_ticked_stays(void **state)
{
    static const struct {
        const char *fields, *says;
    } rows[] = { { "&reason=attack", "Välj vad som ska hända" },
                 { "&action=hide", "Välj ett skäl" },
                 { "&action=keep&reason=attack", "Välj varför den får vara kvar" },
                 { "&action=hide&reason=opinion", "Välj vad den bryter mot" },
                 { "&action=delete&reason=attack", "Välj stöd för att ta bort" } };
    static const char *const pages[] = { "/flera/granska", "/flera/beslut" };
    (void)state;
    for (size_t p = 0; p < UPP_LEN(pages); p++)
        for (size_t i = 0; i < UPP_LEN(rows); i++) {
            char fields[600];
            open_town();
            snprintf(fields, sizeof fields, "m=i1.m1~1&m=i2.m1~1&note=kvar%s", rows[i].fields);
            assert_int_equal(post(pages[p], fields), 422);
            assert_int_equal(bus.n, 0);
            after(got.page, rows[i].says);
            after(got.page, ">kvar</textarea>");
            assert_int_equal(count(got.page, "name=\"m\""), 2);
        }
}

/* Each has a command of its own, at the version that was seen, in her name and session; the same
 * form again sends the same ids, another form others. */
static void R25_each_is_decided_by_itself_and_once(void **state)
{
    static const char fields[] = "m=i1.m1~1&m=i2.m1~1&m=i3.l1~1&action=hide&reason=advertising"
                                 "&note=+samma+dag+";
    static const char *const matters[] = { "i1.m1", "i2.m1", "i3.l1" };
    uint8_t ids[3][16];
    (void)state;
    for (int press = 0; press < 2; press++) {
        open_town();
        assert_int_equal(post("/flera/beslut", fields), 200);
        assert_int_equal(bus.n, 3);
        for (size_t i = 0; i < 3; i++) {
            const sent *s = &bus.commands[i];
            is_hers(s,
                    &(act){ .service = "escalation", .type = "Decide", .reason = "advertising" });
            Uppsikt__Decide *d = uppsikt__decide__unpack(NULL, s->len, s->bytes);
            assert_non_null(d);
            assert_string_equal(d->matter, matters[i]);
            assert_int_equal(d->version, 1);
            assert_int_equal(d->action, HIDE);
            assert_string_equal(d->note, "samma dag");
            assert_int_equal(d->n_also, 0);
            uppsikt__decide__free_unpacked(d, NULL);
            if (press == 0)
                memcpy(ids[i], s->id, sizeof ids[i]);
            assert_memory_equal(ids[i], s->id, sizeof ids[i]);
            for (size_t other = 0; other < i; other++)
                assert_memory_not_equal(ids[other], s->id, sizeof ids[other]);
        }
        after(got.page, "3 av 3 är beslutade");
    }
}

/* One that was changed meanwhile is refused, the rest go through, and all of it is told. */
static void R25_what_is_refused_is_told_and_the_rest_go_through(void **state)
{
    (void)state;
    open_town();
    assert_int_equal(
        post("/flera/beslut", "m=i1.m1~1&m=i4.m1~1&m=i6.m1~1&m=i2.m1~1&action=hide&reason=attack"),
        200);
    assert_int_equal(bus.n, 3); /* a message is not even sent */
    assert_false(in_it(&bus.commands[2], "i6.m1"));
    after(got.page, "2 av 4 är beslutade");
    const char *refused = after(got.page, "Gick inte att besluta: 1<");
    after(refused, "/sak/i4.m1");
    after(refused, "Titta på den nya texten först");
    after(after(got.page, "Kan inte beslutas tillsammans: 1<"), "ett och ett");
    const char *done = after(got.page, "Beslutade: 2<");
    after(done, "/sak/i1.m1");
    after(done, "/sak/i2.m1");
    assert_null(strstr(got.page, "action=\"/flera/beslut\"")); /* nothing to press again */
}

/* To delete takes a second person, for each; nobody says here that she is alone. */
static void R25_to_delete_many_waits_for_a_second_person(void **state)
{
    (void)state;
    open_town();
    assert_int_equal(post("/flera/beslut", "m=i1.m1~1&m=i2.m1~1&action=delete&reason=attack"
                                           "&ground=row:rad-1&alone=1"),
                     200);
    assert_int_equal(bus.n, 2);
    Uppsikt__Decide *d = uppsikt__decide__unpack(NULL, bus.commands[0].len, bus.commands[0].bytes);
    assert_non_null(d);
    assert_false(d->alone);
    assert_string_equal(d->plan_row, "rad-1");
    uppsikt__decide__free_unpacked(d, NULL);
    after(got.page, "Dolda, väntar på en person till: 2<");
}

/* A row of the plan is one authority's. */
static void R21_a_row_is_cited_for_its_own_authority_alone(void **state)
{
    static const char fields[] =
        "m=i1.m1~1&m=i12.m1~1&action=delete&reason=attack&ground=row:rad-1";
    (void)state;
    open_town();
    assert_int_equal(post("/flera/granska", fields), 200);
    after(got.page, "Besluta om 1<");
    after(got.page, "gäller inte för kontots nämnd");
    assert_int_equal(post("/flera/beslut", fields), 200);
    assert_int_equal(bus.n, 1);
    assert_true(in_it(&bus.commands[0], "i1.m1"));
}

static int silent(const sent *s, const ProtobufCMessage *command, ProtobufCMessage **ret_outcome)
{
    return bus.n >= 2 ? UPP_E_BUSY : escalation(s, command, ret_outcome);
}

/* Nobody knows whether it was done: the same form, with the same id, asks again for those. */
static void R25_what_had_no_answer_is_asked_again_with_the_same_id(void **state)
{
    (void)state;
    open_town();
    bus.outcome = silent;
    assert_int_equal(
        post("/flera/beslut", "m=i1.m1~1&m=i2.m1~1&m=i3.l1~1&action=hide&reason=attack"), 503);
    const char *again = after(got.page, "action=\"/flera/beslut\"");
    after(again, "value=\"00112233445566778899aabbccddeeff\"");
    assert_int_equal(count(again, "name=\"m\""), 2);
    after(got.page, "Utan svar: 2<");
    after(got.page, "1 av 3 är beslutade");
}

/* 200 are decided, 201 are not; and none is none. */
static void R25_two_hundred_at_most(void **state)
{
    enum { MOST = CHOSEN_MAX };
    char fields[16000];
    (void)state;
    for (int more = 0; more < 2; more++) {
        size_t n = 0;
        for (int i = 0; i < MOST + more; i++)
            n += (size_t)snprintf(fields + n, sizeof fields - n, "m=x%d.m1~1&", i);
        snprintf(fields + n, sizeof fields - n, "action=hide&reason=attack");
        open_town();
        assert_int_equal(post("/flera/granska", fields), more ? 422 : 200);
        assert_int_equal(strstr(got.page, "Välj högst 200 åt gången") != NULL, more);
        assert_int_equal(strstr(got.page, "200 av dem som valdes finns inte") != NULL, !more);
        assert_int_equal(bus.n, 0);
    }
    open_town();
    assert_int_equal(post("/flera", ""), 422);
    after(got.page, "Välj minst en");
}

static void a_form_that_is_none_of_ours_is_refused(void **state)
{
    static const char *const bad[] = { "m=i1.m1",   "m=~1",       "m=i1.m1~",
                                       "m=i1.m1~x", "m=i1.m1~1x", "m=i1.m1~99999999999",
                                       "m=i1.m1~-1" };
    (void)state;
    for (size_t i = 0; i < UPP_LEN(bad); i++) {
        open_town();
        assert_int_equal(post("/flera/beslut", bad[i]), 400);
        assert_int_equal(bus.n, 0);
    }
    assert_int_equal(post("/flera/annat", "m=i1.m1~1"), 404);
    assert_int_equal(get("/flera", ""), 303);
    open_town();
    bus.down = "console"; /* who asks is not known either */
    assert_int_not_equal(post("/flera", "m=i1.m1~1"), 200);
}

/* -- the list -- */
static int desk_rows(upp_each *each, void *ctx, const ProtobufCMessage *query)
{
    if (query->descriptor != &uppsikt__desk__descriptor)
        return 1;
    const Uppsikt__Desk *q = (const Uppsikt__Desk *)query;
    for (uint32_t i = 0; i < 3 && q->after[0] == '\0'; i++) {
        Uppsikt__DeskRow desk = UPPSIKT__DESK_ROW__INIT;
        Uppsikt__DeskRowContent shown = UPPSIKT__DESK_ROW_CONTENT__INIT;
        Uppsikt__MatterOpened opened = UPPSIKT__MATTER_OPENED__INIT;
        char matter[16], item[16];
        snprintf(item, sizeof item, "i%u", i);
        snprintf(matter, sizeof matter, "i%u.m1", i);
        opened.matter = matter;
        opened.item = item;
        opened.errand = upp_lend(i == 1 ? "danger" : "");
        opened.received_ms = now;
        desk.opened = &opened;
        desk.versions = i + 1;
        desk.proposed = i == 2 ? HIDE : 0;
        desk.proposed_reason = upp_lend("advertising");
        desk.approval = upp_lend("a1");
        desk.reason = upp_lend("attack");
        shown.account = upp_lend("Skolan");
        shown.asked_by = upp_lend("Berit Ek");
        give(each, ctx, &desk.base, &shown.base);
    }
    return 0;
}

/* Each that can be decided has a box with words of its own, without script all are ticked by a
 * link, and the box says which version was on the screen. */
static void R30_the_list_has_boxes_and_a_link_that_ticks_them(void **state)
{
    (void)state;
    bus = (struct bus){ .rows = desk_rows };
    assert_int_equal(get("/atgarda", ""), 200);
    after(got.page, "<form method=\"post\" action=\"/flera\">");
    assert_int_equal(count(got.page, "type=\"checkbox\" name=\"m\""), 2);
    after(got.page, "value=\"i2.m1~3\"><label for=\"m-i2.m1\">");
    after(got.page, "href=\"/atgarda?konto=&amp;valda=alla\"");
    assert_int_equal(count(got.page, " checked"), 0);
    assert_int_equal(get("/atgarda", "valda=alla&antal=200"), 200);
    assert_int_equal(count(got.page, " checked"), 2);
    after(got.page, "href=\"/atgarda?konto=&amp;antal=200\""); /* and none by another */
    assert_int_equal(get("/svara", ""), 200);
    assert_null(strstr(got.page, "/flera"));
}

/* Under "Godkänn": what was decided on the same words; what waits for a second person has no box,
 * each of these is looked at by itself. */
static void R25_what_is_proposed_can_be_decided_together(void **state)
{
    (void)state;
    bus = (struct bus){ .rows = desk_rows };
    assert_int_equal(get("/godkann", ""), 200);
    assert_int_equal(count(got.page, "type=\"checkbox\" name=\"m\""), 1);
    after(got.page, "value=\"i2.m1~3\"");
    after(got.page, "Då blev beslutet: Dölj. Skäl: Reklam");
    after(got.page, "Berit Ek vill ta bort den");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R25_what_is_chosen_is_listed_before_anything_happens),
        cmocka_unit_test(R25_the_decision_is_confirmed_with_how_many_of_what),
        cmocka_unit_test(R25_a_flaw_of_the_form_is_said_and_all_that_was_ticked_stays),
        cmocka_unit_test(R25_each_is_decided_by_itself_and_once),
        cmocka_unit_test(R25_what_is_refused_is_told_and_the_rest_go_through),
        cmocka_unit_test(R25_to_delete_many_waits_for_a_second_person),
        cmocka_unit_test(R21_a_row_is_cited_for_its_own_authority_alone),
        cmocka_unit_test(R25_what_had_no_answer_is_asked_again_with_the_same_id),
        cmocka_unit_test(R25_two_hundred_at_most),
        cmocka_unit_test(a_form_that_is_none_of_ours_is_refused),
        cmocka_unit_test(R30_the_list_has_boxes_and_a_link_that_ticks_them),
        cmocka_unit_test(R25_what_is_proposed_can_be_decided_together),
    };
    return cmocka_run_group_tests(tests, open_house, close_house);
}
