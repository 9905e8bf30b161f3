// Sockets, buffers and memory of bare.c.
#define _GNU_SOURCE
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    // Larger ones spare wake-ups of both ends, up to here.
    chunk = 262144,
    // Sixteen full records, which is what a chunk makes.
    sealedChunk = 16 * (SSL3_RT_MAX_PLAIN_LENGTH + 22),
    // Four full records, which is what one read takes. Reads of one or two are as dear: OpenSSL has
    // less to move to the front of its buffer, and the kernel more calls.
    sealedRead = 4 * (SSL3_RT_MAX_PLAIN_LENGTH + 22),
};

// What leaves a socket, now or when it has room.
typedef struct Buffer {
    struct Buffer *next;
    size_t start, end;
    char bytes[sealedChunk + 4096];
} Buffer;

typedef enum { ofListener, ofClient, ofBackend } Kind;

typedef struct {
    Kind kind;
    // -1 once it is closed.
    int descriptor;
    // True unless all that came was read.
    bool isReadable;
    // True exactly when the peer will send no more.
    bool isEnding;
    bool awaitsRoom;
    // What the socket had no room for.
    Buffer *rest;
} Socket;

static int poller;
static Buffer *freeBuffers;

static void require(bool holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "bare: %s failed: %s\n", what, strerror(errno));
    ERR_print_errors_fp(stderr);
    exit(1);
}

static Buffer *takeBuffer(void) {
    Buffer *buffer = freeBuffers;
    if (buffer != NULL) freeBuffers = buffer->next;
    else buffer = malloc(sizeof *buffer);
    require(buffer != NULL, "a buffer");
    buffer->start = buffer->end = 0;
    return buffer;
}

static void giveBack(Buffer *buffer) {
    buffer->next = freeBuffers;
    freeBuffers = buffer;
}

static void watch(int operation, Socket *socket, uint32_t events) {
    struct epoll_event event = {.events = events, .data.ptr = socket};
    require(epoll_ctl(poller, operation, socket->descriptor, &event) == 0, "epoll_ctl");
}

// What is readable, to the end or to the limit; -1 for nothing yet, 0 for the end or a failure.
static ssize_t receive(Socket *socket, void *bytes, size_t limit) {
    if (!socket->isReadable) return -1;
    ssize_t count = recv(socket->descriptor, bytes, limit, MSG_DONTWAIT);
    if (count < 0) {
        socket->isReadable = false;
        return errno == EAGAIN || errno == EINTR ? -1 : 0;
    }
    // Whatever comes after a short read is another edge.
    if ((size_t)count < limit && !socket->isEnding) socket->isReadable = false;
    return count;
}

// Sends what can be sent of the buffer; false for a socket that failed.
static bool push(Socket *socket, Buffer *buffer) {
    size_t size = buffer->end - buffer->start;
    ssize_t count = send(socket->descriptor, buffer->bytes + buffer->start, size,
                         MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count < 0 && errno != EAGAIN) return false;
    buffer->start += count < 0 ? 0 : count;
    if (buffer->start < buffer->end && !socket->awaitsRoom) {
        socket->awaitsRoom = true;
        watch(EPOLL_CTL_MOD, socket, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
    }
    return true;
}

// Sends the buffer, or leaves it with the socket and takes another one in its place.
static bool flush(Socket *socket, Buffer **buffer) {
    if (!push(socket, *buffer)) return false;
    if ((*buffer)->start < (*buffer)->end) {
        socket->rest = *buffer;
        *buffer = takeBuffer();
    }
    (*buffer)->start = (*buffer)->end = 0;
    return true;
}

// Sends what is left over; false while there is more, or for a socket that failed.
static bool isClear(Socket *socket, bool *hasFailed) {
    if (socket->rest == NULL) return true;
    if (!push(socket, socket->rest)) *hasFailed = true;
    if (*hasFailed || socket->rest->start < socket->rest->end) return false;
    giveBack(socket->rest);
    socket->rest = NULL;
    return true;
}

static void closeSocket(Socket *socket) {
    close(socket->descriptor);
    socket->descriptor = -1;
    if (socket->rest != NULL) giveBack(socket->rest);
    socket->rest = NULL;
}

// OpenSSL asks with each random number whether the process has forked, which this one never does,
// and locks whatever it looks up, from which it has nobody to keep out.
pid_t getpid(void) {
    return 1;
}

int pthread_rwlock_rdlock(pthread_rwlock_t *lock) {
    (void)lock;
    return 0;
}

int pthread_rwlock_wrlock(pthread_rwlock_t *lock) {
    (void)lock;
    return 0;
}

int pthread_rwlock_unlock(pthread_rwlock_t *lock) {
    (void)lock;
    return 0;
}

// OpenSSL's memory: what was freed of a size serves the next that needs it.
typedef union Block {
    union Block *next;
    size_t class;
    max_align_t alignment;
} Block;

enum { classSize = 64, classes = 2048 };
static Block *freeBlocks[classes];

static void *allocate(size_t size, const char *file, int line) {
    (void)file, (void)line;
    if (size == 0) return NULL;
    size_t class = (size - 1) / classSize;
    Block *block = class < classes ? freeBlocks[class] : NULL;
    if (block != NULL) freeBlocks[class] = block->next;
    else block = malloc(sizeof *block + (class + 1) * classSize);
    if (block == NULL) return NULL;
    block->class = class;
    return block + 1;
}

static void release(void *bytes, const char *file, int line) {
    (void)file, (void)line;
    if (bytes == NULL) return;
    Block *block = (Block *)bytes - 1;
    size_t class = block->class;
    if (class >= classes) return free(block);
    block->next = freeBlocks[class];
    freeBlocks[class] = block;
}

static void *reallocate(void *bytes, size_t size, const char *file, int line) {
    size_t room = bytes == NULL ? 0 : (((Block *)bytes - 1)->class + 1) * classSize;
    if (size > 0 && size <= room) return bytes;
    void *moved = allocate(size, file, line);
    if (moved != NULL && room > 0) memcpy(moved, bytes, room);
    if (moved != NULL || size == 0) release(bytes, file, line);
    return moved;
}
