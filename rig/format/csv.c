#include "rig/format/csv.h"

#include "rig/base/arena.h"
#include "rig/base/text.h"
#include "rig/base/units.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_ESCAPE = 4 }; /* of a byte, by text_printable */

void csv_begin(struct csv *csv)
{
    fputs(csv->excel ? "\xEF\xBB\xBF" : "", csv->out);
}

static void begin_cell(struct csv *csv)
{
    if (csv->begun) {
        fputc(',', csv->out);
    }
    csv->begun = true;
}

/* Would a spreadsheet take a cell that begins here for a formula? Blanks and quotes before it do
 * not save it, nor do the full-width forms of the signs. */
static bool begins_formula(const char *text)
{
    static const char *const starts[] = {"=", "+", "-", "@", "＝", "＋", "－", "＠"};
    text += strspn(text, " \"'");
    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        if (strncmp(text, starts[i], strlen(starts[i])) == 0) {
            return true;
        }
    }
    return false;
}

void csv_text(struct csv *csv, const char *text)
{
    begin_cell(csv);
    if (!text || !text[0]) {
        return;
    }
    /* Looked at as it came: made printable, a tab does not begin with a tab any more. */
    bool formula = strchr("=+-@\t\r\n", text[0]) != NULL;
    size_t size = strlen(text) * LONGEST_ESCAPE + 1;
    char *printable = xrealloc_array(NULL, size, 1);
    text_printable(printable, size, text);
    formula = formula || begins_formula(printable);
    bool quoted = strpbrk(printable, ",\"") || printable[0] == ' ';
    if (quoted) {
        fputc('"', csv->out);
    }
    if (formula) {
        fputc('\'', csv->out);
    }
    for (const char *at = printable; *at; at++) {
        if (*at == '"') {
            fputc('"', csv->out);
        }
        fputc(*at, csv->out);
        if (*at == ';' && begins_formula(at + 1)) {
            fputc('\'', csv->out);
        }
    }
    if (quoted) {
        fputc('"', csv->out);
    }
    free(printable);
}

void csv_serial(struct csv *csv, const char *serial)
{
    /* With these in it Excel takes it for a text anyhow, and a formula would not be safe. */
    if (!csv->excel || !serial || !serial[0] || strpbrk(serial, "\";")) {
        csv_text(csv, serial);
        return;
    }
    size_t size = strlen(serial) * LONGEST_ESCAPE + 1;
    char *printable = xrealloc_array(NULL, size, 1);
    text_printable(printable, size, serial);
    begin_cell(csv);
    fprintf(csv->out, "\"=\"\"%s\"\"\"", printable);
    free(printable);
}

void csv_int(struct csv *csv, int64_t value)
{
    begin_cell(csv);
    fprintf(csv->out, "%" PRId64, value);
}

void csv_ms(struct csv *csv, int64_t duration_ns)
{
    int64_t us = duration_ns / NS_PER_US;
    const char *sign = us < 0 ? "-" : "";

    us = us < 0 ? -us : us;
    begin_cell(csv);
    fprintf(csv->out, "%s%" PRId64 ".%03" PRId64, sign, us / 1000, us % 1000);
}

void csv_line_end(struct csv *csv)
{
    fputs("\r\n", csv->out);
    csv->begun = false;
}
