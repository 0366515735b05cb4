"""A class on the workers of a Dask cluster. Each worker runs the pool of one machine in a child process."""
