/* archive_fixture.h - one authority, a unit, a few people and accounts, for the archive tests. */
#pragma once
#include "../../tests/node_bench.h"
#include "archive.h"
#include "uppsikt/comment.pb-c.h"
#include "uppsikt/evidence.pb-c.h"

extern const upp_service upp_archive_service;

/* Stands in every name, address and text: it must be in content alone. */
#define MARKER "MARKER"
#define HEARD(b, source, subject, fact, content)                                                   \
    assert_true(bench_hear((b), (source), (subject), (fact), (content)) >= 0)

static inline void fix_commit(const ProtobufCMessage *content, uint8_t sum[32],
                              ProtobufCBinaryData *ret_commitment)
{
    bench_commit_to(content, sum);
    *ret_commitment = (ProtobufCBinaryData){ 32, sum };
}

static inline void fix_person(bench *b, const char *id, const char *role)
{
    Uppsikt__PersonRegistered e = UPPSIKT__PERSON_REGISTERED__INIT;
    Uppsikt__PersonRegisteredContent c = UPPSIKT__PERSON_REGISTERED_CONTENT__INIT;
    char *roles[] = { upp_lend(role) };
    uint8_t sum[32];
    e.person = upp_lend(id);
    e.unit = upp_lend("skola");
    e.roles = roles;
    e.n_roles = 1;
    c.first_name = upp_lend("Åsa " MARKER);
    c.last_name = upp_lend(id);
    c.title = upp_lend("kommunikatör");
    fix_commit(&c.base, sum, &e.commitment);
    HEARD(b, "registry", id, &e.base, &c.base);
}

/* `url` NULL: the account has none. */
static inline void fix_account(bench *b, const char *id, int state, int watch, const char *url)
{
    Uppsikt__AccountChanged e = UPPSIKT__ACCOUNT_CHANGED__INIT;
    Uppsikt__AccountChangedContent c = UPPSIKT__ACCOUNT_CHANGED_CONTENT__INIT;
    Uppsikt__AccessGranted a = UPPSIKT__ACCESS_GRANTED__INIT;
    uint8_t sum[32];
    e.account = upp_lend(id);
    e.state = (Uppsikt__AccountChanged__State)state;
    e.watch = (Uppsikt__AccountChanged__Watch)watch;
    e.platform = upp_lend("mastodon");
    e.unit = upp_lend("skola");
    e.authority = upp_lend("bun");
    e.open_since_ms = b->now - 90 * UPP_DAY;
    c.name = upp_lend("Skolan " MARKER);
    c.handle = upp_lend("@skolan");
    c.url = upp_lend(url ? url : "");
    c.purpose = upp_lend("syfte");
    fix_commit(&c.base, sum, &e.commitment);
    HEARD(b, "registry", id, &e.base, &c.base);
    a.account = upp_lend(id);
    a.person = upp_lend("anna");
    a.rank = 1;
    HEARD(b, "registry", id, &a.base, NULL);
}

#define FIX_URL "https://social.example/@skolan"
enum { FIX_OPEN = 4, FIX_CLOSING = 5, FIX_API = 1, FIX_MANUAL = 2 };

static inline void fix_found(bench *b)
{
    Uppsikt__AuthorityRegistered n = UPPSIKT__AUTHORITY_REGISTERED__INIT;
    Uppsikt__UnitRegistered u = UPPSIKT__UNIT_REGISTERED__INIT;
    n.authority = upp_lend("bun");
    n.name = upp_lend("Barn- och utbildningsnämnden");
    n.org_number = upp_lend("212000-1234");
    HEARD(b, "registry", "bun", &n.base, NULL);
    u.unit = upp_lend("skola");
    u.authority = upp_lend("bun");
    u.name = upp_lend("Skola & förskola");
    u.manager = upp_lend("chef");
    u.head = upp_lend("head");
    HEARD(b, "registry", "skola", &u.base, NULL);
    fix_person(b, "anna", "administrator");
    fix_person(b, "chef", "manager");
    fix_person(b, "head", "reader");
    fix_person(b, "arkiv", "archivist");
    fix_person(b, "nobody", "administrator");
}

/* A comment of somebody, with the text. */
static inline void fix_comment(bench *b, const char *account, const char *item, const char *text)
{
    Uppsikt__CommentReceived e = UPPSIKT__COMMENT_RECEIVED__INIT;
    Uppsikt__CommentReceivedContent c = UPPSIKT__COMMENT_RECEIVED_CONTENT__INIT;
    Uppsikt__ItemAuthor who = UPPSIKT__ITEM_AUTHOR__INIT;
    uint8_t sum[32];
    static const char raw[] = "{\"id\":\"17\",\"favourites\":3}";
    e.item = upp_lend(item);
    e.account = upp_lend(account);
    e.kind = UPPSIKT__ITEM_KIND__ITEM_KIND_COMMENT;
    e.version = 1;
    e.received_ms = e.first_seen_ms = b->now;
    c.text = upp_lend(text);
    who.name = upp_lend("Kalle " MARKER);
    c.author = &who;
    c.raw = (ProtobufCBinaryData){ sizeof raw - 1, (uint8_t *)upp_lend(raw) };
    fix_commit(&c.base, sum, &e.commitment);
    HEARD(b, "ingest", item, &e.base, &c.base);
}

static inline void fix_own_post(bench *b, const char *account, const char *item, const char *text)
{
    Uppsikt__OwnPostSeen e = UPPSIKT__OWN_POST_SEEN__INIT;
    Uppsikt__OwnPostSeenContent c = UPPSIKT__OWN_POST_SEEN_CONTENT__INIT;
    uint8_t sum[32];
    e.item = upp_lend(item);
    e.account = upp_lend(account);
    e.version = 1;
    e.at_ms = b->now;
    c.text = upp_lend(text);
    fix_commit(&c.base, sum, &e.commitment);
    HEARD(b, "ingest", item, &e.base, &c.base);
}

static inline void fix_forget(bench *b, const char *subject)
{
    Uppsikt__DisposalApproved e = UPPSIKT__DISPOSAL_APPROVED__INIT;
    char *subjects[] = { upp_lend(subject) };
    e.disposal = upp_lend("d1");
    e.subjects = subjects;
    e.n_subjects = 1;
    e.part = e.parts = 1;
    HEARD(b, "evidence", "d1", &e.base, NULL);
}

static inline void fix_hold(bench *b, const char *account)
{
    Uppsikt__HoldPlaced e = UPPSIKT__HOLD_PLACED__INIT;
    e.hold = upp_lend("h1");
    e.account = upp_lend(account);
    HEARD(b, "evidence", "h1", &e.base, NULL);
}

/* Asks for a run as an archivist; gives its id. */
static inline void fix_run(bench *b, const char *account, char ret_run[UPP_ID])
{
    Uppsikt__ArchiveAccount c = UPPSIKT__ARCHIVE_ACCOUNT__INIT;
    c.account = upp_lend(account);
    bench_did(b, "arkiv", &c.base);
    ProtobufCMessage *out =
        bench_unpack(&uppsikt__archive_taken__descriptor, b->outcome.at, b->outcome.len);
    snprintf(ret_run, UPP_ID, "%s", ((Uppsikt__ArchiveTaken *)out)->run);
    upp_msg_freep(&out);
}

/* UTC; the bench has no zone. */
#define DECEMBER ((upp_ms)1796083200000) /* 1 December 2026 */
#define FEBRUARY ((upp_ms)1801440000000) /* 1 February 2027 */
#define MARCH_15 (FEBRUARY + 42 * UPP_DAY)
#define MAY_16   (MARCH_15 + 62 * UPP_DAY)
#define OCTOBER  (FEBRUARY + 242 * UPP_DAY)

static inline int fix_set_up(void **state)
{
    bench *b = bench_open(&upp_archive_service);
    archive_config *config = b->config;
    config->folder = "/var/lib/x/archive";
    bench_restart(b);
    bench_wait(b, DECEMBER - b->now); /* the window of autumn has gone by, without accounts */
    fix_found(b);
    bench_skip(b);
    *state = b;
    return 0;
}

/* -- the ports, by hand -- */
/* The one ask that waits at this port, as its request. */
static inline const void *fix_asked(bench *b, const char *port, size_t *ret_i)
{
    (void)bench_start(b);
    for (size_t i = 0; i < b->n_asks; i++)
        if (strcmp(b->asks[i].port, port) == 0) {
            *ret_i = i;
            return b->asks[i].request;
        }
    fail_msg("nothing is asked of %s", port);
    return NULL;
}

static inline bool fix_waits(bench *b, const char *port)
{
    (void)bench_start(b);
    for (size_t i = 0; i < b->n_asks; i++)
        if (strcmp(b->asks[i].port, port) == 0)
            return true;
    return false;
}

static inline void fix_captured(bench *b, Uppsikt__PageCaptured__State how)
{
    size_t i = 0;
    const Uppsikt__CapturePage *page = fix_asked(b, "capture", &i);
    static uint8_t sum[32] = { 9 };
    Uppsikt__CapturedFile png = UPPSIKT__CAPTURED_FILE__INIT;
    Uppsikt__CapturedFile *files[] = { &png };
    Uppsikt__PageCaptured out = UPPSIKT__PAGE_CAPTURED__INIT;
    png.name = upp_lend("page.png");
    png.mime = upp_lend("image/png");
    png.bytes = 17;
    png.sha256 = (ProtobufCBinaryData){ sizeof sum, sum };
    out.id = page->id;
    out.state = how;
    out.files = files;
    out.n_files = how == UPPSIKT__PAGE_CAPTURED__STATE__STATE_OK ? 1 : 0;
    bench_answer(b, i, UPP_DONE, &out.base);
}

/* Port intake as it would do it; gives how many parts there were. `list` gets what the comments'
 * list holds. */
static inline size_t fix_store_all(bench *b, char *list, size_t size)
{
    size_t n = 0;
    while (fix_waits(b, "intake")) {
        size_t i = 0;
        const Uppsikt__StorePart *p = fix_asked(b, "intake", &i);
        Uppsikt__PartStored out = UPPSIKT__PART_STORED__INIT;
        if (list && strcmp(p->file, "api/comments.jsonl") == 0 && !p->last) {
            assert_true((size_t)p->offset + p->bytes.len < size);
            memcpy(list + p->offset, p->bytes.data, p->bytes.len);
            list[(size_t)p->offset + p->bytes.len] = '\0';
        }
        out.file = p->file;
        out.offset = p->offset;
        out.bytes = p->last ? p->offset : (int64_t)p->bytes.len;
        out.last = p->last;
        out.removed = p->remove;
        out.mime = upp_lend(p->check ? "application/pdf" : "");
        bench_answer(b, i, UPP_DONE, &out.base);
        n++;
    }
    return n;
}

static inline void fix_built(bench *b, const char *failed)
{
    size_t i = 0;
    const Uppsikt__BuildPackage *q = fix_asked(b, "package", &i);
    static uint8_t sum[32] = { 4 };
    char object[48];
    Uppsikt__PackageFile one = UPPSIKT__PACKAGE_FILE__INIT;
    Uppsikt__PackageFile *files[] = { &one };
    Uppsikt__PackageBuilt out = UPPSIKT__PACKAGE_BUILT__INIT;
    snprintf(object, sizeof object, "o-%.30s", q->package + 5);
    one.path = upp_lend("data/x");
    one.object = object;
    one.bytes = 5;
    one.sha256 = (ProtobufCBinaryData){ sizeof sum, sum };
    out.package = q->package;
    out.files = 1;
    out.bytes = 5;
    out.contents = files;
    out.n_contents = failed ? 0 : 1;
    out.failed = upp_lend(failed ? failed : "");
    bench_answer(b, i, UPP_DONE, &out.base);
}

static inline void fix_seal_run(bench *b)
{
    bench_wait(b, 0);
    fix_captured(b, UPPSIKT__PAGE_CAPTURED__STATE__STATE_OK);
    fix_store_all(b, NULL, 0);
    fix_built(b, NULL);
    fix_store_all(b, NULL, 0);
}
