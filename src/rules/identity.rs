//! Who called, and what he wants: the fields that every line's form begins with, and which of them a
//! record needs (R078, R079, R083, R084, R093, R100; X07).
//!
//! Name, contact and request are the least there must be. What we know without asking needs not be
//! written down again: a caller whose number came has left a contact, and a customer in the file has
//! a name. Whoever does not want to be known is `anonymous`, with a reason.

use serde_json::Value;

use super::form::{ChoiceName, Field, FieldFault, FieldKind, FieldValues, FieldWrong, Form};
use super::script::CustomerType;
use super::{Fault, LineRules};

/// What the caller is called.
pub const NAME: &str = "name";
/// How the caller can be reached.
pub const CONTACT: &str = "contact";
/// Where the caller lives, or where it is.
pub const ADDRESS: &str = "address";
/// What the caller wants (诉求).
pub const REQUEST: &str = "request";
/// The caller does not want to be known.
pub const ANONYMOUS: &str = "anonymous";
/// Why not, as far as it was said.
pub const ANONYMOUS_REASON: &str = "anonymous_reason";
/// The caller was told that we are sorry for the wait (R011).
pub const APOLOGY_GIVEN: &str = "apology_given";

/// What kind of caller it was (R100).
pub const CUSTOMER_TRAIT: &str = "customer_trait";

/// Whose it is, where it is not ours (R107).
pub const OUTSIDE_UNIT: &str = "outside_unit";
/// The caller was told whose it is (R107).
pub const OUTSIDE_UNIT_TOLD: &str = "outside_unit_told";

/// Outcomes of what is not ours.
const OUT_OF_SCOPE: &str = "out_of_scope";
/// Outcomes that need somebody to be called back.
const CALL_BACK: &str = "callback";

/// Whether a record needs to say who called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Identity {
    /// Without name, contact and request nothing is closed (R079).
    Required,
    /// It is asked, and can be left out.
    #[default]
    Asked,
}

/// What is known of a call without anybody's writing it down.
#[expect(clippy::struct_excessive_bools, reason = "each is known or not")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// The caller is in the customers' file.
    pub has_name: bool,
    /// The caller's number came, and is not withheld.
    pub has_number: bool,
    /// The note has a text.
    pub has_text: bool,
    /// The answer came so late that an apology was owed (R011).
    pub owes_apology: bool,
    /// It was said how the matter is dealt with (R117).
    pub is_handled: bool,
}

/// Whether these values say that the caller wants to stay unknown.
pub fn is_anonymous(values: &FieldValues) -> bool {
    values.get(ANONYMOUS) == Some(&Value::Bool(true))
}

/// The fields that every form begins with.
fn standard() -> Vec<Field> {
    let field = |name: &str, label: &str, english: &str, kind, purposes: &[&str]| Field {
        name: name.to_owned(),
        label: label.to_owned(),
        label_en: Some(english.to_owned()),
        kind,
        choices: Vec::new(),
        choice_names: Vec::new(),
        required: false,
        purposes: purposes.iter().map(ToString::to_string).collect(),
    };
    let (text, flag, choice) = (FieldKind::Text, FieldKind::Flag, FieldKind::Choice);
    let (told, kind_of) = ("已告知来电人", "客户特点");
    let customer_trait = Field {
        choices: CustomerType::ALL.map(|kind| kind.code.to_owned()).into(),
        choice_names: CustomerType::ALL.map(ChoiceName::from).into(),
        ..field(
            CUSTOMER_TRAIT,
            kind_of,
            "Kind of customer",
            choice,
            &["complaint"],
        )
    };
    let reported = ["complaint", "repair", "report"];
    vec![
        field(NAME, "姓名", "Name", text, &[]),
        field(CONTACT, "联系方式", "Contact", text, &[]),
        field(ADDRESS, "地址", "Address", text, &[]),
        field(REQUEST, "诉求", "Request", text, &[]),
        field(ANONYMOUS, "匿名", "Anonymous", flag, &[]),
        field(ANONYMOUS_REASON, "匿名原因", "Why anonymous", text, &[]),
        field(APOLOGY_GIVEN, "已致歉", "Apologised", flag, &[]),
        field(OUTSIDE_UNIT, "责任单位", "Unit in charge", text, &[]),
        field(OUTSIDE_UNIT_TOLD, told, "Caller was told", flag, &[]),
        field("cause", "原因", "Cause", text, &reported),
        customer_trait,
        field(
            "items",
            "通知事项",
            "What to pass on",
            FieldKind::Items,
            &["notice"],
        ),
    ]
}

impl From<CustomerType> for ChoiceName {
    fn from(kind: CustomerType) -> Self {
        Self {
            value: kind.code.to_owned(),
            name: kind.name.to_owned(),
            name_en: Some(kind.name_en.to_owned()),
        }
    }
}

impl Form {
    /// The fields of every form, and then a line's own; one of its own with the name of another
    /// takes that one's place.
    pub fn with_standard(own: Vec<Field>) -> Self {
        let mut fields = standard();
        for field in own {
            match fields.iter_mut().find(|known| known.name == field.name) {
                Some(known) => *known = field,
                None => fields.push(field),
            }
        }
        Self { fields }
    }
}

impl LineRules {
    /// Everything that a record still needs before it can be closed: with a `purpose` and an
    /// `outcome` that somebody has said, or none yet.
    pub fn missing(
        &self,
        purpose: Option<&str>,
        outcome: Option<&str>,
        values: &FieldValues,
        known: Known,
    ) -> Vec<Fault> {
        let mut missing = Vec::new();
        if purpose.is_none() {
            missing.push(Fault::NoPurpose);
        }
        if outcome.is_none() {
            missing.push(Fault::NoOutcome);
        }
        if self.handling && !known.is_handled {
            missing.push(Fault::NoHandling);
        }
        let purpose = purpose.unwrap_or_default();
        let fields = self.form.missing(values, purpose, &self.purposes);
        missing.extend(fields.into_iter().map(Fault::Field));
        missing.extend(self.lacking(purpose, outcome, values, known));
        missing
    }

    /// What the record lacks of the caller.
    fn lacking(
        &self,
        purpose: &str,
        outcome: Option<&str>,
        values: &FieldValues,
        known: Known,
    ) -> Vec<Fault> {
        let mut lacks = Vec::new();
        let is_anonymous = is_anonymous(values);
        if is_anonymous && outcome.is_some_and(|code| self.outcomes.is_a(code, CALL_BACK)) {
            lacks.push(Fault::AnonymousCallBack);
        }
        let needs_identity = self.identity == Identity::Required
            && !self
                .unidentified
                .iter()
                .any(|kind| self.purposes.is_a(purpose, kind));
        let is_outside = outcome.is_some_and(|code| self.outcomes.is_a(code, OUT_OF_SCOPE));
        if is_outside
            && self.asks(OUTSIDE_UNIT_TOLD)
            && values.get(OUTSIDE_UNIT_TOLD) != Some(&Value::Bool(true))
        {
            // That the caller was not told is no answer.
            lacks.push(Fault::Field(FieldFault {
                field: OUTSIDE_UNIT_TOLD.to_owned(),
                what: FieldWrong::Missing,
            }));
        }
        let needed = [
            (OUTSIDE_UNIT, is_outside && self.asks(OUTSIDE_UNIT)),
            (NAME, needs_identity && !is_anonymous && !known.has_name),
            (
                CONTACT,
                needs_identity && !is_anonymous && !known.has_number,
            ),
            (REQUEST, needs_identity && !known.has_text),
            (ANONYMOUS_REASON, is_anonymous),
            (
                APOLOGY_GIVEN,
                known.owes_apology && self.asks(APOLOGY_GIVEN),
            ),
        ];
        let needed = needed.into_iter().filter(|(_, is_needed)| *is_needed);
        let empty = needed.filter(|(name, _)| !is_filled(values.get(*name)));
        lacks.extend(empty.map(|(name, _)| {
            Fault::Field(FieldFault {
                field: name.to_owned(),
                what: FieldWrong::Missing,
            })
        }));
        lacks
    }

    fn asks(&self, name: &str) -> bool {
        self.form.fields.iter().any(|field| field.name == name)
    }
}

/// Whether something was filled in; a flag that says no is an answer as well.
pub(super) fn is_filled(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => false,
        Some(Value::String(text)) => !text.trim().is_empty(),
        Some(Value::Array(items)) => !items.is_empty(),
        Some(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::rules::CodeTree;

    fn rules() -> LineRules {
        LineRules {
            form: Form::with_standard(Vec::new()),
            identity: Identity::Required,
            ..LineRules::default()
        }
    }

    fn values(value: Value) -> FieldValues {
        serde_json::from_value(value).unwrap()
    }

    fn lacks(rules: &LineRules, purpose: &str, filled: Value, known: Known) -> Vec<String> {
        let missing = rules.missing(Some(purpose), Some("resolved"), &values(filled), known);
        missing.iter().map(ToString::to_string).collect()
    }

    fn missing(field: &str) -> String {
        format!("`{field}` must be filled in")
    }

    /// R078, R079
    #[test]
    fn a_record_needs_name_contact_and_request() {
        let nothing = lacks(&rules(), "complaint", json!({}), Known::default());
        assert_eq!(nothing, [missing(NAME), missing(CONTACT), missing(REQUEST)]);
        let all = json!({ "name": "王小明", "contact": "13800005678", "request": "漏水" });
        assert_eq!(lacks(&rules(), "complaint", all, Known::default()), [""; 0]);
        let blank = json!({ "name": " ", "contact": null, "request": "漏水" });
        let blank = lacks(&rules(), "complaint", blank, Known::default());
        assert_eq!(blank, [missing(NAME), missing(CONTACT)]);
    }

    /// R079: a number that came is a contact, a customer in the file has a name, a note is a request.
    #[test]
    fn what_is_known_needs_not_be_asked() {
        let known = Known {
            has_name: true,
            has_number: true,
            has_text: true,
            owes_apology: false,
            is_handled: false,
        };
        assert_eq!(lacks(&rules(), "complaint", json!({}), known), [""; 0]);
    }

    /// R083: with a reason; and nobody calls back who is not known.
    #[test]
    fn who_wants_to_stay_unknown_needs_no_name() {
        let known = Known {
            has_text: true,
            ..Known::default()
        };
        let unreasoned = lacks(&rules(), "complaint", json!({ "anonymous": true }), known);
        assert_eq!(unreasoned, [missing(ANONYMOUS_REASON)]);
        let said = json!({ "anonymous": true, "anonymous_reason": "不愿透露" });
        assert_eq!(lacks(&rules(), "complaint", said.clone(), known), [""; 0]);
        let faults = rules().missing(Some("complaint"), Some("callback"), &values(said), known);
        assert_eq!(faults, [Fault::AnonymousCallBack]);
        let known_again = json!({ "anonymous": false });
        assert_eq!(lacks(&rules(), "complaint", known_again, known).len(), 2);
    }

    /// R011: whoever answered late says whether he apologised.
    #[test]
    fn a_late_answer_asks_for_the_apology() {
        let known = Known {
            has_name: true,
            has_number: true,
            has_text: true,
            owes_apology: true,
            is_handled: false,
        };
        let unsaid = lacks(&rules(), "complaint", json!({}), known);
        assert_eq!(unsaid, [missing(APOLOGY_GIVEN)]);
        for said in [true, false] {
            let said = json!({ "apology_given": said });
            assert_eq!(lacks(&rules(), "complaint", said, known), [""; 0]);
        }
    }

    /// R107: what is not ours is closed when its unit is named, and the caller was told.
    #[test]
    fn what_is_not_ours_names_the_unit_that_the_caller_was_told() {
        let known = Known {
            has_name: true,
            has_number: true,
            has_text: true,
            owes_apology: false,
            is_handled: false,
        };
        let lacks = |outcome: &str, filled: Value| {
            let missing = rules().missing(Some("help"), Some(outcome), &values(filled), known);
            missing.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        let [unit, told] = [missing(OUTSIDE_UNIT), missing(OUTSIDE_UNIT_TOLD)];
        assert_eq!(lacks("out_of_scope", json!({})), [told.clone(), unit]);
        let untold = json!({ "outside_unit": "自来水公司", "outside_unit_told": false });
        assert_eq!(lacks("out_of_scope", untold), [told]);
        let told = json!({ "outside_unit": "自来水公司", "outside_unit_told": true });
        assert_eq!(lacks("out_of_scope", told), [""; 0]);
        assert_eq!(lacks("resolved", json!({})), [""; 0]);
    }

    /// X07: nobody asks a salesman for his address, and some lines ask nobody.
    #[test]
    fn some_purposes_need_no_identity() {
        let rules = LineRules {
            unidentified: vec!["sales".to_owned(), "private".to_owned()],
            ..rules()
        };
        assert_eq!(lacks(&rules, "sales", json!({}), Known::default()), [""; 0]);
        assert_eq!(
            lacks(&rules, "complaint", json!({}), Known::default()).len(),
            3
        );
        let asked = LineRules {
            identity: Identity::Asked,
            ..rules
        };
        assert_eq!(
            lacks(&asked, "complaint", json!({}), Known::default()),
            [""; 0]
        );
    }

    /// R029, R085: what nobody has said is missing, whatever else is there.
    #[test]
    fn purpose_and_outcome_are_missing_until_somebody_says_them() {
        let known = Known {
            has_name: true,
            has_number: true,
            has_text: true,
            owes_apology: false,
            is_handled: false,
        };
        let missing = rules().missing(None, None, &FieldValues::new(), known);
        assert_eq!(missing, [Fault::NoPurpose, Fault::NoOutcome]);
    }

    /// R022: a line's own field stands in place of the one with its name.
    #[test]
    fn a_lines_own_field_takes_the_place_of_a_standard_one() {
        let own = Field {
            name: ADDRESS.to_owned(),
            label: "房号".to_owned(),
            label_en: None,
            kind: FieldKind::Text,
            choices: Vec::new(),
            choice_names: Vec::new(),
            required: true,
            purposes: vec!["repair".to_owned()],
        };
        let form = Form::with_standard(vec![own]);
        let address: Vec<_> = form.fields.iter().filter(|it| it.name == ADDRESS).collect();
        assert_eq!(address.len(), 1);
        assert_eq!(address[0].label, "房号");
        let tree = CodeTree::purposes();
        let missing = form.missing(&FieldValues::new(), "repair.leak", &tree);
        assert_eq!(missing.len(), 1);
    }

    /// R100: cause and kind of caller are asked of a complaint.
    #[test]
    fn a_complaint_has_a_cause_and_a_kind_of_caller() {
        let form = Form::with_standard(Vec::new());
        let good = values(json!({ "cause": "停电", "customer_trait": "venting" }));
        assert_eq!(form.faults(&good), []);
        let bad = values(json!({ "customer_trait": "purple" }));
        assert_eq!(form.faults(&bad).len(), 1);
    }

    /// R078: whoever works in English reads what is asked in English, and each choice in words.
    #[test]
    fn what_every_form_asks_has_words_in_both_languages() {
        for field in Form::with_standard(Vec::new()).fields {
            let english = field.label_en.as_deref().unwrap_or_default();
            assert!(!english.is_empty() && english.is_ascii(), "{field:?}");
            let named: Vec<_> = field.choice_names.iter().map(|it| &it.value).collect();
            assert_eq!(named, field.choices.iter().collect::<Vec<_>>());
            for choice in &field.choice_names {
                assert!(
                    !choice.name.is_ascii() && choice.name_en.is_some(),
                    "{choice:?}"
                );
            }
        }
    }

    /// R084: what somebody notifies us of, item by item, with time, place and name.
    #[test]
    fn a_notice_has_items() {
        let form = Form::with_standard(Vec::new());
        let item =
            json!({ "time": "2026-11-23T09:00", "place": "三楼", "name": "陈", "text": "开会" });
        let good = values(json!({ "items": [item, { "text": "停水" }] }));
        assert_eq!(form.faults(&good), []);
        for bad in [
            json!("停水"),
            json!(["停水"]),
            json!([{ "place": "三楼" }]),
            json!([{ "text": "停水", "colour": "red" }]),
            json!([{ "text": 7 }]),
            json!([{ "text": "停水", "time": "tomorrow" }]),
        ] {
            let faults = form.faults(&values(json!({ "items": bad })));
            assert_eq!(faults.len(), 1, "{bad}");
        }
    }
}
