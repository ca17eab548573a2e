// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTSystem

/// The number of Lua states that the workers of a sandbox may have at once, in all of its pools.
final class WorkerBudget: Sendable {
    private let count = Monitor(0)
    private let most: Int

    /// - Parameter most: the number of states.
    init(_ most: Int) { self.most = most }

    /// Takes the permit for a state. It is given back when it is released.
    ///
    /// - Throws: `LuaError` if all permits are taken.
    func take() throws -> WorkerPermit {
        let isTaken = count.withLock { count in
            if count >= most { return false }
            count += 1
            return true
        }
        guard isTaken else {
            throw LuaError(
                .runtime,
                "this sandbox has its \(most) workers already; close pools that are not needed with "
                    + "pool:close()")
        }
        return WorkerPermit(self)
    }

    fileprivate func giveBack() { count.withLock { $0 -= 1 } }
}

/// The permit for one state.
final class WorkerPermit: Sendable {
    private let budget: WorkerBudget

    fileprivate init(_ budget: WorkerBudget) { self.budget = budget }

    deinit { budget.giveBack() }
}
