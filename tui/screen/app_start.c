/* From a choice (model, procedure, unit) to a run: shows why a plan is refused; if a single hazard
 * is the only reason, it can be accepted by name for this run. */
#include "tui/screen/batch_view.h"

#include "rig/base/units.h"

#include <stdio.h>
#include <string.h>

static void hazard_named(struct app *app, char key, const char *input);

/* The hazard that is the only reason against the plan; NULL if there are other reasons. */
static const struct hazard *missing_hazard(struct app *app)
{
    const struct choice *choice = &app->choice;
    const struct profile *profile = choice->profile;
    const struct session *session = app->sessions[app->station];
    const char *all[PROFILE_HAZARDS_MAX];
    const struct hazard *missing = NULL;
    struct diags diags = DIAGS_INIT;

    for (size_t i = 0; i < profile->hazard_count; i++) {
        all[i] = profile->hazards[i].id;
    }
    struct plan_choices choices = {.accept_hazards = all, .accept_count = profile->hazard_count};
    struct plan *plan = plan_make(&diags, profile, choice->procedure, app->setup->bench,
                                  session_station(session), &choices, NULL);
    for (size_t i = 0; plan && i < plan->accepted_count && !missing; i++) {
        bool named = false;
        for (size_t a = 0; a < choice->accept_count; a++) {
            named = named || strcmp(choice->accept[a], plan->accepted[i]) == 0;
        }
        for (size_t h = 0; !named && h < profile->hazard_count; h++) {
            if (strcmp(profile->hazards[h].id, plan->accepted[i]) == 0) {
                missing = &profile->hazards[h];
            }
        }
    }
    plan_free(plan);
    diags_clear(&diags);
    return missing;
}

static void ask_hazard(struct app *app, const struct hazard *hazard)
{
    char text[1024];
    char title[APP_TEXT_MAX];
    snprintf(title, sizeof(title), "Hazard: %s", hazard->id);
    snprintf(text, sizeof(text),
             "%s %s crosses a hazard (%s): %s [%s].\n"
             "To run it anyway, once, type the hazard's name, %s, and press Enter; the record will "
             "say so. Esc cancels.",
             app->choice.profile->model, app->choice.procedure->name,
             profile_hazard_grade_name(hazard->grade), hazard->risk, hazard->source.id, hazard->id);
    app_ask_field(app, title, text, "", hazard_named);
}

static void hazard_named(struct app *app, char key, const char *input)
{
    const struct hazard *hazard = missing_hazard(app);
    if (key == 0 || !input || !hazard) {
        return;
    }
    if (strcmp(input, hazard->id) != 0 || app->choice.accept_count == APP_ACCEPT_MAX) {
        app_say(app, PAINT_BAD, "`%s` is not the hazard's name: nothing was run", input);
        return;
    }
    app->choice.accept[app->choice.accept_count++] = hazard->id;
    app_start(app);
}

bool app_choose_unit(struct app *app, const char *serial)
{
    char unit[BATCH_SERIAL_MAX] = "";
    if (serial[0] && !batch_serial(unit, serial)) {
        app_say(app, PAINT_BAD, "`%s` is not a serial number: nothing was run", serial);
        app_bell(app);
        return false;
    }
    snprintf(app->choice.unit, sizeof(app->choice.unit), "%s", unit);
    return true;
}

void app_start(struct app *app)
{
    struct choice *choice = &app->choice;
    struct session *session = app->sessions[app->station];
    struct diags diags = DIAGS_INIT;
    struct session_order order = {
        .profile = choice->profile,
        .procedure = choice->procedure,
        .unit = choice->unit[0] ? choice->unit : NULL,
        .accept_hazards = choice->accept,
        .accept_count = choice->accept_count,
        .attempt = 1,
    };
    const struct hazard *hazard = missing_hazard(app);

    if (batch_is_open(app)) {
        app_say(app, PAINT_DOUBT, "a batch is running: scan the unit there, or end the batch");
        return;
    }
    if (hazard) {
        ask_hazard(app, hazard);
        return;
    }
    if (session_start(session, &order, &diags) != 0) {
        app_tell(app, "Not run: nothing was pressed", &diags);
        return;
    }
    diags_clear(&diags);
    app_go(app, SCREEN_RUN);
}
