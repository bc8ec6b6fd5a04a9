//! The OpenAPI document: what the handlers say, and what holds for all of them.

use piaoxia_service::contract::{ApiError, SECRET_HEADER};
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Components, ContentBuilder, InfoBuilder, OpenApi, Ref, RefOr, ResponseBuilder};
use utoipa::{PartialSchema, ToSchema};

const SESSION: &str = "session";
const SECRET: &str = "secret";

/// Adds the title, the error that every operation can answer with, and the two keys.
pub(super) fn finished(mut api: OpenApi) -> OpenApi {
    api.info = InfoBuilder::new()
        .title("票匣 Piaoxia service")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Requests and answers of the service, version 1. Amounts are text with two decimals, days are yyyy-MM-dd, moments are UTC. \
             Every answer that is not 2xx is an ApiError.",
        ))
        .build();
    let components = api.components.get_or_insert_with(Components::new);
    components.schemas.entry(ApiError::name().into_owned()).or_insert_with(ApiError::schema);
    let mut parts = Vec::new();
    ApiError::schemas(&mut parts);
    for (name, schema) in parts {
        components.schemas.entry(name).or_insert(schema);
    }
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("Token of a Session.")).build();
    components.add_security_scheme(SESSION, SecurityScheme::Http(bearer));
    let secret = ApiKeyValue::with_description(SECRET_HEADER, "Secret of an embedded gateway, when it has one.");
    components.add_security_scheme(SECRET, SecurityScheme::ApiKey(ApiKey::Header(secret)));
    for (path, item) in &mut api.paths.paths {
        let operations = [&mut item.get, &mut item.put, &mut item.post, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            finish(path, operation);
        }
    }
    api
}

fn finish(path: &str, operation: &mut Operation) {
    let error = ContentBuilder::new().schema(Some(RefOr::Ref(Ref::from_schema_name(ApiError::name())))).build();
    let error = ResponseBuilder::new().description("An error; its class says what to do.").content("application/json", error).build();
    operation.responses.responses.insert("default".to_owned(), RefOr::T(error));
    const OPEN: [&str; 4] = ["/v1/login/", "/v1/session/refresh", "/v1/files/{id}", "/sandbox/"];
    if !OPEN.iter().any(|start| path.starts_with(start)) {
        operation.security = Some(vec![SecurityRequirement::new(SESSION, Vec::<String>::new())]);
    }
}
