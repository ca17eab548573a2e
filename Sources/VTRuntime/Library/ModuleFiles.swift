// SPDX-License-Identifier: BSD-3-Clause

internal import VTSystem

/// Finds the files of modules.
enum ModuleFiles {
    /// Returns the file of a module in one of the directories: `a.b` is `a/b.lua` or
    /// `a/b/init.lua`.
    static func file(of module: String, in directories: [String]) -> String? {
        let path = module.split(separator: ".", omittingEmptySubsequences: false)
            .joined(separator: "/")
        guard !path.isEmpty, !path.hasPrefix("/"), !path.contains("//") else { return nil }
        for directory in directories {
            let start = directory == "." ? "" : directory + "/"
            for candidate in ["\(start)\(path).lua", "\(start)\(path)/init.lua"]
            where access(candidate, R_OK) == 0 {
                return candidate
            }
        }
        return nil
    }

    /// Returns the file of a module by templates such as those of `package.path`.
    static func file(of module: String, in templates: String) -> String? {
        let path = module.split(separator: ".", omittingEmptySubsequences: false)
            .joined(separator: "/")
        for template in templates.split(separator: ";") {
            let candidate = template.split(separator: "?", omittingEmptySubsequences: false)
                .joined(separator: path)
            if access(candidate, R_OK) == 0 { return candidate }
        }
        return nil
    }
}

extension String {
    /// True if this is Lua's message for a file that `luac` has written.
    var isAboutBytecode: Bool { firstRange(of: "attempt to load a binary chunk") != nil }
}
