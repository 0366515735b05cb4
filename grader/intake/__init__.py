"""What is handed in, as a `Submission` or `Rejected`: nothing is unpacked to disk, and nothing is run."""
