/* removal.c - what lies on the disk of a package that was disposed of goes: its folder, and what
 * was handed in when no other package has it. Evidence is told when it has gone: nothing is called
 * disposed of before (R23). */
#include "archive.h"
#include <stdio.h>
#include <string.h>

static const upp_ms again_span = UPP_HOUR;

static int ask(upp_txn *txn, const archive *self, const char *package, const char *below,
               int64_t try)
{
    char folder[ARCHIVE_PATH], subject[64], key[80];
    Uppsikt__StorePart out = UPPSIKT__STORE_PART__INIT;
    const bool whole = strcmp(below, package) == 0;
    if (whole)
        snprintf(folder, sizeof folder, "%s/packages/%s", self->config->folder, package);
    else
        hand_in_folder(self, below, folder);
    snprintf(subject, sizeof subject, "gone/%d/%s", whole ? 0 : 1, package);
    snprintf(key, sizeof key, "%s/%lld", subject, (long long)try);
    out.folder = folder;
    out.remove = true;
    const int there = upp_ask(txn, "intake", UPP_ABOUT(subject), key, &out.base);
    return there < 0 ? there : 0;
}

static int begin(upp_txn *txn, const archive *self, const char *package, const char *below)
{
    UPP_TRY(upp_exec(txn,
                     "INSERT INTO removal(package, below, tries) VALUES(?1, ?2, 1)"
                     " ON CONFLICT DO UPDATE SET tries = tries + 1",
                     BIND(V(package), V(below))));
    int64_t try = 0;
    {
        UPP_ROWS row = upp_query(txn, "SELECT tries FROM removal WHERE package = ?1 AND below = ?2",
                                 BIND(V(package), V(below)));
        try = upp_next(&row) ? upp_col_int(&row, 0) : 1;
        UPP_TRY(row.rc);
    }
    return ask(txn, self, package, below, try);
}

bool removal_is_package(const char *subject)
{
    return strncmp(subject, "uuid-", 5) == 0 && strlen(subject) < 48 &&
           strspn(subject + 5, "0123456789abcdef-") == strlen(subject + 5);
}

int removal_begin(upp_txn *txn, const archive *self, const char *package, const char *run)
{
    UPP_TRY(begin(txn, self, package, package));
    return run[0] ? begin(txn, self, package, run) : 0;
}

/* "gone/0/<package>": its folder; "gone/1/<package>": what was handed in for its run. The folder
 * `below` that it is about. 1: it has gone already. */
static int below_of(upp_txn *txn, const char *subject, char ret_below[48])
{
    UPP_ROWS row = upp_query(txn,
                             "SELECT below FROM removal WHERE package = ?1"
                             " AND (below = package) = ?2",
                             BIND(V(subject + 7), V(subject[5] == '0' ? 1 : 0)));
    if (!upp_next(&row))
        return row.rc < 0 ? row.rc : 1;
    snprintf(ret_below, 48, "%s", upp_col_text(&row, 0));
    return 0;
}

int removal_alarm(upp_txn *txn, const archive *self, const char *subject)
{
    char below[48];
    const int none = below_of(txn, subject, below);
    return none ? (none < 0 ? none : 0) : begin(txn, self, subject + 7, below);
}

static int say(upp_txn *txn, const char *package)
{
    Uppsikt__PackageRemoved out = UPPSIKT__PACKAGE_REMOVED__INIT;
    {
        UPP_ROWS row = upp_query(txn, "SELECT 1 FROM removal WHERE package = ?1", BIND(V(package)));
        if (upp_next(&row) || row.rc < 0)
            return row.rc;
    }
    out.package = upp_lend(package);
    out.at_ms = upp_now(txn);
    return upp_emit(txn, package, &out.base, NULL);
}

int removal_done(upp_txn *txn, const upp_input *in, const Uppsikt__PartStored *s)
{
    char below[48];
    if (in->dead || !s || s->failed[0]) /* it must go: again and again */
        return upp_alarm(txn, in->subject, upp_now(txn) + again_span);
    const int none = below_of(txn, in->subject, below);
    if (none)
        return none < 0 ? none : 0;
    UPP_TRY(upp_exec(txn, "DELETE FROM removal WHERE package = ?1 AND below = ?2",
                     BIND(V(in->subject + 7), V(below))));
    return say(txn, in->subject + 7);
}
