#include "rig/format/json.h"

#include "rig/base/arena.h"
#include "rig/base/text.h"
#include "rig/base/units.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Fifteen digits are what a double keeps of a decimal number: 7000.123 stays so. */
enum { LAYOUT = JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15) };

static json_t *made(json_t *value)
{
    if (!value) {
        out_of_memory();
    }
    return value;
}

json_t *json_put_object(void)
{
    return made(json_object());
}

json_t *json_put_array(void)
{
    return made(json_array());
}

json_t *json_put_text(const char *text)
{
    enum { LONGEST_ESCAPE = 4 }; /* bytes that text_printable makes of one */

    if (!text) {
        return json_null();
    }
    size_t size = strlen(text) * LONGEST_ESCAPE + 1;
    char *printable = xrealloc_array(NULL, size, 1);
    json_t *value = made(json_string(text_printable(printable, size, text)));
    free(printable);
    return value;
}

json_t *json_put_int(int64_t value)
{
    return made(json_integer(value));
}

json_t *json_put_ms(int64_t duration_ns)
{
    return made(json_real((double)duration_ns / (double)NS_PER_MS));
}

void json_put(json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new(object, key, value) != 0) {
        out_of_memory();
    }
}

void json_put_new(json_t *array, json_t *value)
{
    if (json_array_append_new(array, value) != 0) {
        out_of_memory();
    }
}

static void write_list(const json_t *list, FILE *out)
{
    size_t count = json_array_size(list);

    fputc('[', out);
    for (size_t i = 0; i < count; i++) {
        fputs(i ? ",\n    " : "\n    ", out);
        json_dumpf(json_array_get(list, i), out, LAYOUT);
    }
    fputs(count ? "\n  ]" : "]", out);
}

int json_write(json_t *object, FILE *out)
{
    const char *key;
    json_t *value;
    const char *before = "{\n";

    errno = 0;
    json_object_foreach(object, key, value)
    {
        fprintf(out, "%s  \"%s\": ", before, key);
        if (json_is_array(value)) {
            write_list(value, out);
        } else {
            json_dumpf(value, out, LAYOUT);
        }
        before = ",\n";
    }
    fputs("\n}\n", out);
    json_decref(object);
    if (fflush(out) != 0 || ferror(out)) {
        errno = errno ? errno : EIO;
        return -1;
    }
    return 0;
}
