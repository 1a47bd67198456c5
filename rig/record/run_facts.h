/*
 * Texts that are known of a run before it begins, and go all the way by one name: a member of the
 * record, of its JSON, of the row in the journal and of what is read from that. To add one: its
 * name in RUN_FACTS_ADDED, a step with its column (rig/journal/journal_steps.c), and who fills it
 * in (tui/drive/run_entry.c, for the command line and the screens).
 */
#ifndef LONGPRESS_RIG_RUN_FACTS_H
#define LONGPRESS_RIG_RUN_FACTS_H

/* Those whose columns are younger than the digest, at whose end they stand in this order: a name is
 * added behind the last one. */
#define RUN_FACTS_ADDED(FACT)

/* unit_firmware: its version, as the operator says. sim_firmware: the simulated unit's firmware
 * file and version. Each NULL: not known. */
#define RUN_FACTS(FACT)                                                                            \
    FACT(unit_firmware)                                                                            \
    FACT(sim_firmware)                                                                             \
    RUN_FACTS_ADDED(FACT)

/* As members of a struct. */
#define RUN_FACT_MEMBER(name) const char *name;

#endif
