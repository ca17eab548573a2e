#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# Runs the jobs that wait in a directory, one after another: worker.sh [DIRECTORY]
# Several can run at once; the one that renames `queued` has the job.
for folder in "${1:-jobs}"/*/; do
    mv "$folder/queued" "$folder/taken" 2>/dev/null || continue
    (cd "$folder" && sh ./run.sh)
done
