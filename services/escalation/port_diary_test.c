/* port_diary_test.c - the ports `diary` and `numbers` on a folder: whole or not at all, once, never
 * over another's file; what lies beside a package (R16). The words are this test's. */
#define _GNU_SOURCE /* nftw */
#include "diary_words.h"
#include "escalation.h"
#include "hand_loop.h"
#include "upp/port.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <sodium.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utime.h>

#include <cmocka.h>

#define PACKAGE "uppsikt-i1.n1-1"

/* -- the owners' answers -- */
struct diary_words {
    Uppsikt__ItemRow row;
    Uppsikt__CommentReceivedContent what;
};
static const char *said = "Hej, när öppnar badet?";
static int answer_of_owners;

diary_words *diary_words_new(const struct upp_place *place, void (*say)(const char *line))
{
    (void)place;
    (void)say;
    return calloc(1, sizeof(diary_words));
}

void diary_words_free(diary_words *w)
{
    free(w);
}

const char *diary_words_why(const diary_words *w)
{
    (void)w;
    return "ingest: no answer";
}

int diary_words_read(diary_words *w, const Uppsikt__SendDiary *ask, diary_case *ret_case)
{
    uppsikt__item_row__init(&w->row);
    uppsikt__comment_received_content__init(&w->what);
    w->row.version = 1;
    w->what.text = upp_lend(said);
    *ret_case =
        (diary_case){ .ask = ask,
                      .lines = { { ask->items[0]->item, UPPSIKT__DIARY_ITEM__ROLE__ROLE_SUBJECT, 1,
                                   &w->row, &w->what } },
                      .n_lines = 1 };
    return answer_of_owners;
}

/* -- the world -- */
typedef struct world {
    char folder[64];
    uint8_t *zone;
    escalation_config config;
    upp_loop *loop;
    void *diary, *numbers;
    bool ended;
    enum upp_fate fate;
    Uppsikt__DiarySent *sent;
    Uppsikt__NumbersRead *read;
} world;

static void done(void *self, int64_t id, enum upp_fate fate, const ProtobufCMessage *answer,
                 upp_ms after_span)
{
    world *w = self;
    uint8_t bytes[4096];
    (void)after_span;
    w->ended = true;
    w->fate = fate;
    const size_t n = answer ? protobuf_c_message_pack(answer, bytes) : 0;
    if (answer && id == 1)
        w->sent = uppsikt__diary_sent__unpack(NULL, n, bytes);
    else if (answer)
        w->read = uppsikt__numbers_read__unpack(NULL, n, bytes);
}

static int set_up(void **state)
{
    enum { ZONE_BYTES = 64 * 1024 };
    world *w = calloc(1, sizeof *w);
    FILE *file = fopen("/usr/share/zoneinfo/Europe/Stockholm", "rb");
    upp_check(w && file);
    w->zone = malloc(ZONE_BYTES);
    upp_check(w->zone);
    const size_t len = fread(w->zone, 1, ZONE_BYTES, file);
    fclose(file);
    snprintf(w->folder, sizeof w->folder, "/tmp/upp-diary-XXXXXX");
    upp_check(mkdtemp(w->folder));
    w->config = (escalation_config){ .post = { .diary = { .deliver = w->folder,
                                                          .patience_span = UPP_MINUTE,
                                                          .look_span = UPP_MINUTE } },
                                     .zone = { w->zone, len },
                                     .language = "sv" };
    w->loop = hand_loop_new(done, w);
    w->diary = upp_diary_port.open(w->loop, &w->config);
    w->numbers = upp_numbers_port.open(w->loop, &w->config);
    upp_check(w->diary && w->numbers);
    said = "Hej, när öppnar badet?";
    answer_of_owners = 0;
    *state = w;
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

static int tear_down(void **state)
{
    world *w = *state;
    upp_diary_port.close(w->diary);
    upp_numbers_port.close(w->numbers);
    hand_loop_free(w->loop);
    (void)chmod(w->folder, 0700);
    (void)nftw(w->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    if (w->sent)
        uppsikt__diary_sent__free_unpacked(w->sent, NULL);
    if (w->read)
        uppsikt__numbers_read__free_unpacked(w->read, NULL);
    free(w->zone);
    free(w);
    return 0;
}

static bool has_ended(void *ctx)
{
    return ((world *)ctx)->ended;
}

static enum upp_fate send(world *w, uint32_t attempt)
{
    uint8_t salt[32] = { 1 };
    Uppsikt__DiaryItem item = UPPSIKT__DIARY_ITEM__INIT;
    Uppsikt__DiaryItem *items[] = { &item };
    Uppsikt__SendDiary ask = UPPSIKT__SEND_DIARY__INIT;
    item.item = upp_lend("i1");
    ask.package = upp_lend(PACKAGE);
    ask.matter = upp_lend("i1.n1");
    ask.account = upp_lend("acc");
    ask.why = upp_lend("doc.why-question");
    ask.salt = (ProtobufCBinaryData){ sizeof salt, salt };
    ask.items = items;
    ask.n_items = 1;
    if (w->sent)
        uppsikt__diary_sent__free_unpacked(w->sent, NULL);
    w->sent = NULL;
    w->ended = false;
    upp_diary_port.start(w->diary, &(upp_asked){ 1, PACKAGE, attempt, &ask.base });
    assert_true(hand_loop_until(w->loop, 20 * UPP_SECOND, has_ended, w));
    return w->fate;
}

static size_t files(const world *w)
{
    DIR *d = opendir(w->folder);
    size_t n = 0;
    assert_non_null(d);
    for (const struct dirent *e = readdir(d); e; e = readdir(d))
        n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    closedir(d);
    return n;
}

static const char *path_of(const world *w, const char *name)
{
    static char path[160];
    snprintf(path, sizeof path, "%s/%s", w->folder, name);
    return path;
}

static void lay(const world *w, const char *name, const char *text)
{
    FILE *out = fopen(path_of(w, name), "wb");
    assert_non_null(out);
    fputs(text, out);
    assert_int_equal(fclose(out), 0);
}

/* -- packages -- */
static void r16_a_package_lies_there_whole_and_once(void **state)
{
    world *w = *state;
    struct stat before, after;
    assert_int_equal(send(w, 1), UPP_DONE);
    assert_true(w->sent->delivered);
    assert_string_equal(w->sent->way, "folder");
    assert_int_equal(w->sent->sha256.len, 32);
    assert_int_equal(files(w), 1);
    assert_int_equal(stat(path_of(w, PACKAGE ".zip"), &before), 0);
    assert_int_equal(before.st_size, w->sent->bytes);
    assert_int_equal(before.st_mode & 0777, 0600); /* R24 */
    assert_int_equal(send(w, 2), UPP_DONE);        /* its answer was lost: it is known again */
    assert_int_equal(files(w), 1);
    assert_int_equal(stat(path_of(w, PACKAGE ".zip"), &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
}

static size_t sum_of(const world *w, uint8_t ret_sum[crypto_hash_sha256_BYTES])
{
    uint8_t bytes[16384];
    FILE *in = fopen(path_of(w, PACKAGE ".zip"), "rb");
    assert_non_null(in);
    const size_t n = fread(bytes, 1, sizeof bytes, in);
    fclose(in);
    crypto_hash_sha256(ret_sum, bytes, n);
    return n;
}

/* Died between the delivery and its report, and the account has another name since: what lies there
 * is ours still, and what is said of it is its own sum. */
static void r16_r42_ours_is_known_whatever_has_changed_since(void **state)
{
    world *w = *state;
    uint8_t sum[crypto_hash_sha256_BYTES];
    assert_int_equal(send(w, 1), UPP_DONE);
    const size_t n = sum_of(w, sum);
    said = "Orden har ändrats sedan dess";
    assert_int_equal(send(w, 2), UPP_DONE);
    assert_int_equal(files(w), 1);
    assert_int_equal(w->sent->bytes, n);
    assert_memory_equal(w->sent->sha256.data, sum, sizeof sum);
    assert_int_equal(truncate(path_of(w, PACKAGE ".zip"), (off_t)n - 1), 0); /* half is not ours */
    assert_int_equal(send(w, 3), UPP_NEVER);
    assert_string_equal(w->sent->why, "diary-taken");
}

/* R24: its group may read it where that is wanted; a folder that everybody may enter gets
 * nothing. */
static void r16_r24_who_may_read_it(void **state)
{
    world *w = *state;
    struct stat st;
    assert_int_equal(chmod(w->folder, 0705), 0);
    assert_int_equal(send(w, 1), UPP_LATER);
    assert_non_null(strstr(hand_loop_said(w->loop), "entered by everybody"));
    assert_int_equal(files(w), 0);
    assert_int_equal(chmod(w->folder, 0770), 0);
    w->config.post.diary.group = true;
    const mode_t mask = umask(0077); /* as the units of systemd have it */
    assert_int_equal(send(w, 2), UPP_DONE);
    (void)umask(mask);
    assert_int_equal(stat(path_of(w, PACKAGE ".zip"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
}

/* Died between the temporary file and its name: what is left of it goes. */
static void r16_half_a_package_is_written_anew(void **state)
{
    world *w = *state;
    lay(w, "." PACKAGE ".zip.part", "PK half of it");
    assert_int_equal(send(w, 2), UPP_DONE);
    assert_int_equal(files(w), 1);
}

static void r16_another_file_of_that_name_stays(void **state)
{
    char text[16] = "";
    world *w = *state;
    lay(w, PACKAGE ".zip", "another's");
    assert_int_equal(send(w, 1), UPP_NEVER);
    assert_false(w->sent->delivered);
    assert_string_equal(w->sent->why, "diary-taken");
    FILE *in = fopen(path_of(w, PACKAGE ".zip"), "rb");
    assert_non_null(in);
    assert_int_equal(fread(text, 1, sizeof text - 1, in), 9);
    fclose(in);
    assert_string_equal(text, "another's");
    assert_int_equal(files(w), 1);
    assert_int_equal(unlink(path_of(w, PACKAGE ".zip")), 0);
    assert_int_equal(symlink("/etc/passwd", path_of(w, PACKAGE ".zip")),
                     0); /* nor is it followed */
    assert_int_equal(send(w, 1), UPP_NEVER);
}

/* No folder, or one that nobody may write to: it is tried on. */
static void r16_a_folder_that_is_not_there_is_waited_for(void **state)
{
    world *w = *state;
    char kept[80];
    snprintf(kept, sizeof kept, "%s-kept", w->folder);
    assert_int_equal(rename(w->folder, kept), 0);
    assert_int_equal(send(w, 1), UPP_LATER);
    assert_non_null(strstr(hand_loop_said(w->loop), "cannot be opened"));
    assert_int_equal(rename(kept, w->folder), 0);
    if (geteuid() != 0) {
        assert_int_equal(chmod(w->folder, 0500), 0);
        assert_int_equal(send(w, 2), UPP_LATER);
        assert_int_equal(chmod(w->folder, 0700), 0);
    }
    assert_int_equal(send(w, 3), UPP_DONE);
}

/* No room on the disk: RLIMIT_FSIZE stands in for it. Nothing is left behind, and later it goes. */
static void r16_no_room_leaves_nothing_behind(void **state)
{
    world *w = *state;
    struct rlimit all;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &all), 0);
    const struct rlimit little = { 512, all.rlim_max };
    assert_true(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &little), 0);
    const enum upp_fate fate = send(w, 1);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &all), 0);
    assert_int_equal(fate, UPP_LATER);
    assert_non_null(strstr(hand_loop_said(w->loop), "cannot be written"));
    assert_int_equal(files(w), 0);
    assert_int_equal(send(w, 2), UPP_DONE);
}

static void r16_words_that_cannot_be_had(void **state)
{
    world *w = *state;
    answer_of_owners = UPP_E_BUSY; /* ingest is down */
    assert_int_equal(send(w, 1), UPP_LATER);
    assert_int_equal(files(w), 0);
    answer_of_owners = 1; /* disposed of */
    assert_int_equal(send(w, 2), UPP_NEVER);
    assert_string_equal(w->sent->why, "diary-forgotten");
    assert_int_equal(files(w), 0);
}

/* R24: no word of it is in what is said to the log. */
static void r16_r24_nothing_is_told(void **state)
{
    world *w = *state;
    said = "Kvarnhjulsbacken";
    lay(w, PACKAGE ".zip", "another's");
    assert_int_equal(send(w, 1), UPP_NEVER);
    assert_null(strstr(hand_loop_said(w->loop), "Kvarnhjul"));
}

/* -- numbers -- */
static const char *look(world *w)
{
    char *packages[] = { upp_lend("uppsikt-i2.n1-1"), upp_lend(PACKAGE), upp_lend("../" PACKAGE) };
    Uppsikt__ReadNumbers ask = UPPSIKT__READ_NUMBERS__INIT;
    ask.packages = packages;
    ask.n_packages = UPP_LEN(packages);
    if (w->read)
        uppsikt__numbers_read__free_unpacked(w->read, NULL);
    w->read = NULL;
    w->ended = false;
    upp_numbers_port.start(w->numbers, &(upp_asked){ 2, "numbers/1", 1, &ask.base });
    assert_true(hand_loop_until(w->loop, 20 * UPP_SECOND, has_ended, w));
    assert_int_equal(w->fate, UPP_DONE);
    if (w->read->n_numbers == 0)
        return "(none)";
    assert_string_equal(w->read->numbers[0]->package, PACKAGE);
    return w->read->numbers[0]->number;
}

static void r16_a_number_beside_the_package(void **state)
{
    world *w = *state;
    char longer[400];
    const struct utimbuf old = { 1, 1 };
    assert_string_equal(look(w), "(none)");
    lay(w, PACKAGE ".nummer", "KS 2026/0012"); /* no line end: it may be half of one */
    assert_string_equal(look(w), "(none)");
    assert_int_equal(utime(path_of(w, PACKAGE ".nummer"), &old), 0);
    assert_string_equal(look(w), "KS 2026/0012");
    lay(w, PACKAGE ".nummer", "KS 2026/00123\r\n");
    assert_string_equal(look(w), "KS 2026/00123");
    lay(w, PACKAGE ".nummer", "KS 1\nKS 2\n");
    assert_string_equal(look(w), "");
    memset(longer, '1', sizeof longer);
    longer[sizeof longer - 1] = '\0';
    lay(w, PACKAGE ".nummer", longer);
    assert_string_equal(look(w), "");
    assert_int_equal(unlink(path_of(w, PACKAGE ".nummer")), 0);
    assert_int_equal(symlink("/etc/hostname", path_of(w, PACKAGE ".nummer")), 0);
    assert_string_equal(look(w), ""); /* a link is not followed */
    assert_int_equal(unlink(path_of(w, PACKAGE ".nummer")), 0);
    assert_int_equal(mkfifo(path_of(w, PACKAGE ".nummer"), 0600), 0);
    assert_string_equal(look(w), ""); /* nor does a pipe hold us up */
}

int main(void)
{
#define WITH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        WITH(r16_a_package_lies_there_whole_and_once),
        WITH(r16_r42_ours_is_known_whatever_has_changed_since),
        WITH(r16_r24_who_may_read_it),
        WITH(r16_half_a_package_is_written_anew),
        WITH(r16_another_file_of_that_name_stays),
        WITH(r16_a_folder_that_is_not_there_is_waited_for),
        WITH(r16_no_room_leaves_nothing_behind),
        WITH(r16_words_that_cannot_be_had),
        WITH(r16_r24_nothing_is_told),
        WITH(r16_a_number_beside_the_package),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
