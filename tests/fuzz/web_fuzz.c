/* web_fuzz.c - T5, T13: what a browser sends (a path, a form, cookies, where it says it comes from)
 * of any bytes; and what a person wrote leaves the page as text alone. */
#include "chosen.h"
#include "form.h"
#include "fuzz.h"
#include "guard.h"
#include "html.h"
#include "route.h"

/* Nothing of it opens a tag, ends an attribute, or is a control character. */
static void check_text(const char *page)
{
    for (const char *at = page; *at; at++) {
        const bool ours = strncmp(at, "<br>", 4) == 0;
        upp_check(ours || (*at != '<' && *at != '>' && *at != '"' && *at != '\''));
        upp_check((unsigned char)*at >= 0x20 || strchr("\n\r\t", *at));
        at += ours ? 3 : 0;
    }
}

static void show(const char *text)
{
    html h = { 0 };
    html_add(&h, "%s", text);
    html_lines(&h, text);
    if (h.at)
        check_text(h.at);
    const char *url = html_url(text);
    upp_check(url[0] == '\0' || strncmp(url, "http", 4) == 0);
    html_done(&h);
}

/* What was ticked: ids of ours and versions, each once, or nothing of it. */
static void read_picks(const form *f)
{
    chosen_pick picks[CHOSEN_MAX];
    const int n = chosen_read(f, picks);
    for (int i = 0; n <= CHOSEN_MAX && i < n; i++) {
        upp_check(picks[i].matter[0] != '\0' && memchr(picks[i].matter, '\0', CHOSEN_ID));
        for (int other = 0; other < i; other++)
            upp_check(strcmp(picks[i].matter, picks[other].matter) != 0);
    }
}

static void read_form(upp_bytes body)
{
    form f;
    if (!form_read((const char *)body.at, body.len, &f))
        return;
    upp_check(f.n <= FORM_FIELDS);
    read_picks(&f);
    for (size_t i = 0; i < f.n; i++) {
        upp_check(form_has(&f, f.fields[i].name));
        show(f.fields[i].value);
        (void)guard_password(f.fields[i].value, f.fields[i].name);
    }
    form_done(&f);
}

static void find_route(const char *path)
{
    route r;
    if (!route_find(path, &r))
        return;
    upp_check(r.page > ROUTE_NONE && r.page < ROUTE_PAGES);
    upp_check(strstr(r.id, "..") == NULL && strchr(r.id, '/') == NULL);
    upp_check(strstr(r.act, "..") == NULL && strchr(r.act, '/') == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char own[] = "https://uppsikt.example";
    char text[512], value[64];
    uint8_t bytes[GUARD_TOKEN];
    fuzz_in in = { data, size };
    const upp_bytes first = fuzz_part(&in, fuzz_take(&in, 1));
    snprintf(text, sizeof text, "%.*s", (int)first.len, first.len ? (const char *)first.at : "");
    find_route(text);
    if (form_cookie(text, "__Host-upp", value, sizeof value))
        upp_check(strlen(value) < sizeof value);
    (void)guard_unhex(text, GUARD_TOKEN, bytes);
    /* Somebody else's page never passes for ours. */
    upp_check(!guard_site("cross-site", text, own));
    upp_check(!guard_site(NULL, text, own) || strcmp(text, own) == 0);
    form_trim(text);
    show(text);
    read_form((upp_bytes){ in.at, in.len });
    return 0;
}
