/* package_text.h - what a package says of itself: the capture report for programs and for people,
 * and what was handed in (capture.md 6, 6.1). Pure. */
#pragma once
#include "stream.h"
#include "uppsikt/archive.pb-c.h"

#define PACKAGE_SOFTWARE "uppsikt-archive"
#define PACKAGE_VERSION  "0.1.0"

/* The name that a file which was handed in has in the package: "01-" and its own, without anything
 * that could lead elsewhere. */
enum { PACKAGE_NAME = 128 };
void package_hand_name(size_t i, const char *name, char ret_name[PACKAGE_NAME]);

/* Each appends a whole file. 0; UPP_E_INPUT: text that is no UTF-8; UPP_E_BUSY: no memory. */
UPP_MUST_USE int package_report_json(const Uppsikt__BuildPackage *q, buf *out);
UPP_MUST_USE int package_report_text(const Uppsikt__BuildPackage *q, buf *out);
UPP_MUST_USE int package_manual_json(const Uppsikt__BuildPackage *q, buf *out);

/* "2026-11-23T17:40:51Z" */
enum { PACKAGE_TIME = 40 };
void package_time(upp_ms at, char ret_time[PACKAGE_TIME]);
/* What the browser said of itself, in the report of the capture; "" when it did not. */
void package_browser(const Uppsikt__BuildPackage *q, char ret_browser[160]);
