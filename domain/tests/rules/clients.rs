//! Machines: which secrets live, of how many people they may read, to which programs they are confined.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    ClientCredentialId, ClientId,
    client::{
        ClientCredential, CredentialKind, Jwk, KeyAlgorithm, Proof, ReadHour, Spent, confined,
        has_room, hour_of, replace, within_quota,
    },
    program::ProgramCode,
};

fn now() -> DateTime<Utc> {
    "2026-03-02T12:30:00Z".parse().unwrap()
}

fn secret(bits: u128) -> ClientCredential {
    let id = ClientCredentialId::from_bits(bits);
    ClientCredential::new(id, ClientId::from_bits(1), "secret", Proof::Secret([0; 32]), now())
}

#[test]
fn a_replaced_secret_lives_for_its_grace_and_no_longer_than_it_would_have() {
    let grace = TimeDelta::days(1);
    let (end, ended) = replace(vec![secret(1)], Some(grace), now()).unwrap();
    assert_eq!(end, now() + grace);
    assert!(ended[0].stands(end - TimeDelta::seconds(1)) && !ended[0].stands(end));

    let soon = now() + TimeDelta::hours(1);
    let short = ClientCredential { expires_at: Some(soon), ..secret(1) };
    let (end, ended) = replace(vec![short], Some(grace), now()).unwrap();
    assert_eq!((end, ended[0].expires_at), (soon, Some(soon)));

    let two = vec![secret(1), secret(2)];
    assert!(replace(two.clone(), Some(grace), now()).is_err());
    let (end, ended) = replace(two, None, now()).unwrap();
    assert_eq!((end, ended.len()), (now(), 2));
    assert!(ended.iter().all(|one| !one.stands(now())));
}

#[test]
fn what_has_ended_leaves_room() {
    let kind = CredentialKind::Secret;
    let gone = ClientCredential { revoked_at: Some(now()), ..secret(2) };
    assert!(has_room(&[secret(1), gone.clone()], kind, now()).is_ok());
    assert!(has_room(&[secret(1), secret(2), gone], kind, now()).is_err());
    assert!(has_room(&[secret(1), secret(2)], CredentialKind::Key, now()).is_ok());
}

#[test]
fn a_day_is_this_hour_and_the_23_before_it() {
    let hour =
        |back: i64, people: i64| ReadHour { hour: hour_of(now()) - TimeDelta::hours(back), people };
    let read = [hour(24, 1000), hour(23, 4), hour(2, 3), hour(0, 2)];
    assert_eq!(within_quota(10, &read, 1, now()), Ok(()));
    // The four of the first hour that counts are free again when it is a day old.
    let until = "2026-03-02T13:00:00Z".parse().unwrap();
    assert_eq!(within_quota(10, &read, 2, now()), Err(Spent { until }));
    let until = "2026-03-03T10:00:00Z".parse().unwrap();
    assert_eq!(within_quota(10, &read, 6, now()), Err(Spent { until }));
    // More than the quota at once is never within it.
    let until = now() + TimeDelta::days(1);
    assert_eq!(within_quota(10, &read, 11, now()), Err(Spent { until }));
    assert_eq!(within_quota(0, &[], 0, now()), Ok(()));
}

#[test]
fn a_token_is_confined_by_itself_and_by_its_client() {
    let codes = |text: &str| -> Vec<ProgramCode> {
        text.split_whitespace().map(|code| code.parse().unwrap()).collect()
    };
    for (token, client, both) in [
        ("", "", Some("")),
        ("lssc", "", Some("lssc")),
        ("", "lssc", Some("lssc")),
        ("lssc arizona", "arizona", Some("arizona")),
        ("lssc", "arizona", None),
    ] {
        assert_eq!(confined(&codes(token), &codes(client)), both.map(codes), "{token} {client}");
    }
}

#[test]
fn a_key_says_by_its_kind_what_it_signs_with() {
    let point = Some("A".repeat(43));
    let of = |kty: &str, crv: Option<&str>| Jwk {
        kty: kty.to_owned(),
        crv: crv.map(str::to_owned),
        ..Jwk::default()
    };
    let ec = Jwk { x: point.clone(), y: point.clone(), ..of("EC", Some("P-256")) };
    let ed = Jwk { x: point.clone(), ..of("OKP", Some("Ed25519")) };
    let (n, e) = (Some("A".repeat(342)), Some("AQAB".to_owned()));
    let rsa = Jwk { n: n.clone(), e, ..of("RSA", None) };
    assert_eq!(ec.algorithm(), Ok(KeyAlgorithm::Es256));
    assert_eq!(ed.algorithm(), Ok(KeyAlgorithm::EdDsa));
    assert_eq!(rsa.algorithm(), Ok(KeyAlgorithm::Rs256));
    for (wrong, at) in [
        (Jwk { y: None, ..ec.clone() }, "/jwk/y"),
        (Jwk { y: point, ..ed.clone() }, "/jwk/y"),
        (Jwk { n, ..ec }, "/jwk/n"),
        (Jwk { x: Some("A+".repeat(21)), ..ed }, "/jwk/x"),
        (Jwk { e: Some("Aw".to_owned()), ..rsa.clone() }, "/jwk/e"),
        (Jwk { n: Some("A".repeat(171)), ..rsa }, "/jwk/n"),
        (of("oct", None), "/jwk/kty"),
    ] {
        assert_eq!(wrong.algorithm().unwrap_err().pointer, at, "{wrong:?}");
    }
}
