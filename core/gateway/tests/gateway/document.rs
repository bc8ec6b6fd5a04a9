//! The OpenAPI document describes everything that is served.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::*;

const ROUTES: [&str; 46] = [
    "delete /v1/accounts/{id}",
    "delete /v1/accounts/{id}/binding",
    "delete /v1/binding",
    "delete /v1/disks/sessions/{account}",
    "delete /v1/session",
    "get /sandbox/v1/challenges/{id}/captcha",
    "get /sandbox/v1/demo-accounts",
    "get /sandbox/v1/messages",
    "get /sandbox/v1/truth",
    "get /v1/accounts/{id}/binding/{ticket}",
    "get /v1/accounts/{id}/budget",
    "get /v1/challenges",
    "get /v1/companies",
    "get /v1/companies/{id}/accounts",
    "get /v1/disks/sessions/{account}",
    "get /v1/files/{id}",
    "get /v1/jobs/{id}",
    "get /v1/jobs/{id}/items",
    "get /v1/notices",
    "get /v1/regions/{code}/login-form",
    "get /v1/session",
    "post /sandbox/v1/accounts/{id}/kick",
    "post /sandbox/v1/activation-codes",
    "post /sandbox/v1/bindings/{id}/answer",
    "post /sandbox/v1/challenges/{id}/scan",
    "post /sandbox/v1/faults",
    "post /sandbox/v1/tickets/{id}/confirm",
    "post /v1/accounts/{id}/binding",
    "post /v1/accounts/{id}/login",
    "post /v1/accounts/{id}/logout",
    "post /v1/activation",
    "post /v1/challenges/{id}/answer",
    "post /v1/challenges/{id}/cancel",
    "post /v1/challenges/{id}/poll",
    "post /v1/challenges/{id}/resend",
    "post /v1/companies/{id}/accounts",
    "post /v1/companies/{id}/default",
    "post /v1/disks/challenge",
    "post /v1/disks/sessions",
    "post /v1/files",
    "post /v1/jobs",
    "post /v1/jobs/{id}/cancel",
    "post /v1/login/tickets",
    "post /v1/login/tickets/{id}/poll",
    "post /v1/session/refresh",
    "put /v1/accounts/{id}",
];

fn operations(document: &Value) -> BTreeSet<String> {
    let paths = document["paths"].as_object().unwrap();
    paths.iter().flat_map(|(path, item)| item.as_object().unwrap().keys().map(move |method| format!("{method} {path}"))).collect()
}

fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            if let Some(Value::String(target)) = map.get("$ref") {
                found.insert(target.clone());
            }
            map.values().for_each(|value| references(value, found));
        }
        Value::Array(list) => list.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[tokio::test]
async fn every_route_is_described() {
    let (_handle, client) = start(config()).await;
    let document = client.openapi().await.unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let wanted: BTreeSet<String> = ROUTES.iter().map(|route| (*route).to_owned()).collect();
    assert_eq!(operations(&document), wanted);

    let mut refs = BTreeSet::new();
    references(&document, &mut refs);
    assert!(refs.len() > 30);
    for target in refs {
        assert!(document.pointer(target.trim_start_matches('#')).is_some(), "{target} is not there");
    }
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let place = format!("{method} {path}");
            assert!(operation["summary"].as_str().is_some_and(|text| !text.is_empty()), "{place} says nothing");
            assert_eq!(operation["responses"]["default"]["content"]["application/json"]["schema"]["$ref"], "#/components/schemas/ApiError");
            for name in path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
                let params = operation["parameters"].as_array().unwrap();
                assert!(params.iter().any(|param| param["name"] == name && param["in"] == "path"), "{place} does not name {name}");
            }
        }
    }
}

#[tokio::test]
async fn schemas_say_what_travels() {
    let (_handle, client) = start(config()).await;
    let document = client.openapi().await.unwrap();
    let schema = |name: &str| document["components"]["schemas"][name].clone();
    assert!(schema("Account")["properties"]["session"].to_string().contains("BureauSession"), "{}", schema("Account"));
    assert!(schema("BureauSession").to_string().contains("locked"));
    assert!(schema("Session")["properties"]["refreshToken"].is_object(), "the service's session is another thing");
    assert_eq!(schema("Invoice")["properties"]["net"]["type"], "string");
    assert_eq!(schema("Invoice")["properties"]["key"]["$ref"], "#/components/schemas/InvoiceKey");
    assert!(schema("ApiError")["properties"]["retryAfter"].is_object());
}

#[tokio::test]
async fn a_gateway_without_sandbox_describes_none() {
    let (_handle, client) = start(piaoxia_gateway::GatewayConfig { sandbox: false, ..config() }).await;
    let document = client.openapi().await.unwrap();
    assert!(operations(&document).iter().all(|operation| !operation.contains("/sandbox/")));
}
