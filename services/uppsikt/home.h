/* home.h - where one deployment is on this machine: <data>/uppsikt.yaml, or /etc/uppsikt. */
#pragma once
#include "call.h"
#include "part.h"
#include "zone.h"
#include <limits.h>

enum { HOME_RUN = 100 }; /* with the longest service's name below an ipc path's 107 bytes */
enum { HOME_SERVICES = 16 };

typedef struct verb_home {
    char data[PATH_MAX]; /* empty: not known */
    char run[HOME_RUN];
    char keys[PATH_MAX];
    char config[PATH_MAX]; /* <service>.yaml, rights.yaml */
    char place[PATH_MAX];  /* clock, lookup.key, token.key */
    zone *tz;              /* of people; Europe/Stockholm */
    /* The services in the order of their start, behind each its parts that are configured here. */
    char services[HOME_SERVICES][UPP_PART_NAME];
    size_t n_services;
} verb_home;

/* The services of the suite in the order of their start. */
extern const char *const home_services[];
extern const size_t home_n_services;
/* Who else speaks on the bus. */
extern const char *const home_peers[];
extern const size_t home_n_peers;

/* Finds the deployment of a call: --data, $UPPSIKT_DATA, ./data, /etc/uppsikt; --run and --keys
 * win. CALL_DONE; CALL_CONFIG: stderr has heard why. */
int home_open(const verb_call *call, verb_home *ret_home);
void home_done(verb_home *home);
/* Fills `services`; `config` is there. */
void home_list(verb_home *home);
/* The service whose part this is; the name itself when it is none's. One of home_services, or
 * `name`. */
const char *home_whole(const char *name);
/* Is the service configured here? */
bool home_has(const verb_home *home, const char *service);
/* The name of the file that tells it all, <data>/uppsikt.yaml. */
#define HOME_FILE "uppsikt.yaml"
/* Reads such a file. False: `say` has heard why. */
bool home_read(const char *path, void (*say)(const char *line), verb_home *home);
/* "<folder>/<name>"; false: longer than a path may be. */
bool home_path(const char *folder, const char *name, char ret_path[PATH_MAX]);
/* One line to stderr, after "uppsikt: ". */
void home_say(const char *line);
UPP_PRINTF(1, 2) void home_sayf(const char *fmt, ...);
