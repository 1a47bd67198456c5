/*
 * The runs that were asked for, as SQL. A statement contains only conditions that were given, and
 * exactly one of them uses its index: the one that matches the fewest runs. A unary plus keeps the
 * others off their indexes, so that the cost of a query is decided here and not by SQLite's guess.
 */
#include "rig/journal/journal_internal.h"

#include "rig/threshold/characterize.h"

#include <assert.h>
#include <string.h>

/* More runs than that are many: how many is not counted. */
enum { FEW_MAX = 20000 };
/* So few that no others are worth being counted. */
enum { FEW_ENOUGH = 100 };

enum { PARAMETER_SINCE = 9, PARAMETER_VERSION = 14 };

/* What is looked for, and how it would be found. */
struct condition {
    const char *by_index; /* NULL: it has none */
    const char *by_row;   /* of a run that was found otherwise */
    bool in_order;        /* by its index runs come in the order of their numbers */
    const char *numbers;  /* SELECT of those it is of, where by_index is that it is one of them */
};

struct conditions {
    struct condition items[16];
    size_t count;
};

static void add(struct conditions *all, bool asked, struct condition condition)
{
    if (asked) {
        assert(all->count < sizeof(all->items) / sizeof(all->items[0]));
        all->items[all->count++] = condition;
    }
}

static_assert(sizeof(CHARACTERIZE_SUFFIX) - 1 == 10, "the number in the statement");
#define IS_PRESS "substr(runs.procedure, -10) = '" CHARACTERIZE_SUFFIX "'"

static struct condition among(struct arena *arena, const char *numbers, const char *by_row)
{
    return (struct condition){.by_index = arena_printf(arena, "runs.number IN (%s)", numbers),
                              .by_row = by_row,
                              .numbers = numbers};
}

/* ---- each of them ------------------------------------------------------------------------- */

#define EQUALS(column, parameter)                                                                  \
    {                                                                                              \
        "runs." column " = " parameter " COLLATE NOCASE",                                          \
            "+runs." column " = " parameter " COLLATE NOCASE", true, NULL                          \
    }

/* "?14, ?15": so many. */
static const char *parameters(struct arena *arena, size_t count)
{
    const char *list = "";

    for (size_t i = 0; i < count; i++) {
        list = arena_printf(arena, "%s%s?%zu", list, i ? ", " : "", PARAMETER_VERSION + i);
    }
    return list;
}

static struct condition version_condition(struct arena *arena, const struct run_filter *filter)
{
    const char *list = parameters(arena, filter->version_count);
    const char *of = filter->model && filter->procedure ? " AND runs.model = ?1 COLLATE NOCASE"
                                                          " AND runs.procedure = ?2 COLLATE NOCASE"
                                                        : "";
    /* SQLite would take the index of model and procedure: nearly all runs may be of one model. */
    return among(
        arena,
        arena_printf(arena,
                     "SELECT number FROM runs INDEXED BY runs_by_firmware WHERE " JOURNAL_VERSION
                     " COLLATE NOCASE IN (%s)%s",
                     list, of),
        arena_printf(arena, "+" JOURNAL_VERSION " COLLATE NOCASE IN (%s)", list));
}

/* A firmware version of the unit's own is the one that runs are compared by. */
static const struct condition firmware = {
    JOURNAL_VERSION " = ?5 COLLATE NOCASE AND +runs.unit_firmware = ?5 COLLATE NOCASE",
    "+runs.unit_firmware = ?5 COLLATE NOCASE", false, NULL};

static struct condition model_condition(const struct run_filter *filter)
{
    static const struct condition model = {"runs.model = ?1 COLLATE NOCASE",
                                           "+runs.model = ?1 COLLATE NOCASE", false, NULL};
    static const struct condition both = {
        "runs.model = ?1 COLLATE NOCASE AND runs.procedure = ?2 COLLATE NOCASE",
        "+runs.model = ?1 COLLATE NOCASE AND +runs.procedure = ?2 COLLATE NOCASE", true, NULL};
    static const struct condition procedure = EQUALS("procedure", "?2");
    return filter->model && filter->procedure ? both : filter->model ? model : procedure;
}

#define NOT_AFTER " AND +runs.began_ns < ?10 AND NOT " JOURNAL_YOUNGER_THAN("?10")

/* When it began. What has no date may have begun at any time, but not before what its number
 * proves. */
static struct condition since_condition(struct arena *arena, const struct run_filter *filter)
{
    const char *until = filter->until_ns ? NOT_AFTER : "";
    return among(
        arena,
        arena_printf(arena,
                     "SELECT number FROM runs WHERE began_ns >= ?9%s"
                     " UNION ALL SELECT number FROM runs WHERE " JOURNAL_CLOCK_NOT_SET "%s"
                     " UNION ALL SELECT number FROM runs WHERE " JOURNAL_YOUNGER_THAN("?9") "%s",
                     until, until, until),
        arena_printf(arena,
                     "(+runs.began_ns >= ?9 OR " JOURNAL_CLOCK_NOT_SET
                     " OR " JOURNAL_YOUNGER_THAN("?9") ")%s",
                     until));
}

static struct condition until_condition(struct arena *arena)
{
    return among(
        arena, "SELECT number FROM runs WHERE began_ns < ?10 AND NOT " JOURNAL_YOUNGER_THAN("?10"),
        "+runs.began_ns < ?10 AND NOT " JOURNAL_YOUNGER_THAN("?10"));
}

static struct condition verdict_condition(struct arena *arena, unsigned verdicts)
{
    static const struct {
        unsigned bit;
        const char *state;
    } states[] = {{FILTER_INTERRUPTED, "interrupted"}, {FILTER_RUNNING, "running"}};
    const char *names = "";
    const char *without = "";
    int count = 0;

    for (int i = 0; i <= VERDICT_ERROR; i++) {
        if (verdicts & 1U << i) {
            names = arena_printf(arena, "%s%s'%s'", names, *names ? ", " : "",
                                 judge_verdict_name((enum verdict)i));
            count++;
        }
    }
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        if (verdicts & states[i].bit) {
            without =
                arena_printf(arena, "%s%s'%s'", without, *without ? ", " : "", states[i].state);
        }
    }
    /* SQLite takes a list of one for =. */
    const char *with = *names ? arena_printf(arena, "runs.verdict IN (%s)", names) : "";
    const char *none =
        *without
            ? arena_printf(arena, "runs.verdict IS NULL AND " JOURNAL_STATE " IN (%s)", without)
            : "";
    const char *either = *with && *none ? " OR " : "";
    return (struct condition){
        arena_printf(arena, "(%s%s%s)", with, either, none),
        arena_printf(arena, "(%s%s%s%s%s)", *with ? "+" : "", with, either, *none ? "+" : "", none),
        count == 1 && !*none, NULL};
}

/* In the order of which is tried first, where many runs are as each says. */
static struct conditions conditions_of(struct arena *arena, const struct run_filter *filter)
{
    struct conditions all = {.count = 0};

    add(&all, filter->unit,
        (struct condition){
            "runs.unit_id IN (SELECT id FROM units WHERE serial = ?3 COLLATE NOCASE)",
            "+runs.unit_id IN (SELECT id FROM units WHERE serial = ?3 COLLATE NOCASE)", false,
            NULL});
    add(&all, filter->batch, (struct condition)EQUALS("batch", "?6"));
    if (filter->version_count > 0) {
        add(&all, true, version_condition(arena, filter));
    }
    add(&all, filter->unit_firmware, firmware);
    if (filter->since_ns) {
        add(&all, true, since_condition(arena, filter));
    } else {
        add(&all, filter->until_ns > 0, until_condition(arena));
    }
    add(&all, filter->model || filter->procedure, model_condition(filter));
    add(&all, filter->operator_name, (struct condition)EQUALS("operator", "?7"));
    add(&all, filter->station, (struct condition)EQUALS("station", "?4"));
    if (filter->verdicts) {
        add(&all, true, verdict_condition(arena, filter->verdicts));
    }
    add(&all, filter->presses,
        among(arena, "SELECT number FROM runs WHERE " IS_PRESS, "+" IS_PRESS));
    add(&all, filter->reality == FILTER_SIMULATED,
        (struct condition){"runs.simulated = 1", "+runs.simulated = 1", true, NULL});
    /* Simulated runs go into a journal of their own: where real ones are, most are. */
    add(&all, filter->reality == FILTER_REAL,
        (struct condition){NULL, "runs.simulated = 0", true, NULL});
    return all;
}

/* ---- which of them ------------------------------------------------------------------------ */

/* How many runs are as it says, up to `most`. -1 after an error. */
static int64_t count_few(sqlite3 *db, struct arena *arena, const struct run_filter *filter,
                         const struct condition *condition, int64_t most)
{
    const char *which = condition->numbers ? condition->numbers
                                           : arena_printf(arena, "SELECT 1 FROM runs WHERE %s",
                                                          condition->by_index);
    sqlite3_stmt *statement = journal_prepare(
        db, arena_printf(arena, "SELECT count(*) FROM (%s LIMIT %lld)", which, (long long)most));
    int64_t count = -1;

    if (statement) {
        journal_bind_filter(statement, filter);
        count = sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : -1;
    }
    sqlite3_finalize(statement);
    return count;
}

/* The one by whose index the runs are found; NULL: by their numbers, newest first. */
static const struct condition *choose(sqlite3 *db, struct arena *arena,
                                      const struct run_filter *filter, const struct conditions *all)
{
    const struct condition *found = NULL;
    int64_t least = FEW_MAX;

    for (size_t i = 0; i < all->count && least >= FEW_ENOUGH; i++) {
        const struct condition *condition = &all->items[i];
        int64_t count = condition->by_index ? count_few(db, arena, filter, condition, least) : -1;
        if (count >= 0 && count < least) {
            least = count;
            found = condition;
        }
    }
    /* Many, whichever it is. The latest of them are soon found from the end. */
    for (size_t i = 0; i < all->count && !found; i++) {
        const struct condition *condition = &all->items[i];
        if (condition->by_index && (condition->in_order || filter->limit == 0)) {
            found = condition;
        }
    }
    return found;
}

const char *journal_filter_sql(sqlite3 *db, struct arena *arena, const struct run_filter *filter)
{
    struct conditions all = conditions_of(arena, filter);
    const struct condition *by_index = choose(db, arena, filter, &all);
    const char *sql = "";

    for (size_t i = 0; i < all.count; i++) {
        const struct condition *condition = &all.items[i];
        sql = arena_printf(arena, "%s%s%s", sql, i ? " AND " : " WHERE ",
                           condition == by_index ? condition->by_index : condition->by_row);
    }
    return all.count ? sql : " WHERE 1";
}

void journal_bind_filter(sqlite3_stmt *statement, const struct run_filter *filter)
{
    const char *const texts[] = {filter->model,        filter->procedure,     filter->unit,
                                 filter->station,      filter->unit_firmware, filter->batch,
                                 filter->operator_name};
    const int64_t times_ns[] = {filter->since_ns, filter->until_ns};
    int room = sqlite3_bind_parameter_count(statement);

    /* Conditions that were not given are left out. */
    for (int i = 0; i < (int)(sizeof(texts) / sizeof(texts[0])) && i < room; i++) {
        sqlite3_bind_text(statement, i + 1, texts[i], -1, SQLITE_TRANSIENT);
    }
    for (int i = 0; i < 2 && PARAMETER_SINCE + i <= room; i++) {
        sqlite3_bind_int64(statement, PARAMETER_SINCE + i, times_ns[i]);
    }
    for (int i = 0; i < (int)filter->version_count && PARAMETER_VERSION + i <= room; i++) {
        sqlite3_bind_text(statement, PARAMETER_VERSION + i, filter->versions[i], -1,
                          SQLITE_TRANSIENT);
    }
}
