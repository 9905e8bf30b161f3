// The clients of scripts/soak: handshakes of many kinds, in turn, by several processes.
//
//   handshakes PORT COUNT PROCESSES FOLDER
//
// The server has the sites one.soak.example (anybody, with early data) and two.soak.example (which
// asks for the client certificate FOLDER/client.pem). Each handshake has to end as its kind says:
// full ones and resumed ones with a response of 200, the others with a refusal. What did not is
// told on standard error, and the program ends with 1. Standard output says for each kind how many
// there were and how many were resumed, or had their early data accepted.
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

typedef enum {
    full13, full12, resumed13, resumed12, early, certified, recertified, uncertified, impostor,
    wrongVersion, unknownHost, garbage, garbageAfterHello, plain, abandoned, aborted, kindCount
} Kind;

static const char *names[kindCount] = {
    "TLS 1.3", "TLS 1.2", "TLS 1.3 resumed", "TLS 1.2 resumed", "early data",
    "client certificate", "client certificate, resumed", "no client certificate",
    "a stranger's client certificate", "TLS 1.1", "unknown host", "garbage",
    "garbage after a hello", "plain HTTP", "left after the hello", "reset after the hello"};

typedef struct {
    long done, resumed, early, wrong;
} Tally;

static int port;
static SSL_CTX *plainContext, *clientContext, *strangerContext;
// The latest ticket of each kind that resumes.
static SSL_SESSION *tickets[kindCount];
static Kind present;
static Tally *tallies;
static char buffer[65536];

static void fail(const char *what) {
    fprintf(stderr, "handshakes: %s\n", what);
    ERR_print_errors_fp(stderr);
    exit(1);
}

static void wrong(const char *format, ...) {
    // The first few say it all.
    if (tallies[present].wrong++ < 3) {
        va_list arguments;
        va_start(arguments, format);
        fprintf(stderr, "handshakes: %s: ", names[present]);
        vfprintf(stderr, format, arguments);
        va_end(arguments);
        unsigned long error = ERR_peek_error();
        fprintf(stderr, "%s%s\n", error ? ": " : "", error ? ERR_reason_error_string(error) : "");
    }
    ERR_clear_error();
}

static int keepTicket(SSL *tls, SSL_SESSION *session) {
    SSL_SESSION **place = SSL_get_app_data(tls);
    if (place == NULL) return 0;
    SSL_SESSION_free(*place);
    *place = session;
    return 1;
}

static SSL_CTX *makeContext(const char *folder, const char *name) {
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    if (context == NULL) fail("no context");
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, keepTicket);
    if (name == NULL) return context;
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.pem", folder, name);
    if (SSL_CTX_use_certificate_chain_file(context, path) != 1) fail(path);
    snprintf(path, sizeof path, "%s/%s.key", folder, name);
    if (SSL_CTX_use_PrivateKey_file(context, path, SSL_FILETYPE_PEM) != 1) fail(path);
    return context;
}

static int dial(void) {
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct timeval patience = {.tv_sec = 20};
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(descriptor, (struct sockaddr *)&address, sizeof address) != 0)
        fail("no connection");
    return descriptor;
}

// Ours ends with a reset, so that a few thousand a second do not use up the client's ports.
static void hangUp(int descriptor) {
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    close(descriptor);
}

static SSL *prepare(SSL_CTX *context, int descriptor, const char *host, int version) {
    SSL *tls = SSL_new(context);
    if (tls == NULL) fail("no session");
    SSL_set_fd(tls, descriptor);
    SSL_set_tlsext_host_name(tls, host);
    SSL_set_min_proto_version(tls, version);
    SSL_set_max_proto_version(tls, version);
    return tls;
}

static int ask(SSL *tls) {
    static const char *format =
        "GET /1k HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n";
    const char *host = SSL_get_servername(tls, TLSEXT_NAMETYPE_host_name);
    int count = snprintf(buffer, sizeof buffer, format, host);
    return SSL_write(tls, buffer, count) == count;
}

// Reads all that comes; true exactly when it is a response of 200.
static int answers(SSL *tls) {
    size_t count = 0, taken = 0;
    while (count < sizeof buffer - 1 &&
           SSL_read_ex(tls, buffer + count, sizeof buffer - 1 - count, &taken) == 1)
        count += taken;
    buffer[count] = 0;
    return strncmp(buffer, "HTTP/1.1 200", 12) == 0;
}

static int writeEarly(SSL *tls) {
    static const char request[] = "GET /1k HTTP/1.1\r\nHost: one.soak.example\r\n"
                                  "Connection: close\r\n\r\n";
    size_t written = 0;
    SSL_SESSION *ticket = SSL_get_session(tls);
    if (ticket == NULL || SSL_SESSION_get_max_early_data(ticket) == 0) return 0;
    return SSL_write_early_data(tls, request, sizeof request - 1, &written);
}

// A handshake that has to succeed, and a request; it resumes where the kind has a ticket.
static void serve(SSL_CTX *context, const char *host, int version, int resumes) {
    int descriptor = dial();
    SSL *tls = prepare(context, descriptor, host, version);
    Tally *tally = &tallies[present];
    if (resumes) {
        SSL_set_app_data(tls, &tickets[present]);
        if (tickets[present] != NULL) {
            SSL_set_session(tls, tickets[present]);
            // One of TLS 1.2 serves again: the server sends no other where it resumes.
            if (version == TLS1_3_VERSION) {
                SSL_SESSION_free(tickets[present]);
                tickets[present] = NULL;
            }
        }
    }
    int isEarly = present == early && writeEarly(tls) == 1;
    if (SSL_connect(tls) != 1) {
        wrong("no handshake");
    } else {
        tally->resumed += SSL_session_reused(tls);
        int isTaken = isEarly && SSL_get_early_data_status(tls) == SSL_EARLY_DATA_ACCEPTED;
        tally->early += isTaken;
        if (!isTaken && !ask(tls)) wrong("the request was not taken");
        else if (!answers(tls)) wrong("the response is '%.40s'", buffer);
        else SSL_shutdown(tls);
        ERR_clear_error();
    }
    SSL_free(tls);
    hangUp(descriptor);
}

// A handshake that the server has to refuse, at the latest when the request is there.
static void beRefused(SSL_CTX *context, const char *host, int version) {
    int descriptor = dial();
    SSL *tls = prepare(context, descriptor, host, version);
    if (version < TLS1_2_VERSION) SSL_set_cipher_list(tls, "DEFAULT:@SECLEVEL=0");
    if (SSL_connect(tls) == 1 && ask(tls) && answers(tls)) wrong("it was served");
    ERR_clear_error();
    SSL_free(tls);
    hangUp(descriptor);
}

// Sends bytes that are no handshake, and reads to the end.
static void babble(int afterHello, const char *text) {
    int descriptor = dial();
    if (afterHello) {
        SSL *tls = SSL_new(plainContext);
        BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
        SSL_set_bio(tls, in, out);
        SSL_set_tlsext_host_name(tls, "one.soak.example");
        SSL_connect(tls);
        char *hello = NULL;
        long count = BIO_get_mem_data(out, &hello);
        if (send(descriptor, hello, count, MSG_NOSIGNAL) != count) wrong("the hello was not taken");
        SSL_free(tls);
    }
    char noise[200];
    for (size_t index = 0; index < sizeof noise; index++) noise[index] = rand() & 255;
    // Of a record of the handshake, so that it is more than the first byte that is wrong.
    if (rand() % 2) memcpy(noise, "\x16\x03\x01\x00\x80", 5);
    const char *bytes = text == NULL ? noise : text;
    send(descriptor, bytes, text == NULL ? sizeof noise : strlen(text), MSG_NOSIGNAL);
    shutdown(descriptor, SHUT_WR);
    while (recv(descriptor, buffer, sizeof buffer, 0) > 0) {}
    hangUp(descriptor);
}

// Says hello, waits for what comes, and leaves.
static void leave(int resets) {
    int descriptor = dial();
    SSL *tls = SSL_new(plainContext);
    BIO *out = BIO_new(BIO_s_mem());
    SSL_set_bio(tls, BIO_new(BIO_s_mem()), out);
    SSL_set_tlsext_host_name(tls, "one.soak.example");
    SSL_connect(tls);
    char *hello = NULL;
    long count = BIO_get_mem_data(out, &hello);
    // Half of them leave in the middle of the hello.
    if (rand() % 2) count /= 2;
    send(descriptor, hello, count, MSG_NOSIGNAL);
    if (resets) hangUp(descriptor);
    else close(descriptor);
    ERR_clear_error();
    SSL_free(tls);
}

static void perform(Kind kind) {
    static const char one[] = "one.soak.example", two[] = "two.soak.example";
    int either = rand() % 2 ? TLS1_3_VERSION : TLS1_2_VERSION;
    present = kind;
    tallies[kind].done++;
    switch (kind) {
    case full13: serve(plainContext, one, TLS1_3_VERSION, 0); break;
    case full12: serve(plainContext, one, TLS1_2_VERSION, 0); break;
    case resumed13:
    case early: serve(plainContext, one, TLS1_3_VERSION, 1); break;
    case resumed12: serve(plainContext, one, TLS1_2_VERSION, 1); break;
    case certified: serve(clientContext, two, either, 0); break;
    case recertified: serve(clientContext, two, TLS1_3_VERSION, 1); break;
    case uncertified: beRefused(plainContext, two, either); break;
    case impostor: beRefused(strangerContext, two, TLS1_3_VERSION); break;
    case wrongVersion: beRefused(plainContext, one, TLS1_1_VERSION); break;
    case unknownHost: beRefused(plainContext, "nobody.soak.example", TLS1_3_VERSION); break;
    case garbage: babble(0, NULL); break;
    case garbageAfterHello: babble(1, NULL); break;
    case plain: babble(0, "GET / HTTP/1.1\r\nHost: one.soak.example\r\n\r\n"); break;
    case abandoned: leave(0); break;
    case aborted: leave(1); break;
    case kindCount: break;
    }
}

static void run(long count, const char *folder, int number) {
    srand(number);
    plainContext = makeContext(folder, NULL);
    clientContext = makeContext(folder, "client");
    strangerContext = makeContext(folder, "stranger");
    // Each process begins elsewhere, so that kinds meet.
    for (long done = 0; done < count; done++) perform((done + number * 5) % kindCount);
}

int main(int argumentCount, char **arguments) {
    if (argumentCount != 5) fail("usage: PORT COUNT PROCESSES FOLDER");
    port = atoi(arguments[1]);
    long count = atol(arguments[2]), processes = atol(arguments[3]);
    if (count < 1 || processes < 1) fail("a count out of range");
    signal(SIGPIPE, SIG_IGN);
    size_t size = processes * kindCount * sizeof *tallies;
    Tally *all = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED) fail("no memory");
    for (int number = 0; number < processes; number++) {
        pid_t child = fork();
        if (child < 0) fail("no process");
        if (child != 0) continue;
        tallies = all + number * kindCount;
        run(count / processes + (number < count % processes), arguments[4], number);
        _exit(0);
    }
    int isWell = 1, status = 0;
    while (wait(&status) > 0) isWell &= status == 0;
    for (int kind = 0; kind < kindCount; kind++) {
        Tally sum = {0};
        for (int number = 0; number < processes; number++) {
            Tally *tally = &all[number * kindCount + kind];
            sum.done += tally->done, sum.resumed += tally->resumed;
            sum.early += tally->early, sum.wrong += tally->wrong;
        }
        printf("%s\t%ld\t%ld\t%ld\t%ld\n", names[kind], sum.done, sum.resumed, sum.early,
               sum.wrong);
        isWell &= sum.wrong == 0;
    }
    return !isWell;
}
