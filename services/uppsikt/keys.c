/* keys.c - `uppsikt keys`: the CURVE keys of the bus, and the keys that open tokens and look-
 * ups. */
#include "keys.h"
#include "ask.h"
#include "backup_open.h"
#include "key_files.h"
#include "keys_hand_out.h"
#include "lock.h"
#include "status.h"
#include "suite_clock.h"
#include "verbs.h"
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int init(verb_call *call)
{
    size_t made = 0;
    verb_home *home = call->home;
    const int found = key_files_home(call);
    if (found != CALL_DONE)
        return found;
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

/* -- a new pair, while everything goes on -- */
typedef struct rotation {
    verb_call *call;
    const char *peer;
    char key[PATH_MAX], pub[PATH_MAX], old[PATH_MAX]; /* <peer>.key, .pub, .pub.old */
    upp_ms at;                                        /* real time of the change */
} rotation;

static int sync_keys(const rotation *r)
{
    return backup_sync_folder(r->call->home->keys);
}

/* The old public key stays good beside the new one, until all have changed over. */
static int keep_old(const rotation *r)
{
    json_t *row = NULL;
    const int rc = backup_copy(r->pub, r->old, "", NULL, &row);
    json_decref(row);
    return rc == CALL_DONE ? sync_keys(r) : CALL_CONFIG;
}

static int put_new(const rotation *r)
{
    char folder[PATH_MAX], key[PATH_MAX], pub[PATH_MAX], name[64];
    if (!home_path(r->call->home->keys, ".rotate-XXXXXX", folder) || !mkdtemp(folder))
        return backup_failed(r->call->home->keys);
    snprintf(name, sizeof name, "%s.key", r->peer);
    bool good = home_path(folder, name, key);
    snprintf(name, sizeof name, "%s.pub", r->peer);
    good = good && home_path(folder, name, pub) && upp_keys_make(folder, r->peer) == 0 &&
           rename(key, r->key) == 0 && rename(pub, r->pub) == 0;
    const int why = errno;
    (void)backup_remove_folder(folder);
    errno = why;
    return good ? sync_keys(r) : backup_failed(r->key);
}

/* Every service that hears the peer, and the peer itself, have heard each other since. */
static bool changed_over(const rotation *r)
{
    bool all = true;
    for (size_t i = 0; i < r->call->home->n_services && all; i++) {
        size_t k = 0;
        json_t *source = NULL;
        const char *service = r->call->home->services[i];
        if (!home_has(r->call->home, service))
            continue;
        UPP_AUTO(json_freep) json_t *state = status_of(r->call, service, 2 * UPP_SECOND);
        if (json_object_get(state, "down")) {
            all = strcmp(service, r->peer) != 0;
            continue;
        }
        json_array_foreach(json_object_get(state, "sources"), k, source)
        {
            const char *name = json_string_value(json_object_get(source, "source"));
            const upp_ms heard = json_integer_value(json_object_get(source, "heard_ms"));
            const bool between = strcmp(service, r->peer) == 0 || strcmp(name, r->peer) == 0;
            if (between && home_has(r->call->home, name) && heard <= r->at)
                all = false;
        }
    }
    return all;
}

static int forget_old(const rotation *r)
{
    if (unlink(r->old) != 0 && errno != ENOENT)
        return backup_failed(r->old);
    const int rc = sync_keys(r);
    tell_services(r->call);
    return rc;
}

static int wait_for_all(rotation *r)
{
    const upp_ms until = upp_steady_now() + call_span(r->call, "within", 30 * UPP_SECOND);
    upp_client_free(r->call->client); /* its keys are those of before */
    r->call->client = NULL;
    if (!ask_client(r->call))
        return CALL_CONFIG;
    while (!changed_over(r)) {
        if (upp_steady_now() > until) {
            home_sayf("%s has a new pair, and not everybody uses it yet; the old one is still let"
                      " in: start what is down, then uppsikt keys retire %s",
                      r->peer, r->peer);
            return CALL_WRONG;
        }
        (void)poll(NULL, 0, 200); /* between two looks; heartbeats come each second */
    }
    return CALL_DONE;
}

static int find_files(verb_call *call, rotation *r)
{
    *r = (rotation){ .call = call, .peer = call->operands[0] };
    const int rc = ask_home(call);
    if (rc != CALL_DONE)
        return rc;
    if (!upp_peer_fits(r->peer) || !key_files_path(call->home, r->peer, "key", r->key) ||
        !key_files_path(call->home, r->peer, "pub", r->pub) ||
        !key_files_path(call->home, r->peer, "pub.old", r->old) || access(r->pub, F_OK) != 0)
        return wrong_peer(r->peer);
    return CALL_DONE;
}

static int rotate(verb_call *call)
{
    rotation r;
    int rc = find_files(call, &r);
    if (rc != CALL_DONE)
        return rc;
    if (access(r.key, F_OK) != 0)
        return wrong_peer(r.peer);
    if (access(r.old, F_OK) == 0) {
        home_sayf("%s: the last change has not ended: uppsikt keys retire %s", r.old, r.peer);
        return CALL_WRONG;
    }
    rc = keep_old(&r);
    if (rc == CALL_DONE)
        rc = put_new(&r);
    r.at = upp_real_now();
    if (rc == CALL_DONE) {
        tell_services(call);
        rc = wait_for_all(&r);
    }
    if (rc == CALL_DONE)
        rc = forget_old(&r);
    if (rc != CALL_DONE)
        return rc;
    if (call->json)
        printf("{\"peer\":\"%s\",\"rotated\":true}\n", r.peer);
    else
        printf("%s has a new pair, everybody uses it, and the old one is refused\n", r.peer);
    return CALL_DONE;
}

static int retire(verb_call *call)
{
    rotation r;
    int rc = find_files(call, &r);
    if (rc == CALL_DONE)
        rc = forget_old(&r);
    if (rc == CALL_DONE && call->json)
        printf("{\"peer\":\"%s\",\"retired\":true}\n", r.peer);
    return rc;
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
    static const char *const more[] = { "key", "pub.old" };
    for (size_t i = 0; i < UPP_LEN(more); i++)
        if (key_files_path(call->home, peer, more[i], path) && unlink(path) != 0 &&
            errno != ENOENT) {
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

static const verb_option rotate_options[] = {
    SPAN("within", "SPAN", NULL, "how long all may take to change over (30s)"),
};
static const verb_action actions[] = {
    RUN("init", "", "make what is missing: a pair a peer, lookup.key, token.key, rights.yaml",
        NO_OPTIONS, init),
    RUN("list", "", "whose public keys there are", NO_OPTIONS, list),
    RUN("hand-out", "DIR", "each program's own secrets in a folder of its own, for containers",
        NO_OPTIONS, keys_hand_out),
    RUN("rotate", "PEER", "a new pair in the place of the old one, while all goes on",
        OPTIONS(rotate_options), rotate),
    RUN("retire", "PEER", "refuse the old key of a change that did not end by itself", NO_OPTIONS,
        retire),
    RUN("backup", "FILE", "a key for backups: FILE opens what is sealed to its public half",
        NO_OPTIONS, backup_make_key),
    RUN("revoke", "PEER", "it may not connect any more, from now on", NO_OPTIONS, revoke_peer),
};

const verb_row verb_keys = {
    .name = "keys",
    .help = "the keys of the bus: init, list, hand-out, rotate, retire, revoke; and backups'",
    .actions = actions,
    .n_actions = UPP_LEN(actions),
};
