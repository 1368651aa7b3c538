/* restore.c - `uppsikt restore DIR`: what it would do, and with --yes, does.
 *
 * A restore rewinds a log. What was said past the backup is cut off; who had applied it stands
 * still until somebody accepts the cut; what was disposed of since is forgotten again, before
 * anybody sees the store. */
#include "restore.h"
#include "backup_open.h"
#include "ledger.h"
#include "lock.h"
#include "verbs.h"
#include "verify.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *text(const json_t *row, const char *key)
{
    const char *s = json_string_value(json_object_get(row, key));
    return s ? s : "";
}

static bool wanted(const verb_call *call, const char *service)
{
    for (size_t i = 1; i < call->n_operands; i++)
        if (strcmp(call->operands[i], service) == 0)
            return true;
    return call->n_operands == 1;
}

/* Every byte is what was backed up, or nothing is done. */
static bool check_files(const restore_plan *p)
{
    size_t i = 0;
    json_t *row = NULL;
    bool good = true;
    json_array_foreach(json_object_get(p->manifest, "files"), i, row)
    {
        good = backup_check(p->folder, row) && good;
    }
    return good;
}

/* -- one store -- */
static int64_t number(sqlite3 *db, const char *sql, const char *name, int64_t otherwise)
{
    sqlite3_stmt *stmt = NULL;
    int64_t n = otherwise;
    if (db && sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK) {
        if (name)
            sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
        if (sqlite3_step(stmt) == SQLITE_ROW)
            n = sqlite3_column_int64(stmt, 0);
    }
    sqlite3_finalize(stmt);
    return n;
}

static sqlite3 *current_store(const char *data, const char *service, char ret_path[PATH_MAX])
{
    char name[64];
    snprintf(name, sizeof name, "%s.db", service);
    if (!home_path(data, name, ret_path) || access(ret_path, F_OK) != 0)
        return NULL;
    return verify_open(ret_path, false);
}

/* What the store that there is has that the backup has not. A damaged one is why one restores: it
 * tells nothing, and what it had disposed of must come from elsewhere. */
static bool look_at_current(restore_plan *p, restore_one *one)
{
    char path[PATH_MAX], sql[160];
    one->head = -1;
    sqlite3 *db = current_store(one->data, one->service, path);
    if (!db)
        return true;
    one->head = number(db, "SELECT coalesce(max(seq), 0) FROM upp_log", NULL, -1);
    snprintf(sql, sizeof sql, "SELECT 1 FROM upp_log WHERE seq = %lld AND lower(hex(hash)) = ?1",
             (long long)one->seq);
    one->same_past = one->seq == 0 || number(db, sql, one->hash, 0) == 1;
    sqlite3_close(db);
    if (ledger_of_store(p->ledger, path, false) || call_flag(p->call, "damaged"))
        return true;
    home_sayf("%s: give what was disposed of with --ledger, and --damaged to go on without this",
              one->service);
    return false;
}

static bool add_service(restore_plan *p, const json_t *row)
{
    char name[160];
    verify_found f = { 0 };
    restore_one *one = &p->services[p->n];
    const char *service = text(row, "service");
    for (size_t i = 0; i < p->call->home->n_services; i++)
        if (strcmp(service, p->call->home->services[i]) == 0)
            one->service = p->call->home->services[i];
    if (!one->service || p->n == RESTORE_SERVICES) {
        home_sayf("%s: no such service", service);
        return false;
    }
    one->seq = json_integer_value(json_object_get(row, "seq"));
    snprintf(one->epoch, sizeof one->epoch, "%s", text(row, "epoch"));
    snprintf(one->hash, sizeof one->hash, "%s", text(row, "hash"));
    snprintf(name, sizeof name, "%s/%s.db", service, service);
    if (!backup_data_of(p->call->home, service, one->data) ||
        !home_path(p->folder, name, one->copy))
        return false;
    verify_store(one->copy, true, &f);
    if (f.wrong[0] || f.head.seq != one->seq) {
        home_sayf("%s: %s", one->copy,
                  f.wrong[0] ? f.wrong : "not the log that the manifest names");
        return false;
    }
    p->n++;
    return ledger_of_store(p->ledger, one->copy, true) && look_at_current(p, one);
}

static bool add_services(restore_plan *p)
{
    size_t i = 0;
    json_t *row = NULL;
    bool good = true;
    json_array_foreach(json_object_get(p->manifest, "services"), i, row)
    {
        if (wanted(p->call, text(row, "service")))
            good = add_service(p, row) && good;
    }
    if (good && p->n == 0)
        home_sayf("%s: none of these services is in it", p->folder);
    return good && p->n > 0;
}

/* -- what was disposed of: by every store that can be read, and the file that is given -- */
static bool gather_ledger(restore_plan *p)
{
    char path[PATH_MAX], data[PATH_MAX];
    const char *given = call_text(p->call, "ledger");
    if (given && !ledger_of_file(p->ledger, given))
        return false;
    if (home_path(p->folder, "disposed.ndjson", path) && !ledger_of_file(p->ledger, path))
        return false;
    for (size_t i = 0; i < p->call->home->n_services; i++) {
        bool restored = false;
        for (size_t k = 0; k < p->n; k++)
            restored = restored || strcmp(p->services[k].service, p->call->home->services[i]) == 0;
        if (restored || !home_has(p->call->home, p->call->home->services[i]) ||
            !backup_data_of(p->call->home, p->call->home->services[i], data))
            continue;
        sqlite3 *db = current_store(data, p->call->home->services[i], path);
        sqlite3_close(db);
        if (db && !ledger_of_store(p->ledger, path, false))
            return false;
    }
    return true;
}

/* -- who had applied what is cut off -- */
static int64_t cursor_on(const restore_plan *p, const char *subscriber, const char *source)
{
    char path[PATH_MAX], data[PATH_MAX];
    sqlite3 *db = NULL;
    for (size_t i = 0; i < p->n; i++)
        if (strcmp(p->services[i].service, subscriber) == 0)
            db = verify_open(p->services[i].copy, true); /* it comes out of the backup, too */
    if (!db && backup_data_of(p->call->home, subscriber, data))
        db = current_store(data, subscriber, path);
    const int64_t seq = number(db, "SELECT seq FROM upp_cursor WHERE source = ?1", source, 0);
    sqlite3_close(db);
    return seq;
}

static json_t *subscribers_of(const restore_plan *p, const restore_one *one)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < p->call->home->n_services; i++) {
        if (!home_has(p->call->home, p->call->home->services[i]) ||
            strcmp(p->call->home->services[i], one->service) == 0)
            continue;
        const int64_t at = cursor_on(p, p->call->home->services[i], one->service);
        if (at > one->seq)
            json_array_append_new(
                rows, json_pack("{s:s, s:I, s:I}", "service", p->call->home->services[i], "cursor",
                                (json_int_t)at, "applied_past_cut", (json_int_t)(at - one->seq)));
    }
    return rows;
}

static void show_row(const restore_one *one, const json_t *subscribers)
{
    size_t i = 0;
    json_t *row = NULL;
    printf("%s: back to event %lld", one->service, (long long)one->seq);
    if (one->head < 0)
        puts("; there is no store now that can be read");
    else if (!one->same_past)
        printf("; the store that there is now has another past, and %lld events\n",
               (long long)one->head);
    else
        printf("; %lld later ones are cut off\n", (long long)(one->head - one->seq));
    json_array_foreach(subscribers, i, row)
    {
        printf("  %s had applied %lld of them: it stands still until somebody accepts the cut\n",
               text(row, "service"),
               (long long)json_integer_value(json_object_get(row, "applied_past_cut")));
    }
}

static void show(const restore_plan *p)
{
    UPP_AUTO(json_freep) json_t *rows = json_array();
    for (size_t i = 0; i < p->n; i++) {
        const restore_one *one = &p->services[i];
        json_t *subscribers = subscribers_of(p, one);
        if (!p->call->json)
            show_row(one, subscribers);
        json_array_append_new(rows,
                              json_pack("{s:s, s:I, s:I, s:b, s:o}", "service", one->service, "seq",
                                        (json_int_t)one->seq, "head", (json_int_t)one->head,
                                        "same_past", one->same_past, "subscribers", subscribers));
    }
    if (p->call->json) {
        UPP_AUTO(json_freep)
        json_t *all = json_pack("{s:O, s:I, s:b}", "services", rows, "disposed",
                                (json_int_t)p->disposed, "done", call_flag(p->call, "yes"));
        print_json(all);
        return;
    }
    printf("%zu subjects that were disposed of are forgotten again\n", p->disposed);
}

/* -- doing it -- */
static int lock_all(const restore_plan *p)
{
    const char *data = p->call->home->data;
    if (data[0] && lock_take(data) < 0) { /* kept until we end */
        home_sayf("%s: the supervisor runs; stop it first", data);
        return CALL_WRONG;
    }
    for (size_t i = 0; i < p->n; i++)
        if (access(p->services[i].data, F_OK) == 0 && lock_take(p->services[i].data) < 0) {
            home_sayf("%s runs; stop it first", p->services[i].service);
            return CALL_WRONG;
        }
    return CALL_DONE;
}

static int apply_all(const restore_plan *p)
{
    int rc = lock_all(p);
    for (size_t i = 0; i < p->n && rc == CALL_DONE; i++)
        rc = restore_apply(p, &p->services[i]);
    if (rc == CALL_DONE && !p->call->json)
        puts("done; start the services, then: uppsikt replay cuts");
    return rc;
}

static int plan(restore_plan *p)
{
    if (!check_files(p) || !add_services(p) || !gather_ledger(p))
        return CALL_WRONG;
    const verb_home *home = p->call->home;
    if (!home_path(home->data[0] ? home->data : home->place, "restore.ledger", p->ledger_path))
        return CALL_CONFIG;
    int rc = ledger_write(p->ledger, p->ledger_path, &p->disposed);
    if (rc == CALL_DONE)
        show(p);
    if (rc == CALL_DONE && call_flag(p->call, "yes"))
        rc = apply_all(p);
    else if (rc == CALL_DONE && !p->call->json)
        puts("nothing was changed; with --yes it is done");
    unlink(p->ledger_path); /* it names ids of our own only */
    return rc;
}

/* No service is asked, and nothing of the deployment is touched. */
static int open_only(const restore_plan *p, const char *to)
{
    UPP_AUTO(seal_key_wipe) seal_key key = { .open = { 0 } };
    if (!backup_is_sealed(p->manifest)) {
        home_sayf("%s: is not sealed", p->folder);
        return CALL_WRONG;
    }
    return backup_key(p->call, p->manifest, &key) ? backup_open(p->folder, p->manifest, &key, to)
                                                  : CALL_WRONG;
}

/* A sealed backup is opened into a folder beside the data, which goes again; one that an earlier
 * call had to leave goes first. */
static int plan_opened(restore_plan *p)
{
    char opened[PATH_MAX];
    const char *folder = p->folder;
    UPP_AUTO(seal_key_wipe) seal_key key = { .open = { 0 } };
    const verb_home *home = p->call->home;
    if (!home_path(home->data[0] ? home->data : home->place, "restore.opened", opened) ||
        backup_remove_folder(opened))
        return CALL_CONFIG;
    if (!backup_key(p->call, p->manifest, &key))
        return CALL_WRONG;
    int rc = backup_open(p->folder, p->manifest, &key, opened);
    if (rc != CALL_DONE)
        return rc;
    json_decref(p->manifest);
    p->folder = opened;
    p->manifest = backup_manifest(opened);
    rc = p->manifest ? plan(p) : CALL_WRONG;
    p->folder = folder; /* `opened` ends here, and so does what it names */
    return backup_remove_folder(opened) ? CALL_CONFIG : rc;
}

static int run(verb_call *call)
{
    const char *only = call_text(call, "open");
    int rc = only ? CALL_DONE : ask_home(call);
    if (rc != CALL_DONE)
        return rc;
    restore_plan p = { .call = call, .folder = call->operands[0], .ledger = json_array() };
    p.manifest = backup_manifest(p.folder);
    if (!p.manifest)
        rc = CALL_WRONG;
    else if (only)
        rc = open_only(&p, only);
    else
        rc = backup_is_sealed(p.manifest) ? plan_opened(&p) : plan(&p);
    json_decref(p.ledger);
    json_decref(p.manifest);
    return rc;
}

static const verb_option options[] = {
    FLAG("yes", NULL, "do it; without, it is only told what would be done"),
    TEXT("key-file", "FILE", NULL, "the key of a sealed backup; -: standard input"),
    TEXT("open", "TO", NULL, "only make a plain backup of a sealed one, in the new folder TO"),
    TEXT("ledger", "FILE", NULL, "disposed.ndjson of a newer backup: what was disposed of since"),
    FLAG("damaged", NULL, "go on though the store that there is cannot tell what it disposed of"),
    FLAG("keep-old", NULL, "keep the old data beside, as *.before-restore"),
};
static const verb_action actions[] = {
    RUN("", "DIR [SERVICE...]", "", OPTIONS(options), run),
};

const verb_row verb_restore = {
    .name = "restore",
    .help = "a backup in the place of what there is; a new epoch of each log begins",
    .actions = actions,
    .n_actions = UPP_LEN(actions),
    .more =
        "The services must be stopped. What was disposed of since the backup is forgotten\n"
        "again: as all stores, the backup and --ledger tell it. A new epoch of the log begins.\n"
        "On another machine, first put DIR/config, DIR/place and the keys where they were;\n"
        "--open makes them of a sealed one.\n",
};
