//! What happens to a course proposal, act by act.

use actix_web::web::Bytes;
use domain::{
    AttachmentId, BundleId, CourseId, OrganisationId, PersonId, ProposalId,
    attachment::{Attachment, AttachmentEvent, AttachmentOwner, AttachmentPurpose},
    competency::SetCode,
    course::{
        CourseDetails, Mode,
        bundle::Bundle,
        map::MapEntry,
        proposal::{CourseProposal, ProposalContent},
    },
    event::Event,
    program::ProgramCode,
};
use persistence::Tx;

use super::Story;
use crate::{
    app::App,
    demo::orders::{pays, rules},
    files::FileKey,
    flows::{bundle, proposal},
    problem::Problem,
};

/// The files that every proposal of the demo names.
#[derive(Debug, Clone, Copy)]
pub(super) struct Papers {
    syllabus: AttachmentId,
    resume: AttachmentId,
}

/// Paul hands in a syllabus and a resume.
pub(super) async fn papers(
    story: &Story<'_>,
    app: &App,
    paul: PersonId,
    provider: OrganisationId,
) -> Result<Papers, Problem> {
    let texts: [(AttachmentPurpose, &str, &'static str); 2] = [
        (AttachmentPurpose::Syllabus, "syllabus.txt", "Eight weeks, two hours each.\n"),
        (AttachmentPurpose::InstructorResume, "resume.txt", "Twenty years at the desk.\n"),
    ];
    let mut ids = Vec::new();
    for (purpose, name, text) in texts {
        let key = FileKey::of(text.as_bytes());
        app.files.put(&key, Bytes::from_static(text.as_bytes())).await?;
        let id = story
            .on(story.ago(410), Some(paul), move |tx| {
                let file = Attachment {
                    id: tx.new_id(),
                    program: ProgramCode::lssc(),
                    owner: AttachmentOwner::Organisation(provider),
                    purpose,
                    file_name: name.to_owned(),
                    media_type: "text/plain".to_owned(),
                    size_bytes: u64::try_from(text.len()).unwrap_or_default(),
                    sha256: key.to_string(),
                    uploaded_by: tx.actor().to_owned(),
                    uploaded_at: tx.now(),
                };
                tx.attachments().insert(&file)?;
                tx.record(Event {
                    program: Some(file.program.clone()),
                    subject: file.id.to_string(),
                    person: None,
                    fact: AttachmentEvent::Uploaded { after: file.clone() },
                })?;
                Ok(file.id)
            })
            .await?;
        ids.push(id);
    }
    let [syllabus, resume] = ids.as_slice() else {
        return Err(Problem::internal("the demo has two papers"));
    };
    Ok(Papers { syllabus: *syllabus, resume: *resume })
}

/// Who proposes, and what for.
pub(super) struct Desk<'a> {
    pub(super) story: Story<'a>,
    pub(super) staff: Option<PersonId>,
    pub(super) paul: PersonId,
    pub(super) provider: OrganisationId,
    pub(super) papers: Papers,
}

/// The whole map of a set, or one half of it.
fn map(
    tx: &mut Tx<'_>,
    day: chrono::NaiveDate,
    set: &SetCode,
    half: Option<usize>,
) -> Result<Vec<MapEntry>, Problem> {
    let framework = rules(tx, day)?.framework;
    let codes = framework.set(set).map(|set| &set.competencies).into_iter().flatten();
    let entry = |one: &domain::competency::Competency| MapEntry {
        competency: one.code.clone(),
        content: format!("A lesson: {}.", one.text),
        reading: "The chapter on it, and one article.".to_owned(),
        assignment: "A case from the learner's own library.".to_owned(),
        assessment: "A short essay, graded by the rubric.".to_owned(),
    };
    let taken = |place: usize| half.is_none_or(|half| place % 2 == half);
    Ok(codes.enumerate().filter(|(place, _)| taken(*place)).map(|(_, one)| entry(one)).collect())
}

impl Desk<'_> {
    fn content(&self, title: &str, set: SetCode, bundle: Option<BundleId>) -> ProposalContent {
        ProposalContent {
            set,
            bundle,
            details: CourseDetails {
                title: title.to_owned(),
                modes: vec![Mode::Online],
                place: None,
                price: Some("$190".to_owned()),
                website: Some("https://provider.example.org/courses".to_owned()),
            },
            syllabus: Some(self.papers.syllabus),
            instructor_resume: Some(self.papers.resume),
            map: Vec::new(),
        }
    }

    /// Paul drafts a proposal with everything in it.
    pub(super) async fn drafts(
        &self,
        days_ago: u64,
        set: &str,
        title: &str,
    ) -> Result<ProposalId, Problem> {
        self.begins(days_ago, self.content(title, code(set)?, None), None, None).await
    }

    /// Paul drafts one half of a bundle.
    pub(super) async fn drafts_part(
        &self,
        days_ago: u64,
        (set, title): (&str, &str),
        bundle: BundleId,
        half: usize,
    ) -> Result<ProposalId, Problem> {
        let content = self.content(title, code(set)?, Some(bundle));
        self.begins(days_ago, content, None, Some(half)).await
    }

    /// Paul proposes the renewal of a course, and submits it.
    pub(super) async fn renews(
        &self,
        days_ago: u64,
        course: Option<CourseId>,
    ) -> Result<(), Problem> {
        let content = self.content("Foundations, renewed", code("FND")?, None);
        let id = self.begins(days_ago, content, course, None).await?;
        self.submits(days_ago - 1, id, false).await
    }

    async fn begins(
        &self,
        days_ago: u64,
        content: ProposalContent,
        renews: Option<CourseId>,
        half: Option<usize>,
    ) -> Result<ProposalId, Problem> {
        let (paul, provider, day) = (self.paul, self.provider, self.story.ago(days_ago));
        self.story
            .on(day, Some(paul), move |tx| {
                let mut content = content.clone();
                content.map = map(tx, day, &content.set, half)?;
                let provider = tx.providers().get(provider)?;
                let course = proposal::renewed(tx, &provider, renews)?;
                let (id, when) = (tx.new_id(), (day, tx.now()));
                let draft =
                    CourseProposal::draft(id, &provider, paul, course.as_ref(), content, when)?;
                proposal::begin(tx, draft).map(|draft| draft.id)
            })
            .await
    }

    /// Paul submits a proposal; the office gets the fee.
    pub(super) async fn submits(
        &self,
        days_ago: u64,
        id: ProposalId,
        paid: bool,
    ) -> Result<(), Problem> {
        let day = self.story.ago(days_ago);
        let owed = self
            .story
            .on(day, Some(self.paul), move |tx| {
                let rules = rules(tx, day)?;
                let draft = tx.proposals().get(id)?;
                let invoice = proposal::submit(tx, &rules, draft)?.invoice;
                Ok(invoice.map(|id| tx.invoices().load(id)).transpose()?)
            })
            .await?;
        match owed.filter(|_| paid) {
            Some(owed) => pays(&self.story, day, owed.id, owed.total_cents, "5521").await,
            None => Ok(()),
        }
    }

    /// Paul withdraws a proposal.
    pub(super) async fn withdraws(&self, days_ago: u64, id: ProposalId) -> Result<(), Problem> {
        let day = self.story.ago(days_ago);
        self.story
            .on(day, Some(self.paul), move |tx| {
                let rules = rules(tx, day)?;
                let proposal = tx.proposals().get(id)?;
                let reason = Some("The instructor moved away.".to_owned());
                proposal::withdraw(tx, &rules, proposal, reason).map(drop)
            })
            .await
    }

    /// Paul drafts a bundle.
    pub(super) async fn bundles(
        &self,
        days_ago: u64,
        set: &str,
        title: &str,
    ) -> Result<BundleId, Problem> {
        let (provider, set, title) = (self.provider, code(set)?, title.to_owned());
        self.story
            .on(self.story.ago(days_ago), Some(self.paul), move |tx| {
                let (id, lssc) = (tx.new_id(), ProgramCode::lssc());
                let draft = Bundle::draft(id, lssc, provider, set.clone(), title.clone());
                bundle::begin(tx, draft).map(|draft| draft.id)
            })
            .await
    }
}

fn code(set: &str) -> Result<SetCode, Problem> {
    set.parse().map_err(|_wrong| Problem::internal(format!("{set} is no code of a set")))
}
