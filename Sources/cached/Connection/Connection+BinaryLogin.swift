import CacheEngine
import Protocol

/// SASL, of which there is the mechanism PLAIN.
extension Connection {
    /// A mechanism's name, in bytes; memcached refuses more.
    private static let mechanismBytesMax = 32

    /// Whether a guest may ask this.
    func isOpen(to tag: BinaryTag) -> Bool {
        if login.isOpen { return true }
        switch tag.opcode {
        case .saslMechanisms, .saslAuth, .saslStep, .version: return true
        default: return false
        }
    }

    func listMechanisms(_ tag: BinaryTag, _ context: inout WorkerContext) {
        guard context.server.authenticator != nil else {
            // As memcached without -S.
            context.output.bytes.appendBinaryError(tag, .unknownCommand)
            return
        }
        context.succeed(tag, text: SASLPlain.mechanisms)
    }

    /// SASL's messages: credentials, or an empty first one that is followed by them.
    mutating func logInBinary(
        _ mechanism: Span<UInt8>, length: Int, isStep: Bool, _ tag: BinaryTag,
        _ bytes: Span<UInt8>, _ position: inout Int, next: Int, _ context: inout WorkerContext
    ) {
        guard context.server.authenticator != nil else {
            skipBody(length, then: BinaryRefusal(tag: tag, status: .unknownCommand), &context)
            position = next
            return
        }
        guard mechanism.count <= Connection.mechanismBytesMax else {
            skipBody(length, then: BinaryRefusal(tag: tag, status: .invalidArguments), &context)
            position = next
            return
        }
        let failure = BinaryRefusal(tag: tag, status: .authenticationFailed)
        guard length <= SASLPlain.messageBytesMax, !isStep || login.expectsStep else {
            login.expectsStep = false
            refuseLogin(&context)
            skipBody(length, then: failure, &context)
            position = next
            return
        }
        guard bytes.count >= next + length else {
            neededBytes = next + length - position
            return
        }
        let message = bytes.extracting(next..<next + length)
        if !isStep, message.isEmpty, SASLPlain.isNamed(mechanism) {
            revokeLogin(&context)
            login.expectsStep = true
            context.output.bytes.appendBinaryHeader(tag, .authenticationContinues)
            position = next
            return
        }
        let outcome = logIn(mechanism: mechanism, message: message, &context)
        if outcome == .pending { return }
        login.expectsStep = false
        if outcome == .accepted {
            context.succeed(tag, text: "Authenticated")
        } else {
            context.refuse(failure)
        }
        position = next + length
    }
}
