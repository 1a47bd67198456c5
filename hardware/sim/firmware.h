/*
 * A firmware file: how one simulated unit behaves. The reverse of a profile, and never read by
 * those who read profiles: which chord held how long starts what, what the LED, the radio and the
 * sound then do, boot time, battery, faults. Every key is described in hardware/sim/README.md.
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
