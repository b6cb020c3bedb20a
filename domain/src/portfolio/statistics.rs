//! How far two evaluators agree: raw agreement, and Cohen's kappa, which takes off what chance alone would
//! give.

use serde::Serialize;

use super::Rating;
use crate::Word;

/// How far pairs of ratings agree. Shares in ten-thousandths: 8571 is 0.8571.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct AgreementFigures {
    /// Pairs of ratings of one competency by two evaluators.
    pub pairs: u64,
    /// Those that are equal.
    pub agreed: u64,
    /// Their share; none without pairs.
    pub raw_agreement: Option<i64>,
    /// Cohen's kappa; none without pairs, and where both always give the same rating.
    pub kappa: Option<i64>,
}

/// A quotient in ten-thousandths, rounded half away from 0.
fn share(part: i128, whole: i128) -> Option<i64> {
    if whole == 0 {
        return None;
    }
    let doubled = part.checked_mul(20_000)?;
    let rounded = if (doubled < 0) == (whole < 0) { doubled + whole } else { doubled - whole };
    i64::try_from(rounded / (2 * whole)).ok()
}

/// The figures of pairs of ratings: the first evaluator's and the second one's.
#[must_use]
pub fn agreement(pairs: &[(Rating, Rating)]) -> AgreementFigures {
    let count = |holds: &dyn Fn(&(Rating, Rating)) -> bool| {
        i128::try_from(pairs.iter().filter(|pair| holds(pair)).count()).unwrap_or(i128::MAX)
    };
    let (all, agreed) = (count(&|_| true), count(&|(one, other)| one == other));
    // n times n times what chance alone would agree on.
    let chance: i128 = Rating::ALL
        .iter()
        .map(|rating| count(&|(one, _)| one == rating) * count(&|(_, other)| other == rating))
        .sum();
    AgreementFigures {
        pairs: u64::try_from(all).unwrap_or(u64::MAX),
        agreed: u64::try_from(agreed).unwrap_or(u64::MAX),
        raw_agreement: share(agreed, all),
        kappa: share(all * agreed - chance, all * all - chance),
    }
}
