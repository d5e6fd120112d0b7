#include "features/profile/profile.h"

#include <limits.h>
#include <string.h>

#include "event/pictures.h"
#include "view/colour.h"
#include "view/markdown.h"

/* --- The form -------------------------------------------------------------------------------- */

static const struct form_field texts_fields[] = {
    {"de", KIND_LONG_TEXT, FORM_AT(struct profile_texts, by_language[0]), .most = PROFILE_TEXT_MOST,
     .words = "profile.in.de"},
    {"en", KIND_LONG_TEXT, FORM_AT(struct profile_texts, by_language[1]), .most = PROFILE_TEXT_MOST,
     .words = "profile.in.en"},
};
const struct form profile_texts_form = FORM(struct profile_texts, texts_fields);

#define WORDS(name) .words = "profile.field." name

static const struct form_field fields[] = {
    {"name", KIND_NAME, FORM_AT(struct profile, name), FORM_NEEDED, "organiser_name_needed",
     WORDS("name")},
    {"contact_email", KIND_EMAIL, FORM_AT(struct profile, contact_email), WORDS("contact_email")},
    {"contact_phone", KIND_PHONE, FORM_AT(struct profile, contact_phone), WORDS("contact_phone")},
    {"website", KIND_URL, FORM_AT(struct profile, website), WORDS("website")},
    {"reply_to", KIND_EMAIL, FORM_AT(struct profile, reply_to), WORDS("reply_to")},
    {"accent", KIND_TEXT, FORM_AT(struct profile, accent), .wrong = "colour_expected"},
    {"imprint", .of = &profile_texts_form, FORM_AT(struct profile, imprint)},
    {"privacy", .of = &profile_texts_form, FORM_AT(struct profile, privacy)},
    {"version", KIND_INTEGER, FORM_AT(struct profile, version), .most = INT_MAX},
};

/* Markdown is bounded by bytes, too. */
static void check_texts(const struct form_place *object, const char *member,
                        const struct profile_texts *texts)
{
    const struct form_place place = form_member(object, member);
    for (size_t i = 0; i < PROFILE_LANGUAGES; i++) {
        if (texts->by_language[i] && strlen(texts->by_language[i]) > MARKDOWN_MOST_BYTES)
            form_refuse_at(&place, texts_fields[i].name, "too_long",
                           json_pack("{s:i}", "most", MARKDOWN_MOST_BYTES / 4));
    }
}

static void check(const struct form_place *object, void *values)
{
    const struct profile *profile = values;
    if (profile->accent && !colour_is(profile->accent))
        form_refuse_at(object, "accent", "colour_expected", NULL);
    check_texts(object, "imprint", &profile->imprint);
    check_texts(object, "privacy", &profile->privacy);
}

static const struct profile initial = {.version = -1};
const struct form profile_form = FORM(struct profile, fields, .initial = &initial, .check = check);

/* --- The feature ----------------------------------------------------------------------------- */

#define PROFILE_PAGE(name) "features/profile/" name ".html"

static const struct route routes[] = {
    {"GET", "/organisers", ROUTE_DESK, WHO_READERS, .template = PROFILE_PAGE("choose"),
     .handle = profile_choose, .menu = "profile", .menu_place = 35},
    {"GET", "/organisers/{organiser}/profile", ROUTE_API | ROUTE_DESK, WHO_READERS,
     .template = PROFILE_PAGE("profile"), .handle = profile_show},
    {"PUT", "/organisers/{organiser}/profile", ROUTE_API, WHO_EDITORS, .body = BODY_JSON,
     .body_bytes = PROFILE_BODY_BYTES, .handle = profile_save},
    {"POST", "/organisers/{organiser}/profile", ROUTE_DESK, WHO_EDITORS, .body = BODY_JSON,
     .body_bytes = PICTURE_BODY_BYTES, .takes_file = true, .template = PROFILE_PAGE("profile"),
     .handle = profile_save},
    {"GET", "/organisers/{organiser}/profile/look", ROUTE_DESK, WHO_READERS,
     .template = PROFILE_PAGE("look"), .handle = profile_show_look},
    {"GET", "/organisers/{organiser}/imprint", ROUTE_PAGE, WHO_ANYBODY,
     .template = PROFILE_PAGE("notice"), .handle = notice_show_imprint},
    {"GET", "/organisers/{organiser}/privacy", ROUTE_PAGE, WHO_ANYBODY,
     .template = PROFILE_PAGE("notice"), .handle = notice_show_privacy},
    {"GET", PICTURES_PATH "{picture}", ROUTE_PLAIN, WHO_ANYBODY, .handle = picture_answer},
    {0},
};

const struct feature feature_profile = {.name = "profile", .routes = routes};
