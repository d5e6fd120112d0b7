/* Whatever JSON stands in an event file: what was read is written as a file that reads the same. */
#include "event/event_file.h"

#include "event/event_diff.h"
#include "event/events.h"

static void read_again(const struct event *event)
{
    struct findings findings;
    findings_init(&findings, NULL);
    json_t *file = event_file_write(event);
    struct event *again = event_file_read(file, &findings);
    if (!again)
        abort();
    json_t *twice = event_file_write(again);
    json_t *differences = event_diff(file, twice);
    if (json_array_size(differences) != 0)
        abort();
    json_decref(differences);
    json_decref(file);
    json_decref(twice);
    events_release(again);
    findings_finish(&findings);
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length)
{
    struct findings findings;
    json_t *file = json_loadb((const char *)bytes, length, JSON_REJECT_DUPLICATES, NULL);
    if (!file)
        return 0;
    findings_init(&findings, NULL);
    struct event *event = event_file_read(file, &findings);
    if (!event == !findings_any(&findings))
        abort();
    if (event) {
        read_again(event);
        events_release(event);
    }
    findings_finish(&findings);
    json_decref(file);
    return 0;
}
