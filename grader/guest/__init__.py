"""The only engine code inside the sandbox. Imports the standard library, torch, numpy and msgspec, and nothing else."""
