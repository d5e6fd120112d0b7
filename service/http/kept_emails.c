#include "http/kept_emails.h"

#include <stdlib.h>
#include <string.h>

#include "base/email.h"
#include "base/email_meant.h"

bool kept_emails_have(const json_t *kept, const char *address)
{
    size_t i;
    json_t *one;
    json_array_foreach ((json_t *)kept, i, one) {
        if (strcmp(json_string_value(one), address) == 0)
            return true;
    }
    return false;
}

static void keep(struct arena *arena, json_t *kept, const json_t *typed)
{
    const char *text = json_string_value(typed);
    struct email email;
    if (text && email_parse(arena, text, &email) && !kept_emails_have(kept, email.address))
        json_array_append_new(kept, json_string(email.address));
}

/* The object whose member `*ret_key` the field shows, such as "email" or "attendees.1.email". NULL:
 * there is none. */
static json_t *holder_of(struct arena *arena, json_t *typed, const char *field,
                         const char **ret_key)
{
    char *key = field ? arena_copy(arena, field) : NULL, *dot;
    while (key && (dot = strchr(key, '.')) != NULL) {
        *dot = '\0';
        typed = json_is_array(typed) ? json_array_get(typed, strtoul(key, NULL, 10))
                                     : json_object_get(typed, key);
        key = dot + 1;
    }
    *ret_key = key;
    return key && json_is_object(typed) ? typed : NULL;
}

static void mend(struct arena *arena, json_t *holder, const char *key)
{
    const char *text = json_string_value(json_object_get(holder, key));
    struct email email;
    const char *meant =
        text && email_parse(arena, text, &email) ? email_meant(arena, email.address) : NULL;
    if (meant)
        json_object_set_new(holder, key, json_string(meant));
}

json_t *kept_emails_take(struct arena *arena, json_t *typed)
{
    json_t *kept = json_array(), *earlier = json_object_get(typed, "kept_emails"), *one, *holder;
    const char *key;
    size_t i;
    json_array_foreach (earlier, i, one)
        keep(arena, kept, one);
    keep(arena, kept, earlier); /* a list of one may come without the list */
    holder = holder_of(arena, typed, json_string_value(json_object_get(typed, "keep_email")), &key);
    if (holder)
        keep(arena, kept, json_object_get(holder, key));
    holder = holder_of(arena, typed, json_string_value(json_object_get(typed, "mend_email")), &key);
    if (holder)
        mend(arena, holder, key);
    json_object_del(typed, "kept_emails");
    json_object_del(typed, "keep_email");
    json_object_del(typed, "mend_email");
    return kept;
}
