#include "tui/term/text_field.h"

#include "tui/term/keys.h"

#include <string.h>

void text_field_clear(struct field *field)
{
    *field = (struct field){.too_long = false};
}

static void append(struct field *field, size_t length, const char *bytes, size_t size)
{
    field->too_long = field->too_long || length + size >= sizeof(field->text);
    if (!field->too_long) {
        memcpy(field->text + length, bytes, size + 1);
    }
}

bool text_field_key(struct field *field, const struct key *key)
{
    size_t length = strlen(field->text);
    char bytes[8] = "";
    if (key->code == KEY_CODE_CHAR) {
        append(field, length, bytes, key_utf8(key, bytes));
    } else if (key->code == KEY_CODE_CTRL && key->ch != 'u' && length > 0) {
        bytes[0] = (char)(key->ch - 'a' + 1);
        append(field, length, bytes, 1);
    } else if ((key->code == KEY_CODE_BACKSPACE && field->too_long) ||
               (key->code == KEY_CODE_CTRL && key->ch == 'u')) {
        text_field_clear(field);
    } else if (key->code == KEY_CODE_BACKSPACE) {
        while (length > 0 && ((unsigned char)field->text[--length] & 0xC0) == 0x80) {
        }
        field->text[length] = '\0';
    } else {
        return false;
    }
    return true;
}
