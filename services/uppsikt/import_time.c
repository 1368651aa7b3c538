/* import_time.c - lines whose times are told from now on. */
#include "import_time.h"
#include <jansson.h>

static void json_release(json_t **json)
{
    json_decref(*json);
}

char *import_time_fill(const char *line, size_t len, const when_clock *clock)
{
    static const char *const names[] = { "created_at", "edited_at" };
    bool changed = false;
    UPP_AUTO(json_release) json_t *object = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);
    for (size_t i = 0; i < UPP_LEN(names); i++) {
        char text[CIVIL_TEXT_SIZE];
        upp_ms at = 0;
        const char *told = json_string_value(json_object_get(object, names[i]));
        if (!told || when_parse(clock, told, &at))
            continue;
        civil_format(at, 0, text);
        json_object_set_new(object, names[i], json_string(text));
        changed = true;
    }
    return changed ? json_dumps(object, JSON_COMPACT | JSON_PRESERVE_ORDER) : NULL;
}
