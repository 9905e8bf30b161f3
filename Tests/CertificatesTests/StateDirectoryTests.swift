import Testing

@testable import Certificates

struct StateDirectoryTests {
    @Test(
        "The state directory is the first that the environment names",
        arguments: [
            (["STATE_DIRECTORY": "/var/lib/martlet", "HOME": "/h"], "/var/lib/martlet"),
            (["STATE_DIRECTORY": "/a:/b", "XDG_STATE_HOME": "/x", "HOME": "/h"], "/a"),
            (["STATE_DIRECTORY": "", "XDG_STATE_HOME": "/x", "HOME": "/h"], "/x/martlet"),
            (["XDG_STATE_HOME": "", "HOME": "/h"], "/h/.local/state/martlet"),
            (["XDG_STATE_HOME": "relative", "HOME": "/h"], "/h/.local/state/martlet"),
            (["HOME": ""], nil), ([:], nil),
        ] as [([String: String], String?)])
    func order(environment: [String: String], expected: String?) {
        #expect(StateDirectory.path { environment[$0] } == expected)
    }
}
