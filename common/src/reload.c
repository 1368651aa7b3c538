/* reload.c - SIGHUP: check everything first, then put it in place. */
#include "driver.h"
#include "upp/log.h"
#include <string.h>

static const upp_ms again_span = 5 * UPP_SECOND;

/* What a process is it was at its start; the rest of the configuration is taken all the same. */
static void look_at_part(const upp_driver *d, const upp_config *fresh)
{
    upp_part part;
    const upp_runtime_config *runtime = upp_config_runtime(fresh);
    if (upp_part_take(d->whole, runtime->partition, runtime->partitions, upp_log_say, &part) &&
        part.service.part == d->service->part && part.service.of == d->service->of &&
        strcmp(part.many, d->part.many) == 0)
        return;
    upp_log(UPP_ERROR, NULL,
            "partition, partitions: another word than at the start; it is taken"
            " when the service is started anew");
}

/* The service's own configuration and its ports. 1: the new one is refused, all is as it was. */
static int reload_config(upp_driver *d, upp_config *fresh)
{
    if (upp_node_reload(d->node, upp_config_service(fresh), upp_log_say) < 0)
        return 1;
    d->loop.place = upp_driver_place(d, fresh);
    const int ports =
        upp_asks_reload(d->asks, upp_config_service(fresh), upp_config_service(d->config));
    if (ports != 0)
        d->loop.place = upp_driver_place(d, d->config);
    if (ports == 1 && upp_node_reload(d->node, upp_config_service(d->config), upp_log_say) < 0)
        return UPP_E_BUG; /* it was good when the process started */
    return ports;
}

int upp_driver_reload(upp_driver *driver)
{
    upp_driver *d = driver;
    upp_log(UPP_INFO, NULL, "reloading");
    upp_config *fresh = upp_config_read(d->whole, d->config_path, upp_log_say);
    const int rc = fresh ? reload_config(d, fresh) : 1;
    if (rc == 0) {
        look_at_part(d, fresh);
        upp_config_free(d->config);
        d->config = fresh;
    } else {
        upp_config_free(fresh);
        upp_log(UPP_ERROR, NULL, "the new configuration is not taken, the old one stays");
    }
    if (rc < 0)
        return rc;

    /* What takes away must not wait for what is wrong elsewhere: keys and rights go alone. */
    const upp_runtime_config *runtime = upp_config_runtime(d->config);
    if (upp_keys_changed(d->keys) && !d->again) {
        upp_log(UPP_INFO, NULL, "our own key is new: starting anew with it");
        d->again = true;
        d->again_by = upp_steady_now() + again_span;
    }
    if (upp_keys_reload(d->keys, upp_log_say) < 0)
        upp_log(UPP_ERROR, NULL, "the new keys are not taken, the old ones stay");
    upp_rights *rights =
        upp_rights_read(runtime->rights, d->whole->name, d->service->many, upp_log_say);
    if (!rights)
        upp_log(UPP_ERROR, NULL, "the new rights are not taken, the old ones stay");
    upp_router_reload(d->router, rights);
    upp_subscriber_reload(d->subscriber, upp_peers_read(runtime->run, runtime->peers, upp_log_say));
    return 0;
}
