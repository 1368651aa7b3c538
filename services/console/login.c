/* login.c - who may sign in, who has, and for how long: reference tokens kept as hashes, failures
 * slowed down per name and per address (reliability.md B5). */
#include "login.h"
#include "console.h"
#include "guard.h"
#include "uppsikt/registry.pb-c.h"
#include <stdio.h>
#include <string.h>

enum { HASH_MAX = 128 };

/* It has looked at the password, or asked the directory. */
int login_from_ourselves(upp_txn *txn, const upp_input *in)
{
    return strcmp(in->source, "console") == 0 ? 0 : upp_refuse(txn, "not-allowed");
}

void login_key(const upp_txn *txn, const char *what, const char *text, char ret_key[UPP_HEX])
{
    const char *const parts[] = { "console", what, text, NULL };
    upp_keyed(txn, parts, ret_key);
}

/* Her unit's; "": nobody knows. */
static int authority_of(upp_txn *txn, const char *person, char ret_authority[CONSOLE_ID])
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT u.authority FROM person p JOIN unit u USING (unit)"
                             " WHERE p.person = ?1",
                             BIND(V(person)));
    snprintf(ret_authority, CONSOLE_ID, "%s", upp_next(&row) ? upp_col_text(&row, 0) : "");
    return row.rc;
}

/* Content of the day as well as of the person: a row can let a year of it go while she still works
 * here, and what was tried in the name of nobody (R29). */
int login_say(upp_txn *txn, const char *what, const char *how, const char *session,
              const char *person, const char *address)
{
    upp_content kept;
    Uppsikt__AccessLoggedContent content = UPPSIKT__ACCESS_LOGGED_CONTENT__INIT;
    Uppsikt__AccessLogged out = UPPSIKT__ACCESS_LOGGED__INIT;
    content.person = upp_lend(person);
    content.address = upp_lend(address);
    char authority[CONSOLE_ID], log[CONSOLE_ID + 48];
    const int64_t day = upp_now(txn) / UPP_DAY;
    UPP_TRY(authority_of(txn, person, authority));
    snprintf(log, sizeof log, "login.%.40s.%lld", authority, (long long)day);
    const char *const about[] = { person[0] ? person : "nobody", log, NULL };
    const int forgotten = upp_keep(txn, about, &content.base, &kept);
    UPP_TRY(forgotten);
    out.session = upp_lend(session);
    out.what = upp_lend(what);
    out.how = upp_lend(how);
    out.at_ms = upp_now(txn);
    out.authority = authority;
    out.log = log;
    out.day = day;
    out.commitment = upp_commitment(&kept);
    return upp_emit(txn, person[0] ? person : "nobody", &out.base, forgotten ? NULL : &kept);
}

/* -- SetLogin -- */
static bool is_hash(const char *text)
{
    return strncmp(text, "$argon2id$", 10) == 0 && strlen(text) < HASH_MAX;
}

static int drop_secret(upp_txn *txn, const char *person)
{
    UPP_ROWS row =
        upp_query(txn, "SELECT secret_ref FROM login WHERE person = ?1", BIND(V(person)));
    if (!upp_next(&row))
        return row.rc;
    const int64_t ref = upp_col_int(&row, 0);
    upp_rows_done(&row);
    const int rc = upp_drop(txn, ref);
    return rc < 0 ? rc : 0;
}

/* Each of them is in the log from its beginning to its end (I28). */
static int say_ended(upp_txn *txn, const char *person)
{
    UPP_ROWS row = upp_query(txn, "SELECT session FROM session WHERE person = ?1 ORDER BY session",
                             BIND(V(person)));
    while (upp_next(&row))
        UPP_TRY(login_say(txn, "ended", "", upp_col_text(&row, 0), person, ""));
    return row.rc;
}

int console_end_sessions(upp_txn *txn, const char *person, bool login_too)
{
    UPP_TRY(say_ended(txn, person));
    UPP_TRY(upp_exec(txn, "DELETE FROM session WHERE person = ?1", BIND(V(person))));
    if (!login_too)
        return 0;
    UPP_TRY(drop_secret(txn, person));
    return upp_exec(txn, "DELETE FROM login WHERE person = ?1", BIND(V(person)));
}

int login_check_person(upp_txn *txn, const char *person)
{
    UPP_ROWS row = upp_query(txn, "SELECT gone FROM person WHERE person = ?1", BIND(V(person)));
    if (!upp_next(&row))
        return row.rc < 0 ? row.rc : upp_refuse(txn, "no-such-person");
    return upp_col_int(&row, 0) ? upp_refuse(txn, "person-left") : 0;
}

/* Somebody else's? Names are looked up by their keyed hash alone. */
static int check_name(upp_txn *txn, const char *key, const char *person)
{
    UPP_ROWS row = upp_query(txn, "SELECT person FROM login WHERE name_key = ?1", BIND(V(key)));
    if (!upp_next(&row))
        return row.rc;
    return strcmp(upp_col_text(&row, 0), person) == 0 ? 0 : upp_refuse(txn, "name-taken");
}

static int name_key(upp_txn *txn, const Uppsikt__SetLogin *c, char ret_key[UPP_HEX])
{
    if (c->name[0]) {
        login_key(txn, "name", c->name, ret_key);
        return check_name(txn, ret_key, c->person);
    }
    UPP_ROWS row =
        upp_query(txn, "SELECT name_key FROM login WHERE person = ?1", BIND(V(c->person)));
    if (!upp_next(&row))
        return row.rc < 0 ? row.rc : upp_refuse(txn, "name-missing");
    snprintf(ret_key, UPP_HEX, "%s", upp_col_text(&row, 0));
    return 0;
}

int login_was_set(upp_txn *txn, const char *person, const char *what)
{
    Uppsikt__LoginSet out = UPPSIKT__LOGIN_SET__INIT;
    UPP_TRY(login_say(txn, what, "", "", person, ""));
    out.person = upp_lend(person);
    return upp_reply(txn, &out.base);
}

int console_set_login(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    const Uppsikt__SetLogin *c = msg;
    char key[UPP_HEX];
    upp_content kept;
    Uppsikt__LoginSecret secret = UPPSIKT__LOGIN_SECRET__INIT;
    if (strcmp(in->source, "console") == 0 && (!in->by || strcmp(in->by, c->person) != 0))
        return upp_refuse(txn, "not-allowed");
    UPP_TRY(login_check_person(txn, c->person));
    if (!c->password_hash[0]) {
        UPP_TRY(console_end_sessions(txn, c->person, true));
        return login_was_set(txn, c->person, "login-removed");
    }
    if (!is_hash(c->password_hash) || strlen(c->name) > 200)
        return upp_refuse(txn, "login-malformed");
    UPP_TRY(name_key(txn, c, key));
    UPP_TRY(console_end_sessions(txn, c->person, true));
    secret.password_hash = c->password_hash;
    const int forgotten = upp_keep(txn, UPP_ABOUT(c->person), &secret.base, &kept);
    UPP_TRY(forgotten);
    if (forgotten)
        return upp_refuse(txn, "no-such-person");
    UPP_TRY(upp_exec(txn, "INSERT INTO login(person, name_key, secret_ref) VALUES(?1, ?2, ?3)",
                     BIND(V(c->person), V(key), V(kept.ref))));
    return login_was_set(txn, c->person, "login-set");
}

/* -- trying -- */
static int wait_of(upp_txn *txn, const char *key, upp_ms *ret_span)
{
    UPP_ROWS row = upp_query(txn, "SELECT until_ms FROM failed_try WHERE who = ?1", BIND(V(key)));
    if (upp_next(&row) && upp_col_int(&row, 0) - upp_now(txn) > *ret_span)
        *ret_span = upp_col_int(&row, 0) - upp_now(txn);
    return row.rc;
}

typedef struct trier {
    char name[UPP_HEX], address[UPP_HEX], person[CONSOLE_ID];
    int64_t secret_ref;
    upp_ms wait_span;
} trier;

static int who_tries(upp_txn *txn, const char *name, const char *address, trier *ret_trier)
{
    trier t = { .person = "" };
    login_key(txn, "name", name, t.name);
    login_key(txn, "address", address, t.address);
    UPP_TRY(wait_of(txn, t.name, &t.wait_span));
    UPP_TRY(wait_of(txn, t.address, &t.wait_span));
    UPP_ROWS row = upp_query(txn,
                             "SELECT l.person, l.secret_ref FROM login l JOIN person p"
                             " USING (person) WHERE l.name_key = ?1 AND p.gone = 0",
                             BIND(V(t.name)));
    if (upp_next(&row)) {
        snprintf(t.person, sizeof t.person, "%s", upp_col_text(&row, 0));
        t.secret_ref = upp_col_int(&row, 1);
    }
    *ret_trier = t;
    return row.rc;
}

int console_login(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    (void)self;
    const Uppsikt__Login *q = msg;
    UPP_AUTO(upp_msg_freep) ProtobufCMessage *kept = NULL;
    Uppsikt__LoginRow row = UPPSIKT__LOGIN_ROW__INIT;
    Uppsikt__LoginRowContent content = UPPSIKT__LOGIN_ROW_CONTENT__INIT;
    trier t;
    UPP_TRY(login_from_ourselves(txn, in));
    UPP_TRY(who_tries(txn, q->name, q->address, &t));
    const int forgotten = upp_recall(txn, t.secret_ref, &uppsikt__login_secret__descriptor, &kept);
    UPP_TRY(forgotten);
    row.person = t.person;
    row.wait_span = t.wait_span;
    if (!forgotten)
        content.password_hash = ((Uppsikt__LoginSecret *)kept)->password_hash;
    return upp_reply_content(txn, &row.base, &content.base);
}

static int failed(upp_txn *txn, const char *key, bool address, upp_ms *ret_span)
{
    int64_t n = 1;
    {
        UPP_ROWS row = upp_query(txn, "SELECT n + 1 FROM failed_try WHERE who = ?1", BIND(V(key)));
        if (upp_next(&row))
            n = upp_col_int(&row, 0);
        UPP_TRY(row.rc);
    }
    const upp_ms span = guard_wait(n, address);
    if (span > *ret_span)
        *ret_span = span;
    return upp_exec(txn,
                    "INSERT INTO failed_try(who, n, until_ms) VALUES(?1, ?2, ?3)"
                    " ON CONFLICT DO UPDATE SET n = excluded.n, until_ms = excluded.until_ms",
                    BIND(V(key), V(n), V(upp_now(txn) + span)));
}

static int refuse_try(upp_txn *txn, const trier *t, const char *address)
{
    Uppsikt__SignedIn out = UPPSIKT__SIGNED_IN__INIT;
    upp_ms span = 0;
    UPP_TRY(failed(txn, t->name, false, &span));
    UPP_TRY(failed(txn, t->address, true, &span));
    UPP_TRY(login_say(txn, "refused", "password", "", t->person, address));
    out.wait_span = span;
    return upp_reply(txn, &out.base);
}

/* Old sessions and old failures go when somebody signs in: no alarm is needed for what nobody
 * asks for. */
static int tidy(upp_txn *txn, const console_config *c)
{
    UPP_TRY(upp_exec(txn, "DELETE FROM session WHERE begun_ms <= ?1 OR seen_ms <= ?2",
                     BIND(V(upp_now(txn) - c->session_span), V(upp_now(txn) - c->idle_span))));
    return upp_exec(txn, "DELETE FROM failed_try WHERE until_ms < ?1",
                    BIND(V(upp_now(txn) - UPP_DAY)));
}

int login_begin(upp_txn *txn, const console_config *config, const login_begun *begun)
{
    Uppsikt__SignedIn out = UPPSIKT__SIGNED_IN__INIT;
    char session[UPP_ID];
    UPP_TRY(tidy(txn, config));
    upp_id(txn, session);
    UPP_TRY(upp_exec(txn,
                     "INSERT INTO session(token, session, person, begun_ms, seen_ms)"
                     " VALUES(?1, ?2, ?3, ?4, ?4)",
                     BIND(V(begun->token), V(session), V(begun->person), V(upp_now(txn)))));
    UPP_TRY(login_say(txn, "signed-in", begun->how, session, begun->person, begun->address));
    out.session = session;
    out.person = upp_lend(begun->person);
    return upp_reply(txn, &out.base);
}

int console_sign_in(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__SignIn *c = msg;
    Uppsikt__SignedIn out = UPPSIKT__SIGNED_IN__INIT;
    trier t;
    UPP_TRY(login_from_ourselves(txn, in));
    UPP_TRY(who_tries(txn, c->name, c->address, &t));
    if (t.wait_span > 0) {
        out.wait_span = t.wait_span;
        return upp_reply(txn, &out.base);
    }
    if (!c->right || !t.person[0] || strlen(c->token_sha256) != 2 * GUARD_TOKEN)
        return refuse_try(txn, &t, c->address);
    UPP_TRY(upp_exec(txn, "DELETE FROM failed_try WHERE who = ?1", BIND(V(t.name))));
    return login_begin(txn, self,
                       &(login_begun){ .token = c->token_sha256,
                                       .person = t.person,
                                       .address = c->address,
                                       .how = "password" });
}

/* -- sessions -- */
typedef struct sitting {
    char session[UPP_ID], person[CONSOLE_ID];
    upp_ms seen;
} sitting;

/* 1: there is none, or not any more. */
static int find(upp_txn *txn, const console_config *config, const char *token, sitting *ret_sitting)
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT session, person, begun_ms, seen_ms FROM session"
                             " WHERE token = ?1",
                             BIND(V(token)));
    if (!upp_next(&row))
        return row.rc < 0 ? row.rc : 1;
    if (!guard_session_holds(upp_col_int(&row, 2), upp_col_int(&row, 3), upp_now(txn),
                             config->idle_span, config->session_span))
        return 1;
    snprintf(ret_sitting->session, UPP_ID, "%s", upp_col_text(&row, 0));
    snprintf(ret_sitting->person, CONSOLE_ID, "%s", upp_col_text(&row, 1));
    ret_sitting->seen = upp_col_int(&row, 3);
    return 0;
}

static int touched(upp_txn *txn, const char *session)
{
    Uppsikt__SessionTouched out = UPPSIKT__SESSION_TOUCHED__INIT;
    out.session = upp_lend(session);
    return upp_reply(txn, &out.base);
}

int console_keep(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__KeepSession *c = msg;
    sitting s = { .session = "" };
    UPP_TRY(login_from_ourselves(txn, in));
    const int none = find(txn, self, c->token_sha256, &s);
    UPP_TRY(none);
    if (!none)
        UPP_TRY(upp_exec(txn, "UPDATE session SET seen_ms = ?2 WHERE token = ?1",
                         BIND(V(c->token_sha256), V(upp_now(txn)))));
    return touched(txn, s.session);
}

int console_sign_out(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__SignOut *c = msg;
    sitting s = { .session = "" };
    UPP_TRY(login_from_ourselves(txn, in));
    const int none = find(txn, self, c->token_sha256, &s);
    UPP_TRY(none);
    if (!none) {
        UPP_TRY(upp_exec(txn, "DELETE FROM session WHERE token = ?1", BIND(V(c->token_sha256))));
        UPP_TRY(login_say(txn, "signed-out", "", s.session, s.person, ""));
    }
    return touched(txn, s.session);
}

static int count_lists(upp_txn *txn, const char *person, Uppsikt__VisitorRow *row)
{
    UPP_ROWS r =
        upp_query(txn,
                  "SELECT coalesce(sum(m.kind IN (1, 2, 4) AND m.errand <> 'finding'), 0),"
                  " coalesce(sum(m.kind = 3), 0),"
                  " coalesce(sum(m.kind = 5), 0)"
                  " FROM matter m JOIN may_see s ON s.account = m.account WHERE s.person = ?1 AND "
                  "m.state = 0",
                  BIND(V(person)));
    if (upp_next(&r)) {
        row->to_act = upp_col_int(&r, 0);
        row->to_answer = upp_col_int(&r, 1);
        row->to_see = upp_col_int(&r, 2);
    }
    UPP_TRY(r.rc);
    {
        UPP_ROWS f = upp_query(txn,
                               "SELECT count(*) FROM finding f JOIN may_act s USING (account)"
                               " WHERE s.person = ?1 AND f.cleared = 0",
                               BIND(V(person)));
        if (upp_next(&f))
            row->findings = upp_col_int(&f, 0);
        UPP_TRY(f.rc);
    }
    UPP_ROWS a = upp_query(txn,
                           "SELECT count(*) FROM matter m"
                           " JOIN may_act x ON x.account = m.account AND x.person = ?1"
                           " WHERE m.matter IN (SELECT a.matter FROM approval a WHERE a.ended = 0"
                           " AND a.expires_ms > ?2 AND a.person <> ?1"
                           " UNION SELECT matter FROM proposed)",
                           BIND(V(person), V(upp_now(txn))));
    if (upp_next(&a))
        row->to_approve = upp_col_int(&a, 0);
    return a.rc;
}

static int reply_visitor(upp_txn *txn, Uppsikt__VisitorRow *row, int64_t who_ref)
{
    UPP_AUTO(upp_msg_freep) ProtobufCMessage *kept = NULL;
    Uppsikt__VisitorRowContent content = UPPSIKT__VISITOR_ROW_CONTENT__INIT;
    const int forgotten =
        upp_recall(txn, who_ref, &uppsikt__person_registered_content__descriptor, &kept);
    UPP_TRY(forgotten);
    const Uppsikt__PersonRegisteredContent *who = (const Uppsikt__PersonRegisteredContent *)kept;
    if (!forgotten) {
        content.first_name = who->first_name;
        content.last_name = who->last_name;
        content.title = who->title;
    }
    return upp_reply_content(txn, &row->base, &content.base);
}

int console_visitor(upp_txn *txn, const void *self, const upp_input *in, const void *msg)
{
    const Uppsikt__Visitor *q = msg;
    Uppsikt__VisitorRow row = UPPSIKT__VISITOR_ROW__INIT;
    char unit[CONSOLE_ID], roles[CONSOLE_ROLES], *list[16];
    sitting s;
    UPP_TRY(login_from_ourselves(txn, in));
    const int none = find(txn, self, q->token_sha256, &s);
    if (none)
        return none < 0 ? none : 0;
    row.session = s.session;
    row.person = s.person;
    row.seen_ms = s.seen;
    row.roles = list;
    int64_t who_ref = 0;
    {
        UPP_ROWS p = upp_query(txn,
                               "SELECT unit, roles, who_ref FROM person WHERE person = ?1"
                               " AND gone = 0",
                               BIND(V(s.person)));
        if (!upp_next(&p))
            return p.rc < 0 ? p.rc : 0;
        snprintf(unit, sizeof unit, "%s", upp_col_text(&p, 0));
        snprintf(roles, sizeof roles, "%s", upp_col_text(&p, 1));
        who_ref = upp_col_int(&p, 2);
    }
    row.unit = unit;
    for (char *at = roles; *at && row.n_roles < UPP_LEN(list);) {
        at += strspn(at, " ");
        const size_t n = strcspn(at, " ");
        if (n > 0)
            list[row.n_roles++] = at;
        at += n;
        if (*at)
            *at++ = '\0';
    }
    UPP_TRY(count_lists(txn, s.person, &row));
    return reply_visitor(txn, &row, who_ref);
}
