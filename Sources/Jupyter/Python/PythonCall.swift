// SPDX-License-Identifier: BSD-3-Clause

/// The call that an ipyparallel `apply_request` asks for.
package struct PythonCall: Sendable, Equatable {
    /// The function to call.
    package indirect enum Function: Sendable, Equatable {
        /// A global, or another expression that the engine evaluates.
        case reference(String)
        /// `view.push` or `scatter`: the keyword arguments become globals.
        case push
        /// `view.pull` or `gather`: the argument is a name, or a list, tuple or set of names.
        case pull
        /// Runs the argument as code.
        case execute
        /// `view.map`: calls a function for each element of the arguments, which are sequences of
        /// equal length.
        case map(Function)
        /// The map of a broadcast view: the arguments are names of globals, which are removed
        /// afterwards.
        case broadcastMap(Function)
        /// A function that only Python can call, by its name.
        case pythonFunction(String)
    }

    /// A keyword argument.
    package struct Keyword: Sendable, Equatable {
        package var name: String
        package var value: PythonValue

        package init(_ name: String, _ value: PythonValue) {
            self.name = name
            self.value = value
        }
    }

    /// The function to call.
    package var function: Function
    /// The positional arguments.
    package var arguments: [PythonValue]
    /// The keyword arguments.
    package var keywords: [Keyword]

    package init(function: Function, arguments: [PythonValue] = [], keywords: [Keyword] = []) {
        self.function = function
        self.arguments = arguments
        self.keywords = keywords
    }
}

// MARK: - Reading

extension PythonCall {
    /// Reads a call from the buffers of a message.
    ///
    /// - Throws: ``PythonError``.
    package init(buffers: [UnsafeRawBufferPointer]) throws(PythonError) {
        var canned = Canned(buffers[...])
        let function = try Self.nextFunction(&canned)
        let info = try canned.next()
        guard let count = info["nargs"]?.int, let length = info["narg_bufs"]?.int,
            let keys = info["kw_keys"]?.elements, (0...canned.buffers.count).contains(length),
            (0...length).contains(count)
        else { throw PythonError(.malformed, "the buffers do not contain a call") }
        let rest = canned.buffers
        var cannedArguments = Canned(rest.prefix(length))
        var cannedKeywords = Canned(rest.dropFirst(length))
        self.init(function: Self.function(of: function))
        var left = count
        if case .object(let it) = function, it.isMap {
            guard count > 0 else { throw PythonError(.malformed, "a map without a function") }
            let mapped = Self.function(of: try Self.nextFunction(&cannedArguments))
            self.function = it.name == "_map" ? .map(mapped) : .broadcastMap(mapped)
            left -= 1
        }
        for _ in 0..<left { arguments.append(try cannedArguments.next()) }
        for key in keys {
            guard let name = key.string else {
                throw PythonError(.malformed, "the name of an argument is \(key.kind)")
            }
            keywords.append(Keyword(name, try cannedKeywords.next()))
        }
        guard cannedArguments.buffers.isEmpty, cannedKeywords.buffers.isEmpty else {
            throw PythonError(.malformed, "more buffers than arguments")
        }
    }

    package init(buffers: [Part]) throws(PythonError) {
        defer { withExtendedLifetime(buffers) {} }
        try self.init(buffers: buffers.map(\.bytes))
    }

    package init(buffers: [[UInt8]]) throws(PythonError) {
        self = try lending(buffers) { (all) throws(PythonError) in try PythonCall(buffers: all) }
    }

    /// Returns the value of an `apply_reply`.
    package static func result(of buffers: [UnsafeRawBufferPointer]) throws(PythonError)
        -> PythonValue
    {
        var canned = Canned(buffers[...])
        return try canned.next()
    }

    package static func result(of buffers: [Part]) throws(PythonError) -> PythonValue {
        defer { withExtendedLifetime(buffers) {} }
        return try result(of: buffers.map(\.bytes))
    }

    package static func result(of buffers: [[UInt8]]) throws(PythonError) -> PythonValue {
        try lending(buffers) { (all) throws(PythonError) in try result(of: all) }
    }

    /// Reads the function of a call. A function that contains itself is one of Python, whatever its
    /// name.
    private static func nextFunction(_ canned: inout Canned) throws(PythonError) -> PythonValue {
        do throws(PythonError) {
            return try canned.next()
        } catch  where error.underlying?.code == .cycle {
            return .object(PythonObject(module: "", name: "a function"))
        }
    }

    private static func function(of value: PythonValue) -> Function {
        switch value {
        case .reference(let expression): return .reference(expression)
        case .object(let object) where object.arguments == nil:
            switch (object.module, object.name) {
            case ("ipyparallel.util", "_push"): return .push
            case ("ipyparallel.util", "_pull"): return .pull
            case ("ipyparallel.util", "_execute"): return .execute
            default: return .pythonFunction(object.qualifiedName)
            }
        case .object(let object):
            // A wrapped function is known under the wrapper's name.
            if case .object(let it) = object.arguments?.elements?.first, it.arguments == nil {
                return .pythonFunction(it.qualifiedName)
            }
            return .pythonFunction(object.qualifiedName)
        default: return .pythonFunction(value.kind)
        }
    }
}

extension PythonObject {
    /// True if this is the function that ipyparallel sends to call another one for each element.
    fileprivate var isMap: Bool {
        guard arguments == nil else { return false }
        switch name {
        case "_map": return module == "__main__" || module.hasPrefix("ipyparallel.")
        case "_broadcast_map": return module.hasPrefix("ipyparallel.")
        default: return false
        }
    }
}

// MARK: - Writing

extension PythonCall {
    /// Returns the buffers of an `apply_request` for a Python engine.
    ///
    /// - Parameter expression: the engine evaluates it to find the function.
    package static func request(
        expression: String, arguments: [PythonValue] = [], keywords: [Keyword] = []
    ) throws(PythonError) -> [[UInt8]] {
        var argumentBuffers: [[UInt8]] = []
        for argument in arguments { argumentBuffers += try PickleWriter.buffers(of: argument) }
        let keywords = keywords.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        let info = PythonValue.dict([
            PythonEntry(.string("nargs"), .int(arguments.count)),
            PythonEntry(.string("narg_bufs"), .int(argumentBuffers.count)),
            PythonEntry(.string("kw_keys"), .list(keywords.map { .string($0.name) })),
        ])
        var buffers = [PickleWriter.reference(to: expression), try PickleWriter.bytes(of: info)]
        buffers += argumentBuffers
        for keyword in keywords { buffers += try PickleWriter.buffers(of: keyword.value) }
        return buffers
    }

    /// Returns the buffers of an `apply_reply` for a Python client.
    package static func reply(_ value: PythonValue) throws(PythonError) -> [[UInt8]] {
        try PickleWriter.buffers(of: value)
    }
}
