/* view_processing.c - the register of processing: for each authority each kind of data (R29). */
#include "view.h"

static const char *say(const view *v, const char *key)
{
    return html_phrase(&v->h, key);
}

static void row_words(view *v, const Uppsikt__PlanLine *row)
{
    char term[PROCESSING_TERM];
    processing_term(v->h.phrases, row, term);
    html_add(&v->h, "<li>%s: %s. %s %s <span class=\"quiet\">(%s)</span></li>\n", row->kind, term,
             say(v, "processing.decision"), row->decision, row->row);
}

static size_t rows(view *v, const processing *p, const processing_controller *c, size_t kind)
{
    size_t at = 0, n = 0;
    for (const Uppsikt__PlanLine *row; (row = processing_row(p, c, kind, &at)); n++) {
        if (n == 0)
            html_add(&v->h, "<ul>\n");
        row_words(v, row);
    }
    if (n > 0)
        html_add(&v->h, "</ul>\n");
    return n;
}

static void kind_of(view *v, const processing *p, const processing_controller *c, size_t kind)
{
    html_add(&v->h, "<section class=\"panel\" data-kind=\"%s\"><h3>%s</h3>\n<dl class=\"told\">\n",
             processing_kind(kind), processing_text(v->h.phrases, kind, NULL));
    for (size_t i = 0; processing_field(i); i++)
        html_add(&v->h, "<dt>%s</dt><dd>%s</dd>\n",
                 view_joined(v, "processing.", processing_field(i)),
                 processing_text(v->h.phrases, kind, processing_field(i)));
    html_add(&v->h, "<dt>%s</dt><dd>", say(v, "processing.retention"));
    if (rows(v, p, c, kind) == 0)
        html_add(&v->h, "%s", say(v, "processing.no-row"));
    html_add(&v->h, "</dd>\n</dl></section>\n");
}

static void controller(view *v, const processing *p, const processing_controller *c)
{
    size_t at = 0;
    html_add(&v->h, "<h2>%s <span class=\"quiet\">%s</span></h2>\n", c->name, c->org_number);
    for (size_t i = 0; i < PROCESSING_KINDS; i++)
        kind_of(v, p, c, i);
    if (!processing_row(p, c, PROCESSING_KINDS, &at))
        return;
    html_add(&v->h, "<section class=\"panel\"><h3>%s</h3>\n<p>%s</p>\n",
             say(v, "processing.others-title"), say(v, "processing.others"));
    (void)rows(v, p, c, PROCESSING_KINDS);
    html_add(&v->h, "</section>\n");
}

static void section(view *v, const char *title_key, const char *words)
{
    html_add(&v->h, "<h2>%s</h2>\n<p>%s</p>\n", say(v, title_key), words);
}

void view_processing(view *v, const processing *p)
{
    v->list = "/behandlingar";
    view_begin(v, say(v, "processing.title"));
    html_add(&v->h,
             "<p class=\"lead\">%s</p>\n<p><a class=\"go\" href=\"/behandlingar.csv\">%s</a></p>\n",
             say(v, "processing.lead"), say(v, "processing.csv"));
    section(v, "processing.where", p->note[0] ? p->note : say(v, "processing.no-note"));
    section(v, "processing.backups", say(v, "processing.backups-words"));
    section(v, "processing.protection", say(v, "processing.protection-words"));
    if (p->n_controllers == 0)
        html_add(&v->h, "<p class=\"empty\">%s</p>\n", say(v, "processing.nobody"));
    for (size_t i = 0; i < p->n_controllers; i++)
        controller(v, p, &p->controllers[i]);
    view_end(v);
}
