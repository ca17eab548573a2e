// swift-tools-version: 6.2
// SPDX-License-Identifier: BSD-3-Clause

import PackageDescription

/// In CI a warning is an error.
let strictness: [SwiftSetting] =
    Context.environment["CI"] == nil ? [] : [.treatAllWarnings(as: .error)]

let swiftSettings: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
    ] + strictness

/// The plugin that makes the documentation's site; nobody else needs it (see scripts/docs).
let docc: [Package.Dependency] =
    Context.environment["VTLUA_DOCC"] == nil
    ? [] : [.package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0")]

let package = Package(
    name: "VTLua",
    products: [
        .executable(name: "vtlua", targets: ["vtlua"]),
        .library(name: "VTRuntime", targets: ["VTRuntime"]),
        .library(name: "LuaBridge", targets: ["LuaBridge"]),
        .library(name: "Shipping", targets: ["Shipping"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
    ] + docc,
    targets: [
        // The system's Lua, as a module.
        .systemLibrary(
            name: "CLua", pkgConfig: "lua5.4", providers: [.apt(["liblua5.4-dev"])]),

        // Whatever may jump is done here, in C. Only LuaBridge imports it.
        .target(name: "CLuaGuard", dependencies: ["CLua"]),

        // stdlib/*.lua, embedded.
        .target(name: "CStdlib"),

        .target(
            name: "LuaBridge", dependencies: ["CLua", "CLuaGuard"], swiftSettings: swiftSettings),

        // Values and functions as bytes. The codec is C, for decoding raises at every step.
        .target(name: "CShipping", dependencies: ["CLua"]),
        .target(
            name: "Shipping", dependencies: ["CLua", "CShipping", "LuaBridge"],
            swiftSettings: swiftSettings),

        // ZeroMQ and sodium, loaded when they are first needed.
        .target(name: "CJupyter"),

        // The Jupyter and ipyparallel wire: bytes in, bytes out, no Lua.
        .target(name: "Jupyter", dependencies: ["CJupyter"], swiftSettings: swiftSettings),

        // What workers share and how tasks run, in C; and the views over them.
        .target(name: "CParallel", dependencies: ["CLua", "CLuaGuard", "CShipping"]),
        .target(
            name: "Parallel",
            dependencies: ["CLua", "CParallel", "Jupyter", "LuaBridge", "Shipping"],
            swiftSettings: swiftSettings),

        .target(
            name: "Workflow", dependencies: ["LuaBridge", "Parallel", "Shipping"],
            swiftSettings: swiftSettings),

        // SQLite, a hash and zstd, loaded when a store is first opened.
        .target(name: "CStore"),

        // Results and records of runs, on disk.
        .target(
            name: "Store", dependencies: ["CStore", "Parallel", "Workflow"],
            swiftSettings: swiftSettings),

        // A record as a page.
        .target(
            name: "Report", dependencies: ["Parallel", "Store", "Workflow"],
            swiftSettings: swiftSettings),

        .target(
            name: "VTRuntime",
            dependencies: [
                "CParallel", "CStdlib", "Jupyter", "LuaBridge", "Parallel", "Report", "Shipping",
                "Store", "Workflow",
            ],
            swiftSettings: swiftSettings),
        .executableTarget(
            name: "vtlua",
            dependencies: [
                "Parallel", "Report", "Store", "VTRuntime",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: swiftSettings),

        // What the bridge costs; scripts/bench runs it beside peer.c.
        .executableTarget(
            name: "bridge-bench", dependencies: ["LuaBridge"], path: "Benchmarks/bridge",
            exclude: ["peer.c"], swiftSettings: swiftSettings),

        // Fifteen lines that embed the runtime; a test runs it.
        .executableTarget(
            name: "embedding-example", dependencies: ["VTRuntime"], path: "examples/embedding",
            exclude: ["flow.lua"], swiftSettings: swiftSettings),

        .testTarget(
            name: "CommandLineTests", dependencies: ["vtlua"], swiftSettings: swiftSettings),
        .testTarget(
            name: "LuaBridgeTests", dependencies: ["LuaBridge"], exclude: ["Scripts"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "ShippingTests", dependencies: ["LuaBridge", "Shipping"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "JupyterTests", dependencies: ["Jupyter"], exclude: ["make_fixtures.py"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "ParallelTests",
            dependencies: ["CParallel", "LuaBridge", "Parallel", "Shipping"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "WorkflowTests",
            dependencies: ["LuaBridge", "Parallel", "VTRuntime", "Workflow"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "VTRuntimeTests",
            dependencies: ["LuaBridge", "VTRuntime", "Workflow", "embedding-example"],
            swiftSettings: swiftSettings),
    ],
    cLanguageStandard: .gnu2x
)
