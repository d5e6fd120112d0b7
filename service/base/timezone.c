#include "base/timezone.h"

#include <ctype.h>

#include "base/clock.h"
#include "base/memory.h"

#define DIRECTORY "/usr/share/zoneinfo"

enum {
    FILE_MOST_BYTES = 256 * 1024,
    HEADER_BYTES = 44,
    TYPE_BYTES = 6,
    OLD_TIME_BYTES = 4, /* in the first block, which holds version 1 data */
    TIME_BYTES = 8,
};

/* The parts of the file's second block, RFC 8536 section 3.2. */
struct timezone {
    struct buffer file;
    const unsigned char *times, *kinds, *types;
    const char *names;
    size_t time_count, type_count, name_bytes;
    bool goes_on; /* a rule continues the table; this module does not read it */
};

/* The counts of a header in file order. */
struct counts {
    size_t is_utc, is_standard, leap, time, type, name;
};

static uint64_t read_big(const unsigned char *at, size_t bytes)
{
    uint64_t number = 0;
    for (size_t i = 0; i < bytes; i++)
        number = number << 8 | at[i];
    return number;
}

static bool is_name(const char *name)
{
    size_t length = strlen(name);
    if (length == 0 || length > TIMEZONE_NAME_MOST || *name == '/' || strstr(name, ".."))
        return false;
    for (const char *at = name; *at; at++)
        if (!isalnum((unsigned char)*at) && !strchr("/_+-", *at))
            return false;
    return true;
}

/* The areas of the IANA database that hold places. */
static bool is_place(const char *name)
{
    static const char *const areas[] = {"Africa/", "America/",  "Antarctica/", "Arctic/",
                                        "Asia/",   "Atlantic/", "Australia/",  "Europe/",
                                        "Indian/", "Pacific/"};
    for (size_t i = 0; i < sizeof areas / sizeof *areas; i++)
        if (strncmp(name, areas[i], strlen(areas[i])) == 0)
            return true;
    return strcmp(name, "UTC") == 0;
}

static bool read_file(const char *name, struct buffer *out)
{
    char path[sizeof DIRECTORY + 1 + TIMEZONE_NAME_MOST];
    snprintf(path, sizeof path, "%s/%s", DIRECTORY, name);
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    char *room = buffer_reserve(out, FILE_MOST_BYTES);
    out->length = fread(room, 1, FILE_MOST_BYTES, file);
    fclose(file);
    room[out->length] = '\0';
    return out->length > 0;
}

static bool read_header(const struct buffer *file, size_t at, struct counts *ret_counts)
{
    const unsigned char *header = (const unsigned char *)file->bytes + at;
    if (at + HEADER_BYTES > file->length || memcmp(header, "TZif", 4) != 0 || header[4] < '2')
        return false;
    size_t numbers[6];
    for (size_t i = 0; i < 6; i++) {
        numbers[i] = read_big(header + 20 + 4 * i, 4);
        if (numbers[i] > FILE_MOST_BYTES)
            return false;
    }
    *ret_counts =
        (struct counts){numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5]};
    return true;
}

static size_t block_bytes(const struct counts *counts, size_t time_bytes)
{
    return counts->time * (time_bytes + 1) + counts->type * TYPE_BYTES + counts->name +
           counts->leap * (time_bytes + 4) + counts->is_standard + counts->is_utc;
}

/* Checks that every index lies inside its table. */
static bool is_sound(const struct timezone *zone)
{
    if (zone->type_count == 0 || zone->name_bytes == 0 || zone->names[zone->name_bytes - 1] != '\0')
        return false;
    for (size_t i = 0; i < zone->time_count; i++)
        if (zone->kinds[i] >= zone->type_count)
            return false;
    for (size_t i = 0; i < zone->type_count; i++)
        if (zone->types[i * TYPE_BYTES + 5] >= zone->name_bytes)
            return false;
    return true;
}

static bool parse(struct timezone *zone)
{
    struct counts old, counts;
    if (!read_header(&zone->file, 0, &old))
        return false;
    size_t second = HEADER_BYTES + block_bytes(&old, OLD_TIME_BYTES);
    if (!read_header(&zone->file, second, &counts) ||
        second + HEADER_BYTES + block_bytes(&counts, TIME_BYTES) > zone->file.length)
        return false;
    const unsigned char *block = (const unsigned char *)zone->file.bytes + second + HEADER_BYTES;
    zone->times = block;
    zone->kinds = zone->times + counts.time * TIME_BYTES;
    zone->types = zone->kinds + counts.time;
    zone->names = (const char *)(zone->types + counts.type * TYPE_BYTES);
    zone->time_count = counts.time;
    zone->type_count = counts.type;
    zone->name_bytes = counts.name;
    /* A comma in the rule means that the clocks change every year. */
    zone->goes_on = strchr((const char *)block + block_bytes(&counts, TIME_BYTES), ',') != NULL;
    return is_sound(zone);
}

bool timezone_load(const char *name, struct timezone **ret_zone)
{
    if (!is_name(name) || !is_place(name))
        return false;
    struct timezone *zone = memory_alloc(sizeof *zone);
    buffer_init(&zone->file);
    if (!read_file(name, &zone->file) || !parse(zone)) {
        timezone_destroy(zone);
        return false;
    }
    *ret_zone = zone;
    return true;
}

void timezone_destroy(struct timezone *zone)
{
    if (!zone)
        return;
    buffer_finish(&zone->file);
    free(zone);
}

static int64_t time_of(const struct timezone *zone, size_t index)
{
    int64_t at_s = (int64_t)read_big(zone->times + index * TIME_BYTES, TIME_BYTES);
    if (at_s > INT64_MAX / CLOCK_SECOND_US)
        return INT64_MAX;
    return at_s < INT64_MIN / CLOCK_SECOND_US ? INT64_MIN : at_s * CLOCK_SECOND_US;
}

/* The local time type after so many changes; before the first change it is type 0. */
static const unsigned char *type_from(const struct timezone *zone, size_t changes)
{
    return zone->types + (changes == 0 ? 0 : zone->kinds[changes - 1]) * TYPE_BYTES;
}

static int offset_of(const unsigned char *type)
{
    return (int)(int32_t)(uint32_t)read_big(type, 4);
}

bool timezone_at(const struct timezone *zone, int64_t at_us, struct timezone_change *ret_change,
                 int64_t *ret_next_us)
{
    size_t passed = 0;
    while (passed < zone->time_count && time_of(zone, passed) <= at_us)
        passed++;
    if (passed == zone->time_count && zone->goes_on)
        return false;
    const unsigned char *type = type_from(zone, passed);
    *ret_change = (struct timezone_change){
        .at_us = passed == 0 ? INT64_MIN : time_of(zone, passed - 1),
        .offset_s = offset_of(type),
        .offset_before_s = offset_of(passed == 0 ? type : type_from(zone, passed - 1)),
        .is_daylight = type[4] != 0,
        .name = zone->names + type[5],
    };
    if (ret_next_us)
        *ret_next_us = passed < zone->time_count ? time_of(zone, passed) : INT64_MAX;
    return true;
}

/* The span with one offset that begins after so many changes. */
struct span {
    int64_t from_us, until_us;
    int64_t offset_us;
};

static struct span span_after(const struct timezone *zone, size_t changes)
{
    return (struct span){
        .from_us = changes == 0 ? INT64_MIN : time_of(zone, changes - 1),
        .until_us = changes < zone->time_count ? time_of(zone, changes) : INT64_MAX,
        .offset_us = offset_of(type_from(zone, changes)) * CLOCK_SECOND_US,
    };
}

static void add_moment(struct timezone_moment *moment, int64_t at_us, const struct span *span)
{
    int from = moment->times == 0 ? 0 : 1;
    for (int i = from; i < 2; i++) {
        moment->at_us[i] = at_us;
        moment->offset_s[i] = (int)(span->offset_us / CLOCK_SECOND_US);
    }
}

void timezone_find(const struct timezone *zone, int64_t shown_us,
                   struct timezone_moment *ret_moment)
{
    const int64_t minute_us = 60 * CLOCK_SECOND_US;
    struct timezone_moment found = {0}, gap = {0};
    struct span before = span_after(zone, 0);
    for (size_t changes = 0; changes <= zone->time_count && found.times < 2; changes++) {
        const struct span span = span_after(zone, changes);
        int64_t at_us = shown_us - span.offset_us;
        if (at_us >= span.from_us && at_us < span.until_us) {
            add_moment(&found, at_us, &span);
            found.times++;
        } else if (at_us < span.from_us && shown_us - before.offset_us >= span.from_us) {
            add_moment(&gap, span.from_us - minute_us, &before);
            gap.times++;
            add_moment(&gap, span.from_us, &span);
        }
        before = span;
    }
    gap.times = 0;
    *ret_moment = found.times > 0 ? found : gap;
}
