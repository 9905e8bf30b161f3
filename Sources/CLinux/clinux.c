#define _GNU_SOURCE
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>

#include "clinux.h"

int martlet_accept(int descriptor, struct sockaddr *address, socklen_t *length) {
    return accept4(descriptor, address, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int martlet_thread_pin(int processor) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(processor, &set);
    return pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

void martlet_release_memory(void) { malloc_trim(0); }

int martlet_thread_name(const char *name) { return pthread_setname_np(pthread_self(), name); }

int martlet_may_run_on(int processor) {
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 && CPU_ISSET(processor, &set);
}

int martlet_raise_descriptors(unsigned long long *limit) {
    struct rlimit value;
    if (getrlimit(RLIMIT_NOFILE, &value) != 0) return -1;
    value.rlim_cur = value.rlim_max;
    int result = setrlimit(RLIMIT_NOFILE, &value);
    getrlimit(RLIMIT_NOFILE, &value);
    *limit = value.rlim_cur;
    return result;
}
