// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import VTSystem
internal import VTLuaBridge

/// The list of results of a call, filled in the order of the tasks.
struct ResultList {
    private let collector: Collector
    private let table: Int
    private(set) var taken = 0
    /// The first task that failed, where that ends the call.
    private(set) var failure: TaskError?
    private var errors: [LuaReference] = []
    /// The position of the next result in the call's batches.
    private var batch = 0
    private var index = 0

    /// True if batches are dropped when all of their results were taken.
    private let forgets: Bool

    init(_ collector: Collector, table: Int, forgets: Bool = false) {
        self.collector = collector
        self.table = table
        self.forgets = forgets
    }

    /// Takes all results that are ready.
    mutating func takeReady(_ lua: borrowing Lua) throws {
        let call = collector.call
        while batch < call.batches.count {
            let current = call.batches[batch]
            while index < current.count {
                let ready = try collector.takeReady(current, index, into: table, at: taken + 1, lua)
                taken += ready
                index += ready
                if index == current.count { break }
                guard collector.isSettled(current, index) else { return }
                var count = 0
                if let error = try collector.push(current, index, count: &count, lua) {
                    if call.options.onError == .stop {
                        lua.pop()
                        failure = error
                        return
                    }
                    errors.append(try lua.reference(at: -1))
                }
                taken += 1
                try lua.setRawElement(taken, of: table)
                index += 1
            }
            if forgets { call.forgetFirstBatch() } else { batch += 1 }
            index = 0
        }
    }

    /// Pushes the list of errors.
    func pushErrors(_ lua: borrowing Lua) throws {
        try lua.pushTable(elements: errors.count)
        for (index, error) in errors.enumerated() {
            try lua.push(error)
            try lua.setRawElement(index + 1, of: -2)
        }
    }
}
