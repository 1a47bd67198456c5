/*
 * Is a text well-formed markup? An independent, strict reader for tests: elements nest, attributes
 * are quoted and not given twice, `<` and `&` stand nowhere else, only the five named entities and
 * numeric ones, no control characters but a line's end, valid UTF-8.
 */
#ifndef LONGPRESS_TESTS_UNIT_MARKUP_CHECK_H
#define LONGPRESS_TESTS_UNIT_MARKUP_CHECK_H

#include <stdbool.h>
#include <stddef.h>

/* NULL when it is, else a sentence, with the offset in *at. `html`: elements without an end tag
 * (meta, br) are known. */
const char *markup_wrong(const char *text, bool html, size_t *at);

#endif
