/* import_fuzz.c - a line of a file (NDJSON), a platform's HTML, what another system pushes and a
 * file of its secrets (R01), of any bytes. */
#include "fuzz.h"
#include "item.h"
#include "push.h"

static void as_html(const uint8_t *data, size_t size)
{
    char *html = malloc(size + 1);
    upp_check(html != NULL);
    memcpy(html, data, size);
    html[size] = '\0';
    char *text = item_plain_text(html);
    upp_check(text != NULL);
    free(text);
    free(html);
}

/* Every part is small enough, every line points into the body, and their numbers grow. */
static void as_push(const uint8_t *data, size_t size)
{
    static push_part part;
    push_cut cut = { .rest = { data, size } };
    int64_t number = 0;
    size_t lines = 0;
    while (push_next(&cut, &part)) {
        size_t bytes = 0;
        upp_check(part.n <= PUSH_PART_LINES);
        for (size_t i = 0; i < part.n; i++) {
            const Uppsikt__PushedLine *l = part.list[i];
            upp_check(l->number > number && l->line.data >= data);
            upp_check(l->line.data + l->line.len <= data + size);
            number = l->number;
            bytes += l->line.len;
        }
        upp_check(bytes <= PUSH_PART_BYTES);
        lines += part.n;
    }
    upp_check(cut.rest.len == 0);
    const int parts = push_parts((upp_bytes){ data, size });
    upp_check(lines > PUSH_LINES ? parts == UPP_E_INPUT : (size_t)parts == cut.parts);
}

static void as_secrets(const uint8_t *data, size_t size)
{
    upp_bytes secrets[PUSH_SECRETS];
    char *text = malloc(size + 1);
    upp_check(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    const int n = push_secrets(text, secrets);
    upp_check(n == UPP_E_INPUT || (n > 0 && n <= PUSH_SECRETS));
    for (int i = 0; i < n; i++)
        upp_check(secrets[i].len >= 16 && secrets[i].len <= 128);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_t *json = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
    reading it = { 0 };
    char why[ITEM_WHY] = "";
    const int rc = json ? item_from_line(json, &it, why) : UPP_E_INPUT;
    upp_check(rc == 0 || !json || why[0] != '\0');
    upp_check(rc != 0 || (it.external_id && it.external_id[0]));
    if (rc == 0)
        item_done(&it);
    json_decref(json);
    as_push(data, size);
    as_secrets(data, size);
    if (size < 64 * 1024)
        as_html(data, size);
    return 0;
}
