#include "tests/unit/markup_check.h"

#include "rig/base/text.h"

#include <ctype.h>
#include <string.h>

enum { DEPTH_MAX = 64, NAME_MAX = 32 };

struct reader {
    const char *at;
    char open[DEPTH_MAX][NAME_MAX];
    size_t depth;
};

static bool is_name(char c)
{
    return isalnum((unsigned char)c) || c == '-' || c == '_' || c == ':';
}

static bool read_name(struct reader *reader, char name[NAME_MAX])
{
    size_t length = 0;
    while (is_name(*reader->at) && length + 1 < NAME_MAX) {
        name[length++] = *reader->at++;
    }
    name[length] = '\0';
    return length > 0;
}

static const char *read_entity(struct reader *reader)
{
    static const char *const known[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;", "&apos;"};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strncmp(reader->at, known[i], strlen(known[i])) == 0) {
            reader->at += strlen(known[i]);
            return NULL;
        }
    }
    return "a bare &";
}

static const char *read_attributes(struct reader *reader)
{
    char names[32][NAME_MAX];
    size_t count = 0;
    while (*reader->at == ' ') {
        reader->at++;
        if (count == 32 || !read_name(reader, names[count]) || strncmp(reader->at, "=\"", 2) != 0) {
            return "an attribute that is none";
        }
        for (size_t i = 0; i < count; i++) {
            if (strcmp(names[i], names[count]) == 0) {
                return "an attribute twice";
            }
        }
        count++;
        reader->at += 2;
        while (*reader->at != '"') {
            if (*reader->at == '<' || *reader->at == '\0') {
                return "< in an attribute";
            }
            if (*reader->at == '&') {
                const char *wrong = read_entity(reader);
                if (wrong) {
                    return wrong;
                }
            } else {
                reader->at++;
            }
        }
        reader->at++;
    }
    return NULL;
}

static const char *read_tag(struct reader *reader, bool html)
{
    char name[NAME_MAX];
    bool closing = reader->at[1] == '/';
    reader->at += closing ? 2 : 1;
    if (!read_name(reader, name)) {
        return "a tag without a name";
    }
    if (closing) {
        if (*reader->at++ != '>') {
            return "an end tag that does not end";
        }
        if (reader->depth == 0 || strcmp(reader->open[--reader->depth], name) != 0) {
            return "an end tag of another element";
        }
        return NULL;
    }
    const char *wrong = read_attributes(reader);
    if (wrong) {
        return wrong;
    }
    if (strncmp(reader->at, "/>", 2) == 0) {
        reader->at += 2;
        return NULL;
    }
    if (*reader->at++ != '>') {
        return "a tag that does not end";
    }
    if (html && (strcmp(name, "meta") == 0 || strcmp(name, "br") == 0)) {
        return NULL;
    }
    if (reader->depth == DEPTH_MAX) {
        return "too deep";
    }
    memcpy(reader->open[reader->depth++], name, sizeof(name));
    return NULL;
}

const char *markup_wrong(const char *text, bool html, size_t *at)
{
    struct reader reader = {.at = text};
    const char *wrong = NULL;

    if (!text_is_utf8(text, strlen(text), at)) {
        return "no UTF-8";
    }
    if (strncmp(text, "<?xml", 5) == 0) {
        reader.at = strstr(text, "?>") + 2;
    } else if (strncmp(text, "<!DOCTYPE html>", 15) == 0) {
        reader.at += 15;
    }
    while (!wrong && *reader.at) {
        if (*reader.at == '<') {
            wrong = read_tag(&reader, html);
        } else if (*reader.at == '&') {
            wrong = read_entity(&reader);
        } else if ((unsigned char)*reader.at < ' ' && *reader.at != '\n') {
            wrong = "a control character";
        } else {
            reader.at++;
        }
    }
    *at = (size_t)(reader.at - text);
    return wrong ? wrong : reader.depth ? "an element that does not end" : NULL;
}
