//! Two folders of read models, compared row by row.

use std::{collections::BTreeMap, fs, path::Path};

use sqlx::{AssertSqlSafe, Connection, SqliteConnection};

/// Projection and table → every row, in order.
type Tables = BTreeMap<String, Vec<String>>;

/// Fails at the first table that differs, and says which rows do.
pub(super) async fn assert_equal(live: &Path, rebuilt: &Path) {
    let (live, rebuilt) = (tables(live).await, tables(rebuilt).await);
    assert!(live.values().any(|rows| !rows.is_empty()), "there are no rows to compare");
    let names = |tables: &Tables| tables.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&live), names(&rebuilt), "there are other tables after a rebuild");
    for (name, rows) in &live {
        let anew = &rebuilt[name];
        let only = |these: &[String], those: &[String]| {
            let missing = these.iter().filter(|row| those.binary_search(row).is_err());
            missing.take(3).cloned().collect::<Vec<_>>()
        };
        assert!(
            rows == anew,
            "{name} differs from a rebuild: {} rows, rebuilt {}; only live: {:#?}; only rebuilt: {:#?}",
            rows.len(),
            anew.len(),
            only(rows, anew),
            only(anew, rows),
        );
    }
}

async fn tables(folder: &Path) -> Tables {
    let mut tables = Tables::new();
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("the folder can be read").path();
        if path.extension().is_none_or(|extension| extension != "db") {
            continue;
        }
        // NAME.GENERATION.db: the generation is another one after a rebuild.
        let file = path.file_stem().and_then(|stem| stem.to_str()).expect("the name is plain");
        let projection = file.split('.').next().unwrap_or(file);
        let url = format!("sqlite:{}", path.display());
        let mut connection = SqliteConnection::connect(&url).await.expect("the file opens");
        for table in table_names(&mut connection).await {
            let rows = rows(&mut connection, &table).await;
            tables.insert(format!("{projection}.{table}"), rows);
        }
        for index in full_text_indexes(&mut connection).await {
            let terms = terms(&mut connection, &index).await;
            tables.insert(format!("{projection}.{index} (terms)"), terms);
        }
        connection.close().await.expect("the file closes");
    }
    tables
}

/// Tables with rows of their own: without those behind a full-text index, and without the runner's own notes.
async fn table_names(connection: &mut SqliteConnection) -> Vec<String> {
    let sql = "select name from pragma_table_list
        where schema = 'main' and type = 'table' and name not like 'sqlite_%' and name <> 'generation'";
    sqlx::query_scalar(sql).fetch_all(connection).await.expect("the tables can be listed")
}

async fn rows(connection: &mut SqliteConnection, table: &str) -> Vec<String> {
    let columns: Vec<String> =
        sqlx::query_scalar("select 'quote(\"' || name || '\")' from pragma_table_info(?)")
            .bind(table)
            .fetch_all(&mut *connection)
            .await
            .expect("the columns can be listed");
    let row = columns.join(" || ', ' || ");
    let sql = format!("select {row} from \"{table}\" order by 1");
    let rows = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(connection).await;
    let mut rows: Vec<String> = rows.expect("the rows can be read");
    rows.sort();
    rows
}

async fn full_text_indexes(connection: &mut SqliteConnection) -> Vec<String> {
    let sql = "select name from pragma_table_list where schema = 'main' and type = 'virtual'";
    sqlx::query_scalar(sql).fetch_all(connection).await.expect("the tables can be listed")
}

/// What a full-text index finds: every term with where it is. The index is checked in itself, too.
async fn terms(connection: &mut SqliteConnection, index: &str) -> Vec<String> {
    let sql = format!(
        "insert into \"{index}\" (\"{index}\") values ('integrity-check');
         create virtual table temp.terms using fts5vocab (main, \"{index}\", instance)"
    );
    let sound = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *connection).await;
    sound.unwrap_or_else(|error| panic!("{index} is damaged: {error}"));
    let sql = "select format('%s of %s in %s at %d', term, doc, col, \"offset\") from temp.terms";
    let terms = sqlx::query_scalar(sql).fetch_all(&mut *connection).await;
    let mut terms: Vec<String> = terms.expect("the terms can be read");
    sqlx::query("drop table temp.terms").execute(connection).await.expect("it was made above");
    terms.sort();
    terms
}
