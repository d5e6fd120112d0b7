#include "features/editor/fields.h"

#include <string.h>

#include "event/event.h"
#include "event/event_file.h"

static const struct edit_field what_fields[] = {
    {"title", EDIT_TEXTS, .is_needed = true, .most = EVENT_FILE_NAME_MOST},
    {"summary", EDIT_PARAGRAPH, .most = EVENT_FILE_SUMMARY_MOST},
    {"starts_at", EDIT_TIME, .part = "when", .is_needed = true},
    {"ends_at", EDIT_TIME, .is_needed = true},
    {"timezone", EDIT_ZONE, .part = "zone", .is_folded = true, .is_needed = true},
    {"languages", EDIT_LANGUAGES, .is_needed = true},
};

static const struct edit_field where_fields[] = {
    {"venue.name", EDIT_LINE, .most = EVENT_FILE_NAME_MOST},
    {"venue.address", EDIT_LINE, .most = EVENT_FILE_SUMMARY_MOST},
};

static const struct edit_field text_fields[] = {
    {"description", EDIT_MARKDOWN, .most = EVENT_FILE_DESCRIPTION_MOST},
};

static const struct edit_field contact_fields[] = {
    {"contact.name", EDIT_LINE, .most = EVENT_FILE_NAME_MOST},
    {"contact.email", EDIT_LINE},
    {"contact.phone", EDIT_LINE},
    {"contact.url", EDIT_LINE},
};

static const struct edit_field places_fields[] = {
    {"registration.capacity", EDIT_NUMBER, .usual = -1, .most = EVENT_FILE_CAPACITY_MOST},
    {"registration.waiting_list", EDIT_CHECK},
    {"registration.approval", EDIT_CHECK},
    {"registration.most_attendees", EDIT_NUMBER, .usual = 1, .least = 1,
     .most = EVENT_FILE_ATTENDEES_MOST},
    {"registration.opens_at", EDIT_TIME, .part = "window"},
    {"registration.closes_at", EDIT_TIME},
    {"registration.changes_until", EDIT_TIME},
    {"registration.once_per_email", EDIT_CHECK, .part = "access", .is_folded = true},
    {"registration.verify_email", EDIT_CHECK},
    {"registration.verify_hours", EDIT_NUMBER, .usual = EVENT_FILE_VERIFY_HOURS, .least = 1,
     .most = EVENT_FILE_HOURS_MOST},
    {"embed_on", EDIT_ORIGINS},
    {"registration.api_needs_token", EDIT_CHECK},
};

static const struct edit_field mails_fields[] = {
    {"reply_to", EDIT_LINE},
    {"reminder_hours", EDIT_NUMBER, .usual = EVENT_FILE_REMINDER_HOURS,
     .most = EVENT_FILE_HOURS_MOST},
    {"mail_texts.confirmed", EDIT_PARAGRAPH, .part = "mail_texts", .is_folded = true,
     .most = EVENT_FILE_MAIL_TEXT_MOST},
    {"mail_texts.waitlisted", EDIT_PARAGRAPH, .most = EVENT_FILE_MAIL_TEXT_MOST},
    {"mail_texts.promoted", EDIT_PARAGRAPH, .most = EVENT_FILE_MAIL_TEXT_MOST},
    {"mail_texts.pending", EDIT_PARAGRAPH, .most = EVENT_FILE_MAIL_TEXT_MOST},
    {"mail_texts.approved", EDIT_PARAGRAPH, .most = EVENT_FILE_MAIL_TEXT_MOST},
    {"mail_texts.declined", EDIT_PARAGRAPH, .most = EVENT_FILE_MAIL_TEXT_MOST},
    {"mail_texts.reminder", EDIT_PARAGRAPH, .most = EVENT_FILE_MAIL_TEXT_MOST},
    {"mail_texts.cancelled", EDIT_PARAGRAPH, .most = EVENT_FILE_MAIL_TEXT_MOST},
};

static const struct edit_field door_fields[] = {
    {"check_in.opens_at", EDIT_TIME},
    {"check_in.closes_at", EDIT_TIME},
    {"check_in.daily", EDIT_CHECK, .is_usual = true},
    {"registration.email_needed_at_door", EDIT_CHECK},
};

static const struct edit_field privacy_fields[] = {
    {"who_comes.shown", EDIT_CHECK, .part = "who_comes"},
    {"who_comes.company", EDIT_COMPANY},
    {"retention_days", EDIT_NUMBER, .part = "retention", .usual = -1,
     .most = EVENT_FILE_RETENTION_MOST},
};

static const struct edit_field ticket_type_fields[] = {
    {"title", EDIT_TEXTS, .is_needed = true, .most = EVENT_FILE_NAME_MOST},
    {"capacity", EDIT_NUMBER, .usual = -1, .most = EVENT_FILE_CAPACITY_MOST},
    {"approval", EDIT_CHECK},
    {"code", EDIT_LINE, .part = "type_more", .is_folded = true, .most = EVENT_FILE_CODE_MOST},
    {"days", EDIT_DAYS},
};

static const struct edit_field question_fields[] = {
    {"label", EDIT_TEXTS, .is_needed = true, .most = EVENT_FILE_LABEL_MOST},
    {"kind", EDIT_KIND, .is_needed = true},
    {"choices", EDIT_CHOICES, .most = EVENT_FILE_LABEL_MOST},
    {"required", EDIT_CHECK},
    {"shown_if", EDIT_CONDITION},
    {"hint", EDIT_PARAGRAPH, .part = "question_more", .is_folded = true,
     .most = EVENT_FILE_LABEL_MOST},
    {"asked_by", EDIT_ASKED_BY},
    {"at_door", EDIT_CHECK},
    {"needed_at_door", EDIT_CHECK},
    {"on_badge", EDIT_CHECK},
    {"by_heart", EDIT_CHECK},
};

/* Its version grows by itself (edit_item.c). */
static const struct edit_field consent_fields[] = {
    {"label", EDIT_PARAGRAPH, .is_needed = true, .most = EVENT_FILE_WORDING_MOST},
    {"required", EDIT_CHECK},
    {"needed_at_door", EDIT_CHECK},
    {"shows_name", EDIT_CHECK},
};

static const struct edit_field item_fields[] = {
    {"title", EDIT_TEXTS, .is_needed = true, .most = EVENT_FILE_NAME_MOST},
    {"starts_at", EDIT_TIME, .is_needed = true},
    {"ends_at", EDIT_TIME},
    {"speakers", EDIT_LINE, .most = EVENT_FILE_SUMMARY_MOST},
    {"room", EDIT_LINE, .most = EVENT_FILE_NAME_MOST},
    {"text", EDIT_PARAGRAPH, .part = "item_more", .is_folded = true, .most = EVENT_FILE_LABEL_MOST},
};

static const struct edit_field one_door_fields[] = {
    {"title", EDIT_TEXTS, .is_needed = true, .most = EVENT_FILE_NAME_MOST},
    {"ticket_types", EDIT_TYPES},
};

#define FIELDS(table) .fields = (table), .field_count = sizeof(table) / sizeof *(table)

const struct edit_list edit_lists[EDIT_LISTS] = {
    {"tickets", "ticket_types", "places", "title", EVENT_TICKET_TYPES_MOST,
     FIELDS(ticket_type_fields)},
    {"questions", "questions", "questions", "label", EVENT_QUESTIONS_MOST, FIELDS(question_fields)},
    {"doors", "doors", "door", "title", EVENT_DOORS_MOST, FIELDS(one_door_fields)},
    {"consents", "consents", "privacy", "label", EVENT_CONSENTS_MOST, FIELDS(consent_fields)},
    {"programme", "programme", "programme", "title", EVENT_PROGRAMME_MOST, FIELDS(item_fields),
     .is_by_time = true},
};

const struct edit_section edit_sections[EDIT_SECTIONS] = {
    {"what", FIELDS(what_fields)},
    {"where", FIELDS(where_fields)},
    {"text", FIELDS(text_fields)},
    {"programme", .list = &edit_lists[4]},
    {"contact", FIELDS(contact_fields)},
    {"places", FIELDS(places_fields), .list = &edit_lists[0]},
    {"questions", .list = &edit_lists[1]},
    {"mails", FIELDS(mails_fields)},
    {"door", FIELDS(door_fields), .list = &edit_lists[2]},
    {"privacy", FIELDS(privacy_fields), .list = &edit_lists[3]},
};

bool edit_field_is_optional(const struct edit_field *field)
{
    return !field->is_needed && (field->control != EDIT_NUMBER || field->usual < 0);
}

const struct edit_section *edit_section_find(const char *name)
{
    for (int i = 0; i < EDIT_SECTIONS; i++) {
        if (strcmp(edit_sections[i].name, name) == 0)
            return &edit_sections[i];
    }
    return NULL;
}

const struct edit_list *edit_list_find(const char *name)
{
    for (int i = 0; i < EDIT_LISTS; i++) {
        if (strcmp(edit_lists[i].name, name) == 0)
            return &edit_lists[i];
    }
    return NULL;
}

/* Whether a pointer leads to a member with this name, or into it. The name has dots. */
static bool leads_to(const char *pointer, const char *name)
{
    if (*pointer++ != '/')
        return false;
    while (*name && (*pointer == *name || (*pointer == '/' && *name == '.')))
        pointer++, name++;
    return *name == '\0' && (*pointer == '\0' || *pointer == '/');
}

const struct edit_section *edit_section_at(const char *pointer)
{
    for (int i = 0; i < EDIT_SECTIONS; i++) {
        const struct edit_section *section = &edit_sections[i];
        for (size_t f = 0; f < section->field_count; f++) {
            if (leads_to(pointer, section->fields[f].name))
                return section;
        }
        if (section->list && leads_to(pointer, section->list->member))
            return section;
    }
    return NULL;
}

const struct edit_list *edit_list_at(const char *pointer)
{
    for (int i = 0; i < EDIT_LISTS; i++) {
        if (leads_to(pointer, edit_lists[i].member))
            return &edit_lists[i];
    }
    return NULL;
}
