// SPDX-License-Identifier: BSD-3-Clause

import VTLocalCluster
import VTRuntime
import VTStore
import VTSystem

// The libraries and programs of others, each with its version. A workflow needs none of them.

extension DoctorCommand {
    func libraries() -> [Finding] {
        [
            library(
                "sqlite", StoreLibraries.version(of: .sqlite), package: "libsqlite3-0",
                neededBy: "results and records of runs are not kept without it"),
            library(
                "sodium", StoreLibraries.version(of: .sodium), package: "libsodium23",
                neededBy: "stores, clusters and notebooks need it"),
            library(
                "zstd", StoreLibraries.version(of: .zstd), package: "libzstd1",
                neededBy: "large results are stored uncompressed without it"),
            library(
                "zeromq", InstalledSoftware.zeroMQ, package: "libzmq5",
                neededBy: "clusters and notebooks need it"),
            library(
                "openblas", ArrayLibraries.openBLAS, package: "libopenblas0-pthread",
                neededBy: "array.matmul and array.linalg need it"),
            library(
                "curl", TransferLibrary.version, package: "libcurl4",
                neededBy: "the library http needs it"),
            library(
                "sleef", ArrayLibraries.sleef, package: "libsleef3",
                neededBy: "functions of arrays such as sin are slower without it"),
        ]
    }

    private func library(
        _ what: String, _ version: String?, package: String, neededBy: String
    ) -> Finding {
        Finding(
            what: what, isFine: version != nil, isNeeded: false,
            detail: version ?? "the library cannot be loaded; \(neededBy)",
            remedy: "apt-get install \(package)")
    }

    func ipyparallel() -> Finding {
        do {
            let found = try InstalledSoftware.ipyparallel()
            return Finding(
                what: "ipyparallel", isFine: true, isNeeded: false,
                detail: "\(found.version), \(found.program)")
        } catch {
            // The rest of the message is the remedy.
            let reason = error.message.split(separator: ";").first ?? ""
            return Finding(
                what: "ipyparallel", isFine: false, isNeeded: false,
                detail: "\(reason); vtlua cluster start needs it", remedy: "vtlua cluster install")
        }
    }

    func jupyter() -> Finding {
        program(
            "jupyter", neededBy: "notebooks need it", remedy: "apt-get install jupyter-notebook"
        ) {
            path in
            let wanted = ["jupyter_client", "jupyterlab", "notebook"]
            let lines = InstalledSoftware.output(of: path, ["--version"])?.split(separator: "\n")
            let versions = (lines ?? []).compactMap { line -> String? in
                let words = line.split { $0 == ":" || $0 == " " }
                guard words.count == 2, wanted.contains(String(words[0])) else { return nil }
                return words.joined(separator: " ")
            }
            return versions.isEmpty ? nil : versions.joined(separator: ", ")
        }
    }

    func graphviz() -> Finding {
        program(
            "dot", as: "graphviz", neededBy: "vtlua graph -f svg needs it",
            remedy: "apt-get install graphviz"
        ) { path in
            InstalledSoftware.output(of: path, ["-V"]).flatMap(InstalledSoftware.number)
        }
    }

    /// A program that is searched for on the `PATH`.
    private func program(
        _ name: String, as what: String? = nil, neededBy: String, remedy: String,
        version: (String) -> String?
    ) -> Finding {
        let path = Program.find(name)
        let detail = path.map { path in
            [version(path) ?? "unknown version", path].joined(separator: ", ")
        }
        return Finding(
            what: what ?? name, isFine: path != nil, isNeeded: false,
            detail: detail ?? "`\(name)` is not on the PATH; \(neededBy)", remedy: remedy)
    }
}
