// SPDX-License-Identifier: BSD-3-Clause

import Glibc
import VTRuntime

// Two programs in one: `vtlua SUBCOMMAND`, and `lua`. Which one it is costs a few comparisons,
// so that a script starts as fast as it can: nothing of ArgumentParser has run by then.

// A child of parallel.processes is this program, too.
WorkerRuntime.prepare()

let arguments = Arguments()
if arguments.namesSubcommand {
    VTLua.start()
}
exit(LuaCommand(arguments).run())
