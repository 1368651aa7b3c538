/* archive_package.c - `uppsikt archive check` and `export`: a package as files (R27). */
#include "archive.h"
#include "manifest.h"
#include "package_check.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <nettle/sha2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PART = 64 * 1024 };

/* -- checking -- */
typedef struct ear {
    json_t *faults;
} ear;

static void hear(void *ctx, const char *path, uint64_t offset, const char *what)
{
    const ear *e = ctx;
    home_sayf("%s at %" PRIu64 ": %s", path, offset, what);
    if (e->faults)
        json_array_append_new(e->faults, json_pack("{s:s, s:I, s:s}", "path", path, "offset",
                                                   (json_int_t)offset, "what", what));
}

bool archive_sound(const char *folder, const char *schemas, json_t *result)
{
    ear e = { .faults = json_array() };
    complaints to = { hear, &e, 0 };
    package_tally tally = { 0 };
    const int rc = package_check(folder, schemas, &to, &tally);
    if (rc)
        home_sayf("%s: %s", folder, strerror(rc));
    json_object_set_new(result, "files", json_integer((json_int_t)tally.files));
    json_object_set_new(result, "bytes", json_integer((json_int_t)tally.bytes));
    json_object_set_new(result, "schemas", json_boolean(tally.schemas));
    json_object_set_new(result, "good", json_boolean(rc == 0 && to.n == 0));
    json_object_set_new(result, "faults", e.faults);
    return rc == 0 && to.n == 0;
}

static void say(const verb_call *call, const char *folder, const json_t *result)
{
    if (call->json) {
        print_json(result);
        return;
    }
    printf("%s: %s; %lld files, %lld bytes%s\n", folder,
           json_is_true(json_object_get(result, "good")) ? "sound" : "NOT SOUND",
           (long long)json_integer_value(json_object_get(result, "files")),
           (long long)json_integer_value(json_object_get(result, "bytes")),
           json_is_true(json_object_get(result, "schemas"))
               ? ", METS and PREMIS of their schemas"
               : "; METS and PREMIS were not held against schemas");
}

int archive_check(verb_call *call)
{
    UPP_AUTO(json_freep) json_t *result = json_object();
    const char *schemas = call_text(call, "schemas");
    char wanted[PATH_MAX];
    if (schemas && (folder_path(schemas, "premis-v3-0.xsd", wanted) || !folder_has(wanted))) {
        home_sayf("%s: there is no premis-v3-0.xsd in it", schemas);
        return CALL_USAGE;
    }
    const bool good = archive_sound(call->operands[0], schemas, result);
    say(call, call->operands[0], result);
    return good ? CALL_DONE : CALL_WRONG;
}

/* -- taking out -- */
static void close_fd(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd); /* what was written has been synced */
}

static bool write_all(int fd, const uint8_t *at, size_t len)
{
    while (len > 0) {
        const ssize_t n = write(fd, at, len);
        if (n < 0 && errno != EINTR)
            return false;
        at += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
    return true;
}

/* All parts of one object; its sum is the one that the package names. */
static bool fetch(verb_call *call, const Uppsikt__PackageFile *f, int fd)
{
    struct sha256_ctx md;
    uint8_t sum[SHA256_DIGEST_SIZE];
    uint8_t *part = malloc(PART);
    int64_t at = 0;
    int n = 0;
    upp_check(part);
    sha256_init(&md);
    while (at < f->bytes && (n = upp_client_object(call->client, "archive", f->object, at, part,
                                                   PART, call->wait_span)) > 0) {
        if (!write_all(fd, part, (size_t)n)) {
            home_sayf("%s: %s", f->path, strerror(errno));
            break;
        }
        sha256_update(&md, (size_t)n, part);
        at += n;
    }
    free(part);
    sha256_digest(&md, sizeof sum, sum);
    if (at < f->bytes)
        home_sayf("%s: %s", f->path, n < 0 ? upp_client_why(call->client) : "it ends too early");
    else if (f->sha256.len != 32 || memcmp(sum, f->sha256.data, sizeof sum) != 0)
        home_sayf("%s: it is not what was packed", f->path);
    else
        return true;
    return false;
}

static bool take_out(verb_call *call, const char *folder, const Uppsikt__PackageFile *f)
{
    char path[PATH_MAX];
    if (!path_inside(f->path) || folder_path(folder, f->path, path)) {
        home_sayf("a file of the package leads elsewhere");
        return false;
    }
    const int rc = folder_make_above(path);
    UPP_AUTO(close_fd)
    int fd = rc ? -1 : open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (fd < 0) {
        home_sayf("%s: %s", path, strerror(rc ? rc : errno));
        return false;
    }
    if (!fetch(call, f, fd))
        return false;
    if (fsync(fd) == 0)
        return true;
    home_sayf("%s: %s", path, strerror(errno));
    return false;
}

static bool take_out_all(verb_call *call, const char *folder, const Uppsikt__PackageContents *c)
{
    const bool tty = isatty(STDERR_FILENO) == 1;
    bool good = true;
    for (size_t i = 0; i < c->n_files && good; i++) {
        if (tty)
            fprintf(stderr, "\r%zu of %zu files", i + 1, c->n_files);
        good = take_out(call, folder, c->files[i]);
    }
    if (tty)
        fputc('\n', stderr);
    return good;
}

static int export_to(verb_call *call, const char *package, const char *folder)
{
    Uppsikt__OpenPackage command = UPPSIKT__OPEN_PACKAGE__INIT;
    ProtobufCMessage *outcome = NULL;
    UPP_AUTO(json_freep) json_t *result = json_object();
    command.package = upp_lend(package);
    const int rc = ask_command(call, "archive", &command.base,
                               &uppsikt__package_contents__descriptor, &outcome);
    if (rc != CALL_DONE)
        return rc;
    bool good = take_out_all(call, folder, (const Uppsikt__PackageContents *)outcome);
    message_free(outcome);
    good = good && archive_sound(folder, NULL, result);
    json_object_set_new(result, "package", json_string(package));
    json_object_set_new(result, "folder", json_string(folder));
    if (good)
        say(call, folder, result);
    else
        home_sayf("%s: what lies there is not a whole package", folder);
    return good ? CALL_DONE : CALL_WRONG;
}

int archive_export(verb_call *call)
{
    UPP_AUTO(json_freep) json_t *row = NULL;
    const char *given = call->operands[1];
    char here[PATH_MAX];
    char folder[PATH_MAX];
    int rc = archive_row(call, call->operands[0], &row);
    if (rc != CALL_DONE)
        return rc;
    if (!archive_text(row, "package")[0]) {
        home_sayf("%s: it has no sealed package; it is %s", call->operands[0],
                  archive_text(row, "state"));
        return CALL_WRONG;
    }
    if (given[0] != '/' && (!getcwd(here, sizeof here) || folder_path(here, given, folder))) {
        home_sayf("%s: %s", given, strerror(errno));
        return CALL_WRONG;
    }
    if (given[0] == '/')
        snprintf(folder, sizeof folder, "%s", given);
    if (mkdir(folder, 0750) < 0) {
        home_sayf("%s: %s; a new folder is wanted", folder, strerror(errno));
        return CALL_WRONG;
    }
    return export_to(call, archive_text(row, "package"), folder);
}
