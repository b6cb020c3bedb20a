//! Files: handed in, read by those who may, and always a download.

use serde_json::json;
use sha2::{Digest, Sha256};

use crate::support::world::each_world;

const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n";

each_world! {
    async fn a_file_comes_back_as_it_was_and_never_in_place(world) {
        let ada = world.register("Ada").await;
        let query = "purpose=evidence&file_name=letter.pdf";
        let file = ada.uploads(query, "application/pdf", PDF).await.expect(201);
        let digest = Sha256::digest(PDF).iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
        assert_eq!((&file["sha256"], &file["size_bytes"]), (&json!(digest), &json!(PDF.len())));
        assert_eq!((&file["person_id"], &file["organisation_id"]), (&json!(ada.id), &json!(null)));
        assert_eq!(file.header("location"), format!("/v1/attachments/{}", file.id()));
        let content = ada.get(&file.text("content_url")).await.expect(200);
        assert_eq!(content.bytes, PDF);
        assert_eq!(content.header("content-type"), "application/pdf");
        assert_eq!(content.header("content-disposition"), "attachment; filename=\"letter.pdf\"");
        assert_eq!(content.header("content-security-policy"), "sandbox; default-src 'none'");
        assert_eq!(content.etag(), format!("\"{digest}\""));
        // The same bytes of somebody else are another attachment.
        let bob = world.register("Bob").await;
        let other = bob.uploads(query, "application/pdf", PDF).await.expect(201);
        assert_ne!(other.id(), file.id());
        assert_eq!(other["sha256"], file["sha256"]);
        assert_eq!(world.count("attachment.uploaded"), 2);
    }

    async fn a_name_fits_its_type(world) {
        let ada = world.register("Ada").await;
        for (given, kind, bytes, kept) in [
            ("letter.PDF", "application/pdf", PDF, "letter.PDF"),
            ("letter.exe", "application/pdf", PDF, "letter.exe.pdf"),
            ("letter", "application/pdf", PDF, "letter.pdf"),
            ("page.html", "text/plain", b"<script>", "page.html.txt"),
            ("clip.mp4", "video/mp4", b"ftyp", "clip.mp4"),
        ] {
            let query = format!("purpose=evidence&file_name={given}");
            let file = ada.uploads(&query, kind, bytes).await.expect(201);
            assert_eq!(file["file_name"], kept);
            let content = ada.get(&file.text("content_url")).await.expect(200);
            assert_eq!(content.header("content-disposition"), format!("attachment; filename=\"{kept}\""));
        }
        let long = format!("purpose=evidence&file_name={}", "a".repeat(200));
        assert_eq!(ada.uploads(&long, "application/pdf", PDF).await.expect(201).text("file_name").len(), 200);
    }

    async fn what_is_refused_leaves_no_bytes(world) {
        let staff = world.staff().await;
        let nowhere = format!("purpose=evidence&file_name=a.pdf&organisation_id=org_{:032x}", 1);
        staff.uploads(&nowhere, "application/pdf", PDF).await.refused(400, "invalid-query");
        let digest = Sha256::digest(PDF).iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
        let mut folders = vec![world.folder().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                assert!(!path.to_string_lossy().contains(&digest), "{}", path.display());
                if path.is_dir() { folders.push(path); }
            }
        }
    }

    async fn nobody_else_reads_a_file_but_the_office(world) {
        let (ada, bob) = (world.register("Ada").await, world.register("Bob").await);
        let file = ada.uploads("purpose=transcript&file_name=t.pdf", "application/pdf", PDF).await.expect(201);
        let eve = world.evaluator().await;
        let (path, content) = (format!("/v1/attachments/{}", file.id()), file.text("content_url"));
        for path in [&path, &content] {
            world.anyone().get(path).await.refused(401, "unauthenticated");
            bob.get(path).await.refused(404, "not-found");
            eve.get(path).await.refused(404, "not-found");
            ada.get(path).await.expect(200);
        }
        world.staff().await.get(&content).await.expect(200);
        world.auditor().await.get(&content).await.expect(200);
    }

    async fn the_people_of_a_provider_and_the_reviewers_of_its_proposal_read_its_files(world) {
        let cast = world.proposers().await;
        let draft = cast.paul.proposes(&cast.provider).await;
        let syllabus = format!("/v1/attachments/{}/content", draft.text("syllabus_id"));
        let spare = format!("/v1/attachments/{}", cast.paul.files(&cast.provider, "syllabus").await);
        let pia = world.acts_for(&cast.provider, "provider", "Pia").await;
        let other = cast.staff.records_provider("Another Provider").await;
        let olga = world.acts_for(&other, "provider", "Olga").await;
        pia.get(&syllabus).await.expect(200);
        olga.get(&syllabus).await.refused(404, "not-found");
        cast.eva.get(&syllabus).await.refused(404, "not-found");
        cast.paul.hands_over(&draft.id(), "submit").await.expect(200);
        let review = cast.staff.assigns(&draft.id(), &cast.eva).await.expect(201).id();
        cast.eva.get(&syllabus).await.expect(200);
        cast.eva.get(&spare).await.refused(404, "not-found");
        cast.rita.get(&syllabus).await.refused(404, "not-found");
        let conflict = json!({"reason": "My sister teaches it."});
        cast.eva.post(&format!("/v1/course-reviews/{review}/conflict"), conflict).await.expect(200);
        cast.eva.get(&syllabus).await.refused(404, "not-found");
    }

    async fn what_is_no_document_is_refused(world) {
        let ada = world.register("Ada").await;
        let query = "purpose=transcript&file_name=letter.pdf";
        ada.uploads(query, "application/x-sh", b"#!/bin/sh\n").await.refused(415, "unsupported-media-type");
        ada.uploads(query, "application/pdf", b"#!/bin/sh\n").await.refused(422, "invalid-input");
        ada.uploads(query, "text/plain", b"").await.refused(422, "invalid-input");
        ada.uploads("purpose=evidence&file_name=..%2Fletter.pdf", "application/pdf", PDF).await.refused(400, "invalid-query");
        let nowhere = format!("{query}&organisation_id=org_{:032x}", 1);
        ada.uploads(&nowhere, "application/pdf", PDF).await.refused(403, "forbidden");
        world.staff().await.uploads(&nowhere, "application/pdf", PDF).await.refused(400, "invalid-query");
        world.anyone().uploads(query, "application/pdf", PDF).await.refused(401, "unauthenticated");
        let large = vec![b'a'; 10 * 1024 * 1024 + 1];
        ada.uploads("purpose=evidence&file_name=a.txt", "text/plain", &large).await.refused(413, "body-too-large");
        ada.uploads("purpose=evidence&file_name=a.mp4", "video/mp4", &large).await.refused(413, "body-too-large");
        ada.uploads("purpose=evidence&file_name=a.mp4", "video/mp4", b"").await.refused(422, "invalid-input");
        ada.uploads("purpose=evidence&file_name=a.mp4", "video/a b", b"x").await.refused(415, "unsupported-media-type");
        ada.uploads("purpose=evidence&file_name=a.pdf", "application/pdf", b"#!/bin/sh\n").await.refused(422, "invalid-input");
        assert_eq!(world.count("attachment.uploaded"), 0);
    }

    async fn evidence_is_of_any_type_and_still_only_a_download(world) {
        let ada = world.register("Ada").await;
        for (name, kind, bytes) in [
            ("story-time.mp4", "video/mp4", &b"\0\0\0\x18ftypmp42"[..]),
            ("everything.zip", "application/zip", b"PK\x03\x04holiday.jpg"),
            ("page.html", "text/html", b"<script>alert(1)</script>"),
        ] {
            let query = format!("purpose=evidence&file_name={name}");
            let file = ada.uploads(&query, kind, bytes).await.expect(201);
            let content = ada.get(&file.text("content_url")).await.expect(200);
            assert_eq!((content.bytes.as_slice(), content.header("content-type")), (bytes, kind));
            assert_eq!(content.header("content-disposition"), format!("attachment; filename=\"{name}\""));
            assert_eq!(content.header("x-content-type-options"), "nosniff");
            assert_eq!(content.header("content-security-policy"), "sandbox; default-src 'none'");
        }
        let query = "purpose=transcript&file_name=story-time.mp4";
        ada.uploads(query, "video/mp4", b"\0\0\0\x18ftypmp42").await.refused(415, "unsupported-media-type");
        assert_eq!(world.count("attachment.uploaded"), 3);
    }
}
