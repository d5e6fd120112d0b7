/* The choice of a ticket type in the sign-up form, and what would become of it: data for the
 * template. */
#ifndef EINLASS_FEATURES_REGISTRATION_FORM_TICKETS_H
#define EINLASS_FEATURES_REGISTRATION_FORM_TICKETS_H

#include "features/registration/form_view.h"

/*
 * Adds what one attendee chooses: "ticket_type" with its options where there is a choice, "only"
 * where there is none. Each option has left (places, where they are limited), full, sold_out (full
 * and nobody waits), approval. Gives the index of the type that is chosen so far.
 */
size_t form_tickets_add(struct arena *arena, const struct form_input *input, const char *prefix,
                        const json_t *typed, json_t *attendee);

/* Adds "outcome": one of register, wait and ask is true, by how many have chosen each type. */
void form_tickets_add_outcome(const struct form_input *input, const size_t *chosen, size_t count,
                              json_t *view);

#endif
