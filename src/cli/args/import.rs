//! The flags of `osem import`.

use std::path::PathBuf;

use super::PlaceArgs;

#[derive(Debug, Clone, clap::Args)]
pub(in crate::cli) struct ImportArgs {
    /// Only tables whose full names start like this [default: what `table-name` puts before {table}]
    pub(in crate::cli) prefix: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) place: PlaceArgs,
    /// Write the tables to this file, and their policies beside it, instead of to stdout
    #[arg(long, value_name = "FILE", env = "OSEM_OUT")]
    pub(in crate::cli) out: Option<PathBuf>,
    /// Let --out replace files that are there
    #[arg(long)]
    pub(in crate::cli) overwrite: bool,
}
