#include "features/registration/emails_doubted.h"

#include <stdio.h>
#include <string.h>

#include "base/email.h"
#include "base/email_meant.h"
#include "form/form.h"

/* The object whose member "email" the field shows: "email" or "attendees.1.email". */
static json_t *holder_of(const json_t *typed, const char *field)
{
    int index, end = 0;
    if (field && strcmp(field, "email") == 0)
        return (json_t *)typed;
    if (!field || sscanf(field, "attendees.%2d.email%n", &index, &end) != 1 || end == 0)
        return NULL;
    return json_array_get(json_object_get(typed, "attendees"), (size_t)index);
}

/* NULL: it is no address. */
static const char *address_in(struct arena *arena, const json_t *holder)
{
    const char *text = json_string_value(json_object_get(holder, "email"));
    struct email email;
    return text && email_parse(arena, text, &email) ? email.address : NULL;
}

static bool is_kept(const json_t *typed, const char *address)
{
    size_t i;
    json_t *kept;
    json_array_foreach (json_object_get(typed, "kept_emails"), i, kept) {
        if (json_is_string(kept) && strcmp(json_string_value(kept), address) == 0)
            return true;
    }
    return false;
}

static void mend(struct arena *arena, json_t *holder)
{
    const char *address = address_in(arena, holder);
    const char *meant = address ? email_meant(arena, address) : NULL;
    if (meant)
        json_object_set_new(holder, "email", json_string(meant));
}

static void keep(struct arena *arena, json_t *typed, const json_t *holder)
{
    const char *address = address_in(arena, holder);
    json_t *kept = json_object_get(typed, "kept_emails");
    if (!address)
        return;
    if (!json_is_array(kept))
        json_object_set_new(typed, "kept_emails", kept = json_array());
    json_array_append_new(kept, json_string(address));
}

void emails_take_steps(struct arena *arena, json_t *typed)
{
    json_t *mended = holder_of(typed, json_string_value(json_object_get(typed, "mend_email")));
    json_t *kept = holder_of(typed, json_string_value(json_object_get(typed, "keep_email")));
    if (mended)
        mend(arena, mended);
    if (kept)
        keep(arena, typed, kept);
    json_object_del(typed, "mend_email");
    json_object_del(typed, "keep_email");
}

static void doubt(struct arena *arena, const json_t *typed, const json_t *holder,
                  const char *pointer, struct findings *findings)
{
    const char *address = address_in(arena, holder);
    const char *meant = address && !is_kept(typed, address) ? email_meant(arena, address) : NULL;
    if (meant)
        findings_add(findings, pointer, "did_you_mean", json_pack("{s:s}", "meant", meant));
}

json_t *emails_doubted(struct arena *arena, const json_t *typed, const struct locale *locale)
{
    const json_t *attendees = json_object_get(typed, "attendees");
    struct findings findings;
    findings_init(&findings, locale);
    doubt(arena, typed, typed, "/email", &findings);
    for (size_t i = 0; i < json_array_size(attendees); i++)
        doubt(arena, typed, json_array_get(attendees, i),
              arena_printf(arena, "/attendees/%zu/email", i), &findings);
    if (findings_any(&findings))
        return findings_take(&findings);
    findings_finish(&findings);
    return NULL;
}
