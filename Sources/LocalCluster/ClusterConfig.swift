// SPDX-License-Identifier: BSD-3-Clause

internal import VTRuntime
internal import VTSystem

/// The text of an `ipcluster_config.py` with which ipyparallel's `ipcluster` starts VTLua engines.
package enum ClusterConfig: String, CaseIterable, Sendable {
    case local, mpi, slurm, pbs, sge, ssh

    /// Returns the text of the file.
    ///
    /// - Parameter program: the path of `vtlua` on the machines of the engines.
    package func text(program: String) -> String {
        let settings = controller + [("", "")] + engines(program) + own
        return
            (heading
            + settings.map { setting, comment in
                setting.isEmpty ? "" : comment.isEmpty ? setting : "# \(comment)\n\(setting)"
            }).joined(separator: "\n") + "\n"
    }

    private var heading: [String] {
        [
            "# Engines of VTLua, started by ipcluster: \(title).",
            "# This is ipcluster_config.py of an IPython profile; then: ipcluster start -n 4",
            "",
            "c = get_config()  # noqa: F821",
            "",
        ]
    }

    private var title: String {
        switch self {
        case .local: "on this machine"
        case .mpi: "by mpiexec"
        case .slurm: "by Slurm"
        case .pbs: "by PBS"
        case .sge: "by Grid Engine"
        case .ssh: "over ssh"
        }
    }

    private typealias Setting = (setting: String, comment: String)

    private var controller: [Setting] {
        var words = ["--ping=500", LocalCluster.misses, "--nodb"]
        if self != .local { words.append("--ip=0.0.0.0") }
        let list = words.map { "\"\($0)\"" }.joined(separator: ", ")
        var meaning =
            "Heartbeats each half second, of which 30 may be missed; no results kept in the controller"
        if self != .local { meaning += "; reachable from other machines" }
        return [("c.Cluster.controller_args = [\(list)]", meaning + ".")]
    }

    private func engines(_ program: String) -> [Setting] {
        let quoted = JSON.string(program).text
        return [
            ("c.Cluster.engine_launcher_class = \"\(rawValue)\"", "The launcher of the engines."),
            (
                "c.EngineLauncher.engine_cmd = [\(quoted), \"engine\"]",
                "The engine's command; it must exist at this path on every machine."
            ),
        ]
    }

    /// The settings of this launcher.
    private var own: [Setting] {
        switch self {
        case .local: []
        case .mpi:
            [
                (
                    "# c.MPILauncher.mpi_args = [\"--hostfile\", \"hosts\"]",
                    "Arguments for mpiexec, such as the machines to use."
                )
            ]
        case .slurm:
            [
                ("# c.SlurmEngineSetLauncher.queue = \"debug\"", "The partition."),
                ("# c.SlurmEngineSetLauncher.account = \"account\"", "The account to charge."),
                (
                    "# c.SlurmEngineSetLauncher.timelimit = \"01:00:00\"",
                    "The time limit of the engines."
                ),
                (
                    "# c.SlurmEngineSetLauncher.options = \"--mem-per-cpu=2G\"",
                    "Further options of sbatch."
                ),
            ]
        case .pbs:
            [
                ("# c.PBSEngineSetLauncher.queue = \"batch\"", "The queue."),
                (
                    "# c.PBSEngineSetLauncher.batch_template_file = \"pbs.template\"",
                    "A job script of your own; it must contain: #PBS -V"
                ),
            ]
        case .sge:
            [
                ("# c.SGEEngineSetLauncher.queue = \"all.q\"", "The queue."),
                (
                    "# c.SGEEngineSetLauncher.batch_template_file = \"sge.template\"",
                    "A job script of your own; it must contain: #$ -V"
                ),
            ]
        case .ssh:
            [
                (
                    "c.SSHEngineSetLauncher.engines = {\"host1\": 4, \"host2\": 4}",
                    "The number of engines on each machine."
                ),
                (
                    "# c.SSHEngineSetLauncher.remote_python = \"python3\"",
                    "A remote Python with ipyparallel: the launcher needs it, the engine does not."
                ),
            ]
        }
    }
}
