/* backup_files.c - copies that are on the disk when they are said to be. */
#include "backup_files.h"
#include "digest.h"
#include "yaml_rows.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *const backup_order[] = { "feed",       "console",  "archive", "evidence",
                                     "escalation", "classify", "ingest",  "registry" };
const size_t backup_n_order = UPP_LEN(backup_order);

int backup_failed(const char *path)
{
    home_sayf("%s: %s", path, strerror(errno));
    return CALL_CONFIG;
}

bool backup_data_of(const verb_home *home, const char *service, char ret_path[PATH_MAX])
{
    char name[64];
    char path[PATH_MAX];
    bool found = false;
    snprintf(name, sizeof name, "%s.yaml", service);
    UPP_AUTO(upp_yaml_free) upp_yaml yaml = { 0 };
    if (!home_path(home->config, name, path) || !upp_yaml_read(path, home_say, &yaml))
        return false;
    const yaml_node_t *root = upp_yaml_root(&yaml);
    for (const yaml_node_pair_t *p =
             root && root->type == YAML_MAPPING_NODE ? root->data.mapping.pairs.start : NULL;
         p && p < root->data.mapping.pairs.top; p++) {
        const char *key = upp_yaml_text(upp_yaml_node(&yaml, p->key));
        const char *value = upp_yaml_text(upp_yaml_node(&yaml, p->value));
        if (key && value && strcmp(key, "data") == 0)
            found = (size_t)snprintf(ret_path, PATH_MAX, "%s", value) < PATH_MAX;
    }
    if (!found)
        home_sayf("%s: `data:` is wanted, the folder of the service's store", path);
    return found;
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

static void close_dir(DIR **dir)
{
    if (*dir)
        closedir(*dir);
}

int backup_sync_folder(const char *path)
{
    UPP_AUTO(close_fd) int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd >= 0 && fsync(fd) == 0 ? CALL_DONE : backup_failed(path);
}

int backup_make_folders(const char *path)
{
    char part[PATH_MAX];
    for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        snprintf(part, sizeof part, "%.*s", (int)(slash - path), path);
        if (mkdir(part, 0700) != 0 && errno != EEXIST)
            return backup_failed(part);
    }
    return CALL_DONE;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

int backup_remove_folder(const char *path)
{
    if (access(path, F_OK) != 0 && errno == ENOENT)
        return CALL_DONE;
    return nftw(path, remove_one, 32, FTW_DEPTH | FTW_PHYS) == 0 ? CALL_DONE : backup_failed(path);
}

static json_t *row_of(const char *name, const uint8_t sha256[32], int64_t bytes)
{
    char hex[65];
    upp_hex(sha256, 32, hex);
    return json_pack("{s:s, s:I, s:s}", "path", name, "bytes", (json_int_t)bytes, "sha256", hex);
}

static bool pour(int from, int to)
{
    char part[64 * 1024];
    ssize_t n = 0;
    while ((n = read(from, part, sizeof part)) > 0)
        for (ssize_t done = 0, w = 0; done < n; done += w)
            if ((w = write(to, part + done, (size_t)(n - done))) <= 0)
                return false;
    return n == 0;
}

static bool add_suffix(const char *name, char ret_name[PATH_MAX])
{
    return (size_t)snprintf(ret_name, PATH_MAX, "%s" SEAL_SUFFIX, name) < PATH_MAX;
}

int backup_copy(const char *from, const char *to, const char *name, const uint8_t *recipient,
                json_t **ret_row)
{
    char sealed_to[PATH_MAX], sealed_name[PATH_MAX];
    uint8_t sha256[32];
    int64_t bytes = 0;
    UPP_AUTO(close_fd) int in = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (in < 0)
        return errno == ENOENT ? 1 : backup_failed(from);
    if (backup_make_folders(to) ||
        (recipient && (!add_suffix(to, sealed_to) || !add_suffix(name, sealed_name))))
        return CALL_CONFIG;
    const char *path = recipient ? sealed_to : to;
    UPP_AUTO(close_fd) int out = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (out < 0 || !(recipient ? seal_pour(in, out, name, recipient) : pour(in, out)) ||
        fsync(out) != 0 || upp_sha256_fd(out, sha256, &bytes) < 0)
        return backup_failed(path);
    *ret_row = row_of(recipient ? sealed_name : name, sha256, bytes);
    return CALL_DONE;
}

/* What is made anew by itself, or is copied in another way. */
static bool left_out(const char *name, const char *service)
{
    const size_t n = strlen(service);
    static const char *const names[] = { ".", "..", "lock", "ballast", "backup" };
    for (size_t i = 0; i < UPP_LEN(names); i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return strncmp(name, service, n) == 0 && strncmp(name + n, ".db", 3) == 0;
}

static int copy_entry(const char *from, const char *to, const char *name, const uint8_t *recipient,
                      json_t *rows)
{
    struct stat st;
    json_t *row = NULL;
    if (lstat(from, &st) != 0)
        return errno == ENOENT ? CALL_DONE : backup_failed(from);
    if (S_ISDIR(st.st_mode))
        return backup_copy_folder(from, to, name, "", recipient, rows);
    if (!S_ISREG(st.st_mode)) {
        home_sayf("%s: neither a file nor a folder; it is not copied", from);
        return CALL_CONFIG;
    }
    const int rc = backup_copy(from, to, name, recipient, &row);
    if (rc == CALL_DONE)
        json_array_append_new(rows, row);
    return rc == 1 ? CALL_DONE : rc;
}

int backup_copy_folder(const char *from, const char *to, const char *name, const char *service,
                       const uint8_t *recipient, json_t *rows)
{
    UPP_AUTO(close_dir) DIR *dir = opendir(from);
    if (!dir)
        return errno == ENOENT ? CALL_DONE : backup_failed(from);
    if (mkdir(to, 0700) != 0 && errno != EEXIST)
        return backup_failed(to);
    for (const struct dirent *e = readdir(dir); e; e = readdir(dir)) {
        char a[PATH_MAX], b[PATH_MAX], c[PATH_MAX];
        const bool top = service[0] != '\0';
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 ||
            (top && left_out(e->d_name, service)))
            continue;
        if (!home_path(from, e->d_name, a) || !home_path(to, e->d_name, b) ||
            !home_path(name, e->d_name, c) || copy_entry(a, b, c, recipient, rows))
            return CALL_CONFIG;
    }
    return backup_sync_folder(to);
}

int backup_write_manifest(const char *folder, const json_t *manifest)
{
    char path[PATH_MAX], fresh[PATH_MAX], parent[PATH_MAX];
    if (!home_path(folder, "manifest.json", path) || !home_path(folder, "manifest.new", fresh) ||
        !home_path(folder, "..", parent))
        return CALL_CONFIG;
    FILE *file = fopen(fresh, "we");
    bool good = file && json_dumpf(manifest, file, JSON_INDENT(1)) == 0 &&
                fputc('\n', file) != EOF && fflush(file) == 0 && fsync(fileno(file)) == 0;
    if (file)
        fclose(file);
    if (!good || rename(fresh, path) != 0)
        return backup_failed(path);
    return backup_sync_folder(folder) || backup_sync_folder(parent) ? CALL_CONFIG : CALL_DONE;
}

bool backup_check(const char *folder, const json_t *row)
{
    char path[PATH_MAX], hex[65];
    uint8_t sha256[32];
    int64_t bytes = 0;
    const char *name = json_string_value(json_object_get(row, "path"));
    const char *said = json_string_value(json_object_get(row, "sha256"));
    if (!name || !said || name[0] == '/' || strstr(name, "..") || !home_path(folder, name, path)) {
        home_sayf("%s: its manifest cannot be read", folder);
        return false;
    }
    UPP_AUTO(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 || upp_sha256_fd(fd, sha256, &bytes) < 0)
        return backup_failed(path) == CALL_DONE;
    upp_hex(sha256, 32, hex);
    if (strcmp(hex, said) == 0)
        return true;
    home_sayf("%s: is not the file that was backed up", path);
    return false;
}
