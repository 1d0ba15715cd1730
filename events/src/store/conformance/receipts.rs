//! Requests that come a second time.

use futures_util::future::join_all;

use super::{
    Fresh,
    sample::{batch, one, receipt, stream, whole},
};
use crate::{
    Position,
    store::{AppendError, Appended},
};

pub(super) async fn a_receipt_replays(log: Fresh) {
    log.append(one(stream(1), 0).receipted(receipt(1, 1))).await.unwrap();
    log.append(one(stream(2), 0)).await.unwrap();

    // The same request again, decided on old knowledge or on new.
    for expected in [0, 1] {
        let again = log.append(one(stream(1), expected).receipted(receipt(1, 1))).await.unwrap();
        let subject = receipt(1, 1).subject;
        assert_eq!(again, Appended { position: Position(1), replayed: Some(subject) });
    }
    for expected in [0, 1] {
        let other = log.append(one(stream(1), expected).receipted(receipt(1, 2))).await;
        assert!(matches!(other, Err(AppendError::KeyReused)), "{other:?}");
    }
    // What was refused leaves no receipt.
    log.append(one(stream(1), 7).receipted(receipt(2, 1))).await.unwrap_err();
    let appended = log.append(one(stream(1), 1).receipted(receipt(2, 2))).await.unwrap();
    assert_eq!(appended, Appended { position: Position(3), replayed: None });
    assert_eq!(whole(&log).await.len(), 3);
}

pub(super) async fn a_receipt_of_nothing_replays(log: Fresh) {
    log.append(one(stream(1), 0)).await.unwrap();
    let mut nothing = receipt(1, 1);
    nothing.subject = None;
    let first = log.append(batch([]).receipted(nothing)).await.unwrap();
    assert_eq!(first, Appended { position: Position(1), replayed: None });
    log.append(one(stream(1), 1)).await.unwrap();
    let again = log.append(batch([]).receipted(nothing)).await.unwrap();
    assert_eq!(again, Appended { position: Position(1), replayed: Some(None) });
}

pub(super) async fn equal_requests_at_once(log: Fresh) {
    let requests = (0..64).map(|_| log.append(one(stream(1), 0).receipted(receipt(1, 1))));
    let answers = join_all(requests).await;
    let first = answers.iter().filter(|answer| answer.as_ref().unwrap().replayed.is_none());
    assert_eq!(first.count(), 1);
    assert!(answers.iter().all(|answer| answer.as_ref().unwrap().position == Position(1)));
    assert_eq!(whole(&log).await.len(), 1);
}
