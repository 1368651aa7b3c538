/* verify_copies.c - the saved copies as they lie on this machine's disk, against the tree that
 * evidence's log makes: every file of every copy, every seal, every head (R22, R27; P6). */
#include "verify_copies.h"
#include "saved_copy.h"
#include "verify.h"
#include <dirent.h>
#include <errno.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct look {
    sqlite3 *db;
    const char *folder; /* of evidence's data */
    evidence_tree tree;
    verify_copies_found *found;
} look;

UPP_PRINTF(2, 3) static bool wrong(look *l, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    if (!l->found->wrong[0])
        vsnprintf(l->found->wrong, sizeof l->found->wrong, fmt, args);
    va_end(args);
    return false;
}

static void close_db(sqlite3 **db)
{
    sqlite3_close(*db);
}

static void finish(sqlite3_stmt **stmt)
{
    sqlite3_finalize(*stmt);
}

static void free_text(char **text)
{
    free(*text);
}

static bool prepare(look *l, const char *sql, sqlite3_stmt **ret_stmt)
{
    if (sqlite3_prepare_v2(l->db, sql, -1, ret_stmt, NULL) == SQLITE_OK)
        return true;
    return wrong(l, "evidence's store: %s", sqlite3_errmsg(l->db));
}

static upp_bytes column(sqlite3_stmt *row, int i)
{
    return (upp_bytes){ sqlite3_column_blob(row, i), (size_t)sqlite3_column_bytes(row, i) };
}

static const char *text_at(sqlite3_stmt *row, int i)
{
    const unsigned char *text = sqlite3_column_text(row, i);
    return text ? (const char *)text : "";
}

/* -- the tree, from the log -- */
static bool read_log(look *l)
{
    UPP_AUTO(finish) sqlite3_stmt *row = NULL;
    int rc = SQLITE_OK;
    if (!prepare(l,
                 "SELECT type, envelope FROM upp_log WHERE type IN"
                 " ('uppsikt.EvidenceSealed', 'uppsikt.TreeHeadSigned', 'uppsikt.TreeHeadStamped')"
                 " ORDER BY seq",
                 &row))
        return false;
    while ((rc = sqlite3_step(row)) == SQLITE_ROW) {
        const upp_frames event = { .type = column(row, 0), .envelope = column(row, 1) };
        if (!evidence_tree_event(&l->tree, &event))
            return wrong(l, "%s", l->tree.wrong);
    }
    return rc == SQLITE_DONE || wrong(l, "evidence's store: %s", sqlite3_errmsg(l->db));
}

/* What the service keeps of the tree is what the log makes. */
static bool check_nodes(look *l)
{
    UPP_AUTO(finish) sqlite3_stmt *row = NULL;
    size_t n = 0, wanted = 0;
    int rc = SQLITE_OK;
    if (!prepare(l, "SELECT level, place, hash FROM node", &row))
        return false;
    while ((rc = sqlite3_step(row)) == SQLITE_ROW) {
        const int64_t level = sqlite3_column_int64(row, 0), place = sqlite3_column_int64(row, 1);
        char hex[65];
        if (level < 0 || level >= 64 || place < 0 || (size_t)place >= l->tree.n_nodes[level])
            return wrong(l, "the tree's node %lld/%lld is of no leaf", (long long)level,
                         (long long)place);
        sodium_bin2hex(hex, sizeof hex, l->tree.nodes[level][place].at, TREE_HASH);
        if (strcmp(hex, text_at(row, 2)) != 0)
            return wrong(l, "the tree's node %lld/%lld is not what the log makes", (long long)level,
                         (long long)place);
        n++;
    }
    for (size_t i = 0; i < 64; i++)
        wanted += l->tree.n_nodes[i];
    return (rc == SQLITE_DONE && n == wanted) ||
           wrong(l, "the tree has %zu nodes, not %zu", n, wanted);
}

/* -- one copy -- */
static bool check_sealed(look *l, const char *record, const char *folder, const evidence_leaf *leaf,
                         upp_bytes body)
{
    static const char *const beside[] = { "manifest-sha256.txt", NULL };
    char path[PATH_MAX], objects[PATH_MAX], why[EVIDENCE_WHY];
    uint8_t seal[TREE_HASH];
    size_t len = 0;
    evidence_tally tally = { 0 };
    Uppsikt__EvidenceSealedContent *proof =
        body.at ? uppsikt__evidence_sealed_content__unpack(NULL, body.len, body.at) : NULL;
    if (!proof || proof->salt.len != LEAF_SALT) {
        if (proof)
            uppsikt__evidence_sealed_content__free_unpacked(proof, NULL);
        return wrong(l, "copy %s: its proof is missing", record);
    }
    const upp_bytes manifest = { proof->manifest.data, proof->manifest.len };
    leaf_seal(proof->salt.data, manifest, seal);
    bool good = memcmp(seal, leaf->seal, TREE_HASH) == 0 ||
                wrong(l, "copy %s: its manifest is not the one that was sealed", record);
    good =
        good && ((home_path(l->folder, "objects", objects) && home_path(objects, folder, path)) ||
                 wrong(l, "copy %s: a path too long", record));
    UPP_AUTO(free_text)
    char *disk = good ? evidence_read(path, beside[0], 1024 * 1024, &len) : NULL;
    good = good && ((disk && len == manifest.len && memcmp(disk, manifest.at, len) == 0) ||
                    wrong(l, "copy %s: the manifest on the disk is another", record));
    if (good) {
        const char *said = evidence_folder(path, manifest, beside, &tally, why);
        good = !said[0] || wrong(l, "copy %s: %.150s", record, said);
    }
    uppsikt__evidence_sealed_content__free_unpacked(proof, NULL);
    l->found->copies++;
    l->found->files += (int64_t)tally.files;
    return good;
}

static bool check_records(look *l)
{
    UPP_AUTO(finish) sqlite3_stmt *row = NULL;
    int64_t n = 0;
    int rc = SQLITE_OK;
    if (!prepare(l,
                 "SELECT r.record, r.state, r.seal, r.folder, r.leaf, c.body FROM record r"
                 " LEFT JOIN upp_content c ON c.id = r.proof_ref WHERE r.leaf >= 0 ORDER BY r.leaf",
                 &row))
        return false;
    while ((rc = sqlite3_step(row)) == SQLITE_ROW) {
        const char *record = text_at(row, 0);
        const int64_t state = sqlite3_column_int64(row, 1), leaf = sqlite3_column_int64(row, 4);
        char hex[65];
        if (leaf != n || leaf >= l->tree.n || strcmp(l->tree.leaves[leaf].record, record) != 0)
            return wrong(l, "copy %s: has another leaf than the log says", record);
        sodium_bin2hex(hex, sizeof hex, l->tree.leaves[leaf].seal, TREE_HASH);
        if (strcmp(hex, text_at(row, 2)) != 0)
            return wrong(l, "copy %s: has another seal than the log says", record);
        if (state == 2 &&
            !check_sealed(l, record, text_at(row, 3), &l->tree.leaves[leaf], column(row, 5)))
            return false;
        if (state != 2 && state != 3)
            return wrong(l, "copy %s: is sealed, and is said not to be", record);
        n++;
    }
    if (rc != SQLITE_DONE)
        return wrong(l, "evidence's store: %s", sqlite3_errmsg(l->db));
    return n == l->tree.n ||
           wrong(l, "%lld copies, and the log sealed %lld", (long long)n, (long long)l->tree.n);
}

/* -- folders that no copy has -- */
static bool is_known(look *l, const char *folder)
{
    UPP_AUTO(finish) sqlite3_stmt *row = NULL;
    if (!prepare(l,
                 "SELECT 1 FROM record WHERE folder = ?1 AND (state <> 3 OR record IN"
                 " (SELECT record FROM removal))",
                 &row))
        return false;
    sqlite3_bind_text(row, 1, folder, -1, SQLITE_STATIC);
    return sqlite3_step(row) == SQLITE_ROW || wrong(l, "objects/%s: belongs to no copy", folder);
}

static bool check_below(look *l, const char *below, unsigned depth)
{
    char objects[PATH_MAX], path[PATH_MAX];
    if (!home_path(l->folder, "objects", objects) || !home_path(objects, below, path))
        return wrong(l, "a path too long");
    DIR *entries = opendir(path);
    bool good = true;
    const struct dirent *e = NULL;
    if (!entries)
        return errno == ENOENT || wrong(l, "%s: %s", path, strerror(errno));
    while (good && (e = readdir(entries))) {
        char inner[300];
        if (e->d_name[0] == '.')
            continue;
        snprintf(inner, sizeof inner, "%s%s%.200s", below, below[0] ? "/" : "", e->d_name);
        good = depth == 2 ? is_known(l, inner) : check_below(l, inner, depth + 1);
    }
    closedir(entries);
    return good;
}

void verify_copies(const char *folder, const uint8_t *key, upp_bytes roots,
                   verify_copies_found *found)
{
    char path[PATH_MAX];
    *found = (verify_copies_found){ .copies = 0 };
    UPP_AUTO(close_db)
    sqlite3 *db = home_path(folder, "evidence.db", path) ? verify_open(path, false) : NULL;
    look l = { .db = db, .folder = folder, .found = found };
    if (!db) {
        (void)wrong(&l, "%s: cannot be opened", path);
        return;
    }
    bool good = read_log(&l);
    if (good && !evidence_tree_heads(&l.tree, key, roots))
        good = wrong(&l, "%s", l.tree.wrong);
    found->heads = (int64_t)l.tree.n_heads;
    for (size_t i = 0; i < l.tree.n_heads; i++)
        found->stamps += l.tree.heads[i].stamp != NULL;
    good = good && check_nodes(&l) && check_records(&l) && check_below(&l, "", 0);
    (void)good;
    evidence_tree_done(&l.tree);
}
