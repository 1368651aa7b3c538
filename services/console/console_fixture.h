/* console_fixture.h - a small organisation for the console's tests, and signing in. */
#pragma once
#include "../../tests/node_bench.h"
#include "console.h"
#include "uppsikt/evidence.pb-c.h"
#include "uppsikt/ingest.pb-c.h"
#include "uppsikt/registry.pb-c.h"

extern const upp_service upp_console_service;

/* Stands in all that is personal: it must be in content alone. */
#define MARKER "MARKER"
#define HASH   "$argon2id$v=19$m=65536,t=2,p=1$AAAA$BBBB"

/* The next event of `source`, with its content's commitment where the fact has it. */
static inline void hear(bench *b, const char *source, const char *subject, ProtobufCMessage *fact,
                        const ProtobufCMessage *content)
{
    static uint8_t bytes[32];
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(fact->descriptor, "commitment");
    if (content && field) {
        bench_commit_to(content, bytes);
        *(ProtobufCBinaryData *)(void *)((uint8_t *)fact + field->offset) =
            (ProtobufCBinaryData){ sizeof bytes, bytes };
    }
    assert_int_equal(bench_hear(b, source, subject, fact, content), 0);
}

/* -- a small organisation -- */
static inline void unit(bench *b, const char *id, const char *manager, bool communications)
{
    Uppsikt__UnitRegistered u = UPPSIKT__UNIT_REGISTERED__INIT;
    u.unit = upp_lend(id);
    u.authority = upp_lend("ks");
    u.manager = upp_lend(manager);
    u.communications = communications;
    hear(b, "registry", id, &u.base, NULL);
}

static inline void person(bench *b, const char *id, const char *in, const char *role)
{
    Uppsikt__PersonRegistered p = UPPSIKT__PERSON_REGISTERED__INIT;
    Uppsikt__PersonRegisteredContent who = UPPSIKT__PERSON_REGISTERED_CONTENT__INIT;
    char *roles[] = { upp_lend(role) };
    who.first_name = upp_lend("Anna " MARKER);
    who.last_name = upp_lend(id);
    who.title = upp_lend("kommunikatör");
    p.person = upp_lend(id);
    p.unit = upp_lend(in);
    p.roles = roles;
    p.n_roles = 1;
    hear(b, "registry", id, &p.base, &who.base);
}

static inline void account(bench *b, const char *id, const char *in)
{
    Uppsikt__AccountChanged a = UPPSIKT__ACCOUNT_CHANGED__INIT;
    Uppsikt__AccountChangedContent facts = UPPSIKT__ACCOUNT_CHANGED_CONTENT__INIT;
    facts.name = upp_lend("Skolan " MARKER);
    a.account = upp_lend(id);
    a.unit = upp_lend(in);
    a.authority = upp_lend("ks");
    a.platform = upp_lend("facebook");
    a.state = UPPSIKT__ACCOUNT_CHANGED__STATE__STATE_OPEN;
    hear(b, "registry", id, &a.base, &facts.base);
}

static inline void access_to(bench *b, const char *acc, const char *who)
{
    Uppsikt__AccessGranted g = UPPSIKT__ACCESS_GRANTED__INIT;
    g.account = upp_lend(acc);
    g.person = upp_lend(who);
    g.rank = 1;
    hear(b, "registry", acc, &g.base, NULL);
}

static inline int set_up(void **state)
{
    bench_set_up(state, &upp_console_service);
    bench *b = *state;
    unit(b, "skola", "man", false);
    unit(b, "bad", "boss", false);
    unit(b, "kom", "chef", true);
    person(b, "a", "skola", "administrator");
    person(b, "c", "skola", "administrator");
    person(b, "man", "skola", "manager");
    person(b, "other", "bad", "administrator");
    person(b, "com", "kom", "communications");
    person(b, "arc", "kom2", "archivist");
    person(b, "ops", "kom2", "operations");
    account(b, "acc", "skola");
    access_to(b, "acc", "a");
    access_to(b, "acc", "c");
    return 0;
}

/* -- signing in -- */
static inline void login_of(bench *b, const char *who, const char *name)
{
    Uppsikt__SetLogin c = UPPSIKT__SET_LOGIN__INIT;
    c.person = upp_lend(who);
    c.name = upp_lend(name);
    c.password_hash = upp_lend(HASH);
    bench_did(b, who, &c.base);
}

static inline const char *token_of(int i, char text[65])
{
    snprintf(text, 65, "%064d", i);
    return text;
}

/* The session's id; "" none. *ret_span: how long to wait. */
static inline const char *sign_in(bench *b, const char *name, bool right, int token,
                                  upp_ms *ret_span)
{
    static char session[64];
    char text[65];
    Uppsikt__SignIn c = UPPSIKT__SIGN_IN__INIT;
    c.name = upp_lend(name);
    c.address = upp_lend("192.0.2.1");
    c.right = right;
    c.token_sha256 = upp_lend(token_of(token, text));
    bench_did(b, NULL, &c.base);
    Uppsikt__SignedIn *out = uppsikt__signed_in__unpack(NULL, b->outcome.len, b->outcome.at);
    assert_non_null(out);
    snprintf(session, sizeof session, "%s", out->session);
    if (ret_span)
        *ret_span = out->wait_span;
    uppsikt__signed_in__free_unpacked(out, NULL);
    return session;
}

static inline size_t visitors(bench *b, int token)
{
    char text[65];
    Uppsikt__Visitor q = UPPSIKT__VISITOR__INIT;
    q.token_sha256 = upp_lend(token_of(token, text));
    return bench_query(b, NULL, &q.base);
}

#define STEP(name) cmocka_unit_test_setup_teardown(name, set_up, bench_tear_down)
