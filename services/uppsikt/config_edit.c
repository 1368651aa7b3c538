/* config_edit.c - people's own words and comments stay where they are. */
#include "config_edit.h"
#include "backup_files.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool path_of(const verb_home *home, const char *service, char ret_path[PATH_MAX])
{
    char name[64];
    snprintf(name, sizeof name, "%s.yaml", service);
    return home_path(home->config, name, ret_path);
}

static bool failed(const char *path)
{
    home_sayf("%s: %s", path, strerror(errno));
    return false;
}

static void close_file(FILE **file)
{
    if (*file)
        fclose(*file);
}

static void free_text(char **text)
{
    free(*text);
}

/* What stands behind "key:" at the beginning of a line; NULL: another line. */
static char *value_in(char *line, const char *key)
{
    const size_t n = strlen(key);
    if (strncmp(line, key, n) != 0 || line[n] != ':')
        return NULL;
    return line + n + 1 + strspn(line + n + 1, " \t");
}

bool config_edit_get(const verb_home *home, const char *service, const char *key,
                     char ret_value[CONFIG_EDIT])
{
    char path[PATH_MAX], line[CONFIG_EDIT];
    ret_value[0] = '\0';
    if (!path_of(home, service, path))
        return false;
    UPP_AUTO(close_file) FILE *file = fopen(path, "re");
    if (!file)
        return failed(path);
    while (fgets(line, sizeof line, file)) {
        char *value = value_in(line, key);
        if (!value)
            continue;
        char *comment = strstr(value, " #");
        value[comment ? (size_t)(comment - value) : strcspn(value, "\n")] = '\0';
        size_t n = strlen(value);
        while (n > 0 && (value[n - 1] == ' ' || value[n - 1] == '\t'))
            value[--n] = '\0';
        if (n > 1 && (value[0] == '"' || value[0] == '\'') && value[n - 1] == value[0]) {
            value[n - 1] = '\0';
            value++;
        }
        snprintf(ret_value, CONFIG_EDIT, "%s", value);
    }
    return !ferror(file) || failed(path);
}

bool config_edit_write(const char *path, const char *text, size_t len)
{
    char fresh[PATH_MAX + 8], folder[PATH_MAX];
    snprintf(fresh, sizeof fresh, "%s.new", path);
    snprintf(folder, sizeof folder, "%s", path);
    *strrchr(folder, '/') = '\0';
    const int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return failed(fresh);
    const bool written = write(fd, text, len) == (ssize_t)len && fsync(fd) == 0;
    const int why = errno;
    close(fd);
    errno = why;
    if (!written || rename(fresh, path) != 0)
        return failed(path);
    return backup_sync_folder(folder) == CALL_DONE;
}

bool config_edit_set(const verb_home *home, const char *service, const char *as, const char *key,
                     const char *value)
{
    char from[PATH_MAX], to[PATH_MAX];
    char *line = NULL;
    size_t room = 0, len = 0;
    bool has = false;
    UPP_AUTO(free_text) char *text = NULL;
    if (!path_of(home, service, from) || !path_of(home, as ? as : service, to))
        return false;
    UPP_AUTO(close_file) FILE *file = fopen(from, "re");
    if (!file)
        return failed(from);
    FILE *out = open_memstream(&text, &len);
    upp_check(out);
    for (ssize_t n; (n = getline(&line, &room, file)) > 0;) {
        const bool this_one = value_in(line, key) != NULL;
        if (this_one && !has)
            fprintf(out, "%s: %s\n", key, value);
        if (!this_one)
            fprintf(out, "%s%s", line, line[n - 1] == '\n' ? "" : "\n");
        has = has || this_one;
    }
    free(line);
    if (!has)
        fprintf(out, "%s: %s\n", key, value);
    upp_check(fclose(out) == 0);
    if (ferror(file))
        return failed(from);
    return config_edit_write(to, text, len);
}
