// SPDX-License-Identifier: BSD-3-Clause

internal import VTSystem

/// Finds the files of modules.
enum ModuleFiles {
    /// Returns the file of a module in one of the directories: `a.b` is `a/b.lua` or
    /// `a/b/init.lua`.
    static func file(of module: String, in directories: [String]) -> String? {
        candidates(module, directories).first { access($0.file, R_OK) == 0 }?.file
    }

    /// Returns another file of the same name in the directory of `file`, or in `modules/` there.
    static func hidden(
        by file: String, module: String, in directories: [String]
    ) -> String? {
        let all = candidates(module, directories)
        guard let project = all.first(where: { $0.file == file })?.project else { return nil }
        return all.first {
            $0.project == project && $0.file != file && access($0.file, R_OK) == 0
        }?.file
    }

    /// The files that a module may be in, each with the directory that is searched, without `modules/`.
    private static func candidates(
        _ module: String, _ directories: [String]
    ) -> [(file: String, project: String)] {
        let path = module.split(separator: ".", omittingEmptySubsequences: false)
            .joined(separator: "/")
        guard !path.isEmpty, !path.hasPrefix("/"), !path.contains("//") else { return [] }
        return directories.flatMap { directory in
            let start = directory == "." ? "" : directory + "/"
            let isInner = start.hasSuffix("/modules/") || start == "modules/"
            let project = isInner ? String(start.dropLast("modules/".count)) : start
            return ["\(start)\(path).lua", "\(start)\(path)/init.lua"].map { ($0, project) }
        }
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
