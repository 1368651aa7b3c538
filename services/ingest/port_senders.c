/* port_senders.c - the table of who may push; it is lost with the process and asked for anew. */
#include "port_senders.h"
#include "push.h"
#include "signature.h"
#include "token_box.h"
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

typedef struct sender {
    char account[64];
    char *text; /* owned, wiped; cut into secrets */
    upp_bytes secrets[PUSH_SECRETS];
} sender;

/* A question that is on its way; it may come back after the table is gone. */
typedef struct question {
    senders *of; /* NULL: for nobody any more */
} question;

struct senders {
    upp_loop *loop;
    uint8_t key[TOKEN_BOX_KEY];
    bool has_key, known;
    uint8_t nobody[32]; /* what a request is held against that no secret is for */
    sender list[PUSH_SENDERS];
    size_t n;
    question *asked;
};

static void ask(void *self);

static void told(void *self, const ProtobufCMessage *outcome, const char *words)
{
    question *q = self;
    senders *s = q->of;
    (void)words;
    free(q);
    if (!s)
        return;
    s->asked = NULL;
    if (!outcome) /* a full disk, a service that stops */
        upp_loop_in(s->loop, UPP_SECOND, ask, s);
}

static void ask(void *self)
{
    senders *s = self;
    uint8_t id[16];
    Uppsikt__TellSenders command = UPPSIKT__TELL_SENDERS__INIT;
    question *q = calloc(1, sizeof *q);
    upp_check(q);
    q->of = s;
    s->asked = q;
    randombytes_buf(id, sizeof id);
    upp_loop_command(s->loop, id, &command.base, told, q);
}

senders *senders_new(upp_loop *loop, const char *token_key)
{
    senders *s = calloc(1, sizeof *s);
    upp_check(s);
    s->loop = loop;
    s->has_key = token_box_key(token_key, s->key) == 0;
    randombytes_buf(s->nobody, sizeof s->nobody);
    ask(s);
    return s;
}

static void clear(senders *s)
{
    for (size_t i = 0; i < s->n; i++)
        token_wipe(s->list[i].text);
    memset(s->list, 0, sizeof s->list);
    s->n = 0;
}

void senders_free(senders *s)
{
    if (!s)
        return;
    if (s->asked)
        s->asked->of = NULL;
    upp_loop_in(s->loop, -1, ask, s);
    clear(s);
    sodium_memzero(s, sizeof *s);
    free(s);
}

static void add(senders *s, const Uppsikt__Sender *from)
{
    const ProtobufCBinaryData *sealed = &from->sealed_secret;
    sender one = { .text = s->has_key ? token_box_open(s->key, sealed->data, sealed->len) : NULL };
    const bool fits = strlen(from->account) < sizeof one.account;
    if (!fits || !one.text || push_secrets(one.text, one.secrets) < 0) {
        upp_loop_say(s->loop,
                     "webhook: what pushes to %s does not open under token_key; connect it anew",
                     fits ? from->account : "an account");
        token_wipe(one.text);
        return;
    }
    memcpy(one.account, from->account, strlen(from->account) + 1);
    s->list[s->n++] = one;
}

void senders_admit(senders *s, const Uppsikt__AdmitSenders *list)
{
    clear(s);
    for (size_t i = 0; i < list->n_senders && s->n < PUSH_SENDERS; i++)
        add(s, list->senders[i]);
    s->known = true;
}

bool senders_known(const senders *s)
{
    return s->known;
}

bool senders_signed(const senders *s, const char *account, const char *timestamp,
                    const char *signature, upp_bytes body)
{
    static const sender none;
    const sender *who = &none;
    upp_bytes secrets[PUSH_SECRETS];
    if (!signature_fresh(timestamp, upp_loop_real(s->loop)))
        return false;
    for (size_t i = 0; i < s->n; i++)
        if (strcmp(s->list[i].account, account) == 0)
            who = &s->list[i];
    for (size_t i = 0; i < PUSH_SECRETS; i++)
        secrets[i] =
            who->secrets[i].len > 0 ? who->secrets[i] : (upp_bytes){ s->nobody, sizeof s->nobody };
    const signature_secrets all = { secrets, PUSH_SECRETS };
    return signature_valid(SIGNATURE_GENERIC, &all, signature, timestamp, body);
}
