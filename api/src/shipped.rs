//! The program that ships with `lssc`: LSSC, its policy, its ten competency sets, its FAQ, the guidance for
//! portfolios and the texts of notices.
//!
//! It is data (`api/data/lssc`), loaded once into a database that has no programs; from then on staff
//! publish versions by API.

use chrono::NaiveDate;
use domain::{
    competency::{Framework, SetCode},
    notice::{NoticeKind, NoticeTemplate, TemplateText},
    policy::Policy,
    program::{Program, ProgramCode},
    support::{Guidance, GuidanceText},
};
use persistence::{Constraint, Error, FrameworkVersion, Optional, PolicyVersion, Tx};
use serde::{Deserialize, de::DeserializeOwned};

use crate::{app::App, problem::Problem};

const PROGRAM: &str = include_str!("../data/lssc/program.json");
const POLICY: &str = include_str!("../data/lssc/policy.json");
const FRAMEWORK: &str = include_str!("../data/lssc/competency_sets.json");
const FAQ: &str = include_str!("../data/lssc/faq.json");
const GUIDANCE: &str = include_str!("../data/lssc/guidance.json");
const NOTICES: &str = include_str!("../data/lssc/notices.json");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shipped {
    code: ProgramCode,
    name: String,
    zone: String,
    parent: Option<ProgramCode>,
    policy_effective_on: NaiveDate,
}

fn read<T: DeserializeOwned>(name: &str, text: &str) -> Result<T, Problem> {
    serde_json::from_str(text).map_err(|error| Problem::internal(format!("{name}: {error}")))
}

/// Loads the shipped program, unless the database has one already. Two servers that start at once on
/// an empty database both end up with it: the second one's insert conflicts and finds it there.
pub(crate) async fn load(app: &App) -> Result<(), Problem> {
    load_program(app).await?;
    load_guidance(app).await?;
    load_notices(app).await
}

async fn load_program(app: &App) -> Result<(), Problem> {
    let present = |tx: &mut Tx<'_>| Ok::<_, Problem>(!tx.programs().list()?.is_empty());
    if app.store.read(move |tx| present(tx)).await? {
        return Ok(());
    }
    let loaded = app
        .store
        .write(app.stamp_of("system", "start"), |tx| {
            if tx.programs().list()?.is_empty() { insert(tx) } else { Ok(()) }
        })
        .await;
    match loaded {
        Ok(()) => Ok(()),
        Err(problem) => {
            if app.store.read(move |tx| present(tx)).await? {
                Ok(())
            } else {
                Err(problem)
            }
        }
    }
}

/// The guidance that ships for one set.
#[derive(Clone, Deserialize)]
struct ShippedGuidance {
    set: SetCode,
    #[serde(flatten)]
    text: GuidanceText,
}

/// Loads the shipped guidance for the sets that have none: of a new database, and of one that was made before
/// there was guidance. What staff wrote stays. Of two servers that start at once one stores it.
async fn load_guidance(app: &App) -> Result<(), Problem> {
    let shipped: Vec<ShippedGuidance> = read("guidance.json", GUIDANCE)?;
    let missing = app
        .store
        .read(move |tx| {
            let program = ProgramCode::lssc();
            let known = tx.programs().get(&program).found()?.is_some();
            let there = tx.guidance().of_program(&program)?;
            let missing = shipped.iter().filter(|new| there.iter().all(|one| one.set != new.set));
            Ok::<_, Problem>(missing.filter(|_| known).cloned().collect::<Vec<_>>())
        })
        .await?;
    if missing.is_empty() {
        return Ok(());
    }
    let loaded = app
        .store
        .write(app.stamp_of("system", "start"), move |tx| {
            for ShippedGuidance { set, text } in missing.clone() {
                let (id, updated_at) = (tx.new_id(), tx.now());
                let (program, updated_by) = (ProgramCode::lssc(), "system".to_owned());
                let guidance =
                    Guidance { id, program, set, text, updated_at, updated_by, version: 1 };
                tx.guidance().insert(&guidance)?;
            }
            Ok::<_, Error>(())
        })
        .await;
    match loaded {
        Err(Error::Conflict(Constraint::GuidanceSet)) => Ok(()),
        other => Ok(other?),
    }
}

/// The text that ships for one kind of notice.
#[derive(Clone, Deserialize)]
struct ShippedNotice {
    kind: NoticeKind,
    #[serde(flatten)]
    text: TemplateText,
}

/// The text that ships for a kind of notice.
pub(crate) fn notice_text(kind: NoticeKind) -> Result<TemplateText, Problem> {
    let shipped: Vec<ShippedNotice> = read("notices.json", NOTICES)?;
    let found = shipped.into_iter().find(|one| one.kind == kind).map(|one| one.text);
    found.ok_or_else(|| Problem::internal(format!("no text ships for the notice {kind}")))
}

/// Loads the shipped texts of notices into every program, for the kinds that have none. What staff wrote stays.
async fn load_notices(app: &App) -> Result<(), Problem> {
    let shipped: Vec<ShippedNotice> = read("notices.json", NOTICES)?;
    let missing = app
        .store
        .read(move |tx| {
            let mut missing = Vec::new();
            for program in tx.programs().list()? {
                let there = tx.notice_templates().of_program(&program.code)?;
                let new = shipped.iter().filter(|new| there.iter().all(|one| one.kind != new.kind));
                missing.extend(new.cloned().map(|new| (program.code.clone(), new)));
            }
            Ok::<_, Problem>(missing)
        })
        .await?;
    if missing.is_empty() {
        return Ok(());
    }
    let loaded = app
        .store
        .write(app.stamp_of("system", "start"), move |tx| {
            for (program, ShippedNotice { kind, text }) in missing.clone() {
                let (made_at, made_by) = (tx.now(), "system".to_owned());
                let template = NoticeTemplate { program, kind, version: 1, text, made_at, made_by };
                tx.notice_templates().insert(&template)?;
            }
            Ok::<_, Error>(())
        })
        .await;
    match loaded {
        Err(Error::Conflict(Constraint::NoticeTemplatesVersion)) => Ok(()),
        other => Ok(other?),
    }
}

fn insert(tx: &mut Tx<'_>) -> Result<(), Problem> {
    let shipped: Shipped = read("program.json", PROGRAM)?;
    let policy: Policy = read("policy.json", POLICY)?;
    let framework: Framework = read("competency_sets.json", FRAMEWORK)?;
    let code = shipped.code.clone();
    tx.programs().insert(&Program {
        code: shipped.code,
        name: shipped.name,
        zone: shipped.zone,
        parent: shipped.parent,
    })?;
    // The first version of the sets holds from the first day on: no earlier one was ever shipped.
    let version = FrameworkVersion { version: 1, framework };
    tx.programs().insert_framework(&code, &version, shipped.policy_effective_on)?;
    let id = tx.new_id();
    let published_at = tx.now();
    tx.programs().insert_policy(&PolicyVersion {
        id,
        program: code.clone(),
        version: 1,
        effective_on: shipped.policy_effective_on,
        published_at,
        published_by: "system".to_owned(),
        policy,
    })?;
    tx.programs().insert_faq(&code, read("faq.json", FAQ)?)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use domain::{Word, notice::template};

    use super::*;

    #[test]
    fn a_text_ships_for_every_kind_of_notice_and_says_what_it_may() {
        for kind in NoticeKind::ALL {
            let text = notice_text(*kind).unwrap();
            assert_eq!(text.check(*kind), [], "{kind}");
            let filled = text.filled(&template::sample(*kind)).unwrap();
            assert!(!filled.subject.contains('\n') && filled.body.ends_with('\n'), "{kind}");
        }
        let shipped: Vec<ShippedNotice> = read("notices.json", NOTICES).unwrap();
        assert_eq!(shipped.len(), NoticeKind::ALL.len());
    }
}
