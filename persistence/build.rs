//! Rebuilds the embedded migrations when a folder is added.

fn main() {
    println!("cargo::rerun-if-changed=../migrations");
}
