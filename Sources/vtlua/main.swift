// SPDX-License-Identifier: BSD-3-Clause

import Glibc
import VTRuntime
import VTSystem

// The program is both `vtlua SUBCOMMAND` and `lua`. A few comparisons decide which, before any code
// of ArgumentParser runs, so that a script starts as fast as possible.

Programs.endWithProcess()

// Worker processes of parallel.processes also run this program.
WorkerRuntime.prepare(.standardError)

let arguments = Arguments()
if arguments.namesSubcommand {
    VTLua.start()
}
exit(LuaCommand(arguments, subcommand: VTLua.subcommand(near:)).run())
