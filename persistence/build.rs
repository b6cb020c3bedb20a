//! The migrations are embedded by a macro, which cargo does not see: a changed SQL file builds anew.

fn main() {
    println!("cargo:rerun-if-changed=../migrations");
}
