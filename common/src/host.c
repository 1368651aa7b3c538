/* host.c - does this address lie on this machine? */
#include "upp/host.h"
#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

bool upp_host_is_here(const char *host)
{
    char plain[INET6_ADDRSTRLEN + 1];
    const size_t n = strlen(host);
    if (host[0] == '/')
        return true;
    if (strcasecmp(host, "localhost") == 0)
        return true;
    struct in_addr v4;
    if (inet_pton(AF_INET, host, &v4) == 1)
        return (ntohl(v4.s_addr) >> 24) == 127;

    const bool brackets = n >= 2 && host[0] == '[' && host[n - 1] == ']';
    const size_t len = brackets ? n - 2 : n;
    if (len >= sizeof plain)
        return false;
    memcpy(plain, host + (brackets ? 1 : 0), len);
    plain[len] = '\0';
    struct in6_addr v6;
    return inet_pton(AF_INET6, plain, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

/* RFC 3986 §3.2: [user@]host[:port] ends at '/', '?' or '#'. */
bool upp_url_is_here(const char *url)
{
    const char *authority = strstr(url, "://");
    if (!authority || authority == url)
        return false;
    if (strncasecmp(url, "ipc://", 6) == 0 || strncasecmp(url, "file://", 7) == 0 ||
        strncasecmp(url, "unix://", 7) == 0)
        return true;
    authority += 3;
    size_t len = strcspn(authority, "/?#\\");
    for (size_t i = len; i > 0; i--) { /* the last @ ends what stands before the host */
        if (authority[i - 1] == '@') {
            authority += i;
            len -= i;
            break;
        }
    }
    size_t host = 0;
    if (authority[0] == '[')
        while (host < len && authority[host] != ']')
            host++;
    while (host < len && authority[host] != ':')
        host++;

    char name[256];
    if (host == 0 || host >= sizeof name)
        return false;
    memcpy(name, authority, host);
    name[host] = '\0';
    return name[0] != '/' && upp_host_is_here(name);
}

const char *upp_option_elsewhere(const upp_service *service, const void *config)
{
    for (size_t i = 0; i < service->n_options; i++) {
        const upp_option *option = &service->options[i];
        if (option->kind != UPP_OPT_TEXT)
            continue;
        const char *value = NULL;
        memcpy(&value, (const char *)config + option->offset, sizeof value);
        if (value && strstr(value, "://") && !upp_url_is_here(value))
            return option->name;
    }
    return NULL;
}
