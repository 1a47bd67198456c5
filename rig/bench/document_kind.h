/*
 * What a YAML file is, told by its content: the key it has at the top.
 *
 *     bench: ...      a bench file (rig/bench/bench.h)
 *     firmware: ...   a firmware file of the simulated bench (hardware/sim/firmware.h)
 *     model: ...      a profile (rig/profile/profile.h)
 *
 * A simulated bench may name a `firmware`, and a firmware file a `model`, so they count in this
 * order.
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
 * Check a file: profiles and bench files are loaded, and every error of theirs told. A firmware
 * file is only recognised: its loader belongs to hardware/, which the caller asks. A file that
 * cannot be read or is none of the three is an error, and DOCUMENT_UNKNOWN.
 */
enum document_kind document_check_file(struct diags *diags, const char *path);

#endif
