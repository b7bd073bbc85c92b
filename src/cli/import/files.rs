//! Where the text goes: new files, each whole or not at all.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::config::Config;
use crate::model::{ErrorCode, Failure};

/// What a file of a project may hold, in bytes.
pub(in crate::cli) const MOST_BYTES: usize = 256 * 1024;

/// Names of a list, as many as people read.
const MOST_LISTED: usize = 10;

/// Names for people: the first ones, and how many more there are.
pub(in crate::cli) fn listed(names: &[String]) -> String {
    let shown = names.iter().take(MOST_LISTED).cloned().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(MOST_LISTED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// The file of `--out`.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Target {
    file: PathBuf,
    /// Whether files that are there may be replaced.
    overwrite: bool,
}

impl Target {
    /// A file that may be written, as far as that shows now.
    ///
    /// # Errors
    /// `USAGE_INVALID` for one that is there or belongs to the project.
    pub(in crate::cli) fn new(
        file: &Path,
        overwrite: bool,
        config: &Config,
    ) -> Result<Self, Failure> {
        let target = Self { file: file.to_owned(), overwrite };
        let same = |name: &str| match (Path::new(name).canonicalize(), file.canonicalize()) {
            (Ok(own), Ok(file)) => own == file,
            _ => false,
        };
        if config.sources.names().any(same) {
            let message = format!("{} is a file of the project already", file.display());
            return Err(Failure::new(ErrorCode::UsageInvalid, message)
                .cause("what it declares is left out of an import, so that it would be lost")
                .fix("name a new file, and move the tables together as you like"));
        }
        target.is_free(file)?;
        Ok(target)
    }

    /// The file itself.
    pub(in crate::cli) fn file(&self) -> &Path {
        &self.file
    }

    /// Where a path that the file names is.
    pub(in crate::cli) fn beside(&self, path: &str) -> PathBuf {
        self.file.parent().unwrap_or(Path::new("")).join(path)
    }

    /// Refuses a place where something is that may not be replaced.
    fn is_free(&self, file: &Path) -> Result<(), Failure> {
        match fs::symlink_metadata(file) {
            Ok(found) if !found.is_file() => {
                let message = format!("{} is there, and is no plain file", file.display());
                Err(Failure::new(ErrorCode::UsageInvalid, message).fix("name another file"))
            }
            Ok(_) if !self.overwrite => {
                let message = format!("{} is there already", file.display());
                Err(Failure::new(ErrorCode::UsageInvalid, message)
                    .fix("name another file, or let it be replaced: --overwrite"))
            }
            _ => Ok(()),
        }
    }

    /// Writes the policies, then the file that names them.
    ///
    /// # Errors
    /// `USAGE_INVALID` for what is in the way, is too long or cannot be written.
    pub(in crate::cli) fn write(
        &self,
        text: &str,
        policies: &[(String, String)],
    ) -> Result<(), Failure> {
        if text.len() > MOST_BYTES {
            let (size, file) = (text.len().div_ceil(1024), self.file.display());
            let message = format!("the tables take {size} KiB, too much for one file: {file}");
            return Err(Failure::new(ErrorCode::UsageInvalid, message)
                .cause("a file of a project has at most 256 KiB")
                .fix(
                    "import fewer tables at once, each time with a PREFIX and a file of its own",
                ));
        }
        let policies: Vec<(PathBuf, &String)> =
            policies.iter().map(|(path, text)| (self.beside(path), text)).collect();
        self.is_free(&self.file)?;
        for (path, _) in &policies {
            self.is_free(path)?;
        }
        for (path, text) in policies {
            self.write_one(&path, text)?;
        }
        self.write_one(&self.file, text)
    }

    fn write_one(&self, file: &Path, text: &str) -> Result<(), Failure> {
        self.put(file, text).map_err(|error| {
            let message = format!("failed to write {}: {error}", file.display());
            Failure::new(ErrorCode::UsageInvalid, message).fix("name a file that can be written")
        })
    }

    fn put(&self, file: &Path, text: &str) -> io::Result<()> {
        let folder = match file.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        fs::create_dir_all(folder)?;
        // As any other file of a person's: what the umask leaves.
        let permissions = fs::Permissions::from_mode(0o666);
        let mut new = tempfile::Builder::new().permissions(permissions).tempfile_in(folder)?;
        new.write_all(text.as_bytes())?;
        new.as_file().sync_all()?;
        let kept = if self.overwrite { new.persist(file) } else { new.persist_noclobber(file) };
        kept.map(drop).map_err(|error| error.error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_no_project_could_read_is_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let target = Target { file: folder.path().join("new/tables.kdl"), overwrite: false };
        let policies = [("policies/T.json".to_owned(), "{}".to_owned())];
        let refused = target.write(&"x".repeat(MOST_BYTES + 1), &policies).unwrap_err();
        assert!(refused.message.contains("257 KiB"), "{}", refused.message);
        assert_eq!(folder.path().read_dir().unwrap().count(), 0);
        target.write(&"x".repeat(MOST_BYTES), &policies).unwrap();
        assert!(target.beside("policies/T.json").exists());
        assert!(target.write("", &[]).unwrap_err().message.contains("is there already"));
    }

    #[test]
    fn a_folder_or_a_link_is_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link.kdl");
        std::os::unix::fs::symlink("nowhere", &link).unwrap();
        for file in [folder.path().to_owned(), link] {
            let target = Target { file: file.clone(), overwrite: true };
            assert!(target.is_free(&file).unwrap_err().message.contains("no plain file"));
        }
    }

    #[test]
    fn long_lists_are_cut() {
        let names: Vec<String> = (0..12).map(|number| number.to_string()).collect();
        assert_eq!(listed(&names), "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more");
        assert_eq!(listed(&names[..2]), "0, 1");
    }
}
