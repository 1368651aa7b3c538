/* home_make.c - a deployment's folder: what is missing is made, what is there stays. */
#include "home_make.h"
#include "capture_program.h"
#include "config_edit.h"
#include "digest.h"
#include "key_files.h"
#include "yaml_rows.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int failed(const char *path)
{
    home_sayf("%s: %s", path, strerror(errno));
    return CALL_CONFIG;
}

static int make_folder(const char *path)
{
    return mkdir(path, 0700) == 0 || errno == EEXIST ? CALL_DONE : failed(path);
}

static int write_file(const char *path, const char *text)
{
    return config_edit_write(path, text, strlen(text)) ? CALL_DONE : CALL_CONFIG;
}

/* -- the run folder: short, ours alone -- */
static bool ours_alone(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid() &&
           (st.st_mode & 022) == 0;
}

static int make_run(verb_home *home)
{
    uint8_t hash[32];
    char short_hash[9];
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    const upp_bytes text = { (const uint8_t *)home->data, strlen(home->data) };
    upp_sha256(&text, 1, hash);
    upp_hex(hash, 4, short_hash);
    const bool own = runtime && runtime[0] == '/' && ours_alone(runtime) &&
                     (size_t)snprintf(home->run, sizeof home->run, "%s/uppsikt-%s", runtime,
                                      short_hash) < sizeof home->run - sizeof "escalation.ops";
    if (!own)
        snprintf(home->run, sizeof home->run, "/tmp/uppsikt-%u-%s", (unsigned)geteuid(),
                 short_hash);
    if (make_folder(home->run))
        return CALL_CONFIG;
    if (ours_alone(home->run))
        return CALL_DONE;
    home_sayf("%s: belongs to somebody else, or others may write there; remove it", home->run);
    return CALL_CONFIG;
}

/* -- configurations -- */
static int make_service(const verb_home *home, const char *service, const char *others)
{
    char text[6 * PATH_MAX];
    char name[64];
    char path[PATH_MAX];
    char folder[PATH_MAX];
    snprintf(name, sizeof name, "%s.yaml", service);
    if (!home_path(home->data, service, folder) || make_folder(folder))
        return CALL_CONFIG;
    if (!home_path(home->config, name, path) || access(path, F_OK) == 0)
        return CALL_DONE;
    int n = snprintf(text, sizeof text,
                     "# %s: made by uppsikt up, yours to change (uppsikt-%s --help lists all)\n"
                     "data: %s\nrun: %s\nkeys: %s\nrights: %s/rights.yaml\nplace: %s\n"
                     "ballast_bytes: 16777216\n",
                     service, service, folder, home->run, home->keys, home->config, home->place);
    if (strcmp(service, "registry") == 0)
        n += snprintf(text + n, sizeof text - (size_t)n, "publish_folder: %s/register\n",
                      home->data);
    if (strcmp(service, "ingest") == 0)
        n += snprintf(text + n, sizeof text - (size_t)n, "token_key_file: %s/token.key\n",
                      home->place);
    if (strcmp(service, "archive") == 0)
        n += snprintf(text + n, sizeof text - (size_t)n,
                      "folder: %s/store\n"
                      "# schemas: /usr/share/uppsikt/xsd\n",
                      folder);
    if (strcmp(service, "evidence") == 0)
        n += snprintf(text + n, sizeof text - (size_t)n,
                      "tree_key_file: %s/tree.key\n"
                      "# Who must have forgotten before a disposal is done: all that run here.\n"
                      "services: %s\n"
                      "# The authority of the common archive: its archivists dispose for all.\n"
                      "# archive_authority: kommunstyrelsen\n",
                      home->place, others);
    if (strcmp(service, "feed") == 0)
        n += snprintf(text + n, sizeof text - (size_t)n,
                      "webhook_key_file: %s/webhook.key\n"
                      "# Where other systems ask; a proxy with TLS comes before it.\n"
                      "# http_port: 8085\n",
                      home->place);
    if (strcmp(service, "escalation") == 0)
        snprintf(text + n, sizeof text - (size_t)n,
                 "mail_from: uppsikt@localhost\n"
                 "# While mail_url is not given, mails are only kept, in %s/mail/new.\n"
                 "# mail_url: smtp://mail.kommunen.example:587\n",
                 home->data);
    return write_file(path, text);
}

static int make_capture(const verb_home *home)
{
    char text[4 * PATH_MAX];
    char path[PATH_MAX];
    if (!home_path(home->config, CAPTURE_NAME ".yaml", path) || access(path, F_OK) == 0)
        return CALL_DONE;
    upp_check(capture_program_config(home, text, sizeof text));
    return write_file(path, text);
}

static int make_home_file(const verb_home *home)
{
    char text[6 * PATH_MAX];
    char path[PATH_MAX];
    verb_home there = { .data = "" };
    if (!home_path(home->data, HOME_FILE, path))
        return CALL_CONFIG;
    if (access(path, F_OK) == 0) {
        if (!home_read(path, home_say, &there))
            return CALL_CONFIG;
        if (strcmp(there.data, home->data) != 0) {
            home_sayf("%s: was made as %s; change the paths there and in config/*.yaml", path,
                      there.data);
            return CALL_CONFIG;
        }
        if (strcmp(there.run, home->run) == 0 && strcmp(there.config, home->config) == 0)
            return CALL_DONE;
    }
    snprintf(text, sizeof text,
             "# Where this deployment is: for `uppsikt --data %s VERB`.\n"
             "data: %s\nrun: %s\nkeys: %s\nconfig: %s\nplace: %s\n",
             home->data, home->data, home->run, home->keys, home->config, home->place);
    return write_file(path, text);
}

bool home_program(const char *folder, const char *name, char ret_path[PATH_MAX])
{
    return home_path(folder, name, ret_path) && access(ret_path, X_OK) == 0;
}

bool home_says(const verb_home *home, const char *service, const char *option)
{
    char name[64];
    char path[PATH_MAX];
    bool says = false;
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
        says = says || (key && strcmp(key, option) == 0 && value && value[0]);
    }
    return says;
}

static bool absolute(const char *path, char ret_path[PATH_MAX])
{
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return failed(path) == CALL_DONE;
    if (realpath(path, ret_path))
        return true;
    return failed(path) == CALL_DONE;
}

static bool has_program(const char *folder, const char *service)
{
    char name[64];
    char path[PATH_MAX];
    snprintf(name, sizeof name, "uppsikt-%s", service);
    return home_program(folder, name, path);
}

/* All services that there are programs of, but evidence, which asks them. */
static void list_others(const char *folder, char *ret_names, size_t size)
{
    size_t n = 0;
    ret_names[0] = '\0';
    for (size_t i = 0; i < home_n_services && n < size; i++)
        if (strcmp(home_services[i], "evidence") != 0 && has_program(folder, home_services[i]))
            n += (size_t)snprintf(ret_names + n, size - n, "%s%s", n > 0 ? " " : "",
                                  home_services[i]);
}

int home_make(const char *data, const char *config, const char *folder, verb_home *ret_home)
{
    verb_home home = { .data = "" };
    size_t made = 0;
    if (!absolute(data, home.data))
        return CALL_CONFIG;
    const bool named =
        home_path(home.data, "keys", home.keys) && home_path(home.data, "place", home.place) &&
        (config ? absolute(config, home.config) : home_path(home.data, "config", home.config));
    home_list(&home);
    if (!named || make_run(&home) || key_files_make(&home, &made) || make_home_file(&home))
        return CALL_CONFIG;
    static const char *const folders[] = { "log", "mail", "register" };
    for (size_t i = 0; i < UPP_LEN(folders); i++) {
        char path[PATH_MAX];
        if (!home_path(home.data, folders[i], path) || make_folder(path))
            return CALL_CONFIG;
    }
    char others[256];
    list_others(folder, others, sizeof others);
    for (size_t i = 0; i < home_n_services; i++)
        if (has_program(folder, home_services[i]) && make_service(&home, home_services[i], others))
            return CALL_CONFIG;
    char path[PATH_MAX];
    if (home_program(folder, "uppsikt-" CAPTURE_NAME, path) && make_capture(&home))
        return CALL_CONFIG;
    *ret_home = home;
    return CALL_DONE;
}
