//! SIP, RFC 3261: messages, transactions, dialogs and the endpoint that owns them. Sans-IO.

pub mod timers;
pub mod transaction;
