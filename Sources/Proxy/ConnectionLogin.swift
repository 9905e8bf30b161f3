internal import Bytes
internal import HTTP

/// Logins by which servers take all that comes on a connection for one client's (RFC 4559 §6):
/// NTLM, and Negotiate where that comes down to it.
enum ConnectionLogin {
    /// True exactly when fields of this name speak of such a login.
    static func isNamed(by name: FieldName, of fields: borrowing FieldBlock) -> Bool {
        for index in 0..<fields.count where fields.id(index) == name {
            if isNamed(in: fields.value(index)) { return true }
        }
        return false
    }

    /// True exactly when an element of a list begins with the name of such a login (RFC 9110
    /// §11.6.1). One that stands in quotes is taken for it as well: that costs a connection to
    /// share, and nothing else.
    static func isNamed(in list: Span<UInt8>) -> Bool {
        var start = 0
        while start < list.count {
            let end = list.firstIndex(of: UInt8(ascii: ","), from: start) ?? list.count
            let element = list.extracting(Forwarding.trimmed(list, start..<end))
            if element.count >= 4, isName(element.extracting(0..<4)) { return true }
            start = end + 1
        }
        return false
    }

    private static func isName(_ name: Span<UInt8>) -> Bool {
        name.equalsIgnoringCase("ntlm") || name.equalsIgnoringCase("nego")
    }
}

extension Exchange {
    /// True exactly when the server may take its connection for the client's from now on: a login
    /// was asked for, or begun.
    var namesClient: Bool {
        request.fields.contains(.authorization)
            && ConnectionLogin.isNamed(by: .authorization, of: request.fields)
            || response.fields.contains(.wwwAuthenticate)
                && ConnectionLogin.isNamed(by: .wwwAuthenticate, of: response.fields)
    }
}
