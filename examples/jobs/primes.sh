#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# Prints the primes from FIRST to LAST, one a line: primes.sh FIRST LAST
exec awk -v first="$1" -v last="$2" 'BEGIN {
    for (n = first < 2 ? 2 : first; n <= last; n++) {
        prime = 1
        for (d = 2; d * d <= n; d++) if (n % d == 0) { prime = 0; break }
        if (prime) print n
    }
}'
