"""Qt-free concurrency: one training thread, commands in, frames and events out, time to rewind."""
