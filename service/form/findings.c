#include "form/findings.h"

#include "base/memory.h"
#include "view/locale.h"

void findings_init(struct findings *findings, const struct locale *locale)
{
    findings->locale = locale;
    findings->list = json_array();
}

void findings_finish(struct findings *findings)
{
    json_decref(findings->list);
    findings->list = NULL;
}

static json_t *sentence(const struct locale *locale, const char *code, const json_t *data)
{
    char key[96];
    struct buffer text;
    buffer_init(&text);
    snprintf(key, sizeof key, "finding.%s", code);
    locale_text(locale, key, data, &text);
    json_t *detail = json_string(buffer_text(&text));
    buffer_finish(&text);
    return detail;
}

void findings_add(struct findings *findings, const char *pointer, const char *code, json_t *data)
{
    if (json_array_size(findings->list) < FINDINGS_MOST) {
        json_t *finding = json_pack("{s:s, s:s}", "pointer", pointer, "code", code);
        if (findings->locale)
            json_object_set_new(finding, "detail", sentence(findings->locale, code, data));
        json_array_append_new(findings->list, finding);
    }
    json_decref(data);
}

bool findings_any(const struct findings *findings)
{
    return json_array_size(findings->list) > 0;
}

json_t *findings_take(struct findings *findings)
{
    json_t *list = findings->list;
    findings->list = NULL;
    return list;
}

const char *findings_first(const struct findings *findings)
{
    return json_string_value(json_object_get(json_array_get(findings->list, 0), "pointer"));
}
