// The load generator of scripts/scale: many TLS 1.3 connections that are kept, and requests on them
// at a rate.
//
//   paced PORT CONNECTIONS HOST PATH CERTIFICATE
//
// Connects, and makes one request on each connection. Then each line on standard input,
// "COUNT RATE DEPTH", is a load: COUNT requests, taking turns on the connections, RATE of them
// begun in a second whether or not those before are answered; with RATE 0 as many as DEPTH are
// under way at any time. Each load, the first one too, is answered by the latencies in µs, from
// when a request was due to the end of its response: "MEDIAN P99 MOST". Responses must be 200 with
// 1,024 bytes. The first thing that is wrong ends the program with 1 and a line on standard error.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { body = 1024, headLimit = 4096, patienceSeconds = 20 };

typedef struct {
    SSL *tls;
    // When the request under way was due, in ns; 0 while there is none.
    long due;
    int received;
    char text[headLimit + body];
} Connection;

static Connection *connections;
static long width;
static char request[1024];
static int requestLength, poller;
static long *latencies, finished, underWay;

static void fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "paced: ");
    vfprintf(stderr, format, arguments);
    fprintf(stderr, "\n");
    exit(1);
}

static long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000L + time.tv_nsec;
}

static void dial(Connection *connection, SSL_CTX *context, int port, const char *host) {
    int on = 1, descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (descriptor < 0 || connect(descriptor, (struct sockaddr *)&address, sizeof address) != 0)
        fail("no connection to port %d: %s", port, strerror(errno));
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    connection->tls = SSL_new(context);
    SSL_set_fd(connection->tls, descriptor);
    SSL_set_tlsext_host_name(connection->tls, host);
    SSL_set1_host(connection->tls, host);
    if (SSL_connect(connection->tls) != 1) fail("no handshake for %s", host);
    fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.ptr = connection};
    epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &event);
}

static void begin(Connection *connection, long due) {
    connection->due = due;
    connection->received = 0;
    underWay++;
    if (SSL_write(connection->tls, request, requestLength) != requestLength)
        fail("a request was not sent");
}

// True where the response is whole.
static int isDone(Connection *connection) {
    connection->text[connection->received] = 0;
    char *end = strstr(connection->text, "\r\n\r\n");
    if (end == NULL || end + 4 + body > connection->text + connection->received) return 0;
    if (strncmp(connection->text, "HTTP/1.1 200 ", 13) != 0)
        fail("no 200: %.80s", connection->text);
    if (end + 4 + body != connection->text + connection->received) fail("more than a response");
    return 1;
}

static void readSome(Connection *connection) {
    for (;;) {
        int room = sizeof connection->text - 1 - connection->received;
        int count = SSL_read(connection->tls, connection->text + connection->received, room);
        if (count <= 0) {
            if (SSL_get_error(connection->tls, count) == SSL_ERROR_WANT_READ) return;
            fail("the server closed");
        }
        if (connection->due == 0) fail("a response without a request");
        connection->received += count;
        if (!isDone(connection)) continue;
        latencies[finished++] = now() - connection->due;
        connection->due = 0;
        underWay--;
    }
}

static void await(long until) {
    struct epoll_event events[256];
    long left = until - now();
    struct timespec wait = {.tv_sec = left / 1000000000, .tv_nsec = left % 1000000000};
    if (left < 0) wait = (struct timespec){0};
    int count = epoll_pwait2(poller, events, 256, &wait, NULL);
    for (int index = 0; index < count; index++) readSome(events[index].data.ptr);
}

static int order(const void *left, const void *right) {
    long difference = *(const long *)left - *(const long *)right;
    return difference < 0 ? -1 : difference > 0;
}

static void tell(long count) {
    qsort(latencies, count, sizeof *latencies, order);
    printf("%ld %ld %ld\n", latencies[count / 2] / 1000, latencies[count * 99 / 100] / 1000,
           latencies[count - 1] / 1000);
    fflush(stdout);
    free(latencies);
}

static void load(long count, long rate, long depth) {
    latencies = calloc(count, sizeof *latencies);
    finished = 0;
    long started = 0, first = now(), next = 0;
    while (finished < count) {
        long present = now();
        for (;;) {
            long due = rate > 0 ? first + started * (1000000000L / rate) : present;
            int mayBegin = rate > 0 ? due <= present : underWay < depth;
            // All connections are taken: whoever is due waits for one, and that counts.
            if (started == count || !mayBegin || underWay == width) break;
            while (connections[next].due != 0) next = (next + 1) % width;
            begin(&connections[next], due);
            next = (next + 1) % width;
            started++;
        }
        int isPacing = rate > 0 && started < count && underWay < width;
        long until = isPacing ? first + started * (1000000000L / rate)
                              : present + patienceSeconds * 1000000000L;
        long before = finished;
        await(until);
        if (!isPacing && finished == before && now() >= until) fail("no response in time");
    }
    tell(count);
}

int main(int argumentCount, char **arguments) {
    if (argumentCount != 6) fail("usage: PORT CONNECTIONS HOST PATH CERTIFICATE");
    signal(SIGPIPE, SIG_IGN);
    width = atol(arguments[2]);
    if (width < 1) fail("a count out of range");
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
    SSL_CTX_set1_groups_list(context, "X25519");
    SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256");
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    if (SSL_CTX_load_verify_locations(context, arguments[5], NULL) != 1) fail("no certificate");
    requestLength = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n",
                             arguments[4], arguments[3]);
    connections = calloc(width, sizeof *connections);
    poller = epoll_create1(EPOLL_CLOEXEC);
    latencies = calloc(width, sizeof *latencies);
    for (long index = 0; index < width; index++) {
        dial(&connections[index], context, atoi(arguments[1]), arguments[3]);
        // Who has asked once has all the time that a kept connection has.
        begin(&connections[index], now());
        while (connections[index].due != 0) await(now() + patienceSeconds * 1000000000L);
    }
    tell(width);
    fflush(stdout);
    char line[64];
    while (fgets(line, sizeof line, stdin) != NULL) {
        long count, rate, depth;
        if (sscanf(line, "%ld %ld %ld", &count, &rate, &depth) != 3 || count < 1 || depth < 1)
            fail("no load: %s", line);
        load(count, rate, depth);
    }
    return 0;
}
