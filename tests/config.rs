//! The configuration file: each mistake gives one message that names file, line, key and cure,
//! and `deploy/thirdring.toml` explains every key.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::collections::BTreeSet;
use std::fs;
use std::net::UdpSocket;
use std::path::Path;
use std::process::Command;

use thirdring::config::{Config, PhonePassword};

/// A configuration with nothing wrong; line numbers in the expected messages are of this text.
const GOOD: &str = r#"
[[sip.listener]]
address = "192.0.2.1:5060"
digest = ["md5"]
[media]
address = "192.0.2.1"
ports = "20000-29999"
[[trunk]]
name = "carrier"
addresses = ["203.0.113.10"]
[[agent]]
extension = "1001"
password = "pw"
[[line]]
name = "hotline"
numbers = ["4001234567"]
agents = ["1001"]
"#;

/// A piece of [`GOOD`], what it is replaced with, and what that must give.
#[rustfmt::skip]
const MISTAKES: &[(&str, &str, &str)] = &[
    ("[media]", "[media]\nadress = \"\"",
     "t.toml:6:1: media.adress: unknown key `adress`; cure: remove it, or write one of `address`, `ports`, `dscp`, `allow_loopback`, `threads`, `pin`, `silent_after`, `rtp_timeout`, `prompts`"),
    ("[media]", "[recording]\nagent_level = [-10, -35]\n[media]",
     "t.toml:6:1: recording.agent_level: the window is empty, or reaches above full scale; cure: write two levels in dBFS, the lower first, such as `[-35, -10]`"),
    ("[media]", "[recording.copy]\nurl = \"ftp://x\"\n[media]",
     "t.toml:6:1: recording.copy.url: no place for copies; cure: write `file:///FOLDER` or `s3://BUCKET/PREFIX`"),
    ("[media]", "[medium]",
     "t.toml:5:2: medium: unknown key `medium`; cure: remove it, or write one of `service`, `log`, `http`, `sip`, `media`, `recording`, `trace`, `database`, `desk`, `topics`, `trunk`, `agent`, `queue`, `outbound`, `calendar`, `line`, `team`, `emergency`, `webhook`"),
    ("[media]", "[[team]]\nname = \"a\"\nagents = [\"1001\"]\n[[team]]\nname = \"b\"\nagents = [\"1001\"]\n[media]",
     "t.toml:10:11: team[1].agents[0]: agent `1001` is in team[0] already; cure: leave the agent in one team"),
    ("[media]", "[[team]]\nname = \"a\"\nagents = []\nmanager = \"9\"\n[media]",
     "t.toml:8:1: team[0].manager: team `a` names unknown agent `9`; cure: add [[agent]], or write one of 1001"),
    ("[media]", "[[emergency]]\nname = \"guard\"\n[media]",
     "t.toml:5:1: emergency[0]: emergency `guard` leads nowhere, or to several places; cure: write one of `number`, `agent` and `line`"),
    ("[media]", "[[emergency]]\nname = \"police\"\nnumber = \"1x0\"\n[media]",
     "t.toml:7:1: emergency[0].number: `1x0` is no telephone number; cure: write digits, such as `110`"),
    ("[media]", "[media",
     "t.toml:5:7: bad value: unclosed table; cure: write `]`"),
    ("\"192.0.2.1\"", "\"here\"",
     "t.toml:6:11: media.address: bad value: invalid IP address syntax; cure: correct it; deploy/thirdring.toml shows every key with its form"),
    ("name = \"carrier\"", "",
     "t.toml:8:1: trunk[0]: key `name` is missing; cure: add it"),
    ("[media]", "[service]\ngrace = 30\n[media]",
     "t.toml:6:9: service.grace: bad value: invalid type: integer `30`; cure: write a duration"),
    ("[media]", "[log]\nformat = \"xml\"\n[media]",
     "t.toml:6:10: log.format: bad value `xml`; cure: write `human` or `json`"),
    ("[media]", "[log]\nlevel = \"loud=noise\"\n[media]",
     "t.toml:6:1: log.level: bad level `loud=noise`; cure: write error, warn, info, debug or trace, or a filter such as `info,thirdring::sip=debug`"),
    ("[media]", "[service]\ntime_zone = \"Mars/Olympus\"\n[media]",
     "t.toml:6:1: service.time_zone: unknown time zone `Mars/Olympus`; cure: write one such as `Asia/Shanghai`"),
    ("[[sip.listener]]\naddress = \"192.0.2.1:5060\"\ndigest = [\"md5\"]", "[sip]",
     "t.toml:2:2: sip.listener: there is no listener; cure: add [[sip.listener]] with address = \"IP:5060\""),
    ("192.0.2.1:5060", "0.0.0.0:5060",
     "t.toml:3:1: sip.listener[0].address: 0.0.0.0 is no address that a phone can send to; cure: write the IP that trunk and phones reach, or a listener for each"),
    ("name = \"carrier\"", "name = \"carrier\"\nsrtp = \"required\"",
     "t.toml:10:1: trunk[0].srtp: trunk `carrier` must have SRTP, whose keys go over TLS only, and no listener has it; cure: add a [[sip.listener]] with `transport = \"tls\"`, or write \"optional\""),
    ("password = \"pw\"", "srtp = \"required\"\ncontact = \"192.0.2.51:5060\"\n[[sip.listener]]\naddress = \"192.0.2.1:5061\"\ntransport = \"tls\"\ncertificate = \"c.pem\"\nkey = \"k.pem\"",
     "t.toml:13:1: agent[0].srtp: agent `1001` must have SRTP, whose keys go over TLS only, and 192.0.2.51:5060 is not reached by it; cure: write `tls:192.0.2.51:5060` there, or \"optional\" here"),
    ("password = \"pw\"", "password = \"pw\"\nsrtp = \"always\"",
     "t.toml:14:8: agent[0].srtp: bad value `always`; cure: write one of `off`, `optional`, `required`"),
    ("[media]", "[[sip.listener]]\naddress = \"192.0.2.1:5060\"\n[media]",
     "t.toml:6:1: sip.listener[1].address: 192.0.2.1:5060 already belongs to sip.listener[0]; cure: remove one, or change its port"),
    ("address = \"192.0.2.1:5060\"", "transport = \"sctp\"\naddress = \"192.0.2.1:5060\"",
     "t.toml:3:13: sip.listener[0].transport: bad value `sctp`; cure: write one of `udp`, `tcp`, `tls`"),
    ("address = \"192.0.2.1:5060\"", "address = \"192.0.2.1:5060\"\nadvertised = \"0.0.0.0:5060\"",
     "t.toml:4:1: sip.listener[0].advertised: 0.0.0.0:5060 is nothing that a peer can send to; cure: write the outer IP and port, such as `203.0.113.9:5060`"),
    ("address = \"192.0.2.1:5060\"", "address = \"192.0.2.1:5060\"\nkey = \"key.pem\"",
     "t.toml:4:1: sip.listener[0].key: `key` is for TLS only; cure: remove it, or write `transport = \"tls\"`"),
    ("address = \"192.0.2.1:5060\"", "transport = \"tls\"\naddress = \"192.0.2.1:5061\"\nkey = \"key.pem\"",
     "t.toml:2:1: sip.listener[0].certificate: a listener for TLS needs `certificate`; cure: name a PEM file"),
    ("name = \"carrier\"", "name = \"carrier\"\ntls_name = \"sip.carrier.example\"",
     "t.toml:10:1: trunk[0].tls_name: trunk `carrier` needs TLS, and no listener has it; cure: add a [[sip.listener]] with `transport = \"tls\"`, or remove `tls_name`"),
    ("[media]", "[sip]\nmax_connections = 0\n[media]",
     "t.toml:6:1: sip.max_connections: no connection is allowed at all; cure: write 1 or more, or remove the listeners for connections"),
    ("[media]", "[sip]\ndscp = \"CS9\"\n[media]",
     "t.toml:6:8: sip.dscp: bad value: `CS9` is not a class such as `CS3`, `EF`, `AF31`, nor 0 to 63; cure: correct it; deploy/thirdring.toml shows every key with its form"),
    ("password = \"pw\"", "contact = \"sctp:192.0.2.9:5060\"",
     "t.toml:13:11: agent[0].contact: bad value: `sctp:192.0.2.9:5060` is not a place such as `192.0.2.1:5060` or `tcp:192.0.2.1:5060`; cure: correct it; deploy/thirdring.toml shows every key with its form"),
    ("[\"md5\"]", "[\"md4\"]",
     "t.toml:4:11: sip.listener[0].digest[0]: bad value `md4`; cure: write `md5` or `sha256`"),
    ("[\"md5\"]", "[]",
     "t.toml:4:1: sip.listener[0].digest: no algorithm is offered; cure: write [\"md5\"], [\"sha256\"] or [\"sha256\", \"md5\"]"),
    ("[media]", "[sip]\nregister_min = \"2h\"\n[media]",
     "t.toml:6:1: sip.register_min: longer than `register_max`; cure: write the shorter time here, and in `register_max` the longer"),
    ("[media]", "[sip]\nconnection_idle = \"900ms\"\n[media]",
     "t.toml:6:1: sip.connection_idle: connections would be closed before anything could come by them; cure: write 1s or more"),
    ("[media]", "[sip]\nsession_expires = \"89s\"\n[media]",
     "t.toml:6:1: sip.session_expires: shorter than RFC 4028 allows; cure: write 90s or more"),
    ("[media]", "[sip.ban]\ntries = 0\nwindow = \"0s\"\ntime = \"0s\"\nentries = 0\n[media]",
     "t.toml:6:1: sip.ban.tries: nobody could be told apart by it; cure: write a number from 1 to 1000, such as 20\n\
      t.toml:7:1: sip.ban.window: too short or too long; cure: write a time from `1s` to `1h`, such as `1m`\n\
      t.toml:9:1: sip.ban.entries: no such list can be kept; cure: write a number from 1 to 1000000, such as 10000"),
    ("[media]", "[sip.ban]\ntime = \"10s\"\n[media]",
     "t.toml:6:1: sip.ban.time: too short or too long; cure: write a time from `window` to a year, such as `10m`"),
    ("\"192.0.2.1\"", "\"127.0.0.1\"",
     "t.toml:6:1: media.address: 127.0.0.1 is a loopback address; cure: write the IP that trunk and phones reach; for a test on one machine, set `allow_loopback = true`"),
    ("\"192.0.2.1\"", "\"0.0.0.0\"",
     "t.toml:6:1: media.address: 0.0.0.0 is no address that voice can be sent to; cure: write the IP that trunk and phones reach"),
    ("20000-29999", "20000",
     "t.toml:7:9: media.ports: bad value: `20000` is not a port range such as `20000-29999`; cure: correct it; deploy/thirdring.toml shows every key with its form"),
    ("20000-29999", "20001-29999",
     "t.toml:7:1: media.ports: bad port range 20001-29999: it begins with an odd port; cure: write an even first port and four ports a call, such as `20000-29999`"),
    ("20000-29999", "20000-20002",
     "t.toml:7:1: media.ports: bad port range 20000-20002: it is too small: one call takes four ports; cure: write an even first port and four ports a call, such as `20000-29999`"),
    ("20000-29999", "20000-19999",
     "t.toml:7:1: media.ports: bad port range 20000-19999: it ends before it begins; cure: write an even first port and four ports a call, such as `20000-29999`"),
    ("[media]", "[http]\ncertificate = \"c.pem\"\n[media]",
     "t.toml:6:1: http.certificate: HTTPS needs `key` as well; cure: name a PEM file for each"),
    ("[media]", "[http]\nkey = \"k.pem\"\n[media]",
     "t.toml:6:1: http.key: HTTPS needs `certificate` as well; cure: name a PEM file for each"),
    ("[media]", "[http]\ntrusted_proxies = [\"0.0.0.0/0\"]\n[media]",
     "t.toml:6:1: http.trusted_proxies: `0.0.0.0/0` is everybody: rate limits and the audit would mean nothing; cure: name the proxies' own addresses"),
    ("[media]", "[trace]\nkeep = \"2kB\"\n[media]",
     "t.toml:6:1: trace.keep: too little for a call; cure: write `0` to keep nothing, or `1MB` or more"),
    ("[media]", "[trace]\nkeep = \"much\"\n[media]",
     "t.toml:6:8: trace.keep: bad value: `much` is not a size such as `512MB`; cure: correct it; deploy/thirdring.toml shows every key with its form"),
    ("[media]", "[database]\nurl = \"mysql://x\"\n[media]",
     "t.toml:6:1: database.url: unknown kind of database; cure: write `sqlite:FILE` or `postgres://USER:PASSWORD@HOST/NAME`"),
    ("203.0.113.10", "carrier.example",
     "t.toml:10:13: trunk[0].addresses: bad value: `carrier.example` is neither an IP nor a network such as `203.0.113.0/28`; cure: correct it; deploy/thirdring.toml shows every key with its form"),
    ("[\"203.0.113.10\"]", "[]",
     "t.toml:10:1: trunk[0].addresses: trunk `carrier` has no address; cure: write the networks that its INVITEs come from"),
    ("addresses = [\"203.0.113.10\"]", "",
     "t.toml:8:1: trunk[0].addresses: trunk `carrier` has no address; cure: write the networks that its INVITEs come from"),
    ("[\"203.0.113.10\"]", "[\"203.0.113.10\"]\ndomain = \"c.example\"\npeers = [\"203.0.113.10:5060\"]",
     "t.toml:11:1: trunk[0].domain: trunk `carrier` has a `domain` and `peers`; cure: write one of them: a domain is resolved to its peers"),
    ("[\"203.0.113.10\"]", "[\"203.0.113.10\"]\ndomain = \"sip:c.example\"",
     "t.toml:11:1: trunk[0].domain: `sip:c.example` is no host name; cure: write one such as `sip.carrier.example`"),
    ("[\"203.0.113.10\"]", "[\"203.0.113.10\"]\nprobe = \"1m\"",
     "t.toml:11:1: trunk[0].probe: a trunk that is down would be known after more than a minute; cure: write `50s` or less, or `0s` for no probes"),
    ("[\"203.0.113.10\"]", "[\"203.0.113.10\"]\nregister = { user = \"a\", password = \"b\" }",
     "t.toml:11:1: trunk[0].register: trunk `carrier` has nobody to register with; cure: add `peers = [\"IP:PORT\"]` or `domain` to the trunk"),
    ("[\"203.0.113.10\"]", "[\"203.0.113.10\"]\npeers = [\"203.0.113.10:5060\"]\nregister = { user = \"a\", password = \"b\", expires = \"5s\" }",
     "t.toml:12:42: trunk[0].register.expires: registrations shorter than a minute are a burden; cure: write a time such as `1h`"),
    ("[\"203.0.113.10\"]", "[\"203.0.113.10\"]\nmax_cps = 0",
     "t.toml:11:1: trunk[0].max_cps: trunk `carrier` may carry no call at all; cure: write 1 or more, or remove it"),
    ("[\"203.0.113.10\"]", "[\"203.0.113.10\"]\narea_code = \"Beijing\"",
     "t.toml:11:1: trunk[0].area_code: `Beijing` is no area code; cure: write one such as `010`"),
    ("[\"203.0.113.10\"]", "[\"203.0.113.10\"]\ndialled_from = [\"via\"]",
     "t.toml:11:17: trunk[0].dialled_from[0]: bad value `via`; cure: write one of `request_uri`, `to`, `diversion`, `history_info`"),
    ("[\"203.0.113.10\"]", "[\"203.0.113.10\"]\ndialled_from = []",
     "t.toml:11:1: trunk[0].dialled_from: trunk `carrier` would tell no number dialled; cure: write [\"request_uri\"]"),
    ("agents = [\"1001\"]", "agents = [\"1001\"]\ntrunks = [\"other\"]",
     "t.toml:18:11: line[0].trunks[0]: line `hotline` names unknown trunk `other`; cure: add [[trunk]], or write one of carrier"),
    ("agents = [\"1001\"]", "agents = [\"1001\"]\nnuisance = { numbers = [\"170*\"], policy = \"announce\" }",
     "t.toml:18:34: line[0].nuisance.policy: line `hotline` has no announcement to play; cure: add `announcement`, or write `reject`, `busy` or `last`"),
    ("[\"203.0.113.10\"]", "[\"203.0.113.10\"]\nmedia_source = \"cidr\"",
     "t.toml:8:1: trunk[0].media_networks: these belong to `media_source = \"cidr\"`, and one needs the other; cure: write both, or neither"),
    ("password = \"pw\"", "",
     "t.toml:11:1: agent[0]: agent `1001` has neither `password` nor `contact`; cure: add `password` for a phone that registers, or `contact` for one that does not"),
    ("\"pw\"", "\"\"",
     "t.toml:13:1: agent[0].password: the password is empty; cure: write a long random one"),
    ("\"pw\"", "\"pw\"\nmax_calls = 0",
     "t.toml:14:1: agent[0].max_calls: agent `1001` may have no call at all; cure: write 1 or more"),
    ("[[line]]", "[[agent]]\nextension = \"1001\"\npassword = \"pw\"\n[[line]]",
     "t.toml:15:1: agent[1].extension: extension `1001` already belongs to agent[0]; cure: give each its own"),
    ("extension = \"1001\"", "extension = \"10 01\"",
     "t.toml:12:1: agent[0].extension: bad extension `10 01`; cure: write digits, such as `1001`\n\
      t.toml:17:11: line[0].agents[0]: line `hotline` names unknown agent `1001`; cure: add [[agent]], or write one of 10 01"),
    ("[\"1001\"]", "[\"1001\", \"1009\"]",
     "t.toml:17:19: line[0].agents[1]: line `hotline` names unknown agent `1009`; cure: add [[agent]], or write one of 1001"),
    ("[\"1001\"]", "[\"1001\", \"1001\"]",
     "t.toml:17:19: line[0].agents[1]: agent `1001` stands here twice; cure: remove one"),
    ("[\"1001\"]", "[]",
     "t.toml:17:1: line[0].agents: line `hotline` has no agent; cure: write the extensions of those who answer it"),
    ("[\"4001234567\"]", "[\"400 123\"]",
     "t.toml:16:11: line[0].numbers: bad value: `400 123` is not a number such as `4001234567`, nor a prefix such as `400*`; cure: correct it; deploy/thirdring.toml shows every key with its form"),
    ("[\"4001234567\"]", "[]",
     "t.toml:16:1: line[0].numbers: line `hotline` has no number; cure: write the number that callers dial"),
    ("[[line]]", "[[line]]\nname = \"sales\"\nnumbers = [\"4001234567\"]\nagents = [\"1001\"]\n[[line]]",
     "t.toml:20:12: line[1].numbers[0]: number 4001234567 already belongs to line `sales`; cure: remove it from one of them"),
    ("agents = [\"1001\"]", "agents = [\"1001\"]\nprofile = \"within_4\"",
     "t.toml:18:1: line[0].profile: line `hotline` names unknown profile `within_4`; cure: write one of within_3, within_3_strict, between_2_and_3, after_2_before_3, before_3, at_2, max_5, immediate"),
    ("agents = [\"1001\"]", "agents = [\"1001\"]\nprofile = { early_below = \"1s\" }",
     "t.toml:18:11: line[0].profile: key `target_from` is missing; cure: add it"),
    ("agents = [\"1001\"]", "agents = [\"1001\"]\nprofile = { early_below = \"9s\", target_from = \"1s\", target_to = \"2s\", late_from = \"3s\", apology_from = \"3s\" }",
     "t.toml:18:1: line[0].profile: the bounds are out of order; cure: write early_below <= target_from < target_to <= late_from"),
    ("agents = [\"1001\"]", "agents = [\"1001\"]\ncadence = { on = \"0s\", off = \"4s\" }",
     "t.toml:18:1: line[0].cadence: a ring needs a tone, and neither tone nor silence lasts over a minute; cure: write { on = \"1s\", off = \"4s\" }, or your network's own"),
    ("agents = [\"1001\"]", "agents = [\"1001\"]\nattempt_rings = { shared = 0 }",
     "t.toml:18:1: line[0].attempt_rings: an agent's phone must ring at least once; cure: write 1 or more"),
    ("agents = [\"1001\"]", "agents = [\"1001\"]\nmin_ring = \"15s\"",
     "t.toml:18:1: line[0].min_ring: it would ring for longer than the profile's target or `max_preanswer`; cure: write a shorter time such as `1s`"),
    ("agents = [\"1001\"]", "agents = [\"1001\"]\nmin_ring = \"2s\"\nmax_preanswer = \"2s\"",
     "t.toml:18:1: line[0].min_ring: it would ring for longer than the profile's target or `max_preanswer`; cure: write a shorter time such as `1s`"),
    ("agents = [\"1001\"]", "agents = [\"1001\"]\nmax_preanswer = \"0s\"",
     "t.toml:18:1: line[0].max_preanswer: no caller would wait at all; cure: write a time such as `45s`"),
    ("agents = [\"1001\"]", "agents = [\"1001\"]\nnotice = \"../secret.wav\"",
     "t.toml:18:1: line[0].notice: not the name of a file in the prompts folder; cure: write a name such as `recording-notice.wav`"),
    ("agents = [\"1001\"]", "agents = [\"1001\"]\ndefault_purpose = \"chat\"",
     "t.toml:18:1: line[0].default_purpose: line `hotline` names unknown purpose `chat`; cure: write one of those that `thirdring purposes` lists"),
    ("agents = [\"1001\"]", "agents = [\"1001\"]\npurposes = [{ code = \"a\", name = \"A\" }, { code = \"a\", name = \"B\" }]",
     "t.toml:18:43: line[0].purposes[1].code: code `a` stands there twice; cure: give each its own"),
    ("[media]", "[desk]\nscreen_pop = \"https://{number}/\"\n[media]",
     "t.toml:6:1: desk.screen_pop: a place before the path: it would name the host; cure: write a URL such as `https://crm.example.com/?from={number}&call={call}`"),
    ("[media]", "[[webhook]]\nname = \"crm\"\nurl = \"http://crm.example.com/\"\nsecret = \"whsec_c2hvcnQ=\"\nevents = [\"sms.requested\"]\ntimeout = \"0s\"\n[media]",
     "t.toml:7:1: webhook[0].url: messages could be read on the way; cure: write an `https://` URL, or `allow_private = true` for one in your own network\n\
      t.toml:8:1: webhook[0].secret: no secret that messages can be signed with; cure: write `whsec_` and the output of `openssl rand -base64 32`\n\
      t.toml:10:1: webhook[0].timeout: too short or too long; cure: write a time from `1s` to `1m`\n\
      t.toml:9:1: webhook[0].events: a short message is of no use without its number; cure: write `numbers = true`, or remove `sms.requested`"),
    ("agents = [\"1001\"]", "agents = [\"1001\"]\noutcomes = [{ code = \"a\", name = \"A\", parent = \"b\" }]",
     "t.toml:18:39: line[0].outcomes[0].parent: `a` is a kind of `b`, which does not stand before it; cure: name one that stands before it"),
    ("agents = [\"1001\"]", "agents = [\"1001\"]\nform = [{ name = \"size\", label = \"S\", kind = \"choice\" }]",
     "t.toml:18:9: line[0].form[0].choices: field `size` has no choice to make; cure: write `kind = \"choice\"` with its `choices`, or neither"),
    ("agents = [\"1001\"]", "agents = [\"1001\"]\nform = [{ name = \"size\", label = \"S\", kind = \"choice\", choices = [\"a\"], choices_en = [\"A\", \"B\"] }]",
     "t.toml:18:73: line[0].form[0].choices_en: field `size` has other choices in English; cure: write one for each of the `choices`, in their order, or none"),
    ("agents = [\"1001\"]", "agents = [\"1001\"]\nform = [{ name = \"size\", label = \"S\", purposes = [\"chat\"] }]\npurposes = [{ code = \"a\", name = \"A\" }]",
     "t.toml:18:51: line[0].form[0].purposes[0]: field `size` names unknown purpose `chat`; cure: add it to `purposes`, or write one of a"),
    ("agents = [\"1001\"]", "agents = [\"1001\"]\nmanners = { shift_leader = \"1009\" }",
     "t.toml:18:13: line[0].manners.shift_leader: line `hotline` names unknown agent `1009`; cure: add [[agent]], or write one of 1001"),
    ("agents = [\"1001\"]", "agents = [\"1001\"]\nmanners = { hold_warn = \"2m\" }",
     "t.toml:18:13: line[0].manners.hold_warn: a hold is very long before it is long; cure: write hold_warn <= hold_long"),
    ("agents = [\"1001\"]", "agents = [\"1001\"]\ntransfer = { trunk = \"other\" }",
     "t.toml:18:14: line[0].transfer.trunk: line `hotline` names unknown trunk `other`; cure: add [[trunk]], or write one of carrier"),
    ("agents = [\"1001\"]", "agents = [\"1001\"]\ntransfer = { trunk = \"carrier\" }",
     "t.toml:18:14: line[0].transfer.trunk: trunk `carrier` has no `peers` to send calls to; cure: add `peers = [\"IP:PORT\"]` to the trunk"),
    ("agents = [\"1001\"]", "agents = [\"1001\"]\ntransfer = { prefixes = [\"1\"] }",
     "t.toml:18:1: line[0].transfer: outside numbers are allowed, but no trunk is named; cure: add `trunk`, or write one of carrier"),
    ("agents = [\"1001\"]", "",
     "t.toml:14:1: line[0].agents: line `hotline` has no agent; cure: write the extensions of those who answer it"),
    ("agents = [\"1001\"]", "queue = \"service\"",
     "t.toml:17:1: line[0].queue: line `hotline` names unknown queue `service`; cure: add [[queue]]"),
    ("agents = [\"1001\"]", "agents = [\"1001\"]\nstrategy = \"skills\"\nurgency = 10",
     "t.toml:18:1: line[0].strategy: line `hotline` rings by skills, which only a queue can weigh; cure: add [[queue]] with `skills`, and name it in `queue`\n\
      t.toml:19:1: line[0].urgency: line `hotline` is more urgent than there is; cure: write 0 to 9"),
    ("agents = [\"1001\"]", "agents = [\"1001\"]\nqueue = \"service\"\n[[queue]]\nname = \"service\"\nagents = [\"1001\"]",
     "t.toml:18:1: line[0].queue: line `hotline` has a queue, and `agents` or `strategy` beside it; cure: write them in the queue"),
    ("agents = [\"1001\"]", "agents = [\"1001\"]\n[[queue]]\nname = \"hotline\"\nagents = [\"1001\"]",
     "t.toml:19:1: queue[0].name: line `hotline` has a queue of its own by this name; cure: write `queue` in the line instead of `agents`, or another name here"),
    ("password = \"pw\"", "password = \"pw\"\ntrainee = true\nskills = { repair = 0 }",
     "t.toml:15:1: agent[0].skills: a level is out of range; cure: write a number from 1 to 100\n\
      t.toml:19:11: line[0].agents[0]: agent `1001` is a trainee, who gets no customer; cure: remove the agent here, or `trainee` there"),
    ("agents = [\"1001\"]", "queue = \"q\"\n[[queue]]\nname = \"q\"\nagents = [\"1001\"]\nstrategy = \"skills\"",
     "t.toml:18:1: queue[0].skills: queue `q` rings by skills, and names none; cure: write such as { repair = 3, english = 1 }"),
    ("agents = [\"1001\"]", "queue = \"q\"\n[[queue]]\nname = \"q\"\nagents = [\"1001\"]\nskills = { repair = 101 }",
     "t.toml:21:1: queue[0].skills: queue `q` names skills, and does not ring by them; cure: write strategy = \"skills\", or remove them\n\
      t.toml:21:1: queue[0].skills: a weight is out of range; cure: write a number from 1 to 100"),
    ("agents = [\"1001\"]", "queue = \"q\"\n[[queue]]\nname = \"q\"\nagents = [\"1001\"]\n[[queue.overflow]]\nqueue = \"q\"\n[[queue.overflow]]\nrings = 3",
     "t.toml:21:1: queue[0].overflow[0]: a step needs one time; cure: write `after = \"20s\"`, or `rings = 3`\n\
      t.toml:22:1: queue[0].overflow[0].queue: no other queue `q`; cure: add [[queue]]\n\
      t.toml:23:1: queue[0].overflow[1]: a step needs somebody who joins; cure: write either `agents` or `queue`"),
    ("agents = [\"1001\"]", "queue = \"q\"\n[[queue]]\nname = \"q\"\nagents = [\"1001\"]\nminimum_at = [{ hours = [\"mon 9-12\"], agents = 1 }]",
     "t.toml:21:17: queue[0].minimum_at[0].hours: `mon 9-12` is no span of hours such as `mon-fri 09:00-12:00`; cure: write days, a space, and times"),
    ("[media]", "[desk]\nbreaks = [{ reason = \"meal\", longest = \"0s\" }]\n[media]",
     "t.toml:6:30: desk.breaks[0].longest: a break for `meal` would be too long at once; cure: write such as \"45m\""),
    ("[media]", "[desk]\nabsent_after = \"0s\"\n[media]",
     "t.toml:6:1: desk.absent_after: whose phone registers anew would be absent; cure: write 1s or more"),
    ("[media]", "[desk]\nmost_missed = 0\n[media]",
     "t.toml:6:1: desk.most_missed: every agent would be taken out at once; cure: write 1 or more, or remove it"),
    ("[[line]]", "[[outbound]]\nname = \"sales\"\nagents = [\"1009\"]\nprefixes = []\ntrunk = \"carrier\"\ncaller_id = \"me\"\n[[line]]",
     "t.toml:16:11: outbound[0].agents[0]: outbound `sales` names unknown agent `1009`; cure: add [[agent]], or write one of 1001\n\
      t.toml:17:1: outbound[0].prefixes: outbound `sales` allows no number; cure: write what the numbers begin with, or remove the section\n\
      t.toml:18:1: outbound[0].trunk: trunk `carrier` has no `peers` to send calls to; cure: add `peers = [\"IP:PORT\"]` to the trunk\n\
      t.toml:19:1: outbound[0].caller_id: `me` is no telephone number; cure: write digits, with a + for an international number"),
];

#[test]
fn each_mistake_gives_one_message_with_file_line_key_and_cure() {
    Config::parse(GOOD, Path::new("t.toml")).unwrap();
    let wrong = MISTAKES.iter().filter_map(|(piece, mistake, expected)| {
        let text = GOOD.replacen(piece, mistake, 1);
        let said = match Config::parse(&text, Path::new("t.toml")) {
            Ok(_) => "no problem found".to_owned(),
            Err(error) => error.to_string(),
        };
        let report = format!("{mistake}\n  expected {expected}\n  said     {said}\n");
        (said != *expected).then_some(report)
    });
    let wrong: String = wrong.collect();
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn all_mistakes_are_told_at_once() {
    let text = GOOD
        .replace("20000-29999", "20001-29999")
        .replace("\"pw\"", "\"\"");
    let error = Config::parse(&text, Path::new("t.toml")).unwrap_err();
    assert_eq!(error.problems.len(), 2, "{error}");
}

/// R016, R017, R186, R218: what lines do by themselves, and their calendars: each mistake is told with
/// its key.
#[test]
fn mistakes_in_what_lines_do_by_themselves_are_told() {
    let calendar = "[[calendar]]\nname = \"office\"\nhours = [\"mon-fri 09:00-18:00\"]\n[[line]]";
    let closes =
        "agents = [\"1001\"]\ncalendar = \"office\"\nafter_hours = [\"announcement:a.wav\"]";
    let line = |keys: &str| {
        GOOD.replace(
            "agents = [\"1001\"]",
            &format!("agents = [\"1001\"]\n{keys}"),
        )
    };
    let file = Path::new("t.toml");
    let good = GOOD
        .replace("[[line]]", calendar)
        .replace("agents = [\"1001\"]", closes);
    assert!(Config::parse(&good, file).is_ok(), "the control");
    let mistakes = [
        (
            good.replace("mon-fri 09", "mo-fr 9"),
            "calendar[0].hours[0]: `mo-fr 9",
        ),
        (
            good.replace("[\"mon-fri 09:00-18:00\"]", "[]"),
            "calendar[0].hours: calendar `office` is never open",
        ),
        (
            line("calendar = \"shop\"\nafter_hours = [\"agents\"]"),
            "line[0].calendar: line `hotline` names unknown calendar `shop`",
        ),
        (
            line("after_hours = [\"agents\"]"),
            "line[0].after_hours: line `hotline` has no calendar",
        ),
        (
            good.replace("\nafter_hours = [\"announcement:a.wav\"]", ""),
            "line[0].calendar: line `hotline` does not say what happens after hours",
        ),
        (
            line("unanswered = [\"message\"]"),
            "line[0].unanswered[0]: line `hotline` does not say how messages are taken",
        ),
        (
            line("unanswered = [\"message\"]\nmessage = { prompt = \"m.wav\" }\nrecord = \"off\""),
            "calls are not recorded",
        ),
        (
            line("unanswered = [\"message\", \"agents\"]\nmessage = { prompt = \"m.wav\" }"),
            "line[0].unanswered[0]: nothing comes after this step",
        ),
        (line("unanswered = [\"sing\"]"), "unknown step `sing`"),
        (
            line("unanswered = [\"line:hotline\"]"),
            "line[0].unanswered[0]: there is no other line `hotline`",
        ),
        (
            line("unanswered = [\"agents:1009\"]"),
            "line[0].unanswered[0]: unknown agent `1009`",
        ),
        (
            line("menu = { prompt = \"m.wav\", keys = { \"x\" = [\"agents\"] } }"),
            "line[0].menu.keys: `x` is no key of a telephone",
        ),
        (
            line("menu = { prompt = \"m.wav\", keys = {} }"),
            "line[0].menu.keys: no key leads anywhere",
        ),
        (
            line("survey = { prompt = \"s.wav\", scores = \"11\" }"),
            "line[0].survey.scores: scores are two or more digits",
        ),
        (
            line("survey = { prompt = \"s.wav\", refuse = \"5\" }"),
            "line[0].survey.refuse: the key",
        ),
        (
            line("survey = { prompt = \"s.wav\", wait = \"0s\" }"),
            "line[0].survey.wait: too short or too long",
        ),
        (
            line("emergency = [\"../x.wav\"]"),
            "line[0].emergency: not the name of a file",
        ),
    ];
    for (text, told) in mistakes {
        let error = Config::parse(&text, file).unwrap_err().to_string();
        assert!(error.contains(told), "no `{told}` in {error}");
    }
}

/// R023, R024, R040, R079: what a line has its agents say and write down: each mistake is told with its
/// key.
#[test]
fn mistakes_in_what_lines_ask_of_agents_are_told() {
    let line = |keys: &str| {
        GOOD.replace(
            "agents = [\"1001\"]",
            &format!("agents = [\"1001\"]\n{keys}"),
        )
    };
    let file = Path::new("t.toml");
    let mistakes = [
        (
            line("script = { morning_until = 25 }"),
            "line[0].script.morning_until: no day has an hour 25",
        ),
        (
            line("script = { holidays = { \"春节\" = \"新年好!\" } }"),
            "line[0].script.holidays: line `hotline` has no calendar",
        ),
        (
            line(
                "script = { texts = [{ moment = \"hold\", part = \"phrase\", text = \"a\" }, \
                 { moment = \"hold\", part = \"phrase\", text = \"b\" }] }",
            ),
            "line[0].script.texts[1]: the same part",
        ),
        (
            line("stages = { hold = \"0s\" }"),
            "line[0].stages.hold: no time at all",
        ),
        (
            line("unidentified = [\"weather\"]"),
            "line[0].unidentified[0]: line `hotline` names unknown purpose `weather`",
        ),
    ];
    for (text, told) in mistakes {
        let error = Config::parse(&text, file).unwrap_err().to_string();
        assert!(error.contains(told), "no `{told}` in {error}");
    }
}

/// R016: the days of 2026 as the State Council published them can be read, and hold together; what
/// `calendar import` takes in counts, and what contradicts itself it refuses.
#[test]
fn a_years_holidays_are_imported() {
    let days = thirdring::config::year_days(Path::new("deploy/calendars/cn-2026.toml")).unwrap();
    assert_eq!((days.year, days.holidays.len()), (2026, 7));
    let rest: i32 = days
        .holidays
        .iter()
        .map(|it| (it.to - it.from).get_days() + 1)
        .sum();
    let worked: usize = days.holidays.iter().map(|it| it.workdays.len()).sum();
    assert_eq!((rest, worked), (33, 6));

    let folder = tempfile::tempdir().unwrap();
    let calendar = "[[calendar]]\nname = \"office\"\nhours = [\"mon-fri 09:00-18:00\"]\nholidays = \"years\"\n";
    fs::write(folder.path().join("t.toml"), format!("{GOOD}{calendar}")).unwrap();
    let next = "year = 2027\nsource = \"a test\"\n[[holiday]]\nname = \"元旦\"\nfrom = \"2027-01-01\"\nto = \"2027-01-03\"\n";
    fs::write(folder.path().join("next.toml"), next).unwrap();
    fs::write(
        folder.path().join("bad.toml"),
        next.replace("2027-01-03", "2026-12-31"),
    )
    .unwrap();
    let import = |file: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_thirdring"));
        command
            .args(["calendar", "import"])
            .arg(folder.path().join(file));
        command.arg("--config").arg(folder.path().join("t.toml"));
        command.output().unwrap()
    };
    assert!(!import("bad.toml").status.success());
    let done = import("next.toml");
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    assert!(
        import("next.toml").status.success(),
        "once more is the same"
    );
    let there = folder.path().join("years/2027.toml");
    assert_eq!(fs::read_to_string(there).unwrap(), next);
    assert_eq!(
        fs::read_dir(folder.path().join("years")).unwrap().count(),
        1
    );
}

/// Passwords would go over it: told, and no reason not to start.
#[test]
fn http_in_the_clear_beyond_loopback_is_warned_of() {
    let warnings = |http: &str| {
        let text = format!("[http]\n{http}\n{GOOD}");
        let config = Config::parse(&text, Path::new("t.toml")).unwrap();
        let told = config.warnings();
        told.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let expected = "t.toml:2:1: http.listen: passwords and recordings go over the network in the \
                    clear; cure: name `certificate` and `key`, or listen on 127.0.0.1 behind a proxy";
    let open = "listen = \"192.0.2.1:8080\"";
    assert_eq!(warnings(open), [expected]);
    assert!(warnings("listen = \"127.0.0.1:8080\"").is_empty());
    let secure = format!("{open}\ncertificate = \"c.pem\"\nkey = \"k.pem\"");
    assert!(warnings(&secure).is_empty());
}

/// A 400 number can be called and cannot call (DESIGN §10): told, and no reason not to start.
#[test]
fn a_400_number_as_caller_id_is_warned_of() {
    let warnings = |caller_id: &str| {
        let text = GOOD.replace(
            "[\"203.0.113.10\"]",
            "[\"203.0.113.10\"]\npeers = [\"203.0.113.10:5060\"]",
        );
        let outbound = format!(
            "[[outbound]]\nname = \"sales\"\nagents = [\"1001\"]\nprefixes = [\"1\"]\n\
             trunk = \"carrier\"\ncaller_id = \"{caller_id}\"\n"
        );
        let config = Config::parse(&(text + &outbound), Path::new("t.toml")).unwrap();
        let told = config.warnings();
        told.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let expected = "t.toml:24:1: outbound[0].caller_id: 4001234567 can be called, but cannot call; \
                    cure: write a number that your carrier lets you present";
    assert_eq!(warnings("4001234567"), [expected]);
    assert!(warnings("01012345678").is_empty());
}

#[test]
fn folders_and_prompts_are_looked_at() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("t.toml");
    let notice = format!("{GOOD}notice = \"n.wav\"\n");
    let found = |text: &str| match Config::parse(text, &file).unwrap().check_host() {
        Ok(()) => String::new(),
        Err(error) => error
            .to_string()
            .replace(&dir.path().display().to_string(), "DIR"),
    };
    assert_eq!(
        found(&notice),
        "DIR/t.toml:18:1: line[0].notice: prompt file DIR/prompts/n.wav cannot be read: \
         No such file or directory (os error 2); cure: put a WAV file there (any rate, \
         mono or stereo), or correct `media.prompts`"
    );
    assert!(dir.path().join("data/recordings").is_dir());
    fs::create_dir(dir.path().join("prompts")).unwrap();
    fs::write(dir.path().join("prompts/n.wav"), b"RIFF").unwrap();
    assert_eq!(found(&notice), "");

    fs::write(dir.path().join("file"), b"").unwrap();
    assert_eq!(
        found(&format!("[recording]\nfolder = \"file/below\"\n{GOOD}")),
        "DIR/t.toml:2:1: recording.folder: folder DIR/file/below cannot be made: \
         Not a directory (os error 20); cure: name a folder that this user may make, \
         or make it by hand"
    );
}

#[test]
fn config_check_exits_with_2_and_names_what_is_wrong() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("t.toml");
    let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let text = GOOD
        .replace("192.0.2.1:5060", &format!("127.0.0.1:{port}"))
        .replace("\"192.0.2.1\"", "\"127.0.0.1\"\nallow_loopback = true")
        + "[http]\nlisten = \"127.0.0.1:0\"\n";
    fs::write(&file, &text).unwrap();
    assert_eq!(
        check(&file),
        (
            2,
            format!(
                "{}:3:1: sip.listener[0].address: port {port} of 127.0.0.1 is in use; cure: stop \
                 the program that has it (`ss -lnptu` tells which), or write another port\n",
                file.display()
            )
        )
    );
    drop(taken);
    assert_eq!(check(&file), (0, String::new()));

    fs::write(&file, text.replace("127.0.0.1:0", "192.0.2.1:80")).unwrap();
    let (code, said) = check(&file);
    assert_eq!(code, 2);
    assert!(
        said.contains("http.listen: 192.0.2.1 is no address of this machine; cure: "),
        "{said}"
    );

    fs::create_dir(dir.path().join("prompts")).unwrap();
    fs::write(dir.path().join("prompts/n.wav"), b"RIFF").unwrap();
    let with_notice = text.replace(
        "agents = [\"1001\"]",
        "agents = [\"1001\"]\nnotice = \"n.wav\"",
    );
    fs::write(&file, with_notice).unwrap();
    let (code, said) = check(&file);
    assert_eq!(code, 2);
    assert!(said.contains("19:1: line[0].notice: no prompt: "), "{said}");
    assert!(said.ends_with("sox IN OUT.wav\n"), "{said}");

    let missing = dir.path().join("missing.toml");
    let (code, said) = check(&missing);
    assert_eq!(code, 2);
    assert!(
        said.contains("missing.toml: cannot be read: No such file"),
        "{said}"
    );
}

#[test]
fn init_writes_a_configuration_that_holds_and_never_writes_over_one() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("new/thirdring.toml");
    let init = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_thirdring"));
        command.args([
            "init",
            "--address",
            "127.0.0.1",
            "--number",
            "4007654321",
            "--dir",
        ]);
        command.arg(dir.path().join("new")).output().unwrap()
    };
    let output = init();
    assert!(output.status.success(), "{output:?}");
    let config = Config::load(&file).unwrap();
    let (code, complaints) = check(&file);
    let harmless = complaints.lines().all(|line| line.contains("is in use"));
    assert!(code == 0 || harmless, "{complaints}");
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("send calls for    4007654321\n"), "{said}");
    for agent in &config.agents {
        let Some(PhonePassword::Plain(password)) = &agent.password else {
            panic!("agent `{}` has no password", agent.extension);
        };
        let password = password.reveal();
        assert!(password.len() >= 16 && said.contains(password), "{said}");
    }
    assert_ne!(config.agents[0].password, config.agents[1].password);

    let again = init();
    assert_eq!(again.status.code(), Some(1));
    let said = String::from_utf8(again.stderr).unwrap();
    assert!(
        said.contains("is not written over: name another folder with --dir"),
        "{said}"
    );
}

#[test]
fn the_reference_explains_every_key_and_shows_the_defaults() {
    let file = Path::new("deploy/thirdring.toml");
    let text = fs::read_to_string(file).unwrap();
    let reference = Config::parse(&text, file).unwrap();
    let plain = Config::parse(GOOD, file).unwrap();
    let (agent, line) = (&reference.agents[0], &reference.lines[0]);
    let (plain_agent, plain_line) = (&plain.agents[0], &plain.lines[0]);
    let mut pairs = vec![
        (
            format!("{:?}", reference.service),
            format!("{:?}", plain.service),
        ),
        (format!("{:?}", reference.desk), format!("{:?}", plain.desk)),
        (format!("{:?}", reference.log), format!("{:?}", plain.log)),
        (format!("{:?}", reference.http), format!("{:?}", plain.http)),
        (
            format!("{:?}", reference.sip.realm),
            format!("{:?}", plain.sip.realm),
        ),
        (
            format!("{:?}", reference.sip.register_min),
            format!("{:?}", plain.sip.register_min),
        ),
        (
            format!("{:?}", reference.sip.register_max),
            format!("{:?}", plain.sip.register_max),
        ),
        (
            format!("{:?}", reference.sip.session_expires),
            format!("{:?}", plain.sip.session_expires),
        ),
        (
            format!("{:?}", reference.sip.ban),
            format!("{:?}", plain.sip.ban),
        ),
        (
            format!("{:?}", reference.sip.listeners[0].digest),
            format!("{:?}", plain.sip.listeners[0].digest),
        ),
        (
            format!("{:?}", reference.media.ports),
            format!("{:?}", plain.media.ports),
        ),
        (
            format!("{:?}", reference.media.prompts),
            format!("{:?}", plain.media.prompts),
        ),
        (
            format!("{:?}", reference.recording),
            format!("{:?}", plain.recording),
        ),
        (
            format!("{:?}", reference.trace),
            format!("{:?}", plain.trace),
        ),
        (
            reference.database.url.reveal().to_owned(),
            plain.database.url.reveal().to_owned(),
        ),
        (
            format!("{:?}", agent.max_calls),
            format!("{:?}", plain_agent.max_calls),
        ),
    ];
    let of_line = |line: &thirdring::config::Line| {
        let mut line = line.clone();
        line.purposes.clear();
        line.default_purpose = None;
        format!("{line:?}")
    };
    pairs.push((of_line(line), of_line(plain_line)));
    for (shown, default) in pairs {
        assert_eq!(shown, default);
    }

    let mut missing = Vec::new();
    for (section, key) in keys() {
        let stands = section_text(&text, &section).lines().any(|line| {
            let line = line.trim_start_matches(['#', ' ']);
            line.starts_with(&format!("{key} = "))
                || line.contains(&format!("{{ {key} = "))
                || line.contains(&format!(", {key} = "))
                || line.contains(&format!(" {key} = "))
        });
        if !stands {
            missing.push(format!("{section}.{key}"));
        }
    }
    assert!(missing.is_empty(), "not in {}: {missing:?}", file.display());
}

/// Every (section, key) of the configuration's types, as the parser itself lists them when it
/// meets a key that it does not know.
fn keys() -> Vec<(String, String)> {
    let tables = [
        ("service", "[service]"),
        ("log", "[log]"),
        ("http", "[http]"),
        ("sip", "[sip]"),
        ("sip.ban", "[sip.ban]"),
        ("sip.listener", "[[sip.listener]]"),
        ("media", "[media]"),
        ("recording", "[recording]"),
        ("recording", "[recording.copy]"),
        ("trace", "[trace]"),
        ("database", "[database]"),
        ("desk", "[desk]"),
        ("topics", "[topics]"),
        ("trunk", "[[trunk]]"),
        ("trunk", "[[trunk]]\n[trunk.register]"),
        ("agent", "[[agent]]"),
        ("queue", "[[queue]]"),
        ("queue", "[[queue]]\n[[queue.overflow]]"),
        ("outbound", "[[outbound]]"),
        ("line", "[[line]]"),
        ("line", "[[line]]\n[line.profile]"),
        ("line", "[[line]]\n[line.cadence]"),
        ("line", "[[line]]\n[line.attempt_rings]"),
        ("line", "[[line]]\n[[line.purposes]]"),
        ("line", "[[line]]\n[[line.outcomes]]"),
        ("line", "[[line]]\n[[line.form]]"),
        ("line", "[[line]]\n[line.transfer]"),
        ("line", "[[line]]\n[line.nuisance]"),
        ("line", "[[line]]\n[line.greeting]"),
        ("line", "[[line]]\n[line.menu]"),
        ("line", "[[line]]\n[line.message]"),
        ("line", "[[line]]\n[line.waiting]"),
        ("line", "[[line]]\n[line.survey]"),
        ("calendar", "[[calendar]]"),
        ("team", "[[team]]"),
        ("emergency", "[[emergency]]"),
        ("webhook", "[[webhook]]"),
        ("line", "[[line]]\n[line.manners]"),
        ("line", "[[line]]\n[line.script]"),
        ("line", "[[line]]\n[line.script]\n[[line.script.texts]]"),
        ("line", "[[line]]\n[line.stages]"),
        ("line", "[[line]]\n[line.quality_desk]"),
    ];
    let sections: BTreeSet<_> = known_keys("").into_iter().collect();
    let covered = tables.iter().map(|(name, _)| (*name).to_owned());
    let covered: BTreeSet<_> = covered.filter(|name| !name.contains('.')).collect();
    assert_eq!(sections, covered, "a section is not covered by this test");
    let keys = tables.iter().flat_map(|(section, header)| {
        let keys = known_keys(header).into_iter();
        keys.map(|key| ((*section).to_owned(), key))
    });
    // Sections of their own.
    let is_section = |key: &str| ["listener", "ban"].contains(&key);
    keys.filter(|(section, key)| section != "sip" || !is_section(key))
        .collect()
}

/// The keys that the table after `header` may have.
fn known_keys(header: &str) -> Vec<String> {
    let text = format!("{header}\nno_such_key = 1\n");
    let error = Config::parse(&text, Path::new("t.toml")).unwrap_err();
    let cure = &error.problems[0].cure;
    let quoted = cure.split('`').skip(1).step_by(2);
    quoted.map(str::to_owned).collect()
}

/// The text from the section's header to the next.
fn section_text<'a>(text: &'a str, section: &str) -> &'a str {
    let header = |open: &str, close: &str| text.find(&format!("\n{open}{section}{close}\n"));
    let from = header("[", "]").or_else(|| header("[[", "]]")).unwrap() + 2;
    let to = text[from..].find("\n[").map_or(text.len(), |at| from + at);
    &text[from..to]
}

fn check(file: &Path) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_thirdring"));
    command.args(["config", "check", "--config"]).arg(file);
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    (output.status.code().unwrap(), said)
}
