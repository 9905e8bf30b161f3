#define _GNU_SOURCE
#include <crypt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "clinux.h"

int martlet_password_matches(const char *password, const char *hash) {
    struct crypt_data *work = calloc(1, sizeof *work);
    if (!work) return -1;
    const char *found = crypt_r(password, hash, work);
    int result = -1;
    // Where the hash cannot be understood, what comes back begins with an asterisk.
    if (found && found[0] != '*') {
        size_t length = strlen(hash);
        size_t count = strlen(found);
        unsigned char difference = length != count;
        // Each byte is looked at, whatever the others are.
        for (size_t index = 0; index < count; index++)
            difference |= (unsigned char)(found[index] ^ hash[index < length ? index : 0]);
        result = difference == 0;
    }
    explicit_bzero(work, sizeof *work);
    free(work);
    return result;
}

void martlet_thread_step_back(void) {
    // From where the process stands, however often those before the thread have stepped back.
    int base = getpriority(PRIO_PROCESS, (id_t)getpid());
    setpriority(PRIO_PROCESS, (id_t)gettid(), base < 9 ? base + 10 : 19);
}
