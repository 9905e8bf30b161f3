// The load generator of scripts/bench: one TLS 1.3 client, so that no two rows differ in it.
//
//   client MODE PORT COUNT CONNECTIONS BYTES CERTIFICATE
//
// MODE is one of
//   full       COUNT times: connect, full handshake, one request for /1k, close
//   resumed    the same, each handshake resumed by a ticket of the one before; one more goes first
//   early      the same, with the request as early data, and again behind the handshake where that
//              is refused; the client closes, once it has a ticket: a server that closes may not
//              have sent one yet; prints how many of COUNT were accepted
//   keepalive  COUNT requests for /1k, taking turns on CONNECTIONS connections
//   download   COUNT requests for /large, whose responses have BYTES bytes
//   websocket  COUNT messages of BYTES bytes to /echo and back, taking turns on CONNECTIONS
//              connections, one message on its way at a time
//   upload     COUNT times POST /upload with BYTES bytes, until the server says that it has them
//   idle       COUNT connections, each after one request for /1k; prints "ready", waits for the
//              end of standard input
//
// The status and the length of each response are checked, what the handshake agreed on, and that
// each handshake brought one ticket. The first thing that is wrong ends the program with 1 and a
// line on standard error.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { small = 1024, chunk = 65536, headLimit = 16384 };

typedef struct {
    int descriptor;
    SSL *tls;
} Connection;

static const char *mode;
static int port;
static SSL_CTX *context;
static SSL_SESSION *ticket;
static long handshakes, tickets;
static char buffer[chunk];

static void fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "client %s: ", mode);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    unsigned long error = ERR_get_error();
    if (error != 0) fprintf(stderr, ": %s", ERR_reason_error_string(error));
    fprintf(stderr, "\n");
    exit(1);
}

// Why a read or a write came to nothing: a stall and an end must not look alike.
static const char *cause(SSL *tls, int result) {
    int error = errno;
    switch (SSL_get_error(tls, result)) {
    case SSL_ERROR_ZERO_RETURN: return "close_notify";
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE: return "nothing moved for 20 s";
    case SSL_ERROR_SYSCALL: return error == 0 ? "end of stream" : strerror(error);
    default: return "a TLS error";
    }
}

// Keeps the latest ticket only; 1 says that the session is ours now.
static int keepTicket(SSL *tls, SSL_SESSION *session) {
    (void)tls;
    SSL_SESSION_free(ticket);
    ticket = session;
    tickets++;
    return 1;
}

static void makeContext(const char *certificate) {
    context = SSL_CTX_new(TLS_client_method());
    if (context == NULL) fail("no TLS context");
    int isWell = SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) &&
                 SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256") &&
                 SSL_CTX_set1_groups_list(context, "X25519") &&
                 SSL_CTX_load_verify_locations(context, certificate, NULL);
    if (!isWell) fail("the TLS settings were refused");
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, keepTicket);
}

static int dial(void) {
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) fail("no socket");
    int on = 1;
    struct timeval patience = {.tv_sec = 20};
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(descriptor, (struct sockaddr *)&address, sizeof address) != 0)
        fail("no connection to port %d", port);
    return descriptor;
}

// A connection without its handshake; to resume, it takes the ticket, which nobody uses again.
static Connection prepare(int resumes) {
    Connection connection = {.descriptor = dial(), .tls = SSL_new(context)};
    SSL *tls = connection.tls;
    SSL_set_fd(tls, connection.descriptor);
    SSL_set_tlsext_host_name(tls, "localhost");
    SSL_set1_host(tls, "localhost");
    if (resumes) {
        if (ticket == NULL) fail("the server sent no ticket");
        SSL_set_session(tls, ticket);
        SSL_SESSION_free(ticket);
        ticket = NULL;
    }
    return connection;
}

static void handshake(SSL *tls, int resumes) {
    if (SSL_connect(tls) != 1) fail("no handshake");
    if (SSL_session_reused(tls) != resumes)
        fail(resumes ? "the server did not resume" : "the server resumed");
    handshakes++;
}

static Connection openConnection(int resumes) {
    Connection connection = prepare(resumes);
    handshake(connection.tls, resumes);
    return connection;
}

static void closeConnection(Connection connection) {
    SSL_shutdown(connection.tls);
    SSL_free(connection.tls);
    close(connection.descriptor);
}

static void writeAll(SSL *tls, const char *bytes, size_t count) {
    size_t written = 0;
    errno = 0;
    int result = SSL_write_ex(tls, bytes, count, &written);
    if (result != 1 || written != count) fail("a write failed: %s", cause(tls, result));
}

static int request(char *head, size_t limit, const char *path, int closes) {
    return snprintf(head, limit, "GET %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n", path,
                    closes ? "Connection: close\r\n" : "");
}

static void ask(SSL *tls, const char *path, int closes) {
    char head[256];
    int count = request(head, sizeof head, path, closes);
    writeAll(tls, head, count);
}

// The handshake with the request as early data; true where the server took it as that.
static int askEarly(Connection connection) {
    SSL *tls = connection.tls;
    if (SSL_SESSION_get_max_early_data(SSL_get_session(tls)) > 0) {
        char head[256];
        size_t count = request(head, sizeof head, "/1k", 0), written = 0;
        // Hello and request leave together, so that their arrival is no matter of luck.
        int on = 1, off = 0;
        setsockopt(connection.descriptor, IPPROTO_TCP, TCP_CORK, &on, sizeof on);
        if (SSL_write_early_data(tls, head, count, &written) != 1 || written != count)
            fail("no early data");
        setsockopt(connection.descriptor, IPPROTO_TCP, TCP_CORK, &off, sizeof off);
    }
    handshake(tls, 1);
    return SSL_get_early_data_status(tls) == SSL_EARLY_DATA_ACCEPTED;
}

static long field(const char *head, const char *name) {
    const char *line = strcasestr(head, name);
    return line == NULL ? -1 : strtol(line + strlen(name), NULL, 10);
}

// Reads one response of 200 and this many bytes; gives the value of a field of numbers, or -1.
static long expect(SSL *tls, size_t length, const char *name) {
    char head[headLimit + 1];
    size_t count = 0;
    char *end = NULL;
    while (end == NULL) {
        size_t taken = 0;
        if (count == headLimit) fail("a head of more than %d bytes", headLimit);
        errno = 0;
        int result = SSL_read_ex(tls, head + count, headLimit - count, &taken);
        if (result != 1)
            fail("the response ended after %zu bytes of its head: %s", count, cause(tls, result));
        count += taken;
        head[count] = 0;
        end = strstr(head, "\r\n\r\n");
    }
    size_t rest = count - (end + 4 - head);
    end[2] = 0;
    if (strncmp(head, "HTTP/1.1 200", 12) != 0) fail("the response is '%.40s'", head);
    long declared = field(head, "\r\nContent-Length:");
    if (declared < 0 || (size_t)declared != length)
        fail("the response declares %ld bytes, not %zu", declared, length);
    while (rest < length) {
        size_t taken = 0;
        size_t wanted = length - rest < chunk ? length - rest : chunk;
        errno = 0;
        int result = SSL_read_ex(tls, buffer, wanted, &taken);
        if (result != 1)
            fail("the response ended after %zu bytes of %zu: %s", rest, length, cause(tls, result));
        rest += taken;
    }
    if (rest != length) fail("the response has %zu bytes, not %zu", rest, length);
    return name == NULL ? -1 : field(head, name);
}

// Reads until there is a ticket for the next connection.
static void awaitTicket(SSL *tls) {
    size_t taken = 0;
    // A read returns after each record, though it be none of the application's.
    SSL_clear_mode(tls, SSL_MODE_AUTO_RETRY);
    while (ticket == NULL) {
        long before = tickets;
        int result = SSL_read_ex(tls, buffer, 1, &taken);
        if (result == 1) fail("bytes beyond the response");
        if (tickets == before) fail("no ticket: %s", cause(tls, result));
    }
}

static void expectEnd(SSL *tls) {
    size_t taken = 0;
    if (SSL_read_ex(tls, buffer, 1, &taken) == 1) fail("bytes beyond the response");
    if (SSL_get_error(tls, 0) == SSL_ERROR_WANT_READ) fail("the connection stays open");
    ERR_clear_error();
}

static void runHandshakes(long count, int resumes) {
    for (long done = resumes ? -1 : 0; done < count; done++) {
        Connection connection = openConnection(resumes && done >= 0);
        ask(connection.tls, "/1k", 1);
        expect(connection.tls, small, NULL);
        expectEnd(connection.tls);
        closeConnection(connection);
    }
}

static void runEarly(long count) {
    long accepted = 0;
    for (long done = -1; done < count; done++) {
        Connection connection = done < 0 ? openConnection(0) : prepare(1);
        if (done >= 0 && askEarly(connection)) accepted++;
        else ask(connection.tls, "/1k", 0);
        expect(connection.tls, small, NULL);
        awaitTicket(connection.tls);
        closeConnection(connection);
    }
    printf("%ld\n", accepted);
}

static void runKeepAlive(long count, long width) {
    Connection *connections = calloc(width, sizeof *connections);
    for (long index = 0; index < width; index++) connections[index] = openConnection(0);
    for (long done = 0; done < count; done += width) {
        long turn = count - done < width ? count - done : width;
        for (long index = 0; index < turn; index++) ask(connections[index].tls, "/1k", 0);
        for (long index = 0; index < turn; index++) expect(connections[index].tls, small, NULL);
    }
    for (long index = 0; index < width; index++) closeConnection(connections[index]);
    free(connections);
}

static void runDownload(long count, size_t length) {
    Connection connection = openConnection(0);
    for (long done = 0; done < count; done++) {
        ask(connection.tls, "/large", 0);
        expect(connection.tls, length, NULL);
    }
    closeConnection(connection);
}

static void runUpload(long count, size_t length) {
    Connection connection = openConnection(0);
    memset(buffer, 'u', chunk);
    for (long done = 0; done < count; done++) {
        char head[256];
        const char *format =
            "POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: %zu\r\n\r\n";
        int size = snprintf(head, sizeof head, format, length);
        writeAll(connection.tls, head, size);
        for (size_t sent = 0; sent < length;) {
            size_t part = length - sent < chunk ? length - sent : chunk;
            writeAll(connection.tls, buffer, part);
            sent += part;
        }
        long read = expect(connection.tls, 3, "\r\nX-Request-Length:");
        if (read < (long)length) fail("the server read %ld bytes of %zu", read, length);
    }
    closeConnection(connection);
}

// Changes the protocol on a connection (RFC 6455 §4.1).
static void upgrade(SSL *tls) {
    const char *head = "GET /echo HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
                       "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    writeAll(tls, head, strlen(head));
    size_t count = 0, taken = 0;
    while (count < 4 || memcmp(buffer + count - 4, "\r\n\r\n", 4) != 0) {
        if (count == headLimit || SSL_read_ex(tls, buffer + count, 1, &taken) != 1)
            fail("no answer to the upgrade");
        count += taken;
    }
    if (strncmp(buffer, "HTTP/1.1 101", 12) != 0) fail("the response is '%.40s'", buffer);
}

static void runWebSocket(long count, long width, size_t length) {
    Connection *connections = calloc(width, sizeof *connections);
    char message[chunk];
    memset(message, 'w', length);
    for (long index = 0; index < width; index++) {
        connections[index] = openConnection(0);
        upgrade(connections[index].tls);
    }
    for (long done = 0; done < count; done += width) {
        long turn = count - done < width ? count - done : width;
        for (long index = 0; index < turn; index++)
            writeAll(connections[index].tls, message, length);
        for (long index = 0; index < turn; index++) {
            for (size_t read = 0, taken = 0; read < length; read += taken) {
                errno = 0;
                int result = SSL_read_ex(connections[index].tls, buffer, length - read, &taken);
                if (result != 1) fail("no echo: %s", cause(connections[index].tls, result));
            }
        }
    }
    for (long index = 0; index < width; index++) closeConnection(connections[index]);
    free(connections);
}

static void runIdle(long count) {
    Connection *connections = calloc(count, sizeof *connections);
    for (long index = 0; index < count; index++) {
        connections[index] = openConnection(0);
        ask(connections[index].tls, "/1k", 0);
        expect(connections[index].tls, small, NULL);
    }
    printf("ready\n");
    fflush(stdout);
    while (read(STDIN_FILENO, buffer, sizeof buffer) > 0) {}
    // Had one been closed meanwhile, it would not have counted.
    for (long index = 0; index < count; index++) {
        ask(connections[index].tls, "/1k", 0);
        expect(connections[index].tls, small, NULL);
        closeConnection(connections[index]);
    }
    free(connections);
}

int main(int argumentCount, char **arguments) {
    mode = argumentCount > 1 ? arguments[1] : "";
    if (argumentCount != 7) fail("usage: MODE PORT COUNT CONNECTIONS BYTES CERTIFICATE");
    port = atoi(arguments[2]);
    long count = atol(arguments[3]), width = atol(arguments[4]), length = atol(arguments[5]);
    if (count < 1 || width < 1 || length < 0) fail("a count out of range");
    signal(SIGPIPE, SIG_IGN);
    makeContext(arguments[6]);
    if (strcmp(mode, "full") == 0) runHandshakes(count, 0);
    else if (strcmp(mode, "resumed") == 0) runHandshakes(count, 1);
    else if (strcmp(mode, "early") == 0) runEarly(count);
    else if (strcmp(mode, "keepalive") == 0) runKeepAlive(count, width);
    else if (strcmp(mode, "download") == 0) runDownload(count, length);
    else if (strcmp(mode, "upload") == 0) runUpload(count, length);
    else if (strcmp(mode, "websocket") == 0) runWebSocket(count, width, length);
    else if (strcmp(mode, "idle") == 0) runIdle(count);
    else fail("no such mode");
    if (tickets != handshakes) fail("%ld tickets for %ld handshakes", tickets, handshakes);
    return 0;
}
