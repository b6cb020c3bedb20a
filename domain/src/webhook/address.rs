//! Where a server may send what somebody else asks for: never into its own network.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::BadFact;

/// What an address of an endpoint is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target<'a> {
    /// The scheme, in lower case.
    pub scheme: &'a str,
    /// The host's name, where it is a name.
    pub name: Option<&'a str>,
    /// The host's address, where it is written as one.
    pub literal: Option<IpAddr>,
    /// The port, the scheme's own where none is given.
    pub port: u16,
    /// Whether it names a user or a password.
    pub user: bool,
    /// Whether it ends in a fragment.
    pub fragment: bool,
}

/// Whether the server's own machine counts as outside: in a sandbox, so that webhooks can be tried there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ground {
    /// A server on which people rely.
    Real,
    /// A sandbox: plain HTTP and the machine itself are taken.
    Sandbox,
}

/// What is wrong with the address of an endpoint before its name is resolved.
#[must_use]
pub fn fault(target: &Target<'_>, ground: Ground) -> Option<BadFact> {
    let at = |code, detail: &str| Some(BadFact::at("/url", code, detail));
    let sandbox = ground == Ground::Sandbox;
    if target.scheme != "https" && !(sandbox && target.scheme == "http") {
        return at("format", "The address begins with https://.");
    }
    if target.user {
        return at("format", "The address names no user and no password.");
    }
    if target.fragment {
        return at("format", "The address has no fragment.");
    }
    if target.port != 443 && target.port < 1024 {
        return at("out_of_range", "The port is 443, or from 1024 on.");
    }
    match (target.literal, target.name) {
        (Some(literal), _) if sandbox => refused(literal, ground)
            .and_then(|why| at("out_of_range", &format!("The address is not outside: {why}."))),
        (Some(_), _) => at("format", "The host is a name, not a number."),
        (None, Some(name)) if !sandbox && local(name) => {
            at("out_of_range", "The host is a name that is known everywhere.")
        }
        (None, Some(_)) => None,
        (None, None) => at("format", "The address names a host."),
    }
}

/// Whether a name is one of the local machine or network only.
fn local(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let ends = [".localhost", ".local", ".internal", ".home.arpa", ".lan"];
    !name.contains('.') || ends.iter().any(|end| name.ends_with(end))
}

/// Why nothing is sent to an address; none when it is outside.
#[must_use]
pub fn refused(address: IpAddr, ground: Ground) -> Option<&'static str> {
    if ground == Ground::Sandbox && address.to_canonical().is_loopback() {
        return None;
    }
    match address {
        IpAddr::V4(v4) => refused_v4(v4),
        IpAddr::V6(v6) => refused_v6(v6),
    }
}

/// Networks of IPv4 that are no part of the public internet: first address, length of the prefix, what it is.
/// By the registry of special-purpose addresses (RFC 6890), which holds those of clouds' metadata as well.
const V4: &[(Ipv4Addr, u32, &str)] = &[
    (Ipv4Addr::UNSPECIFIED, 8, "this network"),
    (Ipv4Addr::new(10, 0, 0, 0), 8, "a private network"),
    (Ipv4Addr::new(100, 64, 0, 0), 10, "shared by carriers"),
    (Ipv4Addr::new(127, 0, 0, 0), 8, "the machine itself"),
    (Ipv4Addr::new(169, 254, 0, 0), 16, "link-local"),
    (Ipv4Addr::new(172, 16, 0, 0), 12, "a private network"),
    (Ipv4Addr::new(192, 0, 0, 0), 24, "kept for protocols"),
    (Ipv4Addr::new(192, 0, 2, 0), 24, "for documentation"),
    (Ipv4Addr::new(192, 31, 196, 0), 24, "a sink of queries"),
    (Ipv4Addr::new(192, 52, 193, 0), 24, "a relay of multicast"),
    (Ipv4Addr::new(192, 88, 99, 0), 24, "a relay of 6to4"),
    (Ipv4Addr::new(192, 168, 0, 0), 16, "a private network"),
    (Ipv4Addr::new(192, 175, 48, 0), 24, "a sink of queries"),
    (Ipv4Addr::new(198, 18, 0, 0), 15, "for benchmarks"),
    (Ipv4Addr::new(198, 51, 100, 0), 24, "for documentation"),
    (Ipv4Addr::new(203, 0, 113, 0), 24, "for documentation"),
    (Ipv4Addr::new(224, 0, 0, 0), 4, "multicast"),
    (Ipv4Addr::new(240, 0, 0, 0), 4, "reserved, or broadcast"),
];

fn refused_v4(address: Ipv4Addr) -> Option<&'static str> {
    let bits = address.to_bits();
    let within = |first: Ipv4Addr, length: u32| {
        let mask = u32::MAX.checked_shl(32 - length.min(32)).unwrap_or(0);
        bits & mask == first.to_bits() & mask
    };
    // The metadata of one cloud is a public address.
    if address == Ipv4Addr::new(168, 63, 129, 16) {
        return Some("a cloud's metadata");
    }
    V4.iter().find(|(first, length, _)| within(*first, *length)).map(|(_, _, why)| *why)
}

/// Only the unicast addresses that are given out, `2000::/3`, are outside, and not all of them.
fn refused_v6(address: Ipv6Addr) -> Option<&'static str> {
    let [first, second, third, fourth, ..] = address.segments();
    match (first, second, third, fourth) {
        (0x2001, 0x0000, ..) => Some("Teredo"),
        (0x2001, 0x0db8, ..) => Some("for documentation"),
        (0x2001, second, ..) if second < 0x0200 => Some("kept for protocols"),
        (0x2002, ..) => Some("6to4"),
        (0x2620, 0x004f, 0x8000, _) => Some("a sink of queries"),
        (0x3fff, second, ..) if second < 0x1000 => Some("for documentation"),
        (0x2000..=0x3fff, ..) => None,
        (0xfc00..=0xfdff, ..) => Some("a unique local network"),
        (0xfe80..=0xfebf, ..) => Some("link-local"),
        (0xfec0..=0xfeff, ..) => Some("site-local"),
        (0xff00..=0xffff, ..) => Some("multicast"),
        (0x0064, 0xff9b, ..) => Some("a translation to IPv4"),
        (0, 0, 0, 0) => Some("the machine itself, or an IPv4 address in another form"),
        _ => Some("not given out"),
    }
}
