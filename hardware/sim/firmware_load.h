/*
 * The keys of a firmware file, as tables; they fill a struct firmware and are what the tests hold
 * hardware/sim/README.md against.
 */
#ifndef LONGPRESS_HARDWARE_SIM_FIRMWARE_LOAD_H
#define LONGPRESS_HARDWARE_SIM_FIRMWARE_LOAD_H

#include "rig/format/fields.h"

/* Fill loading->owner, a struct firmware, from a map. */
void firmware_read(const struct loading *loading, const struct yaml_node *root);

extern const struct field_table firmware_tables[];

#endif
