#include "tui/screen/screens.h"

#include "tui/screen/screen.h"

#define SCREEN_EXTERN(NUMBER, name) extern const struct screen scr_##name;
SCREENS(SCREEN_EXTERN)

#define SCREEN_ENTRY(NUMBER, name) [SCREEN_##NUMBER] = &scr_##name,
const struct screen *const screens[SCREEN_COUNT] = {SCREENS(SCREEN_ENTRY)};
