//! How much freed memory the process keeps for the next request.
//!
//! glibc gives the end of its heap back to the system whenever 128 KiB of it are free, until a larger block has been
//! freed; then it keeps twice as much as that block had (`M_MMAP_THRESHOLD` in mallopt(3)). Some applications free one
//! as they start. Under the others, whatever of a body is larger would take its pages anew at every request.

/// The size of that block: bodies of half as much, with all that is made of them, are within what is kept.
const BLOCK: usize = 2 << 20;

/// Has glibc keep what bodies need; other allocators do not mind. No page of the block is touched.
pub fn keep_what_is_freed() {
    drop(std::hint::black_box(Vec::<u8>::with_capacity(BLOCK)));
}
