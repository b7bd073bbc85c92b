//! Holds the modules to the direction that the crate documentation draws.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};

/// The layers from the lowest to the highest; modules of one line may use only lower lines, and
/// `aws` may also use `emulator`, which stands beside it.
const LAYERS: &[&[&str]] = &[
    &["diagnostic"],
    &["model"],
    &["syntax"],
    &["config"],
    &["state"],
    &["child"],
    &["plugin"],
    &["emulator"],
    &["aws"],
    &["table"],
    &["step"],
    // `plan` prepares steps, and the record of a run names steps of a plan.
    &["plan"],
    &["journal"],
    &["run"],
    &["report"],
    &["cli"],
];

fn layer(module: &str) -> usize {
    let found = LAYERS.iter().position(|layer| layer.contains(&module));
    found.unwrap_or_else(|| panic!("module `{module}` has no layer"))
}

/// Collects the modules that a file names after `crate::`, in `use` lines and in paths.
#[derive(Default)]
struct Named(BTreeSet<String>);

impl<'ast> Visit<'ast> for Named {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if let syn::UseTree::Path(path) = &item.tree
            && path.ident == "crate"
        {
            self.first_of(&path.tree);
        }
        visit::visit_item_use(self, item);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let mut segments = path.segments.iter().map(|segment| segment.ident.to_string());
        if segments.next().as_deref() == Some("crate") {
            self.0.extend(segments.next());
        }
        visit::visit_path(self, path);
    }
}

impl Named {
    fn first_of(&mut self, tree: &syn::UseTree) {
        match tree {
            syn::UseTree::Path(path) => drop(self.0.insert(path.ident.to_string())),
            syn::UseTree::Name(name) => drop(self.0.insert(name.ident.to_string())),
            syn::UseTree::Rename(rename) => drop(self.0.insert(rename.ident.to_string())),
            syn::UseTree::Group(group) => group.items.iter().for_each(|item| self.first_of(item)),
            syn::UseTree::Glob(_) => panic!("`use crate::*` hides what is used"),
        }
    }
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn source_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

#[test]
fn modules_use_only_layers_below_them() {
    let mut wrong = Vec::new();
    for module in LAYERS.iter().copied().flatten() {
        let mut files = Vec::new();
        rust_files(&source_folder().join(module), &mut files);
        assert!(!files.is_empty(), "module `{module}` has no files");
        for file in files {
            let mut named = Named::default();
            named.visit_file(&syn::parse_file(&fs::read_to_string(&file).unwrap()).unwrap());
            named.0.remove(*module);
            let above = named.0.iter().filter(|used| layer(used) >= layer(module));
            wrong.extend(above.map(|used| format!("{} uses crate::{used}", file.display())));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_aws_names_aws_crates() {
    let mut files = Vec::new();
    rust_files(&source_folder(), &mut files);
    let outside = files.iter().filter(|file| !file.starts_with(source_folder().join("aws")));
    for file in outside.filter(|file| !file.ends_with("layers.rs")) {
        let text = fs::read_to_string(file).unwrap();
        for crate_name in ["aws_sdk_", "aws_config", "aws_smithy", "aws_types", "aws_credential"] {
            assert!(!text.contains(crate_name), "{} names {crate_name}", file.display());
        }
    }
}

#[test]
fn every_module_of_the_crate_has_a_layer() {
    let lib =
        syn::parse_file(&fs::read_to_string(source_folder().join("lib.rs")).unwrap()).unwrap();
    let modules = lib.items.iter().filter_map(|item| match item {
        syn::Item::Mod(module)
            if !["layers", "documents"].iter().any(|test| module.ident == test) =>
        {
            Some(module.ident.to_string())
        }
        _ => None,
    });
    for module in modules {
        layer(&module);
    }
}

#[test]
fn files_stay_small_enough_to_read() {
    let mut files = Vec::new();
    rust_files(&source_folder(), &mut files);
    for file in files {
        let lines = fs::read_to_string(&file).unwrap().lines().count();
        assert!(lines <= 500, "{} has {lines} lines", file.display());
    }
}
