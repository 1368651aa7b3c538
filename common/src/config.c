/* config.c - options tables over a YAML file, UPPSIKT_* and *_FILE. */
#include "config.h"
#include "config_parts.h"
#include "span.h"
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_VALUE = 64 * 1024, MAX_FILE = 16 * 1024 * 1024, LOOKUP_KEY_HEX = 64 };

#define RUNTIME(field) offsetof(config_roof, runtime.field)
const upp_option config_everyone[] = {
    { "data", UPP_OPT_TEXT, RUNTIME(data), "/var/lib/uppsikt/{service}",
      "Folder of this service: its database, objects and ballast." },
    { "run", UPP_OPT_TEXT, RUNTIME(run), "/run/uppsikt",
      "Short folder of sockets, the same for all services of one machine." },
    { "keys", UPP_OPT_TEXT, RUNTIME(keys), "/etc/uppsikt/keys",
      "Folder of CURVE keys: <peer>.key (only its owner may read it) and <peer>.pub." },
    { "rights", UPP_OPT_TEXT, RUNTIME(rights), "/etc/uppsikt/rights.yaml",
      "File that says which peer may send, ask and see what." },
    { "listen", UPP_OPT_TEXT, RUNTIME(listen), "ipc",
      "Where this service is on the bus: ipc (a socket in `run`) or tcp://address:port." },
    { "peers", UPP_OPT_TEXT, RUNTIME(peers), "",
      "File of `service: tcp://host:port`; empty: <run>/peers.yaml, else all are in `run`." },
    { "ops", UPP_OPT_TEXT, RUNTIME(ops), "unix",
      "Health and metrics: unix (a socket in `run`), host:port, or off." },
    { "place", UPP_OPT_TEXT, RUNTIME(place), "/var/lib/uppsikt/place",
      "Folder shared by the whole deployment: clock and lookup.key." },
    { "lookup_key", UPP_OPT_SECRET, RUNTIME(lookup_key), "",
      "Key of 64 hex digits under which platform ids are looked up; else <place>/lookup.key." },
    { "speed", UPP_OPT_COUNT, RUNTIME(speed), "1",
      "How many times faster than real time; above 1 only in trials, on data made so." },
    { "partition", UPP_OPT_TEXT, RUNTIME(partition), "",
      "K/N: this process is part K of N of its service; written by uppsikt partition." },
    { "partitions", UPP_OPT_TEXT, RUNTIME(partitions), "",
      "Which services are several, the same in all: classify=4." },
    { "ballast_bytes", UPP_OPT_COUNT, offsetof(config_roof, disk.ballast_bytes), "67108864",
      "Size of the file in `data` that is let go when the disk is full; 0: none." },
    { "low_water_bytes", UPP_OPT_COUNT, offsetof(config_roof, disk.low_bytes), "134217728",
      "Free bytes below which the service stops accepting; 0: never." },
};
const size_t config_n_everyone = UPP_LEN(config_everyone);

typedef struct owned {
    struct owned *next;
    size_t len;
    char bytes[];
} owned;

struct upp_config {
    config_roof roof;
    void *own; /* the service's struct */
    owned *texts;
};

char *config_own(upp_config *config, const char *bytes, size_t len)
{
    owned *text = malloc(sizeof *text + len + 1);
    upp_check(text);
    memcpy(text->bytes, bytes, len);
    text->bytes[len] = '\0';
    text->len = len;
    text->next = config->texts;
    config->texts = text;
    return text->bytes;
}

void upp_config_free(upp_config *config)
{
    if (!config)
        return;
    while (config->texts) {
        owned *text = config->texts;
        config->texts = text->next;
        sodium_memzero(text->bytes, text->len);
        free(text);
    }
    free(config->own);
    free(config);
}

static void done_config(upp_config **config)
{
    upp_config_free(*config);
}

const void *upp_config_service(const upp_config *config)
{
    return config->own;
}

const upp_runtime_config *upp_config_runtime(const upp_config *config)
{
    return &config->roof.runtime;
}

const upp_disk_marks *upp_config_disk(const upp_config *config)
{
    return &config->roof.disk;
}

void config_complain(config_reading *reading, const char *key, const config_mark *mark,
                     const char *fmt, ...)
{
    char what[512], line[PATH_MAX + 1024];
    va_list args;
    va_start(args, fmt);
    vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    switch (mark->from) {
    case CONFIG_YAML:
        snprintf(line, sizeof line, "%s:%zu:%zu: %s: %s", reading->path, mark->line, mark->column,
                 key, what);
        break;
    case CONFIG_ENVIRONMENT:
        snprintf(line, sizeof line, "environment: %s: %s", key, what);
        break;
    case CONFIG_CREDENTIAL:
        snprintf(line, sizeof line, "credentials: %s: %s", key, what);
        break;
    case CONFIG_PRESET:
        snprintf(line, sizeof line, "preset: %s: %s", key, what);
        break;
    }
    for (char *at = line; *at; at++) /* keys and values are echoed: one line all the same */
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            *at = '?';
    reading->say(line);
    reading->n_complaints++;
}

void config_variable(const char *service, const char *name, const char *suffix,
                     char ret_name[CONFIG_VARIABLE])
{
    const int n = snprintf(ret_name, CONFIG_VARIABLE, "UPPSIKT_%s%s%s%s", service ? service : "",
                           service ? "_" : "", name, suffix);
    upp_check(n > 0 && n < CONFIG_VARIABLE);
    for (char *at = ret_name; *at; at++)
        *at = *at == '-' ? '_' : (char)toupper((unsigned char)*at);
}

/* The plain variable and its _FILE; both at once is an error. True: one of them was there. */
static bool from_environment(config_reading *reading, config_setting *setting, const char *service)
{
    char plain[CONFIG_VARIABLE], file[CONFIG_VARIABLE];
    const config_mark mark = { .from = CONFIG_ENVIRONMENT };
    config_variable(service, setting->option->name, "", plain);
    config_variable(service, setting->option->name, "_FILE", file);
    const char *value = getenv(plain), *path = getenv(file);
    if (!value && !path)
        return false;
    if (value && path)
        config_complain(reading, plain, &mark, "is set and so is %s; unset one of them", file);
    const char *text = value ? value : path;
    setting->text = config_own(reading->config, text, strlen(text));
    setting->is_path = !value;
    setting->mark = mark;
    snprintf(setting->name, sizeof setting->name, "%s", value ? plain : file);
    return true;
}

static void from_credentials(config_reading *reading, config_setting *setting)
{
    char path[PATH_MAX];
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    if (!folder || setting->option->kind != UPP_OPT_SECRET || setting->text)
        return;
    const int n = snprintf(path, sizeof path, "%s/%s", folder, setting->option->name);
    if (n < 0 || (size_t)n >= sizeof path)
        return;
    FILE *there = fopen(path, "re");
    if (!there && errno == ENOENT)
        return;
    if (there)
        fclose(there);
    setting->text = config_own(reading->config, path, strlen(path));
    setting->is_path = true;
    setting->mark = (config_mark){ .from = CONFIG_CREDENTIAL };
    snprintf(setting->name, sizeof setting->name, "%s", setting->option->name);
}

static void from_preset(config_reading *reading, config_setting *setting, const char *service)
{
    static const char mark[] = "{service}";
    char text[PATH_MAX];
    const char *preset = setting->option->preset ? setting->option->preset : "";
    const char *gap = strstr(preset, mark);
    if (gap)
        snprintf(text, sizeof text, "%.*s%s%s", (int)(gap - preset), preset, service,
                 gap + sizeof mark - 1);
    else
        snprintf(text, sizeof text, "%s", preset);
    setting->text = config_own(reading->config, text, strlen(text));
    snprintf(setting->name, sizeof setting->name, "%s", setting->option->name);
}

/* A misspelt variable of this service would else be silently without effect. */
static void unknown_variables(config_reading *reading, const char *service)
{
    extern char **environ;
    const config_mark mark = { .from = CONFIG_ENVIRONMENT };
    char prefix[CONFIG_VARIABLE], plain[CONFIG_VARIABLE], file[CONFIG_VARIABLE];
    config_variable(service, "", "", prefix);
    for (char **at = environ; *at; at++) {
        const size_t n = strcspn(*at, "=");
        bool known = strncmp(*at, prefix, strlen(prefix)) != 0;
        for (size_t i = 0; i < reading->n_settings && !known; i++) {
            config_variable(service, reading->settings[i].option->name, "", plain);
            config_variable(service, reading->settings[i].option->name, "_FILE", file);
            known = (n == strlen(plain) && strncmp(*at, plain, n) == 0) ||
                    (n == strlen(file) && strncmp(*at, file, n) == 0);
        }
        char name[CONFIG_VARIABLE];
        snprintf(name, sizeof name, "%.*s", (int)(n < CONFIG_VARIABLE ? n : CONFIG_VARIABLE), *at);
        if (!known)
            config_complain(reading, name, &mark, "is no option; --help lists them all");
    }
}

static char *field_of(config_reading *reading, const config_setting *setting)
{
    char *base = setting->everyone ? (char *)&reading->config->roof : reading->config->own;
    return base + setting->option->offset;
}

/* Replaces the path in `text` by what lies there, without the newline at its end. */
static bool read_path(config_reading *reading, config_setting *setting)
{
    enum config_privacy privacy = CONFIG_OPEN;
    if (setting->option->kind == UPP_OPT_SECRET)
        privacy = setting->mark.from == CONFIG_CREDENTIAL ? CONFIG_GROUP_MAY : CONFIG_SECRET;
    char *bytes = NULL;
    size_t len = 0;
    const char *why = config_file(setting->text, MAX_VALUE, privacy, &bytes, &len);
    if (!why && memchr(bytes, '\0', len))
        why = "the file holds a zero byte; it must be text";
    if (why)
        config_complain(reading, setting->name, &setting->mark, "%s", why);
    if (bytes) {
        size_t trimmed = len;
        if (trimmed > 0 && bytes[trimmed - 1] == '\n')
            trimmed--;
        if (trimmed > 0 && bytes[trimmed - 1] == '\r')
            trimmed--;
        setting->text = config_own(reading->config, bytes, trimmed);
        sodium_memzero(bytes, len);
        free(bytes);
    }
    return !why;
}

static void set_span(config_reading *reading, const config_setting *setting)
{
    upp_ms span = 0;
    const char *why = upp_span_parse(setting->text, &span);
    if (why)
        config_complain(reading, setting->name, &setting->mark, "'%.40s' %s", setting->text, why);
    else
        memcpy(field_of(reading, setting), &span, sizeof span);
}

static void set_count(config_reading *reading, const config_setting *setting)
{
    char *end = NULL;
    errno = 0;
    const int64_t n = strtoll(setting->text, &end, 10);
    const char first = setting->text[0] == '-' ? setting->text[1] : setting->text[0];
    if (first < '0' || first > '9' || *end != '\0' || errno != 0)
        config_complain(reading, setting->name, &setting->mark,
                        "'%.40s' is no whole number; write digits alone", setting->text);
    else
        memcpy(field_of(reading, setting), &n, sizeof n);
}

static void set_flag(config_reading *reading, const config_setting *setting)
{
    const bool yes = strcmp(setting->text, "yes") == 0;
    if (!yes && strcmp(setting->text, "no") != 0)
        config_complain(reading, setting->name, &setting->mark,
                        "'%.40s' is neither yes nor no; write one of them", setting->text);
    else
        memcpy(field_of(reading, setting), &yes, sizeof yes);
}

static void set_text(config_reading *reading, const config_setting *setting)
{
    const char *text = setting->text[0] ? setting->text : NULL;
    memcpy(field_of(reading, setting), &text, sizeof text);
}

static void set_secret(config_reading *reading, const config_setting *setting)
{
    if (!setting->is_path && setting->text[0])
        config_complain(reading, setting->name, &setting->mark,
                        "is a secret in clear; put it in a file that only its owner may read and "
                        "give %s the path",
                        setting->mark.from == CONFIG_YAML ? "<key>_file" : "<NAME>_FILE");
    else
        set_text(reading, setting);
}

static void set_bytes(config_reading *reading, const config_setting *setting)
{
    upp_bytes bytes = { 0 };
    char *read = NULL;
    size_t len = 0;
    const char *why = NULL;
    if (setting->text[0])
        why = config_file(setting->text, MAX_FILE, CONFIG_OPEN, &read, &len);
    if (why) {
        config_complain(reading, setting->name, &setting->mark, "%s", why);
        return;
    }
    if (read) {
        bytes = (upp_bytes){ (uint8_t *)config_own(reading->config, read, len), len };
        free(read);
    }
    memcpy(field_of(reading, setting), &bytes, sizeof bytes);
}

static void set_field(config_reading *reading, config_setting *setting)
{
    if (setting->is_path && !read_path(reading, setting))
        return;
    switch (setting->option->kind) {
    case UPP_OPT_SPAN:
        set_span(reading, setting);
        break;
    case UPP_OPT_COUNT:
        set_count(reading, setting);
        break;
    case UPP_OPT_FLAG:
        set_flag(reading, setting);
        break;
    case UPP_OPT_TEXT:
        set_text(reading, setting);
        break;
    case UPP_OPT_SECRET:
        set_secret(reading, setting);
        break;
    case UPP_OPT_FILE:
        set_bytes(reading, setting);
        break;
    }
}

static config_setting *setting_of(config_reading *reading, const char *name)
{
    size_t i = 0;
    while (strcmp(reading->settings[i].option->name, name) != 0)
        i++;
    return &reading->settings[i]; /* one of our own table: it is there */
}

static void check_at_least(config_reading *reading, const char *name, int64_t value, int64_t least)
{
    const config_setting *setting = setting_of(reading, name);
    if (value < least)
        config_complain(reading, setting->name, &setting->mark,
                        "%" PRId64 " is too little; write %" PRId64 " or more", value, least);
}

/* Where nothing else is said, `uppsikt keys` has put it into the place. */
static void check_lookup_key(config_reading *reading)
{
    const upp_runtime_config *runtime = &reading->config->roof.runtime;
    config_setting *setting = setting_of(reading, "lookup_key");
    if (!runtime->lookup_key && runtime->place && !setting->text[0]) {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%s/lookup.key", runtime->place);
        setting->text = config_own(reading->config, path, strlen(path));
        setting->is_path = true;
        const size_t before = reading->n_complaints;
        set_field(reading, setting);
        if (reading->n_complaints != before)
            return;
    }
    const char *key = runtime->lookup_key ? runtime->lookup_key : "";
    if (strlen(key) != LOOKUP_KEY_HEX || strspn(key, "0123456789abcdefABCDEF") != LOOKUP_KEY_HEX)
        config_complain(reading, setting->name, &setting->mark,
                        "is not 64 hex digits; `uppsikt keys` makes one");
}

static void check_tables(const upp_service *service)
{
    for (size_t i = 0; i < service->n_options; i++) {
        const char *name = service->options[i].name;
        const size_t n = strlen(name);
        upp_check(n < sizeof((config_setting *)NULL)->name - sizeof "_file");
        upp_check(n < 5 || strcmp(name + n - 5, "_file") != 0);
        upp_check(service->options[i].help && service->options[i].help[0]);
        for (size_t j = 0; j < config_n_everyone; j++)
            upp_check(strcmp(name, config_everyone[j].name) != 0);
        for (size_t j = 0; j < i; j++)
            upp_check(strcmp(name, service->options[j].name) != 0);
    }
}

static void done_settings(config_setting **settings)
{
    free(*settings);
}

static void read_all(config_reading *reading, const upp_service *service)
{
    if (reading->path)
        config_yaml(reading);
    unknown_variables(reading, service->name);
    for (size_t i = 0; i < reading->n_settings; i++) {
        config_setting *setting = &reading->settings[i];
        const bool own = from_environment(reading, setting, service->name);
        if (!own && setting->everyone)
            from_environment(reading, setting, NULL);
        from_credentials(reading, setting);
        if (!setting->text)
            from_preset(reading, setting, service->name);
        set_field(reading, setting);
    }
    const config_roof *roof = &reading->config->roof;
    check_at_least(reading, "ballast_bytes", roof->disk.ballast_bytes, 0);
    check_at_least(reading, "low_water_bytes", roof->disk.low_bytes, 0);
    check_at_least(reading, "speed", roof->runtime.speed, 1);
    if (service->schema) /* without a store there is nothing to look up */
        check_lookup_key(reading);
}

upp_config *upp_config_read(const upp_service *service, const char *path,
                            void (*say)(const char *line))
{
    check_tables(service);
    UPP_AUTO(done_config) upp_config *config = calloc(1, sizeof *config);
    upp_check(config);
    config->roof.runtime.speed = 1; /* stays when it is malformed: one complaint is enough */
    config->own = calloc(1, service->config_size ? service->config_size : 1);
    upp_check(config->own);

    const size_t n = config_n_everyone + service->n_options;
    UPP_AUTO(done_settings) config_setting *settings = calloc(n, sizeof *settings);
    upp_check(settings);
    for (size_t i = 0; i < n; i++) {
        settings[i].everyone = i < config_n_everyone;
        settings[i].option =
            settings[i].everyone ? &config_everyone[i] : &service->options[i - config_n_everyone];
    }
    config_reading reading = {
        .config = config, .path = path, .settings = settings, .n_settings = n, .say = say
    };
    read_all(&reading, service);
    if (reading.n_complaints > 0)
        return NULL;
    upp_config *ready = config;
    config = NULL;
    return ready;
}
