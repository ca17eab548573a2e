// SPDX-License-Identifier: BSD-3-Clause

internal import CVTSystem

/// The budget of the runs with a limit on what computes at once: each thread that computes holds a slot, in
/// this process and in its child processes. Runs of one process add their limits up. Without a budget all
/// calls return at once.
package enum Slots {
    /// Adds slots to the budget.
    ///
    /// - Returns: false if there is no memory for the table: then there is no budget.
    package static func add(_ count: Int) -> Bool { vty_slots_add(number(count)) }

    /// Removes slots that were added.
    package static func remove(_ count: Int) { vty_slots_remove(number(count)) }

    private static func number(_ count: Int) -> Int32 {
        Int32(min(count, Int(VTY_MOST_SLOTS)))
    }

    /// The number of slots; nil without a budget.
    package static var count: Int? {
        let count = Int(vty_slots_count())
        return count > 0 ? count : nil
    }

    /// The descriptor of the table for a child process; nil without a budget.
    package static var descriptor: Int32? {
        let descriptor = vty_slots_descriptor()
        return descriptor < 0 ? nil : descriptor
    }

    /// Uses the table of the parent process, whose descriptor it takes.
    package static func join(_ descriptor: Int32) { _ = vty_slots_join(descriptor) }

    /// Takes slots for the calling thread. Waits until they are free, or `isWanted` returns false.
    ///
    /// - Returns: true if ``leave()`` must return them: false if the thread has a slot already.
    package static func enter(_ count: Int = 1, isWanted: () -> Bool = { true }) -> Bool {
        while true {
            switch vty_slots_take(Int32(clamping: count), slice) {
            case 1: return true
            case 0 where isWanted(): continue
            default: return false
            }
        }
    }

    /// Returns the slots of the calling thread, and their number.
    @discardableResult
    package static func leave() -> Int { Int(vty_slots_release()) }

    /// The nanoseconds of a wait after which a thread looks at whether it is wanted.
    private static let slice = 20_000_000
}
