//! The OpenAPI document: served as committed, and whole.

use serde_json::Value;

/// The committed document changes with the code, and never by accident. After a change that is
/// meant, `INSTA_UPDATE=always` writes it anew.
#[test]
fn the_document_is_the_committed_one() {
    insta::assert_snapshot!("openapi", thirdring::http::document(true));
}

#[test]
fn every_reference_leads_somewhere_and_every_operation_has_a_name() {
    let document: Value = serde_json::from_str(&thirdring::http::document(true)).unwrap();
    let mut references = Vec::new();
    collect(&document, &mut references);
    assert!(references.len() > 50, "{}", references.len());
    for reference in references {
        let path = reference.strip_prefix('#').unwrap();
        assert!(
            document.pointer(path).is_some(),
            "{reference} leads nowhere"
        );
    }
    let mut names = std::collections::BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = operation["operationId"].as_str();
            let name = name.unwrap_or_else(|| panic!("{method} {path} has no name"));
            assert!(
                names.insert(name.to_owned()),
                "two operations are called {name}"
            );
            assert!(
                operation["summary"].is_string(),
                "{method} {path} says nothing"
            );
        }
    }
}

fn collect(value: &Value, references: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                match value.as_str().filter(|_| key == "$ref") {
                    Some(text) => references.push(text.to_owned()),
                    None => collect(value, references),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, references)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
