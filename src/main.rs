//! The `thirdring` program: everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    thirdring::cli::main()
}
