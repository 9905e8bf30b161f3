import Platform
import TestSupport

/// A server and a client of gRPC that others have written, with messages that are bytes.
enum GRPCPeers {
    /// Starts the server; it says "port" and the port that the kernel chose.
    ///
    /// - Parameter states: the folder that says how its services are.
    static func server(
        at address: String = "127.0.0.1:0", states: String = "/nowhere"
    ) throws -> (RunningProcess, String) {
        let process = try RunningProcess(
            "/usr/bin/python3", ["-u", "-c", serverScript, address, states])
        let line = try process.output.wait(for: "port ", atMost: 60)
        return (process, String(line.split(separator: " ").last ?? ""))
    }

    /// Starts the client, which goes through some cases and says "ok" behind each.
    static func client(_ martlet: MartletInstance, _ cases: String...) throws -> RunningProcess {
        try RunningProcess(
            "/usr/bin/python3",
            [
                "-u", "-c", clientScript, "localhost:\(martlet.port)",
                martlet.folder.path("ca.pem"),
            ] + cases, environment: ["no_proxy": "*"])
    }

    private static let serverScript = #"""
        import grpc, sys, time, threading
        from concurrent import futures

        def same(data): return data

        class Handler(grpc.GenericRpcHandler):
            def service(self, details):
                name = details.method.rsplit("/", 1)[1]
                if details.method == "/grpc.health.v1.Health/Check": name = "Health"
                one = dict(request_deserializer=None, response_serializer=None)
                return {
                    "Unary": lambda: grpc.unary_unary_rpc_method_handler(unary, **one),
                    "Down": lambda: grpc.unary_stream_rpc_method_handler(down, **one),
                    "Up": lambda: grpc.stream_unary_rpc_method_handler(up, **one),
                    "Both": lambda: grpc.stream_stream_rpc_method_handler(both, **one),
                    "Slow": lambda: grpc.unary_unary_rpc_method_handler(slow, **one),
                    "Fail": lambda: grpc.unary_unary_rpc_method_handler(fail, **one),
                    "Health": lambda: grpc.unary_unary_rpc_method_handler(health, **one),
                    "Meta": lambda: grpc.unary_unary_rpc_method_handler(meta, **one),
                }.get(name, lambda: None)()

        # The state of each service is a file: a number, or none where it is not known.
        def health(request, context):
            name = request[2:].decode() or "all"
            try: return b"\x08" + bytes([int(open(sys.argv[2] + "/" + name).read())])
            except FileNotFoundError: context.abort(grpc.StatusCode.NOT_FOUND, "unknown")
        def unary(request, context): return request
        def down(request, context):
            count, size = map(int, request.split())
            for index in range(count): yield bytes([index % 256]) * size
        def up(requests, context): return str(sum(len(r) for r in requests)).encode()
        def both(requests, context):
            for r in requests: yield b"re:" + r
        def slow(request, context):
            while context.is_active(): time.sleep(0.02)
            return b""
        def fail(request, context):
            context.set_trailing_metadata((("detail-bin", b"\x00\x01\xff"),))
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, "not ready: 100% \u00fc")
        def meta(request, context):
            sent = dict(context.invocation_metadata())
            context.send_initial_metadata((("early", sent["ask"]),))
            context.set_trailing_metadata((("late", "trailer"), ("late-bin", b"\x80\x00")))
            return sent["x-forwarded-proto"].encode() + b" " + sent["ask-bin"]

        server = grpc.server(futures.ThreadPoolExecutor(128),
            options=[("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)])
        server.add_generic_rpc_handlers((Handler(),))
        port = server.add_insecure_port(sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:0")
        server.start()
        print("port", port, flush=True)
        server.wait_for_termination()
        """#

    private static let clientScript = #"""
        import grpc, sys, queue, threading, time
        target, ca = sys.argv[1], sys.argv[2]
        cases = sys.argv[3:]
        options = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
        creds = grpc.ssl_channel_credentials(open(ca, "rb").read())
        channel = grpc.secure_channel(target, creds, options)
        M = "/test.Service/"
        def unary():
            assert channel.unary_unary(M+"Unary")(b"hello", timeout=20) == b"hello"
            assert channel.unary_unary(M+"Unary")(b"", timeout=20) == b""
        def down():
            parts = list(channel.unary_stream(M+"Down")(b"200 1000", timeout=20))
            assert len(parts) == 200 and all(len(p) == 1000 for p in parts)
        def up():
            assert channel.stream_unary(M+"Up")(iter([b"x" * 100] * 300), timeout=20) == b"30000"
        def pingpong():
            q = queue.Queue()
            call = channel.stream_stream(M+"Both")(iter(q.get, None), timeout=20)
            for index in range(100):
                text = b"m%d" % index
                q.put(text)
                assert next(call) == b"re:" + text
            q.put(None)
            assert list(call) == []
            assert call.code() == grpc.StatusCode.OK
        def large():
            data = bytes(range(256)) * (1 << 15)
            assert channel.unary_unary(M+"Unary")(data, timeout=60) == data
        def deadline():
            try: channel.unary_unary(M+"Slow")(b"", timeout=0.5); assert False
            except grpc.RpcError as error:
                assert error.code() == grpc.StatusCode.DEADLINE_EXCEEDED, error
        def status():
            try: channel.unary_unary(M+"Fail")(b"", timeout=20); assert False
            except grpc.RpcError as error:
                assert error.code() == grpc.StatusCode.FAILED_PRECONDITION, error
                assert error.details() == "not ready: 100% \u00fc", error.details()
                assert dict(error.trailing_metadata())["detail-bin"] == b"\x00\x01\xff"
        def unknown():
            try: channel.unary_unary(M+"Nothing")(b"", timeout=20); assert False
            except grpc.RpcError as error:
                assert error.code() == grpc.StatusCode.UNIMPLEMENTED, error
        def meta():
            reply, call = channel.unary_unary(M+"Meta").with_call(b"", timeout=20,
                metadata=(("ask", "yes"), ("ask-bin", b"\x00\xfe")))
            assert reply == b"https \x00\xfe", reply
            assert dict(call.initial_metadata())["early"] == "yes"
            trailing = dict(call.trailing_metadata())
            assert trailing["late"] == "trailer" and trailing["late-bin"] == b"\x80\x00"
        def many():
            method = channel.unary_unary(M+"Unary")
            calls = [method.future(b"%d" % i * 500, timeout=60) for i in range(100)]
            for i, call in enumerate(calls): assert call.result() == b"%d" % i * 500
            ends = []
            def one(i):
                q = queue.Queue()
                call = channel.stream_stream(M+"Both")(iter(q.get, None), timeout=60)
                for n in range(5):
                    q.put(b"%d" % n); assert next(call) == b"re:%d" % n
                q.put(None); assert list(call) == []; ends.append(i)
            threads = [threading.Thread(target=one, args=(i,)) for i in range(100)]
            [t.start() for t in threads]; [t.join() for t in threads]
            assert len(ends) == 100, len(ends)
        def killed():
            q = queue.Queue()
            call = channel.stream_stream(M+"Both")(iter(q.get, None), timeout=30)
            q.put(b"a"); assert next(call) == b"re:a"
            print("begun", flush=True)
            try: next(call); assert False
            except grpc.RpcError as error: assert error.code() == grpc.StatusCode.UNAVAILABLE, error
            q.put(None)
        def refused():
            try: channel.unary_unary(M+"Unary")(b"", timeout=20); assert False
            except grpc.RpcError as error: assert error.code() == grpc.StatusCode.UNAVAILABLE, error
        for name in cases:
            globals()[name](); print("ok", name, flush=True)
        """#
}
