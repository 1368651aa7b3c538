/* import_fuzz.c - a line of a file (NDJSON), and a platform's HTML, of any bytes. */
#include "fuzz.h"
#include "item.h"

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
    if (size < 64 * 1024)
        as_html(data, size);
    return 0;
}
