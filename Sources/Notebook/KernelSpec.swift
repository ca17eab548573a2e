// SPDX-License-Identifier: BSD-3-Clause

internal import VTJupyter
internal import VTLuaTooling
internal import VTRuntime
internal import VTSystem

/// The files by which Jupyter finds and starts the kernel.
public struct KernelSpec: Sendable {
    /// The place where kernels are installed.
    public enum Place: Sendable {
        /// For the user: in `$JUPYTER_DATA_DIR`, `$XDG_DATA_HOME/jupyter` or
        /// `~/.local/share/jupyter`.
        case user
        /// In `share/jupyter` below this directory.
        case prefix(String)
        /// In the active Python environment: `$VIRTUAL_ENV` or `$CONDA_PREFIX`.
        case environment
    }

    /// A place or a name that cannot be used. The description is for the user.
    public struct Mistake: Error, CustomStringConvertible, Sendable {
        /// The cause, and what to do about it.
        public var description: String
    }

    /// The name of the kernel's directory, of letters, digits, `-`, `.` and `_`.
    public var name: String
    /// The name that notebooks show.
    public var displayName: String
    /// The absolute path of the program that runs the kernel.
    public var program: String

    /// Describes a kernel that `program` runs.
    public init(name: String = "vtlua", displayName: String = "Lua (VTLua)", program: String) {
        self.name = name
        self.displayName = displayName
        self.program = program
    }

    /// The path of the running program.
    public static var thisProgram: String { pathOfThisProgram ?? "vtlua" }

    /// Installs the kernel, replacing an earlier installation.
    ///
    /// - Returns: the directory of the kernel.
    /// - Throws: ``Mistake``.
    public func install(in place: Place) throws(Mistake) -> String {
        guard !name.isEmpty, name.utf8.allSatisfy({ $0.isNamePart || $0 == 0x2D || $0 == 0x2E })
        else {
            throw Mistake(
                description: "'\(name)' cannot be a kernel's name; use letters, digits, - . and _")
        }
        let directory = try Self.directory(place) + "/kernels/" + name
        do throws(SystemError) {
            // Other users may read these files when they are installed for all.
            try Directory.make(directory, mode: 0o755)
            try File.replace(directory + "/kernel.json", by: text, mode: 0o644)
            try File.replace(directory + "/logo-svg.svg", by: Self.logo, mode: 0o644)
        } catch {
            throw Mistake(description: error.description)
        }
        return directory
    }

    private var text: String {
        let json: JSON = [
            "argv": [.string(program), "kernel", "run", "-f", "{connection_file}"],
            "display_name": .string(displayName), "language": "lua",
            "interrupt_mode": "message", "metadata": ["debugger": false],
        ]
        return json.compactText + "\n"
    }

    private static func directory(_ place: Place) throws(Mistake) -> String {
        switch place {
        case .user:
            if let named = environmentVariable("JUPYTER_DATA_DIR") { return named }
            if let data = environmentVariable("XDG_DATA_HOME") { return data + "/jupyter" }
            guard let home = environmentVariable("HOME") else {
                throw Mistake(description: "HOME is not set; use --prefix")
            }
            return home + "/.local/share/jupyter"
        case .prefix(let prefix): return prefix + "/share/jupyter"
        case .environment:
            let active =
                environmentVariable("VIRTUAL_ENV") ?? environmentVariable("CONDA_PREFIX")
            guard let active else {
                throw Mistake(
                    description: "no Python environment is active: VIRTUAL_ENV and CONDA_PREFIX "
                        + "are not set; use --prefix")
            }
            return active + "/share/jupyter"
        }
    }

    /// The logo: a module with two inputs and an output, in a rounded square.
    private static let logo = """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" width="64" height="64">
        <rect x="2" y="2" width="60" height="60" rx="12" fill="#1f3a8a"/>
        <path d="M14 20 C26 20 22 32 32 32 M14 44 C26 44 22 32 32 32 M32 32 H50" fill="none" \
        stroke="#ffffff" stroke-width="4"/>
        <circle cx="14" cy="20" r="5" fill="#ffffff"/>
        <circle cx="14" cy="44" r="5" fill="#ffffff"/>
        <circle cx="32" cy="32" r="7" fill="#f59e0b"/>
        <circle cx="50" cy="32" r="5" fill="#ffffff"/>
        </svg>

        """
}
