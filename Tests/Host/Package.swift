// swift-tools-version: 6.2
// SPDX-License-Identifier: BSD-3-Clause
//
// A program that embeds VTRuntime and has targets with the names of the package's folders. host.py
// copies it to .build/host/package of the package that it depends on, and builds it there.

import PackageDescription

let own = [
    "Jupyter", "LuaBridge", "Parallel", "Report", "Session", "Shipping", "Store", "System",
    "Workflow",
]

let package = Package(
    name: "Host",
    dependencies: [.package(name: "VTLua", path: "../../..")],
    targets: own.map { .target(name: $0) } + [
        .executableTarget(
            name: "host",
            dependencies: own.map { .byName(name: $0) } + [
                .product(name: "VTRuntime", package: "VTLua")
            ])
    ]
)
