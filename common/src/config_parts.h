/* config_parts.h - what the halves of config share: a setting on its way from text to a field. */
#pragma once
#include "config.h"
#include "disk.h"

/* What is under the same roof for every program; the runtime's options point into it. */
typedef struct config_roof {
    upp_runtime_config runtime;
    upp_disk_marks disk;
} config_roof;

enum { CONFIG_VARIABLE = 160 }; /* the longest name of a variable, with its zero byte */

/* Where a value came from, for the complaint about it. */
typedef struct config_mark {
    enum { CONFIG_PRESET, CONFIG_YAML, CONFIG_ENVIRONMENT, CONFIG_CREDENTIAL } from;
    size_t line, column; /* CONFIG_YAML: from 1 */
} config_mark;

typedef struct config_setting {
    const upp_option *option;
    bool everyone;              /* one of the runtime's: its field lies in config_roof */
    char *text;                 /* owned by the configuration; NULL: not given */
    bool is_path;               /* the value is what lies in the file `text` */
    char name[CONFIG_VARIABLE]; /* the key or the variable as it was written */
    config_mark mark;
} config_setting;

typedef struct config_reading {
    upp_config *config;
    const char *path; /* the YAML file; NULL: none */
    config_setting *settings;
    size_t n_settings;
    void (*say)(const char *line);
    size_t n_complaints;
} config_reading;

/* The options of every program; their fields lie in config_roof. */
extern const upp_option config_everyone[];
extern const size_t config_n_everyone;

/* UPPSIKT_[<SERVICE>_]<NAME><suffix>; `service` NULL: the variable for all of them. */
void config_variable(const char *service, const char *name, const char *suffix,
                     char ret_name[CONFIG_VARIABLE]);

/* The words say what is wrong and then the cure; never a secret. One line to `say`. */
UPP_PRINTF(4, 5)
void config_complain(config_reading *reading, const char *key, const config_mark *mark,
                     const char *fmt, ...);
/* Memory that lives as long as the configuration and is wiped with it; never NULL. */
char *config_own(upp_config *config, const char *bytes, size_t len);
/* Reads the YAML file into the settings that are named in it. */
void config_yaml(config_reading *reading);

/* The bytes of the file at `path`, at most `max`, with a zero byte after them; the caller wipes and
 * frees. `secret`: refused when others than its owner can read it; CONFIG_GROUP_MAY: its group may
 * (systemd gives credentials by an access list, whose mask stands in the group's bits). NULL on
 * success, else what is wrong and the cure, static words. */
enum config_privacy { CONFIG_OPEN, CONFIG_SECRET, CONFIG_GROUP_MAY };
const char *config_file(const char *path, size_t max, enum config_privacy privacy, char **ret_bytes,
                        size_t *ret_len);
