//! The frameworks of FRAMEWORKS.md, each with the line that stands there.

pub mod actix_web;
pub mod axum;
pub mod hyper;
pub mod poem;
pub mod rocket;
pub mod salvo;
pub mod source;
pub mod warp;
