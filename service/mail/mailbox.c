#include "mail/mailbox.h"

#include "base/email.h"
#include "base/text.h"

static const char local_domain[] = "@localhost";

/* The local part of "root@localhost", checked with another domain; NULL: not at localhost. */
static const char *local_part(struct arena *arena, const char *text)
{
    struct email email;
    const char *at = strrchr(text, '@');
    if (!at || strcmp(at, local_domain) != 0 ||
        !email_parse(arena, arena_printf(arena, "%s.invalid", text), &email))
        return NULL;
    return arena_copy_bytes(arena, email.address,
                            (size_t)(strrchr(email.address, '@') - email.address));
}

static const char *read_address(struct arena *arena, const char *text)
{
    struct email email;
    if (email_parse(arena, text, &email))
        return email.address;
    const char *local = local_part(arena, text);
    return local ? arena_printf(arena, "%s%s", local, local_domain) : NULL;
}

/* Reads the name before "<" and removes its quotation marks. */
static const char *read_name(struct arena *arena, const char *text, size_t length)
{
    char *name = text_clean(arena, arena_copy_bytes(arena, text, length)), *out = name;
    size_t size = name ? strlen(name) : 0;
    if (!name || text_has_control(name, false))
        return NULL;
    if (size < 2 || name[0] != '"' || name[size - 1] != '"')
        return strchr(name, '"') ? NULL : name;
    for (size_t i = 1; i < size - 1; i++) {
        if (name[i] == '\\' && i + 1 < size - 1)
            i++;
        *out++ = name[i];
    }
    *out = '\0';
    return name;
}

bool mailbox_parse(struct arena *arena, const char *text, struct mailbox *ret_mailbox)
{
    struct mailbox mailbox = {.name = "", .address = NULL};
    char *clean = text_clean(arena, text);
    size_t length = clean ? strlen(clean) : 0;
    const char *open = clean ? strrchr(clean, '<') : NULL;
    if (open && clean[length - 1] == '>') {
        mailbox.name = read_name(arena, clean, (size_t)(open - clean));
        clean[length - 1] = '\0';
        mailbox.address = read_address(arena, open + 1);
    } else if (clean) {
        mailbox.address = read_address(arena, clean);
    }
    if (!mailbox.name || !mailbox.address)
        return false;
    *ret_mailbox = mailbox;
    return true;
}

const char *mailbox_wire(struct arena *arena, const char *address)
{
    struct email email;
    if (!email_parse(arena, address, &email))
        return local_part(arena, address) ? read_address(arena, address) : NULL;
    size_t local = (size_t)(strrchr(email.address, '@') - email.address);
    return arena_printf(arena, "%.*s%s", (int)local, email.address, strrchr(email.key, '@'));
}
