/* json_out.c - one line of JSON with its keys in the order given, for index and pages. */
#include "json_out.h"

void json_done(json_t **value)
{
    json_decref(*value);
}

int json_put(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new(object, key, value) == 0 ? 0 : UPP_E_INPUT;
}

static int into(const char *bytes, size_t n, void *ctx)
{
    return buf_put(ctx, bytes, n) == 0 ? 0 : -1;
}

int json_write(const json_t *value, buf *out)
{
    return json_dump_callback(value, into, out, JSON_COMPACT) == 0 ? 0 : UPP_E_BUSY;
}
