//! Who really asks, where a reverse proxy stands before us: the proxy says so, by `Forwarded`
//! (RFC 7239) or by `X-Forwarded-For` and `X-Forwarded-Proto`. Only those proxies are believed that
//! are configured; what anybody else says of himself is nothing to us.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

use super::login::cookie_name;
use super::{Api, ProblemDocument};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// The visitor's own connection is over TLS, which ends at a proxy of ours.
#[derive(Clone, Copy, Debug)]
pub(super) struct SecureAtProxy;

/// One step of a request's way, as the proxy that it reached says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Hop {
    /// Where it came from; `None`: the proxy does not say.
    from: Option<IpAddr>,
    is_secure: bool,
}

/// Puts the visitor's address in the place of the proxy's, for everything that goes by it.
pub(super) async fn see_through(
    State(api): State<Api>,
    mut request: Request,
    next: Next,
) -> Result<Response, ProblemDocument> {
    let is_trusted = |address: IpAddr| {
        let address = address.to_canonical();
        let mut proxies = api.trusted_proxies.iter();
        proxies.any(|proxy| proxy.contains(&address))
    };
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let Some(ConnectInfo(peer)) = peer.copied().filter(|peer| is_trusted(peer.0.ip())) else {
        return Ok(next.run(request).await);
    };
    let hops = hops(request.headers())?;
    let visitor = visitor(&hops, is_trusted);
    if let Some(address) = visitor.and_then(|hop| hop.from) {
        let visitor = ConnectInfo(SocketAddr::new(address, peer.port()));
        request.extensions_mut().insert(visitor);
    }
    if visitor.is_some_and(|hop| hop.is_secure) {
        request.extensions_mut().insert(SecureAtProxy);
    }
    Ok(next.run(request).await)
}

/// The step that the visitor made: the last one that comes from none of our proxies. What stands
/// before it anybody may have written.
fn visitor(hops: &[Hop], is_trusted: impl Fn(IpAddr) -> bool) -> Option<&Hop> {
    let is_ours = |hop: &&Hop| hop.from.is_some_and(&is_trusted);
    hops.iter().rev().find(|hop| !is_ours(hop)).or(hops.first())
}

/// The request's way, the nearest step last.
///
/// # Errors
/// It is told twice: a proxy that writes one of the headers passes on what the visitor wrote into the
/// other.
fn hops(headers: &HeaderMap) -> Result<Vec<Hop>, ProblemDocument> {
    match (
        headers.contains_key(header::FORWARDED),
        headers.contains_key(&FORWARDED_FOR),
    ) {
        (true, true) => {
            let detail = "the request has `Forwarded` and `X-Forwarded-For`: only the proxy may \
                          write either, and it has to take the other away";
            Err(ProblemDocument::new(StatusCode::BAD_REQUEST, detail))
        }
        (true, false) => Ok(listed(headers, &header::FORWARDED).map(forwarded).collect()),
        (false, _) => {
            let is_secure = listed(headers, &FORWARDED_PROTO).last() == Some("https");
            let froms = listed(headers, &FORWARDED_FOR);
            let hop = |from| Hop {
                from: node(from),
                is_secure,
            };
            Ok(froms.map(hop).collect())
        }
    }
}

/// The elements of a header that is a list, however many lines it has.
fn listed<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
) -> impl Iterator<Item = &'a str> + use<'a> {
    let lines = headers.get_all(name).into_iter();
    let texts = lines.filter_map(|line| line.to_str().ok());
    texts.flat_map(|text| text.split(',')).map(str::trim)
}

/// An element of `Forwarded` (RFC 7239 §4).
fn forwarded(element: &str) -> Hop {
    let mut hop = Hop::default();
    for pair in element.split(';') {
        let Some((name, value)) = pair.split_once('=') else {
            continue;
        };
        let (name, value) = (name.trim(), value.trim().trim_matches('"'));
        if name.eq_ignore_ascii_case("for") {
            hop.from = node(value);
        } else if name.eq_ignore_ascii_case("proto") {
            hop.is_secure = value.eq_ignore_ascii_case("https");
        }
    }
    hop
}

/// An address, with a port or without (RFC 7239 §6); `unknown` and hidden names are none.
fn node(text: &str) -> Option<IpAddr> {
    let bare = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    bare.unwrap_or(text).parse().ok().or_else(with_port)
}

/// Where TLS ends at a proxy, the session's cookie is the browser's from HTTPS only all the same.
pub(super) async fn guard_cookie(mut request: Request, next: Next) -> Response {
    if request.extensions().get::<SecureAtProxy>().is_none() {
        return next.run(request).await;
    }
    let cookies = request.headers().get_all(header::COOKIE).into_iter();
    let cookies = cookies.filter_map(|line| line.to_str().ok());
    let cookies = cookies.flat_map(|line| line.split(';')).map(str::trim);
    let ours = cookies.filter_map(|cookie| {
        let value = cookie.strip_prefix(cookie_name(true))?.strip_prefix('=')?;
        Some(format!("{}={value}", cookie_name(false)))
    });
    let ours: Vec<_> = ours.collect();
    request.headers_mut().remove(header::COOKIE);
    if let Ok(ours) = HeaderValue::from_str(&ours.join("; "))
        && !ours.is_empty()
    {
        request.headers_mut().insert(header::COOKIE, ours);
    }
    let mut response = next.run(request).await;
    for (name, cookie) in response.headers_mut() {
        if name != header::SET_COOKIE {
            continue;
        }
        let text = cookie.to_str().unwrap_or_default();
        let rest = text.strip_prefix(cookie_name(false));
        let guarded = rest.map(|rest| format!("{}{rest}; Secure", cookie_name(true)));
        if let Some(Ok(guarded)) = guarded.map(|text| HeaderValue::from_str(&text)) {
            *cookie = guarded;
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        let lines = lines.iter();
        let pair = |(name, value): &(&'static str, &'static str)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        };
        lines.map(pair).collect()
    }

    fn visitor_of(lines: &[(&'static str, &'static str)]) -> Hop {
        let is_ours = |address: IpAddr| address.to_string().starts_with("10.");
        let hops = hops(&headers(lines)).unwrap();
        visitor(&hops, is_ours).cloned().unwrap_or_default()
    }

    #[test]
    fn what_stands_before_the_visitors_step_is_not_believed() {
        let from = |text: &str, is_secure| Hop {
            from: text.parse().ok(),
            is_secure,
        };
        let lines = [
            ("x-forwarded-for", "1.2.3.4, 192.0.2.7, 10.0.0.2"),
            ("x-forwarded-proto", "https"),
        ];
        assert_eq!(visitor_of(&lines), from("192.0.2.7", true));
        let lines = [(
            "forwarded",
            "for=1.2.3.4;proto=https, For=\"[2001:db8::7]:4711\";Proto=http, for=10.0.0.2",
        )];
        assert_eq!(visitor_of(&lines), from("2001:db8::7", false));
        assert_eq!(visitor_of(&[("forwarded", "for=unknown")]), Hop::default());
        assert_eq!(visitor_of(&[]), Hop::default());
        // A visitor from inside, by proxies only.
        let lines = [("x-forwarded-for", "10.0.0.9, 10.0.0.2")];
        assert_eq!(visitor_of(&lines), from("10.0.0.9", false));
    }

    #[test]
    fn what_is_told_twice_is_refused() {
        let both = headers(&[("forwarded", "for=1.2.3.4"), ("x-forwarded-for", "1.2.3.4")]);
        assert_eq!(hops(&both).unwrap_err().status, 400);
    }
}
