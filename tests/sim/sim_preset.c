/* sim_preset.c - a service's configuration as it is when nobody sets anything. The file and the
 * environment are the driver's; the simulator has neither. */
#include "sim_state.h"

static upp_ms span_of(const char *text)
{
    static const struct {
        const char *unit;
        upp_ms span;
    } units[] = {
        { "ms", 1 }, { "s", UPP_SECOND }, { "min", UPP_MINUTE }, { "h", UPP_HOUR }, { "d", UPP_DAY }
    };
    char *unit = NULL;
    const long long n = strtoll(text, &unit, 10);
    for (size_t i = 0; i < UPP_LEN(units); i++)
        if (strcmp(unit, units[i].unit) == 0)
            return n * units[i].span;
    upp_check(n == 0 && *unit == '\0');
    return 0;
}

static void fill(uint8_t *field, const upp_option *o)
{
    const char *preset = o->preset ? o->preset : "";
    const upp_ms span = o->kind == UPP_OPT_SPAN ? span_of(preset) : 0;
    const int64_t count = strtoll(preset, NULL, 10);
    const bool flag = strcmp(preset, "yes") == 0;
    const char *text = *preset ? preset : NULL;
    switch (o->kind) {
    case UPP_OPT_SPAN:
        memcpy(field, &span, sizeof span);
        break;
    case UPP_OPT_COUNT:
        memcpy(field, &count, sizeof count);
        break;
    case UPP_OPT_FLAG:
        memcpy(field, &flag, sizeof flag);
        break;
    case UPP_OPT_TEXT:
        memcpy(field, &text, sizeof text);
        break;
    case UPP_OPT_SECRET:
    case UPP_OPT_FILE:
        break; /* a story that needs one gives its own configuration */
    }
}

void *sim_preset(const upp_service *service)
{
    uint8_t *config = sim_alloc(service->config_size);
    for (size_t i = 0; i < service->n_options; i++)
        fill(config + service->options[i].offset, &service->options[i]);
    return config;
}
