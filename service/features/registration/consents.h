/* The consents of a registration: what was agreed to, in which words and when. People can withdraw
 * a consent at any time, as easily as they gave it (GDPR Article 7(3)), and give it again. The
 * place stays. The history stays, too. */
#ifndef EINLASS_FEATURES_REGISTRATION_CONSENTS_H
#define EINLASS_FEATURES_REGISTRATION_CONSENTS_H

struct request;

/* GET /registrations/{registration}/consents */
void consents_show(struct request *request);

/* POST /registrations/{registration}/consents: {"consent", "version", "given"}. Giving needs the
 * version of the text that was shown; withdrawing needs none. */
void consents_change(struct request *request);

#endif
