// swift-tools-version: 6.2
// SPDX-License-Identifier: BSD-3-Clause

import PackageDescription

/// In CI a warning is an error.
let strictness: [SwiftSetting] =
    Context.environment["CI"] == nil ? [] : [.treatAllWarnings(as: .error)]

/// A debug build compiles each module as a whole: a program that embeds the library builds in a quarter
/// of the steps, and in less time. `VTLUA_INCREMENTAL=1` compiles only the files that have changed, for
/// those who edit the library.
///
/// With a number of threads, each file still has an object of its own, as the index needs.
let wholeModules: [SwiftSetting] =
    Context.environment["VTLUA_INCREMENTAL"] == nil
    ? [
        .unsafeFlags(
            ["-whole-module-optimization", "-num-threads", "2", "-disable-batch-mode"],
            .when(configuration: .debug))
    ] : []

let swiftSettings: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
    ] + strictness + wholeModules

/// The plugin that builds the documentation site; only `scripts/docs` needs it.
let docc: [Package.Dependency] =
    Context.environment["VTLUA_DOCC"] == nil
    ? [] : [.package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0")]

/// The linker of the release program, named by scripts/setup.sh.
let releaseLinker: [LinkerSetting] =
    Context.environment["VTLUA_LINKER"].map { [.unsafeFlags(["-use-ld=\($0)"])] } ?? []

/// A Swift target in `Sources/FOLDER`. Its name carries the package's prefix, so that a host may
/// have a target named `Store` of its own: SwiftPM refuses two targets of one name.
func swiftTarget(
    _ name: String, folder: String, exclude: [String] = [], _ dependencies: [Target.Dependency]
) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Sources/\(folder)", exclude: exclude,
        swiftSettings: swiftSettings)
}

/// A C target in `Sources/FOLDER`.
///
/// Calls such as memcpy are checked against the sizes of objects (_FORTIFY_SOURCE), which needs
/// optimization. Functions with arrays on the stack check it for overflows: our C parses bytes from the
/// network.
///
/// - Parameter units: the files to compile, which include the others; all files by default. Each file
///   is a step of a build: programs that embed the library would have a hundred more of them.
func cTarget(
    _ name: String, folder: String, _ dependencies: [Target.Dependency] = [],
    units: [String]? = ["unit.c"], libraries: [String] = []
) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Sources/\(folder)", sources: units,
        cSettings: [
            .define("_FORTIFY_SOURCE", to: "3", .when(configuration: .release)),
            .unsafeFlags(["-fstack-protector-strong"], .when(configuration: .release)),
        ],
        linkerSettings: libraries.map { .linkedLibrary($0) })
}

let package = Package(
    name: "VTLua",
    products: [
        .executable(name: "vtlua", targets: ["vtlua"]),
        .library(name: "VTRuntime", targets: ["VTRuntime"]),
        .library(name: "VTLuaTooling", targets: ["VTLuaTooling"]),
        .library(name: "VTNotebook", targets: ["VTNotebook"]),
        .library(name: "VTLocalCluster", targets: ["VTLocalCluster"]),
        .library(name: "VTLuaBridge", targets: ["VTLuaBridge"]),
        .library(name: "VTFoundation", targets: ["VTFoundation"]),
        .library(name: "VTShipping", targets: ["VTShipping"]),
        .library(name: "VTArrays", targets: ["VTArrays"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
    ] + docc,
    targets: [
        // The operating system: threads, files, processes; and text for terminals.
        cTarget("CVTSystem", folder: "CSystem"),
        swiftTarget("VTSystem", folder: "System", ["CVTSystem"]),

        // The system's Lua, as a module.
        .systemLibrary(
            name: "CVTLua", path: "Sources/CLua", pkgConfig: "lua5.4",
            providers: [.apt(["liblua5.4-dev"])]),

        // Calls of Lua that may raise an error, in C. Only VTLuaBridge imports it.
        cTarget(
            "CVTLuaGuard", folder: "CLuaGuard", ["CVTLua", "CVTSystem"],
            units: ["protected.c", "unit1.c", "unit2.c", "unit3.c"]),

        // Typed n-dimensional arrays: blocks, views, kernels; no Lua. And the userdata over them.
        cTarget(
            "CVTArrays", folder: "CArrays", ["CVTSystem"], units: nil, libraries: ["m"]),
        cTarget(
            "CVTArrayLua", folder: "CArrayLua",
            ["CVTArrays", "CVTLua", "CVTLuaGuard", "CVTShipping"],
            units: ["unit1.c", "unit2.c", "unit3.c"]),

        // HTTP by libcurl, loaded when it is first needed.
        cTarget("CVTTransfer", folder: "CTransfer", ["CVTLua", "CVTLuaGuard", "CVTSystem"]),
        // Columns of tables: CSV text, groups, joins. And SQLite for Lua, loaded when a database is
        // opened. Both use the functions behind the userdata of arrays.
        cTarget(
            "CVTFrame", folder: "CFrame", ["CVTArrayLua", "CVTArrays", "CVTLua", "CVTLuaGuard"]),
        cTarget(
            "CVTSQL", folder: "CSQL",
            ["CVTArrayLua", "CVTArrays", "CVTLua", "CVTLuaGuard", "CVTSystem"]),

        // The same arrays as values of Swift.
        swiftTarget("VTArrays", folder: "Arrays", ["CVTArrays"]),

        // stdlib/*.lua, embedded; and definitions/, what editors read of it.
        cTarget("CVTStdlib", folder: "CStdlib", units: nil),
        cTarget("CVTDefinitions", folder: "CDefinitions", ["CVTStdlib"], units: nil),

        swiftTarget("VTLuaBridge", folder: "LuaBridge", ["CVTLua", "CVTLuaGuard", "VTSystem"]),

        // Types of Foundation as values for Lua. Nothing else imports Foundation.
        swiftTarget("VTFoundation", folder: "Foundation", ["VTLuaBridge"]),

        // Values and functions as bytes. The codec is C, because decoding raises Lua errors.
        cTarget("CVTShipping", folder: "CShipping", ["CVTLua", "CVTLuaGuard"]),
        swiftTarget(
            "VTShipping", folder: "Shipping", ["CVTLua", "CVTShipping", "VTLuaBridge", "VTSystem"]),

        // ZeroMQ and sodium, loaded when they are first needed.
        cTarget("CVTJupyter", folder: "CJupyter", ["CVTSystem"]),

        // The Jupyter and ipyparallel wire: bytes in, bytes out, no Lua.
        swiftTarget(
            "VTJupyter", folder: "Jupyter",
            ["CVTJupyter", "CVTSystem", "VTSystem"]),

        // Tasks and the memory that workers share, in C; and the views over them.
        cTarget(
            "CVTParallel", folder: "CParallel",
            ["CVTLua", "CVTLuaGuard", "CVTShipping", "CVTSystem"]),
        swiftTarget(
            "VTParallel", folder: "Parallel",
            [
                "CVTLua", "CVTParallel", "CVTSystem", "VTJupyter", "VTLuaBridge", "VTShipping",
                "VTSystem",
            ]),

        swiftTarget(
            "VTWorkflow", folder: "Workflow",
            ["VTLuaBridge", "VTParallel", "VTShipping", "VTSystem"]),

        // SQLite, a hash and zstd, loaded when a store is first opened.
        cTarget("CVTStore", folder: "CStore", ["CVTSystem"]),

        // Results and records of runs, on disk.
        swiftTarget(
            "VTStore", folder: "Store", ["CVTStore", "VTParallel", "VTSystem", "VTWorkflow"]),

        swiftTarget(
            "VTRuntime", folder: "VTRuntime",
            [
                "CVTArrayLua", "CVTArrays", "CVTFrame", "CVTParallel", "CVTSQL", "CVTStdlib",
                "CVTSystem", "CVTTransfer", "VTArrays", "VTLuaBridge", "VTParallel", "VTShipping",
                "VTStore", "VTSystem", "VTWorkflow",
            ]),

        // Sources/Report/Assets, embedded.
        cTarget("CVTReport", folder: "CReport", units: nil),

        // The record of a run as a web page.
        swiftTarget(
            "VTReport", folder: "Report", exclude: ["Assets"],
            ["CVTReport", "VTParallel", "VTStore", "VTSystem", "VTWorkflow"]),

        // Reads the record of a run from a store. Apart from VTRuntime, so that programs that embed
        // it do not build the page.
        swiftTarget(
            "VTRunReport", folder: "RunReport",
            [
                "CVTArrayLua", "VTLuaBridge", "VTReport", "VTRuntime", "VTShipping", "VTStore",
                "VTSystem", "VTWorkflow",
            ]),

        // Completion, inspection, documentation and specs: for a prompt, a notebook, `vtlua doc`.
        swiftTarget(
            "VTLuaTooling", folder: "LuaTooling",
            [
                "CVTDefinitions", "CVTParallel", "CVTStdlib", "CVTSystem", "VTLuaBridge",
                "VTParallel", "VTRuntime", "VTSystem", "VTWorkflow",
            ]),

        // The kernel of a Jupyter notebook.
        swiftTarget(
            "VTNotebook", folder: "Notebook",
            [
                "VTJupyter", "VTLuaBridge", "VTLuaTooling", "VTParallel", "VTReport", "VTRuntime",
                "VTSystem", "VTWorkflow",
            ]),

        // Starting and finding ipyparallel's controller and engines on this machine.
        swiftTarget(
            "VTLocalCluster", folder: "LocalCluster",
            [
                "CVTParallel", "CVTSystem", "VTJupyter", "VTLuaBridge", "VTParallel", "VTRuntime",
                "VTSystem", "VTWorkflow",
            ]),

        .executableTarget(
            name: "vtlua",
            dependencies: [
                "CVTSystem", "VTLocalCluster", "VTLuaTooling", "VTNotebook", "VTParallel",
                "VTReport", "VTRunReport", "VTRuntime", "VTStore", "VTSystem",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: swiftSettings, linkerSettings: releaseLinker),

        // The cost of a call of the bridge; scripts/bench runs it beside peer.c.
        .executableTarget(
            name: "vtlua-bridge-bench", dependencies: ["VTLuaBridge"], path: "Benchmarks/bridge",
            exclude: ["peer.c"], swiftSettings: swiftSettings),

        // Cases of tests that need a process of their own.
        .executableTarget(
            name: "vtlua-test-cases",
            dependencies: ["CVTStore", "VTArrays", "VTRuntime", "VTSystem"],
            path: "Tests/Cases", swiftSettings: swiftSettings),

        .testTarget(
            name: "CommandLineTests", dependencies: ["vtlua"], swiftSettings: swiftSettings),
        .testTarget(
            name: "SystemTests", dependencies: ["CVTSystem", "VTSystem"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "LuaBridgeTests",
            dependencies: ["CVTLuaGuard", "VTFoundation", "VTLuaBridge", "VTSystem"],
            exclude: ["Scripts"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "ShippingTests",
            dependencies: ["CVTArrayLua", "VTLuaBridge", "VTShipping", "VTSystem"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "JupyterTests",
            dependencies: ["CVTJupyter", "VTJupyter", "VTParallel", "VTSystem"],
            exclude: ["make_fixtures.py"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "ArraysTests", dependencies: ["CVTArrays", "VTArrays"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "StoreTests",
            dependencies: ["VTParallel", "VTStore", "VTSystem", "VTWorkflow", "vtlua-test-cases"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "ParallelTests",
            dependencies: [
                "CVTParallel", "CVTSystem", "VTLuaBridge", "VTParallel", "VTShipping", "VTSystem",
            ],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "WorkflowTests",
            dependencies: ["VTLuaBridge", "VTParallel", "VTRuntime", "VTSystem", "VTWorkflow"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "VTRuntimeTests",
            dependencies: [
                "VTArrays", "VTFoundation", "VTLocalCluster", "VTLuaBridge", "VTLuaTooling",
                "VTRuntime", "VTSystem", "VTWorkflow", "vtlua-test-cases",
            ],
            swiftSettings: swiftSettings),
    ],
    cLanguageStandard: .gnu2x
)
