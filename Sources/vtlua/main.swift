// SPDX-License-Identifier: BSD-3-Clause

import VTRuntime
import VTSystem

// The program is both `vtlua SUBCOMMAND` and `lua`. A few comparisons decide which, before any code
// of ArgumentParser runs, so that a script starts as fast as possible.

// A file that is opened must not take the place of standard input, output or error.
openMissingStandardStreams()
Programs.endWithProcess()

// Worker processes of parallel.processes also run this program.
WorkerRuntime.prepare(.standardError)

let arguments = Arguments()
if arguments.namesSubcommand {
    if let mistake = arguments.mistake {
        StandardStreams.report("error: \(mistake)", as: nil)
        exit(2)
    }
    VTLua.start()
}
exit(LuaCommand(arguments, subcommand: VTLua.subcommand(near:)).run())
