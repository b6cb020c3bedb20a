//! Who owes, pays and gets money back, as bodies and queries name them.

use domain::{
    BadFact, OrganisationId, PersonId,
    access::Reach,
    ledger::Payer,
    program::{Program, ProgramCode},
};
use persistence::{Optional, Tx};

use crate::{problem::Problem, v1::people};

/// The payer whom a body names by exactly one of `person_id` and `institution_id`, the latter an institution
/// or a provider: 422 when it is none or both, when there is no such one, or when it is of another program.
pub(crate) fn named(
    tx: &mut Tx<'_>,
    program: &Program,
    person: Option<PersonId>,
    institution: Option<OrganisationId>,
) -> Result<Payer, Problem> {
    match (person, institution) {
        (Some(person), None) => {
            people::named(tx, "/person_id", person)?;
            Ok(Payer::Person(person))
        }
        (None, Some(id)) => organisation_named(tx, "/institution_id", &program.code, id),
        (None, None) => {
            let detail = "Say whom: person_id or institution_id.";
            Err(BadFact::at("/person_id", "required", detail).into())
        }
        (Some(_), Some(_)) => {
            let detail = "Either person_id or institution_id, not both.";
            Err(BadFact::at("/institution_id", "exclusive", detail).into())
        }
    }
}

/// The institution or provider of a program that a body names at `pointer`: 422 when there is none.
pub(crate) fn organisation_named(
    tx: &mut Tx<'_>,
    pointer: &str,
    program: &ProgramCode,
    id: OrganisationId,
) -> Result<Payer, Problem> {
    let institution = tx.institutions().get(id).found()?.map(|one| one.program);
    let of = match institution {
        Some(of) => Some(of),
        None => tx.providers().get(id).found()?.map(|one| one.program),
    };
    match of.filter(|of| of == program) {
        Some(_) => Ok(Payer::Organisation(id)),
        None => {
            Err(Problem::input(pointer, "unknown", "There is no such institution or provider."))
        }
    }
}

/// Whose entries a list may hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Listed {
    /// Everybody's.
    Everybodys,
    /// Those of some payers.
    Of(Vec<Payer>),
    /// Nobody's: the caller may list, but nothing that the query asks for.
    Nobodys,
}

impl Listed {
    /// Those within the caller's reach that the query asks for.
    pub(crate) fn of(
        reach: &Reach,
        person: Option<PersonId>,
        institution: Option<OrganisationId>,
    ) -> Self {
        let mut payers = match reach {
            Reach::Everything => None,
            Reach::Own(own) => {
                let person = own.person.map(Payer::Person);
                let organisations = own.organisations.iter().copied().map(Payer::Organisation);
                Some(person.into_iter().chain(organisations).collect::<Vec<_>>())
            }
        };
        let asked = [person.map(Payer::Person), institution.map(Payer::Organisation)];
        for wanted in asked.into_iter().flatten() {
            payers = Some(match payers {
                None => vec![wanted],
                Some(payers) => payers.into_iter().filter(|payer| *payer == wanted).collect(),
            });
        }
        match payers {
            None => Self::Everybodys,
            Some(payers) if payers.is_empty() => Self::Nobodys,
            Some(payers) => Self::Of(payers),
        }
    }

    /// Puts them into a repository's filter, which has none for everybody; false where the list is empty
    /// whatever is stored.
    pub(crate) fn narrow(self, payers: &mut Option<Vec<Payer>>) -> bool {
        match self {
            Self::Everybodys => true,
            Self::Of(some) => {
                *payers = Some(some);
                true
            }
            Self::Nobodys => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::access::Own;

    use super::*;

    #[test]
    fn a_list_holds_what_is_asked_for_within_reach() {
        let (ada, bob) = (PersonId::from_bits(1), PersonId::from_bits(2));
        let library = OrganisationId::from_bits(3);
        let own = Reach::Own(Own { person: Some(ada), organisations: vec![library] });
        let everything = Reach::Everything;
        let (adas, librarys) = (Payer::Person(ada), Payer::Organisation(library));
        assert_eq!(Listed::of(&everything, None, None), Listed::Everybodys);
        let bobs = Listed::Of(vec![Payer::Person(bob)]);
        assert_eq!(Listed::of(&everything, Some(bob), None), bobs);
        assert_eq!(Listed::of(&own, None, None), Listed::Of(vec![adas, librarys]));
        assert_eq!(Listed::of(&own, None, Some(library)), Listed::Of(vec![librarys]));
        assert_eq!(Listed::of(&own, Some(bob), None), Listed::Nobodys);
        assert_eq!(Listed::of(&everything, Some(ada), Some(library)), Listed::Nobodys);
        assert_eq!(Listed::of(&Reach::Own(Own::default()), None, None), Listed::Nobodys);
    }
}
