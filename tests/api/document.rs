//! The OpenAPI document: served as committed, and whole.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

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

/// A schema that has another's name takes its place in the document without a word: whoever reads it
/// would send the wrong body. The document itself cannot show that, the sources can.
#[test]
fn no_two_schemas_share_a_name() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for path in sources(&folder) {
        let source = fs::read_to_string(&path).unwrap();
        for name in schema_names(&source) {
            let place = path.strip_prefix(&folder).unwrap().display().to_string();
            places.entry(name).or_default().push(place);
        }
    }
    let document: Value = serde_json::from_str(&thirdring::http::document(true)).unwrap();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let seen = schemas.keys().filter(|name| places.contains_key(*name));
    assert!(seen.count() > 100, "most schemas are found in the sources");
    places.retain(|_, places| places.len() > 1);
    assert!(places.is_empty(), "defined more than once: {places:#?}");
}

/// The control: a name is what `as` says, else the type's own.
#[test]
fn schemas_are_found_by_their_names() {
    let source = "#[derive(Serialize, ToSchema)]\n#[schema(as = Call)]\npub(super) struct CallView {\n}\n\
        #[derive(Deserialize)]\nstruct Other {}\n\
        #[derive(\n    ToSchema,\n)]\n/// Words.\n#[serde(rename_all = \"snake_case\")]\nenum Kind {";
    assert_eq!(schema_names(source), ["Call", "Kind"]);
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let found = paths.flat_map(|path| {
        if path.is_dir() {
            sources(&path)
        } else {
            let is_source = path.extension().is_some_and(|ending| ending == "rs");
            is_source.then_some(path).into_iter().collect()
        }
    });
    found.collect()
}

/// What the types of a source that derive `ToSchema` are called in the document.
fn schema_names(source: &str) -> Vec<String> {
    let derives = source.split("#[derive(").skip(1);
    let names = derives.filter_map(|rest| {
        let (derived, rest) = rest.split_once(")]")?;
        let is_schema = derived.split(',').any(|name| name.trim() == "ToSchema");
        let lines = rest.lines().map(str::trim).filter(|_| is_schema);
        let mut named = None;
        for line in lines {
            if let Some((_, name)) = line
                .strip_prefix("#[schema(")
                .and_then(|it| it.split_once("as = "))
            {
                named = name.split([',', ')']).next().map(str::to_owned);
            }
            let words: Vec<_> = line.split([' ', '{', '(', '<']).collect();
            let kind = words
                .iter()
                .position(|word| ["struct", "enum"].contains(word));
            if let Some(kind) = kind.filter(|_| !line.starts_with(['#', '/'])) {
                return named.or_else(|| words.get(kind + 1).map(|&own| own.to_owned()));
            }
        }
        None
    });
    names.collect()
}
