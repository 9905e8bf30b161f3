// The least that a TLS proxy over OpenSSL and Linux's sockets can spend: what it takes to move a
// request and its response from one side to the other, and nothing else.
//
//   bare PORT BACKEND CERTIFICATE KEY EARLY
//
// A measuring rod for the rows of scripts/bench, and nothing to serve with: it passes bytes on as
// they are, has no limit, no timer, no log and no second host, believes whatever its peers say,
// wants heads of less than 1 KiB in one piece, a Content-Length in each response, and no request
// before the last one has been answered. EARLY is 1 where early data is taken, without heed to
// replays.
//
// One thread; each connection is registered once, edge-triggered, for input, and for output from
// the first time on that it had no room. OpenSSL's BIO reads from the socket into OpenSSL's buffer,
// four full records at once, and collects what OpenSSL writes until the connection's turn ends. A
// ticket waits for the response. A connection to the backend is in use for an exchange, and free
// otherwise. `Connection: close` is for the client's connection and not for the backend's, so its
// name is spoilt on the way, and the length stays what it was.
#include "bare.h"

#include <arpa/inet.h>
#include <malloc.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>

enum { headLimit = 1024, heldLimit = 512, batchLimit = 64 };

typedef struct Backend {
    Socket socket;
    struct Client *client;
    struct Backend *next;
} Backend;

typedef struct Client {
    Socket socket;
    SSL *tls;
    // The connection that the request in progress uses.
    Backend *backend;
    // Bytes to come of the request and of the response.
    size_t asking, answering;
    bool isEarly, hasAnswered, closes, isOver;
    // A ticket that leaves with the first response.
    size_t heldCount;
    char held[heldLimit];
    struct Client *next;
} Client;

static struct sockaddr_in behind;
static SSL_CTX *context;
static BIO *wire;
static bool takesEarly;
// Whose turn it is, and what OpenSSL wrote in it.
static Client *current;
static Buffer *sealed, *plain;
static Backend *freeBackends;
static Client *freeClients;
// Closed in this batch, whose events may name them still.
static Client *closedClients;
static Backend *closedBackends;

static int wireRead(BIO *bio, char *bytes, size_t limit, size_t *count) {
    BIO_clear_retry_flags(bio);
    // Whole records, where they are full ones.
    if (limit > sealedRead) limit = sealedRead;
    ssize_t result = receive(&current->socket, bytes, limit);
    if (result < 0) BIO_set_retry_read(bio);
    *count = result > 0 ? result : 0;
    return result > 0;
}

static int wireWrite(BIO *bio, const char *bytes, size_t size, size_t *count) {
    (void)bio;
    require(sizeof sealed->bytes - sealed->end >= size, "room in the buffer");
    memcpy(sealed->bytes + sealed->end, bytes, size);
    sealed->end += size;
    *count = size;
    return 1;
}

static long wireControl(BIO *bio, int command, long number, void *pointer) {
    (void)bio, (void)number, (void)pointer;
    return command == BIO_CTRL_FLUSH;
}

static void makeWire(void) {
    BIO_METHOD *method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "wire");
    require(method != NULL, "a BIO's method");
    BIO_meth_set_read_ex(method, wireRead);
    BIO_meth_set_write_ex(method, wireWrite);
    BIO_meth_set_ctrl(method, wireControl);
    wire = BIO_new(method);
    require(wire != NULL, "a BIO");
    BIO_set_init(wire, 1);
}

static void makeContext(const char *certificate, const char *key) {
    context = SSL_CTX_new(TLS_server_method());
    require(context != NULL && SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) &&
            SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256") &&
            SSL_CTX_set1_groups_list(context, "X25519"), "a TLS context");
    require(SSL_CTX_use_certificate_file(context, certificate, SSL_FILETYPE_PEM) &&
            SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM), "the certificate");
    SSL_CTX_set_num_tickets(context, 1);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    // One read takes four records; nothing looks for issuers of the certificate.
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_default_read_buffer_len(context, sealedRead + 8);
    SSL_CTX_set_mode(context, SSL_MODE_NO_AUTO_CHAIN);
    SSL_CTX_set_security_level(context, 0);
    if (takesEarly) {
        SSL_CTX_set_options(context, SSL_OP_NO_ANTI_REPLAY);
        SSL_CTX_set_max_early_data(context, SSL3_RT_MAX_PLAIN_LENGTH);
    }
}

static void makeListener(Socket *made, int port) {
    int on = 1, descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    // What is accepted inherits the first; by the second, its first bytes are there by then.
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(descriptor, IPPROTO_TCP, TCP_DEFER_ACCEPT, &on, sizeof on);
    require(bind(descriptor, (struct sockaddr *)&address, sizeof address) == 0, "bind");
    require(listen(descriptor, 4096) == 0, "listen");
    *made = (Socket){.kind = ofListener, .descriptor = descriptor};
    watch(EPOLL_CTL_ADD, made, EPOLLIN);
}

static Backend *takeBackend(Client *owner) {
    Backend *taken = freeBackends;
    if (taken != NULL) {
        freeBackends = taken->next;
    } else {
        taken = calloc(1, sizeof *taken);
        int on = 1, descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        require(taken != NULL && descriptor >= 0, "a backend's socket");
        setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        require(connect(descriptor, (struct sockaddr *)&behind, sizeof behind) == 0, "connect");
        taken->socket = (Socket){.kind = ofBackend, .descriptor = descriptor};
        watch(EPOLL_CTL_ADD, &taken->socket, EPOLLIN | EPOLLRDHUP | EPOLLET);
    }
    taken->client = owner;
    return taken;
}

static void freeBackend(Backend *used) {
    used->client = NULL;
    used->next = freeBackends;
    freeBackends = used;
}

static void closeBackend(Backend *closed) {
    for (Backend **link = &freeBackends; *link != NULL; link = &(*link)->next) {
        if (*link != closed) continue;
        *link = closed->next;
        break;
    }
    closeSocket(&closed->socket);
    closed->next = closedBackends;
    closedBackends = closed;
}

static void closeClient(Client *closed) {
    // It is amid an exchange, whose rest nobody wants.
    if (closed->backend != NULL) closeBackend(closed->backend);
    closed->backend = NULL;
    closeSocket(&closed->socket);
    // After SSL_clear, a session takes no early data.
    if (takesEarly) SSL_free(closed->tls);
    if (takesEarly) closed->tls = NULL;
    ERR_clear_error();
    closed->next = closedClients;
    closedClients = closed;
}

static void bury(void) {
    while (closedClients != NULL) {
        Client *dead = closedClients;
        closedClients = dead->next;
        dead->next = freeClients;
        freeClients = dead;
    }
    while (closedBackends != NULL) {
        Backend *dead = closedBackends;
        closedBackends = dead->next;
        free(dead);
    }
}

// The length of the message whose head begins the bytes; 0 where they hold no whole head.
static size_t lengthOf(char *bytes, size_t count, bool *closes) {
    char *end = memmem(bytes, count < headLimit ? count : headLimit, "\r\n\r\n", 4);
    if (end == NULL) return 0;
    size_t length = end + 4 - bytes;
    char *field = memmem(bytes, length, "\r\nContent-Length:", 17);
    char *close = closes == NULL ? NULL : memmem(bytes, length, "\r\nConnection: close", 19);
    if (close != NULL) {
        close[2] = 'X';
        *closes = true;
    }
    return length + (field == NULL ? 0 : strtoul(field + 17, NULL, 10));
}

// Reads once from OpenSSL, which takes from the socket what it lacks.
static bool readPlain(Client *client, char *bytes, size_t limit, size_t *count) {
    int result = 0;
    while (client->isEarly) {
        result = SSL_read_early_data(client->tls, bytes, limit, count);
        if (result == SSL_READ_EARLY_DATA_SUCCESS) return true;
        if (result == SSL_READ_EARLY_DATA_ERROR) break;
        client->isEarly = false;
    }
    if (!client->isEarly) result = SSL_read_ex(client->tls, bytes, limit, count);
    if (!client->isEarly && result == 1) return true;
    if (SSL_get_error(client->tls, 0) != SSL_ERROR_WANT_READ) client->isOver = true;
    return false;
}

// Adds what one record has of the request; false where there is no more to read now.
static bool collect(Client *client) {
    if (!client->socket.isReadable && !SSL_has_pending(client->tls)) return false;
    size_t limit = chunk - plain->end, count = 0;
    if (client->asking > 0 && client->asking < limit) limit = client->asking;
    if (!readPlain(client, plain->bytes + plain->end, limit, &count)) return false;
    if (client->backend == NULL) {
        client->asking = lengthOf(plain->bytes, count, &client->closes);
        if (client->asking < count) client->isOver = true;
        if (client->isOver) return false;
        client->backend = takeBackend(client);
    }
    plain->end += count;
    client->asking -= count;
    return client->asking > 0;
}

// Passes on what has come of the request; true once it has gone as a whole.
static bool takeRequest(Client *client) {
    do {
        while (plain->end < chunk && collect(client)) {}
        if (plain->end == 0) return false;
        bool isFull = plain->end == chunk;
        if (!flush(&client->backend->socket, &plain)) client->isOver = true;
        if (!isFull) break;
    } while (client->asking > 0 && !client->isOver && client->backend->socket.rest == NULL);
    return client->asking == 0 && !client->isOver;
}

static bool seal(Client *client, size_t count) {
    size_t written = 0;
    if (client->isEarly)
        return SSL_write_early_data(client->tls, plain->bytes, count, &written) == 1;
    return SSL_write_ex(client->tls, plain->bytes, count, &written) == 1;
}

// Passes on what has come of the response; true once it has gone as a whole and more may come.
static bool takeAnswer(Client *client) {
    while (client->socket.rest == NULL) {
        ssize_t count = receive(&client->backend->socket, plain->bytes, chunk);
        if (count < 0) return false;
        if (client->answering == 0) client->answering = lengthOf(plain->bytes, count, NULL);
        client->isOver = count == 0 || client->answering < (size_t)count || !seal(client, count);
        if (client->isOver) return false;
        client->answering -= count;
        client->hasAnswered = true;
        bool isLast = client->answering == 0;
        if (isLast) freeBackend(client->backend);
        if (isLast) client->backend = NULL;
        if (isLast && client->closes) SSL_shutdown(client->tls);
        bool isSent = flush(&client->socket, &sealed) && client->socket.rest == NULL;
        client->isOver = !isSent && client->socket.rest == NULL;
        if (isLast) client->isOver = client->isOver || (client->closes && isSent);
        if (isLast) return !client->isOver;
    }
    return false;
}

// Sends what the turn has made, or keeps a ticket for the response.
static void settle(Client *client) {
    bool waits = !client->hasAnswered && SSL_is_init_finished(client->tls);
    if (waits && sealed->end <= heldLimit) {
        memcpy(client->held, sealed->bytes, sealed->end);
        client->heldCount = sealed->end;
    } else if (sealed->end > 0 && !flush(&client->socket, &sealed)) {
        client->isOver = true;
    }
    sealed->end = plain->end = 0;
    if (client->isOver) closeClient(client);
}

static void turn(Client *client) {
    current = client;
    memcpy(sealed->bytes, client->held, client->heldCount);
    sealed->end = client->heldCount;
    client->heldCount = 0;
    bool goesOn = isClear(&client->socket, &client->isOver);
    if (goesOn && client->closes && client->backend == NULL) client->isOver = true;
    if (client->backend != NULL)
        goesOn = isClear(&client->backend->socket, &client->isOver) && goesOn;
    while (goesOn && !client->isOver) {
        bool isAsking = client->backend == NULL || client->asking > 0;
        goesOn = (!isAsking || takeRequest(client)) && takeAnswer(client);
    }
    settle(client);
}

static void acceptOne(int listening) {
    int descriptor = accept4(listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0) return;
    Client *made = freeClients;
    if (made != NULL) freeClients = made->next;
    else made = calloc(1, sizeof *made);
    require(made != NULL, "a client");
    *made = (Client){.tls = made->tls, .isEarly = takesEarly};
    made->socket = (Socket){.kind = ofClient, .descriptor = descriptor, .isReadable = true};
    // Whoever had this place before left a session that begins anew for less than another costs.
    bool isNew = made->tls == NULL;
    if (isNew) made->tls = SSL_new(context);
    require(made->tls != NULL && (isNew || SSL_clear(made->tls)), "a TLS session");
    if (isNew) {
        BIO_up_ref(wire);
        SSL_set_bio(made->tls, wire, wire);
    }
    SSL_set_accept_state(made->tls);
    turn(made);
    if (made->socket.descriptor < 0) return;
    watch(EPOLL_CTL_ADD, &made->socket, EPOLLIN | EPOLLRDHUP | EPOLLET);
}

static void handle(Socket *socket, uint32_t events) {
    if (socket->kind == ofListener) return acceptOne(socket->descriptor);
    if (socket->descriptor < 0) return;
    if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) socket->isEnding = true;
    if (events & EPOLLIN || socket->isEnding) socket->isReadable = true;
    Backend *owner = socket->kind == ofBackend ? (Backend *)socket : NULL;
    if (owner == NULL) turn((Client *)socket);
    else if (owner->client != NULL) turn(owner->client);
    else if (socket->isReadable) closeBackend(owner);
}

int main(int argumentCount, char **arguments) {
    require(argumentCount == 6, "reading the arguments PORT BACKEND CERTIFICATE KEY EARLY");
    // What is freed stays with the process: a connection needs the same again.
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    signal(SIGPIPE, SIG_IGN);
    takesEarly = atoi(arguments[5]) == 1;
    behind = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(atoi(arguments[2]))};
    behind.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    require(CRYPTO_set_mem_functions(allocate, reallocate, release), "OpenSSL's memory");
    makeWire();
    makeContext(arguments[3], arguments[4]);
    sealed = takeBuffer();
    plain = takeBuffer();
    poller = epoll_create1(EPOLL_CLOEXEC);
    Socket front;
    makeListener(&front, atoi(arguments[1]));
    struct epoll_event events[batchLimit];
    for (;;) {
        int count = epoll_wait(poller, events, batchLimit, -1);
        for (int index = 0; index < count; index++)
            handle(events[index].data.ptr, events[index].events);
        bury();
    }
}
