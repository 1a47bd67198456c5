/*
 * Completions for shells: `longpress --complete WORD...`, with the words after the program's name,
 * the last of which is being typed. tui/command/completion/ has the shells' side.
 *
 * One completion per line: the word, and, if it has a description, a Tab and the description. The
 * line `:files` says that file names fit, too.
 */
#ifndef LONGPRESS_TUI_COMPLETE_H
#define LONGPRESS_TUI_COMPLETE_H

#include <stdio.h>

void complete(int count, char **words, FILE *out);

#endif
