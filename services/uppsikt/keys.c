/* keys.c - `uppsikt keys`: the CURVE keys of the bus, and the keys that open tokens and look-
 * ups. */
#include "keys.h"
#include "ask.h"
#include "key_files.h"
#include "lock.h"
#include "verbs.h"
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int init(verb_call *call)
{
    size_t made = 0;
    const char *data = call_text(call, "data");
    verb_home *home = call->home;
    *home = (verb_home){ .keys = "/etc/uppsikt/keys",
                         .config = "/etc/uppsikt",
                         .place = "/var/lib/uppsikt/place" };
    if (data && (!home_path(data, "keys", home->keys) || !home_path(data, "place", home->place) ||
                 !home_path(data, "config", home->config)))
        return CALL_USAGE;
    const char *keys = call_text(call, "keys");
    if (keys && (size_t)snprintf(home->keys, sizeof home->keys, "%s", keys) >= sizeof home->keys)
        return CALL_USAGE;
    if (data && mkdir(data, 0700) != 0 && errno != EEXIST) {
        home_sayf("%s: %s", data, strerror(errno));
        return CALL_CONFIG;
    }
    const int rc = key_files_make(home, &made);
    if (rc != CALL_DONE)
        return rc;
    if (call->json)
        printf("{\"made\":%zu}\n", made);
    else
        printf("%zu files made, those that were there stay; keys in %s\n", made, home->keys);
    return CALL_DONE;
}

/* Services read keys anew on SIGHUP; the supervisor passes it on. */
static void tell_services(const verb_call *call)
{
    const pid_t pid = call->home->data[0] ? lock_holder(call->home->data) : 0;
    if (pid > 0 && kill(pid, SIGHUP) == 0)
        fputs("the services read their keys anew\n", stderr);
    else
        fputs("services that run read it when they get SIGHUP\n", stderr);
}

static int wrong_peer(const char *peer)
{
    home_sayf("%s: no such peer; uppsikt keys list", peer);
    return CALL_USAGE;
}

static int rotate(verb_call *call)
{
    const char *peer = call->operands[0];
    char old[2][PATH_MAX];
    char away[2][PATH_MAX];
    static const char *const suffixes[] = { "key", "pub" };
    int rc = ask_home(call);
    if (rc != CALL_DONE)
        return rc;
    for (size_t i = 0; i < 2; i++) {
        char suffix[8];
        snprintf(suffix, sizeof suffix, "%s.old", suffixes[i]);
        if (!upp_peer_fits(peer) || !key_files_path(call->home, peer, suffixes[i], old[i]) ||
            !key_files_path(call->home, peer, suffix, away[i]) || access(old[i], F_OK) != 0)
            return wrong_peer(peer);
    }
    if (rename(old[0], away[0]) != 0 || rename(old[1], away[1]) != 0 ||
        upp_keys_make(call->home->keys, peer) < 0) {
        home_sayf("%s: %s; the old pair is in *.old", peer, strerror(errno));
        return CALL_CONFIG;
    }
    unlink(away[0]);
    unlink(away[1]);
    if (call->json)
        printf("{\"peer\":\"%s\",\"rotated\":true}\n", peer);
    else
        printf("%s has a new pair; end its process: it keeps its old secret until it is started "
               "again\n",
               peer);
    tell_services(call);
    return CALL_DONE;
}

static int revoke_peer(verb_call *call)
{
    const char *peer = call->operands[0];
    char path[PATH_MAX];
    const int rc = ask_home(call);
    if (rc != CALL_DONE)
        return rc;
    if (!upp_peer_fits(peer) || !key_files_path(call->home, peer, "pub", path) || unlink(path) != 0)
        return wrong_peer(peer);
    if (key_files_path(call->home, peer, "key", path) && unlink(path) != 0 && errno != ENOENT) {
        home_sayf("%s: %s", path, strerror(errno));
        return CALL_WRONG;
    }
    if (call->json)
        printf("{\"peer\":\"%s\",\"revoked\":true}\n", peer);
    else
        printf("%s may not connect any more\n", peer);
    tell_services(call);
    return CALL_DONE;
}

static int compare(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_public(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');
    return dot && strcmp(dot, ".pub") == 0;
}

static json_t *key_row(const verb_home *home, const char *file)
{
    char peer[64];
    char path[PATH_MAX];
    struct stat st;
    snprintf(peer, sizeof peer, "%.*s", (int)(strlen(file) - 4), file);
    const bool secret = key_files_path(home, peer, "key", path) && stat(path, &st) == 0;
    const char *how = !secret ? "elsewhere" : st.st_mode & 077 ? "readable by others" : "here";
    const bool made = key_files_path(home, peer, "pub", path) && stat(path, &st) == 0;
    return json_pack("{s:s, s:s, s:I}", "peer", peer, "secret", how, "made_ms",
                     made ? (json_int_t)st.st_mtime * 1000 : (json_int_t)0);
}

static int list(verb_call *call)
{
    struct dirent **files = NULL;
    UPP_AUTO(json_freep) json_t *rows = json_array();
    const int rc = ask_home(call);
    if (rc != CALL_DONE)
        return rc;
    const int n = scandir(call->home->keys, &files, is_public, compare);
    if (n < 0) {
        home_sayf("%s: %s", call->home->keys, strerror(errno));
        return CALL_CONFIG;
    }
    for (int i = 0; i < n; i++) {
        json_array_append_new(rows, key_row(call->home, files[i]->d_name));
        free(files[i]);
    }
    free(files);
    if (call->json)
        print_json(rows);
    else
        print_table(call->home, rows, "PEER=peer SECRET=secret MADE=made_ms");
    return CALL_DONE;
}

static const verb_action actions[] = {
    RUN("init", "", "make what is missing: a pair a peer, lookup.key, token.key, rights.yaml",
        NO_OPTIONS, init),
    RUN("list", "", "whose public keys there are", NO_OPTIONS, list),
    RUN("rotate", "PEER", "a new pair in the place of the old one", NO_OPTIONS, rotate),
    RUN("revoke", "PEER", "it may not connect any more, from now on", NO_OPTIONS, revoke_peer),
};

const verb_row verb_keys = {
    .name = "keys",
    .help = "the keys of the bus: init, list, rotate, revoke",
    .actions = actions,
    .n_actions = UPP_LEN(actions),
};
