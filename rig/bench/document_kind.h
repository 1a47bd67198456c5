/*
 * Recognises YAML files by a key at the top level:
 *
 *     bench: ...      a bench file (rig/bench/bench.h)
 *     firmware: ...   a firmware file of the simulated bench (hardware/sim/firmware.h)
 *     model: ...      a profile (rig/profile/profile.h)
 *
 * A simulated bench may name a `firmware`, and a firmware file a `model`, so they are checked in
 * this order.
 */
#ifndef LONGPRESS_RIG_CHECK_H
#define LONGPRESS_RIG_CHECK_H

#include "rig/base/diag.h"
#include "rig/format/yaml.h"

enum document_kind { DOCUMENT_UNKNOWN, DOCUMENT_PROFILE, DOCUMENT_BENCH, DOCUMENT_FIRMWARE };

enum document_kind document_kind_of(const struct yaml_node *root);

/* "profile", "bench file", "firmware file". */
const char *document_kind_name(enum document_kind kind);

/*
 * Check a file: load a profile or bench file and report all its errors. A firmware file is only
 * recognised: its loader is in hardware/, and the caller calls it. A file that cannot be read or is
 * none of the three is an error and DOCUMENT_UNKNOWN.
 */
enum document_kind document_check_file(struct diags *diags, const char *path);

#endif
