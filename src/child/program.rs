//! Finding the program that a name stands for.

use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};

/// Why a name stands for no program that can be run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MissingProgram {
    /// It is a path, and there is nothing.
    NotThere,
    /// There is a folder, or something else that is no file.
    NoFile,
    /// Nobody may execute the file.
    NotExecutable,
    /// It is in no folder of `PATH`.
    NotOnPath,
}

impl fmt::Display for MissingProgram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotThere => "there is no such file",
            Self::NoFile => "it is no file",
            Self::NotExecutable => "the file is not executable",
            Self::NotOnPath => "no folder of PATH has it",
        })
    }
}

/// The program of a name: a path, relative to `root`, when it has a `/`, else a file on `path`.
///
/// # Errors
/// Why it cannot be run.
pub fn find_program(root: &Path, name: &str, path: &OsStr) -> Result<PathBuf, MissingProgram> {
    if name.contains('/') {
        let file = root.join(name);
        return runnable(&file).map(|()| file);
    }
    let mut found = Err(MissingProgram::NotOnPath);
    for folder in std::env::split_paths(path) {
        // As the program will be started in `root`, so is a relative folder.
        let file = root.join(folder).join(name);
        match runnable(&file) {
            Ok(()) => return Ok(file),
            Err(MissingProgram::NotExecutable) => found = Err(MissingProgram::NotExecutable),
            Err(_) => {}
        }
    }
    found
}

fn runnable(file: &Path) -> Result<(), MissingProgram> {
    use std::os::unix::fs::PermissionsExt;
    let Ok(about) = file.metadata() else { return Err(MissingProgram::NotThere) };
    if !about.is_file() {
        return Err(MissingProgram::NoFile);
    }
    if about.permissions().mode() & 0o111 == 0 {
        return Err(MissingProgram::NotExecutable);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_path_starts_at_the_root_and_a_bare_name_is_looked_for_on_path() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir(root.join("bin")).unwrap();
        for (name, mode) in [("bin/run", 0o755), ("bin/text", 0o644)] {
            fs::write(root.join(name), "#!/bin/sh\n").unwrap();
            fs::set_permissions(root.join(name), fs::Permissions::from_mode(mode)).unwrap();
        }
        let bin = root.join("bin");
        let find = |name: &str| find_program(root, name, bin.as_os_str());
        assert_eq!(find("bin/run"), Ok(root.join("bin/run")));
        assert_eq!(find("./bin/none"), Err(MissingProgram::NotThere));
        assert_eq!(find("bin/text"), Err(MissingProgram::NotExecutable));
        assert_eq!(find("./bin"), Err(MissingProgram::NoFile));
        assert_eq!(find("run"), Ok(root.join("bin/run")));
        assert_eq!(find("text"), Err(MissingProgram::NotExecutable));
        assert_eq!(find("none"), Err(MissingProgram::NotOnPath));
    }
}
