// SPDX-License-Identifier: BSD-3-Clause

// An HTTP server that runs workflows of strangers:
//
//     swift run server 8080
//     curl -N --data-binary @Sources/server/primes.lua http://127.0.0.1:8080/runs
//
// Each request has a Lua state of its own, in which scripts reach nothing outside of it, with limits of
// memory and time. The answer is a line of JSON for each event, sent when it happens.

import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import VTRuntime

/// The limits of a request.
let limits = (body: 64 << 10, memory: 64 << 20, time: Duration.seconds(10), runs: 4)

typealias Connection = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>

let port = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 8080
let server = try await ServerBootstrap(group: NIOSingletons.posixEventLoopGroup)
    .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
    .bind(host: "127.0.0.1", port: port) { channel in
        channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.configureHTTPServerPipeline()
            return try Connection(wrappingChannelSynchronously: channel)
        }
    }
// A pipe gets it at once, unlike by `print`.
let address = "http://127.0.0.1:\(server.channel.localAddress?.port ?? port)/runs"
FileHandle.standardOutput.write(Data("\(address)\n".utf8))

let places = Places(limits.runs)
try await withThrowingDiscardingTaskGroup { group in
    try await server.executeThenClose { connections in
        for try await connection in connections {
            group.addTask {
                // A client that goes away ends its run; other connections go on.
                try? await connection.executeThenClose { requests, answer in
                    try await serve(requests, answer)
                }
            }
        }
    }
}
