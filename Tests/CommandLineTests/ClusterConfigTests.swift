// SPDX-License-Identifier: BSD-3-Clause

import Testing

/// `vtlua cluster config`: what it prints, whole.
@Suite struct ClusterConfigTests {
    private func text(_ kind: String) throws -> String {
        let found = try Home().run("config", kind)
        #expect(found.error == "")
        #expect(found.end == .exit(0))
        return found.output.text.replacing(/"\/[^"]*\/vtlua"/, with: "\"/path/to/vtlua\"")
    }

    @Test func onThisMachine() throws {
        #expect(
            try text("local") == """
                # Engines of VTLua, started by ipcluster: on this machine.
                # This is ipcluster_config.py of an IPython profile; then: ipcluster start -n 4

                c = get_config()  # noqa: F821

                # Heartbeats each half second, of which 30 may be missed; no results kept in the controller.
                c.Cluster.controller_args = ["--ping=500", "--HeartMonitor.max_heartmonitor_misses=30", "--nodb"]

                # The launcher of the engines.
                c.Cluster.engine_launcher_class = "local"
                # The engine's command; it must exist at this path on every machine.
                c.EngineLauncher.engine_cmd = ["/path/to/vtlua", "engine"]

                """)
    }

    /// The others differ in what they say, and in their own settings.
    @Test(arguments: [
        (
            "mpi", "by mpiexec",
            """
            # Arguments for mpiexec, such as the machines to use.
            # c.MPILauncher.mpi_args = ["--hostfile", "hosts"]

            """
        ),
        (
            "slurm", "by Slurm",
            """
            # The partition.
            # c.SlurmEngineSetLauncher.queue = "debug"
            # The account to charge.
            # c.SlurmEngineSetLauncher.account = "account"
            # The time limit of the engines.
            # c.SlurmEngineSetLauncher.timelimit = "01:00:00"
            # Further options of sbatch.
            # c.SlurmEngineSetLauncher.options = "--mem-per-cpu=2G"

            """
        ),
        (
            "pbs", "by PBS",
            """
            # The queue.
            # c.PBSEngineSetLauncher.queue = "batch"
            # A job script of your own; it must contain: #PBS -V
            # c.PBSEngineSetLauncher.batch_template_file = "pbs.template"

            """
        ),
        (
            "sge", "by Grid Engine",
            """
            # The queue.
            # c.SGEEngineSetLauncher.queue = "all.q"
            # A job script of your own; it must contain: #$ -V
            # c.SGEEngineSetLauncher.batch_template_file = "sge.template"

            """
        ),
        (
            "ssh", "over ssh",
            """
            # The number of engines on each machine.
            c.SSHEngineSetLauncher.engines = {"host1": 4, "host2": 4}
            # A remote Python with ipyparallel: the launcher needs it, the engine does not.
            # c.SSHEngineSetLauncher.remote_python = "python3"

            """
        ),
    ])
    func onOtherMachines(_ kind: String, _ title: String, _ settings: String) throws {
        #expect(
            try text(kind) == """
                # Engines of VTLua, started by ipcluster: \(title).
                # This is ipcluster_config.py of an IPython profile; then: ipcluster start -n 4

                c = get_config()  # noqa: F821

                # Heartbeats each half second, of which 30 may be missed; no results kept in the controller; \
                reachable from other machines.
                c.Cluster.controller_args = ["--ping=500", "--HeartMonitor.max_heartmonitor_misses=30", "--nodb", "--ip=0.0.0.0"]

                # The launcher of the engines.
                c.Cluster.engine_launcher_class = "\(kind)"
                # The engine's command; it must exist at this path on every machine.
                c.EngineLauncher.engine_cmd = ["/path/to/vtlua", "engine"]

                """ + settings)
    }

    @Test func unknownKind() throws {
        let found = try Home().run("config", "lsf")
        #expect(found.output == "")
        #expect(
            found.error.text == """
                error: The value 'lsf' is invalid for '<kind>'. Please provide one of the following:
                  - local
                  - mpi
                  - slurm
                  - pbs
                  - sge
                  - ssh
                  <kind>  The launcher that starts the engines.
                  See 'vtlua cluster config --help' for more information.

                """)
        #expect(found.end == .exit(2))
    }
}
