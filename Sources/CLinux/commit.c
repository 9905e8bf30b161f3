#include "clinux.h"

const char *martlet_commit(void) { return MARTLET_COMMIT; }
