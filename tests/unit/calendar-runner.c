/*
 * Writes calendar files for tests/wire/calendar.test.js: a JSON array of events on standard input,
 * their members named as in view/calendar.h and their times in RFC 3339; the array of their files
 * on standard output.
 */
#include <jansson.h>

#include "base/clock.h"
#include "view/calendar.h"

static const char *text(const json_t *event, const char *name)
{
    return json_string_value(json_object_get(event, name));
}

static int number(const json_t *event, const char *name)
{
    return (int)json_integer_value(json_object_get(event, name));
}

static int64_t at(const json_t *event, const char *name)
{
    int64_t at_us = 0;
    if (text(event, name) && !clock_parse(text(event, name), &at_us))
        exit(1);
    return at_us;
}

static json_t *write_file(const json_t *event)
{
    struct buffer out;
    buffer_init(&out);
    calendar_write(
        &(struct calendar_event){
            .method =
                json_is_true(json_object_get(event, "cancel")) ? CALENDAR_CANCEL : CALENDAR_PUBLISH,
            .uid = text(event, "uid"),
            .sequence = number(event, "sequence"),
            .language = text(event, "language"),
            .summary = text(event, "summary"),
            .description = text(event, "description"),
            .location = text(event, "location"),
            .url = text(event, "url"),
            .organiser = text(event, "organiser"),
            .organiser_uri = text(event, "organiser_uri"),
            .timezone = text(event, "timezone"),
            .starts_at_us = at(event, "starts_at"),
            .ends_at_us = at(event, "ends_at"),
            .stamp_us = at(event, "stamp"),
            .changed_us = at(event, "changed"),
            .remind_minutes = number(event, "remind_minutes"),
        },
        &out);
    json_t *file = json_stringn(out.bytes, out.length);
    buffer_finish(&out);
    return file;
}

int main(void)
{
    size_t i;
    json_t *event, *events = json_loadf(stdin, 0, NULL), *files = json_array();
    json_array_foreach (events, i, event)
        json_array_append_new(files, write_file(event));
    json_dumpf(files, stdout, 0);
    json_decref(files);
    json_decref(events);
    return 0;
}
