/* mail_fuzz.c - T11: an address, a name, a subject of any bytes: no line of a mail's head ever
 * holds an end of line that we did not write (CR/LF injection), and a body's lines end alike. */
#include "fuzz.h"
#include "mail_header.h"

/* A line end only as a fold: CRLF and a blank. */
static void check_line(const char *name, const char *line)
{
    upp_check(strncmp(line, name, strlen(name)) == 0);
    for (const char *at = line; *at; at++) {
        if (*at == '\r')
            upp_check(at[1] == '\n' && (at[2] == ' ' || at[2] == '\t'));
        if (*at == '\n')
            upp_check(at > line && at[-1] == '\r');
        upp_check((unsigned char)*at < 0x7f);
    }
}

static void check_body(const char *text)
{
    char *body = mail_body_lines(text);
    upp_check(body);
    const size_t n = strlen(body);
    upp_check(n >= 2 && strcmp(body + n - 2, "\r\n") == 0);
    for (size_t i = 0; i < n; i++) {
        if (body[i] == '\r')
            upp_check(body[i + 1] == '\n');
        if (body[i] == '\n')
            upp_check(i > 0 && body[i - 1] == '\r');
    }
    free(body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char line[MAIL_LINE], address[256], words[1024];
    fuzz_in in = { data, size };
    const upp_bytes who = fuzz_part(&in, fuzz_take(&in, 1));
    const upp_bytes what = fuzz_part(&in, sizeof words - 1);
    snprintf(address, sizeof address, "%.*s", (int)who.len, who.len ? (const char *)who.at : "");
    snprintf(words, sizeof words, "%.*s", (int)what.len, what.len ? (const char *)what.at : "");
    if (mail_words_header("Subject", words, line))
        check_line("Subject: ", line);
    if (mail_address_header("To", words, address, line)) {
        check_line("To: ", line);
        upp_check(mail_address_ok(address));
    }
    if (mail_id_header(words, address, line))
        check_line("Message-ID: <", line);
    if (mail_body_ok(words))
        check_body(words);
    return 0;
}
