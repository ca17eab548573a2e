// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTShipping

/// The elements of a step in a run: their number, their places in the lists, and the values of the
/// inputs that differ.
final class ElementList: ElementValues {
    unowned let run: Run
    let step: Plan.Step
    let each: Plan.Each
    /// The number of elements.
    private(set) var count = 0
    /// The lengths of the lists of each level, in the order of the elements of the level outside.
    private(set) var lengths: [[Int]]
    /// A table of the values that elements are taken from, by their slots.
    private let bases: LuaReference
    private var slots: [Slot: Int] = [:]
    /// For each element, the positions in the lists, one after another; empty for one level whose lists
    /// are not combined: there the position is that of the element.
    private var positions: [Int32] = []
    /// The number of positions of an element, and where those of each level begin.
    private let width: Int
    private let starts: [Int]

    private enum Slot: Hashable {
        case input(Int)
        case list(level: Int, number: Int)
    }

    /// - Throws: ``ModuleFailure`` where a value is not a list, or paired lists differ in length.
    init(of step: Plan.Step, each: Plan.Each, in run: Run, _ lua: borrowing Lua) throws {
        self.run = run
        self.step = step
        self.each = each
        lengths = each.levels.map { _ in [] }
        var starts: [Int] = []
        var width = 0
        for level in each.levels {
            starts.append(width)
            width += level.kind == .cross ? 1 + level.lists.count : 1
        }
        self.width = width
        self.starts = starts
        try lua.pushTable()
        bases = try lua.takeReference()
        try pushBases(lua)
        if each.levels.count == 1, each.levels[0].kind != .cross {
            count = try length(of: 0, in: [], lua)
            lengths[0] = [count]
        } else {
            var row = Array(repeating: Int32(0), count: width)
            try enumerate(0, &row, lua)
        }
    }

    /// The warnings about inputs that were changed in place.
    private var warnings: Set<String> = []

    func hasReported(_ warning: String) -> Bool {
        warning.hasPrefix(StepAttempt.changeStart) && !warnings.insert(warning).inserted
    }

    // MARK: Places

    private func enumerate(_ level: Int, _ row: inout [Int32], _ lua: borrowing Lua) throws {
        guard level < each.levels.count else {
            positions += row
            count += 1
            return
        }
        var factors: [Int] = []
        let length = try length(of: level, in: row, factors: &factors, lua)
        lengths[level].append(length)
        for position in 0..<length {
            row[starts[level]] = Int32(position)
            if each.levels[level].kind == .cross {
                var rest = position
                for number in factors.indices.reversed() {
                    row[starts[level] + 1 + number] = Int32(rest % factors[number])
                    rest /= factors[number]
                }
            }
            try enumerate(level + 1, &row, lua)
        }
    }

    private func length(of level: Int, in row: [Int32], _ lua: borrowing Lua) throws -> Int {
        var factors: [Int] = []
        return try length(of: level, in: row, factors: &factors, lua)
    }

    /// Returns the number of elements of a level.
    ///
    /// - Parameter factors: receives the lengths of its lists.
    private func length(
        of level: Int, in row: [Int32], factors: inout [Int], _ lua: borrowing Lua
    ) throws -> Int {
        let lists = each.levels[level].lists
        for (number, list) in lists.enumerated() {
            try pushBase(.list(level: level, number: number), lua)
            defer { lua.pop() }
            try index(list.uses, in: row, lua)
            if lua.isNil(at: -1), each.mayLackValues {
                factors.append(0)
                continue
            }
            guard lua.isSequence(at: -1) else {
                throw failure(
                    "input `\(list.label)`: a list expected, got "
                        + lua.typeNameOfNoSequence(at: -1)
                        + (level == 0
                            ? "" : "; each element of the list outside must be a list, too"),
                    lua)
            }
            let length = lua.sequenceLength(at: -1)
            if length == 0, lua.type(at: -1) == .table { try checkEmpty(list.label, lua) }
            if !each.mayLackValues, let gap = try lua.firstGap(at: -1) {
                throw failure(
                    "input `\(list.label)`: element \(gap) is nil; a list has a value at each place",
                    lua)
            }
            factors.append(length)
        }
        switch each.levels[level].kind {
        case .cross:
            var product = 1
            for factor in factors {
                let (next, isTooLarge) = product.multipliedReportingOverflow(by: factor)
                guard !isTooLarge, next <= Self.most else {
                    throw failure("vt.cross: more than \(Self.most) combinations", lua)
                }
                product = next
            }
            return product
        case .each, .zip:
            if let other = factors.firstIndex(where: { $0 != factors[0] }) {
                throw failure(
                    "vt.zip: `\(lists[0].label)` has \(factors[0]) elements and "
                        + "`\(lists[other].label)` has \(factors[other]); lists of the same length "
                        + "are paired", lua)
            }
            guard factors[0] <= Self.most else {
                throw failure("`\(lists[0].label)` has more than \(Self.most) elements", lua)
            }
            return factors[0]
        }
    }

    /// The largest number of elements of a step.
    private static let most = 100_000_000

    /// Throws if the table on top, which has no elements, has fields.
    private func checkEmpty(_ label: String, _ lua: borrowing Lua) throws {
        let table = lua.top
        try lua.pushNil()
        guard try lua.next(of: table) else { return }
        lua.pop()
        defer { lua.pop() }
        throw failure(
            "input `\(label)`: a list expected, got a table with the key "
                + "\(try lua.display(at: -1))", lua)
    }

    private func failure(_ message: String, _ lua: borrowing Lua) -> ModuleFailure {
        StepAttempt(run: run, step: step).failure(.inputs, message, inputs: nil, lua)
    }

    /// The place of an element, such as `[17]`, or `[2][5]` for two levels.
    func label(of element: Int) -> String {
        place(of: element).map { "[\($0)]" }.joined()
    }

    /// The position of an element on each level, from 1.
    func place(of element: Int) -> [Int] {
        if positions.isEmpty { return [element + 1] }
        return starts.map { Int(positions[element * width + $0]) + 1 }
    }

    /// Returns the elements at places, in their order.
    ///
    /// - Throws: ``ModuleFailure`` if there is no element at one of them.
    func elements(at places: Set<[Int]>, _ lua: borrowing Lua) throws -> [Int] {
        let found = (0..<count).filter { places.contains(place(of: $0)) }
        if found.count < places.count {
            let known = Set(found.map(place(of:)))
            let missing = places.subtracting(known).map { $0.map { "[\($0)]" }.joined() }.min()
            throw failure(
                "there is no element \(step.name)\(missing ?? ""): the node has \(count) "
                    + (count == 1 ? "element" : "elements"), lua)
        }
        return found
    }

    // MARK: Values

    /// Puts the values that elements are taken from into the table.
    private func pushBases(_ lua: borrowing Lua) throws {
        try lua.push(bases)
        defer { lua.pop() }
        var next = 0
        func add(_ slot: Slot, _ input: Plan.Input) throws {
            next += 1
            slots[slot] = next
            try run.push(input, lua)
            try lua.setRawElement(next, of: -2)
        }
        for (position, input) in step.inputs.enumerated()
        where !each.uses[position].isEmpty && !input.hasElements {
            try add(.input(position), input)
        }
        for (level, lists) in each.levels.enumerated() {
            for (number, list) in lists.lists.enumerated() {
                try add(.list(level: level, number: number), list.input)
            }
        }
    }

    func readAgain(_ lua: borrowing Lua) throws { try pushBases(lua) }

    private func pushBase(_ slot: Slot, _ lua: borrowing Lua) throws {
        try lua.push(bases)
        try lua.pushRawElement(slots[slot] ?? 0, of: -1)
        lua.remove(at: -2)
    }

    /// True if elements have values of their own for an input.
    func varies(_ position: Int) -> Bool { !each.uses[position].isEmpty }

    func push(
        _ position: Int, of element: Int, _ lua: borrowing Lua,
        check: (Plan.ParameterCheck) throws -> Void
    ) throws {
        let row = row(of: element)
        let input = step.inputs[position]
        if case .table(let table) = input, input.hasElements {
            try run.pushTable(table, lua) { part in
                try run.push(part.input, lua)
                try index(part.uses, in: row, checks: part.checks, lua, check: check)
            }
        } else {
            try pushBase(.input(position), lua)
        }
        try index(
            each.uses[position], in: row, checks: step.checks.filter { $0.input == position }, lua,
            check: check)
    }

    private func row(of element: Int) -> [Int32] {
        positions.isEmpty
            ? [Int32(element)] : Array(positions[(element * width)..<((element + 1) * width)])
    }

    /// Replaces the value on top by the part of it that belongs to an element.
    private func index(
        _ uses: [Plan.Use], in row: [Int32], checks: [Plan.ParameterCheck] = [],
        _ lua: borrowing Lua, check: (Plan.ParameterCheck) throws -> Void = { _ in }
    ) throws {
        func pass(_ depth: Int) throws {
            for found in checks where found.depth == depth { try check(found) }
        }
        if !checks.isEmpty { try pass(0) }
        for (level, use) in uses.enumerated() {
            let column: Int
            switch use {
            case .none:
                if !checks.isEmpty { try pass(level + 1) }
                continue
            case .whole: column = starts[level]
            case .list(let number):
                column =
                    each.levels[level].kind == .cross ? starts[level] + 1 + number : starts[level]
            }
            // The value of an element that has failed is missing.
            if lua.isNil(at: -1), each.mayLackValues { return }
            guard lua.isSequence(at: -1) else {
                throw failure(
                    "a list expected for vt.each, got \(lua.typeNameOfNoSequence(at: -1))", lua)
            }
            try lua.pushSequenceElement(Int(row[column]) + 1, of: -1)
            lua.remove(at: -2)
            if !checks.isEmpty { try pass(level + 1) }
        }
    }

    // MARK: Results

    /// Replaces the list on top, which has a value for each element, by lists of lists for the levels.
    ///
    /// - Parameters:
    ///   - leavesGaps: true if nothing is in the place of an element that is left out; false to move the
    ///     next ones there.
    ///   - isKept: returns false for an element without a value, which is left out.
    func shape(
        _ lua: borrowing Lua, leavesGaps: Bool = false, isKept: (Int) -> Bool
    ) throws {
        let flat = lua.top
        var next = 0
        var instances = each.levels.map { _ in 0 }
        func build(_ level: Int) throws {
            let length = lengths[level][instances[level]]
            instances[level] += 1
            try lua.reserve(4)
            try lua.pushTable(elements: length)
            var place = 0
            for _ in 0..<length {
                if level + 1 < lengths.count {
                    try build(level + 1)
                } else {
                    let element = next
                    next += 1
                    guard isKept(element) else {
                        if leavesGaps { place += 1 }
                        continue
                    }
                    try lua.pushRawElement(element + 1, of: flat)
                }
                place += 1
                try lua.setRawElement(place, of: -2)
            }
        }
        try build(0)
        lua.remove(at: flat)
    }
}

extension Plan.Input {
    /// True for a table of which some values belong to elements.
    var hasElements: Bool {
        guard case .table(let table) = self else { return false }
        return table.elements.contains { !$0.uses.isEmpty }
    }
}
