/* visit_load.c - the page comes, is scrolled to its end, and comes to rest. */
#include "guard.h"
#include "suite_clock.h"
#include "visit.h"
#include <string.h>

static const upp_ms load_span = 30 * UPP_SECOND, rest_span = 8 * UPP_SECOND;
static const upp_ms quiet_span = 500, look_span = 50;

/* `share` of the time that is left (in percent), at most `most`. */
static upp_ms deadline(const visit *v, upp_ms most, int share)
{
    const upp_ms now = upp_steady_now();
    const upp_ms part = (v->until - now) * share / 100;
    return now + (part < most ? part : most);
}

static bool has_loaded(void *ctx)
{
    const visit *v = ctx;
    return v->loaded || v->crashed || v->recorder.broken;
}

static bool load_html(visit *v)
{
    if (!visit_call(v, "Page.setDocumentContent",
                    json_pack("{s:s, s:s}", "frameId", v->recorder.frame, "html", v->j->page->html),
                    NULL))
        return false;
    /* Its pictures lie in it as data:, and still take a moment to be read. */
    const upp_ms until = deadline(v, rest_span, 50);
    for (;;) {
        json_t *ready = visit_value(v, "document.readyState!=='loading'&&"
                                       "[...document.images].every(i=>i.complete)&&"
                                       "document.fonts.status==='loaded'");
        const bool done = json_is_true(ready);
        json_decref(ready);
        if (done)
            return true;
        if (!ready || upp_steady_now() >= until)
            return ready != NULL;
        const enum cdp_end end = cdp_wait(v->b->cdp, upp_steady_now() + look_span, NULL, NULL);
        if (end != CDP_LATE) {
            v->end = end;
            return false;
        }
    }
}

/* The browser only knows that its proxy said no; the proxy knows why. */
static void explain_socks(visit *v)
{
    if (!v->b->egress || !strstr(v->net_error, "SOCKS"))
        return;
    const egress_tally tally = egress_count(v->b->egress);
    const char *name = tally.unknown > 0       ? "net::ERR_NAME_NOT_RESOLVED"
                       : tally.late > 0        ? "net::ERR_CONNECTION_TIMED_OUT"
                       : tally.unreachable > 0 ? "net::ERR_CONNECTION_REFUSED"
                                               : v->net_error;
    v->recorder.guarded = v->recorder.guarded || tally.refused > 0;
    snprintf(v->net_error, sizeof v->net_error, "%s", name);
}

static bool load_url(visit *v)
{
    json_t *result = NULL;
    /* Pages of the browser's own and files never come to the recorder: they are refused here. */
    v->recorder.guarded = guard_refuses(v->j->page->url, v->b->config->private_addresses) != NULL;
    if (v->recorder.guarded)
        return false;
    const enum cdp_end end =
        cdp_call(v->b->cdp, v->session, "Page.navigate", json_pack("{s:s}", "url", v->j->page->url),
                 deadline(v, load_span, 60), &result);
    if (end == CDP_LATE) { /* no answer at all: there is nothing to look at */
        v->late = true;
        return false;
    }
    if (end != CDP_DONE) {
        v->end = end;
        return false;
    }
    const char *error = json_string_value(json_object_get(result, "errorText"));
    snprintf(v->net_error, sizeof v->net_error, "%s", error ? error : "");
    json_decref(result);
    if (v->net_error[0]) {
        explain_socks(v);
        return false;
    }
    const enum cdp_end load = cdp_wait(v->b->cdp, deadline(v, load_span, 60), has_loaded, v);
    if (load == CDP_LATE) {
        v->late = true;
        (void)visit_call(v, "Page.stopLoading", NULL, NULL);
        return true;
    }
    if (load != CDP_DONE)
        v->end = load;
    return load == CDP_DONE && !v->crashed;
}

bool visit_load(visit *v)
{
    return v->recorder.offline ? load_html(v) : load_url(v);
}

typedef struct rest {
    const visit *v;
    upp_ms since; /* nothing has been under way since; 0: something is */
} rest;

static bool is_quiet(void *ctx)
{
    rest *r = ctx;
    const upp_ms now = upp_steady_now();
    if (r->v->crashed)
        return true;
    if (r->v->recorder.in_flight > 0)
        r->since = 0;
    else if (r->since == 0)
        r->since = now;
    return r->since > 0 && now - r->since >= quiet_span;
}

/* Nothing under way for half a second. */
static void wait_quiet(visit *v)
{
    rest r = { .v = v };
    const upp_ms until = deadline(v, rest_span, 30);
    while (upp_steady_now() < until && !is_quiet(&r)) {
        const enum cdp_end end = cdp_wait(v->b->cdp, upp_steady_now() + look_span, is_quiet, &r);
        if (end != CDP_DONE && end != CDP_LATE) {
            v->end = end;
            return;
        }
    }
}

static const char scroll_script[] =
    "new Promise(r=>{let last=0,same=0,t0=Date.now();(function f(){"
    "const e=document.scrollingElement||document.documentElement,h=e.scrollHeight;"
    "e.scrollTop=Math.min(e.scrollTop+innerHeight*0.9,h);"
    "const end=e.scrollTop+innerHeight>=h-2;"
    "same=end&&h===last?same+1:0;last=h;"
    "if(same>=(h>innerHeight?4:2)||h>%lld||Date.now()-t0>%lld){e.scrollTop=0;setTimeout(()=>r(h),"
    "100)}"
    "else setTimeout(f,end?150:60)})()})";

/* A question about cookies lies over the page for everybody who comes from nowhere. The answer is
 * always the one that lets the least; which words were pressed stands in the report. */
static const char consent_script[] =
    "(()=>{const no=['avvisa alla','neka alla','neka','neka valfria cookies','avvisa valfria "
    "cookies','endast n\u00f6dv\u00e4ndiga','bara n\u00f6dv\u00e4ndiga','endast "
    "n\u00f6dv\u00e4ndiga cookies','till\u00e5t endast n\u00f6dv\u00e4ndiga cookies',"
    "'acceptera endast n\u00f6dv\u00e4ndiga','reject all','decline all','decline optional "
    "cookies','reject optional cookies','only allow essential cookies','refuse non-essential "
    "cookies','allow essential cookies only','only necessary','necessary cookies only'];"
    "for(const e of document.querySelectorAll('button,[role=button],input[type=button],"
    "input[type=submit]')){const r=e.getBoundingClientRect();"
    "const t=(e.innerText||e.value||e.getAttribute('aria-label')||'').trim().toLowerCase();"
    "if(r.width>0&&r.height>0&&no.includes(t)){e.click();return t}}return''})()";

static void refuse_cookies(visit *v)
{
    json_t *pressed = visit_value(v, consent_script);
    const char *words = json_string_value(pressed);
    if (words && words[0]) {
        snprintf(v->consent, sizeof v->consent, "%s", words);
        wait_quiet(v);
    }
    json_decref(pressed);
}

void visit_settle(visit *v)
{
    if (v->recorder.offline || v->late || v->recorder.broken)
        return;
    wait_quiet(v);
    if (v->recorder.status >= 400) /* an error has no rows further down */
        return;
    if (v->end == CDP_GONE || v->end == CDP_STOPPED || v->crashed)
        return;
    refuse_cookies(v);
    char script[sizeof scroll_script + 64];
    const upp_ms span = deadline(v, 20 * UPP_SECOND, 40) - upp_steady_now();
    snprintf(script, sizeof script, scroll_script, (long long)v->b->config->height_max,
             (long long)(span > 0 ? span : 0));
    json_decref(visit_value(v, script));
    wait_quiet(v);
}
