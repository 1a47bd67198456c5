/*
 * Under qemu's user emulation (LONGPRESS_EMULATED names it; tests/vm/lab.d/build.sh sets it) a test
 * may be impossible, or take minutes. It is skipped, and says so; it runs on a real processor in
 * the same `make test`.
 */
#ifndef LONGPRESS_TESTS_UNIT_EMULATED_H
#define LONGPRESS_TESTS_UNIT_EMULATED_H

/* Ends the test as skipped where it is emulated. */
void needs_a_real_processor(const char *test, const char *why);

#endif
