/* archive_hand_in.c - `uppsikt archive hand-in`: files to the archive in parts, counted while they
 * are sent (R26, capture.md 6.1). */
#include "archive.h"
#include <errno.h>
#include <fcntl.h>
#include <nettle/sha2.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PART = 48 * 1024, LOOK_MS = 200 };

static void close_fd(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd); /* it was only read */
}

static const char *plain_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The file's sum and length, before it is sent: the other side counts again what it has stored. */
static bool sum_of(const char *path, int fd, uint8_t ret_sum[32], int64_t *ret_bytes)
{
    uint8_t piece[PART];
    ssize_t n = 0;
    struct sha256_ctx sum;
    sha256_init(&sum);
    *ret_bytes = 0;
    while ((n = read(fd, piece, sizeof piece)) > 0) {
        sha256_update(&sum, (size_t)n, piece);
        *ret_bytes += n;
    }
    sha256_digest(&sum, SHA256_DIGEST_SIZE, ret_sum);
    if (n == 0 && lseek(fd, 0, SEEK_SET) == 0)
        return true;
    home_sayf("%s: %s", path, strerror(errno));
    return false;
}

static int begin(verb_call *call, const char *path, const uint8_t sum[32], int64_t bytes,
                 upp_ms taken_ms, char ret_hand_in[40])
{
    Uppsikt__HandIn command = UPPSIKT__HAND_IN__INIT;
    Uppsikt__HandInFile file = UPPSIKT__HAND_IN_FILE__INIT;
    ProtobufCMessage *outcome = NULL;
    const char *source = call_text(call, "source"), *browser = call_text(call, "browser"),
               *note = call_text(call, "note");
    uint8_t own[32];
    memcpy(own, sum, sizeof own);
    file.name = upp_lend(plain_name(path));
    file.sha256 = (ProtobufCBinaryData){ sizeof own, own };
    file.source = upp_lend(source ? source : "browser");
    file.browser = upp_lend(browser ? browser : "");
    file.note = upp_lend(note ? note : "");
    file.taken_ms = taken_ms;
    command.run = upp_lend(call->operands[0]);
    command.bytes = bytes;
    command.file = &file;
    const int rc =
        ask_command(call, "archive", &command.base, &uppsikt__hand_in_taken__descriptor, &outcome);
    if (rc != CALL_DONE)
        return rc;
    snprintf(ret_hand_in, 40, "%s", ((const Uppsikt__HandInTaken *)outcome)->hand_in);
    message_free(outcome);
    return CALL_DONE;
}

static int send_parts(verb_call *call, const char *path, int fd, int64_t bytes, const char *hand_in)
{
    const bool tty = isatty(STDERR_FILENO) == 1;
    uint8_t piece[PART];
    for (int64_t at = 0; at < bytes;) {
        Uppsikt__HandInPart command = UPPSIKT__HAND_IN_PART__INIT;
        ProtobufCMessage *outcome = NULL;
        const ssize_t n = pread(fd, piece, sizeof piece, (off_t)at);
        if (n <= 0) {
            home_sayf("%s: %s", path, n < 0 ? strerror(errno) : "it has become shorter");
            return CALL_WRONG;
        }
        command.hand_in = upp_lend(hand_in);
        command.offset = at;
        command.bytes = (ProtobufCBinaryData){ (size_t)n, piece };
        const int rc = ask_command(call, "archive", &command.base,
                                   &uppsikt__hand_in_taken__descriptor, &outcome);
        if (rc != CALL_DONE)
            return rc;
        message_free(outcome);
        at += n;
        if (tty)
            fprintf(stderr, "\r%s: %d %%", plain_name(path), (int)(100 * at / bytes));
    }
    if (tty)
        fputc('\n', stderr);
    return CALL_DONE;
}

/* Until what lies on their disk has been counted and looked at. */
static int wait_taken(verb_call *call, const char *hand_in, json_t **ret_row)
{
    Uppsikt__HandIns query = UPPSIKT__HAND_INS__INIT;
    query.run = upp_lend(call->operands[0]);
    for (;;) {
        UPP_AUTO(json_freep) json_t *rows = json_array();
        size_t i = 0;
        json_t *row = NULL;
        const int rc = ask_query(call, "archive", &query.base, NULL, rows);
        if (rc != CALL_DONE)
            return rc;
        json_array_foreach(rows, i, row)
        {
            const char *state = archive_text(row, "state");
            if (strcmp(archive_text(row, "hand_in"), hand_in) != 0)
                continue;
            if (strcmp(state, "taken") != 0 && strcmp(state, "refused") != 0)
                break;
            *ret_row = json_incref(row);
            return strcmp(state, "taken") == 0 ? CALL_DONE : CALL_WRONG;
        }
        (void)poll(NULL, 0, LOOK_MS); /* another process is at work: we look again */
    }
}

static int hand_in_one(verb_call *call, const char *path, upp_ms taken_ms, json_t *files)
{
    uint8_t sum[32];
    char hand_in[40], hex[65], words[400];
    int64_t bytes = 0;
    UPP_AUTO(json_freep) json_t *row = NULL;
    UPP_AUTO(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        home_sayf("%s: %s", path, strerror(errno));
        return CALL_WRONG;
    }
    if (!sum_of(path, fd, sum, &bytes))
        return CALL_WRONG;
    int rc = begin(call, path, sum, bytes, taken_ms, hand_in);
    if (rc == CALL_DONE)
        rc = send_parts(call, path, fd, bytes, hand_in);
    if (rc == CALL_DONE)
        rc = wait_taken(call, hand_in, &row);
    if (row && rc != CALL_DONE)
        home_sayf("%s: refused: %s", path,
                  ask_refusal("archive", archive_text(row, "why"), words, sizeof words));
    if (rc != CALL_DONE)
        return rc;
    for (size_t i = 0; i < sizeof sum; i++)
        snprintf(hex + 2 * i, 3, "%02x", sum[i]);
    json_array_append_new(files, json_pack("{s:s, s:s, s:s, s:s, s:I}", "hand_in", hand_in, "file",
                                           path, "mime", archive_text(row, "mime"), "sha256", hex,
                                           "bytes", (json_int_t)bytes));
    if (!call->json)
        printf("%s  %s\n", hex, path); /* as sha256sum says it */
    return CALL_DONE;
}

static int finish(verb_call *call, const json_t *files)
{
    Uppsikt__HandInDone command = UPPSIKT__HAND_IN_DONE__INIT;
    ProtobufCMessage *outcome = NULL;
    UPP_AUTO(json_freep) json_t *row = NULL;
    char *ids[CALL_OPERANDS];
    for (size_t i = 0; i < json_array_size(files); i++)
        ids[command.n_hand_ins++] = upp_lend(archive_text(json_array_get(files, i), "hand_in"));
    command.hand_ins = ids;
    command.run = upp_lend(call->operands[0]);
    int rc =
        ask_command(call, "archive", &command.base, &uppsikt__archive_taken__descriptor, &outcome);
    if (rc != CALL_DONE)
        return rc;
    message_free(outcome);
    rc = archive_follow(call, call->operands[0], &row);
    if (!row)
        return rc;
    if (call->json) {
        UPP_AUTO(json_freep) json_t *all = json_pack("{s:O, s:O}", "files", files, "run", row);
        print_json(all);
    } else {
        printf("run %s: %s %s\n", call->operands[0], archive_text(row, "state"),
               archive_text(row, "package"));
    }
    return rc;
}

int archive_hand_in(verb_call *call)
{
    UPP_AUTO(json_freep) json_t *files = json_array();
    const char *taken = call_text(call, "taken");
    upp_ms taken_ms = 0;
    int rc = ask_home(call);
    if (rc != CALL_DONE)
        return rc;
    const when_clock clock = ask_clock(call);
    const char *why = when_parse(&clock, taken ? taken : "now", &taken_ms);
    if (why) {
        home_sayf("--taken: %s", why);
        return CALL_USAGE;
    }
    for (size_t i = 1; i < call->n_operands && rc == CALL_DONE; i++)
        rc = hand_in_one(call, call->operands[i], taken_ms, files);
    return rc == CALL_DONE ? finish(call, files) : rc;
}
