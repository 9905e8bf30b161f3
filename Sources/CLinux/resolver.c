#include <errno.h>
#include <netdb.h>
#include <resolv.h>
#include <stdlib.h>
#include <string.h>

#include "clinux.h"

struct martlet_resolver {
    struct __res_state state;
};

struct martlet_resolver *martlet_resolver_open(void) {
    struct martlet_resolver *resolver = calloc(1, sizeof *resolver);
    if (resolver != NULL && res_ninit(&resolver->state) != 0) {
        free(resolver);
        return NULL;
    }
    return resolver;
}

void martlet_resolver_clear(struct martlet_resolver *resolver, int seconds, int attempts) {
    resolver->state.nscount = 0;
    resolver->state.retrans = seconds;
    resolver->state.retry = attempts;
}

int martlet_resolver_add(struct martlet_resolver *resolver, const struct sockaddr *address,
                         socklen_t length) {
    struct __res_state *state = &resolver->state;
    int place = state->nscount;
    if (place >= MAXNS) return -1;
    if (address->sa_family == AF_INET && length >= sizeof(struct sockaddr_in)) {
        memcpy(&state->nsaddr_list[place], address, sizeof(struct sockaddr_in));
    } else if (address->sa_family == AF_INET6 && length >= sizeof(struct sockaddr_in6)) {
        /* Where the C library keeps addresses that are not IPv4: freed by res_nclose. */
        struct sockaddr_in6 *copy = state->_u._ext.nsaddrs[place];
        if (copy == NULL) copy = malloc(sizeof *copy);
        if (copy == NULL) return -1;
        memcpy(copy, address, sizeof *copy);
        state->nsaddr_list[place].sin_family = 0;
        state->_u._ext.nsaddrs[place] = copy;
    } else {
        return -1;
    }
    state->nscount = place + 1;
    /* So that the C library takes the addresses over before it sends. */
    state->_u._ext.nscount = 0;
    return 0;
}

int martlet_resolver_ask(struct martlet_resolver *resolver, const char *name, int type,
                         unsigned char *answer, int size) {
    errno = 0;
    return res_nsearch(&resolver->state, name, C_IN, type, answer, size);
}

int martlet_resolver_fault(const struct martlet_resolver *resolver) {
    switch (resolver->state.res_h_errno) {
    case HOST_NOT_FOUND:
    case NO_DATA: return 1;
    case TRY_AGAIN: return errno == ETIMEDOUT ? 2 : 3;
    default: return 3;
    }
}

void martlet_resolver_close(struct martlet_resolver *resolver) {
    res_nclose(&resolver->state);
    free(resolver);
}
