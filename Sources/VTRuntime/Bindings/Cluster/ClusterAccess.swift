// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTParallel
internal import VTSystem

/// Connects to clusters, and offers to start one where that is allowed.
final class ClusterAccess {
    /// The absence of a cluster: a word that programs compare, and what was found.
    struct Absence: Error {
        var reason: String
        /// The cause, and the next step.
        var detail: String

        static func noEngines(_ detail: String) -> Absence {
            Absence(reason: "no-engines", detail: detail)
        }
        static func startFailed(_ why: String) -> Absence {
            Absence(reason: "start-failed: \(why)", detail: why)
        }
    }

    /// Answers offers; nil: the user cannot be asked.
    var answer: ClusterAnswering?
    /// Starts what the user has accepted; nil: the program cannot start clusters.
    var starter: (any ClusterStarting)?
    private let completion: CompletionEvent
    private let cores: () -> Int

    init(completion: CompletionEvent, cores: @escaping () -> Int) {
        self.completion = completion
        self.cores = cores
    }

    /// - Parameter needsLua: true if engines of Python are not enough.
    /// - Throws: ``Absence``; `ConnectionError` for a malformed connection file.
    func connect(
        _ request: ClusterRequest, needsLua: Bool = true, _ lua: borrowing Lua
    ) throws -> ClusterHandle {
        if Sandbox.refusesNetwork {
            throw Absence(
                reason: "sandbox",
                detail: "the sandbox of this run has no network; --allow-network allows it")
        }
        var request = request
        try choose(&request)
        let handle = try reach(request, lua)
        let client = handle.client
        if needsLua ? client.luaEngines.isEmpty : client.engines.isEmpty {
            try offerEngines(request, handle, lua)
        }
        return handle
    }

    private func choose(_ request: inout ClusterRequest) throws {
        guard request.ask, request.profile == nil, request.file == nil, answer != nil else {
            return
        }
        let names = ClusterAddress.profiles()
        guard names.count > 1 else { return }
        let offer = ClusterOffer.chooseProfile(names)
        switch reply(to: offer) {
        case .profile(let name) where names.contains(name): request.profile = name
        case .profile, .yes: break
        case .no:
            throw Absence(
                reason: "declined",
                detail: "no profile was selected of \(names.joined(separator: ", "))")
        case .unanswerable:
            throw Absence(
                reason: "declined",
                detail: "several profiles have clusters (\(names.joined(separator: ", "))), and "
                    + "\(Self.noQuestion); set the option `profile`")
        }
    }

    private func reply(to offer: ClusterOffer) -> ClusterAnswer { answer?(offer) ?? .unanswerable }

    private static let noQuestion = "no question could be asked, because there is no terminal"

    /// Makes an offer.
    ///
    /// - Parameters:
    ///   - absence: the state before it.
    ///   - verb: the subcommand of `vtlua cluster` that does the same.
    /// - Throws: ``Absence`` when it is not accepted.
    private func offer(
        _ offer: ClusterOffer, after absence: Absence, _ verb: String, _ request: ClusterRequest
    ) throws(Absence) {
        switch reply(to: offer) {
        case .yes: return
        case .unanswerable:
            let command = request.command(verb) + (verb == "scale" ? " N" : "")
            let remedy = absence.detail.hasSuffix(command) ? "run that command" : "run: \(command)"
            throw Absence(
                reason: "declined",
                detail: "\(absence.detail); \(Self.noQuestion): \(remedy), or answer with "
                    + "--ask yes or VTLUA_ASK=yes")
        case .no, .profile:
            throw Absence(
                reason: "declined",
                detail: "\(absence.detail); the offer to start one was declined")
        }
    }

    private func reach(_ request: ClusterRequest, _ lua: borrowing Lua) throws -> ClusterHandle {
        do {
            return try connectOnce(request, request.timeout, lua)
        } catch let absence as Absence {
            guard request.ask, request.file == nil else { throw absence }
            try offer(
                .startController(profile: request.profile ?? "default"), after: absence, "start",
                request)
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
        guard address.exists else {
            throw Absence(
                reason: "no-controller", detail: address.absence(request.command("start")))
        }
        do {
            return try address.open(timeout: timeout) { try lua.checkCancellation() }
        } catch let error as ClusterAddress.NoReply {
            throw Absence(reason: "timeout", detail: error.description)
        }
    }

    private func offerEngines(
        _ request: ClusterRequest, _ handle: ClusterHandle, _ lua: borrowing Lua
    ) throws {
        let python = handle.client.engines.count
        let absence = Absence.noEngines(
            "the cluster at \(handle.client.address) has no "
                + (python == 0 ? "engines" : "engines of Lua, and \(python) of Python"))
        guard request.ask else {
            throw Absence.noEngines(
                "\(absence.detail); start some with: \(request.command("scale")) N")
        }
        let count = request.engines ?? cores()
        try offer(.startEngines(count), after: absence, "scale", request)
        do {
            try requireStarter().startEngines(count, request.place) { try lua.checkCancellation() }
            guard
                try handle.client.waitForEngines(
                    count, of: .lua, timeout: max(30, request.timeout), completion: completion, lua)
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
            profile: profile, clusterID: clusterID, timeout: .seconds(timeout),
            isDetached: detach)
    }

    /// A subcommand of `vtlua cluster` for this cluster, for messages.
    fileprivate func command(_ verb: String) -> String {
        var words = "vtlua cluster \(verb)"
        if let profile, profile != "default" {
            words += profile.contains("/") ? " --profile-dir \(profile)" : " --profile \(profile)"
        }
        return words + (clusterID.map { " --cluster-id \($0)" } ?? "")
    }
}
