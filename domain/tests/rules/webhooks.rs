//! Webhooks: where may be sent, when it is sent again, which secrets sign.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Id,
    webhook::{
        Answer, Cause, Delivery, DeliveryState, Disabling, Endpoint, EndpointChange, EndpointState,
        Format, LIVE_SECRETS, NewEndpoint, Outcome, RETRIES_S,
        address::{Ground, Target, fault, refused},
    },
};

fn noon() -> DateTime<Utc> {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

#[test]
fn nothing_is_sent_to_an_address_that_is_not_outside() {
    let inside = [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "168.63.129.16",
        "169.254.0.1",
        "169.254.169.254",
        "169.254.170.2",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.0.192",
        "192.0.2.1",
        "192.31.196.1",
        "192.52.193.1",
        "192.88.99.1",
        "192.168.0.1",
        "192.168.255.255",
        "192.175.48.42",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.9",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "::ffff:169.254.169.254",
        "::127.0.0.1",
        "::8.8.8.8",
        "64:ff9b::808:808",
        "64:ff9b:1::a00:1",
        "100::1",
        "2001::1",
        "2001:2::1",
        "2001:10::1",
        "2001:20::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:808:808::1",
        "2620:4f:8000::42",
        "3fff::1",
        "fc00::1",
        "fd00:ec2::254",
        "fdff::1",
        "fe80::1",
        "febf::1",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
        "4000::1",
        "1::1",
        "5f00::1",
    ];
    for text in inside {
        let address: IpAddr = text.parse().unwrap();
        assert!(refused(address, Ground::Real).is_some(), "{text}");
        let own = address.to_canonical().is_loopback();
        assert_eq!(refused(address, Ground::Sandbox).is_none(), own, "{text} in a sandbox");
    }
    for text in [
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.1",
        "100.63.255.255",
        "100.128.0.1",
        "126.0.0.1",
        "128.0.0.1",
        "169.253.0.1",
        "172.15.255.255",
        "172.32.0.1",
        "192.0.1.1",
        "192.31.195.255",
        "192.52.194.1",
        "192.167.0.1",
        "192.175.49.1",
        "198.17.0.1",
        "198.20.0.1",
        "223.255.255.255",
        "2001:200::1",
        "2606:4700:4700::1111",
        "2620:4f:7fff::1",
        "2620:fe::fe",
        "2a00:1450:4001:80e::200e",
        "2003::1",
    ] {
        let address: IpAddr = text.parse().unwrap();
        assert_eq!(refused(address, Ground::Real), None, "{text}");
    }
}

/// All of IPv4, a /16 at a time, and a /24 where smaller networks are special, against the same registry written down in
/// another way.
#[test]
fn of_all_of_ipv4_exactly_what_is_special_is_refused() {
    let special = |first: u32, second: u32, third: u32| match first {
        0 | 10 | 127 => true,
        100 => (64..128).contains(&second),
        169 => second == 254,
        172 => (16..32).contains(&second),
        192 => {
            second == 168
                || matches!(
                    (second, third),
                    (0, 0 | 2) | (31, 196) | (52, 193) | (88, 99) | (175, 48)
                )
        }
        198 => matches!(second, 18 | 19) || (second, third) == (51, 100),
        203 => (second, third) == (0, 113),
        _ => first >= 224,
    };
    let mut wrong = Vec::new();
    let halves = (0..=255_u32).flat_map(|first| (0..=255_u32).map(move |second| (first, second)));
    for (first, second) in halves {
        let smaller = matches!(first, 192 | 198 | 203);
        for third in (0..=255_u32).filter(|third| smaller || matches!(third, 0 | 255)) {
            for last in [0, 255] {
                let bits = (first << 24) | (second << 16) | (third << 8) | last;
                let address = std::net::Ipv4Addr::from_bits(bits);
                let found = refused(IpAddr::V4(address), Ground::Real).is_some();
                if found != special(first, second, third) {
                    wrong.push(address);
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn an_address_is_refused_by_its_form_before_anything_is_resolved() {
    let good = Target {
        scheme: "https",
        name: Some("hooks.example.com"),
        literal: None,
        port: 443,
        user: false,
        fragment: false,
    };
    let code = |target: Target<'_>, ground| fault(&target, ground).map(|bad| bad.code);
    assert_eq!(code(good, Ground::Real), None);
    assert_eq!(code(Target { port: 8443, ..good }, Ground::Real), None);
    let literal = Target { name: None, literal: Some("8.8.8.8".parse().unwrap()), ..good };
    for (target, wanted) in [
        (Target { scheme: "http", ..good }, "format"),
        (Target { scheme: "ftp", ..good }, "format"),
        (Target { user: true, ..good }, "format"),
        (Target { fragment: true, ..good }, "format"),
        (Target { port: 22, ..good }, "out_of_range"),
        (Target { port: 80, ..good }, "out_of_range"),
        (Target { port: 0, ..good }, "out_of_range"),
        (Target { name: Some("localhost"), ..good }, "out_of_range"),
        (Target { name: Some("printer.local."), ..good }, "out_of_range"),
        (Target { name: Some("metadata.google.internal"), ..good }, "out_of_range"),
        (Target { name: None, ..good }, "format"),
        (literal, "format"),
    ] {
        assert_eq!(code(target, Ground::Real), Some(wanted), "{target:?}");
    }
    let own = Target {
        scheme: "http",
        name: None,
        literal: Some("127.0.0.1".parse().unwrap()),
        port: 9000,
        ..good
    };
    assert_eq!(code(own, Ground::Real), Some("format"));
    assert_eq!(code(own, Ground::Sandbox), None);
    let private = Target { literal: Some("10.0.0.1".parse().unwrap()), ..own };
    assert_eq!(code(private, Ground::Sandbox), Some("out_of_range"));
}

fn delivery(cause: Cause) -> Delivery {
    Delivery {
        id: Id::from_bits(1),
        endpoint: Id::from_bits(2),
        turn: 1,
        event: Id::from_bits(3),
        event_type: "person.renamed".to_owned(),
        position: Some(9),
        person: Some(Id::from_bits(4)),
        sequence: Some(1),
        cause,
        made_at: noon(),
        attempts: 0,
        next_at: Some(noon()),
        delivered_at: None,
        given_up_at: None,
        claim: Some(("me".to_owned(), noon())),
    }
}

fn answered(status: u16, retry_after: Option<&str>) -> Outcome {
    let headers = retry_after.map(|value| ("Retry-After".to_owned(), value.to_owned()));
    Outcome::Answered(Answer {
        status,
        headers: headers.into_iter().collect(),
        body: String::new(),
    })
}

#[test]
fn what_fails_is_sent_again_on_the_schedule_and_given_up_after_the_last_time() {
    let mut one = delivery(Cause::Event);
    for seconds in RETRIES_S {
        one = one.attempted(&Outcome::Failed("no connection".to_owned()), 0, noon());
        assert_eq!(one.next_at, Some(noon() + TimeDelta::seconds(seconds)));
        assert_eq!((one.state(), &one.claim), (DeliveryState::Waiting, &None));
    }
    one = one.attempted(&answered(500, None), 0, noon());
    assert_eq!((one.state(), one.attempts, one.next_at), (DeliveryState::GivenUp, 10, None));
    assert_eq!(RETRIES_S, [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]);
    let late = delivery(Cause::Event).attempted(&answered(500, None), 1000, noon());
    assert_eq!(late.next_at, Some(noon() + TimeDelta::milliseconds(5500)), "a tenth more at most");
}

#[test]
fn what_is_withheld_is_given_up_without_an_attempt() {
    let one = delivery(Cause::Event).withheld(noon());
    assert_eq!((one.state(), one.attempts), (DeliveryState::GivenUp, 0));
    assert_eq!((one.next_at, one.claim), (None, None));
}

#[test]
fn only_2xx_takes_it_and_what_is_asked_for_is_waited_for() {
    for (status, taken) in [
        (199, false),
        (200, true),
        (204, true),
        (299, true),
        (300, false),
        (302, false),
        (304, false),
        (404, false),
    ] {
        let after = delivery(Cause::Event).attempted(&answered(status, None), 0, noon());
        assert_eq!(after.state() == DeliveryState::Delivered, taken, "{status}");
    }
    let wait = |status, header: Option<&str>| {
        let after = delivery(Cause::Event).attempted(&answered(status, header), 0, noon());
        after.next_at.map(|at| (at - noon()).num_seconds())
    };
    assert_eq!(wait(500, None), Some(5));
    for slow in [429, 502, 503, 504] {
        assert_eq!(wait(slow, None), Some(60), "{slow}");
    }
    assert_eq!(wait(503, Some("120")), Some(120));
    assert_eq!(wait(500, Some("2")), Some(5), "never sooner than the schedule");
    assert_eq!(wait(500, Some("Sun, 01 Mar 2026 12:10:00 GMT")), Some(600));
    assert_eq!(wait(500, Some("Sun, 01 Mar 2026 11:00:00 GMT")), Some(5));
    assert_eq!(wait(429, Some("99999999")), Some(24 * 3600), "a day at most");
    assert_eq!(wait(429, Some("99999999999999999999")), Some(24 * 3600), "however it is written");
    assert_eq!(wait(500, Some("")), Some(5));
    assert_eq!(wait(500, Some("soon")), Some(5));
    assert_eq!(wait(410, None), None, "gone is gone");
    let ping = delivery(Cause::Ping).attempted(&answered(500, None), 0, noon());
    assert_eq!(ping.state(), DeliveryState::GivenUp, "a ping is sent once");
}

fn endpoint() -> Endpoint {
    let new = NewEndpoint {
        client: Id::from_bits(5),
        scopes: vec!["people:read".to_owned(), "changes:read".to_owned()],
        url: "https://hooks.example.com/".to_owned(),
        types: Vec::new(),
        format: Format::Standard,
        description: None,
    };
    Endpoint::make(Id::from_bits(6), new, 0, noon()).unwrap().0
}

#[test]
fn an_endpoint_is_stopped_when_it_is_gone_or_fails_for_days_and_goes_on_when_it_is_told_to() {
    let (gone, fact) = endpoint().attempted(false, true, noon());
    assert_eq!((gone.state(), gone.disabling), (EndpointState::Disabled, Some(Disabling::Gone)));
    assert!(fact.is_some());
    let (failing, fact) = endpoint().attempted(false, false, noon());
    assert!(fact.is_none() && failing.state() == EndpointState::Active);
    let nearly = noon() + TimeDelta::days(5) - TimeDelta::seconds(1);
    let (failing, fact) = failing.attempted(false, false, nearly);
    assert!(fact.is_none() && failing.failing_since == Some(noon()));
    let (well, _) = failing.clone().attempted(true, false, nearly);
    assert_eq!(well.failing_since, None, "one success ends it");
    let (stopped, fact) = failing.attempted(false, false, noon() + TimeDelta::days(5));
    assert_eq!(
        (stopped.state(), stopped.disabling),
        (EndpointState::Disabled, Some(Disabling::Failing))
    );
    assert!(fact.is_some());
    let (again, fact) = stopped.clone().attempted(false, false, noon() + TimeDelta::days(6));
    assert!(fact.is_none() && again == stopped, "it is stopped once");
    let on = EndpointChange { paused: Some(false), ..EndpointChange::default() };
    let (on, _) = stopped.change(on, noon()).unwrap();
    assert_eq!((on.state(), on.failing_since), (EndpointState::Active, None));
}

#[test]
fn an_old_secret_signs_beside_the_new_one_for_a_day_and_not_a_moment_longer() {
    let day = TimeDelta::hours(24);
    let (rotated, _) = endpoint().rotate(day, noon()).unwrap();
    assert_eq!(rotated.signing(noon() + day - TimeDelta::seconds(1)), [1, 2]);
    assert_eq!((rotated.signing(noon() + day), rotated.current()), (vec![2], 2));
    let later = noon() + TimeDelta::hours(1);
    let (twice, _) = rotated.rotate(day, later).unwrap();
    assert_eq!(twice.signing(later), [1, 2, 3]);
    assert_eq!(twice.signing(noon() + day), [2, 3], "the first one's end does not move");
    assert_eq!(twice.signing(later + day), [3]);
    let mut full = twice;
    while full.secrets.len() < LIVE_SECRETS {
        full = full.rotate(day, later).unwrap().0;
    }
    assert!(full.clone().rotate(day, later).is_none());
    assert!(full.rotate(day, later + day).is_some(), "those that ended make room");
}

#[test]
fn an_endpoint_is_sent_what_both_its_token_and_its_machine_may_see() {
    let names = |endpoint: &Endpoint, scopes: &[&str]| -> Vec<&'static str> {
        let scopes: Vec<String> = scopes.iter().map(|one| (*one).to_owned()).collect();
        endpoint.sent(&scopes).iter().map(|one| one.event_type).collect()
    };
    let all = names(&endpoint(), &["people:read", "changes:read", "certificates:read"]);
    assert!(all.contains(&"person.renamed") && all.contains(&"course.approved"));
    assert!(!all.contains(&"certification.awarded"), "its token did not see it");
    assert!(names(&endpoint(), &["certificates:read"]).is_empty());
    let types = Some((vec!["person.renamed".to_owned()], vec!["people:read".to_owned()]));
    let (narrow, _) =
        endpoint().change(EndpointChange { types, ..EndpointChange::default() }, noon()).unwrap();
    assert_eq!(names(&narrow, &["people:read", "changes:read"]), ["person.renamed"]);
    for (named, code) in [
        ("person.unheard_of", "unknown"),
        ("session.started", "unknown"),
        ("invoice.issued", "scope"),
    ] {
        let types = Some((vec![named.to_owned()], vec!["people:read".to_owned()]));
        let bad = endpoint()
            .change(EndpointChange { types, ..EndpointChange::default() }, noon())
            .unwrap_err();
        assert_eq!((bad[0].pointer.as_str(), bad[0].code), ("/types/0", code));
    }
}
