// SPDX-License-Identifier: BSD-3-Clause

/// A call that a pickle asks for: the function or class, and its arguments.
struct PickleCall {
    var callable: PythonValue
    var arguments: PythonValue
    var keywords: PythonValue?
    var state: PythonValue?
    var added: [PythonValue]

    /// The functions and classes whose result is known without a call.
    enum Known: String {
        case bytes = "builtins bytes"
        case bytearray = "builtins bytearray"
        case set = "builtins set"
        case frozenset = "builtins frozenset"
        case range = "builtins range"
        case encode = "_codecs encode"
        case reconstructor = "copyreg _reconstructor"
        case newobj = "copyreg __newobj__"
        case orderedDict = "collections OrderedDict"
        case defaultdict = "collections defaultdict"
        case counter = "collections Counter"
        case deque = "collections deque"
        case reconstruct = "numpy._core.multiarray _reconstruct"
        case scalar = "numpy._core.multiarray scalar"
        case frombuffer = "numpy._core.numeric _frombuffer"

        init?(_ object: PythonObject) {
            guard object.arguments == nil else { return nil }
            // numpy before version 2 wrote the name without the underscore.
            let module =
                object.module.hasPrefix("numpy.core.")
                ? "numpy._core." + object.module.dropFirst("numpy.core.".count) : object.module
            self.init(rawValue: "\(module) \(object.name)")
        }
    }

    /// Returns the result of the call if it is known, else an object that describes the call.
    ///
    /// - Parameter weight: increased by the weight of the result.
    func value(offset: Int, weight: inout Int, most: Int) throws(PickleError) -> PythonValue {
        guard case .object(let target) = callable, target.arguments == nil else {
            return .object(
                PythonObject(
                    module: "builtins", name: "object", arguments: .tuple([callable, arguments]),
                    state: state))
        }
        guard let known = Known(target) else { return object(target, arguments) }
        let all = arguments.elements ?? []
        switch known {
        case .range:
            if let range = Self.range(all) {
                if range.count <= Self.longestRange { weight += range.count * PythonValue.weight }
                guard range.count <= Self.longestRange, weight <= most else {
                    throw PickleError(
                        code: .limit, offset: offset, message: "a range of too many numbers")
                }
                return .list((0..<range.count).map { .int(range.first + $0 * range.step) })
            }
        case .reconstructor, .newobj:
            if case .object(let type) = all.first, type.arguments == nil {
                return object(type, .tuple(Array(all.dropFirst(known == .newobj ? 1 : 3))))
            }
        case .reconstruct, .scalar, .frombuffer:
            if let value = numpy(known, all) {
                weight += value.arrayWeight
                return value
            }
        default:
            if let value = standard(known, all) { return value }
        }
        return object(target, arguments)
    }

    private func object(_ type: PythonObject, _ arguments: PythonValue) -> PythonValue {
        var arguments = arguments
        if let keywords { arguments = .tuple((arguments.elements ?? []) + [keywords]) }
        return .object(
            PythonObject(
                module: type.module, name: type.name, arguments: arguments, state: state))
    }

    // MARK: The standard library

    private func standard(_ known: Known, _ all: [PythonValue]) -> PythonValue? {
        switch (known, all.first) {
        case (.bytes, nil), (.bytearray, nil): return .bytes([])
        case (.bytes, .bytes), (.bytearray, .bytes): return all.first
        case (.encode, .string(let text)), (.bytearray, .string(let text)):
            guard all.count == 2, let name = all[1].string, ["latin1", "latin-1"].contains(name)
            else { return nil }
            return Self.latin1(text).map { .bytes($0) }
        case (.set, nil), (.frozenset, nil): return .set([])
        case (.set, .list(let items)), (.frozenset, .list(let items)): return .set(items)
        case (.orderedDict, nil), (.defaultdict, _): return .dict(PickleAssembly.entries(added))
        case (.counter, .dict): return all.first
        case (.counter, nil): return .dict([])
        case (.deque, nil): return .list(added)
        case (.deque, let first?): return first.elements.map { .list($0 + added) }
        default: return nil
        }
    }

    private static func latin1(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        for scalar in text.unicodeScalars {
            guard let byte = UInt8(exactly: scalar.value) else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    /// The largest range, which becomes a list.
    private static let longestRange = 1 << 22

    /// Returns nil also for numbers with which the arithmetic here could overflow.
    private static func range(_ all: [PythonValue]) -> (first: Int, count: Int, step: Int)? {
        let all = all.compactMap(\.int).filter { $0.magnitude < 1 << 61 }
        guard all.count == 3, all[2] != 0 else { return nil }
        let (first, end, step) = (all[0], all[1], all[2])
        let count = (end - first + step - step.signum()) / step
        return (first, max(count, 0), step)
    }

    // MARK: numpy

    private func numpy(_ known: Known, _ all: [PythonValue]) -> PythonValue? {
        switch known {
        case .reconstruct:
            guard let type = all.first?.object, type.module == "numpy", type.name == "ndarray",
                let state = state?.elements, state.count == 5, let shape = Self.shape(state[1]),
                let isFortran = state[3].bool, case .bytes(let data) = state[4]
            else { return nil }
            return Self.array(state[2], shape, isFortran ? "F" : "C", data)
        case .frombuffer:
            guard all.count == 4, case .bytes(let data) = all[0], let shape = Self.shape(all[2]),
                let order = all[3].string
            else { return nil }
            return Self.array(all[1], shape, order, data)
        default:
            guard all.count == 2, let element = Self.element(all[0]),
                case .bytes(let data) = all[1], data.count == element.size
            else { return nil }
            return data.withUnsafeBytes { data in data.baseAddress.flatMap(element.value) }
        }
    }

    private static func shape(_ value: PythonValue) -> [Int]? {
        guard let all = value.elements else { return nil }
        let shape = all.compactMap(\.int)
        return shape.count == all.count ? shape : nil
    }

    private static func array(
        _ type: PythonValue, _ shape: [Int], _ order: String, _ data: [UInt8]
    ) -> PythonValue? {
        guard let element = element(type) else { return nil }
        let array =
            order == "F"
            ? PythonArray(dtype: element.name, shape: shape, columns: data)
            : PythonArray(dtype: element.name, shape: shape, data: data)
        return array.map { .array($0) }
    }

    /// The type of an array's elements. A dtype is made with a kind and a size; its byte order is
    /// part of its state.
    private static func element(_ type: PythonValue) -> PythonArray.Element? {
        guard let type = type.object, type.module == "numpy", type.name == "dtype",
            let name = type.arguments?.elements?.first?.string
        else { return nil }
        let state = type.state?.elements ?? []
        let order = state.count > 1 ? state[1].string ?? "=" : "="
        return PythonArray.Element(order + name)
    }
}

extension PythonValue {
    /// The weight of an array's data.
    fileprivate var arrayWeight: Int {
        if case .array(let array) = self { array.data.count } else { 0 }
    }
}
