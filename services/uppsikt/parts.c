/* parts.c - the order of the steps is what matters: a store that says which part it is comes before
 * any configuration, so that a start between two steps is refused or right, never twice. */
#include "parts.h"
#include "backup_files.h"
#include "config_edit.h"
#include "key_files.h"
#include "part_store.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whose state and alarms are about no single account, so that a copy of its store is a part
 * (upp_service.divides). */
static const char *const divided[] = { "classify" };

bool parts_divides(const char *service)
{
    for (size_t i = 0; i < UPP_LEN(divided); i++)
        if (strcmp(divided[i], service) == 0)
            return true;
    return false;
}

static bool store_path(const parts_one *one, char ret_path[PATH_MAX])
{
    char name[64];
    snprintf(name, sizeof name, "%s.db", one->name);
    return home_path(one->data, name, ret_path);
}

/* A part's folder is beside the first one's; where a configuration says another, that one. */
static bool find_data(const verb_home *home, const parts_state *state, parts_one *one)
{
    if (home_has(home, one->name))
        return backup_data_of(home, one->name, one->data);
    return (size_t)snprintf(one->data, sizeof one->data, "%.*s-%u", PATH_MAX - 8,
                            state->ones[0].data, one->part) < sizeof one->data;
}

static bool read_one(const verb_home *home, const parts_state *state, unsigned part,
                     parts_one *ret_one)
{
    char path[PATH_MAX], said[CONFIG_EDIT];
    parts_one one = { .part = part };
    upp_part_name(state->service, part, one.name);
    if (!find_data(home, state, &one) || !store_path(&one, path))
        return false;
    one.part = 0;
    if (access(path, F_OK) == 0 && !upp_part_stored(path, &one.part, &one.of, home_say))
        return false;
    if (home_has(home, one.name)) {
        if (!config_edit_get(home, one.name, "partition", said))
            return false;
        if (!upp_part_read(said, &one.said_part, &one.said_of)) {
            home_sayf("%s.yaml: partition: %s: K/N is wanted", one.name, said);
            return false;
        }
    }
    *ret_one = one;
    return true;
}

static void judge(const verb_home *home, parts_state *s)
{
    char said[CONFIG_EDIT] = "";
    s->of = 0;
    for (size_t i = 0; i < s->n; i++)
        if (s->ones[i].of > 0 && (s->of == 0 || s->ones[i].of < s->of))
            s->of = s->ones[i].of;
    for (size_t i = 0; i < s->n && !s->half; i++) {
        const parts_one *one = &s->ones[i];
        s->half = one->of != s->of || one->part != i + 1 || one->said_of != one->of ||
                  one->said_part != one->part;
        if (s->half)
            snprintf(s->why, sizeof s->why,
                     "%s: its store is part %u of %u, its configuration says %u of %u", one->name,
                     one->part, one->of, one->said_part, one->said_of);
    }
    if (!s->half && s->n != s->of) {
        s->half = true;
        snprintf(s->why, sizeof s->why, "%zu stores, and they say that there are %u", s->n, s->of);
    }
    for (size_t i = 0; i < home->n_services && !s->half; i++) {
        if (!home_has(home, home->services[i]))
            continue;
        s->half = !config_edit_get(home, home->services[i], "partitions", said) ||
                  upp_parts_of(said, s->service) != s->of;
        if (s->half)
            snprintf(s->why, sizeof s->why, "%s: its configuration does not say partitions: %s=%u",
                     home->services[i], s->service, s->of);
    }
}

bool parts_read(const verb_home *home, const char *service, parts_state *ret_state)
{
    parts_state s = { .service = service };
    if (!home_has(home, service)) {
        home_sayf("%s: is not configured in %s", service, home->config);
        return false;
    }
    if (!read_one(home, &s, 1, &s.ones[0]))
        return false;
    s.n = 1;
    if (s.ones[0].of == 0) { /* it has never run */
        s.of = s.ones[0].said_of;
        *ret_state = s;
        return true;
    }
    for (unsigned part = 2; part <= UPP_PARTS; part++) {
        parts_one one;
        if (!read_one(home, &s, part, &one))
            return false;
        if (one.of > 0 || one.said_of > 0)
            s.ones[s.n++] = one;
    }
    judge(home, &s);
    *ret_state = s;
    return true;
}

/* -- dividing -- */
static bool make_folder(const char *path)
{
    if (mkdir(path, 0700) == 0 || errno == EEXIST)
        return true;
    home_sayf("%s: %s", path, strerror(errno));
    return false;
}

/* The parts of `of` that take accounts over from `parent`, each with a store of its own; then the
 * parent gives them away. */
static bool divide_one(const verb_home *home, const parts_state *s, const parts_one *parent,
                       unsigned of)
{
    char from[PATH_MAX];
    if (parent->of == of)
        return true; /* an earlier call came so far */
    if (!store_path(parent, from))
        return false;
    for (unsigned part = parent->part + parent->of; part <= of; part += parent->of) {
        parts_one child = { .part = part };
        char to[PATH_MAX];
        upp_part_name(s->service, part, child.name);
        home_sayf("%s: a store out of that of %s", child.name, parent->name);
        if (!find_data(home, s, &child) || !make_folder(child.data) || !store_path(&child, to) ||
            !upp_part_make(from, to, part, of, home_say))
            return false;
    }
    home_sayf("%s: is part %u of %u from now on", parent->name, parent->part, of);
    return upp_part_become(from, parent->part, of, home_say);
}

/* What is the whole's alone: an address cannot be two processes'. */
static bool own_address(const verb_home *home, const parts_state *s, const char *name)
{
    static const struct {
        const char *key, *preset;
    } rows[] = { { "listen", "ipc" }, { "ops", "unix" } };
    for (size_t i = 0; i < UPP_LEN(rows); i++) {
        char said[CONFIG_EDIT];
        if (!config_edit_get(home, s->service, rows[i].key, said))
            return false;
        if (!said[0] || strcmp(said, rows[i].preset) == 0 || strcmp(said, "off") == 0)
            continue;
        home_sayf("%s.yaml: %s is %s here; give it an address of its own if others must reach it",
                  name, rows[i].key, rows[i].preset);
        if (!config_edit_set(home, name, NULL, rows[i].key, rows[i].preset))
            return false;
    }
    return true;
}

static bool configure_part(const verb_home *home, const parts_state *s, unsigned part, unsigned of)
{
    char name[UPP_PART_NAME], said[16];
    upp_part_name(s->service, part, name);
    snprintf(said, sizeof said, "%u/%u", part, of);
    if (part > 1 && !home_has(home, name)) {
        parts_one one = { .part = part };
        memcpy(one.name, name, sizeof name);
        /* A copy with a folder of its own; until its next line says which part it is, the store
         * that lies there refuses. */
        if (!find_data(home, s, &one) ||
            !config_edit_set(home, s->service, name, "data", one.data) ||
            !own_address(home, s, name))
            return false;
    }
    return config_edit_set(home, name, NULL, "partition", said);
}

/* "archive=2 classify=4" with this service's row anew. */
static void rows_with(const char *rows, const char *service, unsigned of,
                      char ret_rows[CONFIG_EDIT])
{
    size_t n = 0;
    ret_rows[0] = '\0';
    for (const char *at = rows + strspn(rows, " "); *at; at += strspn(at, " ")) {
        const size_t len = strcspn(at, " ");
        const bool same = strncmp(at, service, strlen(service)) == 0 && at[strlen(service)] == '=';
        if (!same && n < CONFIG_EDIT)
            n += (size_t)snprintf(ret_rows + n, CONFIG_EDIT - n, "%.*s ", (int)len, at);
        at += len;
    }
    if (n < CONFIG_EDIT)
        (void)snprintf(ret_rows + n, CONFIG_EDIT - n, "%s=%u", service, of);
}

/* Evidence waits for all of them before it says that something is gone. */
static bool name_to_evidence(const verb_home *home, const parts_state *s, unsigned of)
{
    char names[CONFIG_EDIT];
    if (!home_has(home, "evidence"))
        return true;
    if (!config_edit_get(home, "evidence", "services", names))
        return false;
    for (unsigned part = 2; part <= of; part++) {
        char name[UPP_PART_NAME];
        bool has = false;
        upp_part_name(s->service, part, name);
        for (const char *at = names + strspn(names, " ,"); *at; at += strspn(at, " ,")) {
            const size_t len = strcspn(at, " ,");
            has = has || (len == strlen(name) && strncmp(at, name, len) == 0);
            at += len;
        }
        const size_t n = strlen(names);
        if (!has && (size_t)snprintf(names + n, sizeof names - n, "%s%s", n > 0 ? " " : "", name) >=
                        sizeof names - n) {
            home_say("evidence.yaml: services: is too long");
            return false;
        }
    }
    return config_edit_set(home, "evidence", NULL, "services", names);
}

static bool configure(verb_home *home, const parts_state *s, unsigned of)
{
    size_t made = 0;
    for (unsigned part = 1; part <= of; part++)
        if (!configure_part(home, s, part, of))
            return false;
    home_list(home);
    if (key_files_make(home, &made) != CALL_DONE || !name_to_evidence(home, s, of))
        return false;
    for (size_t i = 0; i < home->n_services; i++) {
        char said[CONFIG_EDIT], rows[CONFIG_EDIT];
        if (!home_has(home, home->services[i]))
            continue;
        if (!config_edit_get(home, home->services[i], "partitions", said))
            return false;
        rows_with(said, s->service, of, rows);
        if (!config_edit_set(home, home->services[i], NULL, "partitions", rows))
            return false;
    }
    home_sayf("config: partition and partitions say so, in %s", home->config);
    return true;
}

int parts_divide(const verb_home *home, parts_state *state, unsigned of)
{
    verb_home here = *home;
    for (size_t i = 0; i < state->n; i++)
        if (state->ones[i].of > 0 && state->ones[i].part <= state->of &&
            !divide_one(home, state, &state->ones[i], of))
            return CALL_WRONG;
    return configure(&here, state, of) ? CALL_DONE : CALL_WRONG;
}
