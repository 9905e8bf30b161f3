import Foundation
import TestSupport
import Testing

/// `martlet run` without a configuration, in a network of its own: its ports are fixed.
@Suite struct EmbeddedDefaultTests {
    /// Starts the embedded default twice in one state directory, and tries the line that it prints.
    private static let script = """
        set -eu
        ip link set lo up
        for round in 1 2; do
            "$MARTLET" run >"$WORK/out.$round" 2>"$WORK/err.$round" &
            pid=$!
            tries=0
            until grep -q 'curl --cacert' "$WORK/out.$round"; do
                kill -0 $pid || { cat "$WORK/err.$round"; exit 1; }
                tries=$((tries + 1)); [ $tries -lt 400 ]; sleep 0.05
            done
            sh -c "$(sed -n 's/^ *curl/curl -sS/p' "$WORK/out.$round")"
            curl -sS -o /dev/null -w '%{http_code} %{redirect_url}\\n' http://localhost:8080/a
            curl -sS -o /dev/null -w '%{http_code}\\n' http://127.0.0.1:9180/readyz
            kill -TERM $pid
            wait $pid
            echo "exit $?"
        done
        """

    @Test("It serves the line that it prints, redirects, and keeps its authority over a restart")
    func run() throws {
        guard getuid() == 0 else { return }
        let folder = try TemporaryFolder()
        let result = try RunningProcess.run(
            "unshare", ["--net", "sh", "-c", EmbeddedDefaultTests.script],
            environment: [
                "MARTLET": MartletInstance.binary, "WORK": folder.path,
                "XDG_STATE_HOME": folder.path("state"), "no_proxy": "*",
            ])
        #expect(result.code == 0, "\(result.output)\n\(result.errors)")
        let lines = result.output.split(separator: "\n")
        #expect(lines.filter { $0.contains("GET /hello HTTP/1.1") }.count == 2, "\(lines)")
        #expect(lines.filter { $0 == "308 https://localhost:8443/a" }.count == 2, "\(lines)")
        #expect(lines.filter { $0 == "200" }.count == 2, "\(lines)")
        #expect(lines.filter { $0 == "exit 0" }.count == 2, "\(lines)")
        #expect(try folder.read("out.1").contains("A development authority was created"))
        #expect(!(try folder.read("out.2").contains("was created")))
        try checkState(folder.path("state/martlet"))
    }

    private func checkState(_ state: String) throws {
        let files = FileManager.default
        var keys = 0
        for name in try files.subpathsOfDirectory(atPath: state) {
            let attributes = try files.attributesOfItem(atPath: state + "/" + name)
            guard attributes[.type] as? FileAttributeType == .typeRegular else { continue }
            keys += 1
            #expect(attributes[.posixPermissions] as? Int == 0o600, "\(name)")
        }
        #expect(keys >= 4)
    }
}
