/* late_xml.h - libxml2 at its first use. It and ICU, which it brings, cost each process 0.4 MB,
 * also one that has no page to read and no package to write. A program that links upp_xml calls
 * libxml2 as its manual says; the first call loads it. From any thread. */
#pragma once

/* For a port's `lacks` (late.h). */
const char *upp_xml_lacks(void);
