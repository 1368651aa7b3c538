/* publish_test.c - the public register, from the change to the files (R09, R30, I23). */
#define _XOPEN_SOURCE 700 /* nftw */
#include "../../tests/fakes/hand_loop.h"
#include "page.h"
#include "registry_fixture.h"
#include "uppsikt/evidence.pb-c.h"
#include <dirent.h>
#include <ftw.h>
#include <jansson.h>
#include <sys/stat.h>

extern const upp_port *const upp_registry_ports[];

/* The service and its port, joined by hand. */
typedef struct site {
    bench *b;
    upp_loop *loop;
    void *port;
    char folder[64];
    int64_t ended[BENCH_ASKS]; /* what upp_done was called for, in order */
    enum upp_fate fates[BENCH_ASKS];
    Uppsikt__RegisterWritten answers[BENCH_ASKS];
    size_t n_ended;
} site;

static void hear_done(void *self, int64_t id, enum upp_fate fate, const ProtobufCMessage *answer,
                      upp_ms after_span)
{
    site *s = self;
    (void)after_span;
    assert_true(s->n_ended < BENCH_ASKS);
    s->ended[s->n_ended] = id;
    s->fates[s->n_ended] = fate;
    if (answer)
        s->answers[s->n_ended] = *(const Uppsikt__RegisterWritten *)answer;
    s->n_ended++;
}

static int set_up(void **state)
{
    site *s = calloc(1, sizeof *s);
    upp_check(s);
    s->b = bench_open(&upp_registry_service);
    registry_config *config = s->b->config;
    snprintf(s->folder, sizeof s->folder, "/tmp/upp-site-XXXXXX");
    assert_non_null(mkdtemp(s->folder));
    config->publish_folder = s->folder;
    config->publisher = "Provköpings kommun & <bolag>";
    bench_restart(s->b);
    org_found(s->b);
    s->loop = hand_loop_new(hear_done, s);
    s->port = upp_registry_ports[0]->open(s->loop, config);
    assert_non_null(s->port);
    *state = s;
    return 0;
}

static int take_away(const char *path, const struct stat *info, int kind, struct FTW *where)
{
    (void)info;
    (void)kind;
    (void)where;
    return remove(path);
}

static int tear_down(void **state)
{
    site *s = *state;
    upp_registry_ports[0]->close(s->port);
    hand_loop_free(s->loop);
    bench_close(s->b);
    (void)nftw(s->folder, take_away, 8, FTW_DEPTH | FTW_PHYS); /* one test has taken it away */
    free(s);
    return 0;
}

/* Hands every ask that is due to the port; gives how many. They stay in b->asks. */
static size_t start_asks(site *s)
{
    const size_t n = bench_start(s->b);
    for (size_t i = s->b->n_asks - n; i < s->b->n_asks; i++) {
        const bench_asked *a = &s->b->asks[i];
        assert_string_equal(a->port, "publish");
        upp_registry_ports[0]->start(s->port,
                                     &(upp_asked){ a->id, a->key, a->attempt, a->request });
    }
    return n;
}

/* What the port has ended becomes the node's input. */
static void give_answers(site *s)
{
    for (size_t n = 0; n < s->n_ended; n++)
        for (size_t i = 0; i < s->b->n_asks; i++)
            if (s->b->asks[i].id == s->ended[n]) {
                bench_answer(s->b, i, s->fates[n],
                             s->fates[n] == UPP_DONE ? &s->answers[n].base : NULL);
                break;
            }
    s->n_ended = 0;
}

/* The alarm rings, the port works, the answers come home. */
static void publish(site *s)
{
    bench_wait(s->b, 5 * UPP_SECOND);
    start_asks(s);
    give_answers(s);
}

static char *read_file(const site *s, const char *name)
{
    char path[160];
    snprintf(path, sizeof path, "%s/current/%s", s->folder, name);
    FILE *f = fopen(path, "rb");
    if (!f)
        return NULL;
    char *text = calloc(1, 1 << 20);
    upp_check(text);
    const size_t n = fread(text, 1, (1 << 20) - 1, f);
    assert_true(n > 0 && n < (1 << 20) - 1);
    fclose(f);
    return text;
}

static json_t *read_json(const site *s)
{
    char *text = read_file(s, "register.json");
    assert_non_null(text);
    json_t *root = json_loads(text, 0, NULL);
    assert_non_null(root);
    free(text);
    return root;
}

static size_t count(const char *text, const char *what)
{
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, what)); at++)
        n++;
    return n;
}

/* The states that lie in the folder. */
static size_t folders(const site *s)
{
    size_t n = 0;
    DIR *dir = opendir(s->folder);
    assert_non_null(dir);
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
        n += strncmp(entry->d_name, "at-", 3) == 0;
    closedir(dir);
    return n;
}

/* -- the whole way -- */
static void R09_each_change_is_published_once(void **state)
{
    site *s = *state;
    bench *b = s->b;
    publish(s); /* what the founding changed */
    char *html = read_file(s, "index.html");
    assert_non_null(strstr(html, "Det finns inga konton just nu."));
    free(html);
    bench_skip(b);
    org_open(b, "acc");
    org_take_over(b, "old");
    bench_skip(b);
    bench_wait(b, 5 * UPP_SECOND - 1);
    assert_int_equal(start_asks(s), 0); /* changes within a while are published together */
    bench_wait(b, 1);
    assert_int_equal(start_asks(s), 1);
    give_answers(s);
    bench_saw(b, "RegisterPublished");

    json_t *root = read_json(s);
    const json_t *accounts = json_object_get(root, "accounts");
    assert_int_equal(json_array_size(accounts), 2);
    const json_t *acc = json_array_get(accounts, 0);
    assert_string_equal(json_string_value(json_object_get(acc, "account")), "acc");
    assert_string_equal(json_string_value(json_object_get(acc, "authority")), "Kommunstyrelsen");
    assert_string_equal(json_string_value(json_object_get(acc, "name")), "Skolan " MARKER);
    assert_string_equal(json_string_value(json_object_get(acc, "state")), "open");
    assert_string_equal(json_string_value(json_object_get(acc, "contact")), "skola@kommun.example");
    assert_true(json_is_null(json_object_get(json_array_get(accounts, 1), "open_since")));
    ProtobufCMessage *said = bench_said(b, &uppsikt__register_published__descriptor, NULL, NULL);
    assert_int_equal(((Uppsikt__RegisterPublished *)said)->rows, 2);
    assert_int_equal(((Uppsikt__RegisterPublished *)said)->at_seq,
                     json_integer_value(json_object_get(root, "at_seq")));
    upp_msg_freep(&said);
    json_decref(root);

    bench_wait(b, UPP_DAY); /* nothing has changed: nothing is written */
    assert_int_equal(start_asks(s), 0);
    bench_restart(b);
    bench_wait(b, UPP_MINUTE);
    assert_int_equal(start_asks(s), 0);
    assert_int_equal(bench_number(b, "SELECT changed_seq - published_seq FROM publication"), 0);
}

/* Names of people are nowhere in it: the sender is the municipality (R10). */
static void R09_no_person_is_in_the_public_register(void **state)
{
    site *s = *state;
    org_open(s->b, "acc");
    publish(s);
    static const char *const names[] = { "index.html", "register.json", "register.csv" };
    for (size_t i = 0; i < UPP_LEN(names); i++) {
        char *text = read_file(s, names[i]);
        assert_non_null(strstr(text, "Skolan " MARKER));
        assert_null(strstr(text, "Anna"));
        assert_null(strstr(text, "Ek " MARKER));
        assert_null(strstr(text, "BUN 2026/1"));
        free(text);
    }
}

/* -- I23: what lies there is the register at that place of its log -- */
/* Every account was given the same name in one batch of commands: a mixture would show two
 * names. */
static void R09_I23_all_rows_are_of_one_state(void **state)
{
    site *s = *state;
    bench *b = s->b;
    enum { ACCOUNTS = 30, TURNS = 6 };
    char id[16], name[48];
    for (int i = 0; i < ACCOUNTS; i++) {
        snprintf(id, sizeof id, "acc%d", i);
        org_take_over(b, id);
    }
    for (int turn = 0; turn < TURNS; turn++) {
        int64_t seq_before = upp_node_head(b->node).seq;
        for (int i = 0; i < ACCOUNTS; i++) {
            Uppsikt__AccountChangedContent f = UPPSIKT__ACCOUNT_CHANGED_CONTENT__INIT;
            snprintf(id, sizeof id, "acc%d", i);
            snprintf(name, sizeof name, "turn %d", turn);
            f.name = name;
            Uppsikt__ChangeAccount c = org_step(id, LIFE_NONE);
            c.facts = &f;
            bench_did(b, "man", &c.base);
        }
        bench_wait(b, 5 * UPP_SECOND);
        assert_true(bench_start(b) > 0);
        /* changes while the parts are on their way are of the next state */
        Uppsikt__AccountChangedContent f = UPPSIKT__ACCOUNT_CHANGED_CONTENT__INIT;
        Uppsikt__ChangeAccount c = org_step("acc0", LIFE_NONE);
        f.name = upp_lend("changed meanwhile");
        c.facts = &f;
        bench_did(b, "man", &c.base);
        for (size_t i = 0; i < b->n_asks; i++) {
            const bench_asked *a = &b->asks[i];
            upp_registry_ports[0]->start(s->port,
                                         &(upp_asked){ a->id, a->key, a->attempt, a->request });
        }
        give_answers(s);
        json_t *root = read_json(s);
        const json_t *accounts = json_object_get(root, "accounts");
        assert_int_equal(json_array_size(accounts), ACCOUNTS);
        assert_true(json_integer_value(json_object_get(root, "at_seq")) > seq_before);
        for (size_t i = 0; i < ACCOUNTS; i++) {
            const json_t *row = json_array_get(accounts, i);
            snprintf(name, sizeof name, "turn %d", turn);
            assert_string_equal(json_string_value(json_object_get(row, "name")), name);
        }
        json_decref(root);
    }
}

/* More than one request holds: the parts come in any order, and nothing shows until all are
 * there. */
static void R09_many_accounts_come_in_parts(void **state)
{
    site *s = *state;
    bench *b = s->b;
    enum { ACCOUNTS = 230 };
    char id[16];
    publish(s);
    for (int i = 0; i < ACCOUNTS; i++) {
        snprintf(id, sizeof id, "acc%d", i);
        org_take_over(b, id);
    }
    bench_skip(b);
    bench_wait(b, 5 * UPP_SECOND);
    assert_int_equal(bench_start(b), 3);
    for (size_t i = 3; i-- > 0;) {
        const bench_asked *a = &b->asks[i];
        json_t *root = read_json(s);
        assert_int_equal(json_array_size(json_object_get(root, "accounts")), 0);
        json_decref(root);
        assert_int_equal(s->n_ended, 0);
        upp_registry_ports[0]->start(s->port, &(upp_asked){ a->id, a->key, 1, a->request });
    }
    assert_int_equal(s->n_ended, 3);
    give_answers(s);
    bench_saw(b, "RegisterPublished"); /* once */
    json_t *root = read_json(s);
    assert_int_equal(json_array_size(json_object_get(root, "accounts")), ACCOUNTS);
    json_decref(root);
}

/* Killed after the files were moved in place and before that was committed. */
static void R09_a_crash_publishes_nothing_twice(void **state)
{
    site *s = *state;
    bench *b = s->b;
    org_open(b, "acc");
    bench_wait(b, 5 * UPP_SECOND);
    assert_int_equal(start_asks(s), 1);
    s->n_ended = 0; /* the answer is lost */
    upp_registry_ports[0]->close(s->port);
    bench_restart(b);
    s->port = upp_registry_ports[0]->open(s->loop, b->config);
    bench_skip(b);
    assert_int_equal(start_asks(s), 1); /* the same ask again: it looks first */
    assert_int_equal(s->answers[0].rows, 1);
    assert_false(s->answers[0].superseded);
    give_answers(s);
    bench_saw(b, "RegisterPublished");
}

/* An attempt that was put off must not show an older state than what is there. */
static void R09_an_older_state_never_comes_back(void **state)
{
    site *s = *state;
    bench *b = s->b;
    char moved[80];
    org_open(b, "acc");
    snprintf(moved, sizeof moved, "%s-gone", s->folder);
    assert_int_equal(rename(s->folder, moved), 0);
    bench_wait(b, 5 * UPP_SECOND);
    assert_int_equal(start_asks(s), 1);
    assert_int_equal(s->fates[0], UPP_LATER); /* the folder is not there: later, and said */
    assert_non_null(strstr(hand_loop_said(s->loop), "not written"));
    give_answers(s);
    assert_int_equal(rename(moved, s->folder), 0);

    org_take_over(b, "old");
    bench_skip(b);
    bench_wait(b, 6 * UPP_SECOND);
    assert_int_equal(bench_start(b), 2); /* the retry and the new one */
    const size_t newer = ((Uppsikt__PublishRegister *)b->asks[0].request)->at_seq >
                                 ((Uppsikt__PublishRegister *)b->asks[1].request)->at_seq
                             ? 0
                             : 1;
    for (size_t i = 0; i < 2; i++) {
        const bench_asked *a = &b->asks[i == 0 ? newer : 1 - newer];
        upp_registry_ports[0]->start(s->port, &(upp_asked){ a->id, a->key, 1, a->request });
    }
    assert_int_equal(s->n_ended, 2);
    assert_false(s->answers[0].superseded);
    assert_true(s->answers[1].superseded);
    give_answers(s);
    bench_saw(b, "RegisterPublished");
    json_t *root = read_json(s);
    assert_int_equal(json_array_size(json_object_get(root, "accounts")), 2);
    json_decref(root);
    for (int i = 0; i < 4; i++) { /* and old folders go, but for the one before */
        Uppsikt__ChangeAccount c = org_step("acc", LIFE_NONE);
        bench_did(b, "man", &c.base);
        publish(s);
    }
    assert_int_equal(folders(s), 2);
}

static void R09_what_is_closed_or_forgotten_is_shown_no_more(void **state)
{
    site *s = *state;
    bench *b = s->b;
    org_open(b, "acc");
    org_take_over(b, "old");
    publish(s);
    Uppsikt__ChangeAccount c = org_step("acc", LIFE_CLOSING);
    bench_did(b, "man", &c.base);
    publish(s);
    char *html = read_file(s, "index.html");
    assert_int_equal(count(html, "<td>avslutas</td>"), 1);
    assert_int_equal(count(html, "<td>öppet</td>"), 1);
    free(html);
    Uppsikt__DisposalApproved d = UPPSIKT__DISPOSAL_APPROVED__INIT;
    char *subjects[] = { upp_lend("old") };
    d.disposal = upp_lend("d1");
    d.subjects = subjects;
    d.n_subjects = 1;
    assert_true(bench_hear(b, "evidence", "d1", &d.base, NULL) >= 0);
    publish(s);
    json_t *root = read_json(s);
    assert_int_equal(json_array_size(json_object_get(root, "accounts")), 1);
    assert_int_equal(json_integer_value(json_object_get(root, "at_seq")),
                     bench_number(b, "SELECT seq FROM upp_log"
                                     " WHERE type = 'uppsikt.ContentForgotten'"));
    json_decref(root);
}

static void R09_without_a_folder_nothing_is_published(void **state)
{
    site *s = *state;
    ((registry_config *)s->b->config)->publish_folder = NULL;
    bench_restart(s->b);
    org_open(s->b, "acc");
    bench_wait(s->b, UPP_HOUR);
    assert_int_equal(bench_start(s->b), 0);
    void *port = upp_registry_ports[0]->open(s->loop, s->b->config);
    assert_non_null(port);
    upp_registry_ports[0]->close(port);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(R09_each_change_is_published_once),
        CASE(R09_no_person_is_in_the_public_register),
        CASE(R09_I23_all_rows_are_of_one_state),
        CASE(R09_many_accounts_come_in_parts),
        CASE(R09_a_crash_publishes_nothing_twice),
        CASE(R09_an_older_state_never_comes_back),
        CASE(R09_what_is_closed_or_forgotten_is_shown_no_more),
        CASE(R09_without_a_folder_nothing_is_published),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
