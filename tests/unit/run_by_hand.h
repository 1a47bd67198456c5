/*
 * A run as the engine writes it down, made by hand: two controls held for 7 s, an LED of `blue x2,
 * white x1` that lets go early, a sound, a radio that loses the link. For tests of what is done
 * with a timeline afterwards.
 */
#ifndef LONGPRESS_TESTS_RUN_BY_HAND_H
#define LONGPRESS_TESTS_RUN_BY_HAND_H

#include "rig/bench/bench.h"
#include "rig/profile/profile.h"
#include "rig/record/record.h"

/* The origin of its clock: nothing in it may depend on that. */
#define BY_HAND_ORIGIN_NS INT64_C(987654321012345678)

struct run_by_hand {
    struct profile *profile;
    struct bench *bench;
    struct timeline timeline;
    struct judgement judgement;
    struct record record;
};

void run_by_hand_make(struct run_by_hand *run);
void run_by_hand_free(struct run_by_hand *run);

/* An LED's pulse of one brightness: the entry, and the edges of its channels. */
void run_by_hand_pulse(struct run_by_hand *run, int64_t start_ns, int64_t end_ns, colour c);

#endif
