//! `Via`: the way a request came and its responses go back (RFC 3261 §18.2, §20.42, RFC 3581).

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use super::host::write_with_port;
use super::lex::{Scanner, split_list};
use super::{Host, Params, SyntaxError, Transport, ViaTransport};

/// The start of every branch that a client of RFC 3261 makes (§8.1.1.7).
pub const MAGIC_COOKIE: &str = "z9hG4bK";

/// One hop of a request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Via {
    /// How the hop sent it.
    pub transport: ViaTransport,
    /// What the hop calls itself (`sent-by`).
    pub host: Host,
    /// The port it listens on, if written.
    pub port: Option<u16>,
    /// `branch`, `received`, `rport` and others.
    pub params: Params,
}

impl Via {
    /// Our own hop: `local` with a branch, asking for `rport`.
    pub fn new(transport: Transport, local: SocketAddr, branch: &str) -> Self {
        let mut params = Params::new();
        params.set("branch", Some(branch));
        params.set("rport", None);
        Self {
            transport: transport.into(),
            host: Host::Ip(local.ip()),
            port: Some(local.port()),
            params,
        }
    }

    /// The branch, as it came. Use [`unique_branch`](Self::unique_branch) for matching.
    pub fn branch(&self) -> Option<&str> {
        self.params.get("branch")
    }

    /// The branch if it names one transaction by itself: it starts with the magic cookie and
    /// something follows. Without one, a request is matched as RFC 2543 did (§17.2.3).
    pub fn unique_branch(&self) -> Option<&str> {
        let branch = self.branch()?;
        let cookie = branch.get(..MAGIC_COOKIE.len())?;
        let is_unique = cookie.eq_ignore_ascii_case(MAGIC_COOKIE) && branch.len() > cookie.len();
        is_unique.then_some(branch)
    }

    /// The address a server saw the request come from, where it wrote one. Brackets around an
    /// IPv6 address are accepted (RFC 5118 §4.5).
    pub fn received(&self) -> Option<IpAddr> {
        let value = self.params.get("received")?;
        value.trim_matches(['[', ']']).parse().ok()
    }

    /// The port a server saw the request come from, where it wrote one.
    pub fn rport(&self) -> Option<u16> {
        self.params.get("rport")?.parse().ok()
    }

    /// Notes on a request's topmost hop where the request really came from. What the sender
    /// claimed to have been `received` from is replaced.
    pub fn stamp(&mut self, source: SocketAddr) {
        let asks_for_port = self.params.has("rport");
        if asks_for_port {
            self.params.set("rport", Some(&source.port().to_string()));
        }
        if asks_for_port || self.host.ip() != Some(source.ip()) {
            self.params.set("received", Some(&source.ip().to_string()));
        } else {
            self.params.remove("received");
        }
    }

    /// Where a response to a request from `source` goes: to the address it came from, at the
    /// port it came from where the client asked for that by `rport`, else at the port the
    /// client says it listens on. `maddr` is not followed: no answer leaves for an address
    /// that did not ask.
    pub fn response_target(&self, source: SocketAddr) -> SocketAddr {
        if self.transport != Transport::Udp || self.params.has("rport") {
            return source;
        }
        let port = self.port.unwrap_or(Transport::Udp.default_port());
        SocketAddr::new(source.ip(), if port == 0 { source.port() } else { port })
    }

    /// Reads every hop of a header's value.
    pub(super) fn parse_list(value: &str) -> Result<Vec<Self>, SyntaxError> {
        split_list(value)?.into_iter().map(str::parse).collect()
    }
}

impl FromStr for Via {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut scanner = Scanner::new(text);
        scanner.skip_space();
        if !scanner.token().eq_ignore_ascii_case("SIP") || !scanner.eat_spaced('/') {
            return Err(SyntaxError::UnexpectedCharacter);
        }
        let version = scanner.token();
        if version.is_empty() || !scanner.eat_spaced('/') {
            return Err(SyntaxError::UnexpectedCharacter);
        }
        let transport = scanner.token().parse()?;
        let sent_by = scanner.take_while(|c| c != ';');
        let (host, port) = Host::parse_with_port(sent_by.trim())?;
        Ok(Self {
            transport,
            host,
            port,
            params: Params::parse_header(&mut scanner)?,
        })
    }
}

impl fmt::Display for Via {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SIP/2.0/{} ", self.transport)?;
        write_with_port(f, &self.host, self.port)?;
        self.params.write_header(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn via(text: &str) -> Via {
        text.parse().unwrap()
    }

    fn address(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn spaces_stand_anywhere_between_tokens() {
        let via =
            via("SIP  / 2.0  / TCP     spindle.example.com : 5070  ;  branch  =   z9hG4bK9ikj8");
        assert_eq!(
            via.to_string(),
            "SIP/2.0/TCP spindle.example.com:5070;branch=z9hG4bK9ikj8"
        );
    }

    #[test]
    fn empty_parameters_are_refused() {
        assert!("SIP/2.0/UDP 192.0.2.15;;,;,,".parse::<Via>().is_err());
        assert!(Via::parse_list("SIP/2.0/UDP 192.0.2.15,,").is_err());
    }

    #[test]
    fn the_source_is_noted_where_it_differs_or_is_asked_for() {
        let mut plain = via("SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK1;received=10.0.0.1");
        plain.stamp(address("192.0.2.1:9999"));
        assert_eq!(plain.received(), None);
        assert_eq!(
            plain.response_target(address("192.0.2.1:9999")),
            address("192.0.2.1:5070")
        );

        let mut other = via("SIP/2.0/UDP phone.local;branch=z9hG4bK1");
        other.stamp(address("192.0.2.9:4444"));
        assert_eq!(other.received(), Some(IpAddr::from([192, 0, 2, 9])));
        assert_eq!(
            other.response_target(address("192.0.2.9:4444")),
            address("192.0.2.9:5060")
        );

        let mut asks = via("SIP/2.0/UDP 10.1.1.1:5060;rport;branch=z9hG4bK1");
        asks.stamp(address("192.0.2.9:4444"));
        assert_eq!(
            asks.to_string(),
            "SIP/2.0/UDP 10.1.1.1:5060;rport=4444;branch=z9hG4bK1;received=192.0.2.9"
        );
        assert_eq!(
            asks.response_target(address("192.0.2.9:4444")),
            address("192.0.2.9:4444")
        );
    }

    #[test]
    fn no_answer_follows_a_broadcast_or_maddr() {
        let via = via(
            "SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK1;maddr=224.0.1.75;received=203.0.113.7",
        );
        assert_eq!(
            via.response_target(address("192.0.2.9:4444")),
            address("192.0.2.9:5060")
        );
    }

    #[test]
    fn the_magic_cookie_alone_is_no_branch() {
        assert_eq!(via("SIP/2.0/UDP h;branch=z9hG4bK").unique_branch(), None);
        assert_eq!(via("SIP/2.0/UDP h;branch=390skdjuw").unique_branch(), None);
        assert_eq!(
            via("SIP/2.0/UDP h;branch=z9hG4bK1").unique_branch(),
            Some("z9hG4bK1")
        );
    }

    #[test]
    fn received_reads_ipv6_with_and_without_brackets() {
        let expected = Some("2001:db8::9:255".parse().unwrap());
        assert_eq!(
            via("SIP/2.0/UDP [2001:db8::9:1];received=[2001:db8::9:255]").received(),
            expected
        );
        assert_eq!(
            via("SIP/2.0/UDP [2001:db8::9:1];received=2001:db8::9:255").received(),
            expected
        );
    }
}
