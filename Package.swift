// swift-tools-version: 6.2
import PackageDescription

// Every Swift target is compiled with the same rules: Swift 6 mode, strict memory safety, warnings
// as errors.
let rules: [SwiftSetting] = [
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableExperimentalFeature("Lifetimes"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// One module of Martlet: layer by layer, arrows point down only.
func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: rules)
}

/// The unit tests of one module: `Tests/<Module>Tests` mirrors `Sources/<Module>`.
func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.byName(name: name)] + dependencies,
        swiftSettings: rules)
}

/// The commit that is built, for `martlet version`; a plus sign says that the tree differed from
/// it.
let commit = Context.gitInformation.map {
    $0.currentCommit.prefix(12) + ($0.hasUncommittedChanges ? "+" : "")
}

/// What libFuzzer is let at: `Tests/Fuzz/<Target>`, built by `scripts/fuzz` only, since it needs
/// the runtime of libFuzzer.
let fuzzers = [
    "Requests", "Responses", "Bodies", "Configurations", "Sessions", "ProxyHeaders", "Hellos",
]
let fuzzTargets: [Target] =
    [
        .target(name: "CFuzzer", path: "Tests/Fuzz/CFuzzer"),
        .target(
            name: "FuzzDriver", dependencies: ["CFuzzer", "FuzzChecks"],
            path: "Tests/Fuzz/Driver", swiftSettings: rules),
    ]
    + fuzzers.map { name in
        .executableTarget(
            name: name, dependencies: ["FuzzDriver", "FuzzChecks"], path: "Tests/Fuzz/\(name)",
            swiftSettings: rules)
    }
let isFuzzing = Context.environment["MARTLET_FUZZ"] == "1"

let package = Package(
    name: "martlet",
    products: [.executable(name: "martlet", targets: ["martlet"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
    ],
    targets: [
        // Layer 1: C shims. Macros, inline functions and module maps; no logic.
        .target(
            name: "CLinux",
            cSettings: [.define("MARTLET_COMMIT", to: "\"\(commit ?? "unknown")\"")],
            linkerSettings: [.linkedLibrary("crypt")]),
        .target(
            name: "COpenSSL", linkerSettings: [.linkedLibrary("ssl"), .linkedLibrary("crypto")]),
        .target(name: "CNGHTTP2", linkerSettings: [.linkedLibrary("nghttp2")]),
        .target(name: "CYAML", linkerSettings: [.linkedLibrary("yaml")]),

        // Layer 2
        module("Bytes"),
        module("Config", ["CYAML"]),
        module("Platform", ["Bytes", "CLinux"]),

        // Layer 3
        module("TLS", ["Bytes", "COpenSSL"]),
        module("HTTP", ["Bytes", "CNGHTTP2"]),
        module("Telemetry", ["Bytes", "Platform"]),

        // Layer 4: no arrow between these two; Server joins them.
        module("Proxy", ["Bytes", "Config", "Platform", "TLS", "HTTP", "Telemetry"]),
        module("Certificates", ["Bytes", "Platform", "TLS", "HTTP", "Telemetry"]),

        // Layer 5
        module(
            "Server",
            ["Bytes", "Config", "Platform", "TLS", "HTTP", "Telemetry", "Proxy", "Certificates"]),
        .executableTarget(
            name: "martlet",
            dependencies: [
                "Server", "Config",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: rules),

        // Tests
        .target(name: "CSpawn", path: "Tests/CSpawn"),
        .target(
            name: "TestSupport", dependencies: ["Bytes", "CSpawn", "Platform", "TLS"],
            path: "Tests/TestSupport",
            swiftSettings: rules),
        .target(
            name: "FuzzChecks", dependencies: ["Bytes", "Config", "HTTP", "TLS"],
            path: "Tests/Fuzz/Checks", swiftSettings: rules),
        tests("Bytes", ["TestSupport"]),
        tests("Config", ["FuzzChecks", "TestSupport"]),
        tests("Platform", ["Bytes", "TestSupport"]),
        tests("TLS", ["Bytes", "FuzzChecks", "TestSupport"]),
        tests("HTTP", ["Bytes", "FuzzChecks", "TestSupport"]),
        tests("Telemetry", ["Bytes", "Platform", "TestSupport"]),
        tests("Proxy", ["Bytes", "Config", "Platform", "TLS", "HTTP", "Telemetry", "TestSupport"]),
        tests("Certificates", ["Bytes", "Platform", "TLS", "TestSupport"]),
        tests(
            "Server",
            ["Bytes", "Config", "Platform", "TLS", "HTTP", "Telemetry", "Proxy", "TestSupport"]),
        .testTarget(
            name: "IntegrationTests",
            dependencies: ["Bytes", "Platform", "TLS", "TestSupport", "martlet"],
            exclude: ["Scripts"],
            swiftSettings: rules),
        .testTarget(name: "TidyTests", swiftSettings: rules),
    ] + (isFuzzing ? fuzzTargets : []),
    swiftLanguageModes: [.v6]
)
