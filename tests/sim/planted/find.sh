#!/bin/sh
# Runs a simulator with a planted defect until it finds it: find.sh <reprise-sim-…>. Says the seed and
# the words; fails when 2,000 seeds are all well. A CHECK that ends the process is a find as well.
out=$("$1" --seed 1 --seeds 2000 2>&1)
status=$?
if [ "$status" -eq 0 ]; then
  echo "${1##*/}: not found by 2000 seeds"
  exit 1
fi
echo "${1##*/}: status $status"
echo "$out" | grep -aE '^seed [0-9]+:|CHECK|what\(\)|replay with' | tail -n 3
