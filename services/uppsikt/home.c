/* home.c - where one deployment is on this machine. */
#include "home.h"
#include "yaml_rows.h"
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ETC       "/etc/uppsikt"
#define ZONE_FILE "/usr/share/zoneinfo/Europe/Stockholm"

const char *const home_services[] = { "registry", "ingest",  "classify", "escalation",
                                      "evidence", "archive", "console",  "feed" };
const size_t home_n_services = UPP_LEN(home_services);
const char *const home_peers[] = { "uppsikt", "capture" };
const size_t home_n_peers = UPP_LEN(home_peers);

void home_say(const char *line)
{
    fprintf(stderr, "uppsikt: %s\n", line);
}

void home_sayf(const char *fmt, ...)
{
    char line[PATH_MAX + 512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    home_say(line);
}

bool home_path(const char *folder, const char *name, char ret_path[PATH_MAX])
{
    const int n = snprintf(ret_path, PATH_MAX, "%s/%s", folder, name);
    return n > 0 && n < PATH_MAX;
}

static bool take(upp_yaml *yaml, const yaml_node_t *key, const yaml_node_t *value, verb_home *home)
{
    const struct {
        const char *name;
        char *field;
        size_t size;
    } fields[] = {
        { "data", home->data, sizeof home->data },
        { "run", home->run, sizeof home->run },
        { "keys", home->keys, sizeof home->keys },
        { "config", home->config, sizeof home->config },
        { "place", home->place, sizeof home->place },
    };
    const char *name = upp_yaml_text(key);
    const char *text = upp_yaml_text(value);
    for (size_t i = 0; name && i < UPP_LEN(fields); i++) {
        if (strcmp(fields[i].name, name) != 0)
            continue;
        if (!text || text[0] != '/' || strlen(text) >= fields[i].size)
            return upp_yaml_wrong(yaml, value, "%s: a whole path is wanted", name) == 0;
        snprintf(fields[i].field, fields[i].size, "%s", text);
        return true;
    }
    return upp_yaml_wrong(yaml, key, "%s: not known; data, run, keys, config, place",
                          name ? name : "this") == 0;
}

bool home_read(const char *path, void (*say)(const char *line), verb_home *home)
{
    UPP_AUTO(upp_yaml_free) upp_yaml yaml = { 0 };
    bool good = upp_yaml_read(path, say, &yaml);
    const yaml_node_t *root = good ? upp_yaml_root(&yaml) : NULL;
    if (!good)
        return false;
    if (!root || root->type != YAML_MAPPING_NODE)
        return upp_yaml_wrong(&yaml, root, "`name: folder` lines are wanted") == 0;
    for (const yaml_node_pair_t *p = root->data.mapping.pairs.start;
         p < root->data.mapping.pairs.top; p++)
        good =
            take(&yaml, upp_yaml_node(&yaml, p->key), upp_yaml_node(&yaml, p->value), home) && good;
    return good;
}

static void close_file(FILE **file)
{
    if (*file)
        fclose(*file);
}

/* Without the zone nothing can be shown or read as people do; UTC would be wrong silently. */
static bool read_zone(verb_home *home)
{
    static uint8_t bytes[64 * 1024];
    const char *why = "";
    UPP_AUTO(close_file) FILE *file = fopen(ZONE_FILE, "rbe");
    const size_t n = file ? fread(bytes, 1, sizeof bytes, file) : 0;
    if (file && zone_parse((upp_bytes){ bytes, n }, &home->tz, &why) == 0)
        return true;
    home_sayf("%s: %s; is the package tzdata installed?", ZONE_FILE, file ? why : strerror(errno));
    return false;
}

/* The folder that the call means; "": none. */
static const char *data_of(const verb_call *call)
{
    const char *given = call_text(call, "data");
    const char *variable = getenv("UPPSIKT_DATA");
    if (given)
        return given;
    if (variable && variable[0])
        return variable;
    return access("data/" HOME_FILE, R_OK) == 0 ? "data" : "";
}

static bool override(const verb_call *call, const char *name, char *field, size_t size)
{
    const char *text = call_text(call, name);
    if (text && (size_t)snprintf(field, size, "%s", text) >= size) {
        home_sayf("--%s: a shorter path is wanted", name);
        return false;
    }
    return true;
}

int home_open(const verb_call *call, verb_home *ret_home)
{
    char path[PATH_MAX];
    const char *data = data_of(call);
    *ret_home = (verb_home){
        .run = "/run/uppsikt", .keys = ETC "/keys", .config = ETC, .place = "/var/lib/uppsikt/place"
    };
    if (!home_path(data[0] ? data : ETC, HOME_FILE, path))
        return CALL_CONFIG;
    if (access(path, F_OK) != 0 && data[0] && !call_text(call, "run")) {
        home_sayf("%s: no deployment is there; uppsikt up --data %s makes one", data, data);
        return CALL_CONFIG;
    }
    if (access(path, F_OK) == 0 && !home_read(path, home_say, ret_home))
        return CALL_CONFIG;
    if (!override(call, "run", ret_home->run, sizeof ret_home->run) ||
        !override(call, "keys", ret_home->keys, sizeof ret_home->keys) || !read_zone(ret_home))
        return CALL_CONFIG;
    home_list(ret_home);
    return CALL_DONE;
}

void home_done(verb_home *home)
{
    zone_free(home->tz);
    home->tz = NULL;
}

void home_list(verb_home *home)
{
    home->n_services = 0;
    for (size_t i = 0; i < home_n_services; i++)
        for (unsigned part = 1; part <= UPP_PARTS; part++) {
            char name[UPP_PART_NAME];
            upp_part_name(home_services[i], part, name);
            if (home->n_services == HOME_SERVICES || (part > 1 && !home_has(home, name)))
                continue;
            memcpy(home->services[home->n_services++], name, sizeof name);
        }
}

const char *home_whole(const char *name)
{
    for (size_t i = 0; i < home_n_services; i++)
        if (upp_part_of(home_services[i], name))
            return home_services[i];
    return name;
}

bool home_has(const verb_home *home, const char *service)
{
    char name[64];
    char path[PATH_MAX];
    snprintf(name, sizeof name, "%s.yaml", service);
    return home_path(home->config, name, path) && access(path, F_OK) == 0;
}
