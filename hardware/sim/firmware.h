/*
 * A firmware file: how one simulated unit behaves. It is the counterpart of a profile, and whatever
 * reads profiles never reads it: which chord held for how long starts what, what LED, radio and
 * sound then do, boot time, battery, faults. hardware/sim/firmware/README.md describes every key.
 */
#ifndef LONGPRESS_HARDWARE_SIM_FIRMWARE_H
#define LONGPRESS_HARDWARE_SIM_FIRMWARE_H

#include "rig/base/arena.h"
#include "rig/base/diag.h"

#include <stddef.h>

struct firmware; /* immutable once loaded; defined in hardware/sim/firmware_data.h */

struct firmware *firmware_load(struct diags *diags, const char *path);
struct firmware *firmware_load_text(struct diags *diags, const char *name, const char *text,
                                    size_t length);
void firmware_free(struct firmware *firmware);

/* Where the healthy unit of a model is: DIR/MODEL.yaml, in lower case, spaces as hyphens. */
const char *firmware_nominal_path(struct arena *arena, const char *directory, const char *model);

const char *firmware_name(const struct firmware *firmware);    /* "WH-1000XM5 nominal" */
const char *firmware_model(const struct firmware *firmware);   /* "WH-1000XM5" */
const char *firmware_version(const struct firmware *firmware); /* "2.3.1" */

#endif
