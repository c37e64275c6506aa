//! What is known of a caller stands in the rows, and nowhere else.

use crate::peer::Peer;
use crate::service::Service;
use crate::sipp::{Sipp, play};
use crate::site::{Line, Site};
use crate::talk::NUMBER;

const CALLER: &str = "13912345678";
const NAME: &str = "WangXiaoming";

/// R231: neither the number nor the name is in the log, at `info` or at `debug`, in a metric, or in the
/// name of a file; they are where they belong, in the row, which is the control. A caller who is refused is
/// no more in the log than one who is answered.
#[test]
fn a_caller_is_in_no_log_and_no_metric() {
    for level in ["info", "thirdring=debug"] {
        let site = Site::new().agent(1);
        let (folder, network) = site.line(&Line::new("hotline", NUMBER, &[1])).write();
        let environment = vec![("RUST_LOG", level.into())];
        let service = Service::start_with(folder, network, environment);
        let network = service.network();
        let phone = Sipp::new("agent", network.agent(1));
        let caller = Sipp::new("caller", network.trunk())
            .dial(NUMBER)
            .with("caller", CALLER)
            .with("name", NAME);
        let row = play(&service, phone, caller);
        let party = row["caller"].as_str().unwrap();
        assert_eq!(row["parties"][party]["number"], CALLER);
        assert_eq!(row["parties"][party]["name"], NAME);
        let mut refused = Peer::new(network.caller(2), network);
        refused.dial_named(NAME, "4009999999", refused.plain());
        let refusal = refused.expect_refusal(404);
        refused.ack_refusal(&refusal);
        service.ended(2);
        let log = service.log();
        let id = row["id"].as_str().unwrap();
        assert!(log.contains(id), "the log is not of this call");
        for secret in [CALLER, NAME] {
            assert!(!log.contains(secret), "{secret} in the log of {level}");
            assert!(!service.get("/metrics").unwrap().contains(secret));
        }
        let path = service.recording_path(&row).display().to_string();
        assert!(!path.contains(CALLER) && path.contains(id));
        service.stop();
    }
}
