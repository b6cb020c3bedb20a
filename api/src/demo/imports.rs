//! A file of people that the office took in, and a list of accounts that the partner's machine had compared.
//! Stories 7400 and 7401: the ids of the import and of the reconciliation are the first of theirs.

use domain::import::{RecordKind, RowForm};

use super::{
    people::{Cast, PARTNER},
    story::Story,
};
use crate::{
    app::App,
    flows::{
        import::{self, Asked},
        reconciliation,
    },
    problem::Problem,
};

const IMPORT: u64 = 7_400;
const RECONCILIATION: u64 = 7_401;

/// Two people who are new, one who is there, and one whose address cannot be.
const PEOPLE: &str = "source_id,given_name,family_name,email\r\n\
    hr-1001,Iris,Vance,iris@people.example\r\nhr-1002,Jonas,Pike,jonas@people.example\r\n\
    hr-1003,Ben,Ortiz,ben@demo.example\r\nhr-1004,Kit,Moss,kit at people\r\n";

/// Cleo with another name, an account that nobody has, and nothing of Greta, who has one.
const ACCOUNTS: &str = "external_id,given_name,family_name,email\r\n\
    user-2001,Ben,Ortiz,ben@demo.example\r\nuser-2002,Cleo,Hart-Lane,cleo@demo.example\r\n\
    user-9999,Nobody,Known,nobody@people.example\r\n";

/// Tells these stories.
pub(super) async fn make(app: &App, cast: &Cast) -> Result<(), Problem> {
    let story = Story::new(app, IMPORT, Some(cast.staff())).await?;
    let there = app.clone();
    story
        .on(story.ago(12), Some(cast.staff()), move |tx| {
            let asked = Asked {
                kind: RecordKind::People,
                form: RowForm::Csv,
                dry_run: false,
                source: "office".to_owned(),
                rows_total: import::count(RecordKind::People, RowForm::Csv, PEOPLE)?,
            };
            let asked = import::request(tx, &asked, PEOPLE.as_bytes())?;
            import::at_once(&there, tx, asked.id)
        })
        .await?;
    let story = Story::new(app, RECONCILIATION, Some(cast.staff())).await?;
    let there = app.clone();
    story
        .on(story.ago(3), Some(cast.staff()), move |tx| {
            let rows = import::count_rows::<reconciliation::ListRow>(RowForm::Csv, ACCOUNTS)?;
            let form = (RowForm::Csv, rows);
            let asked = reconciliation::request(tx, form, PARTNER, ACCOUNTS.as_bytes())?;
            reconciliation::at_once(&there, tx, asked.id)
        })
        .await
}
