"""What is handed in, as a `Submission` or `Rejected`: files, archives, notebooks, read without unpacking or running them."""
