-- SPDX-License-Identifier: BSD-3-Clause
--- Primes, computed by jobs that one run sends and a later run fetches.
--
--     vtlua run primes.lua                         # sends 4 jobs to `jobs`, exit code 8
--     sh worker.sh jobs                            # the queue
--     vtlua run primes.lua                         # fetches them
--     vtlua run primes.lua -p queue=job.slurm --wait 5

local flow = vt.workflow {
  name   = "primes",
  params = {
    last  = { "integer", default = 10000, min = 2, doc = "the end of the numbers" },
    parts = { "integer", default = 4, min = 1, doc = "the number of jobs" },
    queue = { "string", default = "job.folder", choices = { "job.folder", "job.slurm" } },
  },
  build = function(flow, p)
    local ranges = flow:add("ranges", "job.ranges", {
      last = flow.params.last, parts = flow.params.parts,
    })
    local jobs = flow:add("jobs", p.queue, {
      program = "primes.sh", arguments = vt.each(ranges.list),
    })
    local primes = flow:add("primes", "job.numbers", { texts = jobs.text })
    flow:outputs { count = primes.count, largest = primes.largest }
  end,
}
return flow
