//! Money as the databases keep it: a ledger that is only added to, sums that agree, rules that hold for
//! whoever writes.

mod awards;
mod orders;
mod town;

use domain::{
    InvoiceId,
    invoice::{InvoiceState, PaymentMethod},
    ledger::{Account, AccountKind, Balances, Payer, PostingKind, Transfer},
    program::ProgramCode,
};
use persistence::{Error, InvoiceFilter, LedgerFilter, Page, Tx};
use town::{ann_pays_too_much, broken, first, issue, money, pay, post, today, town};

use crate::support::database::{Db, each_database, stamp};

fn is_append_only(db: &Db, sql: &str) {
    let refused = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| db.execute(sql)));
    let told = refused.expect_err("the statement is refused");
    let told = told.downcast_ref::<String>().cloned().unwrap_or_default();
    assert!(told.contains("is append only: post the reversal"), "{sql}: {told}");
}

each_database! {
    async fn nobody_changes_or_removes_an_entry(db) {
        let store = db.store();
        let town = town(&store).await;
        ann_pays_too_much(&store, &town).await;
        for table in ["ledger_postings", "ledger_transfers"] {
            is_append_only(&db, &format!("DELETE FROM {table}"));
        }
        is_append_only(&db, "UPDATE ledger_transfers SET amount_cents = amount_cents + 1");
        is_append_only(&db, "UPDATE ledger_postings SET source = 'another'");
        // Nor does anybody put another row in an entry's place, or one more beside it.
        let columns = "posting_id, place, debit_account, debit_payer, credit_account, credit_payer, amount_cents";
        let again = |place: &str| {
            let values = columns.replace("place", place).replace("amount_cents", "amount_cents + 1");
            format!("INTO ledger_transfers ({columns}) SELECT {values} FROM ledger_transfers WHERE place > 0")
        };
        is_append_only(&db, &format!("INSERT {}", again("place + 10")));
        if db.is_postgres() {
            is_append_only(&db, "TRUNCATE ledger_transfers");
            let update = "ON CONFLICT (posting_id, place) DO UPDATE SET amount_cents = 1";
            is_append_only(&db, &format!("INSERT {} {update}", again("place")));
        } else {
            is_append_only(&db, &format!("INSERT OR REPLACE {}", again("place")));
            is_append_only(&db, "INSERT OR REPLACE INTO ledger_postings SELECT * FROM ledger_postings");
        }
        assert_eq!(broken(&store).await, Vec::<&str>::new());
    }

    async fn the_database_refuses_what_is_no_transfer(db) {
        let store = db.store();
        let town = town(&store).await;
        let ann = Payer::Person(town.ann.0);
        let cash = Account::of(AccountKind::CashCard);
        let owed = Account::owned(AccountKind::Receivable, ann);
        let nobodys = Account::of(AccountKind::Receivable);
        let somebodys = Account::owned(AccountKind::CashCheck, ann);
        for (debit, credit, cents) in
            [(cash, owed, 0), (cash, owed, -1), (cash, cash, 5), (owed, owed, 5), (cash, nobodys, 5), (somebodys, owed, 5)]
        {
            let transfer = Transfer { debit, credit, amount_cents: cents };
            let posted = store.write(stamp(), move |tx| {
                post(tx, PostingKind::PaymentReceived, (None, "x".to_owned()), vec![transfer])
            });
            let refused = posted.await;
            assert!(matches!(refused, Err(Error::Broken(_))), "{transfer:?}: {refused:?}");
        }
        assert_eq!(broken(&store).await, Vec::<&str>::new());
    }

    async fn postings_balances_and_entries_agree(db) {
        let store = db.store();
        let town = town(&store).await;
        let invoice = ann_pays_too_much(&store, &town).await;
        let (ann, ben) = (Payer::Person(town.ann.0), Payer::Person(town.ben.0));
        let ben_pays = move |tx: &mut Tx<'_>| issue(tx, ben, (None, None), 5_000).map(drop);
        store.write(stamp(), ben_pays).await.unwrap();
        let read = move |tx: &mut Tx<'_>| {
            let lssc = ProgramCode::lssc();
            let of = |payer| LedgerFilter { payer, ..LedgerFilter::default() };
            let all = tx.ledger().postings(&of(None), first())?;
            assert_eq!(all.len(), 4);
            let transfers: Vec<Transfer> = all.iter().flat_map(|one| one.transfers.clone()).collect();
            let summed = tx.ledger().balances(&of(None))?;
            assert_eq!(Some(&summed), Balances::default().with(&transfers).as_ref());
            assert_eq!(summed.total_cents(), 0);
            for account in summed.0.keys() {
                assert_eq!(tx.ledger().balance(&lssc, *account)?, summed.of(*account));
            }
            let credit = Account::owned(AccountKind::CustomerCredit, ann);
            assert_eq!(summed.of(credit), -7_500);
            assert_eq!(summed.of(Account::owned(AccountKind::Receivable, ann)), 0);
            assert_eq!(summed.of(Account::owned(AccountKind::Receivable, ben)), 5_000);
            assert_eq!(summed.of(Account::of(AccountKind::CashCheck)), 30_000);
            assert_eq!(tx.ledger().balances(&of(Some(ann)))?.0.len(), 2, "Ann's own accounts only");

            let entries = tx.ledger().entries(&lssc, ann, None)?;
            assert_eq!(entries, tx.ledger().postings(&of(Some(ann)), first())?);
            assert_eq!(entries.iter().map(|one| one.transfers.len()).collect::<Vec<_>>(), [1, 1, 2]);
            assert_eq!(tx.ledger().entries(&lssc, ann, today().pred_opt())?, Vec::new());
            let by_check = LedgerFilter {
                account: Some(AccountKind::CashCheck),
                invoice: Some(invoice),
                from: Some(today()),
                ..LedgerFilter::default()
            };
            assert_eq!(tx.ledger().postings(&by_check, first())?, entries[2..]);
            let after = Page { after: Some(all[2].id), limit: 1 };
            assert_eq!(tx.ledger().postings(&of(None), after)?, all[3..]);
            Ok::<_, Error>(())
        };
        store.read(read).await.unwrap();
    }

    async fn invoices_are_found_by_payer_state_number_and_payment(db) {
        let store = db.store();
        let town = town(&store).await;
        let paid = ann_pays_too_much(&store, &town).await;
        let (ann, ben) = (Payer::Person(town.ann.0), Payer::Person(town.ben.0));
        let library = Payer::Organisation(town.library);
        let write = move |tx: &mut Tx<'_>| {
            let part = issue(tx, ben, (None, None), 5_000)?.id;
            let check = money(tx, PaymentMethod::Check, "17", library, 2_000);
            let paid_part = pay(tx, part, check)?;
            let open = issue(tx, library, (None, None), 100)?.id;
            let mut void = issue(tx, ben, (None, None), 100)?;
            void.voided_on = Some(today());
            void.void_reason = Some("A mistake.".to_owned());
            tx.invoices().save(&mut void)?;
            let mut payment = paid_part.payments[0].clone();
            payment.refunded_cents = 500;
            tx.invoices().save_payment(&payment)?;
            Ok::<_, Error>((part, open, void.id, payment))
        };
        let (part, open, void, payment) = store.write(stamp(), write).await.unwrap();
        let read = move |tx: &mut Tx<'_>| {
            let mut ids = |filter: &InvoiceFilter| -> Vec<InvoiceId> {
                let found = tx.invoices().list(filter, first()).unwrap();
                found.iter().map(|invoice| invoice.id).collect()
            };
            for (state, id) in [
                (InvoiceState::Paid, paid),
                (InvoiceState::PartPaid, part),
                (InvoiceState::Open, open),
                (InvoiceState::Void, void),
            ] {
                let filter = InvoiceFilter { state: Some(state), ..InvoiceFilter::default() };
                assert_eq!(ids(&filter), [id], "{state}");
            }
            let of = |payers| InvoiceFilter { payers: Some(payers), ..InvoiceFilter::default() };
            assert_eq!(ids(&of(vec![library, ann])), [paid, open]);
            assert_eq!(ids(&of(Vec::new())), []);
            let lssc = ProgramCode::lssc();
            let number = tx.invoices().load(open)?.number;
            assert_eq!(tx.invoices().by_number(&lssc, &number)?, Some(open));
            assert_eq!(tx.invoices().by_number(&lssc, "none")?, None);
            let of_ben = tx.invoices().of_person(ben.person().unwrap())?;
            assert_eq!(of_ben.iter().map(|one| one.id).collect::<Vec<_>>(), [part, void]);
            assert_eq!(of_ben[0].payments, std::slice::from_ref(&payment));
            assert_eq!(of_ben[1].void_reason.as_deref(), Some("A mistake."));
            assert_eq!(tx.invoices().load_all(&[open, part])?[0], of_ben[0], "in order of ids");
            assert_eq!(tx.invoices().invoice_of(payment.id)?, part);
            let (of, card) = tx.invoices().card_payment(&lssc, "card-1")?.unwrap();
            assert_eq!((of, card.amount_cents), (paid, 10_000));
            assert_eq!(tx.invoices().card_payment(&lssc, "17")?, None, "a check's number");
            Ok::<_, Error>(())
        };
        store.read(read).await.unwrap();
    }
}
