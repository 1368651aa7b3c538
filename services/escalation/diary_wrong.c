/* diary_wrong.c - the options of the diary, looked at before anything is sent. */
#include "diary_deliver.h"
#include "upp/host.h"
#include <string.h>
#include <sys/stat.h>

static bool given(const char *text)
{
    return text && text[0];
}

/* Of the path at least: what is more would have to be quoted in SFTP's commands. */
static bool plain(const char *text)
{
    return text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                             "._-/:@[]")] == '\0';
}

static const char *wrong_with_sftp(const diary_config *c)
{
    struct stat st;
    if (!plain(c->deliver) || !strchr(c->deliver + strlen("sftp://"), '@'))
        return "diary_deliver: write sftp://user@host/path, with letters, digits and ._-/ alone";
    if (!given(c->key) || !given(c->known_hosts))
        return "diary_deliver is sftp: give diary_key and diary_known_hosts too";
    if (stat(c->key, &st) != 0 || !S_ISREG(st.st_mode))
        return "diary_key is no file that can be read";
    if (st.st_mode & (S_IWGRP | S_IXGRP | S_IRWXO)) /* 0440: as Kubernetes hands secrets out */
        return "diary_key may be read by others; give it the mode 0600";
    if (stat(c->known_hosts, &st) != 0 || !S_ISREG(st.st_mode))
        return "diary_known_hosts is no file that can be read";
    return NULL;
}

const char *diary_wrong_with(const diary_config *config)
{
    uint8_t secret[DIARY_SECRET];
    const enum diary_way way = diary_way_of(config->deliver);
    if (way == DIARY_NONE)
        return NULL;
    if (way == DIARY_WRONG)
        return "diary_deliver is no folder (/...), sftp:// or https://; mail it never is";
    if (strncmp(config->deliver, "http://", 7) == 0 && !upp_url_is_here(config->deliver))
        return "diary_deliver is http:// to another machine; write https://";
    if (config->patience_span < UPP_SECOND || config->patience_span > UPP_HOUR)
        return "diary_patience is not 1s to 1h; correct it";
    if (config->look_span < UPP_SECOND || config->look_span > UPP_DAY)
        return "diary_look is not 1s to 1d; correct it";
    if (way == DIARY_SFTP)
        return wrong_with_sftp(config);
    if (way == DIARY_WEBHOOK && diary_secret_read(config->secret, secret) == 0)
        return "diary_deliver is https: give diary_secret, whsec_ and base64 of 24 to 64 bytes";
    return NULL;
}
