/* What a template is compiled to. Known to template.c, template_compile.c and template_render.c. */
#ifndef EINLASS_VIEW_TEMPLATE_NODE_H
#define EINLASS_VIEW_TEMPLATE_NODE_H

#include <stdint.h>

#include "base/arena.h"
#include "view/template.h"

enum template_node_kind {
    NODE_TEXT,
    NODE_VARIABLE,
    NODE_RAW_VARIABLE,
    NODE_SECTION, /* this and the following kinds reach to the NODE_END at .end, but NODE_PARTIAL */
    NODE_INVERTED,
    NODE_BLOCK,
    NODE_PARENT,
    NODE_PARTIAL,
    NODE_END,
};

struct template_part {
    const char *text; /* NUL behind it */
    size_t length;
};

struct template_node {
    enum template_node_kind kind;
    bool starts_line;    /* the line's indentation, if any, is due before it */
    uint16_t part_count; /* 0 with a name: the name is "." */
    uint32_t end;        /* index of the NODE_END */
    uint32_t line;       /* in the source, from 1 */
    uint32_t length;     /* of text */
    const char *text;    /* NODE_TEXT: what it says; partials and parents: their indentation */
    const char *name;    /* as written; NULL for NODE_TEXT and NODE_END */
    const struct template_part *parts;
    const struct template *target; /* of partials and parents, once linked; NULL renders nothing */
};

struct template
{
    const char *name;
    enum template_kind kind;
    const struct template_options *options; /* the set's */
    struct arena arena;                     /* owns all below */
    struct template_node *nodes;            /* flat, in the order of the source */
    size_t node_count;
};

/* The part of template_set_add that reads the source; fills the zeroed template. */
MUST_CHECK bool template_compile(struct template *template, const char *source, size_t length,
                                 char ret_error[TEMPLATE_ERROR_BYTES]);

#endif
