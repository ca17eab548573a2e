// SPDX-License-Identifier: BSD-3-Clause

public import VTLuaBridge
internal import VTSystem

/// The state of a module while it computes: the value behind `self`.
public final class ModuleContext {
    /// The name of the node.
    public let node: String
    let definition: ModuleDefinition
    /// The table of inputs, for `self:get_input`.
    let inputs: LuaReference
    /// The directory for files that the module makes without a path from the user.
    public let filesDirectory: String
    private let report: (RunEvent) -> Void
    /// Receives each annotation; nil on the interpreter.
    var annotated: ((String, LuaValue) throws -> Void)?

    /// The annotations that the module made, in the order of their last change.
    public private(set) var annotations: [(key: String, value: LuaValue)] = []
    /// The bytes of those that ``annotateWithinLimit(_:_:)`` has made.
    private var annotationSize = 0
    private static let largestAnnotations = 256 << 10
    /// The table of the values that `self:set_output` received.
    private(set) var outputs: LuaReference?
    private var lines: [UInt8] = []
    /// The number of bytes of `lines` up to the last line end.
    private var lineEnd = 0
    private var recentWrites = 0
    private var burstBegan: Int64 = 0
    private var text = PrintedText()
    private var scratchPath: String?
    /// True if a breakpoint stopped the module: the user may have changed its result.
    package var wasStopped = false

    /// The first program that a signal ended while the module computed: its output may be
    /// incomplete.
    private(set) var endedProgram: LuaProgram?

    /// The printed bytes that are kept.
    var printed: [UInt8] { text.bytes }

    /// The number of texts within ``burstTime`` (nanoseconds) after which lines are reported
    /// together.
    private static let burst = 256
    private static let burstTime: Int64 = 20_000_000
    /// The number of bytes without a line end that are reported as they are.
    static let lineLimit = 64 << 10

    init(
        node: String, definition: ModuleDefinition, inputs: LuaReference,
        filesDirectory: String = "", report: @escaping (RunEvent) -> Void
    ) {
        self.node = node
        self.definition = definition
        self.inputs = inputs
        self.filesDirectory = filesDirectory
        self.report = report
    }
}

// MARK: - Methods of `self`

extension ModuleContext {
    /// `self:get_input(name)`: pushes the value.
    public func pushInput(_ name: String, _ lua: borrowing Lua) throws {
        try check(name, among: definition.inputs, kind: "input")
        try lua.push(inputs)
        try lua.pushRawField(name, of: -1)
        lua.remove(at: -2)
    }

    /// `self:set_output(name, value)`: takes the value on top.
    public func takeOutput(_ name: String, _ lua: borrowing Lua) throws {
        try check(name, among: definition.outputs, kind: "output")
        if outputs == nil {
            try lua.pushTable()
            outputs = try lua.takeReference()
        }
        guard let outputs else { return }
        try lua.push(outputs)
        lua.insert(at: -2)
        try lua.setRawField(name, of: -2)
        lua.pop()
    }

    private func check(_ name: String, among ports: [Port], kind: String) throws {
        guard ports.contains(where: { $0.name == name }) else {
            throw WorkflowError(
                "\(definition.name) has no \(kind) `\(name)`"
                    + hint(for: name, among: ports.map(\.name)))
        }
    }

    /// `self:progress(fraction, note)`
    public func progress(_ fraction: Double, _ note: String?) {
        reportLines()
        let fraction = fraction.isNaN ? 0 : min(max(fraction, 0), 1)
        report(.progress(node: node, fraction: fraction, note: note))
    }

    /// `self:annotate { key = value }`
    public func annotate(_ key: String, _ value: LuaValue) throws {
        try annotated?(key, value)
        annotations.removeAll { $0.key == key }
        annotations.append((key, value))
    }

    /// `self:annotate` of a script of a sandbox, whose annotations are limited: no limit of memory counts them.
    package func annotateWithinLimit(_ key: String, _ value: LuaValue) throws {
        var bytes: [UInt8] = []
        value.append(to: &bytes)
        // A worker sends each change.
        annotationSize += key.utf8.count + bytes.count
        if annotationSize > Self.largestAnnotations {
            throw WorkflowError(
                "self:annotate: a module in a sandbox may write 256 KiB of annotations, with each "
                    + "change of one; return large values as outputs")
        }
        try annotate(key, value)
    }

    /// `self:log(level, message)` and related methods
    public func log(_ level: RunEvent.LogLevel, _ message: String) {
        reportLines()
        report(.logged(node: node, level: level, message: message))
    }

    /// `self.scratch`: a directory of the module, made at the first access and removed after
    /// `compute`.
    public func scratch() throws -> String {
        if let scratchPath { return scratchPath }
        let base = Leftovers.temporaryDirectory
        do {
            let path = try Leftovers.makeScratch(in: base)
            scratchPath = path
            return path
        } catch {
            throw WorkflowError("cannot create a scratch directory in '\(base)': \(error.reason)")
        }
    }
}

// MARK: - Methods for the interpreter

extension ModuleContext {
    /// Keeps printed bytes, and reports whole lines: at once, or after many lines in a short time
    /// together with the next ones.
    ///
    /// The caller passes a long text in pieces, between which it can be stopped.
    public func write(_ bytes: UnsafeRawBufferPointer) {
        text.append(bytes)
        let start = lines.count
        lines += bytes
        // The bytes that were there before the last line end and this text have none.
        let newline = UInt8(ascii: "\n")
        // A long text without a line end is searched faster by `memchr`.
        let hasLineEnd = bytes.baseAddress.map { memchr($0, Int32(newline), bytes.count) != nil }
        if hasLineEnd == true, let found = bytes.lastIndex(of: newline) {
            lineEnd = start + found + 1
        } else if lines.count - lineEnd >= Self.lineLimit {
            lineEnd = lines.count - lines.incompleteCharacter
        }
        guard lineEnd > 0, !isBurst() || lines.count >= Self.lineLimit else { return }
        reportLines()
    }

    /// Returns true if more than ``burst`` texts came within the last ``burstTime``.
    private func isBurst() -> Bool {
        recentWrites += 1
        if recentWrites > Self.burst {
            // The clock is read for a part of the texts only.
            if recentWrites % 64 == 0, Clock.now - burstBegan > Self.burstTime {
                recentWrites = 0
                return false
            }
            return true
        }
        if recentWrites == 1 { burstBegan = Clock.now }
        if recentWrites == Self.burst {
            let began = burstBegan
            burstBegan = Clock.now
            if burstBegan - began > Self.burstTime { recentWrites = 0 }
        }
        return false
    }

    /// Reports the lines that are complete.
    package func reportLines() {
        guard lineEnd > 0 else { return }
        let end = lineEnd
        lineEnd = 0
        report(.printed(node: node, text: String(decoding: lines[..<end], as: UTF8.self)))
        lines.removeSubrange(..<end)
    }

    /// Notes that a signal ended a program of the module.
    package func programEnded(_ program: LuaProgram) { endedProgram = endedProgram ?? program }

    /// The scratch directory; nil if the module has not used it.
    var scratchDirectory: String? { scratchPath }

    /// Reports the last line if it has no line end, and removes the scratch directory.
    func finish() {
        reportLines()
        if !lines.isEmpty {
            report(.printed(node: node, text: String(decoding: lines, as: UTF8.self) + "\n"))
            lines.removeAll()
        }
        if let scratchPath { Directory.removeTree(scratchPath) }
        scratchPath = nil
    }
}

extension [UInt8] {
    /// The number of bytes at the end that are the beginning of a character in UTF-8.
    fileprivate var incompleteCharacter: Int {
        for length in 1...3 where length <= count {
            switch self[count - length] {
            case 0x80..<0xC0: continue
            case 0xC0..<0xE0: return length < 2 ? length : 0
            case 0xE0..<0xF0: return length < 3 ? length : 0
            case 0xF0...: return length
            default: return 0
            }
        }
        return 0
    }
}
