//! The rows of the control plane, kept in the engine's database file.
//!
//! They live in a table of their own, through a connection of their own: the engine's is its own
//! business. A change reaches the file in two steps, the engine's write and then, before the answer
//! is sent, the rows. So a process that is killed loses nothing that it answered. Killed in between,
//! it leaves what it never answered: a table without a row, which the control plane adopts, or a row
//! without its table. The engine's word is what counts, as after a run without the simulation.

use std::time::Duration;

use rusqlite::{Connection, params};

use super::control_plane::Row;

/// As long as the engine waits.
const BUSY: Duration = Duration::from_secs(5);

/// The name has a colon: no table of DynamoDB can have it, and the engine keeps a table's items
/// under the table's own name.
const CREATE: &str = "CREATE TABLE IF NOT EXISTS \"osem:control-plane\" \
                      (key TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID";
const READ: &str = "SELECT key, text FROM \"osem:control-plane\" ORDER BY key";
const WRITE: &str = "INSERT OR REPLACE INTO \"osem:control-plane\" (key, text) VALUES (?1, ?2)";
const REMOVE: &str = "DELETE FROM \"osem:control-plane\" WHERE key = ?1";

/// The rows in the file.
#[derive(Debug)]
pub(super) struct Store {
    connection: Connection,
}

impl Store {
    /// Opens the file that the engine has made.
    pub(super) fn open(path: &str) -> rusqlite::Result<Self> {
        let connection = Connection::open(path)?;
        connection.busy_timeout(BUSY)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.execute(CREATE, [])?;
        Ok(Self { connection })
    }

    /// All rows.
    pub(super) fn load(&self) -> rusqlite::Result<Vec<Row>> {
        let mut statement = self.connection.prepare(READ)?;
        let rows =
            statement.query_map([], |row| Ok(Row { key: row.get(0)?, text: row.get(1)? }))?;
        rows.collect()
    }

    /// Writes these rows, all or none.
    pub(super) fn write(&mut self, rows: &[Row]) -> rusqlite::Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let transaction = self.connection.transaction()?;
        for Row { key, text } in rows {
            match text {
                Some(text) => transaction.prepare_cached(WRITE)?.execute(params![key, text])?,
                None => transaction.prepare_cached(REMOVE)?.execute(params![key])?,
            };
        }
        transaction.commit()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(key: &str, text: Option<&str>) -> Row {
        Row { key: key.to_owned(), text: text.map(str::to_owned) }
    }

    #[test]
    fn rows_are_replaced_removed_and_there_again_in_the_next_process() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("local.db");
        let path = path.to_str().unwrap();
        let mut store = Store::open(path).unwrap();
        store.write(&[row("a", Some("1")), row("b", Some("2")), row("c", Some("3"))]).unwrap();
        store.write(&[row("b", Some("two")), row("c", None)]).unwrap();
        // As after a kill: nothing is closed before the file is read again.
        let rows = Store::open(path).unwrap().load().unwrap();
        assert_eq!(rows, [row("a", Some("1")), row("b", Some("two"))]);
    }

    #[test]
    fn the_engine_and_the_store_write_to_the_same_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("local.db");
        let path = path.to_str().unwrap();
        let engine = dynoxide::Database::new(path).unwrap();
        let mut store = Store::open(path).unwrap();
        store.write(&[row("a", Some("1"))]).unwrap();
        let request = serde_json::json!({
            "TableName": "orders",
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "BillingMode": "PAY_PER_REQUEST",
        });
        engine.create_table(serde_json::from_value(request).unwrap()).unwrap();
        store.write(&[row("b", Some("2"))]).unwrap();
        drop((engine, store));
        let engine = dynoxide::Database::new(path).unwrap();
        assert_eq!(engine.table_count().unwrap(), 1);
        assert_eq!(Store::open(path).unwrap().load().unwrap().len(), 2);
    }
}
