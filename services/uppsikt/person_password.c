/* person_password.c - a person's sign-in to the web pages. The password comes from a prompt, a file
 * or standard input, never from the command line; only its argon2id hash leaves this process. */
#include "person_password.h"
#include "ask.h"
#include "guard.h"
#include "message_json.h"
#include "secret_file.h"
#include "uppsikt/console.pb-c.h"
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { LONGEST = 400 };

static void wipe(char **text)
{
    secret_file_free(*text);
}

/* Nothing of what is typed is shown. */
static char *read_typed(const char *prompt)
{
    struct termios shown, hidden;
    char *text = calloc(1, LONGEST);
    upp_check(text != NULL);
    fprintf(stderr, "%s: ", prompt);
    if (tcgetattr(STDIN_FILENO, &shown) != 0) {
        free(text);
        return NULL;
    }
    hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    const bool read = fgets(text, LONGEST, stdin) != NULL;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
    fputc('\n', stderr);
    text[strcspn(text, "\r\n")] = '\0';
    if (read && text[0])
        return text;
    secret_file_free(text);
    return NULL;
}

static char *prompt(void)
{
    UPP_AUTO(wipe) char *first = read_typed("new password");
    UPP_AUTO(wipe) char *second = first ? read_typed("once more") : NULL;
    if (!first || !second || strcmp(first, second) != 0) {
        home_say(second ? "the two are not the same; nothing was changed" : "nothing was typed");
        return NULL;
    }
    char *ready = first;
    first = NULL;
    return ready;
}

static const char *flaw_words(enum guard_flaw flaw)
{
    switch (flaw) {
    case GUARD_FINE:
        break;
    case GUARD_SHORT:
        return "the password has fewer than 15 characters; some words in a row are good";
    case GUARD_LONG:
        return "the password has more than 200 bytes";
    case GUARD_COMMON:
        return "the password is too easy to guess; take words that have nothing to do with each "
               "other";
    case GUARD_NAME:
        return "the password has the sign-in name in it";
    }
    return NULL;
}

/* The hash into `ret_hash`. CALL_USAGE: said. */
static int make_hash(const verb_call *call, const char *name, char ret_hash[crypto_pwhash_STRBYTES])
{
    const char *path = call_text(call, "file");
    UPP_AUTO(wipe)
    char *password =
        path || !isatty(STDIN_FILENO) ? secret_file_read(path ? path : "-", home_say) : prompt();
    if (!password)
        return CALL_USAGE;
    const char *flaw = flaw_words(guard_password(password, name));
    if (flaw) {
        home_say(flaw);
        return CALL_USAGE;
    }
    upp_check(crypto_pwhash_str(ret_hash, password, strlen(password),
                                crypto_pwhash_OPSLIMIT_INTERACTIVE,
                                crypto_pwhash_MEMLIMIT_INTERACTIVE) == 0);
    return CALL_DONE;
}

int person_password(verb_call *call)
{
    char hash[crypto_pwhash_STRBYTES] = "";
    const char *name = call_text(call, "name");
    const bool off = call_flag(call, "off");
    ProtobufCMessage *outcome = NULL;
    Uppsikt__SetLogin command = UPPSIKT__SET_LOGIN__INIT;
    upp_check(sodium_init() >= 0);
    if (!off && make_hash(call, name ? name : "", hash) != CALL_DONE)
        return CALL_USAGE;
    command.person = upp_lend(call->operands[0]);
    command.name = upp_lend(name ? name : "");
    command.password_hash = hash;
    const int rc =
        ask_command(call, "console", &command.base, &uppsikt__login_set__descriptor, &outcome);
    if (rc != CALL_DONE)
        return rc;
    message_free(outcome);
    if (call->json)
        printf("{\"person\":\"%s\",\"login\":%s}\n", call->operands[0], off ? "false" : "true");
    else
        printf(off ? "%s cannot sign in any more\n"
                   : "%s can sign in to the web pages; those who were signed in as her are out\n",
               call->operands[0]);
    return CALL_DONE;
}
