//! The acts on an invoice. Each takes the present invoice and returns the next one with its event, or the
//! findings that stand in the way.

use chrono::NaiveDate;

use super::{
    Invoice, InvoiceEvent, InvoiceLine, InvoiceState, MemberCredit, OWED, Payment, PaymentMethod,
    Reversal,
};
use crate::{
    Finding, PaymentId, PurchaseOrderId,
    decision::{self, Refused},
    ledger::Payer,
    person::Membership,
    policy::FeePolicy,
};

impl Invoice {
    /// Records what came in. What is more than the balance becomes credit of who paid: the payment's
    /// `amount_cents` is set to what pays the invoice.
    pub fn pay(mut self, mut payment: Payment) -> Result<(Self, Payment, InvoiceEvent), Refused> {
        decision::by_state(self.payment_findings())?;
        payment.amount_cents = payment.received_cents.min(self.balance_cents());
        self.payments.push(payment.clone());
        let state = self.state();
        let fact = InvoiceEvent::PaymentRecorded { payment: payment.clone(), state };
        Ok((self, payment, fact))
    }

    /// Pays it by the purchase order that is paid in full and names it.
    pub fn pay_by_order(
        mut self,
        order: PurchaseOrderId,
        payment: Payment,
    ) -> Result<(Self, Payment, InvoiceEvent), Refused> {
        if self.order == Some(order) {
            self.order = None;
        }
        let payment = Payment { order: Some(order), ..payment };
        let (mut paid, payment, fact) = self.pay(payment)?;
        paid.order = Some(order);
        Ok((paid, payment, fact))
    }

    /// The findings on voiding: it is not paid, not void, and no order is going to pay it.
    #[must_use]
    pub fn void_findings(&self) -> Vec<Finding> {
        vec![
            decision::state_finding("invoice.state", "void the invoice", self.state(), OWED),
            self.order_finding(),
        ]
    }

    /// Voids it: nothing is owed any more, and what was paid of it becomes credit.
    pub fn void(
        mut self,
        reason: String,
        today: NaiveDate,
    ) -> Result<(Self, InvoiceEvent), Refused> {
        decision::by_state(self.void_findings())?;
        self.voided_on = Some(today);
        self.void_reason = Some(reason.clone());
        Ok((self, InvoiceEvent::Voided { on: today, reason }))
    }

    /// Voids it with the order or the application that it was for, whatever is going to pay it; none
    /// where nothing is owed.
    #[must_use]
    pub fn end(mut self, reason: &str, today: NaiveDate) -> Option<(Self, InvoiceEvent)> {
        if !OWED.contains(&self.state()) {
            return None;
        }
        self.voided_on = Some(today);
        self.void_reason = Some(reason.to_owned());
        Some((self, InvoiceEvent::Voided { on: today, reason: reason.to_owned() }))
    }

    /// The findings on returning `amount_cents` of a payment.
    #[must_use]
    pub fn return_findings(payment: &Payment, amount_cents: i64) -> Vec<Finding> {
        let left = payment.refundable_cents();
        vec![Finding::new(
            "refund.within_payment",
            "FAQ 21",
            amount_cents > 0 && amount_cents <= left,
            format!("1 to {left} cents"),
            format!("{amount_cents} cents"),
            "No more is returned of a payment than what of it paid the invoice.",
        )]
    }

    /// The findings on returning `amount_cents` of a payment by hand, besides those on the payment: what
    /// is still owed is not returned but voided; what an order paid is returned to it person by person;
    /// and while an application waits for its fee, that fee is not returned in full.
    #[must_use]
    pub fn refund_findings(&self, amount_cents: i64, application_is_open: bool) -> Vec<Finding> {
        let over = [InvoiceState::Paid, InvoiceState::Void];
        let bill = self.order.is_some() && self.person().is_none() && self.voided_on.is_none();
        let left = self.paid_cents().saturating_sub(self.refunded_cents());
        let all = application_is_open && amount_cents >= left;
        let said = |is: bool, yes: &str, no: &str| if is { yes.to_owned() } else { no.to_owned() };
        vec![
            decision::state_finding("invoice.state", "return a payment", self.state(), &over),
            Finding::new(
                "refund.not_an_orders",
                "FAQ 22",
                !bill,
                "not the invoice of a purchase order",
                said(bill, "the invoice of a purchase order", "another invoice"),
                "An open order is cancelled; of a settled one the payments of its people are returned.",
            ),
            Finding::new(
                "refund.application_ended",
                "FAQ 21",
                !all,
                "no open application that waits for the whole fee",
                said(all, "an open application waits for it", "none waits for it"),
                "While an application is open its fee is not returned in full: it is refused or withdrawn.",
            ),
        ]
    }

    /// Returns some of a payment. The payment is `None` where it is not one of this invoice.
    pub fn give_back(
        mut self,
        payment: PaymentId,
        amount_cents: i64,
        reason: String,
    ) -> Result<(Self, Option<Payment>, InvoiceEvent), Refused> {
        let mut found = None;
        for one in self.payments.iter_mut().filter(|one| one.id == payment) {
            decision::by_state(Self::return_findings(one, amount_cents))?;
            one.refunded_cents = one.refunded_cents.saturating_add(amount_cents);
            found = Some(one.clone());
        }
        Ok((self, found, InvoiceEvent::Returned { payment, amount_cents, reason }))
    }

    /// The findings on taking a payment back as never received: money of its own, nothing of it returned,
    /// of an invoice that stands and that no order is going to pay: the order's amount is what was owed
    /// when it was placed. What a settled order paid for its people stands; its own bill is owed again.
    #[must_use]
    pub fn reversal_findings(&self, payment: &Payment) -> Vec<Finding> {
        let standing = [InvoiceState::Open, InvoiceState::PartPaid, InvoiceState::Paid];
        let money = matches!(payment.method, PaymentMethod::Card | PaymentMethod::Check);
        let word = |is: bool, yes: &str, no: &str| if is { yes.to_owned() } else { no.to_owned() };
        vec![
            decision::state_finding("invoice.state", "reverse a payment", self.state(), &standing),
            Finding::new(
                "reversal.of_money",
                "FAQ 21",
                money,
                "a payment by card or check",
                payment.method.to_string(),
                "What paid without money coming in is returned, not reversed.",
            ),
            Finding::new(
                "reversal.once",
                "FAQ 21",
                payment.reversed.is_none(),
                "not reversed",
                word(payment.reversed.is_some(), "reversed", "not reversed"),
                "A payment is reversed once.",
            ),
            Finding::new(
                "reversal.nothing_returned",
                "FAQ 21",
                payment.refunded_cents == 0,
                "0 cents returned",
                format!("{} cents returned", payment.refunded_cents),
                "What was or is to be returned of a payment did come in.",
            ),
            self.order_finding(),
        ]
    }

    /// Takes a payment back as never received: what it paid is owed again. The payment is `None` where it
    /// is not one of this invoice.
    pub fn reverse_payment(
        mut self,
        payment: PaymentId,
        reason: String,
        today: NaiveDate,
    ) -> Result<(Self, Option<Payment>, InvoiceEvent), Refused> {
        let mut found = self.payments.iter().find(|one| one.id == payment).cloned();
        if let Some(one) = &mut found {
            decision::by_state(self.reversal_findings(one))?;
            one.reversed = Some(Reversal { on: today, reason: reason.clone() });
        }
        for one in self.payments.iter_mut().filter(|one| one.id == payment) {
            one.reversed.clone_from(&found.as_ref().and_then(|after| after.reversed.clone()));
        }
        let state = self.state();
        Ok((self, found, InvoiceEvent::PaymentReversed { payment, on: today, reason, state }))
    }

    /// An order will pay what is owed.
    pub fn put_on(mut self, order: PurchaseOrderId) -> Result<(Self, InvoiceEvent), Refused> {
        decision::by_state(self.payment_findings())?;
        self.order = Some(order);
        Ok((self, InvoiceEvent::Ordered { order }))
    }

    /// The order will not pay it any more; none where it was not going to.
    #[must_use]
    pub fn release(mut self, order: PurchaseOrderId) -> Option<(Self, InvoiceEvent)> {
        if self.order != Some(order) || self.state() == InvoiceState::Paid {
            return None;
        }
        self.order = None;
        Some((self, InvoiceEvent::Released { order }))
    }

    /// What a membership that was verified after the issue still brings (FAQ 21): the difference between
    /// the price that was taken and the member price of the day of issue, once, where the membership covers
    /// that day and was verified within the window of `member_credit_days`; never more than is kept of the
    /// fee. Not while an order is going to pay it. `fees` is the policy of the day of issue.
    #[must_use]
    pub fn member_difference(
        &self,
        membership: &Membership,
        verified_on: NaiveDate,
        fees: &FeePolicy,
    ) -> Option<i64> {
        let window = crate::calendar::add_days(self.issued_on, fees.member_credit_days.into());
        let holds = self.person().is_some()
            && self.voided_on.is_none()
            && !self.is_ordered()
            && !self.is_returned()
            && self.member_credit.is_none()
            && membership.covers(self.issued_on)
            && verified_on <= window;
        // Lines of before do not tell the member price: the policy does.
        let member = |line: &InvoiceLine| {
            line.member_unit_cents.or_else(|| fees.schedule.get(&line.code)?.member_price_cents)
        };
        let lines = self.lines.iter().filter(|line| !line.member_price);
        let sum = lines
            .filter_map(|line| {
                let less = line.unit_cents.checked_sub(member(line)?)?;
                less.max(0).checked_mul(line.quantity)
            })
            .try_fold(0_i64, i64::checked_add)?;
        let sum = sum.min(self.total_cents.saturating_sub(self.refunded_cents()));
        (holds && sum > 0).then_some(sum)
    }

    /// The member price is credited to whoever paid or is to pay.
    #[must_use]
    pub fn credit_member(
        mut self,
        amount_cents: i64,
        to: Payer,
        today: NaiveDate,
    ) -> (Self, InvoiceEvent) {
        self.member_credit =
            Some(MemberCredit { on: today, amount_cents, to: Some(to), taken_back_cents: 0 });
        (self, InvoiceEvent::MemberCredited { on: today, amount_cents, to })
    }

    /// The credited member price that is not taken back yet, and who has it.
    #[must_use]
    pub fn member_credit_left(&self) -> Option<(Payer, i64)> {
        let credit = self.member_credit.filter(|credit| credit.left_cents() > 0)?;
        Some((credit.to.unwrap_or(self.payer), credit.left_cents()))
    }

    /// What of the credited member price goes back because more of the fee is returned than is kept
    /// without it, in cents.
    #[must_use]
    pub fn member_credit_due_cents(&self) -> i64 {
        let Some(credit) = self.member_credit.filter(|_| self.voided_on.is_none()) else {
            return 0;
        };
        let over = self.refunded_cents().saturating_sub(self.kept_cents());
        over.min(credit.amount_cents).saturating_sub(credit.taken_back_cents).max(0)
    }

    /// Takes some of what is left of the credited member price back.
    #[must_use]
    pub fn take_member_credit_back(mut self, amount_cents: i64) -> (Self, InvoiceEvent) {
        if let Some(credit) = &mut self.member_credit {
            credit.taken_back_cents = credit.taken_back_cents.saturating_add(amount_cents);
        }
        (self, InvoiceEvent::MemberCreditTakenBack { amount_cents })
    }
}
