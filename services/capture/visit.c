/* visit.c - a job from its beginning to its report. */
#include "visit.h"
#include "suite_clock.h"
#include "upp/log.h"
#include "verdict.h"
#include <stdlib.h>
#include <string.h>

static const upp_ms close_span = 5 * UPP_SECOND;

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

bool visit_call(visit *v, const char *method, json_t *params, json_t **ret_result)
{
    const enum cdp_end end = cdp_call(v->b->cdp, v->session, method, params, v->until, ret_result);
    if (end == CDP_REFUSED)
        upp_log(UPP_WARN, v->j->page->id, "the browser refuses: %s", cdp_why(v->b->cdp));
    if (end != CDP_DONE)
        v->end = end;
    return end == CDP_DONE;
}

json_t *visit_value(visit *v, const char *script)
{
    json_t *world = NULL;
    json_t *result = NULL;
    if (v->world == 0) {
        if (!visit_call(
                v, "Page.createIsolatedWorld",
                json_pack("{s:s, s:s}", "frameId", v->recorder.frame, "worldName", "uppsikt"),
                &world))
            return NULL;
        v->world = json_integer_value(json_object_get(world, "executionContextId"));
        json_decref(world);
    }
    if (!visit_call(v, "Runtime.evaluate",
                    json_pack("{s:s, s:I, s:b, s:b}", "expression", script, "contextId",
                              (json_int_t)v->world, "returnByValue", 1, "awaitPromise", 1),
                    &result)) {
        v->world = 0; /* the document may be another by now */
        return NULL;
    }
    json_t *value = json_incref(json_object_get(json_object_get(result, "result"), "value"));
    json_decref(result);
    return value;
}

/* -- events -- */
static void on_attached(visit *v, const json_t *params)
{
    const char *session = text_of(params, "sessionId");
    recorder_attach(&v->recorder, session);
    cdp_send(v->b->cdp, session, "Runtime.runIfWaitingForDebugger", NULL);
}

/* A page that opens another one gets it closed: only what was asked for is looked at. */
static void on_target(visit *v, const json_t *params)
{
    const json_t *info = json_object_get(params, "targetInfo");
    const char *target = text_of(info, "targetId");
    if (strcmp(text_of(info, "type"), "page") == 0 && v->target[0] &&
        strcmp(text_of(info, "browserContextId"), v->context) == 0 &&
        strcmp(target, v->target) != 0)
        cdp_send(v->b->cdp, "", "Target.closeTarget", json_pack("{s:s}", "targetId", target));
}

static void heard(void *ctx, const char *method, const char *session, const json_t *params)
{
    visit *v = ctx;
    if (recorder_heard(&v->recorder, method, session, params))
        return;
    if (strcmp(method, "Target.attachedToTarget") == 0 && session[0]) {
        on_attached(v, params);
    } else if (strcmp(method, "Target.targetCreated") == 0) {
        on_target(v, params);
    } else if (strcmp(method, "Page.loadEventFired") == 0 && strcmp(session, v->session) == 0) {
        v->loaded = true;
    } else if (strcmp(method, "Inspector.targetCrashed") == 0 && strcmp(session, v->session) == 0) {
        v->crashed = true;
        cdp_hurry(v->b->cdp, true); /* a page that is no more answers nothing */
    } else if (strcmp(method, "Page.javascriptDialogOpening") == 0) {
        v->dialogs++;
        cdp_send(
            v->b->cdp, session, "Page.handleJavaScriptDialog",
            json_pack("{s:b}", "accept", strcmp(text_of(params, "type"), "beforeunload") == 0));
    }
}

/* -- a context, a target, a session -- */
static bool keep(json_t *result, const char *name, char to[80])
{
    snprintf(to, 80, "%s", text_of(result, name));
    json_decref(result);
    return to[0] != '\0';
}

static bool open_session(visit *v)
{
    cdp *c = v->b->cdp;
    json_t *result = NULL;
    json_t *params = json_pack("{s:b}", "disposeOnDetach", 1);
    if (v->recorder.offline) /* not even a socket is opened for a hint in the html */
        json_object_update_new(params,
                               json_pack("{s:s, s:s}", "proxyServer", "socks5://127.0.0.1:9",
                                         "proxyBypassList", "<-loopback>"));
    v->end = cdp_call(c, "", "Target.createBrowserContext", params, v->until, &result);
    if (v->end != CDP_DONE || !keep(result, "browserContextId", v->context))
        return false;
    cdp_send(c, "", "Browser.setDownloadBehavior",
             json_pack("{s:s, s:s}", "behavior", "deny", "browserContextId", v->context));
    v->end = cdp_call(c, "", "Target.createTarget",
                      json_pack("{s:s, s:s, s:i, s:i}", "url", "about:blank", "browserContextId",
                                v->context, "width", (int)v->width, "height", (int)v->height),
                      v->until, &result);
    if (v->end != CDP_DONE || !keep(result, "targetId", v->target))
        return false;
    cdp_send(c, "", "Target.setDiscoverTargets", json_pack("{s:b}", "discover", 1));
    v->end =
        cdp_call(c, "", "Target.attachToTarget",
                 json_pack("{s:s, s:b}", "targetId", v->target, "flatten", 1), v->until, &result);
    return v->end == CDP_DONE && keep(result, "sessionId", v->session);
}

static bool prepare(visit *v)
{
    const capture_config *config = v->b->config;
    json_t *tree = NULL;
    if (!visit_call(v, "Page.enable", NULL, NULL) ||
        !visit_call(v, "Page.getFrameTree", NULL, &tree))
        return false;
    snprintf(v->recorder.frame, sizeof v->recorder.frame, "%s",
             text_of(json_object_get(json_object_get(tree, "frameTree"), "frame"), "id"));
    json_decref(tree);
    recorder_attach(&v->recorder, v->session);
    if (v->recorder.offline && !visit_call(v, "Emulation.setScriptExecutionDisabled",
                                           json_pack("{s:b}", "value", 1), NULL))
        return false;
    return visit_call(v, "Emulation.setDeviceMetricsOverride",
                      json_pack("{s:i, s:i, s:i, s:b}", "width", (int)v->width, "height",
                                (int)v->height, "deviceScaleFactor", 1, "mobile", 0),
                      NULL) &&
           (!config->agent || visit_call(v, "Emulation.setUserAgentOverride",
                                         json_pack("{s:s, s:s}", "userAgent", config->agent,
                                                   "acceptLanguage", config->language),
                                         NULL)) &&
           visit_call(v, "Emulation.setTimezoneOverride",
                      json_pack("{s:s}", "timezoneId", config->zone), NULL) &&
           visit_call(v, "Emulation.setLocaleOverride",
                      json_pack("{s:s}", "locale", config->language), NULL);
}

static void close_session(visit *v)
{
    const upp_ms until = upp_steady_now() + close_span;
    cdp_hurry(v->b->cdp, false);
    if (v->context[0] && v->end != CDP_GONE) {
        cdp_send(v->b->cdp, "", "Target.setDiscoverTargets", json_pack("{s:b}", "discover", 0));
        if (cdp_call(v->b->cdp, "", "Target.disposeBrowserContext",
                     json_pack("{s:s}", "browserContextId", v->context), until, NULL) != CDP_DONE)
            v->b->jobs = v->b->config->jobs_per_browser; /* it hangs: a fresh one next time */
    }
    cdp_forget(v->b->cdp);
    cdp_listen(v->b->cdp, NULL, NULL);
}

/* -- what it was -- */
static void note_state(visit *v, Uppsikt__PageCaptured__State state, const char *why)
{
    v->j->state = state;
    snprintf(v->j->why, sizeof v->j->why, "%s", why);
}

static void judge(visit *v)
{
    static const Uppsikt__PageCaptured__State states[] = {
        [VERDICT_OK] = UPPSIKT__PAGE_CAPTURED__STATE__STATE_OK,
        [VERDICT_LOGIN_WALL] = UPPSIKT__PAGE_CAPTURED__STATE__STATE_LOGIN_WALL,
        [VERDICT_BLOCKED] = UPPSIKT__PAGE_CAPTURED__STATE__STATE_BLOCKED,
        [VERDICT_ERROR] = UPPSIKT__PAGE_CAPTURED__STATE__STATE_ERROR,
        [VERDICT_TIMEOUT] = UPPSIKT__PAGE_CAPTURED__STATE__STATE_TIMEOUT,
    };
    const verdict_signs signs = {
        .asked = v->j->page->url,
        .shown = text_of(v->signs, "url"),
        .net_error = v->net_error[0] ? v->net_error : NULL,
        .guarded = v->recorder.guarded,
        .late = v->late,
        .broken = v->recorder.broken,
        .status = v->recorder.status,
        .mime = v->recorder.mime,
        .title = text_of(v->signs, "title"),
        .text = text_of(v->signs, "text"),
        .text_chars = (size_t)json_integer_value(json_object_get(v->signs, "chars")),
        .pictures = json_is_true(json_object_get(v->signs, "pictures")),
        .password = json_is_true(json_object_get(v->signs, "password")),
        .dialog_over = json_is_true(json_object_get(v->signs, "over")),
    };
    const char *why = "";
    const enum verdict verdict = verdict_of(&signs, &why);
    note_state(v, states[verdict], why);
}

/* The end of a visit that got nowhere: whose fault was it? */
static void note_broken(visit *v)
{
    if (v->end == CDP_STOPPED)
        v->j->later = "uppsikt-capture is stopping";
    else if (v->end == CDP_GONE)
        note_state(v, UPPSIKT__PAGE_CAPTURED__STATE__STATE_ERROR, "the browser ended");
    else if (v->fault)
        note_state(v, UPPSIKT__PAGE_CAPTURED__STATE__STATE_ERROR, v->fault);
    else if (v->crashed)
        note_state(v, UPPSIKT__PAGE_CAPTURED__STATE__STATE_ERROR, "the page crashed");
    else if (v->end == CDP_LATE || upp_steady_now() >= v->until)
        note_state(v, UPPSIKT__PAGE_CAPTURED__STATE__STATE_TIMEOUT, "the time was up");
    else
        note_state(v, UPPSIKT__PAGE_CAPTURED__STATE__STATE_ERROR, "the browser refused");
}

static void write_report(visit *v)
{
    recorder *r = &v->recorder;
    r->cut =
        r->cut || (v->b->egress && egress_count(v->b->egress).bytes > v->b->config->response_bytes);
    v->j->report =
        json_pack("{s:s, s:s, s:b, s:s, s:s, s:{s:I, s:I}, s:{s:I, s:I, s:I, s:I}, s:I, s:I, s:s}",
                  "browser", v->b->product, "user_agent", r->agent, "sandbox",
                  v->b->config->sandbox, "url", text_of(v->signs, "url"), "net_error", v->net_error,
                  "viewport", "width", (json_int_t)v->width, "height", (json_int_t)v->height,
                  "page", "width", json_integer_value(json_object_get(v->signs, "width")), "height",
                  json_integer_value(json_object_get(v->signs, "height")), "cut_at",
                  (json_int_t)v->cut_height, "tiles", (json_int_t)v->tiles, "status",
                  (json_int_t)r->status, "dialogs", (json_int_t)v->dialogs, "mime", r->mime);
    upp_check(v->j->report != NULL);
    json_object_update_new(
        v->j->report,
        json_pack("{s:{s:I, s:I, s:I, s:I, s:b, s:O}, s:O?, s:I, s:s, s:b, s:s}", "network",
                  "recorded", (json_int_t)r->exchanges, "omitted", (json_int_t)r->omitted,
                  "refused", (json_int_t)r->refused, "bytes", (json_int_t)r->bytes, "cut", r->cut,
                  "blocked", r->blocked, "fonts", v->fonts, "took_ms",
                  (json_int_t)(upp_steady_now() - v->began), "zone", v->b->config->zone, "late",
                  v->late, "cookies_refused_by", v->consent));
}

static const char signs_script[] =
    "(()=>{const d=document,b=d.body,e=d.documentElement,t=b?b.innerText:'';"
    "const seen=x=>{const r=x.getBoundingClientRect(),s=getComputedStyle(x);"
    "return r.width>0&&r.height>0&&s.visibility!=='hidden'&&s.opacity!=='0'};"
    "const big=x=>{const r=x.getBoundingClientRect();"
    "return r.width*r.height>innerWidth*innerHeight/8};"
    "const way='input[type=password],a[href*=\"login\" i],a[href*=\"signin\" i],"
    "a[href*=\"signup\" i],a[href*=\"logga-in\" i],form[action*=\"login\" i]';"
    "return{url:location.href,title:d.title,text:t.slice(0,20000),chars:t.trim().length,"
    "pictures:!!d.querySelector('img,svg,canvas,video'),"
    "password:[...d.querySelectorAll('input[type=password]')].some(seen),"
    "over:[...d.querySelectorAll('[role=dialog],dialog[open],[aria-modal=true]')]"
    ".some(x=>seen(x)&&big(x)&&x.querySelector(way)),"
    "width:e.scrollWidth,height:Math.max(e.scrollHeight,b?b.scrollHeight:0)}})()";

static void look(visit *v)
{
    if (visit_load(v)) {
        visit_settle(v);
        v->signs = visit_value(v, signs_script);
        if (!v->signs || v->crashed) {
            note_broken(v);
            return;
        }
        if (v->recorder.offline)
            note_state(v, UPPSIKT__PAGE_CAPTURED__STATE__STATE_OK, "");
        else
            judge(v);
        const bool shot = shot_all(v);
        if (!shot && v->j->state == UPPSIKT__PAGE_CAPTURED__STATE__STATE_OK)
            note_broken(v);
    } else if (v->net_error[0] || v->recorder.guarded || v->late) {
        judge(v);
    } else {
        note_broken(v);
    }
}

void visit_do(browser *b, job *j)
{
    const upp_ms now = upp_steady_now();
    const upp_ms span = j->page->timeout_span > 0 && j->page->timeout_span < b->config->timeout_span
                            ? j->page->timeout_span
                            : b->config->timeout_span;
    visit *v = calloc(1, sizeof *v);
    upp_check(v != NULL);
    *v = (visit){ .b = b, .j = j, .began = now, .until = now + span };
    /* A picture is never lower than the window; our own template is as low as it is. */
    v->height = j->page->html[0] ? 100 : 900;
    v->width = j->page->width > 0 ? j->page->width : 1280;
    v->recorder = (recorder){ .cdp = b->cdp,
                              .job = j,
                              .config = b->config,
                              .agent = b->config->agent ? b->config->agent : b->agent,
                              .offline = j->page->html[0] != '\0' };
    recorder_open(&v->recorder);
    if (b->egress)
        egress_reset(b->egress, b->config->response_bytes);
    cdp_listen(b->cdp, heard, v);
    b->jobs++;
    if (open_session(v) && prepare(v))
        look(v);
    else
        note_broken(v);
    if (j->state == UPPSIKT__PAGE_CAPTURED__STATE__STATE_OK && v->recorder.failed)
        note_state(v, UPPSIKT__PAGE_CAPTURED__STATE__STATE_ERROR, "the WARC could not be written");
    close_session(v);
    recorder_close(&v->recorder);
    write_report(v);
    if (v->end == CDP_GONE)
        browser_end(b);
    json_decref(v->recorder.blocked);
    json_decref(v->signs);
    json_decref(v->fonts);
    free(v);
}
