/* Detects changes to a stored run, by a digest over the JSON without the digest itself. */
#include "rig/record/record.h"

#include "rig/format/json.h"
#include "rig/format/sha256.h"
#include "rig/record/record_internal.h"

#include <stdlib.h>
#include <string.h>

static const char key[] = "digest";

const char *record_state_name(enum record_state state)
{
    static const char *const names[] = {[RECORD_AS_WRITTEN] = "as_written",
                                        [RECORD_CHANGED] = "changed",
                                        [RECORD_WITHOUT_DIGEST] = "without_digest"};
    return names[state];
}

const char *record_state_words(enum record_state state)
{
    static const char *const words[] = {
        [RECORD_AS_WRITTEN] = NULL,
        [RECORD_CHANGED] =
            "the record was changed after it was written (its digest does not match)",
        [RECORD_WITHOUT_DIGEST] = "whether the record was changed is not known (it has no digest)"};
    return words[state];
}

/* Blanks and the order of members do not matter. False: it cannot be serialised. */
static bool digest_of(const json_t *object, char digest[SHA256_TEXT_MAX])
{
    uint8_t hash[SHA256_BYTES];
    json_t *copy = json_copy((json_t *)object);
    json_object_del(copy, key);
    char *text = json_dumps(copy, JSON_SORT_KEYS | JSON_COMPACT | JSON_REAL_PRECISION(15));

    json_decref(copy);
    if (text) {
        sha256(text, strlen(text), hash);
        sha256_text(digest, hash);
    }
    free(text);
    return text != NULL;
}

void record_put_digest(json_t *object, enum record_state state)
{
    char digest[SHA256_TEXT_MAX];

    if (state == RECORD_CHANGED) {
        json_put(object, "changed", json_true());
    }
    bool has = state == RECORD_AS_WRITTEN && digest_of(object, digest);
    json_put(object, key, json_put_text(has ? digest : NULL));
}

enum record_state record_state_of(const json_t *object)
{
    char digest[SHA256_TEXT_MAX];
    const json_t *kept = json_object_get(object, key);

    if (json_is_true(json_object_get(object, "changed"))) {
        return RECORD_CHANGED;
    }
    if (!kept || json_is_null(kept)) {
        return RECORD_WITHOUT_DIGEST;
    }
    return json_is_string(kept) && digest_of(object, digest) &&
                   strcmp(json_string_value(kept), digest) == 0
               ? RECORD_AS_WRITTEN
               : RECORD_CHANGED;
}
