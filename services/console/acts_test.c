/* acts_test.c - what the console sends for a person: who, in which session, why (I28; R25). */
#include "acts_fixture.h"

/* -- what each form of each page becomes -- */
/* In her own name. */
static const act hers[] = {
    { "/sak/i1.m1/beslut", "action=hide&reason=attack", "escalation", "Decide", "attack",
      "action=hide" },
    { "/sak/i1.m1/beslut", "action=keep&reason=opinion", "escalation", "Decide", "opinion",
      "action=keep&note=utan" },
    { "/sak/i1.m1/beslut", "action=delete&reason=attack&ground=law:BBS5", "escalation", "Decide",
      "attack", "action=delete&reason=attack" },
    { "/sak/i1.m1/visa", "stays=opinion&because=misstag", "escalation", "Decide", "opinion",
      "stays=opinion&because=+" },
    { "/sak/i1.m1/visa", "stays=within_rules&because=misstag", "escalation", "Decide",
      "within_rules", "stays=attack&because=misstag" },
    { "/sak/i1.m1/svar", "text=Vi+ses.%0AAnna,+kommunikatör", "ingest", "SendReply", NULL,
      "text=Vi+ses." },
    { "/sak/i1.m1/inget-svar", "why=rhetorical", "escalation", "NeedsNoAnswer", "rhetorical",
      "why=" },
    { "/sak/i1.m1/ta", "", "escalation", "Claim", NULL, NULL },
    { "/sak/i1.m1/kvittera", "", "escalation", "Acknowledge", NULL, NULL },
    { "/sak/i1.m1/fraga", "", "escalation", "Mark", NULL, NULL },
    { "/sak/i1.m1/ingen-fraga", "", "escalation", "Mark", NULL, NULL },
    { "/sak/i1.m1/lamna", "to=berit", "escalation", "HandOver", NULL, "to=" },
    { "/sak/i1.m1/intyga", "action=x1", "ingest", "AttestAction", NULL, NULL },
    { "/sak/i1.m1/invandning", "objection=Fel&author=1", "escalation", "Appeal", NULL,
      "objection=+" },
    { "/sak/i1.m1/provning", "stands=1&why=ett+hot", "escalation", "DecideAppeal", NULL,
      "stands=1&why=+" },
    { "/sak/i1.m1/provning", "change=1&why=citat&reason=opinion", "escalation", "DecideAppeal",
      "opinion", "change=1&why=citat" },
    { "/sak/i1.m1/granska", "no=1&note=fel", "escalation", "ReviewDecision", NULL, NULL },
    { "/sak/i1.m1/diariefor", "", "escalation", "AskDiary", NULL, NULL },
    { "/sak/i1.m1/diariefor", "again=1", "escalation", "AskDiary", NULL, NULL },
    { "/sak/i1.m1/diarienummer", "number=KS+2026/1", "escalation", "GiveDiaryNumber", NULL,
      "number=" },
    { "/sak/i1.m1/overlamnad", "words=Ja", "escalation", "AnswerHandOver", NULL, "words=" },
    { "/sak/i1.m1/stopp", "reason=dispute&days=90", "evidence", "PlaceHold", NULL, "reason=" },
    { "/sak/i1.m1/klart", "note=ringt", "escalation", "CloseErrand", NULL, NULL },
    { "/sak/i1.m1/besvarad", "", "escalation", "ConfirmAnswered", NULL, NULL },
    { "/titta", "m=i1.s1&m=i2.s1", "escalation", "MarkSeen", NULL, NULL },
    { "/godkann/a1", "", "escalation", "Approve", NULL, NULL },
    { "/konton/acc/granskning", "logo=1&name=1", "registry", "ReviewAccount", NULL, NULL },
    { "/overlamning/sofia/acc~4", "done=1", "registry", "TickLeaverRow", NULL, NULL },
    { "/overlamning/sofia/acc~ta", "", "registry", "RevokeAccess", NULL, NULL },
    { "/overlamning/sofia/acc~ge", "person=cia", "registry", "GrantAccess", NULL, NULL },
    { "/overlamning/sofia/bekrafta", "", "registry", "ConfirmLeaverList", NULL, NULL },
    { "/tillgang/acc", "p=anna&p=bo", "registry", "AttestAccess", NULL, NULL },
    { "/nytt-konto", "name=Simhallen&purpose=x", "registry", "ChangeAccount", NULL, NULL },
    { "/konto/acc/samrad", "consulted_by=berit", "registry", "ChangeAccount", NULL, NULL },
    { "/konto/acc/stang", "", "registry", "ChangeAccount", NULL, NULL },
    { "/franvaro", "from=2026-12-21&to=2026-12-23&s1=berit", "registry", "SetAbsence", NULL, NULL },
    { "/franvaro/ab1/ta-bort", "", "registry", "CancelAbsence", NULL, NULL },
    { "/rapportera", "account=acc&text=hej", "ingest", "ReportComment", NULL, "account=acc" },
    { "/gallring/d1", "list=00", "evidence", "ApproveDisposal", NULL, NULL },
    { "/gallringsstopp", "account=acc&reason=police", "evidence", "PlaceHold", NULL, "account=" },
    { "/gallringsstopp/h1", "", "evidence", "ReleaseHold", NULL, NULL },
    { "/losenord", "name=anna&old=hemliga+hästar+i+hagen&password=gröna+kossor+betar+sakta",
      "console", "SetLogin", NULL, NULL },
};

static void R25_each_act_says_who_in_which_session_and_why(void **state)
{
    (void)state;
    bus = (struct bus){ .kind = UPPSIKT__MATTER_KIND__MATTER_KIND_QUESTION, .asked = true };
    unsigned checked = 0, refused = 0;
    for (size_t i = 0; i < UPP_LEN(hers); i++) {
        const act *a = &hers[i];
        const unsigned status = post(a->path, a->fields);
        if (status != 303 || bus.n != 1)
            fail_msg("%s %s: %u, %zu commands", a->path, a->fields, status, bus.n);
        is_hers(&bus.commands[0], a);
        assert_null(bus.session); /* the next one to be served is not she */
        checked++;
        if (!a->without)
            continue;
        assert_int_equal(post(a->path, a->without), 422);
        assert_int_equal(bus.n, 0);
        refused++;
    }
    printf("  I28 acts of a person: %u checked\n  I28 acts without what they need: %u checked\n",
           checked, refused);
}

/* R16: the page says how far the package has come; whoever may act, and the registrar, has it sent
 * again. */
static void R16_the_page_says_what_became_of_the_package(void **state)
{
    static const struct {
        const char *happened, *detail, *says;
        bool looks_only;
        const char *role;
        bool again;
    } rows[] = {
        { NULL, NULL, "Inget paket har nått diariet än", false, NULL, false },
        { "log.diary-sent", "uppsikt-i1.n1-1.zip, SHA-256 00", "uppsikt-i1.n1-1.zip, SHA-256 00",
          false, NULL, true },
        { "log.diary-failed", "diary-refused", "Diariet tog inte emot", false, NULL, true },
        { "log.diary-failed", "diary-late", "har inte kommit fram", false, NULL, false },
        { "log.diary-failed", "diary-refused", "Diariet tog inte emot", true, NULL, false },
        { "log.diary-failed", "diary-refused", "Diariet tog inte emot", true, "archivist", false },
        { "log.diary-failed", "diary-refused", "Diariet tog inte emot", true, "registrar", true },
    };
    (void)state;
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        bus = (struct bus){ .errand = "diary",
                            .happened = rows[i].happened,
                            .detail = rows[i].detail,
                            .looks_only = rows[i].looks_only,
                            .role = rows[i].role };
        assert_int_equal(post("/sak/i1.m1/diarienummer", "number="), 422); /* the page again */
        if (!strstr(got.page, rows[i].says))
            fail_msg("the page does not say: %s", rows[i].says);
        const bool registrar = rows[i].role && strcmp(rows[i].role, "registrar") == 0;
        assert_int_equal(strstr(got.page, "name=\"again\"") != NULL, rows[i].again);
        assert_int_equal(strstr(got.page, "/diarienummer\"") != NULL,
                         !rows[i].looks_only || registrar);
    }
}

/* R29: to look at a message is an act, too. */
static void R29_a_look_says_who_and_in_which_session(void **state)
{
    (void)state;
    bus = (struct bus){ .item_kind = UPPSIKT__ITEM_KIND__ITEM_KIND_MESSAGE };
    assert_int_equal(post("/sak/i1.m1/inget-svar", "why="), 422); /* the page again */
    assert_int_equal(bus.n, 1);
    is_hers(&bus.commands[0], &(act){ .service = "evidence", .type = "NoteView" });
}

/* R17: by a mail's link the token says who; whoever is signed in has no part in it. */
static void R17_a_link_is_in_nobodys_session(void **state)
{
    (void)state;
    static const char *const acts[][3] = { { "/l/tok/ta", "", "Acknowledge" },
                                           { "/l/tok/ta-over", "", "Claim" },
                                           { "/l/tok/svar", "words=Ja", "AnswerHandOver" } };
    for (int nobody = 0; nobody < 2; nobody++)
        for (size_t i = 0; i < UPP_LEN(acts); i++) {
            bus = (struct bus){ .asked = true, .nobody = nobody == 1 };
            assert_int_equal(post(acts[i][0], acts[i][1]), 303);
            assert_int_equal(bus.n, 1);
            assert_string_equal(bus.commands[0].type, acts[i][2]);
            assert_string_equal(bus.commands[0].by, "");
            assert_string_equal(bus.commands[0].session, "");
            assert_true(in_it(&bus.commands[0], "tok"));
        }
}

/* The console itself: its own log says whose session begins and ends (login_test). */
static void signing_in_and_out_is_the_consoles_own_word(void **state)
{
    (void)state;
    bus = (struct bus){ .nobody = true };
    assert_int_equal(post("/logga-in", "name=anna&password=hemliga+hästar+i+hagen"), 403);
    assert_int_equal(bus.n, 1);
    assert_string_equal(bus.commands[0].type, "SignIn");
    assert_string_equal(bus.commands[0].session, "");
    no_secret_is_in(&bus.commands[0]);
    bus = (struct bus){ .nobody = false };
    assert_int_equal(post("/logga-ut", ""), 303);
    assert_int_equal(bus.n, 1);
    assert_string_equal(bus.commands[0].type, "SignOut");
    assert_string_equal(bus.commands[0].session, "");
    no_secret_is_in(&bus.commands[0]);
}

/* -- nothing that the port sends is left out above -- */
static bool is_tried(const char *message)
{
    /* tried by name above; asked, not told; a part of another; touched by nobody */
    static const char *const others[] = {
        "NoteView",
        "SignIn",
        "SignOut",
        "KeepSession",
        "Audit",
        "AccountLines",
        "Desk",
        "Sheet",
        "DisposalLines",
        "HoldLines",
        "GateLines",
        "Find",
        "Records",
        "ParkedThings",
        "Greeting",
        "LinkTarget",
        "Login",
        "Visitor",
        "ServiceStatus",
        "ItemAuthor",
        "CommentReceivedContent",
        "Disposals",
        "DisposedItems",
        "Listed",
        "AuditAccounts",
        "Units",
        "PlanLines",
        "LeaverLists",
        "LeaverAccounts",
        "Persons",
        "AccessLists",
        "Chosen",
        "Accounts",
        "GrantAccess",
        "AccountChangedContent",
        "Absences",
        "AbsenceSetContent",
    };
    for (size_t i = 0; i < UPP_LEN(hers); i++)
        if (strcmp(hers[i].type, message) == 0)
            return true;
    for (size_t i = 0; i < UPP_LEN(others); i++)
        if (strcmp(others[i], message) == 0)
            return true;
    return false;
}

/* Each message that the port's source makes: "Uppsikt__Claim c = ". */
static size_t look_through(const char *name)
{
    char path[300], line[300];
    size_t n = 0;
    snprintf(path, sizeof path, UPP_ROOT "/services/console/%s", name);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f)) {
        const char *at = strstr(line, "Uppsikt__"), *init = strstr(line, "__INIT");
        if (!at || !init)
            continue;
        at += strlen("Uppsikt__");
        char message[64];
        snprintf(message, sizeof message, "%.*s", (int)strcspn(at, " "), at);
        if (!is_tried(message))
            fail_msg("%s makes a %s: it has no row here", name, message);
        n++;
    }
    fclose(f);
    return n;
}

static void every_message_of_the_port_is_known_here(void **state)
{
    (void)state;
    static const char *const files[] = { "port_act.c",   "port_keep.c",       "port_show.c",
                                         "port_find.c",  "port_request.c",    "port_copy.c",
                                         "port_sign.c",  "port_visit.c",      "port_ask.c",
                                         "port_web.c",   "port_listed.c",     "port_report.c",
                                         "port_help.c",  "port_processing.c", "port_handed.c",
                                         "port_still.c", "port_chosen.c",     "port_people.c",
                                         "port_away.c",  "port_life.c",       "port_appeal.c" };
    size_t n = 0;
    for (size_t i = 0; i < UPP_LEN(files); i++)
        n += look_through(files[i]);
    printf("  I28 messages of the port: %zu checked\n", n);
    assert_true(n > 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R25_each_act_says_who_in_which_session_and_why),
        cmocka_unit_test(R16_the_page_says_what_became_of_the_package),
        cmocka_unit_test(R29_a_look_says_who_and_in_which_session),
        cmocka_unit_test(R17_a_link_is_in_nobodys_session),
        cmocka_unit_test(signing_in_and_out_is_the_consoles_own_word),
        cmocka_unit_test(every_message_of_the_port_is_known_here),
    };
    return cmocka_run_group_tests(tests, open_house, close_house);
}
