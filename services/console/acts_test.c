/* acts_test.c - what the console sends for a person: who, in which session, why (I28; R25).
 *
 * Each form of each page is sent as a browser would send it, to the port's own code; what would go
 * to the bus is written down instead. */
#include "uppsikt/escalation.pb-c.h"
#include "visit.h"
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SESSION  "01JZ0000000000000000000000"
#define PASSWORD "hemliga hästar i hagen"
static const upp_ms now = 1764000000000;
static const uint8_t token[GUARD_TOKEN] = { 7, 7, 7 };

/* -- the bus, as it is for one visitor -- */
typedef struct sent {
    char service[16], type[64], by[32], session[32], reason[64];
    uint8_t bytes[1024]; /* the whole command */
    size_t len;
} sent;

static struct bus {
    sent commands[8];
    size_t n;
    const char *session; /* in force */
    Uppsikt__MatterKind kind;
    Uppsikt__ItemKind item_kind;
    bool asked, nobody; /* an officer's words are wanted; nobody is signed in */
} bus;

static const char *text_of(const ProtobufCMessage *m, const char *name)
{
    const ProtobufCFieldDescriptor *f =
        protobuf_c_message_descriptor_get_field_by_name(m->descriptor, name);
    return f ? *(const char *const *)(const void *)((const uint8_t *)m + f->offset) : "";
}

void upp_client_session(upp_client *client, const char *session)
{
    (void)client;
    bus.session = session;
}

int upp_client_command(upp_client *client, const char *service, const uint8_t id[16],
                       const char *by, const ProtobufCMessage *command,
                       const ProtobufCMessageDescriptor *outcome, upp_ms wait_span,
                       ProtobufCMessage **ret_outcome)
{
    (void)client, (void)id, (void)wait_span;
    assert_true(bus.n < UPP_LEN(bus.commands));
    sent *s = &bus.commands[bus.n++];
    snprintf(s->service, sizeof s->service, "%s", service);
    snprintf(s->type, sizeof s->type, "%s", strchr(command->descriptor->name, '.') + 1);
    snprintf(s->by, sizeof s->by, "%s", by ? by : "");
    snprintf(s->session, sizeof s->session, "%s", bus.session ? bus.session : "");
    snprintf(s->reason, sizeof s->reason, "%s", text_of(command, "reason"));
    assert_true(protobuf_c_message_get_packed_size(command) <= sizeof s->bytes);
    s->len = protobuf_c_message_pack(command, s->bytes);
    *ret_outcome = protobuf_c_message_unpack(outcome, NULL, 0, (const uint8_t *)"");
    assert_non_null(*ret_outcome);
    return 0;
}

static int give(upp_each *each, void *ctx, const ProtobufCMessage *row,
                const ProtobufCMessage *content)
{
    uint8_t bytes[1024], more[1024];
    upp_frames frames = { .envelope = { bytes, protobuf_c_message_pack(row, bytes) } };
    if (content)
        frames.content = (upp_bytes){ more, protobuf_c_message_pack(content, more) };
    each(ctx, &frames);
    return 0;
}

static int give_visitor(upp_each *each, void *ctx)
{
    Uppsikt__VisitorRow row = UPPSIKT__VISITOR_ROW__INIT;
    Uppsikt__VisitorRowContent name = UPPSIKT__VISITOR_ROW_CONTENT__INIT;
    row.session = upp_lend(SESSION);
    row.person = upp_lend("anna");
    row.seen_ms = now;
    name.first_name = upp_lend("Anna");
    name.last_name = upp_lend("Berg");
    name.title = upp_lend("kommunikatör");
    return bus.nobody ? 0 : give(each, ctx, &row.base, &name.base);
}

static int give_sheet(upp_each *each, void *ctx)
{
    Uppsikt__SheetRow row = UPPSIKT__SHEET_ROW__INIT;
    Uppsikt__SheetRowContent content = UPPSIKT__SHEET_ROW_CONTENT__INIT;
    Uppsikt__DeskRow desk = UPPSIKT__DESK_ROW__INIT;
    Uppsikt__DeskRowContent shown = UPPSIKT__DESK_ROW_CONTENT__INIT;
    Uppsikt__MatterOpened opened = UPPSIKT__MATTER_OPENED__INIT;
    opened.matter = upp_lend("i1.m1");
    opened.item = upp_lend("i1");
    opened.account = upp_lend("acc");
    opened.kind = bus.kind;
    desk.opened = &opened;
    desk.item_kind = bus.item_kind;
    desk.asked = bus.asked;
    row.desk = &desk;
    row.state = upp_lend("open");
    row.may_act = true;
    content.desk = &shown;
    return give(each, ctx, &row.base, &content.base);
}

static int give_login(upp_each *each, void *ctx)
{
    static char hash[crypto_pwhash_STRBYTES];
    Uppsikt__LoginRow row = UPPSIKT__LOGIN_ROW__INIT;
    Uppsikt__LoginRowContent secret = UPPSIKT__LOGIN_ROW_CONTENT__INIT;
    if (!hash[0])
        assert_int_equal(crypto_pwhash_str(hash, PASSWORD, strlen(PASSWORD),
                                           crypto_pwhash_OPSLIMIT_MIN, crypto_pwhash_MEMLIMIT_MIN),
                         0);
    row.person = upp_lend("anna");
    secret.password_hash = hash;
    return give(each, ctx, &row.base, &secret.base);
}

static int give_target(upp_each *each, void *ctx)
{
    Uppsikt__LinkTargetRow row = UPPSIKT__LINK_TARGET_ROW__INIT;
    row.matter = upp_lend("i1.m1");
    row.person = upp_lend("berit");
    row.account = upp_lend("acc");
    row.state = upp_lend("open");
    row.asked = bus.asked;
    return give(each, ctx, &row.base, NULL);
}

int upp_client_query(upp_client *client, const char *service, const char *by,
                     const ProtobufCMessage *query, upp_ms wait_span, upp_each *each, void *ctx)
{
    static const struct {
        const ProtobufCMessageDescriptor *query;
        int (*give)(upp_each *each, void *ctx);
    } answers[] = { { &uppsikt__visitor__descriptor, give_visitor },
                    { &uppsikt__sheet__descriptor, give_sheet },
                    { &uppsikt__login__descriptor, give_login },
                    { &uppsikt__link_target__descriptor, give_target } };
    (void)client, (void)service, (void)by, (void)wait_span;
    for (size_t i = 0; i < UPP_LEN(answers); i++)
        if (answers[i].query == query->descriptor)
            return answers[i].give(each, ctx);
    return 0;
}

int upp_client_object(upp_client *client, const char *service, const char *object, int64_t offset,
                      uint8_t *ret_bytes, size_t n, upp_ms wait_span)
{
    (void)client, (void)service, (void)object, (void)offset, (void)ret_bytes, (void)n;
    (void)wait_span;
    return UPP_E_BUSY; /* no form asks for one */
}

const char *upp_client_why(const upp_client *client)
{
    (void)client;
    return "";
}

/* -- a browser -- */
static visit_house house;

static int open_house(void **state)
{
    static const console_config config = { .language = "sv" };
    static uint8_t bytes[8192];
    const char *why = "";
    (void)state;
    FILE *f = fopen("/usr/share/zoneinfo/Europe/Stockholm", "rb");
    if (!f)
        return -1;
    const size_t n = fread(bytes, 1, sizeof bytes, f);
    fclose(f);
    house = (visit_house){ .config = &config, .phrases = phrases_new("sv") };
    return zone_parse((upp_bytes){ bytes, n }, &house.tz, &why);
}

static int close_house(void **state)
{
    (void)state;
    phrases_free(house.phrases);
    zone_free(house.tz);
    return 0;
}

/* Sends the form at `path` with these fields; the answer's status. */
static unsigned post(const char *path, const char *fields)
{
    static const char id[] = "00112233445566778899aabbccddeeff";
    char hex[GUARD_HEX], seal[GUARD_HEX], cookie[200], body[1024];
    visit_desk desk = { .client = NULL };
    bus.n = 0;
    guard_hex(token, sizeof token, hex);
    guard_seal(token, path, id, seal);
    snprintf(cookie, sizeof cookie, "uppsikt%s=%s", bus.nobody ? "-form" : "", hex);
    snprintf(body, sizeof body, "id=%s&seal=%s&%s", id, seal, fields);
    visit v = { .house = &house,
                .method = strdup("POST"),
                .path = strdup(path),
                .query = strdup(""),
                .cookie = strdup(cookie),
                .fetch_site = strdup("same-origin"),
                .body = strdup(body),
                .body_len = strlen(body),
                .now = now,
                .desk = &desk };
    visit_run(&v);
    const unsigned status = v.status;
    visit_done(&v);
    return status;
}

/* -- what each form of each page becomes -- */
typedef struct act {
    const char *path, *fields; /* what is typed */
    const char *service, *type;
    const char *reason;  /* what is sent of it; NULL: the act asks for none */
    const char *without; /* the fields without a reason: nothing is sent; NULL: it needs none */
} act;

/* In her own name. */
static const act hers[] = {
    { "/sak/i1.m1/beslut", "action=hide&reason=attack", "escalation", "Decide", "attack",
      "action=hide" },
    { "/sak/i1.m1/beslut", "action=keep&reason=opinion", "escalation", "Decide", "opinion",
      "action=keep&note=utan" },
    { "/sak/i1.m1/beslut", "action=delete&reason=attack&ground=law:BBS5", "escalation", "Decide",
      "attack", "action=delete&reason=attack" },
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
    { "/sak/i1.m1/granska", "no=1&note=fel", "escalation", "ReviewDecision", NULL, NULL },
    { "/sak/i1.m1/diariefor", "", "escalation", "AskDiary", NULL, NULL },
    { "/sak/i1.m1/diarienummer", "number=KS+2026/1", "escalation", "GiveDiaryNumber", NULL,
      "number=" },
    { "/sak/i1.m1/overlamnad", "words=Ja", "escalation", "AnswerHandOver", NULL, "words=" },
    { "/sak/i1.m1/stopp", "reason=dispute&days=90", "evidence", "PlaceHold", NULL, "reason=" },
    { "/sak/i1.m1/klart", "note=ringt", "escalation", "CloseErrand", NULL, NULL },
    { "/sak/i1.m1/besvarad", "", "escalation", "ConfirmAnswered", NULL, NULL },
    { "/titta", "m=i1.s1&m=i2.s1", "escalation", "MarkSeen", NULL, NULL },
    { "/godkann/a1", "", "escalation", "Approve", NULL, NULL },
    { "/konton/acc/granskning", "logo=1&name=1", "registry", "ReviewAccount", NULL, NULL },
    { "/rapportera", "account=acc&text=hej", "ingest", "ReportComment", NULL, "account=acc" },
    { "/gallring/d1", "list=00", "evidence", "ApproveDisposal", NULL, NULL },
    { "/gallringsstopp", "account=acc&reason=police", "evidence", "PlaceHold", NULL, "account=" },
    { "/gallringsstopp/h1", "", "evidence", "ReleaseHold", NULL, NULL },
    { "/losenord", "name=anna&old=hemliga+hästar+i+hagen&password=gröna+kossor+betar+sakta",
      "console", "SetLogin", NULL, NULL },
};

static bool in_it(const sent *s, const char *words)
{
    const size_t n = strlen(words);
    for (size_t i = 0; i + n <= s->len; i++)
        if (memcmp(s->bytes + i, words, n) == 0)
            return true;
    return false;
}

/* Whoever has a session's token is she: it goes nowhere but to the cookie. */
static void no_secret_is_in(const sent *s)
{
    char hex[GUARD_HEX];
    guard_hex(token, sizeof token, hex);
    assert_false(in_it(s, hex));
    assert_false(in_it(s, (const char *)token));
    assert_false(in_it(s, PASSWORD));
    guard_digest(token, hex);
    assert_string_not_equal(s->session, hex);
}

static void is_hers(const sent *s, const act *a)
{
    assert_string_equal(s->service, a->service);
    assert_string_equal(s->type, a->type);
    assert_string_equal(s->by, "anna");
    assert_string_equal(s->session, SESSION);
    if (a->reason)
        assert_string_equal(s->reason, a->reason);
    no_secret_is_in(s);
}

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
        "ParkedThings",
        "Greeting",
        "LinkTarget",
        "Login",
        "Visitor",
        "ServiceStatus",
        "ItemAuthor",
        "CommentReceivedContent",
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
    static const char *const files[] = { "port_act.c",  "port_keep.c",  "port_show.c",
                                         "port_sign.c", "port_visit.c", "port_ask.c",
                                         "port_web.c" };
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
        cmocka_unit_test(R29_a_look_says_who_and_in_which_session),
        cmocka_unit_test(R17_a_link_is_in_nobodys_session),
        cmocka_unit_test(signing_in_and_out_is_the_consoles_own_word),
        cmocka_unit_test(every_message_of_the_port_is_known_here),
    };
    return cmocka_run_group_tests(tests, open_house, close_house);
}
