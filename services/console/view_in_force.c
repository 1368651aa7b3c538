/* view_in_force.c - which policy the clocks run on, and where: the body's, and each authority's own
 * (R02). */
#include "view.h"

static const char *say(const view *v, const char *key)
{
    return html_phrase(&v->h, key);
}

static void row(view *v, const char *whose, const view_in_force *one)
{
    html_add(&v->h, "<tr><th scope=\"row\">%s</th><td>", whose);
    if (one->version > 0)
        html_add(&v->h, "%s %lld", say(v, "rules.version"), (long long)one->version);
    else
        html_add(&v->h, "%s", say(v, "rules.none-adopted"));
    html_add(&v->h, "</td></tr>\n");
}

void view_rules(view *v, const view_in_force *list, size_t n)
{
    html_add(&v->h, "<h2>%s</h2>\n", say(v, "rules.title"));
    if (n == 0) {
        html_add(&v->h, "<p class=\"empty\">%s</p>\n", say(v, "rules.not-known"));
        return;
    }
    html_add(&v->h,
             "<p>%s</p>\n<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"%s\">"
             "<table><thead><tr><th scope=\"col\">%s</th><th scope=\"col\">%s</th></tr></thead>"
             "<tbody>\n",
             say(v, "rules.lead"), say(v, "rules.title"), say(v, "rules.where"),
             say(v, "rules.which"));
    for (size_t i = 0; i < n; i++)
        row(v, list[i].authority[0] ? list[i].name : say(v, "rules.body"), &list[i]);
    html_add(&v->h, "</tbody></table></div>\n");
}
