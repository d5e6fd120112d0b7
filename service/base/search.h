/* Searches as people type them: words in any order, folded by text_fold(). */
#ifndef EINLASS_BASE_SEARCH_H
#define EINLASS_BASE_SEARCH_H

#include <stddef.h>

#include "base/memory.h"

/*
 * What a text is found by: the text folded, and its first line — a name — with "ue" for "ü" and
 * with "u" for "ue", where it has them. So "Müller", "Mueller" and "Muller" find each other.
 */
char *search_text(struct arena *arena, const char *text);

/*
 * Splits valid UTF-8 into its folded words, without the punctuation between them: "Schmidt, Anna"
 * gives "schmidt" and "anna". Stores up to `most` words, which live in the arena. Returns how many
 * there are.
 */
size_t search_words(struct arena *arena, const char *query, size_t most, const char **ret_words);

/* The query in upper case without hyphens, if all of it is a number of id_number(), however it is
 * written; NULL: it is none. Folded words are in lower case, so "b" finds no number. */
const char *search_number(struct arena *arena, const char *query);

/* A LIKE pattern that finds the word anywhere. */
const char *search_pattern(struct arena *arena, const char *word);

#endif
