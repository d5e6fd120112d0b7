/* Whatever JSON somebody signs up with, as API body or as form: what passes holds every rule that
 * the database relies on. */
#include "event/draft.h"

#include "base/text.h"
#include "event/event_file.h"
#include "event/events.h"

static const char file_text[] =
    "{\"organiser\":{\"slug\":\"o\",\"name\":\"O\"},\"slug\":\"e\",\"title\":\"E\","
    "\"timezone\":\"Europe/Berlin\",\"starts_at\":\"2026-05-13T10:00\","
    "\"ends_at\":\"2026-05-13T14:00\",\"languages\":[\"en\",\"de\"],"
    "\"registration\":{\"most_attendees\":3},"
    "\"ticket_types\":[{\"slug\":\"guest\",\"title\":\"G\"},"
    "{\"slug\":\"speaker\",\"title\":\"S\",\"code\":\"C\"}],"
    "\"questions\":[{\"slug\":\"a\",\"label\":\"A\",\"kind\":\"text\",\"required\":false},"
    "{\"slug\":\"b\",\"label\":\"B\",\"kind\":\"yes_no\",\"required\":false},"
    "{\"slug\":\"c\",\"label\":\"C\",\"kind\":\"number\",\"required\":false,\"shown_if\":{\"b\":"
    "true}},"
    "{\"slug\":\"d\",\"label\":\"D\",\"kind\":\"several\",\"required\":false,"
    "\"choices\":[{\"slug\":\"x\",\"label\":\"X\"},{\"slug\":\"y\",\"label\":\"Y\"}]},"
    "{\"slug\":\"p\",\"label\":\"P\",\"kind\":\"phone\",\"required\":false}],"
    "\"consents\":[{\"slug\":\"privacy\",\"version\":1,\"required\":false,\"label\":\"P\"}]}";

static const struct event *the_event(void)
{
    static struct event *event;
    if (!event) {
        struct findings findings;
        json_t *file = json_loads(file_text, 0, NULL);
        findings_init(&findings, NULL);
        event = event_file_read(file, &findings);
        if (!event)
            abort();
        findings_finish(&findings);
        json_decref(file);
    }
    return event;
}

static void must_hold(bool rule)
{
    if (!rule)
        abort();
}

/* The ways in. */
enum way { FROM_API, FROM_FORM, AT_DOOR };

static void check(const struct draft *draft, enum way way)
{
    must_hold(draft->attendee_count >= 1 && draft->attendee_count <= 3);
    must_hold(draft->email.address ? strchr(draft->email.key, '@') != NULL : way == AT_DOOR);
    for (size_t i = 0; i < draft->attendee_count; i++) {
        const struct draft_attendee *attendee = &draft->attendees[i];
        size_t length = text_length(attendee->name);
        must_hold(length >= 1 && length <= KIND_NAME_MOST);
        must_hold(text_is_utf8(attendee->name, strlen(attendee->name)));
        must_hold(!text_has_control(attendee->name, false));
        must_hold(attendee->ticket_type && attendee->search);
        json_t *answers = json_loads(attendee->answers, 0, NULL);
        must_hold(json_is_object(answers));
        json_decref(answers);
    }
}

static void read_one(json_t *body, enum way way)
{
    struct arena arena;
    struct draft draft;
    arena_init(&arena);
    const struct draft_input input = {.event = the_event(),
                                      .body = body,
                                      .language = "en",
                                      .from_form = way == FROM_FORM,
                                      .at_door = way == AT_DOOR};
    json_t *errors = draft_read(&arena, &input, &draft);
    if (!errors)
        check(&draft, way);
    json_decref(errors);
    arena_finish(&arena);
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length);

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length)
{
    json_t *body = json_loadb((const char *)bytes, length, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(body)) {
        json_decref(body);
        return 0;
    }
    read_one(body, FROM_API);
    read_one(body, FROM_FORM);
    read_one(body, AT_DOOR);
    json_decref(body);
    return 0;
}
