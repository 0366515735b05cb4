#!/bin/bash
# A class on a Slurm partition, in one job: sbatch slurm.sh hw1_conv ~/submissions.zip ~/out/hw1
#SBATCH --job-name=grader
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=1
#SBATCH --cpus-per-task=16
#SBATCH --time=02:00:00
set -u

export GRADER_CERTIFICATES="${GRADER_CERTIFICATES:-$HOME/cluster}" # of `grader cluster certificates ~/cluster`
address="tls://$(hostname -i | awk '{print $1}'):${GRADER_PORT:-8786}"

grader cluster scheduler "$address" &
scheduler=$!
srun grader worker --scheduler "$address" -j "$SLURM_CPUS_PER_TASK" --folder "${TMPDIR:-/tmp}" &
workers=$!
sleep 2 # until the scheduler listens

grader grade "$1" "$2" -o "$3" --scheduler "$address"
code=$?
kill "$workers" "$scheduler"
wait
exit "$code"
