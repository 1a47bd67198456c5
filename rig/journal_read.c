#include "rig/journal_internal.h"

#include <string.h>

int journal_verdict_from_name(const char *name)
{
    for (int i = 0; i <= VERDICT_ERROR; i++) {
        if (strcmp(verdict_name((enum verdict)i), name) == 0) {
            return i;
        }
    }
    return -1;
}
