/* The compiled form of a template. Only template*.c include this. */
#ifndef EINLASS_VIEW_TEMPLATE_NODE_H
#define EINLASS_VIEW_TEMPLATE_NODE_H

#include <stdint.h>

#include "base/memory.h"
#include "view/template.h"

enum template_node_kind {
    NODE_TEXT,
    NODE_VARIABLE,
    NODE_RAW_VARIABLE,
    NODE_SECTION, /* this and all kinds below, except NODE_PARTIAL, end at the NODE_END at .end */
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
    bool starts_line;    /* write the indentation before it */
    uint16_t part_count; /* 0 with a name: the name is "." */
    uint32_t end;        /* index of the NODE_END */
    uint32_t line;       /* in the source, from 1 */
    uint32_t length;     /* of text */
    const char *text;    /* NODE_TEXT: the text; partials and parents: their indentation */
    const char *name;    /* as written; NULL for NODE_TEXT and NODE_END */
    const struct template_part *parts;
    const struct template *target; /* of linked partials and parents; NULL renders nothing */
};

struct template
{
    const char *name;
    enum template_kind kind;
    const struct template_options *options; /* the set's */
    struct arena *arena;                    /* the set's: owns all below */
    struct template_node *nodes;            /* flat, in the order of the source */
    size_t node_count;
};

/* Compiles the source into the zeroed template. Errors as in template_set_add. */
MUST_CHECK bool template_compile(struct template *template, const char *source, size_t length,
                                 char ret_error[TEMPLATE_ERROR_BYTES]);

#endif
