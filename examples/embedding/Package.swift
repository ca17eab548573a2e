// swift-tools-version: 6.2
// SPDX-License-Identifier: BSD-3-Clause
//
// Programs that embed VTLua, as a package of their own. A program outside of this repository names its
// address instead of the path.

import PackageDescription

let package = Package(
    name: "Embedding",
    dependencies: [
        .package(name: "VTLua", path: "../.."),
        .package(url: "https://github.com/apple/swift-nio", from: "2.100.0"),
    ],
    targets: [
        .executableTarget(
            name: "first",
            dependencies: [
                .product(name: "VTArrays", package: "VTLua"),
                .product(name: "VTRuntime", package: "VTLua"),
            ], exclude: ["flow.lua"]),
        .executableTarget(
            name: "words", dependencies: [.product(name: "VTRuntime", package: "VTLua")],
            exclude: ["longest.lua"]),
        .executableTarget(
            name: "server",
            dependencies: [
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "VTRuntime", package: "VTLua"),
            ], exclude: ["primes.lua"]),
    ]
)
