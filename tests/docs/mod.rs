//! What the documents promise: the README's walkthrough, executed as it is written.

use std::{
    path::Path,
    process::{Command, Output},
};

use crate::support::world::each_world;

const README: &str = include_str!("../../README.md");

/// The shell blocks between the README's markers, one after the other.
fn walkthrough() -> String {
    let (_, rest) = README.split_once("<!-- walkthrough:begin -->").expect("a beginning");
    let (story, _) = rest.split_once("<!-- walkthrough:end -->").expect("an end");
    let blocks = story.split("```bash\n").skip(1);
    blocks.map(|block| block.split_once("```").expect("a closed block").0).collect()
}

/// Runs a script as a reader would, in a shell that stops at the first failure.
fn run(script: &str, base: &str, mails: &Path) -> Output {
    Command::new("sh")
        .args(["-eu", "-c", script])
        .env("BASE", base)
        .env("MAILS", mails)
        .output()
        .expect("there is a shell")
}

each_world! {
    async fn the_readme_walks_from_registration_to_a_verified_certificate(world) {
        if Command::new("curl").arg("--version").output().is_err() {
            eprintln!("the README's walkthrough is left out: there is no curl");
            return;
        }
        api::demo::seed(world.app()).await.expect("the demo's data");
        let mails = world.folder().join("mail");
        let done = tokio::task::block_in_place(|| run(&walkthrough(), &world.base(), &mails));
        let (told, wrong) =
            (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
        assert!(done.status.success(), "{told}\n{wrong}");
        let last = &told[told.rfind("{\"number\":").expect("a verification")..];
        for wanted in ["\"certified\":true", "\"status\":\"active\"", "\"holder_name\":\"Grace Hall\""] {
            assert!(last.contains(wanted), "{wanted} in {last}");
        }
        assert_eq!(told.matches("\"form_id\":null,\"state\":\"verified\"").count(), 6);
        let (_, roster) = told.split_once("{\"course_id\":").expect("the roster");
        for wanted in ["\"outcome\":\"verified\"", "\"outcome\":\"waiting\"", "\"posted\":1"] {
            assert!(roster.contains(wanted), "{wanted} in {roster}");
        }
        let (_, progress) = told.rsplit_once("{\"candidacy_id\":").expect("Lena's progress");
        assert!(progress.contains("\"certificate_number\":\"LSSC-"), "{progress}");
        let (_, order) = told.rsplit_once("{\"id\":\"po_").expect("the order");
        assert!(order.contains("\"state\":\"settled\""), "{order}");
        assert_eq!(order.matches("\"outcome\":\"activated\"").count(), 3);
        let broken = world.app().store.verify().await.expect("the store answers");
        assert_eq!(broken, []);
    }
}
