#include "view/chart.h"

#include <string.h>

#include "view/escape.h"
#include "view/locale.h"

/* The plot within the picture: above it is room for the highest number, below it for the labels. */
enum { PLOT_TOP = 8, PLOT_PERCENT = 80, GRID_LINES = 3, BAR_PERCENT = 80 };

/* Returns the step of the scale: 1, 2 or 5 times a power of ten, at most GRID_LINES up to `most`.
 */
static int64_t scale_step(int64_t most)
{
    static const int64_t factors[] = {1, 2, 5};
    for (int64_t power = 1;; power *= 10) {
        for (size_t i = 0; i < sizeof factors / sizeof *factors; i++) {
            if (factors[i] * power * GRID_LINES >= most)
                return factors[i] * power;
        }
    }
}

static int64_t greatest(const struct chart *chart)
{
    int64_t most = 1;
    for (size_t i = 0; i < chart->count; i++) {
        most = chart->bars[i].value > most ? chart->bars[i].value : most;
        most = chart->bars[i].before > most ? chart->bars[i].before : most;
    }
    return most;
}

static void begin(const char *kind, const char *text, struct buffer *out)
{
    buffer_printf(
        out, "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"%s\" role=\"img\" aria-label=\"",
        kind);
    escape_html(out, text, strlen(text));
    buffer_add_text(out, "\">");
}

static double share(int64_t value, int64_t of)
{
    return of > 0 ? 100.0 * (double)value / (double)of : 0;
}

/* Where a value is in the whole picture. */
static double height_of(int64_t value, int64_t top)
{
    return PLOT_TOP + PLOT_PERCENT * (1 - share(value, top) / 100);
}

static void add_lines(int64_t step, int64_t top, struct buffer *out)
{
    for (int64_t at = 0; at <= top; at += step) {
        double y = height_of(at, top);
        buffer_printf(
            out, "<line class=\"chart-line\" x1=\"0\" x2=\"100%%\" y1=\"%.2f%%\" y2=\"%.2f%%\"/>",
            y, y);
    }
}

/* After the bars, which may reach behind the numbers. */
static void add_numbers(const struct chart *chart, int64_t step, int64_t top, struct buffer *out)
{
    for (int64_t at = step; at <= top; at += step) {
        buffer_printf(out, "<text x=\"0\" y=\"%.2f%%\" dy=\"-0.3em\">", height_of(at, top));
        locale_format_number(chart->locale, at, out);
        buffer_add_text(out, "</text>");
    }
}

static void add_bar(const struct chart_bar *bar, double x, double width, int64_t top,
                    struct buffer *out)
{
    if (bar->value > 0) {
        buffer_printf(out,
                      "<rect class=\"chart-bar\" x=\"%.2f%%\" y=\"%.2f%%\" width=\"%.2f%%\" "
                      "height=\"%.2f%%\">",
                      x + width * (100 - BAR_PERCENT) / 200, height_of(bar->value, top),
                      width * BAR_PERCENT / 100, share(bar->value, top) * PLOT_PERCENT / 100);
        if (bar->title) {
            buffer_add_text(out, "<title>");
            escape_html(out, bar->title, strlen(bar->title));
            buffer_add_text(out, "</title>");
        }
        buffer_add_text(out, "</rect>");
    }
    if (bar->before > 0)
        buffer_printf(out,
                      "<line class=\"chart-before\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"%.2f%%\" "
                      "y2=\"%.2f%%\"/>",
                      x, x + width, height_of(bar->before, top), height_of(bar->before, top));
}

static void add_label(const struct chart_bar *bar, double x, struct buffer *out)
{
    if (!bar->label)
        return;
    buffer_printf(out, "<text x=\"%.2f%%\" y=\"100%%\" dy=\"-0.3em\" text-anchor=\"%s\">", x,
                  x < 4    ? "start"
                  : x > 94 ? "end"
                           : "middle");
    escape_html(out, bar->label, strlen(bar->label));
    buffer_add_text(out, "</text>");
}

void chart_bars(const struct chart *chart, struct buffer *out)
{
    int64_t most = greatest(chart), step = scale_step(most);
    int64_t top = (most + step - 1) / step * step;
    double width = chart->count > 0 ? 100.0 / (double)chart->count : 100;
    begin("chart", chart->text, out);
    add_lines(step, top, out);
    for (size_t i = 0; i < chart->count; i++) {
        add_bar(&chart->bars[i], width * (double)i, width, top, out);
        add_label(&chart->bars[i], width * (double)i, out);
    }
    add_numbers(chart, step, top, out);
    buffer_add_text(out, "</svg>");
}

static void add_part(const char *kind, int64_t value, int64_t most, struct buffer *out)
{
    buffer_printf(out, "<rect class=\"meter-%s\" width=\"%.2f%%\" height=\"100%%\"/>", kind,
                  share(value, most));
}

void chart_meter(const struct chart_meter *meter, struct buffer *out)
{
    int64_t most = meter->expected > meter->came ? meter->expected : meter->came;
    most = meter->capacity > most ? meter->capacity : most;
    begin("meter", meter->text, out);
    add_part("expected", meter->expected, most, out);
    add_part("came", meter->came, most, out);
    add_part("inside", meter->inside, most, out);
    if (meter->capacity >= 0)
        buffer_printf(out,
                      "<line class=\"meter-capacity\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"0\" "
                      "y2=\"100%%\"/>",
                      share(meter->capacity, most), share(meter->capacity, most));
    buffer_add_text(out, "</svg>");
}
