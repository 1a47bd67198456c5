/*
 * The section COMMANDS of the manual page, from the tables of the commands: roff (man(7)) for
 * docs/longpress.1.in. `longpress --manual` prints it.
 */
#ifndef LONGPRESS_TUI_MANUAL_H
#define LONGPRESS_TUI_MANUAL_H

#include <stdio.h>

void manual_commands(FILE *out);

#endif
