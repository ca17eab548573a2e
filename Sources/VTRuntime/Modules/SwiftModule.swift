// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTSystem
internal import VTWorkflow

/// A module whose code is Swift, for workflows in Lua and in Swift.
///
/// ```swift
/// struct Blur: Codable { var image: [Double], radius: Int? }
/// struct Blurred: Codable { var image: [Double] }
///
/// let blur = SwiftModule("app.blur", version: "2") { (input: Blur, context) in
///     context.progress(0.5)
///     return Blurred(image: blurred(input.image, input.radius ?? 1))
/// }
/// WorkerRuntime.prepare(modules: [blur])
/// // flow:add("soft", "app.blur", { image = load.image, radius = 3 })
/// ```
///
/// The properties of the input are the module's inputs, those of the output its outputs: `Int` is an
/// `integer`, `Double` a `number`, a list a `list`, another structure or a dictionary a `table`, an `NDArray` of
/// VTArrays an `array`, which shares the memory, and an optional property an optional port. The program states the version: a stored result is used again for
/// equal inputs and an equal version, so that it must be changed when the code gives other results.
public struct SwiftModule: Sendable {
    /// The name, by which workflows find the module.
    public let name: String
    /// The version of the code.
    public let version: String
    /// The description of the module.
    public var doc: String?
    /// False if no result is kept.
    public var usesCache = true
    /// The time limit of `compute`; nil for none.
    public var timeout: Duration?
    /// The number of attempts after the first; nil for none.
    public var retries: Int?

    let ports: Result<Ports, WorkflowError>
    /// Pushes the function `compute`.
    let pushCompute:
        @Sendable (_ current: @escaping () -> ModuleContext?, borrowing Lua) throws -> Void

    struct Ports: Sendable {
        var inputs: [String: PortDeclaration]
        var outputs: [String: PortDeclaration]
    }

    /// Creates a module.
    ///
    /// - Parameters:
    ///   - name: the name, such as `app.blur`.
    ///   - version: the version of the code.
    ///   - doc: the description of the module.
    ///   - inputs: declarations that replace those of the input's properties, by name: with a default,
    ///     bounds or a description.
    ///   - outputs: the same for the output's properties.
    ///   - compute: the code. It may suspend; its task is cancelled when the run is stopped or the time
    ///     limit is over.
    public init<Input: Codable & Sendable, Output: Codable & Sendable>(
        _ name: String, version: String, doc: String? = nil,
        inputs: [String: PortDeclaration] = [:], outputs: [String: PortDeclaration] = [:],
        compute: @escaping @Sendable (Input, Context) async throws -> Output
    ) {
        self.name = name
        self.version = version
        self.doc = doc
        do throws(WorkflowError) {
            ports = .success(
                Ports(
                    inputs: try PortProbe.ports(of: Input.self, "input", of: name, inputs),
                    outputs: try PortProbe.ports(of: Output.self, "output", of: name, outputs)))
        } catch {
            ports = .failure(error)
        }
        pushCompute = { current, lua in
            try lua.pushAsync { lua in
                let context = Context(current(), lua.asyncSignal)
                let input = try Self.reading("input") {
                    try lua.read(decoding: Input.self, at: 2)
                }
                return try lua.callAsync({ try await compute(input, context) }) {
                    context.deliver()
                } push: { output, lua in
                    try Self.reading("output") { try lua.push(encoding: output) }
                    return 1
                }
            }
        }
    }

    /// Calls `body` and names the port in an error of `Codable`.
    private static func reading<R>(_ kind: String, _ body: () throws -> R) throws -> R {
        do {
            return try body()
        } catch let error as DecodingError {
            throw SwiftModuleError(kind, error.context)
        } catch EncodingError.invalidValue(_, let context) {
            throw SwiftModuleError(kind, (context.codingPath, context.debugDescription))
        }
    }
}

/// A value that a port's Swift type cannot hold.
struct SwiftModuleError: Error, CustomStringConvertible {
    let description: String

    init(_ kind: String, _ context: (path: [any CodingKey], text: String)) {
        var place = ""
        for key in context.path {
            if let index = key.intValue {
                place += "[\(index + 1)]"
            } else {
                place += place.isEmpty ? key.stringValue : "." + key.stringValue
            }
        }
        description = place.isEmpty ? context.text : "\(kind) `\(place)`: \(context.text)"
    }
}

extension DecodingError {
    fileprivate var context: (path: [any CodingKey], text: String) {
        switch self {
        case .typeMismatch(_, let context), .valueNotFound(_, let context),
            .dataCorrupted(let context):
            (context.codingPath, context.debugDescription)
        case .keyNotFound(let key, let context):
            (context.codingPath + [key], "there is no value")
        @unknown default: ([], "\(self)")
        }
    }
}
