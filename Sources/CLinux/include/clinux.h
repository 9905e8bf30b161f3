// Linux as Swift sees it, beside Glibc: inline functions for what the C library offers only as
// macros or unions, and declarations of the few GNU functions that Glibc's module leaves out.
#ifndef MARTLET_CLINUX_H
#define MARTLET_CLINUX_H

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

static inline int martlet_errno(void) { return errno; }

// epoll_event is packed on x86-64; its 64-bit word is reached through these.
static inline unsigned long long martlet_event_token(const struct epoll_event *event) {
    return event->data.u64;
}
static inline int martlet_epoll_ctl(int epoll, int operation, int descriptor, unsigned int events,
                                    unsigned long long token) {
    struct epoll_event event;
    event.events = events;
    event.data.u64 = token;
    return epoll_ctl(epoll, operation, descriptor, &event);
}

// Flags that Swift does not import because they are defined by expressions or as enumerations.
static inline unsigned int martlet_epollet(void) { return EPOLLET; }
static inline int martlet_sock_stream(void) { return SOCK_STREAM; }
static inline int martlet_sock_datagram(void) { return SOCK_DGRAM; }
static inline int martlet_sock_cloexec(void) { return SOCK_CLOEXEC; }
static inline int martlet_sock_nonblock(void) { return SOCK_NONBLOCK; }
static inline int martlet_msg_nosignal(void) { return MSG_NOSIGNAL; }
static inline int martlet_msg_more(void) { return MSG_MORE; }
static inline int martlet_msg_peek(void) { return MSG_PEEK | MSG_DONTWAIT; }
static inline int martlet_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }
static inline int martlet_inotify(void) { return inotify_init1(IN_CLOEXEC | IN_NONBLOCK); }
static inline int martlet_signalfd(const sigset_t *set) {
    return signalfd(-1, set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static inline int martlet_open(const char *path, int flags, unsigned int mode) {
    return open(path, flags | O_CLOEXEC, mode);
}
static inline int martlet_set_blocking(int descriptor) {
    int flags = fcntl(descriptor, F_GETFL);
    return flags < 0 ? -1 : fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK);
}

// GNU functions, defined in clinux.c: a header that asked for them would see other types than
// Glibc's module does.
int martlet_accept(int descriptor, struct sockaddr *address, socklen_t *length);
int martlet_thread_pin(int processor);
int martlet_thread_name(const char *name);
int martlet_may_run_on(int processor);
void martlet_release_memory(void);
// In password.c: 1 where the password is that of the hash, 0 where not, -1 where nobody can say.
int martlet_password_matches(const char *password, const char *hash);
void martlet_thread_step_back(void);
int martlet_raise_descriptors(unsigned long long *limit);

/* The C library's client of name servers, as /etc/resolv.conf sets it up. Each belongs to one
   thread at a time. */
struct martlet_resolver;
struct martlet_resolver *martlet_resolver_open(void);
/* Forgets the servers; the next ones are given `attempts` times that many seconds. */
void martlet_resolver_clear(struct martlet_resolver *resolver, int seconds, int attempts);
/* Asks one server more, three at most; -1 where that cannot be. */
int martlet_resolver_add(struct martlet_resolver *resolver, const struct sockaddr *address,
                         socklen_t length);
/* Asks, also in the search domains; the size of the answer, or -1. It may be larger than `size`,
   which is all that is written. */
int martlet_resolver_ask(struct martlet_resolver *resolver, const char *name, int type,
                         unsigned char *answer, int size);
/* Why the last question failed, on the same thread: 1 no such name, 2 no answer in time, 3
   other. */
int martlet_resolver_fault(const struct martlet_resolver *resolver);
void martlet_resolver_close(struct martlet_resolver *resolver);

/* The commit that was built, or "unknown"; lives as long as the process. */
const char *martlet_commit(void);

#endif
