// SPDX-License-Identifier: BSD-3-Clause

internal import CVTShipping
internal import VTLuaBridge

/// A string of a Lua state, lent to whoever holds a shipment.
///
/// Unchecked: the C object has a lock of its own, and the rest is constant.
final class Loan: @unchecked Sendable {
    let loan: OpaquePointer
    private let number: Int
    private let lender: Lender?
    /// What keeps the bytes, where it is no state.
    private let owner: (any Sendable)?

    fileprivate init(_ loan: OpaquePointer, number: Int, lender: Lender) {
        self.loan = loan
        self.number = number
        self.lender = lender
        owner = nil
    }

    /// Bytes in memory that `owner` keeps; nil when there is no memory for the loan itself.
    init?(_ bytes: UnsafeRawBufferPointer, owner: any Sendable) {
        let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
        guard let loan = vts_loan_new(start, bytes.count) else { return nil }
        self.loan = loan
        number = 0
        lender = nil
        self.owner = owner
    }

    /// On whichever thread held the shipment last.
    deinit {
        if let lender { lender.takeBack(number, loan) } else { vts_loan_free(loan) }
    }
}

/// Who lends the strings of one state: keeps them until they come back.
///
/// Unchecked: `kept` is touched only by the encoder, which is confined to its state's thread;
/// what loans do on other threads goes through `out` under its lock.
final class Lender: @unchecked Sendable {
    private struct Out {
        /// Loans that somebody holds.
        var loans: [Int: OpaquePointer] = [:]
        /// Numbers of those that came back.
        var returned: [Int] = []
    }

    private let out = Locked(Out())
    private var kept: [Int: LuaReference] = [:]
    private var next = 0

    /// Lends the string at `index`; nil when there is no memory for it.
    func lend(_ lua: borrowing Lua, at index: Int, _ bytes: UnsafePointer<CChar>, _ count: Int)
        -> Loan?
    {
        guard let reference = try? lua.reference(at: index),
            let loan = vts_loan_new(bytes, count)
        else { return nil }
        let number = next
        next += 1
        kept[number] = reference
        out.withLock { $0.loans[number] = loan }
        return Loan(loan, number: number, lender: self)
    }

    fileprivate func takeBack(_ number: Int, _ loan: OpaquePointer) {
        out.withLock { out in
            if out.loans.removeValue(forKey: number) != nil { out.returned.append(number) }
        }
        vts_loan_free(loan)
    }

    /// Lets go of the strings that came back.
    func drain() {
        if kept.isEmpty { return }
        let returned = out.withLock { out in
            defer { out.returned = [] }
            return out.returned
        }
        for number in returned { kept[number] = nil }
    }

    /// Copies what is still out, so that the state may be closed. A reader that copies at this
    /// moment is waited for; loans that come back wait for this.
    func retire() {
        out.withLock { out in
            for loan in out.loans.values { _ = vts_loan_redeem(loan) }
            out = Out()
        }
        kept = [:]
    }
}
