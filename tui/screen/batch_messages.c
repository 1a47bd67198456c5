/* A batch's messages to the operator: the line above the scan field, and the bell. */
#include "tui/screen/batch_view.h"

#include "tui/screen/paint_verdict.h"

#include <stdarg.h>
#include <stdio.h>

static void tell(struct app *app, enum paint_ink ink, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void tell(struct app *app, enum paint_ink ink, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(batch_view(app)->told, sizeof(batch_view(app)->told), fmt, args);
    va_end(args);
    batch_view(app)->told_ink = ink;
    app->dirty = true;
}

static const char *station_name(const struct app *app, int station)
{
    return station >= 0 ? session_station(batch_view(app)->on[station])->name : "?";
}

static void tell_verdict(struct app *app, const struct batch_bays_event *event,
                         const struct batch_unit *unit)
{
    if (!unit) {
        return;
    }
    app_bell(app);
    if (unit->verdict != VERDICT_PASS) {
        app_bell(app);
    }
    tell(app, event->text[0] ? PAINT_DOUBT : paint_verdict_ink(unit->verdict),
         "%s on station %s: %s%s%s", unit->serial, station_name(app, event->station),
         paint_verdict_word(unit->verdict), event->text[0] ? "; " : "", event->text);
}

/* No event reports that a unit was taken out; the stage shows it. */
static void look_at_stages(struct app *app)
{
    struct batch_view *view = batch_view(app);
    const struct batch *batch = batch_bays_batch(view->sessions);
    for (size_t i = 0; i < view->setup.session_count; i++) {
        enum batch_stage stage = batch_stage(batch, (int)i);
        app->dirty = app->dirty || stage != view->stages[i];
        view->stages[i] = stage;
    }
}

void batch_events(struct app *app)
{
    look_at_stages(app);
    struct batch *batch = batch_bays_batch(batch_view(app)->sessions);
    struct batch_bays_event event;
    while (batch_bays_event(batch_view(app)->sessions, &event)) {
        const struct batch_unit *unit =
            event.unit == BATCH_NO_UNIT ? NULL : batch_unit(batch, event.unit);
        const char *station = station_name(app, event.station);
        /* A unit that was not scanned. */
        const char *serial = unit ? unit->serial : "the unit";
        switch (event.kind) {
        case BATCH_TELL_PLACE:
            tell(app, PAINT_STRONG, "%s: put it in station %s", serial, station);
            break;
        case BATCH_TELL_STARTED:
            tell(app, PAINT_PLAIN, "%s runs on station %s", serial, station);
            break;
        case BATCH_TELL_VERDICT:
            tell_verdict(app, &event, unit);
            break;
        case BATCH_TELL_COOLDOWN:
            tell(app, PAINT_DOUBT, "%s on station %s failed; it rests there and will be retried",
                 serial, station);
            break;
        case BATCH_TELL_TAKE_OUT:
            tell(app, PAINT_STRONG, "station %s: take %s out", station, unit ? serial : "the unit");
            break;
        case BATCH_TELL_AGAIN:
            app_bell(app);
            tell(app, PAINT_DOUBT, "%s was run before", serial);
            break;
        case BATCH_TELL_REFUSED:
        case BATCH_TELL_OUT:
            app_bell(app);
            tell(app, PAINT_BAD, "station %s: %s", station, event.text);
            break;
        case BATCH_TELL_IN:
            tell(app, PAINT_PLAIN, "station %s works again", station);
            break;
        }
    }
}
