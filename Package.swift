// swift-tools-version: 6.2
import PackageDescription

let safe: [SwiftSetting] = [
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableExperimentalFeature("Lifetimes"),
]

let package = Package(
    name: "cached",
    products: [
        .executable(name: "cached", targets: ["cached"]),
        .executable(name: "cached-bench", targets: ["cached-bench"]),
    ],
    traits: [
        .trait(name: "TLS", description: "Encrypted connections (-Z). Needs libssl-dev.")
    ],
    targets: [
        // What the Glibc module lacks: static inline wrappers, no logic.
        .target(name: "CSystem"),
        // OpenSSL 3 of the system, for the trait TLS.
        .systemLibrary(name: "COpenSSL"),
        // Bytes to requests, results to bytes. Knows no engine and no socket.
        .target(name: "Protocol", swiftSettings: safe),
        // Keys, values, TTL, LRU, culling, counters. Knows no protocol and no socket.
        .target(name: "CacheEngine", dependencies: ["CSystem"], swiftSettings: safe),
        // Descriptors, epoll, threads and the clock, for the daemon and the load generator.
        .target(name: "SystemCalls", dependencies: ["CSystem"], swiftSettings: safe),
        // Options, event loops, connections, operations.
        .executableTarget(
            name: "cached",
            dependencies: [
                "CSystem", "SystemCalls", "Protocol", "CacheEngine",
                .target(name: "COpenSSL", condition: .when(traits: ["TLS"])),
            ],
            swiftSettings: safe,
            // Hashed passwords in the user file.
            linkerSettings: [.linkedLibrary("crypt")]),
        // The load generator: knows nothing of the daemon but its protocol.
        .executableTarget(
            name: "cached-bench", dependencies: ["CSystem", "SystemCalls"], swiftSettings: safe),
        .testTarget(name: "ProtocolTests", dependencies: ["Protocol"], swiftSettings: safe),
        .testTarget(name: "CacheEngineTests", dependencies: ["CacheEngine"], swiftSettings: safe),
        .testTarget(name: "cachedTests", dependencies: ["cached"], swiftSettings: safe),
        .testTarget(
            name: "cachedBenchTests", dependencies: ["cached-bench"], swiftSettings: safe),
    ]
)
