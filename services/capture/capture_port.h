/* capture_port.h - the port `capture`: ask CapturePage, answer PageCaptured. It speaks to
 * uppsikt-capture over that program's own socket; the files come over it and are written here.
 *
 * A service that wants it: its config struct begins with a capture_place, its options table with
 * CAPTURE_OPTIONS, its row of ports has &upp_capture_port (declared here, for ports.c); in CMake
 * LIBS upp_capture_place and PORT_LIBS upp_capture_port.
 *
 * Where the files are to lie (CapturePage.folder):
 *   "01ABC"       no slash: a flat name; the files are objects of the service,
 *                 <objects>/01ABC.page.png and so on, and CapturedFile.name is that whole name:
 *                 what upp_object_keep takes.
 *   "2026/11/R"   a folder below <objects>, made when it is missing; the files are there under the
 *                 plain names of CapturedFile.name.
 *   "/srv/x/y"    a path from the root, below the service's data folder or `capture_root`; else as
 *                 before.
 * Other folders, "..", and links on the way are refused: the ask is a dead letter.
 * Each file is synced, and its hash has been compared, before the answer comes; a file of that
 * name is replaced. What was written for an answer that never came is written over next time.
 *
 * Pictures in our own html (CapturePage.media): files below that folder, shown where the html has
 * <img src="https://media.invalid/NAME">; a Content-Security-Policy must let img-src do so. What is
 * missing or too long (32 MiB with the html) is not shown and holds nothing up.
 *
 * The names: page.png; of a page taller than 8000 px that is an overview, and page-001.png,
 * page-002.png ... are its tiles; page.pdf, page.mhtml, page.warc.gz, page.txt.
 *
 * UPP_DONE with every state of PageCaptured: a wall or an error is an answer. UPP_LATER:
 * uppsikt-capture is down, has no browser, or is too busy. UPP_NEVER: the request cannot be done by
 * anybody (no url, a folder outside); `answer` is NULL. */
#pragma once
#include "upp/service.h"

typedef struct capture_place {
    const char *where;    /* "ipc": <run>/capture; tcp://host:port; NULL: there is none */
    const char *root;     /* another folder that results may lie in; NULL: none */
    upp_ms patience_span; /* so long without a word: it is taken for dead */
} capture_place;

/* Rows for the service's options table: `options[] = { CAPTURE_OPTIONS, ... }`. */
// clang-format off
#define CAPTURE_OPTIONS                                                                            \
    { "capture", UPP_OPT_TEXT, offsetof(capture_place, where), "ipc",                              \
      "Where uppsikt-capture is: ipc (a socket in `run`) or tcp://host:port." },                   \
    { "capture_root", UPP_OPT_TEXT, offsetof(capture_place, root), "",                             \
      "Another folder that results may lie in; empty: only the service's own data folder." },      \
    { "capture_patience", UPP_OPT_SPAN, offsetof(capture_place, patience_span), "15s",             \
      "uppsikt-capture says a word each second while it works; so long without one, and the job "  \
      "is asked for again later." }
// clang-format on

extern const struct upp_port upp_capture_port;
