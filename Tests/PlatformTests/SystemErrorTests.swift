import Glibc
import Platform
import Testing

@Suite("System error")
struct SystemErrorTests {
    @Test("An error says what was tried, on what, and why")
    func text() {
        let error = SystemError(code: EACCES, operation: "bind", subject: "0.0.0.0:80")
        #expect("\(error)" == "bind 0.0.0.0:80: Permission denied")
        #expect(
            "\(SystemError.addressInUse("[::1]:80"))" == "bind [::1]:80: Address already in use")
    }

    @Test("An error without a number is its own reason")
    func withoutCode() {
        let error = SystemError(code: 0, operation: "resolve", subject: "a.example: no address")
        #expect("\(error)" == "resolve a.example: no address")
    }

    @Test("A number is explained, an unknown one included")
    func explain() {
        #expect(SystemError.explain(ECONNREFUSED) == "Connection refused")
        #expect(SystemError.explain(99_999).contains("99999"))
    }

    @Test("Each question knows its numbers")
    func questions() {
        func error(_ code: CInt) -> SystemError {
            SystemError(code: code, operation: "o", subject: "s")
        }
        #expect(error(EADDRINUSE).isAddressInUse)
        #expect(error(EACCES).isPermissionDenied && error(EPERM).isPermissionDenied)
        #expect(error(ENOENT).isNotFound)
        #expect(error(EEXIST).isAlreadyThere)
        #expect(error(EMFILE).isOutOfDescriptors && error(ENFILE).isOutOfDescriptors)
        #expect([EMFILE, ENFILE, ENOBUFS, ENOMEM].allSatisfy { error($0).isShortage })
        #expect(!error(ECONNREFUSED).isShortage && !error(EADDRNOTAVAIL).isShortage)
        #expect(error(EADDRNOTAVAIL).isAddressShortage)
        #expect(error(EROFS).isReadOnlyFileSystem)
        #expect(error(ECONNREFUSED).isConnectionRefused)
        let other = error(EIO)
        #expect(!other.isAddressInUse && !other.isPermissionDenied && !other.isNotFound)
        #expect(!other.isAlreadyThere && !other.isOutOfDescriptors && !other.isConnectionRefused)
        #expect(!other.isReadOnlyFileSystem)
    }
}
