/* chat.h - what a model outside is asked, and what of its answer is believed: the chat completions
 * that many servers speak. Pure. */
#pragma once
#include "label.h"

enum { CHAT_WHY = 240 };

/* The request's body, JSON; the caller frees it. The comment stands in it as data, apart from what
 * the model is told. NULL: out of memory, or the text is no UTF-8. */
char *chat_request(const char *model, const char *text);

/* Reads an answer. UPP_E_INPUT: it is not one object {"labels": [...], "why": "..."} whose labels
 * are all among the ten that the rules name; nothing of it is used then. `ret_why` is cut, and
 * holds no control characters. Whatever a comment has talked the model into, no more than this
 * comes back. */
UPP_MUST_USE int chat_read(const char *body, size_t len, unsigned *ret_labels,
                           char ret_why[CHAT_WHY]);
