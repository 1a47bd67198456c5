/* Runs a fuzz target over files, without a fuzzer: what once crashed it must not do so again. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay(const char *path)
{
    uint8_t *data = NULL;
    size_t size = 0;
    size_t got;
    FILE *in = fopen(path, "re");
    if (!in) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return -1;
    }
    do {
        /* A block of its own that ends where the data does: one byte too far shows. */
        uint8_t *grown = realloc(data, size + 65536);
        if (!grown) {
            abort();
        }
        data = grown;
        got = fread(data + size, 1, 65536, in);
        size += got;
    } while (got > 0);
    fclose(in);
    uint8_t *exact = size ? realloc(data, size) : data;
    LLVMFuzzerTestOneInput(exact ? exact : data, size);
    free(exact ? exact : data);
    return 0;
}

int main(int argc, char **argv)
{
    int failed = 0;
    for (int i = 1; i < argc; i++) {
        failed |= replay(argv[i]);
    }
    return failed ? 1 : 0;
}
