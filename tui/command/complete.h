/*
 * What a shell may put where the cursor is: `longpress --complete WORD...` for the words behind the
 * program's name, the last of which is being typed. tui/command/completion/ has the shells' side.
 *
 * A line each: the word, and where there is one a Tab and what it means. The line `:files` says
 * that names of files do, too.
 */
#ifndef LONGPRESS_TUI_COMPLETE_H
#define LONGPRESS_TUI_COMPLETE_H

#include <stdio.h>

void complete(int count, char **words, FILE *out);

#endif
