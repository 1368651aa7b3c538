/* protocol_text.c - the protocol of a disposal, line by line. */
#include "protocol_text.h"
#include "guard.h"
#include "view.h"
#include <stdio.h>

static const char *word(const phrases *words, const char *key)
{
    char whole[80];
    snprintf(whole, sizeof whole, "certificate.%.60s", key);
    return phrase(words, whole);
}

static const char *state_of(const phrases *words, const char *state)
{
    char key[64];
    snprintf(key, sizeof key, "is.%.40s", state);
    return word(words, key);
}

static int text_line(buf *out, const phrases *words, const char *key, const char *value)
{
    return value[0] ? buf_printf(out, "%s: %s\n", word(words, key), value) : 0;
}

static int time_line(buf *out, const moment_clock *c, const char *key, upp_ms at)
{
    char text[MOMENT] = "";
    if (at > 0)
        moment_machine(c, at, text);
    return text_line(out, c->phrases, key, text);
}

static int number_line(buf *out, const phrases *words, const char *key, int64_t n)
{
    return buf_printf(out, "%s: %lld\n", word(words, key), (long long)n);
}

static void hex_of(const ProtobufCBinaryData *bytes, char ret_hex[65])
{
    ret_hex[0] = '\0';
    if (bytes->len == 32)
        guard_hex(bytes->data, bytes->len, ret_hex);
}

/* As the command prints a list. */
static int covers_line(buf *out, const phrases *words, const Uppsikt__DisposalRow *row)
{
    if (row->n_covers > 0)
        UPP_TRY(buf_printf(out, "%s: ", word(words, "covers")));
    for (size_t i = 0; i < row->n_covers; i++)
        UPP_TRY(buf_printf(out, "%s%s", i ? "," : "", row->covers[i]));
    return row->n_covers > 0 ? buf_printf(out, "\n") : 0;
}

int protocol_head(buf *out, const moment_clock *c, const Uppsikt__DisposalRow *row)
{
    const phrases *words = c->phrases;
    char sum[65];
    hex_of(&row->list_sha256, sum);
    UPP_TRY(buf_printf(out, "%s\n\n", word(words, "title")));
    UPP_TRY(text_line(out, words, "number", row->disposal));
    UPP_TRY(text_line(out, words, "state", state_of(words, row->state)));
    UPP_TRY(text_line(out, words, "authority", row->authority));
    UPP_TRY(text_line(out, words, "row", row->plan_row));
    UPP_TRY(text_line(out, words, "process", row->process));
    UPP_TRY(text_line(out, words, "kind", row->kind));
    UPP_TRY(covers_line(out, words, row));
    UPP_TRY(text_line(out, words, "mandate", row->mandate));
    UPP_TRY(text_line(out, words, "law", row->law));
    UPP_TRY(number_line(out, words, "count", row->count));
    UPP_TRY(number_line(out, words, "held", row->held));
    UPP_TRY(number_line(out, words, "open", row->open));
    UPP_TRY(text_line(out, words, "by", row->by));
    UPP_TRY(text_line(out, words, "second", row->second));
    UPP_TRY(time_line(out, c, "proposed", row->proposed_ms));
    UPP_TRY(time_line(out, c, "approved", row->approved_ms));
    UPP_TRY(time_line(out, c, "disposed", row->disposed_ms));
    UPP_TRY(time_line(out, c, "backups", row->backups_expire_ms));
    UPP_TRY(text_line(out, words, "list", sum));
    if (row->disposed_ms > 0)
        UPP_TRY(buf_printf(out, "\n%s\n", word(words, "method")));
    return buf_printf(out, "\n%s:\n", word(words, "records"));
}

int protocol_item(buf *out, const phrases *words, const Uppsikt__DisposedRow *row)
{
    const char *what = view_listed_what(row);
    UPP_TRY(buf_printf(out, "%s  %s%s%s\n", row->item, state_of(words, row->state),
                       what ? ", " : "", what ? word(words, what) : ""));
    for (size_t i = 0; i < row->n_records && i < row->n_leaves && i < row->n_seals; i++) {
        char seal[65];
        hex_of(&row->seals[i], seal);
        UPP_TRY(buf_printf(out, "  %s  leaf %lld  %s\n", row->records[i], (long long)row->leaves[i],
                           seal));
    }
    for (size_t i = 0; i < row->n_copies; i++)
        UPP_TRY(buf_printf(out, "  %s %s\n", word(words, "copies"), row->copies[i]));
    return 0;
}
