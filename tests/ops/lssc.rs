//! `lssc`, built for the tests that start, signal and kill it.

fn main() -> std::process::ExitCode {
    api::cli::main()
}
