//! The same work on servers that others wrote. What a server cannot do is declared with it
//! (`harness/server.rs`) and said when a test leaves it out.

mod declared;
mod drift;
mod dynalite;
pub(crate) mod expected;
mod lifecycle;
mod many;
mod settings;
mod side_by_side;
mod vectors;
