#include "tui/screen/paint_verdict.h"

enum paint_ink paint_verdict_ink(enum verdict verdict)
{
    return verdict == VERDICT_PASS                               ? PAINT_GOOD
           : verdict == VERDICT_FAIL || verdict == VERDICT_ERROR ? PAINT_BAD
                                                                 : PAINT_DOUBT;
}

enum paint_ink paint_verdict_field(enum verdict verdict)
{
    return verdict == VERDICT_PASS                               ? PAINT_GOOD_FIELD
           : verdict == VERDICT_FAIL || verdict == VERDICT_ERROR ? PAINT_BAD_FIELD
                                                                 : PAINT_DOUBT_FIELD;
}

enum paint_ink paint_result_ink(enum expect_result result)
{
    static const enum paint_ink inks[] = {
        [RESULT_PASS] = PAINT_GOOD,          [RESULT_FAIL] = PAINT_BAD,
        [RESULT_INCONCLUSIVE] = PAINT_DOUBT, [RESULT_RECORDED] = PAINT_PLAIN,
        [RESULT_PENDING] = PAINT_FAINT,
    };
    return inks[result];
}

enum paint_symbol paint_result_symbol(enum expect_result result)
{
    static const enum paint_symbol marks[] = {
        [RESULT_PASS] = SYMBOL_PASS,          [RESULT_FAIL] = SYMBOL_FAIL,
        [RESULT_INCONCLUSIVE] = SYMBOL_DOUBT, [RESULT_RECORDED] = SYMBOL_DOT,
        [RESULT_PENDING] = SYMBOL_PENDING,
    };
    return marks[result];
}

const char *paint_verdict_word(enum verdict verdict)
{
    static const char *const words[] = {
        [VERDICT_PASS] = "PASS",
        [VERDICT_FAIL] = "FAIL",
        [VERDICT_INCONCLUSIVE] = "INCONCLUSIVE",
        [VERDICT_ABORTED] = "ABORTED",
        [VERDICT_ERROR] = "ERROR",
    };
    return words[verdict];
}
