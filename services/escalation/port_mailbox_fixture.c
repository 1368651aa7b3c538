/* port_mailbox_fixture.c - the world of the port `mailbox` in its tests. */
#include "port_mailbox_fixture.h"
#include "digest.h"
#include "suite_clock.h"
#include "upp/port.h"
#include <dirent.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH = 512 };

box_world box;
static unsigned n_accounts;

static void on_done(void *self, int64_t id, enum upp_fate fate, const ProtobufCMessage *answer,
                    upp_ms after_span)
{
    (void)self;
    assert_true(id >= 0 && id < BOX_ASKS);
    struct box_ended *e = &box.ended[id];
    assert_false(e->over); /* once */
    assert_int_equal(after_span, 0);
    e->over = true;
    e->fate = fate;
    if (answer) { /* as it would travel */
        assert_ptr_equal(answer->descriptor, &uppsikt__mailbox_read__descriptor);
        const size_t n = protobuf_c_message_get_packed_size(answer);
        uint8_t *bytes = malloc(n + 1);
        assert_non_null(bytes);
        protobuf_c_message_pack(answer, bytes);
        e->read = uppsikt__mailbox_read__unpack(NULL, n, bytes);
        free(bytes);
        assert_non_null(e->read);
    }
    box.n_ended++;
}

static bool all_over(void *ctx)
{
    (void)ctx;
    return box.n_ended == box.n_asked;
}

/* -- the port -- */

void box_reopen(void)
{
    upp_mailbox_port.close(box.port); /* NULL is fine */
    box.port = upp_mailbox_port.open(box.loop, &box.config);
    if (!box.port)
        fail_msg("it does not open: %s", hand_loop_said(box.loop));
}

void box_url(const char *scheme, int port, const char *path)
{
    snprintf(box.url, sizeof box.url, "%s://127.0.0.1:%d%s", scheme, port, path);
}

void box_script(const script_row *rows)
{
    scripted_end(box.scripted);
    box.scripted = scripted_start(rows);
    box_url("imap", scripted_port(box.scripted), "/INBOX");
    box_reopen();
}

int box_group_begin(void **state)
{
    (void)state;
    dovecot_make(&box.dovecot);
    dovecot_start(&box.dovecot);
    return 0;
}

int box_group_end(void **state)
{
    (void)state;
    dovecot_remove(&box.dovecot);
    return 0;
}

int box_begin(void **state)
{
    const dovecot d = box.dovecot;
    (void)state;
    box = (box_world){ .dovecot = d };
    snprintf(box.user, sizeof box.user, "u%u", n_accounts++);
    box.loop = hand_loop_new(on_done, NULL);
    box_url("imap", d.port, "/INBOX");
    box.config = (post_config){
        .mail = { .from = "uppsikt@kommun.example", .patience_span = 30 * UPP_SECOND },
        .mailbox = { .url = box.url, .user = box.user, .password = DOVECOT_PASSWORD },
    };
    box_reopen();
    return 0;
}

int box_end(void **state)
{
    (void)state;
    upp_mailbox_port.close(box.port);
    hand_loop_free(box.loop);
    scripted_end(box.scripted);
    for (size_t i = 0; i < BOX_ASKS; i++)
        if (box.ended[i].read)
            uppsikt__mailbox_read__free_unpacked(box.ended[i].read, NULL);
    return 0;
}

void box_ask(uint32_t validity, uint32_t after, uint32_t limit)
{
    Uppsikt__ReadMailbox r = UPPSIKT__READ_MAILBOX__INIT;
    r.validity = validity;
    r.after = after;
    r.limit = limit;
    assert_true(box.n_asked < BOX_ASKS);
    const upp_asked asked = {
        .id = (int64_t)box.n_asked++, .key = "key", .attempt = box.attempts + 1, .request = &r.base
    };
    upp_mailbox_port.start(box.port, &asked);
}

static const struct box_ended *outcome(uint32_t validity, uint32_t after, uint32_t limit)
{
    box_ask(validity, after, limit);
    assert_true(hand_loop_until(box.loop, BOX_PATIENCE, all_over, NULL));
    return &box.ended[box.n_asked - 1];
}

const Uppsikt__MailboxRead *box_read(uint32_t validity, uint32_t after, uint32_t limit)
{
    const struct box_ended *e = outcome(validity, after, limit);
    if (e->fate != UPP_DONE)
        fail_msg("it was not read: %s", hand_loop_said(box.loop));
    assert_non_null(e->read);
    return e->read;
}

void box_later(const char *words)
{
    const struct box_ended *e = outcome(0, 0, 0);
    const char *said = hand_loop_said(box.loop);
    assert_int_equal(e->fate, UPP_LATER);
    assert_null(e->read);
    if (!strstr(said, words))
        fail_msg("no '%s' in '%s'", words, said);
    assert_int_equal(strncmp(said, "mailbox: ", 9), 0);
    assert_null(strstr(said, box.user)); /* nobody's name, nobody's password */
    assert_null(strstr(said, "ord"
                             "\" "));
    assert_null(strstr(said, "uppsikt@"));
}

bool box_until(bool (*met)(void *ctx), void *ctx)
{
    const upp_ms until = upp_steady_now() + BOX_PATIENCE;
    while (!met(ctx)) {
        if (upp_steady_now() >= until)
            return false;
        hand_loop_turn(box.loop);
        (void)poll(NULL, 0, 5); /* between two looks at a condition with a deadline */
    }
    return true;
}

/* -- the maildir -- */

static void folder_path(const char *folder, const char *below, char path[PATH])
{
    snprintf(path, PATH, "%s/box/%s%s%s/%s", box.dovecot.folder, box.user, folder[0] ? "/." : "",
             folder, below);
}

static void make_folder(const char *folder)
{
    static const char *const below[] = { "", "tmp", "cur", "new" };
    char path[PATH];
    if (folder[0])
        make_folder("");
    for (size_t i = 0; i < UPP_LEN(below); i++) {
        folder_path(folder, below[i], path);
        if (mkdir(path, 0700) == 0) /* it may be there */
            dovecot_give(&box.dovecot, path);
    }
}

const char *box_put_in(const char *folder, const char *bytes, size_t n)
{
    static char name[64];
    char path[PATH], below[80], tmp[PATH];
    make_folder(folder);
    snprintf(name, sizeof name, "%010u.M1P1.kommun", ++box.n_mails);
    snprintf(below, sizeof below, "new/%s", name);
    folder_path(folder, below, path);
    snprintf(below, sizeof below, "tmp/%s", name);
    folder_path(folder, below, tmp);
    FILE *f = fopen(tmp, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(rename(tmp, path), 0);
    return name;
}

const char *box_put(const char *mail)
{
    return box_put_in("", mail, strlen(mail));
}

void box_take_away(const char *name)
{
    char path[PATH], below[80];
    snprintf(below, sizeof below, "new/%s", name);
    folder_path("", below, path);
    assert_int_equal(unlink(path), 0);
}

bool box_is_new(const char *name)
{
    char path[PATH], below[80];
    snprintf(below, sizeof below, "new/%s", name);
    folder_path("", below, path);
    return access(path, F_OK) == 0;
}

void box_validity(unsigned validity)
{
    char path[PATH], inner[2 * PATH];
    folder_path("", "", path);
    DIR *d = opendir(path);
    assert_non_null(d);
    for (struct dirent *e = readdir(d); e; e = readdir(d)) {
        if (strncmp(e->d_name, "dovecot", 7) != 0)
            continue;
        snprintf(inner, sizeof inner, "%s/%s", path, e->d_name);
        assert_int_equal(unlink(inner), 0);
    }
    closedir(d);
    folder_path("", "dovecot-uidlist", path);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fprintf(f, "3 V%u N1\n", validity);
    fclose(f);
    dovecot_give(&box.dovecot, path);
}

const char *box_sha256(const char *bytes, size_t n)
{
    static char hex[65];
    uint8_t hash[32];
    const upp_bytes all = { (const uint8_t *)bytes, n };
    upp_sha256(&all, 1, hash);
    upp_hex(hash, sizeof hash, hex);
    return hex;
}
