/*
 * Profiles: what a good one comes to, and what is told of a bad one, to the letter.
 */
#include "rig/base/units.h"
#include "rig/profile/profile.h"
#include "tests/unit/parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { WHOLE = -1 }; /* the text is the whole document */

/* What is written, and all that is told of it. */
struct bad {
    const char *name;
    int part; /* enum part, or WHOLE */
    const char *text;
    const char *told;
};

static const struct bad bad_profiles[] = {
    {"unknown_key", PART_PROFILE, "modle: HP-2\n",
     "f:1:1: error: unknown key `modle`; did you mean `model`? (known: model, family, "
     "bluetooth, sources, controls, hazards, procedures)\n"},
    {"missing_keys", WHOLE, "bluetooth: { name: HP-1 }\n",
     "f:1:1: error: key `model` is missing; add `model: ...`\n"
     "f:1:1: error: key `family` is missing; add `family: ...`\n"
     "f:1:1: error: key `sources` is missing; add `sources: ...`\n"
     "f:1:1: error: key `controls` is missing; add `controls: ...`\n"
     "f:1:1: error: key `procedures` is missing; add `procedures: ...`\n"},
    {"document_is_list", WHOLE, "- model: HP-1\n",
     "f:1:1: error: a profile is a list; write a map: { key: value }, or one `key: value` per "
     "line\n"},
    {"empty_document", WHOLE, "", "f: error: is empty; see profiles/SCHEMA.md for examples\n"},
    {"duplicate_key", PART_PROFILE,
     "family: earbuds\n"
     "family: over-ear\n",
     "f:2:1: error: key `family` appears twice; the first is on line 1; remove one of "
     "the two\n"},
    {"model_bad_name", PART_PROFILE, "model: \"HP/1\"\n",
     "f:1:8: error: `model` is not a name: `HP/1`; use letters, digits, single spaces "
     "and _ . @ + - only, letter or digit first\n"},
    {"model_trailing_space", PART_PROFILE, "model: \"HP 1 \"\n",
     "f:1:8: error: `model` is not a name: `HP 1 `; use letters, digits, single "
     "spaces and _ . @ + - only, letter or digit first\n"},
    {"model_too_long", PART_PROFILE,
     "model: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n",
     "f:1:8: error: `model` is 65 bytes long, more than 64; write a shorter name\n"},
    {"model_empty", PART_PROFILE, "model: \"\"\n",
     "f:1:8: error: `model` is empty; write a name\n"},
    {"family_space", PART_PROFILE, "family: over ear\n",
     "f:1:9: error: `family` is not a name: `over ear`; use letters, digits and _ . @ "
     "+ - only, letter or digit first\n"},
    {"bluetooth_without_name", PART_PROFILE, "bluetooth: { le_name: LE_HP-1 }\n",
     "f:1:12: error: key `name` is missing; add `name: ...`\n"},
    {"bluetooth_not_map", PART_PROFILE, "bluetooth: HP-1\n",
     "f:1:12: error: `bluetooth` is a single value; write a map: { key: value }, or one `key: "
     "value` per line\n"},
    {"name_not_printable", PART_PROFILE, "bluetooth: { name: \"HP\\e[31m\" }\n",
     "f:1:20: error: `name` contains characters that cannot be printed; use printable "
     "characters, on one line\n"},
    {"sources_not_map", PART_PROFILE, "sources: [a]\n",
     "f:1:10: error: `sources` is a list; write a map: { key: value }, or one `key: value` per "
     "line\n"},
    {"source_sentence_too_long", PART_PROFILE,
     "sources: { article-2026: "
     "\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
     "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
     "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\" }\n",
     "f:1:26: error: the sentence of a source is 201 bytes long, more than 200; write "
     "a shorter sentence\n"},
    {"controls_empty", PART_PROFILE, "controls: {}\n",
     "f:1:11: error: 0 controls; there must be 1 to 16; name each button or sensor "
     "that is pressed\n"},
    {"controls_too_many", PART_PROFILE,
     "controls: {c0: {kind: button, max_hold: 1 s}, c1: {kind: button, max_hold: 1 "
     "s}, c2: {kind: button, max_hold: 1 s}, c3: {kind: button, max_hold: 1 s}, c4: "
     "{kind: button, max_hold: 1 s}, c5: {kind: button, max_hold: 1 s}, c6: {kind: "
     "button, max_hold: 1 s}, c7: {kind: button, max_hold: 1 s}, c8: {kind: button, "
     "max_hold: 1 s}, c9: {kind: button, max_hold: 1 s}, c10: {kind: button, "
     "max_hold: 1 s}, c11: {kind: button, max_hold: 1 s}, c12: {kind: button, "
     "max_hold: 1 s}, c13: {kind: button, max_hold: 1 s}, c14: {kind: button, "
     "max_hold: 1 s}, c15: {kind: button, max_hold: 1 s}, c16: {kind: button, "
     "max_hold: 1 s}}\n",
     "f:1:11: error: 17 controls; there must be 1 to 16; name each button or sensor "
     "that is pressed\n"},
    {"control_keys", PART_PROFILE,
     "controls:\n"
     "  power: { kind: knob, max_hold: 7, colour: red }\n",
     "f:2:18: error: `knob` is not a known `kind`; known: button, touch\n"
     "f:2:34: error: duration `7` has no unit; write `7 s` or `7 ms`\n"
     "f:2:37: error: unknown key `colour`; known: kind, max_hold, aliases, note\n"
     "f:10:27: error: there is no control `nc_ambient`; known: power\n"
     "f:15:20: error: there is no control `touch_left`; known: power\n"},
    {"control_limits", PART_PROFILE,
     "controls:\n"
     "  power: { kind: button, max_hold: 90 s }\n"
     "  nc_ambient: { kind: touch, max_hold: 1 ms }\n",
     "f:2:36: error: duration `90 s` is too long; write 10 ms to 1 min\n"
     "f:3:40: error: duration `1 ms` is too short; write 10 ms to 1 min\n"
     "f:16:20: error: there is no control `touch_left`; known: power, nc_ambient\n"},
    {"control_twice", PART_PROFILE,
     "controls:\n"
     "  power: { kind: button, max_hold: 9 s }\n"
     "  Power: { kind: button, max_hold: 9 s }\n",
     "f:3:3: error: there is already a control `Power`; give each control and alias its own name\n"
     "f:11:27: error: there is no control `nc_ambient`; known: power\n"
     "f:16:20: error: there is no control `touch_left`; known: power\n"},
    {"alias_twice", PART_PROFILE,
     "controls:\n"
     "  power: { kind: button, max_hold: 9 s, aliases: [on_off] }\n"
     "  nc_ambient: { kind: button, max_hold: 9 s, aliases: [power, ON_OFF, "
     "nc_ambient] }\n",
     "f:3:56: error: there is already a control `power`; give each control and alias "
     "its own name\n"
     "f:3:63: error: there is already a control `ON_OFF`; give each control and alias "
     "its own name\n"
     "f:3:71: error: there is already a control `nc_ambient`; give each control and "
     "alias its own name\n"
     "f:16:20: error: there is no control `touch_left`; known: power, nc_ambient\n"},
    {"hazard_keys", PART_PROFILE,
     "hazards:\n"
     "  - id: dfu\n"
     "    wehn: { hold: [touch_left] }\n"
     "    grade: explodes\n",
     "f:2:5: error: key `when` is missing; add `when: ...`\n"
     "f:2:5: error: key `risk` is missing; add `risk: ...`\n"
     "f:2:5: error: key `source` is missing; add `source: ...`\n"
     "f:3:5: error: unknown key `wehn`; did you mean `when`? (known: id, when, grade, "
     "risk, source)\n"
     "f:4:12: error: `explodes` is not a known `grade`; known: mode, erases, bricks\n"},
    {"hazard_control", PART_PROFILE,
     "hazards:\n"
     "  - { id: dfu, when: { hold: [tuch_left, nose] }, grade: bricks, risk: r, "
     "source: article-2026 }\n",
     "f:2:31: error: there is no control `tuch_left`; did you mean `touch_left`?\n"
     "f:2:42: error: there is no control `nose`; known: power, nc_ambient, "
     "touch_left, touch_right\n"},
    {"hazard_twice", PART_PROFILE,
     "hazards:\n"
     "  - { id: dfu, when: { hold: touch_left }, grade: bricks, risk: r, source: "
     "article-2026 }\n"
     "  - { id: DFU, when: { hold: touch_right }, grade: bricks, risk: r, source: "
     "article-2026 }\n",
     "f:3:11: error: there is already a hazard `DFU`; give each hazard its own id\n"},
    {"hazard_empty_hold", PART_PROFILE,
     "hazards:\n"
     "  - { id: dfu, when: { hold: [] }, grade: bricks, risk: r, source: article-2026 "
     "}\n",
     "f:2:30: error: `hold` does not name a control; name the controls that are pressed "
     "together\n"},
    {"hazard_control_twice", PART_PROFILE,
     "hazards:\n"
     "  - { id: dfu, when: { hold: [power, power] }, grade: bricks, risk: r, source: "
     "article-2026 }\n",
     "f:2:38: error: `hold` names `power` twice; name it once\n"},
    {"source_unknown_near", PART_PROFILE,
     "hazards:\n"
     "  - { id: dfu, when: { hold: power }, grade: mode, risk: r, source: article-206 "
     "}\n",
     "f:2:69: error: source `article-206` is not in `sources`; did you mean "
     "`article-2026`?\n"},
    {"source_unknown_far", PART_PROFILE,
     "hazards:\n"
     "  - { id: dfu, when: { hold: power }, grade: mode, risk: r, source: { id: "
     "somebody, note: n } }\n",
     "f:2:75: error: source `somebody` is not in `sources`; add it to `sources` with "
     "a sentence that says what it is\n"},
    {"procedures_empty", PART_PROFILE, "procedures: {}\n",
     "f:1:13: error: 0 procedures; there must be 1 to 64; describe what can be done "
     "to the unit\n"},
    {"procedure_twice", PART_PROFILE,
     "procedures:\n"
     "  reset: { kind: network, source: article-2026, steps: [{ hold: power, for: 5 s "
     "}], expect: { led: unknown } }\n"
     "  Reset: { kind: network, source: article-2026, steps: [{ hold: power, for: 5 s "
     "}], expect: { led: unknown } }\n",
     "f:3:3: error: there is already a procedure `Reset`; give each procedure its own name\n"},
    {"procedure_name", PART_PROFILE,
     "procedures:\n"
     "  \"network reset\": { kind: network, source: article-2026, steps: [{ hold: "
     "power, for: 5 s }], expect: { led: unknown } }\n",
     "f:2:3: error: the name of a procedure is not a name: `network reset`; use "
     "letters, digits and _ . @ + - only, letter or digit first\n"},
    {"procedure_missing", PART_PROFILE,
     "procedures:\n"
     "  reset: { title: t }\n",
     "f:2:10: error: key `kind` is missing; add `kind: ...`\n"
     "f:2:10: error: key `source` is missing; add `source: ...`\n"
     "f:2:10: error: key `steps` is missing; add `steps: ...`\n"
     "f:2:10: error: key `expect` is missing; add `expect: ...`\n"},
    {"kind_unknown", PART_PROCEDURE, "kind: netwrok\n",
     "f:3:11: error: `netwrok` is not a known `kind`; did you mean `network`? (known: soft, "
     "network, factory, pairing, other)\n"},
    {"source_missing_id", PART_PROCEDURE, "source: { note: n }\n",
     "f:3:13: error: key `id` is missing; add `id: ...`\n"},
    {"preserves_word", PART_PROCEDURE, "preserves: eq\n",
     "f:3:16: error: `preserves` is `eq`; write a list such as [eq, anc], or "
     "`unknown`\n"},
    {"preserves_bad", PART_PROCEDURE, "preserves: [eq, \"a b\"]\n",
     "f:3:21: error: `preserves` is not a name: `a b`; use letters, digits and _ . @ "
     "+ - only, letter or digit first\n"},
    {"preserved_and_cleared", PART_PROCEDURE,
     "preserves: [eq, anc]\n"
     "clears: [bonds, EQ]\n",
     "f:4:13: error: `EQ` is both preserved and cleared; keep one of the two\n"},
    {"intends_unknown", PART_PROCEDURE, "intends: [becomes-factry]\n",
     "f:3:15: error: there is no hazard `becomes-factry`; did you mean "
     "`becomes-factory`?\n"},
    {"intends_bricks", PART_PROCEDURE, "intends: [dfu]\n",
     "f:3:15: error: no procedure may intend `dfu`, which can brick the unit; remove it: only the "
     "operator can accept it, for one run\n"},
    {"requires_unknown_question", PART_PROCEDURE, "requires: { moon: full }\n",
     "f:3:23: error: `moon` is not a well-known question; say what is asked: { ask: "
     "\"...\", answers: [yes, no], accept: yes }\n"},
    {"requires_bad_answer", PART_PROCEDURE, "requires: { lid: ajar, power: [on, maybe] }\n",
     "f:3:22: error: `ajar` is not an answer to `lid`; write open or closed\n"
     "f:3:40: error: `maybe` is not an answer to `power`; write on or off\n"},
    {"requires_answer_twice", PART_PROCEDURE, "requires: { lid: [open, Open] }\n",
     "f:3:29: error: answer `Open` is listed twice; name each answer once\n"},
    {"requires_empty_list", PART_PROCEDURE, "requires: { lid: [] }\n",
     "f:3:22: error: no answer to `lid` is accepted; list the accepted answers, or write `any`\n"},
    {"requires_battery", PART_PROCEDURE, "requires: { battery: 20 % }\n",
     "f:3:26: error: `battery` is not compared with a percentage; write `\">= 20 %\"`, "
     "or `any` to only record it\n"},
    {"requires_battery_bad", PART_PROCEDURE, "requires: { battery: \">= 120 %\" }\n",
     "f:3:26: error: `>= 120 %` is more than 100 %; write `\">= 20 %\"`, or `any` to only record "
     "it\n"},
    {"requires_battery_no_sign", PART_PROCEDURE, "requires: { battery: \">= 20\" }\n",
     "f:3:26: error: `>= 20` has no percent sign; write `\">= 20 %\"`, or `any` to only record "
     "it\n"},
    {"requires_answers_for_known", PART_PROCEDURE,
     "requires: { lid: { answers: [open, ajar], accept: open } }\n",
     "f:3:33: error: question `lid` has its own answers; remove `answers`\n"},
    {"requires_own_incomplete", PART_PROCEDURE, "requires: { app: { accept: yes } }\n",
     "f:3:22: error: key `ask` is missing; add `ask: ...`\n"
     "f:3:22: error: key `answers` is missing; add `answers: ...`\n"},
    {"requires_own_bad_accept", PART_PROCEDURE,
     "requires: { app: { ask: \"Open?\", answers: [yes, no], accept: maybe } }\n",
     "f:3:66: error: `maybe` is not an answer to `app`; write yes or no\n"},
    {"requires_own_answers", PART_PROCEDURE,
     "requires:\n"
     "  app: { ask: \"Open?\", answers: [yes, Yes], accept: yes }\n"
     "  os: { ask: \"Which?\", answers: [], accept: any }\n"
     "  tv: { ask: \"Which?\", answers: [xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx], accept: any "
     "}\n",
     "f:4:43: error: answer `Yes` is listed twice; name each answer once\n"
     "f:5:37: error: 0 answers; there must be 1 to 8; write a list such as [yes, no]\n"
     "f:6:38: error: answer `xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx` is longer than 31 "
     "bytes; write a shorter answer\n"},
    {"steps_empty", PART_PROCEDURE, "steps: []\n",
     "f:3:12: error: 0 steps; there must be 1 to 64; say what is pressed, and for how "
     "long\n"},
    {"steps_not_list", PART_PROCEDURE, "steps: { hold: power, for: 7 s }\n",
     "f:3:12: error: `steps` is a map; write a list: [a, b], or one `- a` per line\n"},
    {"step_nothing", PART_PROCEDURE,
     "steps:\n"
     "  - press: power\n",
     "f:4:9: error: this is not a known kind of step; write what to do: hold, tap, wait "
     "or ask\n"},
    {"step_two", PART_PROCEDURE,
     "steps:\n"
     "  - { hold: power, tap: power, for: 1 s }\n",
     "f:4:9: error: a step cannot both `hold` and `tap`; split it into two steps\n"},
    {"step_scalar", PART_PROCEDURE, "steps: [power]\n",
     "f:3:13: error: a step is a single value; write a map: { key: value }, or one `key: value` "
     "per line\n"},
    {"hold_without_for", PART_PROCEDURE,
     "steps:\n"
     "  - hold: [power]\n",
     "f:4:9: error: key `for` is missing; add `for: ...`\n"},
    {"hold_no_unit", PART_PROCEDURE,
     "steps:\n"
     "  - { hold: [power], for: 7 }\n",
     "f:4:31: error: duration `7` has no unit; write `7 s` or `7 ms`\n"},
    {"hold_for_zero", PART_PROCEDURE,
     "steps:\n"
     "  - { hold: [power], for: 0 s, release_on: \"blue x2\" }\n",
     "f:4:31: error: duration `0 s` is too short; write 1 ms to 1 min\n"},
    {"hold_too_long", PART_PROCEDURE,
     "steps:\n"
     "  - { hold: [power], for: 1e30 s }\n"
     "  - { hold: [power], for: -1 s }\n"
     "  - { hold: [power], for: 2 min }\n",
     "f:4:31: error: duration `1e30 s` is not a plain decimal number; write it like "
     "`7 s` or `250 ms`\n"
     "f:5:31: error: duration `-1 s` is negative; write it like `7 s` or `250 ms`\n"
     "f:6:31: error: duration `2 min` is too long; write 1 ms to 1 min\n"},
    {"hold_unknown_control", PART_PROCEDURE,
     "steps:\n"
     "  - { hold: [power, nc_ambeint], for: 7 s }\n",
     "f:4:25: error: there is no control `nc_ambeint`; did you mean `nc_ambient`?\n"},
    {"release_on_bad", PART_PROCEDURE,
     "steps:\n"
     "  - { hold: [power], for: 7 s, release_on: \"blue x2, mauve x1\" }\n",
     "f:4:48: error: pattern `blue x2, mauve x1` needs a colour (red, green, blue, amber, magenta, "
     "cyan, white, lit), at character 10; write a pattern such as "
     "`blue x2, white x1`\n"},
    {"release_on_off", PART_PROCEDURE,
     "steps:\n"
     "  - { hold: [power], for: 7 s, release_on: off }\n",
     "f:4:48: error: `release_on` cannot wait for an LED that is off; leave `release_on` out "
     "to hold for the whole time\n"},
    {"tap_counts", PART_PROCEDURE,
     "steps:\n"
     "  - { tap: power, times: 0, on: 80 ms, off: 80 ms }\n"
     "  - { tap: power, times: 51, on: 80 ms, off: 80 ms }\n"
     "  - { tap: power, times: 3, on: 80 ms }\n"
     "  - { tap: power, times: three, on: 80 ms, off: 0 ms }\n",
     "f:4:30: error: `0` is out of range; write 1 to 50\n"
     "f:5:30: error: `51` is out of range; write 1 to 50\n"
     "f:6:9: error: key `off` is missing; add `off: ...`\n"
     "f:7:30: error: `three` is not a whole number; write digits, such as 3\n"
     "f:7:53: error: duration `0 ms` is too short; write 1 ms to 10 s\n"},
    {"wait_bad", PART_PROCEDURE,
     "steps:\n"
     "  - wait: a while\n",
     "f:4:15: error: duration `a while` is not a duration; write it like `7 s` or "
     "`250 ms`\n"},
    {"ask_known_answers", PART_PROCEDURE,
     "steps:\n"
     "  - { ask: \"How?\", name: lid, answers: [ajar] }\n",
     "f:4:44: error: question `lid` has its own answers; remove `answers`\n"},
    {"ask_twice", PART_PROCEDURE,
     "requires: { lid: open }\n"
     "steps:\n"
     "  - { ask: \"How?\", name: lid }\n"
     "  - { ask: \"A?\", name: a }\n"
     "  - { ask: \"A?\", name: A }\n",
     "f:5:9: error: this procedure already asks `lid`; give it another `name`\n"
     "f:7:9: error: this procedure already asks `A`; give it another `name`\n"},
    {"ask_prompt_too_long", PART_PROCEDURE,
     "steps:\n"
     "  - ask: "
     "\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
     "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
     "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"\n",
     "f:4:14: error: `ask` is 201 bytes long, more than 200; write a shorter sentence\n"},
    {"led_word", PART_PROCEDURE, "expect: { led: off }\n",
     "f:3:20: error: `led` is `off`; write a map such as { within: 3 s, ... }, or "
     "`unknown`\n"},
    {"led_keys", PART_PROCEDURE, "expect: { led: { patern: \"blue x2\", within: 3 s } }\n",
     "f:3:20: error: key `pattern` is missing; add `pattern: ...`\n"
     "f:3:22: error: unknown key `patern`; did you mean `pattern`? (known: pattern, "
     "extra, dark, after, within, needed)\n"},
    {"led_pattern", PART_PROCEDURE,
     "expect: { led: { pattern: \"blue x2, blue x1\", within: 3 s } }\n",
     "f:3:31: error: pattern `blue x2, blue x1` has one colour twice in a row: add up the counts, "
     "at character 10; write a pattern such as `blue x2, white x1`\n"},
    {"led_within_zero", PART_PROCEDURE, "expect: { led: { pattern: \"blue x2\", within: 0 s } }\n",
     "f:3:50: error: duration `0 s` is too short; write 1 ms to 1 h\n"},
    {"led_ends_before_press", PART_PROCEDURE,
     "expect: { led: { pattern: \"blue x2\", after: press-5 s, within: 5 s } }\n",
     "f:3:20: error: the window for led ends before the press begins; make `within` "
     "longer, or `after` later\n"},
    {"led_ends_before_hold", PART_PROCEDURE,
     "expect: { led: { pattern: \"blue x2\", after: release-10 s, within: 3 s } }\n",
     "f:3:20: error: the window for led ends before the press begins; make `within` "
     "longer, or `after` later\n"},
    {"led_after_itself", PART_PROCEDURE,
     "expect: { led: { pattern: \"blue x2\", after: led, within: 3 s } }\n",
     "f:3:20: error: the LED pattern cannot come after itself; count its window from "
     "press or release\n"},
    {"led_extra", PART_PROCEDURE,
     "expect: { led: { pattern: \"blue x2\", extra: [before, between], within: 3 s } }\n",
     "f:3:58: error: `extra` says where surplus flashes do not count; write before, "
     "after or both\n"},
    {"after_bad", PART_PROCEDURE,
     "expect:\n"
     "  led: { pattern: \"blue x2\", after: start, within: 3 s }\n"
     "  sound: { prompt: p, after: press+6, within: 3 s }\n"
     "  bluetooth:\n"
     "    - gone: { after: press 6 s }\n"
     "    - pairs: { after: press+2 h }\n",
     "f:4:41: error: `after: start` is not a known instant; write press, release, led, answer or "
     "wait, optionally with a time: press+6 s\n"
     "f:5:34: error: `after: press+6` has no unit; write press, release, led, answer or wait, "
     "optionally with a time: press+6 s\n"
     "f:7:26: error: `after: press 6 s` is not a known instant; write press, release, led, answer "
     "or wait, optionally with a time: press+6 s\n"
     "f:8:27: error: `after: press+2 h` is more than an hour away; write press, release, led, "
     "answer or wait, optionally with a time: press+6 s\n"},
    {"kept_beside_pairs", PART_PROCEDURE, "expect: { bluetooth: [bond_kept, pairs] }\n",
     "f:3:26: error: `pairs` deletes the old key, so `bond_kept` cannot be tested to the end; "
     "expect it in a procedure of its own\n"},
    {"kept_beside_services", PART_PROCEDURE,
     "expect: { bluetooth: [services: { has: [avrcp] }, bond_kept] }\n",
     "f:3:26: error: `services` deletes the old key, so `bond_kept` cannot be tested to the end; "
     "expect it in a procedure of its own\n"},
    {"steady_without_source", PART_PROCEDURE,
     "expect: { bluetooth: [gone: { steady_for: 20 s }] }\n",
     "f:3:27: error: `steady_for` says how long `gone` is watched, but no source says that this is "
     "enough; add `source: ` and the id of the source\n"},
    {"without_bond_bad", PART_PROCEDURE,
     "expect:\n"
     "  led: unknown\n"
     "  bluetooth: [disconnects]\n"
     "  without_bond: [led, disconnects, gone, light]\n",
     "f:6:22: error: `led` is not expected, so it cannot suffice; name what this procedure "
     "expects\n"
     "f:6:27: error: `disconnects` needs a bond; name what needs no bond, such as led\n"
     "f:6:40: error: `gone` is not expected, so it cannot suffice; name what this procedure "
     "expects\n"
     "f:6:46: error: `light` is not expected, so it cannot suffice; name what this procedure "
     "expects\n"},
    {"answer_without_question", PART_PROCEDURE,
     "expect: { bluetooth: [disconnects: { after: answer }] }\n",
     "f:3:27: error: disconnects comes after `answer`, but no step asks anything; count its window "
     "from another instant\n"},
    {"wait_beside_press", PART_PROCEDURE, "expect: { bluetooth: [disconnects: { after: wait }] }\n",
     "f:3:27: error: disconnects comes after `wait`, which is for procedures that only wait; "
     "count its window from press, release or answer\n"},
    {"led_anchor_without_led", PART_PROCEDURE,
     "expect:\n"
     "  led: unknown\n"
     "  bluetooth:\n"
     "    - disconnects: { after: led }\n",
     "f:6:11: error: disconnects comes after `led`, but no LED pattern is expected; "
     "count its window from press or release\n"},
    {"led_anchor_off", PART_PROCEDURE,
     "expect:\n"
     "  led: { pattern: off, within: 3 s }\n"
     "  sound: { prompt: p, after: led+1 s, within: 1 s }\n",
     "f:5:14: error: sound comes after `led`, but no LED pattern is expected; count "
     "its window from press or release\n"},
    {"sound_keys", PART_PROCEDURE,
     "expect:\n"
     "  sound: { within: 3 s, needed: maybe }\n",
     "f:4:14: error: key `prompt` is missing; add `prompt: ...`\n"
     "f:4:37: error: `maybe` is not a known `needed`; known: no, yes, false, true\n"},
    {"radio_word", PART_PROCEDURE, "expect: { bluetooth: [disconects, smells] }\n",
     "f:3:27: error: `disconects` is not something the radio can observe; did you mean "
     "`disconnects`?\n"
     "f:3:39: error: `smells` is not something the radio can observe; known: disconnects, "
     "discoverable, gone, bond_rejected, bond_kept, pairs, connects, services\n"},
    {"radio_twice", PART_PROCEDURE, "expect: { bluetooth: [gone, { gone: { within: 1 s } }] }\n",
     "f:3:35: error: `gone` is listed twice; expect it once\n"},
    {"radio_contradiction", PART_PROCEDURE, "expect: { bluetooth: [bond_kept, bond_rejected] }\n",
     "f:3:26: error: `bond_rejected` and `bond_kept` cannot both be expected; keep one of the "
     "two\n"},
    {"radio_item", PART_PROCEDURE, "expect: { bluetooth: [{ gone: {}, pairs: {} }, [gone]] }\n",
     "f:3:27: error: an item of `bluetooth` is one word, or one word and its window; "
     "write `disconnects: { within: 3 s }`\n"
     "f:3:52: error: an item of `bluetooth` is one word, or one word and its window; "
     "write `disconnects: { within: 3 s }`\n"},
    {"radio_not_list", PART_PROCEDURE, "expect: { bluetooth: gone }\n",
     "f:3:26: error: `bluetooth` is a single value; write a list: [a, b], or one `- a` per line\n"},
    {"retry_keys", PART_PROCEDURE, "retry: { times: -1, cooldown: 3 }\n",
     "f:3:21: error: `-1` is out of range; write 0 to 20\n"
     "f:3:35: error: duration `3` has no unit; write `3 s` or `3 ms`\n"},
    {"retry_others", PART_PROCEDURE,
     "retry: { times: 1, others: [{ cooldown: 6 min, source: forum-2024 }], cooldown: 5 min }\n",
     "f:3:33: error: it is longer than the retry's own cooldown; make the longest one the "
     "`cooldown` of the retry: that is the one used\n"},
    {"retry_others_bad", PART_PROCEDURE,
     "retry: { times: 1, cooldown: 5 min, others: [{ cooldown: 3 min }] }\n",
     "f:3:50: error: key `source` is missing; add `source: ...`\n"},
    {"advice_bad", PART_PROCEDURE, "advice: \"do not\"\n",
     "f:3:13: error: `advice` is a single value; write a list: [a, b], or one `- a` per line\n"},
    {"lists_too_long", PART_PROFILE,
     "controls:\n"
     "  power: { kind: button, max_hold: 9 s, aliases: [a0, a1, a2, a3, a4, a5, a6, "
     "a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17, a18, a19, a20, a21, a22, "
     "a23, a24, a25, a26, a27, a28, a29, a30, a31, a32] }\n"
     "  nc_ambient: { kind: button, max_hold: 9 s }\n"
     "  touch_left: { kind: touch, max_hold: 20 s }\n",
     "f:2:50: error: more than 32 aliases; leave some out\n"},
    {"effects_too_many", PART_PROCEDURE,
     "preserves: [a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, "
     "a15, a16, a17, a18, a19, a20, a21, a22, a23, a24, a25, a26, a27, a28, a29, a30, "
     "a31, a32]\n",
     "f:3:16: error: `preserves` has more than 32 items; leave some out\n"},
    {"requires_too_many", PART_PROCEDURE,
     "requires: {q0: any, q1: any, q2: any, q3: any, q4: any, q5: any, q6: any, q7: "
     "any, q8: any, q9: any, q10: any, q11: any, q12: any, q13: any, q14: any, q15: "
     "any, q16: any, q17: any, q18: any, q19: any, q20: any, q21: any, q22: any, q23: "
     "any, q24: any}\n",
     "f:3:15: error: more than 24 requirements; leave some out\n"},
    {"steps_too_many", PART_PROCEDURE,
     "steps: [wait: 1 s, wait: 1 s, wait: 1 s, wait: 1 s, wait: 1 s, wait: 1 s, wait: "
     "1 s, wait: 1 s, wait: 1 s, wait: 1 s, wait: 1 s, wait: 1 s, wait: 1 s, wait: 1 "
     "s, wait: 1 s, wait: 1 s, wait: 1 s, wait: 1 s, wait: 1 s, wait: 1 s, wait: 1 s, "
     "wait: 1 s, wait: 1 s, wait: 1 s, wait: 1 s, wait: 1 s, wait: 1 s, wait: 1 s, "
     "wait: 1 s, wait: 1 s, wait: 1 s, wait: 1 s, wait: 1 s, wait: 1 s, wait: 1 s, "
     "wait: 1 s, wait: 1 s, wait: 1 s, wait: 1 s, wait: 1 s, wait: 1 s, wait: 1 s, "
     "wait: 1 s, wait: 1 s, wait: 1 s, wait: 1 s, wait: 1 s, wait: 1 s, wait: 1 s, "
     "wait: 1 s, wait: 1 s, wait: 1 s, wait: 1 s, wait: 1 s, wait: 1 s, wait: 1 s, "
     "wait: 1 s, wait: 1 s, wait: 1 s, wait: 1 s, wait: 1 s, wait: 1 s, wait: 1 s, "
     "wait: 1 s, wait: 1 s]\n",
     "f:3:12: error: 65 steps; there must be 1 to 64; say what is pressed, and for "
     "how long\n"},
    {"many_at_once", PART_PROFILE,
     "modle: x\n"
     "controls:\n"
     "  power: { kind: button }\n"
     "procedures:\n"
     "  a:\n"
     "    kind: network\n"
     "    source: me\n"
     "    steps: [{ hold: pwr, for: 7 }]\n"
     "    expect: { led: { pattern: \"bleu x2\", within: 3 s } }\n",
     "f:1:1: error: unknown key `modle`; did you mean `model`? (known: model, family, "
     "bluetooth, sources, controls, hazards, procedures)\n"
     "f:3:10: error: key `max_hold` is missing; add `max_hold: ...`\n"
     "f:7:13: error: source `me` is not in `sources`; add it to `sources` with a "
     "sentence that says what it is\n"
     "f:8:21: error: there is no control `pwr`; known: power\n"
     "f:8:31: error: duration `7` has no unit; write `7 s` or `7 ms`\n"
     "f:9:31: error: pattern `bleu x2` needs a colour (red, green, blue, amber, magenta, cyan, "
     "white, lit), at character 1; write a pattern such as `blue x2, "
     "white x1`\n"
     "f:17:27: error: there is no control `nc_ambient`; known: power\n"
     "f:22:20: error: there is no control `touch_left`; known: power\n"},
};

/* Odd, not wrong: it loads. */
static const struct bad odd_profiles[] = {
    {"hazard_out_of_reach", PART_PROFILE,
     "hazards:\n"
     "  - { id: dfu, when: { hold: touch_left, longer_than: 25 s }, grade: bricks, "
     "risk: r, source: article-2026 }\n",
     "f:2:55: warning: this cannot happen: `max_hold` of `touch_left` is 21 s; check "
     "both numbers\n"},
    {"press_without_press", PART_PROCEDURE,
     "steps: [{ ask: now }]\n"
     "expect: { bluetooth: [connects: { after: press }] }\n",
     "f:4:27: warning: connects comes after `press`, but nothing is pressed: the end of the last "
     "step is used; write `after: answer`\n"},
    {"disconnects_too_early", PART_PROCEDURE,
     "expect:\n"
     "  led: { pattern: \"blue x2\", after: press+5 s, within: 3 s }\n"
     "  bluetooth: [disconnects: { after: press, within: 12 s }]\n",
     "f:5:18: warning: the window of `disconnects` starts 0 s after the press, but no effect is "
     "expected before 5 s: a link that drops for another reason would be taken for the effect; "
     "start the window of `disconnects` no earlier than that\n"},
    {"release_on_too_early", PART_PROCEDURE,
     "steps: [{ hold: power, for: 7 s, release_on: \"blue x2\" }]\n"
     "expect:\n"
     "  led: { pattern: \"blue x2\", after: press+5 s, within: 3 s }\n",
     "f:3:13: warning: `release_on` accepts light from the press on, but none is expected before 5 "
     "s: a similar light before that would end the hold too early; add `not_before`, set to the "
     "start of the LED's window\n"},
    {"not_before_the_end", PART_PROCEDURE,
     "steps: [{ hold: power, for: 7 s, release_on: \"blue x2\", not_before: 7 s }]\n",
     "f:3:73: warning: `not_before` is not earlier than the end of the hold: no light can end it; "
     "make it earlier than `for`\n"},
};

static void check_told(const struct bad *bad, bool loads)
{
    struct diags diags = DIAGS_INIT;
    char *document =
        bad->part == WHOLE ? strdup(bad->text) : part_document((enum part)bad->part, bad->text);
    assert_non_null(document);
    struct profile *profile = profile_load_text(&diags, "f", document, strlen(document));
    char *told = diags_text(&diags);
    if (strcmp(told, bad->told) != 0 || loads != (profile != NULL)) {
        fail_msg("%s:\n%s\ntold:\n%s\nexpected:\n%s", bad->name, document, told, bad->told);
    }
    profile_free(profile);
    free(told);
    free(document);
}

static void every_mistake_is_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad_profiles) / sizeof(bad_profiles[0]); i++) {
        check_told(&bad_profiles[i], false);
    }
}

static void oddities_are_warnings(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(odd_profiles) / sizeof(odd_profiles[0]); i++) {
        check_told(&odd_profiles[i], true);
    }
}

/* ---- good ones ------------------------------------------------------------------------------ */

static struct profile *load_good(enum part part, const char *text)
{
    struct diags diags = DIAGS_INIT;
    char *document = part_document(part, text);
    struct profile *profile = profile_load_text(&diags, "f", document, strlen(document));
    char *told = diags_text(&diags);
    assert_string_equal(told, "");
    assert_non_null(profile);
    free(told);
    free(document); /* the profile keeps nothing of it */
    return profile;
}

static void instants_without_a_press(void **state)
{
    static const struct {
        const char *steps;
        enum anchor anchor;
    } cases[] = {
        {"steps: [{ hold: [power], for: 7 s }]\n", ANCHOR_RELEASE},
        {"steps: [{ hold: [power], for: 7 s }, { ask: now }]\n", ANCHOR_RELEASE},
        {"steps: [{ ask: now }]\n", ANCHOR_ANSWER},
        {"steps: [{ ask: now }, { wait: 1 min }]\n", ANCHOR_ANSWER},
        {"steps: [{ wait: 15 min }]\n", ANCHOR_WAIT},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[300];
        snprintf(text, sizeof(text),
                 "%sexpect: { bluetooth: [bond_kept: { steady_for: 20 s, source: forum-2024 }],"
                 " led: { pattern: \"off\", within: 3 s }, without_bond: [led] }\n",
                 cases[i].steps);
        struct profile *profile = load_good(PART_PROCEDURE, text);
        const struct procedure *procedure = &profile->procedures[0];
        for (size_t e = 0; e < procedure->expect_count; e++) {
            assert_int_equal(procedure->expect[e].anchor, cases[i].anchor);
        }
        assert_true(procedure->without_bond == 1U << EXPECT_LED);
        assert_true(procedure->expect[1].steady_ns == 20 * NS_PER_S);
        assert_string_equal(procedure->expect[1].steady_source.id, "forum-2024");
        profile_free(profile);
    }
}

static void controls_have_names_and_aliases(void **state)
{
    (void)state;
    struct profile *profile = load_good(PART_PROFILE, "bluetooth: { name: HP One, le_name: LE }\n");
    assert_string_equal(profile->model, "HP-1");
    assert_string_equal(profile->family, "over-ear");
    assert_string_equal(profile->bluetooth_name, "HP One");
    assert_string_equal(profile->le_name, "LE");
    assert_string_equal(profile->path, "f");
    assert_int_equal(profile->source_count, 2);
    assert_string_equal(profile->sources[1].id, "forum-2024");
    assert_string_equal(profile->sources[1].note, "A forum thread");
    assert_int_equal(profile->control_count, 4);
    assert_int_equal(profile_control(profile, "nc_ambient"), 1);
    assert_int_equal(profile_control(profile, "Custom"), 1);
    assert_int_equal(profile_control(profile, "nose"), -1);
    assert_int_equal(profile->controls[3].kind, CONTROL_TOUCH);
    assert_int_equal(profile->controls[3].max_hold_ns, 21 * NS_PER_S);
    char text[64];
    assert_string_equal(profile_controls_text(profile, 3, text, sizeof(text)),
                        "power + nc_ambient");
    assert_string_equal(profile_controls_text(profile, 0, text, sizeof(text)), "");
    assert_int_equal(profile->hazards[1].hold, 1U << 2);
    assert_int_equal(profile->hazards[1].longer_than_ns, 15 * NS_PER_S);
    assert_int_equal(profile->hazards[1].grade, HAZARD_BRICKS);
    assert_string_equal(profile->hazards[1].source.id, "article-2026");
    profile_free(profile);
}

static void steps_are_read(void **state)
{
    (void)state;
    struct profile *profile = load_good(
        PART_PROCEDURE, "steps:\n"
                        "  - { hold: [power, custom], for: 7 s, release_on: \"blue x2\" }\n"
                        "  - { tap: touch_right, times: 5, on: 80 ms, off: 0.12 s }\n"
                        "  - { tap: touch_right, on: 80 ms }\n"
                        "  - wait: 1 min\n"
                        "  - ask: \"Done?\"\n"
                        "  - { ask: \"And the lid?\", name: lid }\n"
                        "  - { ask: \"Seen?\", name: seen, answers: [Yes, no] }\n");
    const struct procedure *procedure = &profile->procedures[0];
    const struct step *step = procedure->steps;
    assert_int_equal(procedure->step_count, 7);
    assert_int_equal(step[0].kind, STEP_HOLD);
    assert_int_equal(step[0].controls, 3);
    assert_int_equal(step[0].for_ns, 7 * NS_PER_S);
    assert_int_equal(step[0].line, 4);
    assert_true(step[0].has_release_on);
    assert_int_equal(step[0].release_on.segments[0].count, 2);
    assert_int_equal(step[1].kind, STEP_TAP);
    assert_int_equal(step[1].controls, 8);
    assert_int_equal(step[1].times, 5);
    assert_int_equal(step[1].on_ns, 80 * NS_PER_MS);
    assert_int_equal(step[1].off_ns, 120 * NS_PER_MS);
    assert_int_equal(step[2].times, 1);
    assert_false(step[2].has_release_on);
    assert_int_equal(step[3].kind, STEP_WAIT);
    assert_int_equal(step[3].for_ns, 60 * NS_PER_S);
    assert_int_equal(step[4].kind, STEP_ASK);
    assert_string_equal(step[4].ask.name, "step-5");
    assert_int_equal(step[4].ask.answer_count, 1);
    assert_string_equal(step[4].ask.answers[0], "done");
    assert_string_equal(step[5].ask.prompt, "And the lid?");
    assert_int_equal(step[5].ask.answer_count, 2);
    assert_string_equal(step[5].ask.answers[1], "closed");
    assert_string_equal(step[6].ask.answers[0], "yes");
    profile_free(profile);
}

static void requirements_are_read(void **state)
{
    (void)state;
    struct profile *profile = load_good(
        PART_PROCEDURE, "requires:\n"
                        "  power: On\n"
                        "  lid: [closed, open]\n"
                        "  battery: \">= 20.5 %\"\n"
                        "  charging: any\n"
                        "  placed: { ask: \"There?\", accept: yes }\n"
                        "  app: { ask: \"Phone app?\", answers: [open, shut], accept: [shut] }\n");
    const struct procedure *procedure = &profile->procedures[0];
    const struct requirement *requirement = procedure->requires;
    assert_int_equal(procedure->requires_count, 6);
    assert_string_equal(requirement[0].question.name, "power");
    assert_int_equal(requirement[0].line, 4);
    assert_int_equal(requirement[0].accept_count, 1);
    assert_string_equal(requirement[0].accept[0], "on");
    assert_int_equal(requirement[0].at_least_x100, -1);
    assert_int_equal(requirement[1].accept_count, 2);
    assert_string_equal(requirement[1].accept[1], "open");
    assert_int_equal(requirement[2].at_least_x100, 2050);
    assert_int_equal(requirement[2].accept_count, 0);
    assert_int_equal(requirement[3].accept_count, 0);
    assert_int_equal(requirement[3].at_least_x100, -1);
    assert_string_equal(requirement[4].question.prompt, "There?");
    assert_int_equal(requirement[4].question.answer_count, 2);
    assert_string_equal(requirement[5].question.answers[1], "shut");
    assert_string_equal(requirement[5].accept[0], "shut");
    profile_free(profile);
}

static void expectations_are_read(void **state)
{
    (void)state;
    struct profile *profile = load_good(
        PART_PROCEDURE,
        "expect:\n"
        "  bluetooth:\n"
        "    - disconnects\n"
        "    - bond_rejected: { after: led + 1.5 s, within: 12 s, needed: no }\n"
        "    - discoverable: { name: LE_HP, after: release-2 s }\n"
        "    - pairs: unknown\n"
        "  led: { pattern: \"blue x2, white x1\", after: press+5 s, within: 6 s, extra: [after] }\n"
        "  sound: unknown\n");
    const struct procedure *procedure = &profile->procedures[0];
    const struct expectation *expect = procedure->expect;
    assert_int_equal(procedure->expect_count, 6);
    assert_int_equal(expect[0].kind, EXPECT_LED);
    assert_int_equal(expect[0].line, 9);
    assert_int_equal(expect[0].anchor, ANCHOR_PRESS);
    assert_int_equal(expect[0].after_ns, 5 * NS_PER_S);
    assert_int_equal(expect[0].within_ns, 6 * NS_PER_S);
    assert_int_equal(expect[0].extra, EXTRA_AFTER);
    assert_int_equal(expect[0].pattern.count, 2);
    assert_true(expect[0].needed);
    assert_int_equal(expect[1].kind, EXPECT_SOUND);
    assert_true(expect[1].unknown);
    assert_false(expect[1].needed);
    assert_int_equal(expect[1].anchor, ANCHOR_PRESS);
    assert_int_equal(expect[1].within_ns, 17 * NS_PER_S); /* the hold, and 10 s */
    assert_int_equal(expect[2].kind, EXPECT_DISCONNECTS);
    assert_int_equal(expect[2].anchor, ANCHOR_RELEASE);
    assert_int_equal(expect[2].after_ns, 0);
    assert_int_equal(expect[2].within_ns, 5 * NS_PER_S);
    assert_int_equal(expect[3].anchor, ANCHOR_LED);
    assert_int_equal(expect[3].after_ns, 1500 * NS_PER_MS);
    assert_false(expect[3].needed);
    assert_string_equal(expect[4].name, "LE_HP");
    assert_int_equal(expect[4].after_ns, -2 * NS_PER_S);
    assert_int_equal(expect[4].within_ns, 30 * NS_PER_S);
    assert_int_equal(expect[5].kind, EXPECT_PAIRS);
    assert_true(expect[5].unknown);
    profile_free(profile);
}

static void the_rest_of_a_procedure_is_read(void **state)
{
    (void)state;
    struct profile *profile =
        load_good(PART_PROCEDURE, "kind: factory\n"
                                  "title: \"Erases everything\"\n"
                                  "source: { id: forum-2024, note: \"twice\" }\n"
                                  "preserves: [eq]\n"
                                  "intends: [becomes-factory]\n"
                                  "retry: { times: 2, cooldown: 5 min, others: [{ cooldown: "
                                  "5 min, source: article-2026 }, { cooldown: 3 min, source: { id: "
                                  "forum-2024, note: \"or so\" } }] }\n"
                                  "advice: [\"Read first.\", \"Then do.\"]\n");
    const struct procedure *procedure = &profile->procedures[0];
    assert_string_equal(procedure->name, "reset");
    assert_int_equal(procedure->line, 2);
    assert_int_equal(procedure->kind, KIND_FACTORY);
    assert_string_equal(procedure->title, "Erases everything");
    assert_string_equal(procedure->source.id, "forum-2024");
    assert_string_equal(procedure->source.note, "twice");
    assert_int_equal(procedure->preserves_count, 1);
    assert_false(procedure->preserves_unknown);
    assert_true(procedure->clears_unknown);
    assert_int_equal(procedure->intends, 1);
    assert_int_equal(procedure->retry.times, 2);
    assert_int_equal(procedure->retry.cooldown_ns, 300 * NS_PER_S);
    assert_string_equal(procedure->retry.source.id, "forum-2024"); /* the procedure's */
    assert_int_equal(procedure->retry.other_count, 2);
    assert_int_equal(procedure->retry.others[0].cooldown_ns, 300 * NS_PER_S);
    assert_string_equal(procedure->retry.others[0].source.id, "article-2026");
    assert_int_equal(procedure->retry.others[1].cooldown_ns, 180 * NS_PER_S);
    assert_string_equal(procedure->retry.others[1].source.note, "or so");
    assert_int_equal(procedure->advice_count, 2);
    assert_string_equal(procedure->advice[1], "Then do.");
    assert_ptr_equal(profile_procedure(profile, "RESET"), procedure);
    assert_null(profile_procedure(profile, "rest"));
    profile_free(profile);
}

static void the_default_is_the_least_destructive_reset(void **state)
{
    (void)state;
#define PROCEDURE(name, kind)                                                                      \
    "  " name ": { kind: " kind ", source: article-2026, steps: [{ hold: power, for: 5 s }], "     \
    "expect: { led: unknown } }\n"
    struct profile *profile =
        load_good(PART_PROFILE, "procedures:\n" PROCEDURE("s", "soft") PROCEDURE("f", "factory")
                                    PROCEDURE("n", "network") PROCEDURE("n2", "network"));
    assert_string_equal(profile_default(profile)->name, "n");
    profile_free(profile);
    profile = load_good(PART_PROFILE,
                        "procedures:\n" PROCEDURE("p", "pairing") PROCEDURE("f", "factory"));
    assert_string_equal(profile_default(profile)->name, "f");
    profile_free(profile);
    profile =
        load_good(PART_PROFILE, "procedures:\n" PROCEDURE("s", "soft") PROCEDURE("p", "pairing"));
    assert_null(profile_default(profile));
    profile_free(profile);
#undef PROCEDURE
}

static void a_missing_file_is_told(void **state)
{
    (void)state;
    struct diags diags = DIAGS_INIT;
    assert_null(profile_load(&diags, "no/such/profile.yaml"));
    assert_int_equal(diags.errors, 1);
    diags_clear(&diags);
    profile_free(NULL);
}

static void names_are_those_of_the_files(void **state)
{
    (void)state;
    assert_string_equal(profile_procedure_kind_name(KIND_PAIRING), "pairing");
    assert_string_equal(profile_hazard_grade_name(HAZARD_ERASES), "erases");
    assert_string_equal(expect_kind_name(EXPECT_BOND_REJECTED), "bond_rejected");
    assert_string_equal(profile_anchor_name(ANCHOR_LED), "led");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_mistake_is_told),
        cmocka_unit_test(oddities_are_warnings),
        cmocka_unit_test(instants_without_a_press),
        cmocka_unit_test(controls_have_names_and_aliases),
        cmocka_unit_test(steps_are_read),
        cmocka_unit_test(requirements_are_read),
        cmocka_unit_test(expectations_are_read),
        cmocka_unit_test(the_rest_of_a_procedure_is_read),
        cmocka_unit_test(the_default_is_the_least_destructive_reset),
        cmocka_unit_test(a_missing_file_is_told),
        cmocka_unit_test(names_are_those_of_the_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
