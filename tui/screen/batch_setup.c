/* Sets up a batch, once model and procedure are chosen: finds the stations that can run it, and
 * asks the questions that are answered once for all units. */
#include "tui/screen/batch_view.h"

#include "tui/screen/keybar.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* Can this station run it? Reasons against it are added to `diags`. */
static bool can_run(const struct app *app, size_t station, const struct profile *profile,
                    const struct procedure *procedure, struct diags *diags)
{
    struct plan_choices none = {0};
    struct plan *plan = plan_make(diags, profile, procedure, app->setup->bench,
                                  session_station(app->sessions[station]), &none, NULL);
    plan_free(plan);
    return plan != NULL;
}

/* Does the batch have a station where only a person can answer this? */
static bool needs_person(const struct app *app, const char *question)
{
    for (size_t i = 0; i < batch_view(app)->setup.session_count; i++) {
        if (bench_station_question_input(session_station(batch_view(app)->on[i]), question) < 0) {
            return true;
        }
    }
    return false;
}

static void give(struct app *app, const char *name, const char *value)
{
    struct batch_view *view = batch_view(app);
    if (view->answer_count == SESSION_ANSWERS_MAX) {
        return;
    }
    size_t i = view->answer_count++;
    snprintf(view->answers[i], sizeof(view->answers[i]), "%s", value);
    view->answer_names[i] = name;
    view->answer_values[i] = view->answers[i];
}

static void begin(struct app *app)
{
    struct batch_view *view = batch_view(app);
    struct batch_bays_setup *setup = &view->setup;
    struct tm when;
    time_t now = time(NULL);
    char date[32] = "";

    if (localtime_r(&now, &when)) {
        strftime(date, sizeof(date), "%Y-%m-%d %H:%M", &when);
    }
    snprintf(view->name, sizeof(view->name), "%s %s %s", date, setup->profile->model,
             setup->procedure->name);
    setup->sessions = view->on;
    setup->name = view->name;
    setup->journal = app->setup->journal;
    setup->retry = setup->procedure->retry.times > 0;
    setup->rate = app->setup->rate;
    setup->answer_names = view->answer_names;
    setup->answer_values = view->answer_values;
    setup->answer_count = view->answer_count;
    for (size_t i = 0; i < setup->session_count; i++) {
        if (session_state(view->on[i]) == SESSION_OVER) {
            session_dismiss(view->on[i]);
        }
    }
    view->sessions = batch_bays_new(setup);
    snprintf(view->told, sizeof(view->told), "Scan the first unit's serial number.");
    view->told_ink = PAINT_STRONG;
    app->depth = 1;
    app_go(app, SCREEN_BATCH);
}

static void ask_next(struct app *app);

static void answered(struct app *app, char key, const char *input)
{
    struct batch_view *view = batch_view(app);
    const struct requirement *requirement = &view->setup.procedure->requires[view->question];
    struct key typed = {.code = KEY_CODE_CHAR, .ch = (uint32_t)key};
    char answer[ANSWER_TEXT_MAX];
    (void)input;
    if (key == 0) {
        return;
    }
    if (key != 'z' && keybar_answer(answer, &requirement->question, &typed)) {
        give(app, requirement->question.name, answer);
    }
    view->question++;
    ask_next(app);
}

/* Questions without an input are answered now for all units, or asked for each. */
static void ask_next(struct app *app)
{
    struct batch_view *view = batch_view(app);
    const struct procedure *procedure = view->setup.procedure;
    for (; view->question < procedure->requires_count; view->question++) {
        const struct question *question = &procedure->requires[view->question].question;
        char text[1024];
        char answers[256];
        char keys[16] = "";
        if (app->setup->bench->simulated || !needs_person(app, question->name)) {
            continue;
        }
        /* The second scan of each unit says that it is in place. */
        if (strcmp(question->name, "placed") == 0) {
            give(app, question->name, "yes");
            continue;
        }
        if (question->answer_count == 0) {
            snprintf(keys, sizeof(keys), "0123456789z");
        }
        for (size_t i = 0; i < question->answer_count; i++) {
            keys[i] = keybar_answer_key(question, i);
            keys[i + 1] = 'z';
        }
        snprintf(text, sizeof(text),
                 "%s\nOne answer for every unit of this batch; each record will say that it was "
                 "given in advance:\n%s   z ask for each unit",
                 question->prompt, keybar_answers(answers, sizeof(answers), question));
        app_ask(app, question->name, text, keys, answered);
        return;
    }
    begin(app);
}

void batch_choose(struct app *app, const struct profile *profile, const struct procedure *procedure)
{
    struct batch_view *view = batch_view(app);
    struct diags diags = DIAGS_INIT;

    if (app_running(app) > 0) {
        app_say(app, PAINT_DOUBT, "wait until no unit is running, then start the batch");
        return;
    }
    *view = (struct batch_view){0};
    view->setup.profile = profile;
    view->setup.procedure = procedure;
    for (size_t i = 0; i < app->session_count; i++) {
        if (can_run(app, i, profile, procedure, &diags)) {
            view->on[view->setup.session_count++] = app->sessions[i];
        }
    }
    if (view->setup.session_count == 0) {
        diag_error(&diags, place_of(procedure->name),
                   "choose another procedure; one that crosses a hazard is run unit by unit",
                   "no station of this bench can run it as a batch");
        app_tell(app, "No batch", &diags);
        return;
    }
    diags_clear(&diags);
    ask_next(app);
}
