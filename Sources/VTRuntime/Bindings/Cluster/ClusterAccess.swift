// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTParallel
internal import VTSystem

/// Connects to clusters, and offers to start one where that is allowed.
final class ClusterAccess {
    /// The reason why there is no cluster: a word that programs compare.
    enum Absence: Error {
        case noController, timeout, noEngines, declined
        case startFailed(String)

        var reason: String {
            switch self {
            case .noController: "no-controller"
            case .timeout: "timeout"
            case .noEngines: "no-engines"
            case .declined: "declined"
            case .startFailed(let why): "start-failed: \(why)"
            }
        }
    }

    /// Answers offers; nil: the answer is no.
    var answer: ClusterAnswering?
    /// Starts what the user has accepted; nil: the program cannot start clusters.
    var starter: (any ClusterStarting)?
    private let completion: CompletionEvent
    private let cores: () -> Int

    init(completion: CompletionEvent, cores: @escaping () -> Int) {
        self.completion = completion
        self.cores = cores
    }

    /// - Throws: ``Absence``; `ConnectionError` for a malformed connection file.
    func connect(_ request: ClusterRequest, _ lua: borrowing Lua) throws -> ClusterHandle {
        var request = request
        try choose(&request)
        let handle = try reach(request, lua)
        if handle.client.luaEngines.isEmpty { try offerEngines(request, handle, lua) }
        return handle
    }

    private func choose(_ request: inout ClusterRequest) throws {
        guard request.ask, request.profile == nil, request.file == nil, let answer else { return }
        let names = ClusterAddress.profiles()
        guard names.count > 1 else { return }
        switch answer(.chooseProfile(names)) {
        case .profile(let name) where names.contains(name): request.profile = name
        case .profile, .yes: break
        case .no: throw Absence.declined
        }
    }

    private func reach(_ request: ClusterRequest, _ lua: borrowing Lua) throws -> ClusterHandle {
        do {
            return try connectOnce(request, request.timeout, lua)
        } catch let absence as Absence {
            guard request.ask, request.file == nil else { throw absence }
            guard answer?(.startController(profile: request.profile ?? "default")) == .yes else {
                throw Absence.declined
            }
            do {
                try requireStarter().startController(request.place) { try lua.checkCancellation() }
            } catch let error as LuaError {
                throw error
            } catch let absence as Absence {
                throw absence
            } catch {
                throw Absence.startFailed("\(error)")
            }
            return try connectOnce(request, max(10, request.timeout), lua)
        }
    }

    private func connectOnce(
        _ request: ClusterRequest, _ timeout: Double, _ lua: borrowing Lua
    ) throws -> ClusterHandle {
        let address = request.address
        guard address.exists else { throw Absence.noController }
        do {
            return try address.open(timeout: timeout) { try lua.checkCancellation() }
        } catch is ClusterAddress.NoReply {
            throw Absence.timeout
        }
    }

    private func offerEngines(
        _ request: ClusterRequest, _ handle: ClusterHandle, _ lua: borrowing Lua
    ) throws {
        guard request.ask else { throw Absence.noEngines }
        let count = request.engines ?? cores()
        guard answer?(.startEngines(count)) == .yes else { throw Absence.declined }
        do {
            try requireStarter().startEngines(count, request.place) { try lua.checkCancellation() }
            guard
                try handle.client.waitForEngines(
                    count, timeout: max(30, request.timeout), completion: completion, lua)
            else { throw Absence.startFailed("the engines have not joined in time") }
        } catch let error as LuaError {
            throw error
        } catch let absence as Absence {
            throw absence
        } catch {
            throw Absence.startFailed("\(error)")
        }
    }
}

extension ClusterAccess {
    private func requireStarter() throws(Absence) -> any ClusterStarting {
        if let starter { return starter }
        throw .startFailed("this program cannot start clusters; set Runtime.Options.clusterStarter")
    }
}

extension ClusterRequest {
    fileprivate var place: ClusterPlace {
        ClusterPlace(
            profile: profile, clusterID: clusterID, timeout: timeout, isDetached: detach)
    }
}
