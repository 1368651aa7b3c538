/* reload.c - SIGHUP: check everything first, then put it in place. */
#include "driver.h"
#include "upp/log.h"

static const upp_ms again_span = 5 * UPP_SECOND;

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
    upp_config *fresh = upp_config_read(d->service, d->config_path, upp_log_say);
    const int rc = fresh ? reload_config(d, fresh) : 1;
    if (rc == 0) {
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
    upp_rights *rights = upp_rights_read(runtime->rights, d->service->name, upp_log_say);
    if (!rights)
        upp_log(UPP_ERROR, NULL, "the new rights are not taken, the old ones stay");
    upp_router_reload(d->router, rights);
    upp_subscriber_reload(d->subscriber, upp_peers_read(runtime->run, runtime->peers, upp_log_say));
    return 0;
}
