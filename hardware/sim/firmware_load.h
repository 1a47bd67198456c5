/*
 * The keys of a firmware file, as tables. They fill a struct firmware, and tests compare them with
 * hardware/sim/firmware/README.md.
 */
#ifndef LONGPRESS_HARDWARE_SIM_FIRMWARE_LOAD_H
#define LONGPRESS_HARDWARE_SIM_FIRMWARE_LOAD_H

#include "rig/format/fields.h"

/* Fill loading->owner, a struct firmware, from a map. */
void firmware_read(const struct loading *loading, const struct yaml_node *root);

extern const struct field_table firmware_tables[];

#endif
