/// What can go wrong when an engine is made.
public enum EngineError: Error, Equatable {
    /// The address space has no room for a reservation of `bytes` (RLIMIT_AS, perhaps).
    case cannotReserve(bytes: Int)
    /// A number of the configuration is out of its range; the text says which and what is allowed.
    case invalidConfiguration(String)
}
