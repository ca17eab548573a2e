// SPDX-License-Identifier: BSD-3-Clause

import Glibc
import Testing
@testable import VTLocalCluster
import VTRuntime

/// What a program starts of a cluster ends with it. Needs the controller of ipyparallel that
/// `VTLUA_IPCONTROLLER` names.
@Suite(.serialized, .enabled(if: getenv("VTLUA_IPCONTROLLER") != nil))
struct ClusterStarterTests {
    private let folder: Folder
    private let place: ClusterPlace
    private let profile: ClusterProfile

    init() throws {
        folder = Folder()
        place = ClusterPlace(profile: "\(folder.path)/profile")
        profile = try ClusterProfile(profile: place.profile)
    }

    /// The turns of 10 ms that a wait takes at most; the bound only ends a test that hangs.
    private static let patience = 12_000

    private func states() throws -> [String] {
        try ClusterStatus.ask(profile, timeout: 120).engines.map(\.state)
    }

    private var isGone: Bool { get throws { try LocalCluster.find(profile) == nil } }

    @Test func aControllerAndItsEngines() throws {
        let starter = ClusterStarter()
        try starter.startController(place)
        let none = try states()
        #expect(none == [])
        try starter.startEngines(2, place)
        let two = try states()
        #expect(two == ["idle", "idle"])
        let controller = try #require(try LocalCluster.find(profile)?.controller)
        starter.stop()
        #expect(!controller.isAlive)
        #expect(try isGone)
    }

    /// The engines of a cluster that is there already.
    @Test func enginesOnly() throws {
        let cluster = try LocalCluster.start(.init(profile, engines: 1))
        defer { _ = try? cluster.stop() }
        let starter = ClusterStarter()
        try starter.startEngines(2, place)
        let three = try states()
        #expect(three == ["idle", "idle", "idle"])
        starter.stop()
        // They have told the Hub, which may not have come to it yet.
        var left = try states()
        for _ in 0..<Self.patience where left.count > 1 {
            usleep(10_000)
            left = try states()
        }
        #expect(left == ["idle"])
        try cluster.stop()
        #expect(try isGone)
    }

    /// The watcher does it, when nobody else does.
    @Test func withoutStopping() throws {
        do {
            let starter = ClusterStarter()
            try starter.startController(place)
            try starter.startEngines(1, place)
        }
        for _ in 0..<Self.patience where try !isGone { usleep(10_000) }
        #expect(try isGone)
    }

    @Test func whatCannotBeStarted() throws {
        let starter = ClusterStarter()
        let error = #expect(throws: ClusterError.self) { try starter.startEngines(1, place) }
        #expect(
            error?.message == "no cluster runs in the profile '\(profile.name)'; start one with: "
                + "vtlua cluster start --profile-dir \(profile.name)")
        #expect(error?.code == .notRunning)
        starter.stop()
    }
}
