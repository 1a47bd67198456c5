#include "tests/unit/emulated.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

void needs_a_real_processor(const char *test, const char *why)
{
    const char *emulator = getenv("LONGPRESS_EMULATED");
    if (emulator) {
        printf("SKIP %s: under %s %s\n", test, emulator, why);
        skip();
    }
}
