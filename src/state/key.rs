//! The key of a state directory: what is hashed with it can be compared there, and tells nothing
//! anywhere else.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::{create_folder, refuse_link};

const LENGTH: usize = 32;

/// A random key.
#[derive(Clone)]
pub struct Key([u8; LENGTH]);

impl Key {
    /// The key of a state directory, made where there is none.
    ///
    /// # Errors
    /// Whatever the system says, and a file in its place that is no key.
    pub fn of_folder(folder: &Path) -> io::Result<Self> {
        if let Some(key) = Self::read(folder)? {
            return Ok(key);
        }
        create_folder(folder)?;
        let new = Self::random()?;
        // Private from the start, and whole or not there: another process may make one meanwhile.
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(&new.0)?;
        file.as_file().sync_all()?;
        match file.persist_noclobber(place(folder)) {
            Ok(_) => Ok(new),
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
                Self::read(folder)?.ok_or(error.error)
            }
            Err(error) => Err(error.error),
        }
    }

    /// The key of a state directory, where there is one.
    ///
    /// # Errors
    /// As [`Key::of_folder`].
    pub fn read(folder: &Path) -> io::Result<Option<Self>> {
        let place = place(folder);
        refuse_link(&place)?;
        let mut bytes = Vec::new();
        match File::open(&place) {
            Ok(file) => file.take(LENGTH as u64 + 1).read_to_end(&mut bytes)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let key = <[u8; LENGTH]>::try_from(bytes);
        key.map(|key| Some(Self(key))).map_err(|_| io::Error::other("it is damaged: remove it"))
    }

    /// A key that nobody will have again.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub fn random() -> io::Result<Self> {
        let mut key = [0; LENGTH];
        getrandom::fill(&mut key).map_err(io::Error::other)?;
        Ok(Self(key))
    }

    /// A hash of texts that nobody without the key can check a guess against. 64 hexadecimal digits.
    ///
    /// # Panics
    /// Never: the algorithm takes keys of every length.
    #[must_use]
    pub fn hash(&self, texts: &[&str]) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("keys have any length");
        for text in texts {
            mac.update(&(text.len() as u64).to_be_bytes());
            mac.update(text.as_bytes());
        }
        mac.finalize().into_bytes().iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(***)")
    }
}

/// The file of a state directory's key.
fn place(folder: &Path) -> PathBuf {
    folder.join("key")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_folder_keeps_its_key_and_another_has_another() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state");
        assert!(Key::read(&state).unwrap().is_none());
        let hash = Key::of_folder(&state).unwrap().hash(&["token", "hunter2"]);
        assert_eq!(Key::of_folder(&state).unwrap().hash(&["token", "hunter2"]), hash);
        assert_eq!(Key::read(&state).unwrap().unwrap().hash(&["token", "hunter2"]), hash);
        assert_ne!(Key::read(&state).unwrap().unwrap().hash(&["tokenh", "unter2"]), hash);
        fs::remove_file(place(&state)).unwrap();
        assert_ne!(Key::of_folder(&state).unwrap().hash(&["token", "hunter2"]), hash);
    }

    #[cfg(unix)]
    #[test]
    fn it_is_for_its_owner_alone_and_a_damaged_one_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        Key::of_folder(folder.path()).unwrap();
        let file = place(folder.path());
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        fs::write(&file, "short").unwrap();
        assert!(Key::of_folder(folder.path()).is_err());
    }

    #[test]
    fn the_hash_is_that_of_the_standard() {
        // RFC 4231 has no key of 32 bytes; this one was computed with Python's hmac.
        let text = Key([7; LENGTH]).hash(&["ab"]);
        assert_eq!(text, "8c0be0ba6e96fa9ec6584e7b73d57d83c5e285aa221819d7dd5da916c72247be");
    }
}
