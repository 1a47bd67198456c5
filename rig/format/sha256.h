/*
 * SHA-256 (FIPS 180-4): the key under which the journal stores each text once. None of the
 * libraries in use provides it.
 */
#ifndef LONGPRESS_RIG_SHA256_H
#define LONGPRESS_RIG_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { SHA256_BYTES = 32, SHA256_TEXT_MAX = 2 * SHA256_BYTES + 1 };

void sha256(const void *data, size_t length, uint8_t hash[SHA256_BYTES]);

/* In hexadecimal. Returns `out`. */
char *sha256_text(char out[SHA256_TEXT_MAX], const uint8_t hash[SHA256_BYTES]);

#endif
