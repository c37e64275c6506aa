//! The header fields of a message: in order, by any spelling of their names, with the octets
//! of their values kept for echoing and read only when asked for.

use std::borrow::Cow;
use std::fmt;

use super::header_name::long_form;
use super::lex::{self, is_space, split_list};
use super::{CSeq, HeaderName, MinSe, NameAddr, RAck, RSeq, Reason, SessionExpires};
use super::{SyntaxError, Via};

/// Header fields in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers(Vec<Field>);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) name: HeaderName,
    /// One line, trimmed.
    pub(super) value: Vec<u8>,
}

impl Headers {
    /// No header fields.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// The text of the first field of this name: UTF-8, else GB18030.
    pub fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        self.get_all(name).next()
    }

    /// The texts of all fields of this name, each as it stands: lists are not split.
    pub fn get_all<'a>(&'a self, name: &str) -> impl Iterator<Item = Cow<'a, str>> {
        self.raw(name).map(lex::text)
    }

    /// The octets of all fields of this name, as they came.
    pub fn raw<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        self.fields(name).map(|field| field.value.as_slice())
    }

    /// Whether there is a field of this name.
    pub fn has(&self, name: &str) -> bool {
        self.fields(name).next().is_some()
    }

    /// Names and texts of all fields.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
        self.0
            .iter()
            .map(|field| (field.name.as_str(), lex::text(&field.value)))
    }

    /// How many fields there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Replaces all fields of this name by one, where the first stood, else at the end.
    /// Line ends and NUL in the value become spaces.
    pub fn set(&mut self, name: &str, value: impl fmt::Display) {
        let field = Field::new(name, value);
        let at = self.0.iter().position(|known| known.name == field.name);
        self.0.retain(|known| known.name != field.name);
        self.0.insert(at.unwrap_or(self.0.len()), field);
    }

    /// Adds a field at the end.
    pub fn push(&mut self, name: &str, value: impl fmt::Display) {
        self.0.push(Field::new(name, value));
    }

    /// Adds a field before all others, as a new topmost Via stands.
    pub fn prepend(&mut self, name: &str, value: impl fmt::Display) {
        self.0.insert(0, Field::new(name, value));
    }

    /// Removes all fields of this name.
    pub fn remove(&mut self, name: &str) {
        let name = long_form(name);
        self.0.retain(|field| !field.is(name));
    }

    /// Adds the fields of this name of `other`, octet by octet.
    pub fn copy_from(&mut self, other: &Self, name: &str) {
        self.0.extend(other.fields(name).cloned());
    }

    pub(super) fn copy_first(&mut self, other: &Self, name: &str) {
        self.0.extend(other.fields(name).next().cloned());
    }

    /// The topmost Via.
    pub fn via(&self) -> Option<Via> {
        let value = self.get("Via")?;
        split_list(&value).ok()?.first()?.parse().ok()
    }

    /// All hops, the topmost first; those that cannot be read are left out.
    pub fn vias(&self) -> Vec<Via> {
        self.elements("Via", Via::parse_list)
    }

    /// Replaces the topmost Via and leaves the others as they came.
    pub fn set_top_via(&mut self, via: &Via) {
        let Some(field) = self.0.iter_mut().find(|field| field.is("Via")) else {
            return self.prepend("Via", via);
        };
        let text = lex::text(&field.value);
        let below =
            split_list(&text).map(|hops| hops.into_iter().skip(1).collect::<Vec<_>>().join(", "));
        let value = match below {
            Ok(below) if !below.is_empty() => format!("{via}, {below}"),
            _ => via.to_string(),
        };
        *field = Field::new("Via", value);
    }

    /// Who sends.
    ///
    /// # Errors
    /// [`SyntaxError::Empty`] when it is missing; else what is wrong with it.
    pub fn from(&self) -> Result<NameAddr, SyntaxError> {
        self.address("From")
    }

    /// Who is meant.
    ///
    /// # Errors
    /// As [`from`](Self::from).
    pub fn to(&self) -> Result<NameAddr, SyntaxError> {
        self.address("To")
    }

    /// A single address of another header, such as `Refer-To` or `P-Asserted-Identity` (its
    /// first).
    ///
    /// # Errors
    /// As [`from`](Self::from).
    pub fn address(&self, name: &str) -> Result<NameAddr, SyntaxError> {
        let value = self.get(name).ok_or(SyntaxError::Empty)?;
        let list = split_list(&value)?;
        list.first().ok_or(SyntaxError::Empty)?.parse()
    }

    /// All addresses of another header, in order; those that cannot be read are left out.
    pub fn addresses(&self, name: &str) -> Vec<NameAddr> {
        self.elements(name, NameAddr::parse_list)
    }

    /// The Call-ID.
    pub fn call_id(&self) -> Option<Cow<'_, str>> {
        self.get("Call-ID")
    }

    /// The `CSeq`.
    pub fn cseq(&self) -> Option<CSeq> {
        self.get("CSeq")?.parse().ok()
    }

    /// The first contact.
    pub fn contact(&self) -> Option<NameAddr> {
        self.contacts().into_iter().next()
    }

    /// All contacts; `*` is not one (see [`is_contact_wildcard`](Self::is_contact_wildcard)).
    pub fn contacts(&self) -> Vec<NameAddr> {
        self.elements("Contact", NameAddr::parse_list)
    }

    /// Whether a REGISTER means all contacts (RFC 3261 §10.2.2).
    pub fn is_contact_wildcard(&self) -> bool {
        self.raw("Contact").any(|value| value == b"*")
    }

    /// The way still to go.
    pub fn routes(&self) -> Vec<NameAddr> {
        self.elements("Route", NameAddr::parse_list)
    }

    /// The proxies that want to stay in the dialog.
    pub fn record_routes(&self) -> Vec<NameAddr> {
        self.elements("Record-Route", NameAddr::parse_list)
    }

    /// Why something ends (RFC 3326); what cannot be read is left out.
    pub fn reasons(&self) -> Vec<Reason> {
        self.elements("Reason", Reason::parse_list)
    }

    /// The number of a reliable provisional response (RFC 3262 §7.1).
    pub fn rseq(&self) -> Option<RSeq> {
        self.get("RSeq")?.parse().ok()
    }

    /// Which provisional response a PRACK confirms (RFC 3262 §7.2).
    pub fn rack(&self) -> Option<RAck> {
        self.get("RAck")?.parse().ok()
    }

    /// How long the session lives without a refresh (RFC 4028 §4).
    pub fn session_expires(&self) -> Option<SessionExpires> {
        self.get("Session-Expires")?.parse().ok()
    }

    /// The shortest session that is accepted (RFC 4028 §5).
    pub fn min_se(&self) -> Option<MinSe> {
        self.get("Min-SE")?.parse().ok()
    }

    /// How many hops are left.
    pub fn max_forwards(&self) -> Option<u8> {
        self.number("Max-Forwards")
            .and_then(|hops| u8::try_from(hops).ok())
    }

    /// How long something lives, in seconds.
    pub fn expires(&self) -> Option<u32> {
        self.number("Expires")
    }

    /// The number a header holds, before any parameter; `None` if missing or malformed.
    pub fn number(&self, name: &str) -> Option<u32> {
        let value = self.get(name)?;
        lex::number(value.split(';').next()?.trim_matches(is_space)).ok()
    }

    /// The media type of the body in lower case, without its parameters.
    pub fn content_type(&self) -> Option<String> {
        let value = self.get("Content-Type")?;
        let media_type: String = value
            .split(';')
            .next()?
            .chars()
            .filter(|c| !is_space(*c))
            .collect();
        Some(media_type.to_ascii_lowercase())
    }

    /// The elements of all fields of this name, split at their commas and trimmed: option
    /// tags, methods, media types. Empty ones are left out.
    pub fn list(&self, name: &str) -> Vec<String> {
        let values = self.get_all(name);
        values
            .flat_map(|value| {
                let elements = value
                    .split(',')
                    .map(|element| element.trim_matches(is_space).to_owned());
                elements.collect::<Vec<_>>()
            })
            .filter(|element| !element.is_empty())
            .collect()
    }

    /// Whether a list holds this token, compared without case.
    pub fn lists(&self, name: &str, token: &str) -> bool {
        self.list(name)
            .iter()
            .any(|element| element.eq_ignore_ascii_case(token))
    }

    pub(super) fn push_raw(&mut self, name: HeaderName, value: Vec<u8>) {
        self.0.push(Field { name, value });
    }

    pub(super) fn all(&self) -> &[Field] {
        &self.0
    }

    /// Goes on with the value of the last field: the line was folded (RFC 3261 §7.3.1).
    pub(super) fn extend_last(&mut self, value: &[u8]) -> bool {
        let Some(last) = self.0.last_mut() else {
            return false;
        };
        if !last.value.is_empty() && !value.is_empty() {
            last.value.push(b' ');
        }
        last.value.extend_from_slice(value);
        true
    }

    fn fields<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a Field> {
        let name = long_form(name);
        self.0.iter().filter(move |field| field.is(name))
    }

    fn elements<T>(
        &self,
        name: &str,
        parse: impl Fn(&str) -> Result<Vec<T>, SyntaxError>,
    ) -> Vec<T> {
        let values = self.get_all(name);
        values
            .filter_map(|value| parse(&value).ok())
            .flatten()
            .collect()
    }
}

impl Field {
    fn new(name: &str, value: impl fmt::Display) -> Self {
        let mut value = value.to_string();
        if value.contains(['\r', '\n', '\0']) {
            value = value.replace(['\r', '\n', '\0'], " ");
        }
        Self {
            name: HeaderName::new(name),
            value: value.trim_matches(is_space).as_bytes().to_vec(),
        }
    }

    fn is(&self, long_name: &str) -> bool {
        self.name.as_str().eq_ignore_ascii_case(long_name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(fields: &[(&str, &str)]) -> Headers {
        let mut headers = Headers::new();
        for (name, value) in fields {
            headers.push(name, value);
        }
        headers
    }

    #[test]
    fn any_spelling_finds_a_header() {
        let headers = headers(&[("v", "one"), ("VIA", "two"), ("X-Own", "three")]);
        assert_eq!(headers.get_all("Via").collect::<Vec<_>>(), ["one", "two"]);
        assert_eq!(headers.get("V").as_deref(), Some("one"));
        assert_eq!(headers.get("x-oWN").as_deref(), Some("three"));
        assert!(!headers.has("To"));
    }

    #[test]
    fn setting_replaces_all_in_the_place_of_the_first() {
        let mut headers = headers(&[("X-A", "1"), ("Contact", "2"), ("X-B", "3"), ("m", "4")]);
        headers.set("Contact", "new\r\nEvil: yes");
        let seen: Vec<_> = headers
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        assert_eq!(seen, ["X-A=1", "Contact=new  Evil: yes", "X-B=3"]);
        headers.remove("m");
        assert!(!headers.has("Contact"));
    }

    #[test]
    fn the_topmost_via_is_replaced_alone() {
        let mut headers = headers(&[
            ("Via", "SIP/2.0/UDP a;branch=1, SIP/2.0/UDP b"),
            ("Via", "SIP/2.0/TCP c"),
        ]);
        let mut top = headers.via().unwrap();
        top.params.set("received", Some("192.0.2.1"));
        headers.set_top_via(&top);
        let hosts: Vec<_> = headers.vias().iter().map(ToString::to_string).collect();
        assert_eq!(
            hosts,
            [
                "SIP/2.0/UDP a;branch=1;received=192.0.2.1",
                "SIP/2.0/UDP b",
                "SIP/2.0/TCP c"
            ]
        );
    }

    #[test]
    fn lists_are_split_and_numbers_are_read() {
        let headers = headers(&[
            ("Supported", "100rel,, timer "),
            ("k", "replaces"),
            ("Expires", "3600"),
            ("Max-Forwards", "256"),
            ("Retry-After", "18;duration=5"),
            ("Content-Type", "Application/SDP ; charset=utf-8"),
        ]);
        assert_eq!(headers.list("Supported"), ["100rel", "timer", "replaces"]);
        assert!(headers.lists("Supported", "TIMER"));
        assert_eq!(
            (headers.expires(), headers.max_forwards()),
            (Some(3600), None)
        );
        assert_eq!(headers.number("Retry-After"), Some(18));
        assert_eq!(headers.content_type().as_deref(), Some("application/sdp"));
    }

    #[test]
    fn a_wildcard_is_no_contact() {
        let headers = headers(&[("Contact", "*")]);
        assert!(headers.is_contact_wildcard() && headers.contacts().is_empty());
    }
}
