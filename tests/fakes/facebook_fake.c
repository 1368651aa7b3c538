/* facebook_fake.c - the state of the page, and what people and faults do to it. */
#include "facebook_state.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *text_of(const char *text)
{
    char *own = strdup(text ? text : "");
    upp_check(own);
    return own;
}

fakebook *fakebook_new(const char *page, const char *name, const char *token)
{
    fakebook *f = calloc(1, sizeof *f);
    upp_check(f);
    f->page = text_of(page);
    f->name = text_of(name);
    f->token = text_of(token);
    f->refused = text_of("");
    f->names = f->moderation = true;
    f->usage = 3;
    return f;
}

void fakebook_free(fakebook *f)
{
    if (!f)
        return;
    for (size_t i = 0; i < f->n_nodes; i++) {
        fakebook_node *n = f->nodes[i];
        free(n->author);
        free(n->name);
        free(n->text);
        free(n->photo);
        free(n);
    }
    for (size_t i = 0; i < f->n_deeds; i++)
        free(f->texts[i]);
    free(f->nodes);
    free(f->deeds);
    free(f->texts);
    free(f->page);
    free(f->name);
    free(f->token);
    free(f->refused);
    free(f);
}

fakebook_node *fakebook_node_of(const fakebook *f, const char *id)
{
    for (size_t i = 0; i < f->n_nodes; i++)
        if (strcmp(f->nodes[i]->id, id) == 0)
            return f->nodes[i]->removed ? NULL : f->nodes[i];
    return NULL;
}

fakebook_node *fakebook_add(fakebook *f, fakebook_node *above, const fakebook_words *w,
                            int64_t now_s)
{
    fakebook_node *n = calloc(1, sizeof *n);
    upp_check(n);
    f->nodes = realloc(f->nodes, (f->n_nodes + 1) * sizeof *f->nodes);
    upp_check(f->nodes);
    n->post = !above ? n : above->post;
    n->parent = above && above->post != above ? above : NULL;
    n->number = 1000 + (int)f->n_nodes;
    /* a post is {page}_{post}, a comment {post}_{comment} with the post's own number (§7.1) */
    if (!above)
        snprintf(n->id, sizeof n->id, "%s_%d", f->page, n->number);
    else
        snprintf(n->id, sizeof n->id, "%d_%d", n->post->number, n->number);
    n->author = text_of(w->author ? w->author : f->page);
    n->name = text_of(w->author ? w->name : f->name);
    n->text = text_of(w->text);
    n->photo = w->photo ? text_of(w->photo) : NULL;
    n->created_s = now_s;
    f->nodes[f->n_nodes++] = n;
    return n;
}

const char *fakebook_post(fakebook *f, const fakebook_words *w, int64_t now_s)
{
    return fakebook_add(f, NULL, w, now_s)->id;
}

const char *fakebook_comment(fakebook *f, const char *below, const fakebook_words *w, int64_t now_s)
{
    fakebook_node *above = fakebook_node_of(f, below);
    return above ? fakebook_add(f, above, w, now_s)->id : NULL;
}

bool fakebook_edit(fakebook *f, const char *id, const char *text)
{
    fakebook_node *n = fakebook_node_of(f, id);
    if (!n)
        return false;
    free(n->text);
    n->text = text_of(text);
    return true;
}

bool fakebook_remove(fakebook *f, const char *id)
{
    fakebook_node *n = fakebook_node_of(f, id);
    if (!n)
        return false;
    n->removed = true;
    for (size_t i = 0; i < f->n_nodes; i++)
        if (f->nodes[i]->parent == n || (n->post == n && f->nodes[i]->post == n))
            f->nodes[i]->removed = true;
    return true;
}

bool fakebook_hide(fakebook *f, const char *id, bool hidden)
{
    fakebook_node *n = fakebook_node_of(f, id);
    if (!n)
        return false;
    n->hidden = hidden;
    return true;
}

/* -- how it misbehaves -- */
void fakebook_fail(fakebook *f, enum fakebook_fault fault, int times, bool writes)
{
    f->fault = fault;
    f->fault_times = times;
    f->fault_writes = writes;
}

int fakebook_fault_named(const char *name)
{
    static const char *const names[FAKEBOOK_FAULTS] = {
        [FAKEBOOK_WELL] = "well",
        [FAKEBOOK_THROTTLED] = "throttled",
        [FAKEBOOK_BROKEN] = "broken",
        [FAKEBOOK_GARBLED] = "garbled",
        [FAKEBOOK_CUT_BEFORE] = "cut-before",
        [FAKEBOOK_CUT_AFTER] = "cut-after",
        [FAKEBOOK_HANG_AFTER] = "hang-after",
    };
    for (int i = 0; i < FAKEBOOK_FAULTS; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -1;
}

void fakebook_token(fakebook *f, const char *token)
{
    free(f->token);
    f->token = text_of(token);
}

void fakebook_rights(fakebook *f, bool names, bool moderation, const char *refused)
{
    f->names = names;
    f->moderation = moderation;
    free(f->refused);
    f->refused = text_of(refused);
}

void fakebook_forbid(fakebook *f, const char *id)
{
    fakebook_node *n = fakebook_node_of(f, id);
    upp_check(n);
    n->forbidden = true;
}

void fakebook_usage(fakebook *f, int percent)
{
    f->usage = percent;
}

/* -- what it saw -- */
void fakebook_note(fakebook *f, const char *what, const fakebook_node *n, const char *text,
                   bool effect, int64_t now_s)
{
    f->deeds = realloc(f->deeds, (f->n_deeds + 1) * sizeof *f->deeds);
    f->texts = realloc(f->texts, (f->n_deeds + 1) * sizeof(char *));
    upp_check(f->deeds && f->texts);
    f->texts[f->n_deeds] = text_of(text);
    f->deeds[f->n_deeds] = (fakebook_deed){
        .what = what, .id = n->id, .text = f->texts[f->n_deeds], .effect = effect, .at_s = now_s
    };
    f->n_deeds++;
}

size_t fakebook_deeds(const fakebook *f, const fakebook_deed **ret_deeds)
{
    *ret_deeds = f->deeds;
    return f->n_deeds;
}

size_t fakebook_requests(const fakebook *f)
{
    return f->n_requests;
}

bool fakebook_there(const fakebook *f, const char *id)
{
    return fakebook_node_of(f, id) != NULL;
}

bool fakebook_visible(const fakebook *f, const char *id)
{
    const fakebook_node *n = fakebook_node_of(f, id);
    return n && !n->hidden;
}

/* -- webhooks -- */
static const fakebook_node *any_node(const fakebook *f, const char *id)
{
    for (size_t i = 0; i < f->n_nodes; i++)
        if (strcmp(f->nodes[i]->id, id) == 0)
            return f->nodes[i];
    return NULL;
}

const char *fakebook_text(const fakebook *f, const char *id)
{
    const fakebook_node *n = any_node(f, id);
    return n ? n->text : "";
}

char *fakebook_change(const fakebook *f, const char *id, const char *verb, int64_t now_s)
{
    const fakebook_node *n = any_node(f, id);
    if (!n || n->post == n)
        return NULL;
    json_t *value = json_pack("{s:s, s:s, s:s, s:s, s:s, s:I}", "item", "comment", "verb", verb,
                              "comment_id", n->id, "post_id", n->post->id, "parent_id",
                              n->parent ? n->parent->id : n->post->id, "created_time",
                              (json_int_t)n->created_s);
    if (strcmp(verb, "remove") != 0) { /* a removal carries no words */
        json_object_set_new(value, "message", json_string(n->text));
        if (n->photo)
            json_object_set_new(value, "photo", json_string(n->photo));
    }
    if (f->names)
        json_object_set_new(value, "from",
                            json_pack("{s:s, s:s}", "id", n->author, "name", n->name));
    json_t *body =
        json_pack("{s:s, s:[{s:s, s:I, s:[{s:s, s:o}]}]}", "object", "page", "entry", "id", f->page,
                  "time", (json_int_t)now_s, "changes", "field", "feed", "value", value);
    upp_check(body);
    char *text = json_dumps(body, JSON_COMPACT | JSON_ENSURE_ASCII);
    json_decref(body);
    return text;
}
