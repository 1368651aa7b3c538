/* config.c - the options of uppsikt-capture. */
#include "config.h"
#include <stdio.h>
#include <string.h>

#define AT(field) offsetof(capture_config, field)
static const upp_option options[] = {
    { "user", UPP_OPT_TEXT, AT(user), "uppsikt-capture",
      "System user that it becomes when it is started as root; Chromium never runs as root." },
    { "browser", UPP_OPT_TEXT, AT(browser), "/usr/lib/chromium/chromium",
      "Chromium's own program, not the script around it." },
    { "sandbox", UPP_OPT_FLAG, AT(sandbox), "yes",
      "Chromium's own sandbox. no: hostile pages are held by the system user alone; for containers "
      "that allow neither user namespaces nor setuid programs. Said in /readyz and each report." },
    { "work", UPP_OPT_TEXT, AT(work), "/tmp",
      "Folder where it makes one of its own for the browser's profile and results under way." },
    { "askers", UPP_OPT_TEXT, AT(askers), "evidence archive console",
      "Peers whose jobs are taken, by their keys." },
    { "private_addresses", UPP_OPT_FLAG, AT(private_addresses), "no",
      "Pages at loopback and private addresses, and at other ports than 80 and 443, may be "
      "visited; "
      "for tests and an intranet." },
    { "proxy", UPP_OPT_TEXT, AT(proxy), "",
      "Egress proxy, http://host:port or socks5://host:port; empty: its own, which reaches public "
      "addresses alone." },
    { "timeout", UPP_OPT_SPAN, AT(timeout_span), "90s",
      "The longest that a job may take when it does not say less." },
    { "idle", UPP_OPT_SPAN, AT(idle_span), "5min",
      "The browser is stopped when nothing has been asked for so long." },
    { "jobs_per_browser", UPP_OPT_COUNT, AT(jobs_per_browser), "50",
      "A fresh browser after so many jobs." },
    { "memory_bytes", UPP_OPT_COUNT, AT(memory_bytes), "1073741824",
      "A browser that holds more memory of its own than this is ended." },
    { "response_bytes", UPP_OPT_COUNT, AT(response_bytes), "134217728",
      "The most that all answers of one page may have together; the rest is refused." },
    { "height_max", UPP_OPT_COUNT, AT(height_max), "100000",
      "The tallest page in CSS pixels that is pictured; a taller one is cut, and the report says "
      "so." },
    { "waiting_max", UPP_OPT_COUNT, AT(waiting_max), "64",
      "So many jobs may wait; more are told to come later." },
    { "zone", UPP_OPT_TEXT, AT(zone), "Europe/Stockholm", "Time zone that pages see." },
    { "user_agent", UPP_OPT_TEXT, AT(agent), "",
      "What it calls itself to servers; empty: Chromium's own words, which say Headless." },
    { "language", UPP_OPT_TEXT, AT(language), "sv-SE", "Language that pages see." },
};

const upp_service capture_program = {
    .name = "capture",
    .config_size = sizeof(capture_config),
    .options = options,
    .n_options = UPP_LEN(options),
};

static bool wrong(void (*say)(const char *line), const char *what)
{
    say(what);
    return false;
}

bool capture_config_good(const capture_config *config, void (*say)(const char *line))
{
    bool good = true;
    if (!config->browser || config->browser[0] != '/')
        good = wrong(say, "browser: a whole path is wanted, as /usr/lib/chromium/chromium");
    if (!config->work || config->work[0] != '/')
        good = wrong(say, "work: a whole path is wanted, as /tmp");
    if (!config->askers)
        good = wrong(say, "askers: nobody may ask; name peers, as evidence archive console");
    if (!config->user)
        good = wrong(say, "user: a name is wanted, as uppsikt-capture");
    if (config->proxy && strncmp(config->proxy, "http://", 7) != 0 &&
        strncmp(config->proxy, "socks5://", 9) != 0)
        good = wrong(say, "proxy: http://host:port or socks5://host:port is wanted, or nothing");
    if (config->timeout_span < UPP_SECOND || config->timeout_span > UPP_HOUR)
        good = wrong(say, "timeout: 1s to 1h is wanted");
    if (config->idle_span < UPP_SECOND)
        good = wrong(say, "idle: 1s or more is wanted");
    if (config->jobs_per_browser < 1)
        good = wrong(say, "jobs_per_browser: 1 or more is wanted");
    if (config->memory_bytes < 256 * 1024 * 1024)
        good = wrong(say, "memory_bytes: 268435456 or more is wanted; one browser needs that");
    if (config->response_bytes < 1024 * 1024)
        good = wrong(say, "response_bytes: 1048576 or more is wanted");
    if (config->height_max < 1000 || config->height_max > 400000)
        good = wrong(say, "height_max: 1000 to 400000 is wanted");
    if (config->waiting_max < 1 || config->waiting_max > 1000)
        good = wrong(say, "waiting_max: 1 to 1000 is wanted");
    if (!config->zone || !config->language)
        good = wrong(say, "zone and language are wanted, as Europe/Stockholm and sv-SE");
    return good;
}

bool capture_asker(const capture_config *config, const char *peer)
{
    const size_t n = strlen(peer);
    for (const char *at = config->askers; *at;) {
        at += strspn(at, " ,");
        const size_t word = strcspn(at, " ,");
        if (word == n && n > 0 && strncmp(at, peer, n) == 0)
            return true;
        at += word;
    }
    return false;
}
