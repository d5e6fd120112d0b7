#include "event/arrivals_view.h"

#include "base/clock.h"
#include "base/memory.h"
#include "view/chart.h"
#include "view/locale.h"

enum {
    STEPS_MOST = 24 * 3600 / ARRIVALS_STEP_S, /* a day */
    MARGIN_STEPS = 6,                         /* before and after the start */
    LABELS_MOST = 7,
};

static const int64_t step_us = ARRIVALS_STEP_S * CLOCK_SECOND_US;

/* The steps of a chart; 0 is the first one. */
struct steps {
    int64_t first_us; /* when step 0 begins */
    int count;
    int64_t people[STEPS_MOST], before[STEPS_MOST];
};

/* A time as a number of steps from the start of its day. */
static int64_t steps_from(int64_t at_us, const struct arrivals_day *day)
{
    int64_t from_us = at_us - day->reference_at_us;
    return from_us >= 0 ? from_us / step_us : -((-from_us + step_us - 1) / step_us);
}

static void widen(const struct arrivals_day *day, int64_t *first, int64_t *last)
{
    const json_t *step;
    size_t i;
    json_array_foreach (json_object_get(day->arrivals, "steps"), i, step) {
        int64_t at = steps_from(json_integer_value(json_object_get(step, "at_us")), day);
        *first = at < *first ? at : *first;
        *last = at > *last ? at : *last;
    }
}

static void fill(const struct arrivals_day *day, int64_t first, int count, int64_t *ret_people)
{
    const json_t *step;
    size_t i;
    json_array_foreach (json_object_get(day->arrivals, "steps"), i, step) {
        int64_t at = steps_from(json_integer_value(json_object_get(step, "at_us")), day) - first;
        if (at >= 0 && at < count)
            ret_people[at] += json_integer_value(json_object_get(step, "people"));
    }
}

static void lay_out(const struct arrivals_view *view, struct steps *ret_steps)
{
    int64_t first = -MARGIN_STEPS, last = MARGIN_STEPS - 1;
    widen(&view->day, &first, &last);
    widen(&view->before, &first, &last);
    int64_t until = view->until_us ? steps_from(view->until_us, &view->day) : last;
    last = until > last ? until : last;
    if (last - first >= STEPS_MOST)
        first = last - STEPS_MOST + 1;
    ret_steps->first_us = view->day.reference_at_us + first * step_us;
    ret_steps->count = (int)(last - first + 1);
    fill(&view->day, first, ret_steps->count, ret_steps->people);
    fill(&view->before, first, ret_steps->count, ret_steps->before);
}

static json_t *clock_of(const struct arrivals_view *view, int64_t at_us)
{
    char text[CLOCK_TEXT_BYTES];
    clock_format_local(at_us, view->utc_offset_s, false, text);
    return json_string(text);
}

static const char *label_of(const struct arrivals_view *view, int64_t at_us, struct arena *arena)
{
    char text[CLOCK_TEXT_BYTES];
    struct buffer label;
    buffer_init(&label);
    clock_format_local(at_us, view->utc_offset_s, false, text);
    locale_format_local(view->locale, text, LOCALE_CLOCK, &label);
    const char *copy = arena_copy(arena, buffer_text(&label));
    buffer_finish(&label);
    return copy;
}

/* Returns the time between two labels, so that there are at most LABELS_MOST. */
static int64_t label_every_us(int count)
{
    static const int minutes[] = {15, 30, 60, 120, 240};
    size_t i = 0;
    while (i < sizeof minutes / sizeof *minutes - 1 &&
           count * ARRIVALS_STEP_S > minutes[i] * 60 * LABELS_MOST)
        i++;
    return minutes[i] * 60 * CLOCK_SECOND_US;
}

static json_t *row_json(const struct arrivals_view *view, const struct steps *steps, int i)
{
    int64_t from_us = steps->first_us + i * step_us;
    json_t *row =
        json_pack("{s:o, s:o, s:I}", "from", clock_of(view, from_us), "until",
                  clock_of(view, from_us + step_us), "people", (json_int_t)steps->people[i]);
    if (view->before.arrivals)
        json_object_set_new(row, "before", json_integer(steps->before[i]));
    return row;
}

static json_t *rows_json(const struct arrivals_view *view, const struct steps *steps)
{
    json_t *rows = json_array();
    for (int i = 0; i < steps->count; i++) {
        if (steps->people[i] > 0 || steps->before[i] > 0)
            json_array_append_new(rows, row_json(view, steps, i));
    }
    return rows;
}

/* Says when most people came. */
static void describe(const struct arrivals_view *view, const struct steps *steps,
                     struct buffer *out)
{
    int most = 0;
    for (int i = 1; i < steps->count; i++)
        most = steps->people[i] > steps->people[most] ? i : most;
    json_t *data = row_json(view, steps, most);
    bool none = steps->people[most] == 0;
    locale_text(view->locale, none ? "arrivals.none" : "arrivals.chart", data, out);
    json_decref(data);
}

static json_t *svg_of(const struct arrivals_view *view, const struct steps *steps)
{
    struct arena arena;
    struct buffer text, svg;
    arena_init(&arena);
    buffer_init(&text);
    buffer_init(&svg);
    struct chart_bar *bars = arena_alloc(&arena, (size_t)steps->count * sizeof *bars);
    int64_t every_us = label_every_us(steps->count);
    for (int i = 0; i < steps->count; i++) {
        int64_t at_us = steps->first_us + i * step_us;
        int64_t local_us = at_us + view->utc_offset_s * CLOCK_SECOND_US;
        const char *label = local_us % every_us == 0 ? label_of(view, at_us, &arena) : NULL;
        bars[i] = (struct chart_bar){.value = steps->people[i],
                                     .before = steps->before[i],
                                     .label = label,
                                     .title = steps->people[i] == 0
                                                  ? NULL
                                                  : arena_printf(&arena, "%s: %lld",
                                                                 label_of(view, at_us, &arena),
                                                                 (long long)steps->people[i])};
    }
    describe(view, steps, &text);
    chart_bars(&(struct chart){.text = buffer_text(&text),
                               .bars = bars,
                               .count = (size_t)steps->count,
                               .locale = view->locale},
               &svg);
    json_t *json = json_string(buffer_text(&svg));
    buffer_finish(&text);
    buffer_finish(&svg);
    arena_finish(&arena);
    return json;
}

json_t *arrivals_view_json(const struct arrivals_view *view)
{
    struct steps *steps = memory_alloc(sizeof *steps);
    lay_out(view, steps);
    json_t *json = json_pack("{s:o, s:o, s:b}", "svg", svg_of(view, steps), "rows",
                             rows_json(view, steps), "compares", view->before.arrivals != NULL);
    free(steps);
    return json;
}
