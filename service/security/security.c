#include "security/security.h"

#include <liboath/oath.h>
#include <sodium.h>

bool security_init(void)
{
    return sodium_init() >= 0 && oath_init() == OATH_OK;
}
