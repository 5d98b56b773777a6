/// Why certificates cannot be used. Each names the file, the reason, and what to do.
struct TLSFailure: Error {
    /// As memcached's `refresh_certs` words it: "loading the key".
    let task: String
    /// The file or the value that is to blame.
    let subject: String
    let reason: String
    let advice: String

    /// One line for the operator.
    var message: String { "\(task) failed: \(subject): \(reason); \(advice)" }

    /// What `refresh_certs` answers, without its line ending.
    var reply: String { "Error \(task): \(subject) : \(reason)" }
}
