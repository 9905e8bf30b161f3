import Foundation
import TestSupport
import Testing

@testable import TLS

@Suite struct OCSPQuestionTests {
    private let authority: OCSPAuthority
    private let credential: Credential
    private let now = Int64(Date().timeIntervalSince1970)

    init() throws {
        authority = try OCSPAuthority()
        credential = try authority.credential()
    }

    private func judge(_ response: [UInt8], at now: Int64? = nil) -> Result<OCSPVerdict, OCSPError>
    {
        Result { () throws(OCSPError) in
            try credential.judge(ocspResponse: response, now: now ?? self.now)
        }
    }

    private func error(_ response: [UInt8], at now: Int64? = nil) -> OCSPError? {
        if case .failure(let error) = judge(response, at: now) { return error }
        return nil
    }

    @Test("A good response is a staple until its next update, and not a second longer")
    func good() throws {
        let response = try authority.answer(credential)
        guard case .success(.good(let staple)) = judge(response) else {
            Issue.record("\(judge(response))")
            return
        }
        #expect(staple.bytes == response)
        #expect(staple.nextUpdate - staple.thisUpdate == 3_600)
        #expect(staple.isCurrent(at: staple.nextUpdate - 1))
        #expect(!staple.isCurrent(at: staple.nextUpdate))
        #expect(error(response, at: staple.nextUpdate - 1) == nil)
        #expect(error(response, at: staple.nextUpdate) == .outOfTime("status expired"))
        #expect(error(response, at: staple.thisUpdate - 300) == nil)
        #expect(error(response, at: staple.thisUpdate - 301) == .outOfTime("not yet valid"))
    }

    @Test("A revoked certificate is revoked since when and why the authority says")
    func revoked() throws {
        guard
            case .success(.revoked(let since, let reason, _)) = judge(
                try authority.answer(credential, .revoked))
        else {
            Issue.record("not revoked")
            return
        }
        #expect(since == 1_767_225_600)
        #expect(reason == "keyCompromise")
    }

    @Test("A certificate that the responder does not know is neither good nor revoked")
    func unknown() throws {
        #expect(error(try authority.answer(credential, .unknown)) == .unknown)
    }

    @Test("A response whose time has passed or has not come is of no use, however well signed")
    func outOfTime() throws {
        let response = try authority.answer(credential)
        #expect(error(try authority.moved(response, by: 0)) == nil)
        #expect(error(try authority.moved(response, by: -7_200)) == .outOfTime("status expired"))
        #expect(
            error(try authority.moved(response, by: 7_200)) == .outOfTime("status not yet valid"))
    }

    @Test("A response without an end is refused")
    func endless() throws {
        #expect(error(try authority.answer(credential, minutes: nil)) == .endless)
    }

    @Test("A response about another certificate is refused")
    func otherCertificate() throws {
        let other = try authority.credential("b.test")
        #expect(error(try authority.answer(other)) == .otherCertificate)
    }

    @Test("Whom the issuer has authorised may answer in its place, and nobody else")
    func signers() throws {
        let delegate = try authority.makeSigner(mayAnswer: true)
        #expect(error(try authority.answer(credential, signer: delegate)) == nil)
        let leaf = try authority.makeSigner(mayAnswer: false)
        let foreign = try OCSPAuthority().makeSigner(mayAnswer: true)
        let stranger = try TestAuthority().pair
        for signer in [leaf, foreign, stranger] {
            let found = error(try authority.answer(credential, signer: signer))
            guard case .unverified = found else {
                Issue.record("\(String(describing: found))")
                continue
            }
        }
    }

    @Test("A response that was changed, cut or lengthened anywhere is refused, and crashes nothing")
    func damaged() throws {
        let response = try authority.answer(credential)
        for index in response.indices {
            var changed = response
            changed[index] ^= 0x41
            // The algorithm's parameters and unused flags are not all covered by a signature.
            _ = judge(changed)
            #expect(error(Array(response[..<index])) != nil, "cut at \(index)")
        }
        #expect(error(response + [0]) == .unreadable)
        #expect(error([]) == .unreadable)
        #expect(error(Array("<html>".utf8)) == .unreadable)
        // `tryLater` (RFC 6960 §4.2.1).
        #expect(error([0x30, 3, 0x0a, 1, 3]) == .unsuccessful("trylater"))
    }

    @Test("The request names the certificate alone, without a nonce")
    func request() throws {
        let request = try credential.makeOCSPRequest()
        #expect(request.count < 100)
        #expect(request == (try credential.makeOCSPRequest()))
        let nonce: [UInt8] = [0x2b, 6, 1, 5, 5, 7, 0x30, 1, 2]
        #expect(!request.indices.contains { request[$0...].starts(with: nonce) })
    }
}
