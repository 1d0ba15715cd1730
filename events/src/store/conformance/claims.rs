//! Names that only one can have.

use futures_util::future::join;
use uuid::Uuid;

use super::{
    Fresh,
    sample::{batch, claim, one, stream, whole},
};
use crate::store::{
    AppendError,
    ClaimChange::{Release, Take},
};

pub(super) async fn a_claim_has_one_owner(log: Fresh) {
    let (ann, bob) = (Uuid::from_u128(1), Uuid::from_u128(2));
    log.append(one(stream(1), 0).claiming([Take(claim(1), ann)])).await.unwrap();
    for owner in [ann, bob] {
        match log.append(one(stream(2), 0).claiming([Take(claim(1), owner)])).await {
            Err(AppendError::ClaimTaken { claim: taken, owner }) => {
                assert_eq!((taken, owner), (claim(1), ann));
            }
            other => panic!("{other:?}"),
        }
    }
    // What somebody else has can't be released.
    log.append(one(stream(2), 0).claiming([Release(claim(1), bob)])).await.unwrap();
    assert_eq!(log.owner_of(claim(1)).await.unwrap(), Some(ann));

    log.append(one(stream(2), 1).claiming([Release(claim(1), ann)])).await.unwrap();
    assert_eq!(log.owner_of(claim(1)).await.unwrap(), None);
    log.append(one(stream(2), 2).claiming([Take(claim(1), bob)])).await.unwrap();
    assert_eq!(log.owner_of(claim(1)).await.unwrap(), Some(bob));
    assert_eq!(whole(&log).await.len(), 4);
}

pub(super) async fn claims_change_in_order(log: Fresh) {
    let (ann, bob) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let twice = batch([]).claiming([Take(claim(1), ann), Take(claim(1), bob)]);
    assert!(
        matches!(log.append(twice).await, Err(AppendError::ClaimTaken { owner, .. }) if owner == ann)
    );
    assert_eq!(log.owner_of(claim(1)).await.unwrap(), None);

    let kept = [Take(claim(1), ann), Release(claim(1), ann), Take(claim(1), bob)];
    log.append(batch([]).claiming(kept)).await.unwrap();
    assert_eq!(log.owner_of(claim(1)).await.unwrap(), Some(bob));

    let handed_over = [Release(claim(1), bob), Take(claim(1), ann)];
    log.append(batch([]).claiming(handed_over)).await.unwrap();
    assert_eq!(log.owner_of(claim(1)).await.unwrap(), Some(ann));

    let given_back = [Take(claim(2), ann), Release(claim(2), ann), Release(claim(1), ann)];
    log.append(batch([]).claiming(given_back)).await.unwrap();
    for number in [1, 2] {
        assert_eq!(log.owner_of(claim(number)).await.unwrap(), None);
    }
}

/// Requests that come together are decided in the order in which they came.
pub(super) async fn the_first_is_decided_first(log: Fresh) {
    let (ann, bob) = (Uuid::from_u128(1), Uuid::from_u128(2));
    for number in 0..20 {
        let claim = claim(number);
        log.append(batch([]).claiming([Take(claim, ann)])).await.unwrap();
        let early = log.append(batch([]).claiming([Take(claim, bob)]));
        let release = log.append(batch([]).claiming([Release(claim, ann)]));
        let (early, release) = join(early, release).await;
        assert!(matches!(early, Err(AppendError::ClaimTaken { owner, .. }) if owner == ann));
        release.unwrap();
        assert_eq!(log.owner_of(claim).await.unwrap(), None);

        log.append(batch([]).claiming([Take(claim, ann)])).await.unwrap();
        let release = log.append(batch([]).claiming([Release(claim, ann)]));
        let late = log.append(batch([]).claiming([Take(claim, bob)]));
        let (release, late) = join(release, late).await;
        release.unwrap();
        late.unwrap();
        assert_eq!(log.owner_of(claim).await.unwrap(), Some(bob));
    }
}
