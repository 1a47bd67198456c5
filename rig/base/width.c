#include "rig/base/width.h"

#include <stdbool.h>
#include <stddef.h>

#include "rig/base/width_table.h"

static bool is_in(uint32_t code, const struct width_range *ranges, size_t count)
{
    size_t low = 0;
    while (low < count) {
        size_t middle = low + (count - low) / 2;
        if (code > ranges[middle].last) {
            low = middle + 1;
        } else if (code >= ranges[middle].first) {
            return true;
        } else {
            count = middle;
        }
    }
    return false;
}

int width_columns(uint32_t code)
{
    if (code < width_none[0].first) {
        return 1;
    }
    if (is_in(code, width_none, sizeof(width_none) / sizeof(width_none[0]))) {
        return 0;
    }
    return is_in(code, width_two, sizeof(width_two) / sizeof(width_two[0])) ? 2 : 1;
}
