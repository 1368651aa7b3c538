/* objects.c - plain files, opened by an id that the node knows. */
#include "objects.h"
#include "upp/log.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ID_MAX = 128, PATH_BYTES = 4096 };

/* Names with `/` between them, none of which begins with a dot: an object may lie in a folder of
 * its record, never outside ours. */
static bool id_fits(const char *id)
{
    if (strlen(id) > ID_MAX)
        return false;
    for (const char *name = id;; name += strcspn(name, "/") + 1) {
        const size_t n = strcspn(name, "/");
        if (n == 0 || name[0] == '.' ||
            strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") < n)
            return false;
        if (!name[n])
            return true;
    }
}

static bool path_of(const char *folder, const char *id, char ret_path[PATH_BYTES])
{
    return (size_t)snprintf(ret_path, PATH_BYTES, "%s/%s", folder, id) < PATH_BYTES;
}

static ssize_t read_part(const char *folder, const char *id, int64_t offset, uint8_t *room,
                         size_t n)
{
    char path[PATH_BYTES];
    if (!path_of(folder, id, path))
        return -1;
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY);
    if (fd < 0)
        return -1;
    const ssize_t got = pread(fd, room, n, (off_t)offset);
    close(fd);
    return got;
}

int upp_objects_part(upp_node *node, const char *folder, const Uppsikt__ObjectGet *get,
                     uint8_t room[UPP_PART_BYTES], Uppsikt__ObjectPart *ret_part,
                     uint8_t ret_sha256[32])
{
    Uppsikt__ObjectPart part = UPPSIKT__OBJECT_PART__INIT;
    int64_t total = 0;
    part.id = get->id;
    part.object = get->object;
    part.offset = get->offset;
    *ret_part = part;
    const int unknown =
        id_fits(get->object) ? upp_node_object(node, get->object, &total, ret_sha256) : 1;
    UPP_TRY(unknown);
    if (unknown || get->offset < 0) {
        ret_part->refused = upp_lend("no-such-object");
        return 0;
    }
    const size_t n = get->length < UPP_PART_BYTES ? get->length : UPP_PART_BYTES;
    const ssize_t got =
        get->offset >= total ? 0 : read_part(folder, get->object, get->offset, room, n);
    if (got < 0) {
        upp_log(UPP_ERROR, get->object, "object cannot be read: %s", strerror(errno));
        ret_part->refused = upp_lend("object-unreadable");
        return 0;
    }
    ret_part->bytes = (ProtobufCBinaryData){ (size_t)got, room };
    ret_part->total = total;
    ret_part->sha256 = (ProtobufCBinaryData){ 32, ret_sha256 };
    return 0;
}

typedef struct unlinking {
    const char *folder;
    char **ids;
    int n, limit;
} unlinking;

/* The folder that the object lay in, when that is one of its own; ours is synced once for all. */
static void sync_folder(const char *folder, const char *id)
{
    char path[PATH_BYTES];
    const char *slash = strrchr(id, '/');
    if (!slash ||
        snprintf(path, sizeof path, "%s/%.*s", folder, (int)(slash - id), id) >= PATH_BYTES)
        return;
    const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return; /* it went with all that was in it */
    if (fsync(fd) != 0)
        upp_log(UPP_ERROR, id, "objects: %s", strerror(errno));
    close(fd);
}

static bool unlink_one(void *ctx, const char *id)
{
    unlinking *u = ctx;
    char path[PATH_BYTES];
    if (!id_fits(id) || !path_of(u->folder, id, path) || (unlink(path) != 0 && errno != ENOENT)) {
        upp_log(UPP_ERROR, id, "a forgotten object cannot be taken away: %s", strerror(errno));
        return true; /* the next one may go; this one is tried again */
    }
    sync_folder(u->folder, id);
    u->ids[u->n] = strdup(id);
    upp_check(u->ids[u->n] != NULL);
    u->n++;
    return u->n < u->limit;
}

int upp_objects_unlink(upp_node *node, const char *folder, char **ret_ids, int limit)
{
    unlinking u = { .folder = folder, .ids = ret_ids, .limit = limit };
    const int rc = upp_node_gone(node, unlink_one, &u);
    if (u.n > 0) {
        const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd >= 0) {
            if (fsync(fd) != 0)
                upp_log(UPP_ERROR, NULL, "objects: %s", strerror(errno));
            close(fd);
        }
    }
    return rc < 0 ? rc : u.n;
}
