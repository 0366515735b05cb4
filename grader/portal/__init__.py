"""The portal: a web page where students hand in and read, and staff see what happens. No torch, no pandas."""
