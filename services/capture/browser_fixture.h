/* browser_fixture.h - uppsikt-capture as a process, a service's port that asks it, and eyes for
 * what comes back. */
#pragma once
// clang-format off
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include "hand_loop.h"
#include "site_fixture.h"
#include "uppsikt/capture.pb-c.h"
#include <limits.h>
#include <sys/types.h>

typedef struct answer {
    bool came;
    enum upp_fate fate;
    upp_ms after_span;
    Uppsikt__PageCaptured *page; /* owned; NULL: without */
} answer;

enum { DESK_ANSWERS = 16 };
typedef struct desk_fixture {
    char folder[PATH_MAX]; /* of all of it */
    char objects[PATH_MAX];
    pid_t pid; /* uppsikt-capture; 0: does not run */
    upp_loop *loop;
    void *port;
    answer answers[DESK_ANSWERS]; /* by ask's number */
} desk_fixture;

/* Makes folders and keys; starts uppsikt-capture with `environment` (NAME=value, NULL-terminated;
 * NULL: none but what tests need) and waits until it is ready. */
void desk_up(desk_fixture *f, const char *const *environment);
/* Only the folders, the keys and the port. */
void desk_without(desk_fixture *f, const char *asker, const char *patience);
void desk_start(desk_fixture *f, const char *const *environment);
void desk_down(desk_fixture *f);
/* Asks, does not wait. The message must live until desk_wait of it. */
void desk_ask(desk_fixture *f, int64_t id, const Uppsikt__CapturePage *page);
answer *desk_wait(desk_fixture *f, int64_t id, upp_ms patience);
/* Both, with the id 1; the answer must be UPP_DONE. Lent until the next. */
const Uppsikt__PageCaptured *desk_get(desk_fixture *f, const Uppsikt__CapturePage *page);
/* What `pdftotext` reads in a file of the last result; the caller frees. */
char *desk_pdf_text(const desk_fixture *f, const char *name);
/* What /readyz (or another path) says; lent until the next call. */
const char *desk_says(desk_fixture *f, const char *path);
/* All bytes of a file of the last result; the caller frees. */
char *desk_file(const desk_fixture *f, const char *name, size_t *ret_n);
/* The file of that name among the result's; NULL: none. */
const Uppsikt__CapturedFile *desk_has(const Uppsikt__PageCaptured *page, const char *name);
/* The browser's process, child of uppsikt-capture; 0: none. */
pid_t desk_browser(const desk_fixture *f);
/* One of the browser's processes that draw pages; 0: none. */
pid_t desk_renderer(pid_t of);
int64_t desk_pss_bytes(pid_t pid);

typedef struct image {
    uint32_t width, height;
    uint8_t *pixels; /* RGB; owned */
} image;
/* Decodes a PNG of 8 bits, RGB or RGBA (RFC 2083). */
image image_of(const char *bytes, size_t n);
uint32_t image_at(const image *i, uint32_t x, uint32_t y); /* 0xrrggbb */
void image_done(image *i);
