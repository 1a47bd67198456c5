/*
 * Texts known about a run before it begins. Each has the same name everywhere: in the record, its
 * JSON, the journal's row and what is read from that. To add one: add its name to RUN_FACTS_ADDED,
 * add a migration step with its column (rig/journal/journal_steps.c), and fill it in
 * (tui/drive/run_entry.c, for the command line and the screens).
 */
#ifndef LONGPRESS_RIG_RUN_FACTS_H
#define LONGPRESS_RIG_RUN_FACTS_H

/* Facts whose columns are newer than the digest. They come at the end of the digest's input in this
 * order: add new names at the end. */
#define RUN_FACTS_ADDED(FACT)

/* unit_firmware: the unit's version, given by the operator. sim_firmware: the simulated unit's
 * firmware file and version. NULL: unknown. */
#define RUN_FACTS(FACT)                                                                            \
    FACT(unit_firmware)                                                                            \
    FACT(sim_firmware)                                                                             \
    RUN_FACTS_ADDED(FACT)

/* As members of a struct. */
#define RUN_FACT_MEMBER(name) const char *name;

#endif
