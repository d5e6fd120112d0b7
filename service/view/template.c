#include "view/template.h"

#include "base/memory.h"
#include "view/template_node.h"

struct template_set {
    struct template_options options;
    struct arena arena;          /* owns the templates */
    struct template **templates; /* sorted by name once linked */
    size_t count, space;
    bool linked;
};

struct template_set *template_set_create(const struct template_options *options)
{
    struct template_set *set = memory_alloc(sizeof *set);
    arena_init(&set->arena);
    if (options)
        set->options = *options;
    return set;
}

void template_set_destroy(struct template_set *set)
{
    if (!set)
        return;
    arena_finish(&set->arena);
    free(set->templates);
    free(set);
}

bool template_set_add(struct template_set *set, enum template_kind kind, const char *name,
                      const char *source, size_t length, char ret_error[TEMPLATE_ERROR_BYTES])
{
    struct template *template = arena_alloc(&set->arena, sizeof *template);
    template->arena = &set->arena;
    template->kind = kind;
    template->name = arena_copy(&set->arena, name);
    template->options = &set->options;
    if (!template_compile(template, source, length, ret_error))
        return false;
    if (set->count == set->space) {
        set->space = set->space ? set->space * 2 : 16;
        set->templates = memory_grow(set->templates, set->space * sizeof *set->templates);
    }
    set->templates[set->count++] = template;
    set->linked = false;
    return true;
}

static int by_name(const void *a, const void *b)
{
    const struct template *const *left = a, *const *right = b;
    return strcmp((*left)->name, (*right)->name);
}

const struct template *template_find(const struct template_set *set, const char *name)
{
    const struct template key = {.name = name}, *sought = &key;
    if (!set->linked || set->count == 0)
        return NULL;
    struct template *const *found =
        bsearch(&sought, set->templates, set->count, sizeof *set->templates, by_name);
    return found ? *found : NULL;
}

static bool link_node(const struct template_set *set, const struct template *template,
                      struct template_node *node, char *ret_error)
{
    if (node->kind != NODE_PARTIAL && node->kind != NODE_PARENT)
        return true;
    node->target = template_find(set, node->name);
    const char *reason = NULL;
    if (!node->target && !set->options.missing_is_empty)
        reason = "there is no such template or wording";
    else if (node->target &&
             (node->target->kind == TEMPLATE_TEXT) != (template->kind == TEMPLATE_TEXT))
        reason = "plain text and HTML cannot use each other";
    else if (node->target && template->kind == TEMPLATE_WORDING &&
             node->target->kind == TEMPLATE_HTML)
        reason = "a wording is plain text and cannot use HTML";
    if (reason)
        snprintf(ret_error, TEMPLATE_ERROR_BYTES, "%s:%u: {{>%s}}: %s", template->name,
                 (unsigned)node->line, node->name, reason);
    return reason == NULL;
}

bool template_set_link(struct template_set *set, char ret_error[TEMPLATE_ERROR_BYTES])
{
    if (set->count > 0)
        qsort(set->templates, set->count, sizeof *set->templates, by_name);
    for (size_t i = 1; i < set->count; i++)
        if (strcmp(set->templates[i - 1]->name, set->templates[i]->name) == 0) {
            snprintf(ret_error, TEMPLATE_ERROR_BYTES, "%s: is there twice",
                     set->templates[i]->name);
            return false;
        }
    set->linked = true;
    for (size_t i = 0; i < set->count; i++)
        for (size_t n = 0; n < set->templates[i]->node_count; n++)
            if (!link_node(set, set->templates[i], &set->templates[i]->nodes[n], ret_error)) {
                set->linked = false;
                return false;
            }
    return true;
}

void template_visit_names(const struct template *template,
                          void visit(void *context, const char *name), void *context)
{
    for (size_t i = 0; i < template->node_count; i++)
        switch (template->nodes[i].kind) {
        case NODE_VARIABLE:
        case NODE_RAW_VARIABLE:
        case NODE_SECTION:
        case NODE_INVERTED:
            visit(context, template->nodes[i].name);
            break;
        case NODE_TEXT:
        case NODE_BLOCK:
        case NODE_PARENT:
        case NODE_PARTIAL:
        case NODE_END:
            break;
        }
}
