#include "security/security.h"

#include <sodium.h>

bool security_init(void)
{
    return sodium_init() >= 0;
}
