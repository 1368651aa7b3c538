/* law.h - the laws that can demand a removal (law.md §2, §7; sla.md P1; R21, R25). Pure. */
#pragma once
#include <stdbool.h>

typedef struct law {
    const char *name; /* as it is given and kept */
    bool alone;       /* one person may delete by it, reviewed afterwards */
} law;
/* NULL: no such law. */
const law *law_of(const char *name);
