//! Reading the values that say where tables live: accounts, regions, roles, addresses.

use kdl::KdlValue;

use crate::diagnostic::{Diagnostic, Spanned};
use crate::model::AccountId;

use super::Value;

impl Value<'_> {
    /// An account id.
    ///
    /// # Errors
    /// For anything but twelve quoted digits. A bare number is refused because KDL drops its
    /// leading zeros.
    pub fn account(&self, what: &str) -> Result<Spanned<AccountId>, Diagnostic> {
        if let KdlValue::Integer(number) = self.kdl() {
            let problem = Diagnostic::error("osem::account", "an AWS account id must be quoted")
                .label(self.span(), format!("KDL reads this as the number {number}"));
            return Err(problem.help(format!("write: \"{}\"", self.written())));
        }
        let text = self.string(what)?;
        AccountId::parse(text.value)
            .map(|account| Spanned::new(account, text.span))
            .ok_or_else(|| self.must_be(what, "twelve digits").help("example: \"012345678901\""))
    }

    /// A region's name.
    ///
    /// # Errors
    /// For text that no region can have as name.
    pub fn region(&self, what: &str) -> Result<Spanned<String>, Diagnostic> {
        let text = self.string(what)?;
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let shaped = text.value.starts_with(|c: char| c.is_ascii_lowercase());
        if shaped && text.value.len() <= 32 && text.value.chars().all(allowed) {
            return Ok(text.map(str::to_owned));
        }
        Err(self.must_be(what, "the name of a region").help("example: us-east-1"))
    }

    /// The ARN of a role.
    ///
    /// # Errors
    /// For other ARNs and other text.
    pub fn role_arn(&self, what: &str) -> Result<Spanned<String>, Diagnostic> {
        let text = self.string(what)?;
        let parts: Vec<&str> = text.value.splitn(6, ':').collect();
        let is_role = matches!(
            parts[..],
            ["arn", partition, "iam", "", account, role]
                if !partition.is_empty()
                    && AccountId::parse(account).is_some()
                    && role.len() > "role/".len()
                    && role.starts_with("role/")
                    && !role.contains(char::is_whitespace)
        );
        if is_role {
            return Ok(text.map(str::to_owned));
        }
        let example = "example: \"arn:aws:iam::012345678901:role/deployer\"";
        Err(self.must_be(what, "the ARN of a role").help(example))
    }

    /// The ARN of a key of KMS.
    ///
    /// # Errors
    /// For aliases, other ARNs and other text: the service describes a table by the ARN of its key,
    /// so nothing else could be compared with it.
    pub fn kms_key_arn(&self, what: &str) -> Result<Spanned<String>, Diagnostic> {
        let text = self.string(what)?;
        let parts: Vec<&str> = text.value.splitn(6, ':').collect();
        let is_key = matches!(
            parts[..],
            ["arn", partition, "kms", region, account, key]
                if !partition.is_empty()
                    && !region.is_empty()
                    && AccountId::parse(account).is_some()
                    && key.len() > "key/".len()
                    && key.starts_with("key/")
                    && !key.contains(char::is_whitespace)
        );
        if is_key {
            return Ok(text.map(str::to_owned));
        }
        let example = "example: \"arn:aws:kms:us-east-1:012345678901:key/…\"; no alias";
        Err(self.must_be(what, "the ARN of a KMS key").help(example))
    }

    /// The ARN of a Kinesis stream.
    ///
    /// # Errors
    /// For other ARNs and other text.
    pub fn kinesis_stream_arn(&self, what: &str) -> Result<Spanned<String>, Diagnostic> {
        let text = self.string(what)?;
        let parts: Vec<&str> = text.value.splitn(6, ':').collect();
        let is_stream = matches!(
            parts[..],
            ["arn", partition, "kinesis", region, account, stream]
                if !partition.is_empty()
                    && !region.is_empty()
                    && AccountId::parse(account).is_some()
                    && stream.len() > "stream/".len()
                    && stream.starts_with("stream/")
                    && !stream.contains(char::is_whitespace)
        );
        if is_stream {
            return Ok(text.map(str::to_owned));
        }
        let example = "example: \"arn:aws:kinesis:us-east-1:012345678901:stream/changes\"";
        Err(self.must_be(what, "the ARN of a Kinesis stream").help(example))
    }

    /// An address.
    ///
    /// # Errors
    /// For text that is not `http://host…` or `https://host…`.
    pub fn url(&self, what: &str) -> Result<Spanned<String>, Diagnostic> {
        let text = self.string(what)?;
        let rest = text.value.strip_prefix("http://").or(text.value.strip_prefix("https://"));
        let host = rest.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
        let host_ok = host.is_some_and(|host| !host.is_empty() && !host.starts_with(':'));
        if host_ok && !text.value.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Ok(text.map(str::to_owned));
        }
        let expected = "an address that starts with http:// or https://";
        Err(self.must_be(what, expected).help("example: \"http://127.0.0.1:8000\""))
    }
}
