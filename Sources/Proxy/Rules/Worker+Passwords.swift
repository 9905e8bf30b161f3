internal import Bytes
internal import Config
internal import HTTP
internal import Platform
internal import TLS
internal import Telemetry

/// Names and passwords: those that are known pass at the cost of a digest, others wait until a
/// thread of its own has looked at them.
extension Worker {
    /// True exactly when the client may ask now; otherwise it has been answered, or waits.
    mutating func isAdmitted(_ exchange: Exchange, _ accounts: AccountTable) -> Bool {
        guard let settings = exchange.installed?.snapshot.settings,
            let checker = settings.passwords,
            let colon = BasicCredentials.read(exchange.request.fields, into: &exchange.ruleText),
            let (account, isKnown) = accounts.account(
                named: exchange.ruleText.bytes.extracting(0..<colon)),
            let client = exchange.downstream?.client.hostKey
        else {
            refuse(exchange, .unauthenticated)
            return false
        }
        let count = exchange.ruleText.count
        guard count - colon <= PasswordHash.longestPassword else {
            refuse(exchange, .unauthenticated)
            return false
        }
        exchange.ruleText.append(isKnown ? UInt8(1) : 0)
        exchange.ruleText.append(account.hash)
        exchange.ruleText.append(settings.passwordSeed.span)
        let digest = SHA256Digest(exchange.ruleText.bytes)
        if knownPasswords.contains(digest, now: now) {
            exchange.proved(by: exchange.ruleText, 0..<colon)
            return true
        }
        let user = Array(copying: exchange.ruleText.bytes.extracting(0..<colon))
        let password = Array(copying: exchange.ruleText.bytes.extracting((colon + 1)..<count))
        exchange.ruleText.removeAll()
        let check = PasswordCheck(
            digest: digest, password: password, hash: account.hash, isKnown: isKnown,
            deadline: now + Worker.passwordPatience, client: client, reply: plan.mailbox)
        // Browsers ask for many things at once: what is being looked at is not looked at twice.
        let isAsked = pendingPasswords.contains(digest)
        guard !pendingPasswords.isFull(for: client), isAsked || checker.submit(check) else {
            refuse(exchange, .passwordsBusy)
            return false
        }
        pendingPasswords.append(exchange, named: user, check, isAsking: !isAsked)
        return false
    }

    /// A password has been looked at: whoever waits for it goes on, or hears that it is wrong.
    mutating func take(_ verdict: PasswordVerdict) {
        if verdict.isGood { knownPasswords.insert(verdict.digest, now: now) }
        for entry in pendingPasswords.take(verdict.digest) {
            let exchange = entry.exchange
            guard verdict.isGood else {
                refuse(exchange, .unauthenticated)
                continue
            }
            guard let rules = exchange.rules, let connection = exchange.downstream else { continue }
            exchange.user.removeAll()
            exchange.user.append(entry.user.span)
            if goesOn(exchange, rules, on: connection) { connect(exchange, fresh: false) }
        }
    }

    /// Answers those whose passwords nobody has come to look at.
    mutating func expirePasswords() {
        guard let deadline = pendingPasswords.nextDeadline, deadline <= now else { return }
        for entry in pendingPasswords.takeExpired(now: now) {
            refuse(entry.exchange, .passwordsBusy)
        }
    }

    private mutating func refuse(_ exchange: Exchange, _ kind: ProxyError.Kind) {
        exchange.rule = "basic_auth"
        answer(exchange, ProxyError(kind))
    }

    /// How long a request waits for its password to be looked at: longer than the slowest hash
    /// takes, and not so long that the client has gone.
    static let passwordPatience = Duration.seconds(10)
}
