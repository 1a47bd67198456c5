/*
 * The profiles and bench files of a reader's runs, read and loaded once for all runs that share
 * one, as most do.
 */
#include "rig/journal/journal_internal.h"

#include <stdlib.h>
#include <string.h>

struct kept_text {
    int holders; /* the reader, and runs; all of one thread */
    enum text_kind kind;
    char hash[SHA256_TEXT_MAX];
    char *text; /* owned, and what it loads as */
    size_t length;
    struct profile *profile;
    struct bench *bench;
};

void journal_text_drop(struct kept_text *kept)
{
    if (kept && --kept->holders == 0) {
        profile_free(kept->profile);
        bench_free(kept->bench);
        free(kept->text);
        free(kept);
    }
}

struct kept_text *journal_text_find(const struct journal_texts *texts, enum text_kind kind,
                                    const char *hash)
{
    for (size_t i = 0; i < JOURNAL_TEXTS; i++) {
        struct kept_text *kept = texts->items[i];
        if (kept && kept->kind == kind && strcmp(kept->hash, hash) == 0) {
            kept->holders++;
            return kept;
        }
    }
    return NULL;
}

struct kept_text *journal_text_keep(struct journal_texts *texts, enum text_kind kind,
                                    const char *hash, const void *text, size_t length)
{
    struct kept_text **place = &texts->items[texts->next++ % JOURNAL_TEXTS];
    struct kept_text *kept = xcalloc(sizeof(*kept));
    struct diags ignored = DIAGS_INIT; /* what does not load today is no error */

    journal_text_drop(*place);
    *kept = (struct kept_text){
        .holders = 2, .kind = kind, .text = xcalloc(length + 1), .length = length};
    memcpy(kept->hash, hash, sizeof(kept->hash));
    if (length > 0) {
        memcpy(kept->text, text, length);
    }
    if (kind == TEXT_PROFILE) {
        kept->profile = profile_load_text(&ignored, "the stored profile", kept->text, length);
    } else {
        kept->bench = bench_load_text(&ignored, "the stored bench file", kept->text, length);
    }
    diags_clear(&ignored);
    *place = kept;
    return kept;
}

void journal_texts_free(struct journal_texts *texts)
{
    for (size_t i = 0; i < JOURNAL_TEXTS; i++) {
        journal_text_drop(texts->items[i]);
        texts->items[i] = NULL;
    }
}

void journal_text_give(const struct kept_text *kept, struct whole_run *run)
{
    if (!kept) {
        return;
    }
    if (kept->kind == TEXT_PROFILE) {
        run->profile = kept->profile;
        run->profile_text = kept->text;
        run->profile_length = kept->length;
    } else {
        run->bench = kept->bench;
        run->bench_text = kept->text;
        run->bench_length = kept->length;
    }
}
