/* What is wrong with a query parameter. */
#ifndef EINLASS_FORM_PARAMETER_H
#define EINLASS_FORM_PARAMETER_H

struct request;

/* Answers 400: the parameter is wrong, and what it may be, which the wording FEATURE.parameter.NAME
 * says. */
void parameter_refuse(struct request *request, const char *feature, const char *name);

#endif
